"""Fits the weights of sentence choice (qa/choice.py) on a question set.

Relevance is a conditional logit over the sentences read for a question: the sentences that hold the gold answer
against the others. Whether the best sentence answers at all is a logistic regression between the questions as they
are and the same questions with what could answer them left out: the passages that hold the answer, so that what is
left is on the subject, or every article that could answer, so that the subject is gone too.
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
from qa.choice import ChoiceWeights, answerable_features, passage_features
from qa.evidence import AskedQuestion, Candidates, Features, gather
from qa.period import find_period
from qa.reader import Reader

PASSAGES_READ = 20
PASSAGES_RETRIEVED = 200
RELEVANCE_PENALTY = 2.0
ANSWERABLE_PENALTY = 5.0
FOLDS = 5
TOP = 3
# The threshold lets at most this share of rightly answered questions be refused.
ANSWERABLE_REFUSED = 0.05


_Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class Example:
    """One question: the features of the sentences read, shape (n, f), which of them hold the gold answer, (n,), and
    the place of each one's passage, (n,).

    `telling`, (n,), says which sentences stand in a passage that holds it. `without`, shape (m, f), are the features
    of the sentences read when the articles that hold it are left out.
    """

    features: Features
    holds_answer: _Flags
    passage_of: np.ndarray[tuple[int], np.dtype[np.int64]]
    telling: _Flags
    without: Features

    @property
    def besides(self) -> Features:
        """The features of the other sentences read: on the subject, and without the answer."""
        return self.features[~self.telling]


# Rows of features, and which of them are right: at least one.
_Group = tuple[Features, _Flags]


@dataclass(frozen=True, slots=True)
class FitReport:
    """Measured on questions that the weights were not fitted on (five folds); shares of the n questions."""

    n: int
    best_holds_answer: float
    best_three_hold_answer: float
    passage_hit_at_5: float
    passage_hit_at_5_as_retrieved: float
    auroc: float
    auroc_on_the_subject: float
    answerable_refused: float
    unanswerable_refused: float
    unanswerable_refused_on_the_subject: float


def collect(
    search: HybridSearch,
    reader: Reader,
    questions: Sequence[EvalQuestion],
    advance: Callable[[], object] = lambda: None,
) -> list[Example]:
    """The examples of those questions whose answer stands in a sentence that was read."""
    examples = []
    for question in questions:
        advance()
        found = search.search(Query(question.question, limit=PASSAGES_RETRIEVED))
        asked = AskedQuestion(question.question, question.asked_on, find_period(question.question, question.asked_on))
        read = _read(asked, found, reader)
        holds = np.asarray([_holds_gold(citation.quote, question) for citation in read.citations])
        if not holds.any():
            continue
        others = _read(asked, _without_answer(found, question), reader)
        telling = np.asarray([_holds_gold(one.passage.text, question) for one in found[:PASSAGES_READ]])
        examples.append(Example(read.features, holds, read.passage_of, telling[read.passage_of], others.features))
    return examples


def _read(asked: AskedQuestion, found: Sequence[RetrievedPassage], reader: Reader) -> Candidates:
    read = found[:PASSAGES_READ]
    return gather(asked, read, reader.read(asked.text, read))


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
    passage, _ = _conditional_logit([_passages(example, relevance, bias) for example in examples])
    answered, off_subject, on_subject = _summaries(examples, relevance, bias)
    answerable, answerable_bias = _fit_answerable(answered, np.vstack([off_subject, on_subject]))
    right = _best_three_hold(examples, relevance)
    probabilities = _sigmoids(answered @ answerable + answerable_bias)[right]
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
    # How far each is above its fold's threshold: of the questions as they are, off the subject, and on it.
    above: tuple[list[float], list[float], list[float]] = ([], [], [])
    for fold in range(FOLDS):
        held_out = [examples[i] for i in order[fold::FOLDS]]
        weights = fit([examples[i] for number, i in enumerate(order) if number % FOLDS != fold])
        relevance = np.asarray(weights.relevance)
        best += [_holds(example, relevance, 1) for example in held_out]
        best_three += [_holds(example, relevance, TOP) for example in held_out]
        for features, right in (_passages(example, relevance, weights.relevance_bias) for example in held_out):
            order_of_passages = np.argsort(-(features @ np.asarray(weights.passage)), kind="stable")
            in_five.append(bool(right[order_of_passages[:5]].any()))
            in_five_as_retrieved.append(bool(right[:5].any()))
        for found, rows in zip(above, _summaries(held_out, relevance, weights.relevance_bias), strict=True):
            logits = rows @ np.asarray(weights.answerable) + weights.answerable_bias
            found += (_sigmoids(logits) - weights.threshold).tolist()
    answered, off_subject, on_subject = (np.asarray(found) for found in above)
    return FitReport(
        n=len(examples),
        best_holds_answer=float(np.mean(best)),
        best_three_hold_answer=float(np.mean(best_three)),
        passage_hit_at_5=float(np.mean(in_five)),
        passage_hit_at_5_as_retrieved=float(np.mean(in_five_as_retrieved)),
        auroc=_auroc(answered, off_subject),
        auroc_on_the_subject=_auroc(answered, on_subject),
        answerable_refused=float(np.mean(answered < 0)),
        unanswerable_refused=float(np.mean(off_subject < 0)),
        unanswerable_refused_on_the_subject=float(np.mean(on_subject < 0)),
    )


def _auroc(answered: Features, unanswered: Features) -> float:
    labels = np.repeat([1, 0], [len(answered), len(unanswered)])
    return float(roc_auc_score(labels, np.concatenate([answered, unanswered])))


def _fit_relevance(examples: Sequence[Example]) -> tuple[Features, float]:
    """Weights and a bias that makes the sigmoid of the logit the chance that a sentence holds the answer."""
    weights, rows = _conditional_logit([(example.features, example.holds_answer) for example in examples])
    labels = np.concatenate([example.holds_answer for example in examples])
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
    """The features of the passages read, and which of them hold the answer."""
    logits = example.features @ relevance + bias
    members = [example.passage_of == place for place in np.unique(example.passage_of)]
    features = [passage_features(example.features[of], logits[of]) for of in members]
    return np.asarray(features), np.asarray([bool(example.holds_answer[of].any()) for of in members])


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


def _summaries(examples: Sequence[Example], relevance: Features, bias: float) -> tuple[Features, Features, Features]:
    """Answerability features of the questions as they are, with the answering articles left out, and with only the
    answering passages left out.
    """
    asked = ([e.features for e in examples], [e.without for e in examples], [e.besides for e in examples])
    as_they_are, off_subject, on_subject = (
        np.asarray([answerable_features(rows, rows @ relevance + bias) for rows in group if len(rows)])
        for group in asked
    )
    return as_they_are, off_subject, on_subject


def _best_three_hold(examples: Sequence[Example], relevance: Features) -> list[bool]:
    return [_holds(example, relevance, TOP) for example in examples]


def _holds(example: Example, relevance: Features, top: int) -> bool:
    order = np.argsort(-(example.features @ relevance), kind="stable")[:top]
    return bool(example.holds_answer[order].any())
