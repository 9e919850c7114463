"""How well a probability tells questions that are answered from those that are not, and whether it is one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from eval.confidence import RESAMPLES, Interval

BINS = 10

_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bin:
    """The `n` predictions of one bin: their mean, and the share of them that came true."""

    n: int
    predicted: float
    observed: float


def auroc(positives: Sequence[float], negatives: Sequence[float]) -> float | None:
    """The chance that a positive scores above a negative, ties counting half; None when either kind is missing.

    The area under the ROC curve (Hanley and McNeil, Radiology, 1982), from ranks.
    """
    if not positives or not negatives:
        return None
    ranks = rankdata([*positives, *negatives])
    above = float(ranks[: len(positives)].sum()) - len(positives) * (len(positives) + 1) / 2
    return above / (len(positives) * len(negatives))


def auroc_interval(positives: Sequence[float], negatives: Sequence[float], seed: int, *, paired: bool) -> Interval:
    """AUROC with the percentile bootstrap's 95 % interval. `paired`: place i of both is the same question, and
    questions are drawn; otherwise each side is drawn by itself. `n` counts both sides. Raises ValueError for pairs of
    unlike number.
    """
    if paired and len(positives) != len(negatives):
        raise ValueError("pairs need as many positives as negatives")
    value = auroc(positives, negatives)
    if value is None:
        return Interval(None, None, None, 0)
    generator = np.random.default_rng(seed)
    right, wrong = np.asarray(positives), np.asarray(negatives)
    drawn = []
    for _ in range(RESAMPLES):
        places = generator.integers(0, len(right), len(right))
        others = places if paired else generator.integers(0, len(wrong), len(wrong))
        drawn.append(auroc(right[places].tolist(), wrong[others].tolist()))
    low, high = (float(bound) for bound in np.percentile(np.asarray(drawn, dtype=np.float64), [2.5, 97.5]))
    return Interval(value, low, high, len(positives) + len(negatives))


def reliability(probabilities: Sequence[float], came_true: Sequence[bool], bins: int = BINS) -> tuple[Bin, ...]:
    """The reliability diagram's points: predictions in order, cut into bins of near-equal size.

    Equal predictions count as the share of them that came true, so that the order they are given in, which decides
    whose bin a tie falls into, changes nothing. Raises ValueError for unlike numbers of predictions and outcomes.
    """
    if len(probabilities) != len(came_true):
        raise ValueError("each probability needs its outcome")
    order = np.argsort(np.asarray(probabilities, dtype=np.float64), kind="stable")
    predicted = np.asarray(probabilities, dtype=np.float64)[order]
    observed = tied_means(predicted, np.asarray(came_true, dtype=np.float64)[order])
    runs = [places for places in np.array_split(np.arange(len(order)), bins) if len(places)]
    return tuple(Bin(len(run), float(predicted[run].mean()), float(observed[run].mean())) for run in runs)


def tied_means(keys: _Floats, values: _Floats) -> _Floats:
    """Each value replaced by the mean of the values that have its key; both of shape (n,), equal keys side by side."""
    if not len(keys):
        return values
    group = np.cumsum(np.concatenate(([0], (np.diff(keys) != 0).astype(np.int64))))
    means: _Floats = (np.bincount(group, weights=values) / np.bincount(group))[group]
    return means


def expected_calibration_error(bins: Sequence[Bin]) -> float | None:
    """The mean distance between predicted and observed over the bins, weighted by size (Naeini et al., AAAI 2015)."""
    total = sum(one.n for one in bins)
    return sum(one.n * abs(one.predicted - one.observed) for one in bins) / total if total else None


def expected_by_chance(probabilities: Sequence[float], seed: int, bins: int = BINS, draws: int = 500) -> float | None:
    """The calibration error that perfectly calibrated probabilities show at this sample size: outcomes are drawn from
    the probabilities themselves.
    """
    if not probabilities:
        return None
    generator = np.random.default_rng(seed)
    chances: _Floats = np.asarray(probabilities, dtype=np.float64)
    errors = [
        expected_calibration_error(
            reliability(probabilities, (generator.random(len(chances)) < chances).tolist(), bins)
        )
        for _ in range(draws)
    ]
    return float(np.mean([error for error in errors if error is not None]))
