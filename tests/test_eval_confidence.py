import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.confidence import Interval, mean_interval, ratio_interval

FINITE = st.floats(min_value=-1e6, max_value=1e6)


def test_nothing_measured_is_neither_zero_nor_nan() -> None:
    assert mean_interval([], seed=0) == Interval(None, None, None, 0)


def test_one_value_everywhere_has_no_width() -> None:
    assert mean_interval([1.0] * 7, seed=3) == Interval(1.0, 1.0, 1.0, 7)


def test_a_share_has_about_the_interval_of_the_normal_approximation() -> None:
    # 30 of 100: the standard error is sqrt(0.3 * 0.7 / 100) = 0.0458, so 95 % is about 0.21 to 0.39.
    interval = mean_interval([1.0] * 30 + [0.0] * 70, seed=1)
    assert interval.value == pytest.approx(0.3)
    assert interval.n == 100
    assert interval.low == pytest.approx(0.21, abs=0.015)
    assert interval.high == pytest.approx(0.39, abs=0.015)


def test_units_are_pooled_and_groups_are_resampled() -> None:
    # 3 of 4 and 0 of 1: 3/5 pooled, where the mean of the groups' means would be 3/8.
    interval = ratio_interval([(3.0, 4), (0.0, 1)], seed=0)
    assert (interval.value, interval.n) == (0.6, 5)
    # A resample is one group twice or both once: 0, 3/5 or 3/4.
    assert (interval.low, interval.high) == (0.0, 0.75)


def test_the_seed_decides() -> None:
    values = [float(number % 7) for number in range(50)]
    assert mean_interval(values, seed=5) == mean_interval(values, seed=5)
    assert mean_interval(values, seed=5) != mean_interval(values, seed=6)


def test_many_questions_are_drawn_in_blocks_that_agree_with_the_spread() -> None:
    interval = mean_interval([0.0, 1.0] * 1500, seed=2)
    assert interval.low is not None
    assert interval.high is not None
    # The standard error is sqrt(0.25 / 3000) = 0.0091.
    assert interval.high - interval.low == pytest.approx(2 * 1.96 * 0.00913, rel=0.1)


@pytest.mark.parametrize("parts", [[(math.nan, 1)], [(math.inf, 1)], [(1.0, -1)]])
def test_what_would_give_nan_is_refused(parts: list[tuple[float, int]]) -> None:
    with pytest.raises(ValueError, match="finite"):
        ratio_interval(parts, seed=0)


def test_a_ratio_takes_in_what_adds_to_its_upper_side_alone() -> None:
    # 2 of 2, 1 beside them: 3/2. A draw without any unit says nothing.
    interval = ratio_interval([(1.0, 1), (1.0, 1), (1.0, 0)], seed=0)
    assert (interval.value, interval.low, interval.high, interval.n) == (1.5, 1.0, 3.0, 2)
    assert ratio_interval([(1.0, 0)], seed=0).value is None


@given(st.lists(st.tuples(FINITE, st.integers(0, 20)), max_size=30), st.integers(0, 2**32))
def test_never_nan_and_always_ordered(parts: list[tuple[float, int]], seed: int) -> None:
    interval = ratio_interval(parts, seed)
    bounds = (interval.low, interval.value, interval.high)
    if not any(count for _, count in parts):
        assert bounds == (None, None, None)
        return
    assert all(bound is not None and math.isfinite(bound) for bound in bounds)
    assert interval.low is not None
    assert interval.high is not None
    assert interval.low <= interval.high
    assert interval.n == sum(count for _, count in parts)
