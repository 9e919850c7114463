"""The short answer that all the evidence together speaks for.

Every sentence read offers the words that read as the answer in it; the same words in several sentences add up, each
weighed by its sentence's odds of answering, and names that hold one another support one another. A question for a
number, a country or a state gets one where any is offered.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from index.words import FUNCTION_WORDS, words
from qa.places import COUNTRIES, STATES
from qa.question import QuestionWords, matches_type, read_question
from qa.records import ScoredSentence

# Chosen on RealTime QA 2022.
MOST_CANDIDATES = 40
MOST_ODDS = 100.0
SUPPORT = 0.3  # what a name that holds the other, or is held by it, adds of its weight
OF_TYPE = 1.35  # a candidate of the kind asked for counts so much more, one of another kind so much less
FULL_NAME = 3  # a name of so many words at most is preferred to a part of it,
FULLER = 0.2  # if it has at least so much of its weight
SAID_ALREADY = 0.05  # of its weight is left to a candidate that only repeats the question

_SPACE = re.compile(r"\s+")
_COUNTRY = re.compile(r"\b(?:which|what)(?: [\w'’-]+){0,2} (?:country|nation)(?:'s|’s)?\b", re.I)
_STATE = re.compile(r"\b(?:which|what)(?: [\w.'’-]+){0,2} state(?:'s|’s)?\b", re.I)
_SCORE = re.compile(r"\bscore\b", re.I)
_TRUE_OR_FALSE = re.compile(r"\btrue or false\b|\btrue/false\b", re.I)
_RESULT = re.compile(r"\b\d{1,3}[-–]\d{1,3}\b")
_SMALL = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|"
    "eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
)
_MAGNITUDE = r"(?:hundred|thousand|million|billion|trillion|bn|m|k)\b"
_QUANTITY = re.compile(
    rf"(?:[$£€]\s?)?\d[\d,]*(?:\.\d+)?(?:[\s-]?{_MAGNITUDE})?(?:\s?%|[\s-]percent\b| per cent\b)?"
    rf"|\b(?:{_SMALL})(?:[\s-](?:{_SMALL}))?\b(?:[\s-]{_MAGNITUDE})?(?:[\s-]percent\b| per cent\b)?",
    re.I,
)
_LENGTH_OF_TIME = re.compile(r"[\s-](?:years?|months?|weeks?|days?|hours?|minutes?|seconds?)\b", re.I)
_HOW_LONG = re.compile(r"\bhow long\b", re.I)
_MOST_WORDS = 4


@dataclass(frozen=True, slots=True)
class _Candidate:
    text: str
    key: tuple[str, ...]
    weight: float


def voted_answer(question: str, ranked: Sequence[ScoredSentence]) -> str | None:
    """The words that the sentences together speak for most; None where none of them offers any.

    A statement to be judged ("True or false: …") is answered as true: what is asked about was mostly in the news.
    """
    if _TRUE_OR_FALSE.search(question):
        return "True"
    asked = read_question(question)
    candidates = [found for scored in ranked[:MOST_CANDIDATES] if (found := _candidate(question, asked, scored))]
    if not candidates:
        return None
    totals: dict[tuple[str, ...], float] = {}
    for one in candidates:
        totals[one.key] = totals.get(one.key, 0.0) + one.weight
    best = max(totals, key=lambda key: totals[key] + SUPPORT * sum(_supporting(key, totals)))
    text = _spelt(best, candidates)
    fuller = [
        (totals[key], longer)
        for key in totals
        if len(best) < len(key) <= FULL_NAME
        and totals[key] >= FULLER * totals[best]
        and f" {' '.join(best)} " in f" {' '.join(key)} "
        and _is_name(longer := _spelt(key, candidates))
    ]
    return max(fuller)[1] if fuller and len(best) < FULL_NAME and _is_name(text) else text


def _spelt(key: tuple[str, ...], candidates: Sequence[_Candidate]) -> str:
    """As it stands in the likeliest sentence."""
    return max((one for one in candidates if one.key == key), key=lambda one: one.weight).text


def _is_name(text: str) -> bool:
    return all(word[:1].isupper() for word in text.split())


def _candidate(question: str, asked: QuestionWords, scored: ScoredSentence) -> _Candidate | None:
    if scored.span is None:
        return None
    quote = scored.citation.quote
    text = _SPACE.sub(" ", quote[scored.span.start : scored.span.end]).strip()
    text, fits = _of_kind(question, asked, text)
    key = tuple(words(text))
    if not set(key) - FUNCTION_WORDS:
        return None
    weight = min(MOST_ODDS, scored.score / max(1e-9, 1 - scored.score)) * OF_TYPE**fits
    if set(key) <= set(words(question)):
        weight *= SAID_ALREADY
    return _Candidate(text, key, weight)


def _of_kind(question: str, asked: QuestionWords, text: str) -> tuple[str, float]:
    """The words as an answer of the kind asked for, and how they fit: 1 of it, 0 no telling, -1 or less not."""
    for pattern, places in ((_COUNTRY, COUNTRIES), (_STATE, STATES)):
        if pattern.search(question):
            found = _place_in(text, places)
            return (text, -6.0) if found is None else (found, 1.0)
    if _SCORE.search(question):
        result = _RESULT.search(text)
        return (text, -3.0) if result is None else (result.group(), 1.0)
    if asked.answer_type == "number":
        quantity = _QUANTITY.search(text)
        if quantity is None:
            return text, -3.0
        after = _LENGTH_OF_TIME.match(text, quantity.end())
        cut = text[quantity.start() : after.end() if after and _HOW_LONG.search(question) else quantity.end()]
        return (cut if len(words(text)) > 1 else text), 1.0
    # Behind another word, because a capital says nothing about a sentence's first one.
    return text, matches_type(f"is {text}", asked)


def _place_in(text: str, places: Mapping[str, str]) -> str | None:
    """The place that the words name or are an adjective of; the longest name where several overlap."""
    lowered = [word.strip(".,;:'’\"").removesuffix("'s").removesuffix("’s") for word in text.lower().split()]
    for length in range(min(_MOST_WORDS, len(lowered)), 0, -1):
        for start in range(len(lowered) - length + 1):
            name = places.get(" ".join(lowered[start : start + length]))
            if name is not None:
                return name
    return None


def _supporting(key: tuple[str, ...], totals: Mapping[tuple[str, ...], float]) -> Iterator[float]:
    whole = f" {' '.join(key)} "
    for other, weight in totals.items():
        said = f" {' '.join(other)} "
        if other != key and (said in whole or whole in said):
            yield weight
