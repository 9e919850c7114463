import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.aggregate import ALL, METRIC_NAMES, counts, metric_values, retrieval_depth, timing_percentiles
from eval.records import Outcome, QuestionScores
from eval.report import summary

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
)
TIMINGS = st.dictionaries(st.sampled_from(["search", "total"]), st.floats(0.0, 1e6))
SLICES = st.sampled_from([(), ("headline",), ("rest",)])
IDS = st.text("q0123456789", min_size=1)
OUTCOMES = st.lists(
    st.builds(
        Outcome,
        question_id=IDS,
        slices=SLICES,
        scores=SCORES,
        refusal=st.none() | st.just("nothing_relevant"),
        error=st.none(),
        timings=TIMINGS,
    )
    | st.builds(Outcome, question_id=IDS, slices=SLICES, scores=st.none(), error=st.just("RuntimeError: no")),
    max_size=12,
)


@given(OUTCOMES, st.integers(0, 9))
def test_every_metric_is_a_number_with_its_interval_or_not_measured(outcomes: list[Outcome], seed: int) -> None:
    values = metric_values(outcomes, seed)
    names = {value.slice for value in values}
    assert len(values) == len(METRIC_NAMES) * len(names)
    for value in values:
        json.dumps([value.value, value.low, value.high], allow_nan=False)
        assert (value.value is None) == (value.low is None) == (value.high is None) == (value.n == 0)
        members = [outcome for outcome in outcomes if value.slice == ALL or value.slice in outcome.slices]
        if value.name not in ("citation_validity", "words_per_cited_sentence"):
            assert value.n + value.unscorable == len(members)
    assert values == metric_values(outcomes, seed)


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
    assert page.count("\n| refused ") == len({value.slice for value in metric_values(outcomes, 0)})
    tables = [line for line in page.splitlines() if line.startswith("|")]
    assert all(line.count("|") in (5, 6) for line in tables)


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
