"""Fits the weights of sentence choice (qa/choice.py) on questions and what was read for them.

Relevance is a conditional logit over the sentences read for a question: those that answer against the others. Whether
anything answers at all is a logistic regression between questions that are answered and those that are not: questions
written so that nothing answers, and the answered ones with every article left out that answers. With only the
answering passages left out, what is left is on the subject: that is measured, not fitted on, for the passages around
an answer often give part of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from eval.calibration import auroc
from eval.choice_examples import Example, Flags
from qa.choice import ChoiceWeights, answerable_features, passage_features
from qa.evidence import Features

RELEVANCE_PENALTY = 2.0
ANSWERABLE_PENALTY = 5.0
FOLDS = 5
TOP = 3
# The threshold lets at most this share of rightly answered questions be refused.
ANSWERABLE_REFUSED = 0.05
# Of the weight of the questions without an answer, the part of those whose subject is gone too.
OFF_SUBJECT_SHARE = 2 / 3

# Rows of features, and which of them are right: at least one.
_Group = tuple[Features, Flags]


@dataclass(frozen=True, slots=True)
class FitReport:
    """Measured on questions that the weights were not fitted on (five folds); shares of the `n` answered questions,
    and of the others as named.
    """

    n: int
    best_sentence_answers: float
    best_three_answer: float
    passage_hit_at_5: float
    passage_hit_at_5_as_retrieved: float
    auroc_off_the_subject: float | None
    auroc_on_the_subject: float | None
    auroc_unanswerable: float | None
    answered_refused: float
    off_the_subject_refused: float
    on_the_subject_refused: float
    unanswerable_refused: float


@dataclass(frozen=True, slots=True)
class _Summaries:
    """Answerability features, a row for each question: as asked where something answers, with the answering articles
    left out, with only the answering passages left out, and of questions that nothing answers.
    """

    answered: Features
    off_subject: Features
    on_subject: Features
    unanswerable: Features

    @property
    def unanswered(self) -> tuple[tuple[float, Features], ...]:
        """What is fitted on, with the share of the weight that it gets."""
        kinds = ((OFF_SUBJECT_SHARE, self.off_subject), (1 - OFF_SUBJECT_SHARE, self.unanswerable))
        present = [(share, rows) for share, rows in kinds if len(rows)]
        total = sum(share for share, _ in present)
        return tuple((share / total, rows) for share, rows in present)


def fit(examples: Sequence[Example]) -> ChoiceWeights:
    """Weights fitted on all the examples; an answerable one counts if a sentence that answers was read."""
    answered = [example for example in examples if example.answers.any()]
    relevance, bias = _fit_relevance(answered)
    passage, _ = _conditional_logit([_passages(example, relevance, bias) for example in answered])
    summaries = _summaries(examples, relevance, bias)
    answerable, answerable_bias = _fit_answerable(summaries.answered, summaries.unanswered)
    right = [_answers_within(example, relevance, TOP) for example in answered]
    probabilities = _sigmoids(summaries.answered @ answerable + answerable_bias)[right]
    return ChoiceWeights(
        relevance=tuple(float(weight) for weight in relevance),
        relevance_bias=bias,
        passage=tuple(float(weight) for weight in passage),
        answerable=tuple(float(weight) for weight in answerable),
        answerable_bias=answerable_bias,
        threshold=float(np.quantile(probabilities, ANSWERABLE_REFUSED)),
    )


def cross_validate(examples: Sequence[Example], seed: int) -> FitReport:
    """Fit on four fifths, measure on the other fifth, five times."""
    order = np.random.default_rng(seed).permutation(len(examples))
    best: list[bool] = []
    best_three: list[bool] = []
    in_five: list[bool] = []
    in_five_as_retrieved: list[bool] = []
    # How far each is above its fold's threshold.
    answered: list[float] = []
    off_subject: list[float] = []
    on_subject: list[float] = []
    unanswerable: list[float] = []
    for fold in range(FOLDS):
        held_out = [examples[i] for i in order[fold::FOLDS]]
        weights = fit([examples[i] for number, i in enumerate(order) if number % FOLDS != fold])
        relevance = np.asarray(weights.relevance)
        for example in (one for one in held_out if one.answers.any()):
            best.append(_answers_within(example, relevance, 1))
            best_three.append(_answers_within(example, relevance, TOP))
            answering = set(example.passage_of[example.answers].tolist())
            in_five.append(bool(answering & set(passage_order(example, weights)[:5])))
            in_five_as_retrieved.append(min(answering) < 5)
        summaries = _summaries(held_out, relevance, weights.relevance_bias)
        for found, rows in (
            (answered, summaries.answered),
            (off_subject, summaries.off_subject),
            (on_subject, summaries.on_subject),
            (unanswerable, summaries.unanswerable),
        ):
            found += (_probabilities(rows, weights) - weights.threshold).tolist()
    return FitReport(
        n=len(best),
        best_sentence_answers=float(np.mean(best)),
        best_three_answer=float(np.mean(best_three)),
        passage_hit_at_5=float(np.mean(in_five)),
        passage_hit_at_5_as_retrieved=float(np.mean(in_five_as_retrieved)),
        auroc_off_the_subject=auroc(answered, off_subject),
        auroc_on_the_subject=auroc(answered, on_subject),
        auroc_unanswerable=auroc(answered, unanswerable),
        answered_refused=_share_below(answered),
        off_the_subject_refused=_share_below(off_subject),
        on_the_subject_refused=_share_below(on_subject),
        unanswerable_refused=_share_below(unanswerable),
    )


def _share_below(above_threshold: Sequence[float]) -> float:
    return sum(one < 0 for one in above_threshold) / max(1, len(above_threshold))


def sentence_order(example: Example, weights: ChoiceWeights) -> npt.NDArray[np.int64]:
    """The places of the sentences read, best first."""
    return np.argsort(-(example.features @ np.asarray(weights.relevance)), kind="stable")


def passage_order(example: Example, weights: ChoiceWeights) -> list[int]:
    """The places of the passages read, best first."""
    features, _ = _passages(example, np.asarray(weights.relevance), weights.relevance_bias)
    places = np.unique(example.passage_of)
    return [int(place) for place in places[np.argsort(-(features @ np.asarray(weights.passage)), kind="stable")]]


def answerable_probabilities(read: Sequence[Features], weights: ChoiceWeights) -> list[float]:
    """For the features of the sentences read for each question: the probability that anything answers; 0 where
    nothing was read.
    """
    relevance = np.asarray(weights.relevance)
    return [
        float(_probabilities(answerable_features(rows, rows @ relevance + weights.relevance_bias)[None], weights)[0])
        if len(rows)
        else 0.0
        for rows in read
    ]


def _probabilities(summaries: Features, weights: ChoiceWeights) -> Features:
    if not len(summaries):
        return np.zeros(0)
    return _sigmoids(summaries @ np.asarray(weights.answerable) + weights.answerable_bias)


def _fit_relevance(answered: Sequence[Example]) -> tuple[Features, float]:
    """Weights and a bias that makes the sigmoid of the logit the chance that a sentence answers."""
    weights, rows = _conditional_logit([(example.features, example.answers) for example in answered])
    labels = np.concatenate([example.answers for example in answered])
    calibration = LogisticRegression(C=1e3).fit((rows @ weights)[:, np.newaxis], labels)
    slope = float(calibration.coef_[0, 0])
    return weights * slope, float(calibration.intercept_[0])


def _conditional_logit(groups: Sequence[_Group]) -> tuple[Features, Features]:
    """The weights under which the right rows of each group stand out among all of its rows; and the rows stacked."""
    rows = np.vstack([features for features, _ in groups])
    scale = np.maximum(rows.std(axis=0), 1e-6)

    def loss(weights: Features) -> float:
        total = RELEVANCE_PENALTY * float(weights @ weights)
        for features, right in groups:
            logits = features / scale @ weights
            total += float(np.logaddexp.reduce(logits) - np.logaddexp.reduce(logits[right]))
        return total

    return minimize(loss, np.zeros(rows.shape[1]), method="L-BFGS-B").x / scale, rows


def _passages(example: Example, relevance: Features, bias: float) -> _Group:
    """The features of the passages read, and which of them hold a sentence that answers."""
    logits = example.features @ relevance + bias
    members = [example.passage_of == place for place in np.unique(example.passage_of)]
    features = [passage_features(example.features[of], logits[of]) for of in members]
    return np.asarray(features), np.asarray([bool(example.answers[of].any()) for of in members])


def _fit_answerable(answered: Features, unanswered: Sequence[tuple[float, Features]]) -> tuple[Features, float]:
    """Weights and bias of a logistic regression whose weights may not be negative.

    Each feature speaks for an answer; with a free sign, features that go together are played off against each other
    in ways that hold for the archive fitted on and no other. The kinds of unanswered questions weigh by their shares,
    together as much as the answered ones: it is a probability among as many of either.
    """
    rows = np.vstack([answered, *(kind for _, kind in unanswered)])
    signs = np.repeat([1.0, -1.0], [len(answered), len(rows) - len(answered)])
    counts = [len(kind) for _, kind in unanswered]
    shares = [1.0, *(len(answered) * share / len(kind) for share, kind in unanswered)]
    weight = np.repeat(shares, [len(answered), *counts])
    scale = np.maximum(rows.std(axis=0), 1e-6)

    def loss(parameters: Features) -> float:
        logits = rows / scale @ parameters[:-1] + parameters[-1]
        penalty = ANSWERABLE_PENALTY * float(parameters[:-1] @ parameters[:-1])
        return penalty + float(weight @ np.logaddexp(0, -signs * logits))

    bounds = [(0.0, None)] * rows.shape[1] + [(None, None)]
    fitted = minimize(loss, np.zeros(rows.shape[1] + 1), method="L-BFGS-B", bounds=bounds).x
    return fitted[:-1] / scale, float(fitted[-1])


def _sigmoids(logits: Features) -> Features:
    return np.asarray(1 / (1 + np.exp(-logits)))


def _summaries(examples: Sequence[Example], relevance: Features, bias: float) -> _Summaries:
    answered = [example for example in examples if example.answers.any()]

    def rows(read: Sequence[Features]) -> Features:
        found = [answerable_features(one, one @ relevance + bias) for one in read if len(one)]
        return np.asarray(found) if found else np.zeros((0, 0))

    return _Summaries(
        rows([example.features for example in answered]),
        rows([example.without for example in answered]),
        rows([example.besides for example in answered]),
        rows([example.features for example in examples if example.unanswerable]),
    )


def _answers_within(example: Example, relevance: Features, top: int) -> bool:
    order = np.argsort(-(example.features @ relevance), kind="stable")[:top]
    return bool(example.answers[order].any())
