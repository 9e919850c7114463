import json
import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.aggregate import (
    KEPT,
    METRIC_NAMES,
    counts,
    members_of,
    metric_values,
    question_parts,
    retrieval_depth,
    timing_percentiles,
)
from eval.records import MetricValue, Outcome, QuestionScores
from eval.report import summary
from eval.written_sentences import WrittenSentences

# Metrics over sentences or citations; all others are over questions.
OTHER_UNITS = (
    "citation_validity",
    "citation_coverage",
    "citation_recall",
    "citation_precision",
    "contradicted",
    "words_per_cited_sentence",
    "gold_sentence_precision",
    "written_kept",
    "written_repaired",
    "written_replaced",
    "written_dropped",
)
RANKS = st.none() | st.integers(1, 60)
SHARES = st.none() | st.floats(0.0, 1.0)
SCORES = st.builds(
    QuestionScores,
    has_gold=st.booleans(),
    passages=st.integers(0, 60),
    gold_passage_rank=RANKS,
    gold_sentence_rank=RANKS,
    short_answer_given=st.booleans(),
    exact_match=SHARES,
    f1=SHARES,
    citations=st.integers(0, 9),
    valid_citations=st.integers(0, 9),
    cited_words=st.lists(st.integers(1, 60), max_size=4).map(tuple),
    gold_pieces=st.none() | st.just(3),
    pieces_cited=st.integers(0, 3),
    sentences=st.integers(0, 4),
    sentences_on_gold=st.integers(0, 4),
    judged_sentences=st.integers(0, 4),
    supported_sentences=st.integers(0, 4),
    contradicted_sentences=st.integers(0, 4),
    useful_citations=st.integers(0, 9),
    judged_citations=st.none() | st.integers(0, 9),
)
UNANSWERABLE_SCORES = st.just(QuestionScores(False, 3, None, None, False, None, None, 0, 0, (), gold_pieces=0))
TIMINGS = st.dictionaries(st.sampled_from(["search", "total"]), st.floats(0.0, 1e6))
SLICES = st.sampled_from([(), ("headline",), ("rest",)])
REFUSALS = st.none() | st.just("nothing_relevant")
IDS = st.text("q0123456789", min_size=1)
OUTCOMES = st.lists(
    st.builds(
        Outcome,
        question_id=IDS,
        slices=SLICES,
        scores=SCORES,
        refusal=REFUSALS,
        error=st.none(),
        timings=TIMINGS,
        forced=st.none() | SCORES,
        whole=st.none() | SCORES,
        whole_refusal=REFUSALS,
        written=st.none() | st.builds(WrittenSentences, *[st.integers(0, 5)] * 5, st.booleans()),
    )
    | st.builds(
        Outcome,
        question_id=IDS,
        slices=st.sampled_from([("unanswerable", "opinion"), ("unanswerable", "absent")]),
        scores=UNANSWERABLE_SCORES,
        refusal=REFUSALS,
    )
    | st.builds(Outcome, question_id=IDS, slices=SLICES, scores=st.none(), error=st.just("RuntimeError: no")),
    max_size=12,
)


@settings(deadline=None)
@given(OUTCOMES, st.integers(0, 9))
def test_every_metric_is_a_number_with_its_interval_or_not_measured(outcomes: list[Outcome], seed: int) -> None:
    values = metric_values(outcomes, seed)
    names = {value.slice for value in values}
    assert len(values) == len(METRIC_NAMES) * len(names)
    for value in values:
        json.dumps([value.value, value.low, value.high], allow_nan=False)
        assert (value.value is None) == (value.low is None) == (value.high is None) == (value.n == 0)
        members = members_of(outcomes, value.slice, value.name)
        if not value.name.endswith(OTHER_UNITS) and not value.name.startswith(KEPT):
            assert value.n + value.unscorable == len(members)
        parts = [part for part in (question_parts(one).get(value.name) for one in members) if part is not None]
        assert value.n == sum(units for _, units in parts)
        assert value.value == (pytest.approx(sum(total for total, _ in parts) / value.n) if value.n else None)
    assert values == metric_values(outcomes, seed)


