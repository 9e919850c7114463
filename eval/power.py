"""What a comparison of two runs can tell: how often it flags a true drop, and how often one that isn't there.

Pairs of runs are drawn from a model and go through the very code that compares real ones. The model: every question is
measured by each metric that decides and is right or wrong there. A metric's `discordance` is the share of questions on
which the two runs differ; without a true change as many get better as get worse, and a drop of d points takes
(discordance + d) / 2 from right to wrong and (discordance - d) / 2 back. Half of the time the metrics of a question are
drawn by the same lot, so that they go together, as those of real runs do.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eval.compare import MetricComparison, decided
from eval.directions import JUDGED_METRICS, worsening
from eval.judged import wilson
from eval.paired import Part, paired_difference

SHARED = 0.5
# Of the questions on which both runs agree, the share that is right.
RIGHT = 0.6

_Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Scenario:
    """`drop` is a share (0.05 for five points), by which one metric, each in turn, is worse in B."""

    questions: int
    discordance: float
    drop: float

    def __post_init__(self) -> None:
        if not 0 <= self.drop <= self.discordance <= 1 or self.questions < 1:
            raise ValueError("a drop takes at least as many questions that differ, and one question")


@dataclass(frozen=True, slots=True)
class Flagged:
    """Of so many `pairs` of runs, how many were called a regression, and how many for no metric but ones unchanged."""

    scenario: Scenario
    pairs: int
    flagged: int
    wrongly: int

    @property
    def interval(self) -> tuple[float | None, float | None]:
        """Wilson's 95 % interval of the share flagged."""
        return wilson(self.flagged, self.pairs)


def simulate(
    scenario: Scenario, pairs: int, seed: int, advance: Callable[[int], object] = lambda count: None
) -> Flagged:
    """Draw pairs of runs and compare them. The same arguments give the same counts; `advance` is told of each pair."""
    generator = np.random.default_rng(seed)
    flagged = wrongly = 0
    for number in range(pairs):
        dropped = JUDGED_METRICS[number % len(JUDGED_METRICS)] if scenario.drop else None
        worse = _worse(scenario, dropped, generator, seed + number)
        flagged += bool(worse)
        wrongly += bool(worse) and dropped not in worse
        advance(1)
    return Flagged(scenario, pairs, flagged, wrongly)


def _worse(scenario: Scenario, dropped: str | None, generator: np.random.Generator, seed: int) -> tuple[str, ...]:
    """The metrics that the comparison of one drawn pair calls worse."""
    size = (len(JUDGED_METRICS), scenario.questions)
    lots = np.where(generator.random(size) < SHARED, generator.random(scenario.questions), generator.random(size))
    agreed = generator.random(size) < RIGHT
    compared = []
    for name, lot, right in zip(JUDGED_METRICS, lots, agreed, strict=True):
        a, b = _sides(lot, right, scenario.discordance, scenario.drop if name == dropped else 0.0)
        if worsening(name, 1.0) > 0:  # lower is better: a right one counts 0
            a, b = ~a, ~b
        compared.append(MetricComparison(name, paired_difference(_parts(a), _parts(b), seed, interval=False), True))
    return tuple(one.name for one in decided(compared) if one.change == "worse")


def _sides(lot: npt.NDArray[np.float64], agreed: _Bools, discordance: float, drop: float) -> tuple[_Bools, _Bools]:
    """Which questions are right in A and in B."""
    lost = lot < (discordance + drop) / 2
    won = (lot >= 1 - (discordance - drop) / 2) & ~lost
    return (agreed | lost) & ~won, (agreed | won) & ~lost


def _parts(right: _Bools) -> Sequence[Part]:
    return [(float(one), 1) for one in right]
