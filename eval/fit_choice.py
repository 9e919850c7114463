"""Fits the weights of sentence choice (qa/choice.py) on a question set.

Relevance is a conditional logit over the sentences read for a question: the sentences that hold the gold answer
against the others. Whether the best sentence answers at all is a logistic regression between the questions as they
are and the same questions with every article that could answer them left out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from eval.answer_metrics import contains_answer
from eval.records import EvalQuestion
from index.records import RetrievedPassage
from index.search import HybridSearch, Query
from qa.choice import ChoiceWeights, answerable_features
from qa.evidence import FEATURE_NAMES, Features, gather
from qa.period import find_period, without_period

PASSAGES_READ = 20
PASSAGES_RETRIEVED = 200
RELEVANCE_PENALTY = 2.0
ANSWERABLE_PENALTY = 40.0
FOLDS = 5
TOP = 3
# The threshold lets at most this share of rightly answered questions be refused.
ANSWERABLE_REFUSED = 0.10


@dataclass(frozen=True, slots=True)
class Example:
    """One question: the features of the sentences read, shape (n, f), and which of them hold the gold answer, (n,).

    `without`, shape (m, f), are those of the sentences read when the articles that hold it are left out.
    """

    features: Features
    holds_answer: np.ndarray[tuple[int], np.dtype[np.bool_]]
    without: Features


@dataclass(frozen=True, slots=True)
class FitReport:
    """Measured on questions that the weights were not fitted on (five folds); shares of the n questions."""

    n: int
    best_holds_answer: float
    best_three_hold_answer: float
    similarity_best: float
    similarity_best_three: float
    auroc: float
    answerable_refused: float
    unanswerable_refused: float


def collect(
    search: HybridSearch, questions: Sequence[EvalQuestion], advance: Callable[[], object] = lambda: None
) -> list[Example]:
    """The examples of those questions whose answer stands in a sentence that was read."""
    examples = []
    for question in questions:
        advance()
        found = search.search(Query(question.question, limit=PASSAGES_RETRIEVED))
        asked = without_period(question.question, find_period(question.question, question.asked_on))
        read = gather(asked, found[:PASSAGES_READ], search.embedder)
        holds = np.asarray([_holds_gold(citation.quote, question) for citation in read.citations])
        if not holds.any():
            continue
        others = gather(asked, _without_answer(found, question)[:PASSAGES_READ], search.embedder)
        examples.append(Example(read.features, holds, others.features))
    return examples


def _without_answer(found: Sequence[RetrievedPassage], question: EvalQuestion) -> list[RetrievedPassage]:
    """The passages of articles that were not given for the question and don't hold its answer, ranked anew."""
    telling = {passage.article.article_id for passage in found if _holds_gold(passage.passage.text, question)}
    given = set(question.article_ids or ())
    kept = [passage for passage in found if passage.article.article_id not in telling | given]
    return [replace(passage, rank=rank) for rank, passage in enumerate(kept, start=1)]


def _holds_gold(text: str, question: EvalQuestion) -> bool:
    return any(contains_answer(text, gold) for gold in question.gold_answers)


def fit(examples: Sequence[Example]) -> ChoiceWeights:
    """Weights fitted on all the examples."""
    relevance, bias = _fit_relevance(examples)
    answered, unanswered = _summaries(examples, relevance, bias)
    answerable, answerable_bias = _fit_answerable(answered, unanswered)
    right = _best_three_hold(examples, relevance)
    probabilities = _sigmoids(answered @ answerable + answerable_bias)[right]
    return ChoiceWeights(
        relevance=tuple(float(weight) for weight in relevance),
        relevance_bias=bias,
        answerable=tuple(float(weight) for weight in answerable),
        answerable_bias=answerable_bias,
        threshold=float(np.quantile(probabilities, ANSWERABLE_REFUSED)),
    )


