"""Ratios of speeds, worked out by hand."""

import pytest

from eval.bench_ratios import median_ratio, rate, rate_ratio


def test_a_rate_is_all_the_work_by_all_the_time() -> None:
    assert rate([(100, 1), (300, 3)]) == 100
    assert rate([(100, 1), (100, 3)]) == 50


def test_the_ratio_of_rates_with_its_interval_over_batches() -> None:
    ours, theirs = [(100.0, 1.0), (300.0, 1.0)], [(50.0, 1.0), (50.0, 1.0)]
    found = rate_ratio(ours, theirs, seed=0)
    assert found.value == 4
    # Two batches: both drawn alike give 2 or 6, each in a quarter of the draws.
    assert (found.low, found.high, found.n) == (2, 6, 2)
    assert rate_ratio(ours, theirs, seed=0) == found


def test_batches_are_drawn_in_pairs() -> None:
    # A slow stretch of the machine halves both speeds: the ratio does not change at all.
    ours, theirs = [(90.0, 1.0), (90.0, 2.0), (90.0, 4.0)], [(30.0, 1.0), (30.0, 2.0), (30.0, 4.0)]
    found = rate_ratio(ours, theirs, seed=1)
    assert (found.low, found.value, found.high) == pytest.approx((3, 3, 3))


def test_the_ratio_of_medians() -> None:
    found = median_ratio([2, 4, 600], [1, 8, 2], seed=0)
    assert found.value == 2
    assert found.low is not None
    assert found.high is not None
    assert found.low <= 2 <= found.high


def test_one_batch_has_no_interval_and_none_has_no_ratio() -> None:
    one = rate_ratio([(10, 1)], [(5, 1)], seed=0)
    assert (one.value, one.low, one.high, one.n) == (2, None, None, 1)
    none = median_ratio([], [], seed=0)
    assert (none.value, none.low, none.high, none.n) == (None, None, None, 0)
