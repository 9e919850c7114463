"""AUROC, reliability and calibration error against numbers worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from eval.calibration import (
    Bin,
    auroc,
    auroc_interval,
    expected_by_chance,
    expected_calibration_error,
    reliability,
)

probabilities = st.lists(st.floats(0, 1), min_size=1, max_size=40)


def test_auroc_by_hand() -> None:
    # Of the four pairs, (3, 1), (3, 2) and (2, 1) are right, and the tie (2, 2) counts half.
    assert auroc([3, 2], [1, 2]) == pytest.approx(3.5 / 4)
    assert auroc([1.0], [1.0]) == 0.5
    assert auroc([0.0], [1.0]) == 0.0


def test_auroc_needs_both_kinds() -> None:
    assert auroc([], [1.0]) is None
    assert auroc_interval([1.0], [], 0, paired=False).n == 0


@given(probabilities, probabilities)
def test_auroc_equals_sklearns(positives: list[float], negatives: list[float]) -> None:
    labels = [1] * len(positives) + [0] * len(negatives)
    assert auroc(positives, negatives) == pytest.approx(roc_auc_score(labels, [*positives, *negatives]))


def test_the_interval_holds_the_value_and_is_the_same_each_time() -> None:
    right, wrong = [0.9, 0.8, 0.3, 0.7], [0.1, 0.4, 0.2, 0.75]
    found = auroc_interval(right, wrong, 3, paired=True)
    assert found == auroc_interval(right, wrong, 3, paired=True)
    assert found.value == pytest.approx(13 / 16)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 13 / 16 <= found.high
    assert found.n == 8


def test_pairs_of_unlike_number() -> None:
    with pytest.raises(ValueError, match="pairs"):
        auroc_interval([1.0], [0.0, 1.0], 0, paired=True)


def test_reliability_by_hand() -> None:
    bins = reliability([0.9, 0.1, 0.3, 0.7], [True, False, True, False], bins=2)
    assert bins == (Bin(2, pytest.approx(0.2), 0.5), Bin(2, pytest.approx(0.8), 0.5))
    assert expected_calibration_error(bins) == pytest.approx(0.3)


def test_more_bins_than_predictions() -> None:
    assert [one.n for one in reliability([0.5, 0.6], [True, False], bins=10)] == [1, 1]


def test_nothing_to_calibrate() -> None:
    assert reliability([], []) == ()
    assert expected_calibration_error(()) is None
    assert expected_by_chance([], 0) is None


def test_an_outcome_for_each_probability() -> None:
    with pytest.raises(ValueError, match="outcome"):
        reliability([0.5], [])


@given(probabilities, st.integers(1, 12))
def test_bins_hold_every_prediction_once(values: list[float], bins: int) -> None:
    found = reliability(values, [value > 0.5 for value in values], bins)
    assert sum(one.n for one in found) == len(values)
    assert sum(one.n * one.predicted for one in found) == pytest.approx(sum(values))
    error = expected_calibration_error(found)
    assert error is not None
    assert 0 <= error <= 1


def test_certain_predictions_have_no_error_by_chance() -> None:
    assert expected_by_chance([0.0, 1.0, 1.0], 0) == 0.0
    # Ten bins of ten coins each are off by sqrt(0.25 / 10) * sqrt(2 / pi) = 0.13 on average, one of a hundred by 0.04.
    uncertain = expected_by_chance([0.4995 + place / 100_000 for place in range(100)], 0)
    assert uncertain is not None
    assert 0.1 < uncertain < 0.16
    tied = expected_by_chance([0.5] * 100, 0)
    assert tied is not None
    assert 0.03 < tied < 0.05


def test_equal_predictions_share_their_outcomes_whatever_the_order() -> None:
    for came_true in ([True, False, True, False], [True, True, False, False]):
        assert reliability([0.5] * 4, came_true, bins=2) == (Bin(2, 0.5, 0.5), Bin(2, 0.5, 0.5))
