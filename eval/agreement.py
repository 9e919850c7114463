"""How far two labellings of the same things agree, and how far a judge agrees with them. Pure."""

from collections.abc import Callable, Sequence

import numpy as np

from eval.confidence import RESAMPLES, Interval

Measure = Callable[[Sequence[bool], Sequence[bool]], float | None]


def cohens_kappa(one: Sequence[bool], other: Sequence[bool]) -> float | None:
    """Cohen's kappa (Educational and Psychological Measurement, 1960): agreement beyond what the two shares of yes
    alone would give, over what is left; None over nothing, and where chance alone agrees always.
    """
    n = len(one)
    if not n:
        return None
    agreed = sum(a == b for a, b in zip(one, other, strict=True)) / n
    yes, yes_too = sum(one) / n, sum(other) / n
    by_chance = yes * yes_too + (1 - yes) * (1 - yes_too)
    return (agreed - by_chance) / (1 - by_chance) if by_chance < 1 else None


def balanced_accuracy(told: Sequence[bool], true: Sequence[bool]) -> float | None:
    """The mean of the share of trues told true and of falses told false; None where there are only trues, or falses."""
    trues = [said for said, is_true in zip(told, true, strict=True) if is_true]
    falses = [said for said, is_true in zip(told, true, strict=True) if not is_true]
    if not trues or not falses:
        return None
    return (sum(trues) / len(trues) + sum(not said for said in falses) / len(falses)) / 2


def raw_agreement(one: Sequence[bool], other: Sequence[bool]) -> float | None:
    """The share on which both say the same; None over nothing."""
    return sum(a == b for a, b in zip(one, other, strict=True)) / len(one) if one else None


def grouped_interval(
    measure: Measure, one: Sequence[bool], other: Sequence[bool], groups: Sequence[str], seed: int
) -> Interval:
    """A measure with the percentile bootstrap's 95 % interval. Whole groups are drawn: things of one group, such as
    statements on one article, are no independent observations. Draws that the measure says nothing of are left out.
    """
    value = measure(one, other)
    if value is None:
        return Interval(None, None, None, 0)
    members: dict[str, list[int]] = {}
    for place, group in enumerate(groups):
        members.setdefault(group, []).append(place)
    kept = list(members.values())
    generator = np.random.default_rng(seed)
    drawn = []
    for _ in range(RESAMPLES):
        places = [place for group in generator.integers(0, len(kept), len(kept)) for place in kept[group]]
        drawn.append(measure([one[place] for place in places], [other[place] for place in places]))
    found = [each for each in drawn if each is not None]
    low, high = (float(bound) for bound in np.percentile(found, [2.5, 97.5]))
    return Interval(value, low, high, len(one))
