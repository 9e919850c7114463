"""Is the confidence that refusal decides by high where the answer is right? Risk against coverage.

A system that answers only the questions it is surest of covers a share of them, its coverage, at the mean loss on
those, its risk (El-Yaniv and Wiener, JMLR 2010; for neural networks Geifman and El-Yaniv, NeurIPS 2017). The area under
that curve (AURC) sums up every threshold at once: lower is better. It is never below the area of the best possible
order, by loss, and an order by lot has the risk of answering everything, so that the three together say how much of
what an order can bring this one does.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eval.aggregate import beside_answerable, slices_of
from eval.answer_metrics import answer_in_cited
from eval.calibration import Bin, expected_by_chance, expected_calibration_error, reliability, tied_means
from eval.confidence import RESAMPLES, Interval
from eval.records import ANSWERABLE_SLICES, UNANSWERABLE_SLICES, Outcome, QuestionScores

CITED_DEPTH = 3

_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scored:
    """A question's confidence, and what answering it would lose: from 0, all of it right, to 1."""

    confidence: float
    loss: float


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Answering where the confidence is at least `threshold`: the share of questions answered, their mean loss."""

    threshold: float
    coverage: float
    risk: float


@dataclass(frozen=True, slots=True)
class Abstention:
    """How well confidence and loss go together in a slice, over `n` questions; None where there is none.

    `aurc` with its 95 % interval, the `best` area that any order of these losses has, and the one by lot (`chance`),
    which is the risk of answering everything. `coverage` and `risk` are where the run itself stood: the share of these
    questions that it answered, and the mean loss of those (None where it answered none).

    `ece` is the expected calibration error of the confidence as a probability that the question is answerable at all,
    over `ece_n` questions of which that is known, and `ece_by_chance` what perfect probabilities would show at that
    size. None in a slice made by whether its questions are answerable, and where all are or none is.
    """

    slice: str
    n: int
    unscorable: int
    aurc: float | None
    low: float | None
    high: float | None
    best: float | None
    chance: float | None
    coverage: float | None
    risk: float | None
    ece: float | None
    ece_by_chance: float | None
    ece_n: int


def loss_of(outcome: Outcome) -> float | None:
    """What answering this question loses, from 0 to 1; None where that isn't known.

    Whatever is answered to an unanswerable question is lost. Else it is the part of the gold pieces that the answer
    without refusing doesn't cite, or where none are known, whether its first three cited sentences lack the gold
    answer. A follow-up is judged as it was asked, after the turns before it: its confidence is that of the turn.
    """
    scores = _if_answered(outcome)
    if outcome.scores is not None and outcome.scores.gold_pieces == 0:
        return 1.0
    if scores is None:
        return None
    if scores.gold_pieces:
        return 1 - scores.pieces_cited / scores.gold_pieces
    return 1 - answer_in_cited(scores.gold_sentence_rank, CITED_DEPTH) if scores.has_gold else None


def _if_answered(outcome: Outcome) -> QuestionScores | None:
    """The scores of the answer without refusing, or of the one with, where that is one."""
    if outcome.forced is not None:
        return outcome.forced
    return outcome.scores if outcome.refusal is None else None


def scored_of(outcome: Outcome) -> Scored | None:
    """None without a known loss, and without a confidence: failed, nothing was read, or the run is an old one."""
    loss = loss_of(outcome)
    return None if loss is None or outcome.answerable is None else Scored(outcome.answerable, loss)


def risk_coverage_curve(scored: Sequence[Scored]) -> tuple[CurvePoint, ...]:
    """The points that a threshold can reach, coverage rising to 1; questions of equal confidence come in together."""
    if not scored:
        return ()
    confidences, losses = _in_order(scored)
    reached = np.append(np.flatnonzero(np.diff(confidences)), len(confidences) - 1)
    risks = np.cumsum(losses) / np.arange(1, len(losses) + 1)
    return tuple(
        CurvePoint(float(confidences[place]), (int(place) + 1) / len(losses), float(risks[place])) for place in reached
    )


def area_under_curve(scored: Sequence[Scored]) -> float | None:
    """AURC as the mean risk over the coverages 1/n, 2/n, … 1; None for no question.

    Among questions of equal confidence it is what is expected of an order by lot, so their order doesn't matter.
    """
    if not scored:
        return None
    confidences, losses = _in_order(scored)
    return _area(tied_means(confidences, losses))


def best_area(scored: Sequence[Scored]) -> float | None:
    """The least area that any confidences give these losses: the smallest loss first."""
    return area_under_curve([Scored(-one.loss, one.loss) for one in scored])


def area_interval(scored: Sequence[Scored], seed: int) -> Interval:
    """AURC with the percentile bootstrap's 95 % interval, questions resampled; None throughout for no question."""
    value = area_under_curve(scored)
    if value is None:
        return Interval(None, None, None, 0)
    confidences, losses = _in_order(scored)
    generator = np.random.default_rng(seed)
    areas = np.empty(RESAMPLES)
    for draw in range(RESAMPLES):
        places = np.sort(generator.integers(0, len(losses), len(losses)))
        areas[draw] = _area(tied_means(confidences[places], losses[places]))
    low, high = (float(bound) for bound in np.percentile(areas, [2.5, 97.5]))
    return Interval(value, low, high, len(losses))


