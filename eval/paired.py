"""Two systems on the same questions: how far apart are they, and is that more than chance?

The interval is the paired percentile bootstrap (Efron & Tibshirani, 1993, chapter 13; for comparing systems: Koehn,
EMNLP 2004), the test approximate randomisation (Noreen, 1989, chapter 2), the correction for several tests Holm's
(Scandinavian Journal of Statistics, 1979).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eval.confidence import RESAMPLES

PERMUTATIONS = 10_000
_DRAWS_AT_ONCE = 1_000_000
# Sums taken in another order differ in their last bits; a difference as large as the observed one has to count as such.
_ROUNDING = 1e-12

# A question's sum and its number of units, which may be 0.
Part = tuple[float, int]
_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Difference:
    """B minus A over `questions` questions, of which `differing` are not the same in both.

    `low` and `high` bound the difference with 95 % confidence; `p` is two-sided. `a`, `b` and all that rests on them
    are None for a system without any unit. `testable` is False where swapping the two systems, on whatever questions,
    leaves the difference 0: nothing that they could be told apart by.
    """

    a: float | None
    b: float | None
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    questions: int
    differing: int
    testable: bool


def paired_difference(a: Sequence[Part], b: Sequence[Part], seed: int, *, interval: bool = True) -> Difference:
    """Compare two ratios of sums; place i of `a` and of `b` is the same question. Raises ValueError for NaN.

    Without the `interval`, which takes time, its bounds are None.
    """
    parts = np.array([(*one, *other) for one, other in zip(a, b, strict=True)], dtype=np.float64).reshape(-1, 4)
    if not np.isfinite(parts).all() or (parts[:, [1, 3]] < 0).any():
        raise ValueError("a ratio needs finite sums over at least zero units")
    differing = int((parts[:, :2] != parts[:, 2:]).any(axis=1).sum())
    sum_a, units_a, sum_b, units_b = (float(total) for total in parts.sum(axis=0))
    value_a = sum_a / units_a if units_a else None
    value_b = sum_b / units_b if units_b else None
    if value_a is None or value_b is None:
        return Difference(value_a, value_b, None, None, None, None, len(parts), differing, False)
    low, high = _bootstrap_interval(parts, seed) if interval else (None, None)
    p = _randomisation_p(parts, abs(value_b - value_a), seed)
    testable = differing > 0 and len(set(_ratios(parts))) > 1
    return Difference(value_a, value_b, value_b - value_a, low, high, p, len(parts), differing, testable)


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Each p-value as Holm's step-down procedure adjusts it: reject those below alpha, whatever alpha is."""
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for done, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - done) * p_values[place]))
        adjusted[place] = largest
    return tuple(adjusted)


def _ratios(parts: _Floats) -> Iterator[float]:
    for total, units in parts.reshape(-1, 2):
        if units:
            yield float(total / units)


def _bootstrap_interval(parts: _Floats, seed: int) -> tuple[float, float]:
    """Whole questions are drawn, for both systems together. A draw that leaves a system without units is left out."""
    generator = np.random.default_rng(seed)
    size = len(parts)
    block = max(1, _DRAWS_AT_ONCE // size)
    differences = []
    for start in range(0, RESAMPLES, block):
        drawn = generator.integers(0, size, size=(min(block, RESAMPLES - start), size))
        differences.append(_differences(np.stack([column[drawn].sum(axis=1) for column in parts.T], axis=1)))
    low, high = np.nanpercentile(np.concatenate(differences), [2.5, 97.5])
    return float(low), float(high)


def _randomisation_p(parts: _Floats, observed: float, seed: int) -> float:
    """How often a difference this large comes of swapping the two systems' names question by question, at random.

    (hits + 1) / (permutations + 1), so that it is never 0. Swaps that leave a system without units count as hits.
    """
    generator = np.random.default_rng(seed)
    totals = parts.sum(axis=0)
    change = parts[:, [2, 3, 0, 1]] - parts
    change = change[(change != 0).any(axis=1)]
    if not len(change):
        return 1.0
    block = max(1, _DRAWS_AT_ONCE // len(change))
    hits = 0
    for start in range(0, PERMUTATIONS, block):
        swapped = generator.integers(0, 2, size=(min(block, PERMUTATIONS - start), len(change)), dtype=np.int8)
        found = np.abs(_differences(totals + swapped.astype(np.float64) @ change))
        hits += int((np.isnan(found) | (found >= observed - _ROUNDING)).sum())
    return (hits + 1) / (PERMUTATIONS + 1)


def _differences(sums: _Floats) -> _Floats:
    """B's ratio minus A's for each row (sum A, units A, sum B, units B); NaN where a system has no unit."""
    a, b = (np.full(len(sums), np.nan) for _ in range(2))
    np.divide(sums[:, 0], sums[:, 1], out=a, where=sums[:, 1] > 0.5)
    np.divide(sums[:, 2], sums[:, 3], out=b, where=sums[:, 3] > 0.5)
    return np.asarray(b - a, dtype=np.float64)
