"""The statistics of a comparison against what enumerating every resample or every swap gives."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.confidence import RESAMPLES
from eval.paired import PERMUTATIONS, Part, holm, paired_difference

UNITS: list[Part] = [(1.0, 1), (0.0, 1)]
PARTS = st.tuples(st.floats(0.0, 9.0), st.integers(1, 9)) | st.just((0.0, 0))
PAIRS = st.lists(st.tuples(PARTS, PARTS), max_size=12)


def ratio(parts: list[Part]) -> float:
    return sum(one for one, _ in parts) / sum(units for _, units in parts)


def exact_p(a: list[Part], b: list[Part]) -> float:
    """The share of all 2^n ways to swap the two that are at least as far apart as what was observed."""
    observed = abs(ratio(b) - ratio(a))
    hits = 0
    for swaps in product((False, True), repeat=len(a)):
        one = [second if swap else first for first, second, swap in zip(a, b, swaps, strict=True)]
        other = [first if swap else second for first, second, swap in zip(a, b, swaps, strict=True)]
        hits += abs(ratio(other) - ratio(one)) >= observed - 1e-12
    return hits / 2 ** len(a)


def exact_interval(a: list[Part], b: list[Part]) -> tuple[float, float]:
    """The 2.5th and 97.5th percentiles over all n^n resamples."""
    found = sorted(
        ratio([b[place] for place in drawn]) - ratio([a[place] for place in drawn])
        for drawn in product(range(len(a)), repeat=len(a))
    )
    return tuple(float(bound) for bound in np.percentile(found, [2.5, 97.5]))  # type: ignore[return-value]


def test_a_difference_by_hand() -> None:
    # A hits 3 of 4, B hits 1 of 4; they differ on two questions, both lost. Of the 4 ways to swap those two, 2 are as
    # far apart as 0.5 (both or neither), so p is near 1/2.
    a: list[Part] = [(1, 1), (1, 1), (1, 1), (0, 1)]
    b: list[Part] = [(1, 1), (0, 1), (0, 1), (0, 1)]
    found = paired_difference(a, b, seed=0)
    assert (found.a, found.b, found.difference) == (0.75, 0.25, -0.5)
    assert (found.questions, found.differing) == (4, 2)
    assert found.p == pytest.approx(1 / 2, abs=0.02)
    # The number of lost questions among four drawn is binomial(4, 1/2): 0 and 4 have 6.25 % each.
    assert (found.low, found.high) == (-1.0, 0.0)


def test_ratios_of_sums_by_hand() -> None:
    # A: (1 + 3) of (2 + 4); B: (2 + 1) of (2 + 2). Unswapped and swapped whole: 3/4 - 4/6 = 1/12. Swapping one
    # question: (2 + 3)/(2 + 4) against (1 + 1)/(2 + 2) is 1/3, further apart. So every way is a hit.
    found = paired_difference([(1, 2), (3, 4)], [(2, 2), (1, 2)], seed=0)
    assert found.a == pytest.approx(4 / 6)
    assert found.b == pytest.approx(3 / 4)
    assert found.difference == pytest.approx(1 / 12)
    assert found.p == 1.0
    # Resamples: the first question twice 1/2, each once 1/12, the second twice -1/4.
    assert (found.low, found.high) == (pytest.approx(-1 / 4), pytest.approx(1 / 2))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ([(1, 1)] * 6, [(0, 1)] * 6),
        ([(1, 1), (1, 1), (0, 1), (1, 1), (0, 1)], [(0, 1), (0, 1), (1, 1), (0, 1), (0, 1)]),
        ([(1, 1), (0, 1), (0, 1), (0, 1), (0, 1)], [(1, 1), (1, 1), (1, 1), (1, 1), (0, 1)]),
        ([(1, 3), (2, 2), (0, 1), (3, 4), (1, 1)], [(2, 2), (1, 3), (1, 1), (1, 4), (0, 2)]),
        ([(0.25, 1), (1, 1), (0.5, 1), (0.75, 1)], [(0.5, 1), (0.25, 1), (0.5, 1), (0.1, 1)]),
    ],
)
def test_the_sampled_numbers_are_near_those_of_enumerating(a: list[Part], b: list[Part]) -> None:
    found = paired_difference(a, b, seed=3)
    exact = exact_p(a, b)
    # Four standard errors of a share over the permutations.
    assert found.p == pytest.approx(exact, abs=4 * (exact * (1 - exact) / PERMUTATIONS) ** 0.5 + 1 / PERMUTATIONS)
    low, high = exact_interval(a, b)
    assert (found.low, found.high) == (pytest.approx(low, abs=0.06), pytest.approx(high, abs=0.06))


def test_a_clear_difference_is_significant_and_a_question_in_a_hundred_is_not() -> None:
    a = [UNITS[0]] * 60 + [UNITS[1]] * 40
    worse = [UNITS[1]] * 20 + [UNITS[0]] * 40 + [UNITS[1]] * 40
    found = paired_difference(a, worse, seed=0)
    assert found.p == pytest.approx(1 / (PERMUTATIONS + 1))
    assert found.high is not None
    assert found.high < 0
    nearly = [UNITS[1], *a[1:]]
    assert paired_difference(a, nearly, seed=0).p == 1.0


def test_a_system_without_units_is_not_measured() -> None:
    found = paired_difference([(1, 1), (1, 1)], [(0, 0), (0, 0)], seed=0)
    assert (found.a, found.b, found.difference, found.low, found.high, found.p) == (1.0, None, None, None, None, None)
    assert (found.questions, found.differing) == (2, 2)
    nothing = paired_difference([], [], seed=0)
    assert (nothing.a, nothing.b, nothing.p, nothing.questions) == (None, None, None, 0)


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        paired_difference([(float("nan"), 1)], [(1, 1)], seed=0)
    with pytest.raises(ValueError, match=r"shorter|longer"):
        paired_difference([(1, 1)], [], seed=0)


@given(PAIRS, st.integers(0, 3))
def test_numbers_hold_together_whatever_the_parts(pairs: list[tuple[Part, Part]], seed: int) -> None:
    a, b = [one for one, _ in pairs], [other for _, other in pairs]
    found = paired_difference(a, b, seed)
    assert found == paired_difference(a, b, seed)
    measured = found.a is not None and found.b is not None
    for value in (found.difference, found.low, found.high, found.p):
        assert (value is not None) == measured
        assert value is None or np.isfinite(value)
    if found.p is not None:
        assert 0 < found.p <= 1
    other = paired_difference(b, a, seed)
    assert (other.a, other.b, other.p) == (found.b, found.a, found.p)
    same = paired_difference(a, a, seed)
    assert same.difference in (None, 0.0)
    assert same.p in (None, 1.0)


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_no_change_is_flagged_rarely(share: float) -> None:
    """200 pairs of systems of the same quality, 60 questions each; p < 0.05 in at most about 5 % of them."""
    chance = np.random.default_rng(11)
    flagged = 0
    for _ in range(200):
        hits = chance.random((2, 60)) < share
        a, b = ([(float(hit), 1) for hit in row] for row in hits)
        p = paired_difference(a, b, seed=0).p
        assert p is not None
        flagged += p < 0.05
    # 10 expected at most; 19 is three standard deviations above.
    assert flagged <= 19


def test_the_interval_covers_no_difference_where_there_is_none() -> None:
    chance = np.random.default_rng(5)
    covered = 0
    for _ in range(100):
        hits = chance.random((2, 80)) < 0.5
        a, b = ([(float(hit), 1) for hit in row] for row in hits)
        found = paired_difference(a, b, seed=0)
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 0 <= found.high
    assert covered >= 88
    assert RESAMPLES >= 1000


def test_holm_by_hand() -> None:
    # Sorted: 0.01 * 4, 0.02 * 3, 0.03 * 2 (not below the one before), 0.5 * 1.
    assert holm([0.02, 0.5, 0.01, 0.03]) == (pytest.approx(0.06), 0.5, pytest.approx(0.04), pytest.approx(0.06))
    assert holm([0.6, 0.9]) == (1.0, 1.0)
    assert holm([0.03]) == (0.03,)
    assert holm([]) == ()


@given(st.lists(st.floats(0.0, 1.0), max_size=8))
def test_holm_raises_p_values_and_keeps_their_order(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    assert all(p <= new <= 1 for p, new in zip(p_values, adjusted, strict=True))
    by_p = [new for _, new in sorted(zip(p_values, adjusted, strict=True))]
    assert by_p == sorted(by_p)
    assert max(adjusted, default=0.0) <= 1
