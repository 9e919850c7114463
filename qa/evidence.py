"""What speaks for a sentence as the answer, as numbers: the features that sentence choice and refusal weigh."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.embedding import Embedder
from index.records import RetrievedPassage, Sentence
from qa.question import QuestionWords, matches_type, read_question, stems
from qa.records import Citation

Features = npt.NDArray[np.float64]

FEATURE_NAMES = (
    "cosine",  # of the sentence's embedding with the question's
    "passage_cosine",  # of its passage's embedding with the question's
    "coverage",  # share of the question's content words in the sentence, weighted by rarity
    "context_coverage",  # the same for the sentence with title and neighbours
    "passage_coverage",  # the same for the whole passage with its title
    "name_coverage",  # share of the question's names in the sentence, its neighbours and the title; 1 without names
    "answer_type",  # 1 it holds something of the kind asked for, -1 it doesn't, 0 nothing particular was asked for
    "reciprocal_rank",  # of its passage: 1, 1/2, 1/3, ...
    "found_by_both",  # 1 when both searches found the passage
    "opens_article",  # 1 for the first three sentences of an article
    "scrap",  # 1 for a sentence of fewer than six words
    "asks",  # 1 for a sentence that is itself a question
    "novelty",  # share of its content words that the question doesn't have
)


@dataclass(frozen=True, slots=True)
class Candidates:
    """The distinct sentences of the passages read and their features, shape (n, len(FEATURE_NAMES))."""

    citations: tuple[Citation, ...]
    features: Features


@dataclass(frozen=True, slots=True)
class _Place:
    """A sentence where it stands."""

    found: RetrievedPassage
    sentence: Sentence
    before: str
    after: str


def gather(question: str, passages: Sequence[RetrievedPassage], embedder: Embedder) -> Candidates:
    """Every distinct sentence of the passages with its features, in the passages' order."""
    places = _places(passages)
    if not places:
        return Candidates((), np.zeros((0, len(FEATURE_NAMES))))
    asked = read_question(question)
    vectors = embedder.embed([question, *(place.sentence.text for place in places)])
    cosines = vectors[1:] @ vectors[0]
    rarity = _rarity(asked, [found.passage.text for found in passages])
    rows = [
        [float(cosine), place.found.cosine or 0.0, *_word_features(place, asked, rarity)]
        for cosine, place in zip(cosines, places, strict=True)
    ]
    citations = tuple(
        Citation(place.sentence, place.found.article, place.sentence.start, place.sentence.end) for place in places
    )
    return Candidates(citations, np.asarray(rows, dtype=np.float64))


def _places(passages: Sequence[RetrievedPassage]) -> list[_Place]:
    seen: set[tuple[str, int]] = set()
    places = []
    for found in passages:
        sentences = found.passage.sentences
        for i, sentence in enumerate(sentences):
            key = (sentence.article_id, sentence.start)
            if key in seen:
                continue
            seen.add(key)
            before = sentences[i - 1].text if i else ""
            after = sentences[i + 1].text if i + 1 < len(sentences) else ""
            places.append(_Place(found, sentence, before, after))
    return places


def _rarity(asked: QuestionWords, texts: Sequence[str]) -> dict[str, float]:
    """The weight of each of the question's words: high for one that few of the passages read hold."""
    counts = Counter(word for text in texts for word in stems(text) & asked.stems)
    return {word: math.log(1 + (len(texts) + 1) / (counts[word] + 0.5)) for word in asked.stems}


def _word_features(place: _Place, asked: QuestionWords, rarity: dict[str, float]) -> list[float]:
    text = place.sentence.text
    title = place.found.article.title or ""
    own = stems(text)
    context = own | stems(f"{title} {place.before} {place.after}")
    whole = stems(f"{title} {place.found.passage.text}")
    length = len(text.split())
    return [
        _covered(rarity, own),
        _covered(rarity, context),
        _covered(rarity, whole),
        len(asked.names & context) / len(asked.names) if asked.names else 1.0,
        matches_type(text, asked),
        1.0 / place.found.rank,
        float(place.found.found_by == "both"),
        float(place.sentence.position < 3),
        float(length < 6),
        float(text.rstrip("\"'”’)").endswith("?")),
        len(own - asked.stems) / max(1, len(own)),
    ]


def _covered(weights: dict[str, float], present: frozenset[str]) -> float:
    total = sum(weights.values())
    return sum(weight for word, weight in weights.items() if word in present) / total if total else 0.0
