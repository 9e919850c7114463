"""Risk and coverage against numbers worked out by hand, and what holds of any."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.records import Outcome
from eval.risk_coverage import (
    CurvePoint,
    Scored,
    abstention,
    answerable_bins,
    area_interval,
    area_under_curve,
    best_area,
    loss_of,
    risk_coverage_curve,
    scored_of,
)
from tests.eval_runs import FAILED, REFUSED, RIGHT, WRONG, Result, in_slice, outcome_of, scores_of

UNANSWERABLE = Result(answerable=False)
scored_questions = st.lists(
    st.builds(Scored, st.sampled_from((0.0, 0.25, 0.5, 1.0)) | st.floats(0, 1), st.floats(0, 1)),
    min_size=1,
    max_size=30,
)


def scored(*pairs: tuple[float, float]) -> list[Scored]:
    return [Scored(*pair) for pair in pairs]


def sure(name: str, confidence: float | None, result: Result) -> Outcome:
    return replace(outcome_of(name, result), answerable=confidence)


def test_the_curve_by_hand() -> None:
    # Surest first the losses are 0, 1, 0, 1: risks 0, 1/2, 1/3, 1/2.
    found = risk_coverage_curve(scored((0.9, 0), (0.2, 1), (0.7, 1), (0.4, 0)))
    assert found == (
        CurvePoint(0.9, 0.25, 0.0),
        CurvePoint(0.7, 0.5, 0.5),
        CurvePoint(0.4, 0.75, pytest.approx(1 / 3)),
        CurvePoint(0.2, 1.0, 0.5),
    )
    assert area_under_curve(scored((0.9, 0), (0.2, 1), (0.7, 1), (0.4, 0))) == pytest.approx(
        (1 / 2 + 1 / 3 + 1 / 2) / 4
    )
    # In the best order 0, 0, 1, 1.
    assert best_area(scored((0.9, 0), (0.2, 1), (0.7, 1), (0.4, 0))) == pytest.approx((1 / 3 + 2 / 4) / 4)


def test_ties_come_in_together_and_count_as_if_drawn_by_lot() -> None:
    # After 0, the tied 0 and 1 come either way around: expected risks 0, 1/4, 1/3.
    tied = scored((0.9, 0), (0.5, 0), (0.5, 1))
    assert risk_coverage_curve(tied) == (CurvePoint(0.9, pytest.approx(1 / 3), 0.0), CurvePoint(0.5, 1.0, 1 / 3))
    assert area_under_curve(tied) == pytest.approx((1 / 4 + 1 / 3) / 3)
    assert area_under_curve(tied[::-1]) == area_under_curve(tied)


def test_all_the_same_is_the_overall_risk() -> None:
    same = scored((0.5, 0), (0.5, 1), (0.5, 0.5), (0.5, 1))
    assert risk_coverage_curve(same) == (CurvePoint(0.5, 1.0, 0.625),)
    assert area_under_curve(same) == pytest.approx(0.625)


def test_nothing_and_one() -> None:
    assert risk_coverage_curve([]) == ()
    assert (area_under_curve([]), best_area([])) == (None, None)
    assert area_interval([], 0).n == 0
    assert area_interval(scored((0.3, 0.25)), 0) == area_interval(scored((0.3, 0.25)), 1)
    assert area_under_curve(scored((0.3, 0.25))) == 0.25
    assert abstention([], 0) == ()


def test_losses() -> None:
    assert loss_of(outcome_of("q", RIGHT)) == 0.0
    assert loss_of(outcome_of("q", WRONG)) == 1.0
    assert loss_of(outcome_of("q", replace(REFUSED, right=True))) == 0.0  # what the answer without refusing says
    assert loss_of(outcome_of("q", UNANSWERABLE)) == 1.0
    assert loss_of(outcome_of("q", FAILED)) is None
    half = replace(scores_of(RIGHT), gold_pieces=4, pieces_cited=1)
    assert loss_of(replace(outcome_of("q", RIGHT), forced=half)) == 0.75
    assert loss_of(replace(outcome_of("q", RIGHT), scores=half, forced=None)) == 0.75
    assert loss_of(replace(outcome_of("q", REFUSED), forced=None)) is None


@pytest.mark.parametrize(("rank", "loss"), [(1, 0.0), (3, 0.0), (4, 1.0), (None, 1.0)])
def test_without_gold_pieces_the_gold_answer_decides(rank: int | None, loss: float) -> None:
    forced = replace(scores_of(RIGHT), gold_pieces=None, gold_sentence_rank=rank)
    outcome = replace(outcome_of("q", RIGHT), scores=replace(forced, gold_sentence_rank=None), forced=forced)
    assert loss_of(outcome) == loss
    assert loss_of(replace(outcome, forced=replace(forced, has_gold=False))) is None


def test_no_confidence_is_unscorable() -> None:
    assert scored_of(sure("q", None, RIGHT)) is None
    assert scored_of(sure("q", 0.0, RIGHT)) == Scored(0.0, 0.0)


def test_abstention_by_slice_by_hand() -> None:
    kinds = ("unanswerable", "absent")
    outcomes = [
        sure("a", 0.9, in_slice(RIGHT, "answerable")),
        sure("b", 0.6, in_slice(replace(REFUSED, right=True), "answerable")),
        sure("c", 0.8, in_slice(WRONG, "answerable")),
        sure("d", 0.7, in_slice(UNANSWERABLE, *kinds)),
        sure("e", None, in_slice(replace(UNANSWERABLE, refused=True), *kinds)),
        sure("f", None, FAILED),
    ]
    found = {one.slice: one for one in abstention(outcomes, 0)}
    assert set(found) == {"all", "answerable", *kinds}
    every = found["all"]
    # Losses 0, 1, 1, 0 in the order a, c, d, b: risks 0, 1/2, 2/3, 1/2.
    assert (every.n, every.unscorable) == (4, 2)
    assert every.aurc == pytest.approx((1 / 2 + 2 / 3 + 1 / 2) / 4)
    assert (every.coverage, every.risk) == (0.75, pytest.approx(2 / 3))
    assert (every.best, every.chance) == (pytest.approx((1 / 3 + 2 / 4) / 4), 0.5)
    # Each in a bin of its own: 0.1, 0.4, 0.2 from certain, and 0.7 from impossible.
    assert (every.ece, every.ece_n) == (pytest.approx((0.1 + 0.4 + 0.2 + 0.7) / 4), 4)
    # A kind of unanswerable beside all answerable ones; those alone say nothing of how well probabilities are set.
    assert (found["absent"].n, found["absent"].unscorable, found["absent"].aurc) == (4, 1, every.aurc)
    assert found["answerable"].n == 3
    assert found["answerable"].chance == pytest.approx(1 / 3)
    assert {found[name].ece for name in ("answerable", *kinds)} == {None}
    assert [one.n for one in answerable_bins(outcomes)] == [1, 1, 1, 1]


@given(scored_questions, st.randoms(use_true_random=False), st.integers(0, 3))
def test_never_nan_whatever_the_order_and_between_the_best_and_one(questions: list[Scored], random, seed: int) -> None:  # type: ignore[no-untyped-def]
    area, best = area_under_curve(questions), best_area(questions)
    assert area is not None
    assert best is not None
    assert best - 1e-9 <= area <= 1 + 1e-9
    curve = risk_coverage_curve(questions)
    assert curve[-1].coverage == 1.0
    assert all(math.isfinite(value) for point in curve for value in (point.threshold, point.coverage, point.risk))
    shuffled = random.sample(questions, len(questions))
    assert area_under_curve(shuffled) == area
    assert risk_coverage_curve(shuffled) == curve


@settings(max_examples=10)  # each draws 2,000 resamples twice
@given(st.lists(st.builds(Scored, st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=4))
def test_the_interval_is_the_same_whatever_the_order_and_never_nan(questions: list[Scored]) -> None:
    found = area_interval(questions, 0)
    assert found == area_interval(questions[::-1], 0)
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= found.high <= 1 + 1e-9
