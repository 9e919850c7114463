"""Intervals for a mean, by the percentile bootstrap (Efron & Tibshirani, 1993, chapter 13)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 2000
_DRAWS_AT_ONCE = 1_000_000


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over `n` units and its 95 % interval; None throughout when there is no unit."""

    value: float | None
    low: float | None
    high: float | None
    n: int


def mean_interval(values: Sequence[float], seed: int) -> Interval:
    """The mean of one value a question. The same values and seed give the same interval."""
    return ratio_interval([(value, 1) for value in values], seed)


def ratio_interval(parts: Sequence[tuple[float, int]], seed: int) -> Interval:
    """The mean over units that come in groups: a (sum, number of units) for each question, pooled.

    Whole questions are resampled, because the citations of one answer are no independent observations. Values must be
    finite. A question may have no unit, as one that adds to the upper side of a ratio alone; draws without any unit are
    left out.
    """
    if not any(count for _, count in parts):
        return Interval(None, None, None, 0)
    sums = np.array([total for total, _ in parts], dtype=np.float64)
    units = np.array([count for _, count in parts], dtype=np.float64)
    if not np.isfinite(sums).all() or (units < 0).any():
        raise ValueError("a mean needs finite sums, over no less than no unit")
    means = _resampled_means(sums, units, np.random.default_rng(seed))
    low, high = (float(bound) for bound in np.percentile(means, [2.5, 97.5]))
    return Interval(float(sums.sum() / units.sum()), low, high, int(units.sum()))


def median_interval(values: Sequence[float], seed: int) -> Interval:
    """The median of one value a question, and the interval of it."""
    if not values:
        return Interval(None, None, None, 0)
    sample = np.array(values, dtype=np.float64)
    if not np.isfinite(sample).all():
        raise ValueError("a median needs finite values")
    generator = np.random.default_rng(seed)
    block = max(1, _DRAWS_AT_ONCE // len(sample))
    medians = [
        np.median(sample[generator.integers(0, len(sample), (min(block, RESAMPLES - start), len(sample)))], axis=1)
        for start in range(0, RESAMPLES, block)
    ]
    low, high = (float(bound) for bound in np.percentile(np.concatenate(medians), [2.5, 97.5]))
    return Interval(float(np.median(sample)), low, high, len(sample))


def _resampled_means(
    sums: np.ndarray[tuple[int], np.dtype[np.float64]],
    units: np.ndarray[tuple[int], np.dtype[np.float64]],
    generator: np.random.Generator,
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    size = len(sums)
    block = max(1, _DRAWS_AT_ONCE // size)
    means = np.empty(RESAMPLES)
    for start in range(0, RESAMPLES, block):
        count = min(block, RESAMPLES - start)
        drawn = generator.integers(0, size, size=(count, size))
        over = units[drawn].sum(axis=1)
        over[over == 0] = np.nan
        means[start : start + count] = sums[drawn].sum(axis=1) / over
    return means[~np.isnan(means)]