@given(OUTCOMES)
def test_a_question_adds_to_known_metrics_only_and_to_each_by_whole_units(outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        parts = question_parts(outcome)
        assert set(parts) <= set(METRIC_NAMES)
        assert all(units >= 1 or name.startswith(KEPT) for name, (_, units) in parts.items())
    assert len(set(METRIC_NAMES)) == len(METRIC_NAMES)


def scored(refused: bool, pieces: int | None, *slices: str, cited: int = 0, sentences: int = 0, on: int = 0) -> Outcome:
    scores = QuestionScores(
        False, 3, None, None, False, None, None, 0, 0, (), pieces, pieces_cited=cited, sentences=sentences,
        sentences_on_gold=on,
    )  # fmt: skip
    return Outcome("q", slices, scores, refusal="not_answered" if refused else None)


GOLDEN = [
    scored(False, 2, "frozen", "answerable", "multi", cited=1, sentences=3, on=2),
    scored(False, 1, "frozen", "answerable", "single", cited=1, sentences=1, on=1),
    scored(True, 1, "open", "answerable", "single"),
    scored(True, 0, "frozen", "unanswerable", "absent"),
    scored(True, 0, "open", "unanswerable", "absent"),
    scored(True, 0, "open", "unanswerable", "opinion"),
    scored(False, 0, "open", "unanswerable", "opinion", sentences=2),
    Outcome("failed", ("open", "answerable", "single"), None, error="RuntimeError: no"),
]


@pytest.mark.parametrize(
    ("name", "slice_name", "value", "n", "unscorable"),
    [
        # A mean over questions; the refused one cites nothing.
        ("gold_sentence_recall", "all", (1 / 2 + 1 + 0) / 3, 3, 5),
        ("gold_sentence_recall", "single", 1 / 2, 2, 1),
        # Over answer sentences, those of unanswerable questions left out.
        ("gold_sentence_precision", "all", (2 + 1) / 4, 4, 6),
        ("gold_sentence_precision", "open", None, 0, 5),
        ("refusal_recall", "all", 3 / 4, 4, 4),
        ("refusal_recall", "absent", 1.0, 2, 0),
        ("refusal_recall", "opinion", 1 / 2, 2, 0),
        ("wrongly_refused", "all", 1 / 3, 3, 5),
        ("wrongly_refused", "frozen", 0.0, 2, 1),
        ("wrongly_refused", "opinion", None, 0, 2),
        ("refusal_precision", "all", 3 / 4, 4, 4),
        ("refusal_precision", "frozen", 1.0, 1, 2),
        ("refusal_precision", "unanswerable", 3 / 4, 4, 3),
        # Two absent ones among the refused of them and of the answerable three; the failed one is neither.
        ("refusal_precision", "absent", 2 / 3, 3, 2),
        ("refusal_precision", "opinion", 1 / 2, 2, 3),
        ("refusal_precision", "answerable", None, 0, 0),
        ("refusal_precision", "single", None, 0, 0),
    ],
)
def test_gold_and_refusal_by_hand(name: str, slice_name: str, value: float | None, n: int, unscorable: int) -> None:
    assert metric_of(metric_values(GOLDEN, 0), name, slice_name) == (
        value if value is None else pytest.approx(value),
        n,
        unscorable,
    )


def metric_of(values: Sequence[MetricValue], name: str, slice_name: str) -> tuple[float | None, int, int]:
    (found,) = [value for value in values if (value.name, value.slice) == (name, slice_name)]
    return found.value, found.n, found.unscorable


@settings(deadline=None)
@given(OUTCOMES)
def test_the_page_can_be_written_whatever_came_out(outcomes: list[Outcome]) -> None:
    page = summary(
        {
            "dataset": "any",
            "asked": {"limit": None},
            "counts": counts(outcomes),
            "retrieval_depth": retrieval_depth(outcomes),
            "metrics": [
                {field: getattr(value, field) for field in value.__slots__} for value in metric_values(outcomes, 0)
            ],
            "failures": [{"question_id": one.question_id, "error": one.error} for one in outcomes if one.error],
            "cost": {
                "timings": timing_percentiles([one.timings for one in outcomes]),
                "peak_memory_bytes": None,
                "asked_by_this_process": 0,
            },
        }
    )
    titles = {"All questions", "Slice: headline", "Slice: rest", "By kind", "Unanswerable questions", "Cost"}
    headings = [line.removeprefix("## ") for line in page.splitlines() if line.startswith("## ")]
    assert set(headings) <= titles | {"Failed questions"}
    assert len(set(headings)) == len(headings)
    full = [title for title in headings if title.startswith(("All", "Slice"))]
    asked = any(outcome.scores is not None for outcome in outcomes)
    assert page.count("\n| refused ") == (len(full) if asked else 0)
    for rows in re.findall(r"(?:^\|.*\n)+", page, re.MULTILINE):
        assert len({line.count("|") for line in rows.splitlines()}) == 1


def test_answered_refused_and_failed_add_up() -> None:
    scores = QuestionScores(False, 3, None, None, False, None, None, 0, 0, ())
    outcomes = [
        Outcome("a", (), scores),
        Outcome("b", (), scores, refusal="not_answered"),
        Outcome("c", (), None, error="RuntimeError: no"),
        Outcome("d", (), scores),
    ]
    assert counts(outcomes) == {"questions": 4, "answered": 2, "refused": 1, "failed": 1}
    assert retrieval_depth(outcomes) == 3
    assert retrieval_depth([]) is None


def test_percentiles_by_hand() -> None:
    # Of 0, 10, ..., 100 the median is 50 and the 95th percentile, interpolated, 95.
    timings = [{"total": 10.0 * number} for number in range(11)] + [{"search": 7.0}]
    assert timing_percentiles(timings) == {
        "total": {"p50_ms": pytest.approx(50.0), "p95_ms": pytest.approx(95.0), "n": 11},
        "search": {"p50_ms": 7.0, "p95_ms": 7.0, "n": 1},
    }