def answerable_bins(outcomes: Sequence[Outcome]) -> tuple[Bin, ...]:
    """The reliability diagram of the confidence, as a probability that the question is answerable at all."""
    known = _answerable_known(outcomes)
    return reliability([confidence for confidence, _ in known], [answerable for _, answerable in known])


def abstention(outcomes: Sequence[Outcome], seed: int) -> tuple[Abstention, ...]:
    """One for every slice, "all" first, of which something is known.

    A kind of unanswerable question alone would lose 1 at every coverage: it is taken together with all the answerable
    ones, as for the precision of refusals. The seed is that of the intervals.
    """
    every = [_of_slice(outcomes, name, seed) for name in slices_of(outcomes)]
    return tuple(one for one in every if one.n)


def _of_slice(outcomes: Sequence[Outcome], slice_name: str, seed: int) -> Abstention:
    members = beside_answerable(outcomes, slice_name)
    known = [(outcome, one) for outcome in members if (one := scored_of(outcome)) is not None]
    scored = [one for _, one in known]
    answered = [one.loss for outcome, one in known if outcome.refusal is None]
    interval = area_interval(scored, seed)
    by_answerability = slice_name in (*ANSWERABLE_SLICES, *UNANSWERABLE_SLICES)
    probabilities = [] if by_answerability else _answerable_known(members)
    both = len({answerable for _, answerable in probabilities}) > 1
    return Abstention(
        slice=slice_name,
        n=interval.n,
        unscorable=len(members) - interval.n,
        aurc=interval.value,
        low=interval.low,
        high=interval.high,
        best=best_area(scored),
        chance=_mean([one.loss for one in scored]),
        coverage=len(answered) / len(known) if known else None,
        risk=_mean(answered),
        ece=expected_calibration_error(answerable_bins(members)) if both else None,
        ece_by_chance=expected_by_chance([chance for chance, _ in probabilities], seed) if both else None,
        ece_n=len(probabilities) if both else 0,
    )


def _answerable_known(outcomes: Sequence[Outcome]) -> list[tuple[float, bool]]:
    """Confidence, and whether the question is answerable, where the set tells; sorted, so that order means nothing."""
    return sorted(
        (outcome.answerable, outcome.scores.gold_pieces > 0)
        for outcome in outcomes
        if outcome.answerable is not None and outcome.scores is not None and outcome.scores.gold_pieces is not None
    )


def _in_order(scored: Sequence[Scored]) -> tuple[_Floats, _Floats]:
    """Confidences, highest first, and their losses, each of shape (n,); sums don't depend on the order given."""
    ordered = sorted(scored, key=lambda one: (-one.confidence, one.loss))
    return (
        np.array([one.confidence for one in ordered], dtype=np.float64),
        np.array([one.loss for one in ordered], dtype=np.float64),
    )


def _area(losses: _Floats) -> float:
    return float((np.cumsum(losses) / np.arange(1, len(losses) + 1)).mean())


def _mean(values: Sequence[float]) -> float | None:
    return sum(sorted(values)) / len(values) if values else None
