"""Whatever is asked and answered, every number that the eval gives out is finite, or null."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eval.compare import compare
from eval.compare_report import comparison_json, comparison_text
from eval.finished import read_run
from eval.html_compare import comparison_page
from eval.html_report import report_page
from eval.multiple_choice import ChoiceWeights, judge
from eval.records import ChoiceScores, EvalQuestion, MultipleChoice, QuestionSet, Span
from eval.run import run_eval
from index.archive import Archive
from index.build import add_articles
from index.embedding import load_embedder
from index.errors import ArchiveError, BadInputError
from index.loaders import load_paths, sample_paths
from index.settings import IndexSettings
from qa.assistant import MOST_QUESTION_CHARACTERS, open_assistant
from qa.records import Answer, Refusal, RefusalReason
from qa.settings import Settings
from tests.eval_support import ARTICLES, DAY, REFUSED, FakeAnswerer, answered
from tests.support import make_archive

NOTHING = Answer("", DAY, (), None, None, ())
LONG = "why " * 10_000
MIXED = "Wo ist Жанна d’Arc? 東京の橋はいくらですか كم عدد ‮abc‬ 👩‍👩‍👧 \u0000 i\u0307\u0301?"
WEIGHTS = ChoiceWeights((), (), 0.0)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    opened = make_archive(tmp_path_factory.mktemp("archive"), ARTICLES.values())
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    opened = make_archive(tmp_path_factory.mktemp("empty"))
    yield opened
    opened.close()


def only_numbers(text: str) -> Any:
    """The JSON in a text, after a look at every number in it."""

    def refuse(constant: str) -> float:
        raise AssertionError(f"{constant} is no number")

    document = json.loads(text, parse_constant=refuse)
    assert all(math.isfinite(number) for number in _floats(document))
    return document


def _floats(value: object) -> Iterator[float]:
    if isinstance(value, float):
        yield value
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _floats(inner)


def says_no_nan(text: str) -> None:
    assert re.search(r"\b(nan|-?inf(inity)?)\b", text, re.IGNORECASE) is None


def checked_run(answerer: Any, questions: QuestionSet, out: Path, **options: Any) -> dict[str, Any]:
    """Run the eval and look at every number that it wrote."""
    run_eval(answerer, questions, out, asked={}, **options)
    for name in ("metrics.json", "cost.json", "settings.json"):
        only_numbers((out / name).read_text(encoding="utf-8"))
    for name in ("answers.jsonl", "timings.jsonl"):
        for line in (out / name).read_bytes().splitlines():
            only_numbers(line.decode("utf-8"))
    document: dict[str, Any] = only_numbers((out / "metrics.json").read_text(encoding="utf-8"))
    for value in document["metrics"]:
        measured = value["n"] > 0 or value["name"].startswith("kept: ")
        assert value["value"] is None or (measured and value["low"] <= value["high"])
        assert value["unscorable"] >= 0
    assert sum(document["counts"][kind] for kind in ("answered", "refused", "failed")) == len(questions.questions)
    return document


EVERY_QUESTION = ("", "   ", "?", MIXED, LONG, "How high?", "How high was it?", "And then?")

# What the assistant may say, and a few things that it had better not.
reasons = st.sampled_from(get_args(RefusalReason))
confidences = st.none() | st.sampled_from([0.0, 0.5, 1.0]) | st.floats(0, 1)
times = st.dictionaries(st.sampled_from(["search", "total"]), st.floats(0, 1e9) | st.just(math.nan), max_size=2)
names = st.sampled_from(["flood", "fair"])
short_answers = st.none() | st.sampled_from(["", "4.2 metres", "the", "!?"]) | st.text(max_size=9)
some = st.builds(
    lambda name, places, short, ranking: answered(name, *places, short=short, ranking=ranking),
    names,
    st.lists(st.integers(0, 1), max_size=3),
    short_answers,
    st.lists(names, max_size=2),
)
refused = st.builds(lambda reason: replace(REFUSED, refusal=Refusal(reason, "no")), reasons)
answers = st.builds(
    lambda answer, confidence, timings: replace(answer, answerable=confidence, timings=timings),
    some | refused | st.just(NOTHING),
    confidences,
    times,
)
failures = st.sampled_from([RuntimeError("\ud800"), BadInputError("too long"), ZeroDivisionError(), KeyError("nan")])
replies = answers | failures

gold_answers = st.lists(
    st.sampled_from(["4.2 metres", "", " ", "the", "?!", "東京", MIXED]) | st.text(max_size=5), max_size=2
)
article_ids = st.sampled_from([ARTICLES["flood"].article_id, "0" * 16, ""])
spans = st.builds(lambda name, size: Span(name, 0, size), article_ids, st.integers(0, 60))
gold = st.none() | st.lists(st.lists(spans, max_size=2).map(tuple), max_size=2).map(tuple)
slice_names = st.sampled_from(["answerable", "absent", "unanswerable", "", MIXED])
slices = st.lists(slice_names, max_size=2, unique=True).map(tuple)
options = st.lists(st.sampled_from(["", "a", "None of the above"]), max_size=3)
choices = st.none() | st.builds(lambda found, right: MultipleChoice(tuple(found), right), options, st.integers(-1, 3))
questions = st.lists(
    st.builds(
        EvalQuestion,
        question_id=st.text("aé東\u202e\n|#0", min_size=1, max_size=4),
        question=st.sampled_from(EVERY_QUESTION),
        asked_on=st.just(DAY),
        gold_answers=gold_answers,
        article_ids=st.none() | st.lists(article_ids, max_size=1).map(tuple),
        slices=slices,
        kind=st.sampled_from([None, "single", "absent", "opinion"]),
        gold=gold,
        dialogue=st.sampled_from([None, "d"]),
        turn=st.sampled_from([None, 1, 2]),
        whole=st.sampled_from([None, "How high?"]),
        quotable=st.booleans(),
        choices=choices,
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda one: one.question_id,
)
tables = st.fixed_dictionaries(dict.fromkeys(EVERY_QUESTION, replies))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.data())
def test_no_number_is_ever_nan(archive: Archive, empty: Archive, data: st.DataObject) -> None:
    asked = QuestionSet("hostile", tuple(data.draw(questions)))
    source = data.draw(st.sampled_from([archive, empty]))

    def choose(question: EvalQuestion) -> ChoiceScores | None:
        return judge(question, None, WEIGHTS)

    with TemporaryDirectory() as folder:
        for name in ("a", "b"):
            answerer = FakeAnswerer(source, data.draw(tables), data.draw(st.just({}) | tables))
            checked_run(answerer, asked, Path(folder, name), choose=choose)
            says_no_nan(Path(folder, name, "summary.md").read_text(encoding="utf-8").replace("KeyError: 'nan'", ""))
        with suppress(BadInputError):  # where nothing that decides was measured
            found = compare(read_run(Path(folder, "a")), read_run(Path(folder, "b")))
            only_numbers(comparison_json(found))
            says_no_nan(comparison_text(found).replace("KeyError: 'nan'", ""))


@pytest.mark.parametrize("reply", [REFUSED, NOTHING, RuntimeError("out of luck"), answered("flood", 0)])
@pytest.mark.parametrize("count", [1, 3])
def test_all_alike_can_be_read_and_compared(archive: Archive, tmp_path: Path, reply: Any, count: int) -> None:
    asked = QuestionSet(
        "alike", tuple(EvalQuestion(f"q{n}", f"What of {n}?", DAY, ("4.2 metres",), gold=()) for n in range(count))
    )
    for name in ("a", "b"):
        answerer = FakeAnswerer(archive, {one.question: reply for one in asked.questions})
        checked_run(answerer, asked, tmp_path / name)
    says_no_nan(report_page(tmp_path / "a"))
    if isinstance(reply, Answer):
        a, b = read_run(tmp_path / "a"), read_run(tmp_path / "b")
        found = compare(a, b)
        assert found.verdict == "no regression"
        says_no_nan(comparison_page(found, a, b))


def test_an_id_that_stands_twice_and_a_set_without_questions_are_refused(archive: Archive, tmp_path: Path) -> None:
    one = EvalQuestion("q1", "How high?", DAY)
    answerer = FakeAnswerer(archive, {"How high?": REFUSED})
    with pytest.raises(BadInputError, match="twice: question_id 'q1' stands there 2 times"):
        checked_run(answerer, QuestionSet("twice", (one, one)), tmp_path / "out")
    with pytest.raises(BadInputError, match="none: no question in it"):
        checked_run(answerer, QuestionSet("none", ()), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_questions_that_cannot_be_asked_do_not_stop_the_others(archive: Archive, tmp_path: Path) -> None:
    bad = [EvalQuestion(f"q{n}", LONG + str(n), DAY) for n in range(7)]
    asked = QuestionSet("long", (*bad, EvalQuestion("q9", "How high?", DAY)))
    known: dict[str, Answer | BaseException] = {one.question: BadInputError("too long") for one in bad}
    document = checked_run(FakeAnswerer(archive, {**known, "How high?": REFUSED}), asked, tmp_path / "out")
    assert document["counts"] == {"questions": 8, "answered": 0, "refused": 1, "failed": 7}
    # What no question is to blame for stops the run all the same, whatever else fails in between.
    gone = {one.question: ArchiveError("gone") for one in bad[:3] + bad[4:6]}
    with pytest.raises(ArchiveError, match="gone"):
        checked_run(FakeAnswerer(archive, {**known, **gone, "How high?": REFUSED}), asked, tmp_path / "gone")


HOSTILE = (
    *("?", "and", "\u200b«…»"),
    MIXED,
    "Was kostet die Flutmauer in Harrow Ford?",
    "x" * MOST_QUESTION_CHARACTERS,
    ("How high did the river rise? " * 400)[:MOST_QUESTION_CHARACTERS],
    'SELECT * FROM passages; -- " OR 1=1 NEAR(a b) NOT *',
    "How high did the river rise on 31 February 9999?",
)
UNASKABLE = ("", " \n", LONG)


def hostile_set() -> QuestionSet:
    texts = (*HOSTILE[:2], *UNASKABLE, *HOSTILE[2:])
    return QuestionSet(
        "hostile", tuple(EvalQuestion(f"q{n}", text, DAY, ("7.4 metres",)) for n, text in enumerate(texts))
    )


@pytest.mark.parametrize("samples", [False, True])
def test_the_assistant_itself(tmp_path: Path, samples: bool) -> None:
    with closing(Archive(tmp_path / "archive")) as made:
        add_articles(made, load_embedder(), load_paths(sample_paths()[:3]) if samples else ())
    assistant = open_assistant(Settings(IndexSettings(tmp_path / "archive")))
    with closing(assistant.archive):
        document = checked_run(assistant, hostile_set(), tmp_path / "out")
    failed = [one["error"] for one in document["failures"]]
    assert len(failed) == len(UNASKABLE), failed
    assert sum("the question is empty" in one for one in failed) == 2
    assert sum("longer than 10,000 characters" in one for one in failed) == 1
    if not samples:
        assert document["counts"]["refused"] == len(HOSTILE)
    says_no_nan(report_page(tmp_path / "out"))
