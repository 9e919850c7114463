"""Ratios of two systems' speeds with 95 % intervals: the percentile bootstrap over what was measured in pairs."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from eval.confidence import RESAMPLES, Interval

# Of one batch: how much was done, and in how many seconds.
Work = tuple[float, float]
_Floats = npt.NDArray[np.float64]


def rate(works: Sequence[Work]) -> float:
    """All that was done by all the seconds it took."""
    return sum(amount for amount, _ in works) / sum(seconds for _, seconds in works)


def rate_ratio(ours: Sequence[Work], theirs: Sequence[Work], seed: int) -> Interval:
    """Our rate by theirs; place i of both was measured one right after the other, and they are drawn together."""
    rows = np.array([(*one, *other) for one, other in zip(ours, theirs, strict=True)], dtype=np.float64)

    def ratio(drawn: _Floats) -> float:
        amount, seconds, their_amount, their_seconds = drawn.sum(axis=0)
        return float(amount / seconds / (their_amount / their_seconds))

    return _interval(rows.reshape(-1, 4), ratio, seed)


def median_ratio(ours: Sequence[float], theirs: Sequence[float], seed: int) -> Interval:
    """Our median by theirs; place i of both is the same question."""
    rows = np.array(list(zip(ours, theirs, strict=True)), dtype=np.float64).reshape(-1, 2)

    def ratio(drawn: _Floats) -> float:
        own, other = np.median(drawn, axis=0)
        return float(own / other)

    return _interval(rows, ratio, seed)


def _interval(rows: _Floats, statistic: Callable[[_Floats], float], seed: int) -> Interval:
    """None throughout without rows; without an interval from one row, which has no spread to draw from."""
    if not len(rows):
        return Interval(None, None, None, 0)
    if len(rows) == 1:
        return Interval(statistic(rows), None, None, 1)
    generator = np.random.default_rng(seed)
    drawn = [statistic(rows[generator.integers(0, len(rows), size=len(rows))]) for _ in range(RESAMPLES)]
    low, high = (float(bound) for bound in np.percentile(drawn, [2.5, 97.5]))
    return Interval(statistic(rows), low, high, len(rows))
