"""Four writers side by side: real archive, search, reader, checker and gate; a scripted reply stands in for the
language model's weights. Metrics against numbers worked out by hand.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eval import store
from eval.citation_metrics import JudgedStatement
from eval.confidence import Interval, median_interval
from eval.liar import Told
from eval.records import EvalQuestion, QuestionSet
from eval.writers import (
    EXTRACTIVE,
    GATED,
    LIAR,
    UNGATED,
    WRITERS,
    AllWriters,
    AskedOfAll,
    Lie,
    Shown,
    Source,
    Writer,
    WriterAnswer,
    asked_from_json,
    asked_to_json,
)
from eval.writers_report import writers_text
from eval.writers_run import LINES, METRICS, document_of, metric_values, read_asked, run_writers
from eval.written_sentences import WrittenSentences
from index.archive import Archive
from index.embedding import load_embedder
from index.errors import BadInputError
from qa.assistant import Assistant
from qa.grounding import load_checker
from qa.llm import LlmError
from qa.prompts import REFUSAL
from qa.records import Verdict
from tests.support import make_archive
from tests.test_qa_generate import ASKED_ON, BELL, FLOOD, MIXED, QUESTION, QUOTE, Build, Script, builder

ROOT = Path(__file__).parent.parent
PEOPLE = EvalQuestion("people", QUESTION, ASKED_ON, ("Forty",))
WEIGHT = EvalQuestion("weight", "How much does the bell weigh?", ASKED_ON, ("212 kilograms",))
CHESS = EvalQuestion("chess", "Who won the chess tournament in Reykjavik?", ASKED_ON, gold=())
# One that passes, one with a figure of its own, one without a mark, and one whose mark points nowhere.
REPLY = (
    "Forty people fled from Mill Lane by boat [1]. Ninety-five people fled from Mill Lane by boat [1]. "
    "The mayor resigned. The mayor fled to Paris [9]."
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    archive = make_archive(tmp_path_factory.mktemp("writers") / "archive", [FLOOD, BELL, MIXED], load_embedder())
    yield archive
    archive.close()


@pytest.fixture(scope="module")
def build(archive: Archive) -> Build:
    return builder(archive)


@pytest.fixture(scope="module")
def quoting(build: Build) -> Assistant:
    assistant = build(Script(""))
    assistant._writer = None
    return assistant


def writers_of(quoting: Assistant, *replies: str | Exception) -> AllWriters:
    return AllWriters(quoting, Script(*replies), load_checker(), 0)


def texts(asked: AskedOfAll, writer: Writer) -> list[str]:
    assert asked.answers is not None
    return [one.text for one in asked.answers[writer].sentences]


def test_each_writer_says_its_own_and_only_the_gate_withholds(quoting: Assistant) -> None:
    asked, quoted = writers_of(quoting, REPLY, REFUSAL).ask(PEOPLE)
    assert asked.answers is not None
    assert texts(asked, EXTRACTIVE) == [one.text for one in quoted.sentences]
    assert quoted.generation is None
    assert texts(asked, UNGATED) == [
        "Forty people fled from Mill Lane by boat.",
        "Ninety-five people fled from Mill Lane by boat.",
        "The mayor resigned.",
        "The mayor fled to Paris.",
    ]
    first, second, third, fourth = asked.answers[UNGATED].sentences
    assert [one.cites for one in (first, second, third, fourth)] == [(0,), (0,), (), ()]
    assert [one.astray for one in (first, second, third, fourth)] == [0, 0, 0, 1]
    assert first.verdict.label == "supported"
    assert second.verdict.label == "contradicted"
    assert not any(one.judged.grounded for one in (second, third, fourth))
    assert texts(asked, GATED)[0] == QUOTE
    assert not {"The mayor resigned.", "The mayor fled to Paris."} & set(texts(asked, GATED) + texts(asked, LIAR))
    counts = asked.answers[GATED].written
    assert counts is not None
    assert (counts.total, counts.kept, counts.repaired, counts.astray) == (4, 1, 0, 1)
    assert asked.answers[UNGATED].written is None
    assert asked.answers[GATED].milliseconds > asked.answers[EXTRACTIVE].milliseconds > 0
    assert asked.sources[0].quotes == (QUOTE,)
    assert asked.sources[0].before == "The river Veld rose to nine metres in Cray on Monday."


def test_a_sentence_that_was_repaired_is_counted_and_the_model_is_asked_no_more_than_in_use(
    quoting: Assistant, build: Build
) -> None:
    replies = ("Ninety-five people fled from Mill Lane by boat [1].", "Forty people fled from Mill Lane [1].")
    model = Script(*replies)
    asked, _ = AllWriters(quoting, model, load_checker(), 0).ask(PEOPLE)
    assert asked.answers is not None
    assert asked.answers[GATED].written == WrittenSentences(0, 1, 0, 0, 0, False)
    assert texts(asked, GATED) == ["Forty people fled from Mill Lane."]
    assert texts(asked, UNGATED) == ["Ninety-five people fled from Mill Lane by boat."]
    alone = Script(*replies)
    answer = build(alone).ask(QUESTION, asked_on=ASKED_ON)
    assert [one.text for one in answer.sentences] == texts(asked, GATED)
    assert model.asked == alone.asked


def test_what_the_liar_told_and_is_shown_is_counted_as_such(quoting: Assistant) -> None:
    told: list[Lie] = []
    for seed in range(4):
        for question in (PEOPLE, WEIGHT):
            asked, _ = AllWriters(quoting, Script(REFUSAL), load_checker(), seed).ask(question)
            assert asked.lies
            assert {lie.told.text for lie in asked.lies if lie.shown} == {
                lie.told.text for lie in asked.lies if lie.told.text in texts(asked, LIAR)
            }
            told += asked.lies
    assert {"figure", "name", "addition"} <= {lie.told.kind for lie in told}
    assert not [lie for lie in told if lie.shown and lie.told.kind != "name"]


def test_another_kind_of_road_is_another_road(build: Build) -> None:
    answer = build(Script("Forty people fled from Mill Street by boat [1].", REFUSAL)).ask(QUESTION, asked_on=ASKED_ON)
    assert not any(sentence.written for sentence in answer.sentences)


def test_a_model_that_declines_says_nothing_ungated_and_leaves_the_quotation_gated(quoting: Assistant) -> None:
    asked, _ = writers_of(quoting, REFUSAL).ask(PEOPLE)
    assert asked.answers is not None
    assert (texts(asked, UNGATED), texts(asked, GATED)) == ([], texts(asked, EXTRACTIVE))
    assert asked.answers[GATED].written == WrittenSentences(0, 0, 0, 0, 0, True)


def test_nobody_writes_what_is_refused(quoting: Assistant) -> None:
    model = Script(REPLY)
    asked, _ = AllWriters(quoting, model, load_checker(), 0).ask(CHESS)
    assert asked.refusal is not None
    assert asked.answers is not None
    assert all(asked.answers[writer].sentences == () for writer in WRITERS)
    assert (asked.answerable, model.asked) == (False, [])


def test_a_model_that_fails_leaves_nothing_to_compare(quoting: Assistant) -> None:
    with pytest.raises(LlmError, match="gone"):
        writers_of(quoting, LlmError("gone")).ask(PEOPLE)


def test_a_line_is_read_back_as_it_was(quoting: Assistant) -> None:
    asked, _ = writers_of(quoting, REPLY, REFUSAL).ask(PEOPLE)
    assert asked_from_json(json.loads(store.dump(asked_to_json(asked)))) == asked


YES, NO = JudgedStatement(True, False, True, (True,), (False,)), JudgedStatement(False, True, False, (False,), (False,))
BARE = JudgedStatement(False, False, True, (), ())


def shown(text: str, judged: JudgedStatement, *, written: bool = True, astray: int = 0) -> Shown:
    label = "supported" if judged.supported else "unsupported"
    judged = replace(judged, dangling=astray)
    return Shown(text, (0,) if judged.alone else (), astray, written, Verdict(label, 0.5), judged)


def asked_of_all(
    name: str,
    answers: Mapping[Writer, WriterAnswer],
    gold: Sequence[str] = (),
    answerable: bool | None = True,
    lies: tuple[Lie, ...] = (),
) -> AskedOfAll:
    source = Source(("Forty fled.",), "", "", None, None, None, None)
    every = {**dict.fromkeys(WRITERS, WriterAnswer((), 1.0)), **answers}
    return AskedOfAll(name, "Who?", "2026-04-03", tuple(gold), answerable, None, (source,), every, lies)


LIE, HEARD = Lie(Told("Fifty fled.", "figure", True), False), Lie(Told("None fled.", "negation", True), True)
EVERY = (
    asked_of_all(
        "a",
        {
            UNGATED: WriterAnswer((shown("Forty fled.", YES), shown("None fled.", NO), shown("Oh.", BARE)), 30.0),
            GATED: WriterAnswer((shown("Forty fled.", YES),), 50.0, WrittenSentences(1, 0, 0, 2, 0, False)),
            LIAR: WriterAnswer((shown("None fled.", NO),), 9.0, WrittenSentences(1, 0, 1, 3, 1, False)),
        },
        gold=("forty",),
        lies=(LIE, LIE, LIE, HEARD),
    ),
    asked_of_all(
        "b",
        {
            UNGATED: WriterAnswer((shown("Ten came.", NO, astray=1),), 10.0),
            GATED: WriterAnswer((shown("Forty.", YES, written=False),), 70.0, WrittenSentences(0, 0, 0, 1, 1, True)),
        },
    ),
    replace(asked_of_all("c", {}, answerable=False), refusal="not_answered"),
    AskedOfAll("d", "Who?", "2026-04-03", (), None, error="LlmError: gone"),
)


def values(writer: Writer) -> dict[str, tuple[float | None, int, int]]:
    return {one.name: (one.value, one.n, one.unscorable) for one in metric_values(EVERY, writer, 0)}


def test_metrics_of_the_ungated_against_hand_worked_numbers() -> None:
    told = values(UNGATED)
    assert list(told) == list(METRICS)
    assert told["groundedness"] == (0.5, 4, 2)
    assert told["citation_recall"] == (0.25, 4, 2)
    # Two citations of the first question and one of the second, and one mark astray: one of four counts.
    assert told["citation_precision"] == (0.25, 4, 2)
    assert told["citation_validity"] == (0.75, 4, 2)
    assert told["citation_coverage"] == (0.75, 4, 2)
    assert told["contradicted"] == (0.5, 4, 2)
    assert told["answer_in_text"] == (1.0, 1, 3)
    assert told["answer_f1"][0] == pytest.approx(2 / 6)  # of five words one is right, and of one gold word one
    assert told["refused"] == (pytest.approx(1 / 3), 3, 1)
    assert told["wrongly_refused"] == (0.0, 2, 2)
    assert told["refusal_recall"] == (1.0, 1, 3)
    assert told["sentences_per_answer"] == (2.0, 2, 2)
    assert told["written_kept"] == (None, 0, 4)
    assert told["lies_shown"] == (None, 0, 4)
    assert told["latency_p50_ms"] == (20.0, 2, 2)


def test_metrics_behind_the_gate_against_hand_worked_numbers() -> None:
    told = values(GATED)
    assert told["groundedness"] == (1.0, 2, 2)
    assert told["written_kept"] == (0.25, 4, 2)
    assert told["written_dropped"] == (0.75, 4, 2)
    assert told["written_quoted_instead"] == (0.5, 2, 2)
    assert told["written_astray_marks"] == (0.5, 2, 2)
    assert told["latency_p50_ms"] == (60.0, 2, 2)
    liar = values(LIAR)
    assert liar["lies_shown"] == (0.25, 4, 3)
    assert liar["contradicted"] == (1.0, 1, 3)
    assert liar["refused"] == (pytest.approx(2 / 3), 3, 1)


def test_sentences_are_counted_and_none_where_there_is_no_gate() -> None:
    document = document_of("rain", {"llm": "embedded", "judge": "checker"}, EVERY, 0)
    assert document["counts"] == {"questions": 4, "answered": 2, "refused": 1, "failed": 1}
    ungated, gated = (document["writers"][writer]["sentences"] for writer in (UNGATED, GATED))
    assert (ungated["shown"], ungated["shown, in a model's words"], ungated["kept"]) == (4, 4, None)
    assert (gated["shown"], gated["shown, in a model's words"]) == (2, 1)
    assert [gated[name] for name in ("by the model", "kept", "repaired", "replaced", "dropped")] == [4, 1, 0, 0, 3]
    assert (gated["answers quoted instead"], gated["marks astray"]) == (1, 1)
    assert document["lies"] == {"figure": {"told": 3, "shown": 0}, "negation": {"told": 1, "shown": 1}}
    json.dumps(document, allow_nan=False)
    page = writers_text(document)
    assert "| metric " in page
    assert all(name in page for name in (*METRICS, *WRITERS))
    assert "25.0 % [" in page
    assert "n=4" in page
    assert "LlmError: gone" in page
    assert "a script, not a model" in page
    assert "NaN" not in page


def test_nothing_asked_is_nothing_measured() -> None:
    assert {one.n for one in metric_values(EVERY[3:], GATED, 0)} == {0}
    page = writers_text(document_of("rain", {"llm": "embedded", "judge": "checker"}, EVERY[3:], 0))
    assert "%" not in page.split("Intervals")[0].split("| sentences")[0]


def test_the_median_and_its_interval() -> None:
    assert median_interval([], 0) == Interval(None, None, None, 0)
    assert median_interval([1.0, 9.0, 2.0], 0).value == 2.0
    assert median_interval([4.0] * 5, 1) == Interval(4.0, 4.0, 4.0, 5)
    told = median_interval(list(map(float, range(101))), 3)
    assert told.value == 50.0
    # The median of 101 draws has a standard error of about 1.25 * 29 / 10.
    assert told.low == pytest.approx(43, abs=3)
    assert told.high == pytest.approx(57, abs=3)
    assert told == median_interval(list(map(float, range(101))), 3)
    with pytest.raises(ValueError, match="finite"):
        median_interval([float("nan")], 0)


class Stopped(BaseException):
    """The process is ended."""


def run(quoting: Assistant, out: Path, *replies: str | Exception | BaseException, seed: int = 0) -> dict[str, Any]:
    questions = QuestionSet("rain", (PEOPLE, CHESS, WEIGHT))
    writers = AllWriters(quoting, Script(*replies), load_checker(), seed)  # type: ignore[arg-type]
    return run_writers(quoting, writers, questions, out, asked={"llm": "scripted", "judge": "checker"}, seed=seed)


def test_a_run_that_was_stopped_goes_on_and_what_was_asked_is_kept(quoting: Assistant, tmp_path: Path) -> None:
    class Once:
        name = "scripted"
        asked = 0

        def stream(self, messages: object) -> Iterator[str]:
            self.asked += 1
            if self.asked > 1:
                raise Stopped
            yield "Forty people fled from Mill Lane by boat [1]."

    questions = QuestionSet("rain", (PEOPLE, CHESS, WEIGHT))
    asked = {"llm": "scripted", "judge": "checker"}
    out = tmp_path / "run"
    with pytest.raises(Stopped):
        run_writers(quoting, AllWriters(quoting, Once(), load_checker(), 0), questions, out, asked=asked)
    assert not (out / "metrics.json").exists()
    with pytest.raises(BadInputError, match="no finished run"):
        read_asked(out)
    before = (out / LINES).read_text(encoding="utf-8")
    assert len(before.splitlines()) == 2
    with (out / LINES).open("a", encoding="utf-8") as file:
        file.write('{"question_id": "wei')  # a line cut short
    document = run(quoting, out, "It weighs 212 kilograms [1].")
    after = (out / LINES).read_text(encoding="utf-8")
    assert after.startswith(before)
    assert [one.question_id for one in read_asked(out)] == ["people", "chess", "weight"]
    assert document["counts"] == {"questions": 3, "answered": 2, "refused": 1, "failed": 0}
    assert json.loads((out / "metrics.json").read_text(encoding="utf-8")) == document
    # All is there: nothing is asked, and the numbers are the same.
    assert run(quoting, out, LlmError("nobody may ask")) == document
    with pytest.raises(BadInputError, match=r"other settings.*seed"):
        run(quoting, out, REPLY, seed=1)


def test_a_failed_question_is_told_and_asked_again(quoting: Assistant, tmp_path: Path) -> None:
    document = run(quoting, tmp_path / "run", LlmError("gone"), "It weighs 212 kilograms [1].")
    assert document["failures"] == [{"question_id": "people", "error": "LlmError: gone"}]
    assert [one.question_id for one in read_asked(tmp_path / "run")] == ["chess", "weight"]
    again = run(quoting, tmp_path / "run", REPLY)
    assert again["counts"]["failed"] == 0


def test_a_model_that_never_answers_ends_the_run(quoting: Assistant, tmp_path: Path) -> None:
    questions = QuestionSet("rain", tuple(replace(PEOPLE, question_id=str(number)) for number in range(9)))
    model = Script(LlmError("no language model can be reached"))
    with pytest.raises(LlmError, match="can be reached"):
        run_writers(
            quoting, AllWriters(quoting, model, load_checker(), 0), questions, tmp_path / "run", asked={"llm": "x"}
        )
    assert len(model.asked) == 5


def test_what_is_no_line_is_told_with_its_place(quoting: Assistant, tmp_path: Path) -> None:
    run(quoting, tmp_path / "run", REPLY, REFUSAL)
    with (tmp_path / "run" / LINES).open("a", encoding="utf-8") as file:
        file.write('{"question_id": "people"}\n')
    with pytest.raises(BadInputError, match=rf"{LINES}:4: not a line"):
        read_asked(tmp_path / "run")


def test_what_is_ungated_is_out_of_reach_of_whoever_asks() -> None:
    """Only the eval's own command knows the writers; answering never imports the eval."""
    using = [
        path.relative_to(ROOT).as_posix()
        for room in ("index", "qa", "ui")
        for path in sorted((ROOT / room).rglob("*.py"))
        if "eval.writers" in path.read_text(encoding="utf-8")
    ]
    assert using == ["ui/writers_cli.py"]
