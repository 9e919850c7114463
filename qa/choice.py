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
from qa.evidence import FEATURE_NAMES, AskedQuestion, Candidates, Features, distinct_citations, gather
from qa.reader import Reader
from qa.records import ScoredSentence

WEIGHTS_FILE = "choice_weights.json"
# Shared words and likeness are left out on purpose: with them, a question in other words than the article's counts as
# unanswered. Nearness, in which they count, is cut off where it only says that the subject is there.
ANSWERABLE_NAMES = ("names_at_surest_span", "names_at_best_sentence", "best_passage", "nearness")
NEAR = -2.0
PASSAGE_NAMES = ("best_sentence", "reader_passage", "reciprocal_rank", "found_by_both")
_PASSAGE_COLUMNS = [FEATURE_NAMES.index(name) for name in PASSAGE_NAMES[1:]]
_SPAN, _PASSAGE, _NAME_COVERAGE = (
    FEATURE_NAMES.index(name) for name in ("reader_span", "reader_passage", "name_coverage")
)


@dataclass(frozen=True, slots=True)
class ScoredEvidence:
    """The sentences read, best first, and the probability that the best of them answers at all.

    `likeness` is the highest of any sentence: how near the archive comes to the subject. `passages` are those read,
    in the order in which they promise an answer.
    """

    sentences: tuple[ScoredSentence, ...]
    answerable: float
    likeness: float
    passages: tuple[RetrievedPassage, ...]


class SentenceScorer(Protocol):
    """Scores the sentences of retrieved passages as answers to a question."""

    @property
    def threshold(self) -> float:
        """Below this `answerable` the question is refused."""
        ...

    def score(self, question: AskedQuestion, passages: Sequence[RetrievedPassage]) -> ScoredEvidence: ...


class SimilarityScorer:
    """The baseline: the cosine of sentence and question embeddings, and nothing else."""

    threshold = 0.5

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def score(self, question: AskedQuestion, passages: Sequence[RetrievedPassage]) -> ScoredEvidence:
        citations = distinct_citations(passages)
        vectors = self._embedder.embed([question.text, *(citation.quote for citation in citations)])
        cosines = np.asarray(vectors[1:] @ vectors[0], dtype=np.float64)
        likeness = float(cosines.max(initial=0.0))
        order = np.argsort(-cosines, kind="stable")
        ranked = tuple(ScoredSentence(citations[i], float(cosines[i]), float(cosines[i])) for i in order)
        return ScoredEvidence(ranked, likeness, likeness, tuple(passages))


@dataclass(frozen=True, slots=True)
class ChoiceWeights:
    """Three logistic models, as `copydesk train sentence-choice` fits them.

    `relevance` weighs one sentence's features, `passage` the `passage_features` of one passage, `answerable` the
    `answerable_features` of all that was read.
    """

    relevance: tuple[float, ...]
    relevance_bias: float
    passage: tuple[float, ...]
    answerable: tuple[float, ...]
    answerable_bias: float
    threshold: float


class EvidenceScorer:
    """Weighs what the reader makes of a sentence with words, names, dates and the passage's rank."""

    def __init__(self, reader: Reader, weights: ChoiceWeights) -> None:
        self._reader = reader
        self._weights = weights

    @property
    def threshold(self) -> float:
        return self._weights.threshold

    def score(self, question: AskedQuestion, passages: Sequence[RetrievedPassage]) -> ScoredEvidence:
        candidates = gather(question, passages, self._reader.read(question.text, passages))
        if not candidates.citations:
            return ScoredEvidence((), 0.0, 0.0, tuple(passages))
        weights = self._weights
        logits = candidates.features @ np.asarray(weights.relevance) + weights.relevance_bias
        summary = answerable_features(candidates.features, logits)
        answerable = _sigmoid(float(summary @ np.asarray(weights.answerable)) + weights.answerable_bias)
        likenesses = candidates.features[:, FEATURE_NAMES.index("passage_cosine")]
        promise = promises(candidates, logits, np.asarray(weights.passage), len(passages))
        return ScoredEvidence(
            _ranked(candidates, _sigmoids(logits), likenesses),
            answerable,
            float(likenesses.max()),
            tuple(passages[i] for i in np.argsort(-promise, kind="stable")),
        )


def answerable_features(features: Features, logits: Features) -> Features:
    """What says whether anything answers, shape (len(ANSWERABLE_NAMES),): the share of the question's names at the
    short answer that the reader is surest of, and at the best sentence; how sure it is of the best passage; and the
    best sentence's logit, up to NEAR.
    """
    surest, best = int(np.argmax(features[:, _SPAN])), int(np.argmax(logits))
    return np.asarray(
        [
            features[surest, _NAME_COVERAGE],
            features[best, _NAME_COVERAGE],
            features[:, _PASSAGE].max(),
            min(float(logits[best]), NEAR),
        ]
    )


def passage_features(features: Features, logits: Features) -> Features:
    """What says how much a passage promises, shape (len(PASSAGE_NAMES),), from its sentences' features and logits."""
    best = int(np.argmax(logits))
    return np.asarray([logits[best], *features[best, _PASSAGE_COLUMNS]])


def promises(candidates: Candidates, logits: Features, weights: Features, passages: int) -> Features:
    """How much each of the passages promises, shape (passages,); minus infinity where none of its sentences was new."""
    found = np.full(passages, -np.inf)
    for place in np.unique(candidates.passage_of):
        members = candidates.passage_of == place
        found[place] = passage_features(candidates.features[members], logits[members]) @ weights
    return found


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
            tuple(float(weight) for weight in fields["passage"]),
            tuple(float(weight) for weight in fields["answerable"]),
            float(fields["answerable_bias"]),
            float(fields["threshold"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{WEIGHTS_FILE} can't be read ({error}): {mend}") from error
    if features != FEATURE_NAMES:
        raise ModelError(f"{WEIGHTS_FILE} was fitted on other features: {mend}")
    lengths = (len(weights.relevance), len(weights.passage), len(weights.answerable))
    if lengths != (len(FEATURE_NAMES), len(PASSAGE_NAMES), len(ANSWERABLE_NAMES)):
        raise ModelError(f"{WEIGHTS_FILE} holds too few or too many weights: {mend}")
    if not np.isfinite(
        [*weights.relevance, *weights.passage, *weights.answerable, weights.relevance_bias, weights.answerable_bias]
    ).all():
        raise ModelError(f"{WEIGHTS_FILE} holds weights that are no numbers: {mend}")
    return weights


def _ranked(candidates: Candidates, scores: Features, likenesses: Features) -> tuple[ScoredSentence, ...]:
    order = np.argsort(-scores, kind="stable")
    return tuple(
        ScoredSentence(candidates.citations[i], float(scores[i]), float(likenesses[i]), candidates.spans[i])
        for i in order
    )


def _sigmoids(logits: Features) -> Features:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logits, -50, 50))))


def _sigmoid(logit: float) -> float:
    return float(_sigmoids(np.asarray([logit]))[0])
