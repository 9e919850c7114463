"""A run over a real small archive. The answerer is a fake: it quotes sentences that each test names, so that the
harness's own arithmetic can be worked out by hand. The vectors are fake too; nothing here searches by them."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from eval.answer_cache import AnswerCache
from eval.records import EvalQuestion, QuestionSet
from eval.run import run_eval
from eval.store import read_metrics, read_records, read_settings
from index.archive import Archive
from index.errors import ArchiveError, BadInputError
from index.records import Filters, article_id_for
from qa.records import Answer, AnswerSentence, Citation, Verdict
from tests.eval_support import ARTICLES, DAY, REFUSED, FakeAnswerer, answered, metric, sentences_of
from tests.support import make_archive


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    opened = make_archive(tmp_path_factory.mktemp("archive"), ARTICLES.values())
    yield opened
    opened.close()


QUESTIONS = QuestionSet(
    "veld",
    (
        EvalQuestion("q1", "How high?", DAY, ("4.2 metres",), slices=("headline",)),
        EvalQuestion("q2", "How many houses?", DAY, ("eleven",), slices=("headline",)),
        EvalQuestion(
            "q3", "How many visitors?", DAY, ("3,400",), (article_id_for("https://veld.example/fair"),), ("rest",)
        ),
        EvalQuestion("q4", "Who won?", DAY, ("Ann Roe", "Roe"), slices=("rest",)),
        EvalQuestion("q5", "What happened?", DAY, slices=("rest",)),
    ),
)
ANSWERS: dict[str, Answer | BaseException] = {
    "How high?": answered("flood", 0, short="4.2 metres"),
    "How many houses?": answered("flood", 0, 1, short="eleven houses"),
    "How many visitors?": answered("fair", 1, 0),
    "Who won?": REFUSED,
    "What happened?": answered("flood", 3),
}


def run(
    answerer: FakeAnswerer,
    out: Path,
    questions: QuestionSet = QUESTIONS,
    asked: Mapping[str, object] = MappingProxyType({"setting": "archive"}),
) -> dict[str, Any]:
    return run_eval(answerer, questions, out, asked=asked)


def without_cost(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return {name: value for name, value in document.items() if name != "cost"}


def records(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "answers.jsonl").read_text(encoding="utf-8").splitlines()]


def test_the_numbers_by_hand(archive: Archive, tmp_path: Path) -> None:
    answerer = FakeAnswerer(
        archive, ANSWERS, {"Who won?": answered("flood", 3, 1, 0), "How high?": answered("flood", 1)}
    )
    document = run(answerer, tmp_path / "out")
    assert document["counts"] == {"questions": 5, "answered": 4, "refused": 1, "failed": 0}
    assert document["retrieval_depth"] == 2
    expected = {
        # Gold passages of q1..q4 stand at 1, 1, 2 and nowhere; q5 has no gold answer.
        ("passage_hit@1", "all"): (2 / 4, 4, 1),
        ("passage_hit@5", "all"): (3 / 4, 4, 1),
        ("passage_mrr", "all"): ((1 + 1 + 1 / 2) / 4, 4, 1),
        # Gold sentences stand at 1, 2, 2; q4 was refused, so it cites none.
        ("answer_in_cited@1", "all"): (1 / 4, 4, 1),
        ("answer_in_cited@3", "all"): (3 / 4, 4, 1),
        ("answer_in_cited@1", "headline"): (1 / 2, 2, 0),
        ("answer_in_cited@3", "rest"): (1 / 2, 2, 1),
        # Without refusing, q1 cites no gold sentence, q2 and q3 one at 2, q4 none still.
        ("forced: answer_in_cited@1", "all"): (0.0, 4, 1),
        ("forced: answer_in_cited@3", "all"): (2 / 4, 4, 1),
        ("forced: short_answer_f1", "all"): (2 / 3, 1, 4),
        ("short_answer_given", "all"): (2 / 5, 5, 0),
        ("short_answer_em", "all"): (1 / 2, 2, 3),
        # "eleven houses" against "eleven": precision 1/2, recall 1, F1 2/3; the other is exact.
        ("short_answer_f1", "all"): ((1 + 2 / 3) / 2, 2, 3),
        ("short_answer_em", "rest"): (None, 0, 3),
        ("citation_validity", "all"): (1.0, 6, 1),
        ("refused", "all"): (1 / 5, 5, 0),
        ("refused: not_answered", "rest"): (1 / 3, 3, 0),
        ("refused: empty_archive", "all"): (0.0, 5, 0),
        # The flood's sentences 0, 1 and 3 have 12, 7 and 7 words, the fair's 10 and 9; the first is cited twice.
        ("words_per_cited_sentence", "all"): ((12 + 12 + 7 + 10 + 9 + 7) / 6, 6, 1),
    }
    for (name, slice_name), (value, n, unscorable) in expected.items():
        found = metric(document, name, slice_name)
        assert (found["n"], found["unscorable"]) == (n, unscorable), (name, slice_name)
        assert found["value"] == (value if value is None else pytest.approx(value)), (name, slice_name)
    assert document["cost"]["timings"]["total"]["n"] == 5
    assert document["cost"]["timings"]["search"] == {"p50_ms": 2.0, "p95_ms": 2.0, "n": 4}
    # With refusing and then without; q5 has no gold answer to judge the latter by.
    asked = [(question, forced) for question, _, _, forced in answerer.asked]
    assert asked[:3] == [("How high?", False), ("How high?", True), ("How many houses?", False)]
    assert asked[-2:] == [("Who won?", True), ("What happened?", False)]
    given = Filters(article_ids=QUESTIONS.questions[2].article_ids)
    assert answerer.asked[4:6] == [("How many visitors?", DAY, given, forced) for forced in (False, True)]
    assert answerer.asked[0][2] == Filters()


def test_what_is_written(archive: Archive, tmp_path: Path) -> None:
    out = tmp_path / "out"
    document = run(FakeAnswerer(archive, ANSWERS), out)
    assert read_metrics(out) == document
    assert [record["question_id"] for record in records(out)] == ["q1", "q2", "q3", "q4", "q5"]
    second = records(out)[1]
    assert second["gold_answers"] == ["eleven"]
    assert second["slices"] == ["headline"]
    assert second["error"] is None
    assert (second["scores"]["gold_passage_rank"], second["scores"]["gold_sentence_rank"]) == (1, 2)
    assert (second["scores"]["citations"], second["scores"]["valid_citations"]) == (2, 2)
    assert second["sentences"][1]["citations"][0]["quote"] == sentences_of("flood")[1].text
    summary = (out / "summary.md").read_text(encoding="utf-8")
    assert "| answer_in_cited@1 " in summary
    assert "not measured" in summary
    assert "nan" not in summary.lower()
    settings = json.loads((out / "settings.json").read_text(encoding="utf-8"))
    assert settings["archive"]["articles"] == 2
    assert settings["asked"] == {"setting": "archive", "seed": 0}


def test_risk_and_coverage_are_written_beside_the_metrics(archive: Archive, tmp_path: Path) -> None:
    sure = {"How high?": 0.9, "How many houses?": 0.4, "How many visitors?": 0.7, "Who won?": 0.2}
    answers = {**ANSWERS}
    for question, confidence in sure.items():
        answer = answers[question]
        assert isinstance(answer, Answer)
        answers[question] = replace(answer, answerable=confidence)
    document = run(FakeAnswerer(archive, answers, {"Who won?": answered("flood", 3, 1, 0)}), tmp_path / "out")
    every = document["abstention"][0]
    # q1, q2 and q3 have their gold answer in the first three sentences, q4 has none; q5 has no gold answer.
    assert (every["slice"], every["n"], every["unscorable"]) == ("all", 4, 1)
    assert every["aurc"] == every["best"] == pytest.approx(1 / 4 / 4)
    assert (every["chance"], every["coverage"], every["risk"], every["ece"]) == (0.25, 0.75, 0.0, None)
    summary = (tmp_path / "out" / "summary.md").read_text(encoding="utf-8")
    assert "## Abstention" in summary
    assert re.search(r"\bnan\b", summary, re.IGNORECASE) is None


def test_a_quote_that_is_not_in_the_article_is_no_valid_citation(archive: Archive, tmp_path: Path) -> None:
    true, info = sentences_of("flood")[2], ARTICLES["flood"].info
    flipped = replace(true, text=true.text.replace("voted for", "voted no "))
    old = replace(true, version="0" * 16)
    sentences = (
        AnswerSentence(true.text, (Citation(true, info, true.start, true.end),), Verdict("supported", 1.0)),
        AnswerSentence(flipped.text, (Citation(flipped, info, true.start, true.end),), Verdict("supported", 1.0)),
        AnswerSentence(old.text, (Citation(old, info, true.start, true.end),), Verdict("supported", 1.0)),
        # True to the article, but not what the answer says.
        AnswerSentence("It was rejected.", (Citation(true, info, true.start, true.end),), Verdict("supported", 1.0)),
        AnswerSentence("", (Citation(true, info, true.start, true.start),), Verdict("supported", 1.0)),
    )
    questions = QuestionSet("one", QUESTIONS.questions[:1])
    answer = replace(answered("flood", 0), sentences=sentences)
    document = run(FakeAnswerer(archive, {"How high?": answer}), tmp_path / "out", questions)
    found = metric(document, "citation_validity")
    assert (found["value"], found["n"]) == (pytest.approx(1 / 5), 5)


@pytest.mark.parametrize("cut", [0, 1, 40, 400, -1, -30])
def test_going_on_after_a_cut_gives_what_an_uninterrupted_run_gives(archive: Archive, tmp_path: Path, cut: int) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    run(FakeAnswerer(archive, ANSWERS), whole)
    run(FakeAnswerer(archive, ANSWERS), broken)
    answers = broken / "answers.jsonl"
    raw = answers.read_bytes()
    lines = raw.splitlines(keepends=True)
    answers.write_bytes(lines[0] + lines[1] + (lines[2][:cut] if cut else b""))
    (broken / "metrics.json").unlink()
    again = FakeAnswerer(archive, ANSWERS)
    run(again, broken)
    assert again.questions == ["How many visitors?", "Who won?", "What happened?"]
    assert answers.read_bytes() == (whole / "answers.jsonl").read_bytes()
    assert (broken / "settings.json").read_bytes() == (whole / "settings.json").read_bytes()
    assert without_cost(broken / "metrics.json") == without_cost(whole / "metrics.json")


def test_a_finished_run_asks_nothing_again(archive: Archive, tmp_path: Path) -> None:
    first = run(FakeAnswerer(archive, ANSWERS), tmp_path / "out")
    again = FakeAnswerer(archive, {})
    second = run(again, tmp_path / "out")
    assert again.asked == []
    assert second["metrics"] == first["metrics"]


def test_a_failed_question_is_counted_apart_and_asked_again(archive: Archive, tmp_path: Path) -> None:
    out = tmp_path / "out"
    failing = {**ANSWERS, "How many houses?": RuntimeError("out of luck")}
    document = run(FakeAnswerer(archive, failing), out)
    assert document["counts"] == {"questions": 5, "answered": 3, "refused": 1, "failed": 1}
    assert document["failures"] == [{"question_id": "q2", "error": "RuntimeError: out of luck"}]
    assert records(out)[1]["scores"] is None
    # q2 is in no mean: of q1, q3 and q4 one is right at once.
    found = metric(document, "answer_in_cited@1")
    assert (found["value"], found["n"], found["unscorable"]) == (pytest.approx(1 / 3), 3, 2)
    assert "out of luck" in (out / "summary.md").read_text(encoding="utf-8")

    mended = FakeAnswerer(archive, ANSWERS)
    run(mended, out)
    assert mended.questions == ["How many houses?"]
    run(FakeAnswerer(archive, ANSWERS), tmp_path / "whole")
    assert (out / "answers.jsonl").read_bytes() == (tmp_path / "whole" / "answers.jsonl").read_bytes()


def test_a_number_that_is_none_is_a_failure_and_not_written(archive: Archive, tmp_path: Path) -> None:
    broken = replace(answered("flood", 0), timings={"total": float("nan")})
    document = run(FakeAnswerer(archive, {**ANSWERS, "How high?": broken}), tmp_path / "out")
    assert document["counts"]["failed"] == 1
    assert "NaN" not in (tmp_path / "out" / "answers.jsonl").read_text(encoding="utf-8")


def test_what_hits_every_question_stops_the_run(archive: Archive, tmp_path: Path) -> None:
    gone: dict[str, Answer | BaseException] = {question: ArchiveError("the archive is gone") for question in ANSWERS}
    with pytest.raises(ArchiveError, match="the archive is gone"):
        run(FakeAnswerer(archive, gone), tmp_path / "out")
    assert not (tmp_path / "out" / "metrics.json").exists()
    back = FakeAnswerer(archive, ANSWERS)
    assert run(back, tmp_path / "out")["counts"]["failed"] == 0
    assert len(back.questions) == 5


def test_ctrl_c_keeps_what_was_answered(archive: Archive, tmp_path: Path) -> None:
    stopped: dict[str, Answer | BaseException] = {**ANSWERS, "How many visitors?": KeyboardInterrupt()}
    with pytest.raises(KeyboardInterrupt):
        run(FakeAnswerer(archive, stopped), tmp_path / "out")
    assert [record["question_id"] for record in records(tmp_path / "out")] == ["q1", "q2"]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"asked": {"setting": "given"}}, 'asked.setting: "archive" there, "given" now'),
        ({"questions": QuestionSet("veld", QUESTIONS.questions[:4])}, "dataset.questions: 5 there, 4 now"),
    ],
)
def test_a_folder_made_with_other_settings_is_refused(
    archive: Archive, tmp_path: Path, changes: dict[str, Any], named: str
) -> None:
    run(FakeAnswerer(archive, ANSWERS), tmp_path / "out")
    before = (tmp_path / "out" / "answers.jsonl").read_bytes()
    with pytest.raises(BadInputError, match="give another --out") as raised:
        run(FakeAnswerer(archive, ANSWERS), tmp_path / "out", **changes)
    assert named in str(raised.value)
    assert (tmp_path / "out" / "answers.jsonl").read_bytes() == before


def test_answers_of_unknown_making_and_damaged_lines_are_refused(archive: Archive, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "answers.jsonl").write_text("{}\n", encoding="utf-8")
    with pytest.raises(BadInputError, match=r"no settings\.json"):
        run(FakeAnswerer(archive, ANSWERS), out)
    (out / "answers.jsonl").unlink()
    run(FakeAnswerer(archive, ANSWERS), out)
    with (out / "answers.jsonl").open("r+b") as file:
        file.write(b"\x00\x00\x00")
    with pytest.raises(BadInputError, match=r"answers\.jsonl:1: not a record of this eval"):
        run(FakeAnswerer(archive, ANSWERS), out)


def test_no_metrics_yet_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="holds no finished run"):
        read_metrics(tmp_path)


def test_a_run_of_an_older_version_is_refused_by_name(archive: Archive, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(FakeAnswerer(archive, ANSWERS), out)
    for name in ("settings.json", "metrics.json"):
        fields = json.loads((out / name).read_text(encoding="utf-8"))
        assert fields["schema_version"] == 2
        (out / name).write_text(json.dumps({**fields, "schema_version": 1}), encoding="utf-8")
    said = r"another version of copydesk \(schema 1, here 2\)"
    with pytest.raises(BadInputError, match=said + ": give another --out"):
        run(FakeAnswerer(archive, ANSWERS), out)
    for read in (read_metrics, read_settings, read_records):
        with pytest.raises(BadInputError, match=said + ": run it again"):
            read(out)


def test_records_are_read_with_the_failed_ones_and_damaged_ones_named(archive: Archive, tmp_path: Path) -> None:
    failing = {**ANSWERS, "How many houses?": RuntimeError("out of luck")}
    run(FakeAnswerer(archive, failing), tmp_path)
    assert [record["error"] is None for record in read_records(tmp_path)] == [True, False, True, True, True]
    for damage in ("[1]", "{}", "{"):
        (tmp_path / "answers.jsonl").write_text(damage + "\n", encoding="utf-8")
        with pytest.raises(BadInputError, match=r"answers\.jsonl:1: not a record of this eval"):
            read_records(tmp_path)
    (tmp_path / "answers.jsonl").unlink()
    with pytest.raises(BadInputError, match="can't be read"):
        read_records(tmp_path)


def test_what_was_asked_before_is_remembered_in_another_folder(archive: Archive, tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path / "answers.sqlite3")
    first, second = (
        FakeAnswerer(archive, {**ANSWERS, "How high?": RuntimeError("no luck")}),
        FakeAnswerer(archive, ANSWERS),
    )
    run_eval(first, QUESTIONS, tmp_path / "one", asked={"limit": None}, cache=cache)
    document = run_eval(second, QUESTIONS, tmp_path / "two", asked={"limit": 9}, cache=cache)
    assert second.questions == ["How high?"], "what failed is asked again, and nothing else"
    assert (document["cost"]["asked_by_this_process"], document["cost"]["remembered"]) == (1, 4)
    assert records(tmp_path / "one")[1:] == records(tmp_path / "two")[1:]


def test_a_later_turn_gets_its_earlier_ones_though_those_were_remembered(archive: Archive, tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path / "answers.sqlite3")
    dialogue = tuple(
        EvalQuestion(f"d{turn}", question, DAY, dialogue="d", turn=turn)
        for turn, question in enumerate(("How high?", "What happened?"), start=1)
    )
    run_eval(FakeAnswerer(archive, ANSWERS), QuestionSet("d", dialogue[:1]), tmp_path / "one", asked={}, cache=cache)
    answerer = FakeAnswerer(archive, ANSWERS)
    run_eval(answerer, QuestionSet("d", dialogue), tmp_path / "two", asked={}, cache=cache)
    assert answerer.histories["What happened?"] == ("How high?",)


def test_an_unchanged_set_gives_the_same_bytes_again(archive: Archive, tmp_path: Path) -> None:
    for name in ("one", "two"):
        run(FakeAnswerer(archive, ANSWERS), tmp_path / name)
    for file in ("answers.jsonl", "metrics.json"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_a_finished_run_keeps_what_it_cost(archive: Archive, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(FakeAnswerer(archive, ANSWERS), out)
    before = (out / "cost.json").read_bytes()
    run(FakeAnswerer(archive, ANSWERS), out)
    assert (out / "cost.json").read_bytes() == before