def cross_validate(examples: Sequence[Example], seed: int) -> FitReport:
    """Fit on four fifths, measure on the other fifth, five times."""
    order = np.random.default_rng(seed).permutation(len(examples))
    best: list[bool] = []
    best_three: list[bool] = []
    refused: list[bool] = []
    refused_without: list[bool] = []
    scores: list[float] = []
    labels: list[int] = []
    for fold in range(FOLDS):
        held_out = [examples[i] for i in order[fold::FOLDS]]
        weights = fit([examples[i] for number, i in enumerate(order) if number % FOLDS != fold])
        relevance = np.asarray(weights.relevance)
        best += [_holds(example, relevance, 1) for example in held_out]
        best_three += [_holds(example, relevance, TOP) for example in held_out]
        for rows, label in zip(_summaries(held_out, relevance, weights.relevance_bias), (1, 0), strict=True):
            probabilities = _sigmoids(rows @ np.asarray(weights.answerable) + weights.answerable_bias)
            scores += probabilities.tolist()
            labels += [label] * len(rows)
            (refused if label else refused_without).extend((probabilities < weights.threshold).tolist())
    cosine = np.eye(len(FEATURE_NAMES))[FEATURE_NAMES.index("cosine")]
    return FitReport(
        n=len(examples),
        best_holds_answer=float(np.mean(best)),
        best_three_hold_answer=float(np.mean(best_three)),
        similarity_best=float(np.mean([_holds(example, cosine, 1) for example in examples])),
        similarity_best_three=float(np.mean([_holds(example, cosine, TOP) for example in examples])),
        auroc=float(roc_auc_score(labels, scores)),
        answerable_refused=float(np.mean(refused)),
        unanswerable_refused=float(np.mean(refused_without)),
    )


def _fit_relevance(examples: Sequence[Example]) -> tuple[Features, float]:
    """Weights and a bias that makes the sigmoid of the logit the chance that a sentence holds the answer."""
    rows = np.vstack([example.features for example in examples])
    scale = np.maximum(rows.std(axis=0), 1e-6)

    def loss(weights: Features) -> float:
        total = RELEVANCE_PENALTY * float(weights @ weights)
        for example in examples:
            logits = example.features / scale @ weights
            total += float(np.logaddexp.reduce(logits) - np.logaddexp.reduce(logits[example.holds_answer]))
        return total

    weights = minimize(loss, np.zeros(rows.shape[1]), method="L-BFGS-B").x / scale
    labels = np.concatenate([example.holds_answer for example in examples])
    calibration = LogisticRegression(C=1e3).fit((rows @ weights)[:, np.newaxis], labels)
    slope = float(calibration.coef_[0, 0])
    return weights * slope, float(calibration.intercept_[0])


def _fit_answerable(answered: Features, unanswered: Features) -> tuple[Features, float]:
    """Weights and bias of a logistic regression whose weights may not be negative.

    Each feature speaks for an answer; with a free sign, features that go together are played off against each other
    in ways that hold for the archive fitted on and no other.
    """
    rows = np.vstack([answered, unanswered])
    signs = np.repeat([1.0, -1.0], [len(answered), len(unanswered)])
    scale = np.maximum(rows.std(axis=0), 1e-6)

    def loss(parameters: Features) -> float:
        logits = rows / scale @ parameters[:-1] + parameters[-1]
        penalty = ANSWERABLE_PENALTY * float(parameters[:-1] @ parameters[:-1])
        return penalty + float(np.logaddexp(0, -signs * logits).sum())

    bounds = [(0.0, None)] * rows.shape[1] + [(None, None)]
    fitted = minimize(loss, np.zeros(rows.shape[1] + 1), method="L-BFGS-B", bounds=bounds).x
    return fitted[:-1] / scale, float(fitted[-1])


def _sigmoids(logits: Features) -> Features:
    return np.asarray(1 / (1 + np.exp(-logits)))


def _summaries(examples: Sequence[Example], relevance: Features, bias: float) -> tuple[Features, Features]:
    """Answerability features of the questions as they are, and with the answering articles left out."""
    with_answer = [answerable_features(e.features, e.features @ relevance + bias) for e in examples]
    without = [answerable_features(e.without, e.without @ relevance + bias) for e in examples if len(e.without)]
    return np.asarray(with_answer), np.asarray(without)


def _best_three_hold(examples: Sequence[Example], relevance: Features) -> list[bool]:
    return [_holds(example, relevance, TOP) for example in examples]


def _holds(example: Example, relevance: Features, top: int) -> bool:
    order = np.argsort(-(example.features @ relevance), kind="stable")[:top]
    return bool(example.holds_answer[order].any())
