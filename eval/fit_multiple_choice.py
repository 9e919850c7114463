"""Fits the weights of multiple choice (eval/multiple_choice.py) on questions with choices and what speaks for each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from eval.choice_evidence import FEATURE_NAMES, Evidence, Features
from eval.datasets import NONE_OF_THE_ABOVE
from eval.multiple_choice import ChoiceWeights, judge
from eval.records import ChoiceScores, EvalQuestion, MultipleChoice

PENALTY = 5.0
# What says how a choice looks, not how much speaks for it: only these weights may be negative. With a free sign,
# features that go together are played off against each other in ways that hold for the year fitted on and no other.
_EITHER_SIGN = tuple(FEATURE_NAMES.index(name) for name in ("asked_words", "length", "figures"))
# The reader was trained on the other questions of 2022, and is surer of their answers than of any it hasn't seen.
UNSEEN = "headline"
FOLDS = 5
FEWEST_CHOICES = 3

# Rows of features, and the row of the right one.
_Group = tuple[Features, int]
Asked = tuple[EvalQuestion, Evidence]


@dataclass(frozen=True, slots=True)
class FitReport:
    """Shares right of `n` questions on which the weights were not fitted (five folds), beside what needs no fitting.

    For `with_none` each question was asked as often as it has choices, each time with another one left out.
    """

    n: int
    right: float
    most_named: float
    chance: float
    right_with_none: float
    always_none: float


def fit(asked: Sequence[Asked]) -> ChoiceWeights:
    """Weights for choosing are fitted on the UNSEEN questions where there are any; those beside "None of the above" on
    all: among the former, whose answers stand in their articles, what is not named is wrong far too often.
    """
    choose = _conditional_logit([_given(question, evidence) for question, evidence in _unseen(asked)])
    with_none = _conditional_logit([group for question, evidence in asked for group in _with_none(question, evidence)])
    return ChoiceWeights(
        tuple(float(weight) for weight in choose),
        tuple(float(weight) for weight in with_none[:-1]),
        float(with_none[-1]),
    )


def cross_validate(asked: Sequence[Asked], seed: int) -> FitReport:
    """Fit on four fifths, measure on the UNSEEN questions of the other fifth, five times."""
    order = np.random.default_rng(seed).permutation(len(asked))
    scores: list[ChoiceScores] = []
    with_none: list[float] = []
    for fold in range(FOLDS):
        weights = fit([asked[place] for number, place in enumerate(order) if number % FOLDS != fold])
        utilities = np.asarray([*weights.choose_with_none, weights.none])
        for question, evidence in _unseen([asked[place] for place in order[fold::FOLDS]]):
            found = judge(question, evidence, weights)
            if found is not None:
                scores.append(found)
            with_none += [float(np.argmax(rows @ utilities) == right) for rows, right in _with_none(question, evidence)]
    return FitReport(
        n=len(scores),
        right=float(np.mean([one.right for one in scores])),
        most_named=float(np.mean([one.most_named for one in scores])),
        chance=float(np.mean([one.chance for one in scores])),
        right_with_none=float(np.mean(with_none)),
        always_none=float(np.mean([1 / len(_choices(question).options) for question, _ in _unseen(asked)])),
    )


def _unseen(asked: Sequence[Asked]) -> Sequence[Asked]:
    return [one for one in asked if UNSEEN in one[0].slices] or asked


def _choices(question: EvalQuestion) -> MultipleChoice:
    if question.choices is None:
        raise ValueError(f"{question.question_id} has no choices")
    return question.choices


def _given(question: EvalQuestion, evidence: Evidence) -> _Group:
    choices = _choices(question)
    return evidence.features[: len(choices.options)], choices.right


def _with_none(question: EvalQuestion, evidence: Evidence) -> list[_Group]:
    """The question once for each choice left out, with "None of the above" as the last row."""
    choices = _choices(question)
    count = len(choices.options)
    if count < FEWEST_CHOICES or NONE_OF_THE_ABOVE in choices.options:
        return []
    groups = []
    for left_out in range(count):
        kept = [place for place in range(count) if place != left_out]
        rows = np.zeros((count, len(FEATURE_NAMES) + 1))
        rows[:-1, :-1] = evidence.features[kept]
        rows[-1, -1] = 1.0
        groups.append((rows, count - 1 if left_out == choices.right else kept.index(choices.right)))
    return groups


def _conditional_logit(groups: Sequence[_Group]) -> Features:
    """The weights under which the right row of each group stands out among all of its rows, kept small."""
    rows = np.vstack([features for features, _ in groups])
    scale = np.maximum(rows.std(axis=0), 1e-6)
    scaled = [(features / scale, right) for features, right in groups]

    def loss(weights: Features) -> tuple[float, Features]:
        total, slope = PENALTY * float(weights @ weights), 2 * PENALTY * weights
        for features, right in scaled:
            logits = features @ weights
            shares = np.exp(logits - np.logaddexp.reduce(logits))
            total += float(np.logaddexp.reduce(logits) - logits[right])
            slope = slope + shares @ features - features[right]
        return total, slope

    free = {*_EITHER_SIGN, len(FEATURE_NAMES)}  # the last is the constant of "None of the above"
    bounds = [(None if place in free else 0.0, None) for place in range(rows.shape[1])]
    return np.asarray(minimize(loss, np.zeros(rows.shape[1]), jac=True, method="L-BFGS-B", bounds=bounds).x / scale)
