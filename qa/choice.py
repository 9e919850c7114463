"""Which sentences answer: every sentence of the passages read gets a score."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Protocol

import numpy as np

from index.embedding import Embedder
from index.errors import ModelError
from index.records import RetrievedPassage
from qa.evidence import FEATURE_NAMES, Candidates, Features, gather
from qa.records import ScoredSentence

WEIGHTS_FILE = "choice_weights.json"
ANSWERABLE_NAMES = (
    "cosine",
    "passage_cosine",
    "coverage",
    "context_coverage",
    "passage_coverage",
    "name_coverage",
    "answer_type",
    "logit",
    "margin",
)
_ANSWERABLE_COLUMNS = [FEATURE_NAMES.index(name) for name in ANSWERABLE_NAMES[:-2]]


@dataclass(frozen=True, slots=True)
class ScoredEvidence:
    """The sentences read, best first, and the probability that the best of them answers at all.

    `likeness` is the highest cosine of any sentence with the question: how near the archive comes to the subject.
    """

    sentences: tuple[ScoredSentence, ...]
    answerable: float
    likeness: float


class SentenceScorer(Protocol):
    """Scores the sentences of retrieved passages as answers to a question."""

    @property
    def threshold(self) -> float:
        """Below this `answerable` the question is refused."""
        ...

    def score(self, question: str, passages: Sequence[RetrievedPassage]) -> ScoredEvidence: ...


class SimilarityScorer:
    """The baseline: the cosine of sentence and question embeddings, and nothing else."""

    threshold = 0.5

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def score(self, question: str, passages: Sequence[RetrievedPassage]) -> ScoredEvidence:
        candidates = gather(question, passages, self._embedder)
        cosines = _likenesses(candidates)
        likeness = float(cosines.max(initial=0.0))
        return ScoredEvidence(_ranked(candidates, cosines), likeness, likeness)


@dataclass(frozen=True, slots=True)
class ChoiceWeights:
    """Two logistic models, as `copydesk train sentence-choice` fits them.

    `relevance` weighs one sentence's features; `answerable` weighs `answerable_features` of the best sentence.
    """

    relevance: tuple[float, ...]
    relevance_bias: float
    answerable: tuple[float, ...]
    answerable_bias: float
    threshold: float


class EvidenceScorer:
    """Weighs embedding similarity with words, names, the kind of answer asked for, and the passage's rank."""

    def __init__(self, embedder: Embedder, weights: ChoiceWeights) -> None:
        self._embedder = embedder
        self._weights = weights

    @property
    def threshold(self) -> float:
        return self._weights.threshold

    def score(self, question: str, passages: Sequence[RetrievedPassage]) -> ScoredEvidence:
        candidates = gather(question, passages, self._embedder)
        if not candidates.citations:
            return ScoredEvidence((), 0.0, 0.0)
        weights = self._weights
        logits = candidates.features @ np.asarray(weights.relevance) + weights.relevance_bias
        summary = answerable_features(candidates.features, logits)
        answerable = _sigmoid(float(summary @ np.asarray(weights.answerable)) + weights.answerable_bias)
        likeness = float(_likenesses(candidates).max())
        return ScoredEvidence(_ranked(candidates, _sigmoids(logits)), answerable, likeness)


def answerable_features(features: Features, logits: Features) -> Features:
    """What says whether the best sentence answers at all, shape (len(ANSWERABLE_NAMES),).

    The best sentence's features that mean the same in an archive of one article and of a million, its logit, and how
    far that stands above the tenth sentence's.
    """
    order = np.argsort(-logits, kind="stable")
    best, tenth = order[0], order[min(9, len(order) - 1)]
    return np.asarray([*features[best, _ANSWERABLE_COLUMNS], logits[best], logits[best] - logits[tenth]])


def load_weights() -> ChoiceWeights:
    """The weights that ship with copydesk. Raises ModelError when they don't fit this code."""
    return read_weights(files("qa").joinpath(WEIGHTS_FILE).read_text(encoding="utf-8"))


def read_weights(raw: str) -> ChoiceWeights:
    """Weights as `copydesk train sentence-choice` writes them. Raises ModelError when they don't fit this code."""
    mend = "run 'copydesk train sentence-choice', or reinstall copydesk"
    try:
        fields = json.loads(raw)
        features = tuple(fields["features"])
        weights = ChoiceWeights(
            tuple(float(weight) for weight in fields["relevance"]),
            float(fields["relevance_bias"]),
            tuple(float(weight) for weight in fields["answerable"]),
            float(fields["answerable_bias"]),
            float(fields["threshold"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{WEIGHTS_FILE} can't be read ({error}): {mend}") from error
    if features != FEATURE_NAMES:
        raise ModelError(f"{WEIGHTS_FILE} was fitted on other features: {mend}")
    if (len(weights.relevance), len(weights.answerable)) != (len(FEATURE_NAMES), len(ANSWERABLE_NAMES)):
        raise ModelError(f"{WEIGHTS_FILE} holds too few or too many weights: {mend}")
    if not np.isfinite(
        [*weights.relevance, *weights.answerable, weights.relevance_bias, weights.answerable_bias]
    ).all():
        raise ModelError(f"{WEIGHTS_FILE} holds weights that are no numbers: {mend}")
    return weights


def _ranked(candidates: Candidates, scores: Features) -> tuple[ScoredSentence, ...]:
    likenesses = _likenesses(candidates)
    order = np.argsort(-scores, kind="stable")
    return tuple(ScoredSentence(candidates.citations[i], float(scores[i]), float(likenesses[i])) for i in order)


def _likenesses(candidates: Candidates) -> Features:
    return candidates.features[:, FEATURE_NAMES.index("cosine")]


def _sigmoids(logits: Features) -> Features:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logits, -50, 50))))


def _sigmoid(logit: float) -> float:
    return float(_sigmoids(np.asarray([logit]))[0])
