"""What speaks for a sentence as the answer, as numbers: the features that sentence choice and refusal weigh."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from index.records import RetrievedPassage, Sentence
from qa.period import DAYS_OF_COVERAGE, without_period
from qa.question import QuestionWords, matches_type, read_question, stems
from qa.reader import Reading
from qa.records import Citation, Period, Span

Features = npt.NDArray[np.float64]

FEATURE_NAMES = (
    "reader_sentence",  # the reader's logit that the sentence answers
    "reader_passage",  # the reader's logit that its passage answers
    "reader_span",  # how sure the reader is of its words as a short answer, between -SPAN_LIMIT and SPAN_LIMIT
    "passage_cosine",  # of its passage's embedding with the question's
    "coverage",  # share of the question's content words in the sentence, weighted by rarity
    "context_coverage",  # the same for the sentence with title and neighbours
    "passage_coverage",  # the same for the whole passage with its title
    "name_coverage",  # share of the question's names in the sentence, its neighbours and the title; 1 without names
    "answer_type",  # 1 it holds something of the kind asked for, -1 it doesn't, 0 nothing particular was asked for
    "reciprocal_rank",  # of its passage: 1, 1/2, 1/3, ...
    "found_by_both",  # 1 when both searches found the passage
    "scrap",  # 1 for a sentence of fewer than six words
    "asks",  # 1 for a sentence that is itself a question
    "novelty",  # share of its content words that the question doesn't have
    "within_days",  # 1 for an article of the day of asking, falling by two thirds over three days either way
    "within_weeks",  # the same over three weeks
    "within_months",  # the same over half a year
    "in_period",  # 1 when the article was published in the period asked about, or in the days of coverage after it
)
SPAN_LIMIT = 12.0
_DECAY_DAYS = (3.0, 21.0, 180.0)
_CHOICE = re.compile(r"\W{0,2}[A-F][.)]\s+\S")


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question, the day it is asked on, and the period that its relative dates mean then."""

    words: str
    asked_on: date
    period: Period | None = None

    @property
    def text(self) -> str:
        """The question without the words that `period` stands for."""
        return without_period(self.words, self.period)


@dataclass(frozen=True, slots=True)
class Candidates:
    """The distinct sentences of the passages read: n of them, with features of shape (n, len(FEATURE_NAMES)), the
    words of each that read as a short answer, and the place of the first passage that holds it, shape (n,).
    """

    citations: tuple[Citation, ...]
    features: Features
    spans: tuple[Span | None, ...]
    passage_of: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Place:
    """A sentence where it stands."""

    found: RetrievedPassage
    reading: Reading
    passage: int
    number: int
    sentence: Sentence
    before: str
    after: str


def gather(question: AskedQuestion, passages: Sequence[RetrievedPassage], readings: Sequence[Reading]) -> Candidates:
    """Every distinct sentence of the passages with its features, in the passages' order."""
    places = _places(passages, readings)
    if not places:
        return Candidates((), np.zeros((0, len(FEATURE_NAMES))), (), np.zeros(0, dtype=np.int64))
    asked = read_question(question.text)
    rarity = _rarity(asked, [found.passage.text for found in passages])
    rows = [
        [
            *_reader_features(place),
            place.found.cosine or 0.0,
            *_word_features(place, asked, rarity),
            *_dates(place, question),
        ]
        for place in places
    ]
    citations = tuple(_citation(place.found, place.sentence) for place in places)
    spans = tuple(place.reading.spans[place.number] for place in places)
    return Candidates(
        citations, np.asarray(rows, dtype=np.float64), spans, np.asarray([place.passage for place in places])
    )


def distinct_citations(passages: Sequence[RetrievedPassage]) -> tuple[Citation, ...]:
    """Every distinct sentence of the passages, in their order."""
    found = {_key(sentence): _citation(one, sentence) for one in passages for sentence in one.passage.sentences}
    return tuple(found.values())


def _key(sentence: Sentence) -> tuple[str, int]:
    return sentence.article_id, sentence.start


def _citation(found: RetrievedPassage, sentence: Sentence) -> Citation:
    return Citation(sentence, found.article, sentence.start, sentence.end)


def _places(passages: Sequence[RetrievedPassage], readings: Sequence[Reading]) -> list[_Place]:
    seen: set[tuple[str, int]] = set()
    places = []
    for place, (found, reading) in enumerate(zip(passages, readings, strict=True)):
        sentences = found.passage.sentences
        for i, sentence in enumerate(sentences):
            key = _key(sentence)
            if key in seen:
                continue
            seen.add(key)
            before = sentences[i - 1].text if i else ""
            after = sentences[i + 1].text if i + 1 < len(sentences) else ""
            if _is_choice(before, sentence.text, after):
                continue
            places.append(_Place(found, reading, place, i, sentence, before, after))
    return places


def _is_choice(before: str, text: str, after: str) -> bool:
    """Whether it is one of the choices of a quiz in an article ("B. Paris", under "A. Rome"), which states nothing."""
    if not _CHOICE.match(text):
        return False
    return bool(_CHOICE.match(before) or _CHOICE.match(after)) or before.rstrip('"”’ ').endswith("?")


def _rarity(asked: QuestionWords, texts: Sequence[str]) -> dict[str, float]:
    """The weight of each of the question's words: high for one that few of the passages read hold."""
    counts = Counter(word for text in texts for word in stems(text) & asked.stems)
    return {word: math.log(1 + (len(texts) + 1) / (counts[word] + 0.5)) for word in asked.stems}


def _reader_features(place: _Place) -> list[float]:
    span = place.reading.spans[place.number]
    sure = -SPAN_LIMIT if span is None else max(-SPAN_LIMIT, min(SPAN_LIMIT, span.score))
    return [place.reading.sentences[place.number], place.reading.passage, sure]


def _dates(place: _Place, question: AskedQuestion) -> list[float]:
    published, period = place.found.article.published, question.period
    if published is None:
        return [0.0] * (len(_DECAY_DAYS) + 1)
    days = abs((question.asked_on - published).days)
    within = period is not None and period.first <= published <= period.last + DAYS_OF_COVERAGE
    return [*(math.exp(-days / decay) for decay in _DECAY_DAYS), float(within)]


def _word_features(place: _Place, asked: QuestionWords, rarity: dict[str, float]) -> list[float]:
    text = place.sentence.text
    own, title = stems(text), stems(place.found.article.title or "")
    context = own | title | stems(place.before) | stems(place.after)
    whole = title | stems(place.found.passage.text)
    length = len(text.split())
    return [
        _covered(rarity, own),
        _covered(rarity, context),
        _covered(rarity, whole),
        len(asked.names & context) / len(asked.names) if asked.names else 1.0,
        matches_type(text, asked),
        1.0 / place.found.rank,
        float(place.found.found_by == "both"),
        float(length < 6),
        float(text.rstrip("\"'”’)").endswith("?")),
        len(own - asked.stems) / max(1, len(own)),
    ]


def _covered(weights: dict[str, float], present: frozenset[str]) -> float:
    total = sum(weights.values())
    return sum(weight for word, weight in weights.items() if word in present) / total if total else 0.0
