"""What can be read off a question's words: its content words, its names, and the kind of answer it asks for."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import snowballstemmer

from index.words import FUNCTION_WORDS, content_words, words

AnswerType = Literal["number", "time", "name", "reason", "other"]

_STEMMER = snowballstemmer.stemmer("english")
_TOKEN = re.compile(r"[^\W_]+(?:[’'.&-][^\W_]+)*")
_NUMBER_WORDS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands "
    "million millions billion billions dozen dozens half third quarter twice"
).split()
_NUMBER = re.compile(rf"\d|\b(?:{'|'.join(_NUMBER_WORDS)})\b", re.I)
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_TIME = re.compile(
    rf"\b(?:{_MONTHS}|(?:Jan|Feb|Aug|Sept?|Oct|Nov|Dec)\.|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|"
    r"(?:19|20)\d\d|today|yesterday|tomorrow|tonight|weekend|noon|midnight|\d+(?::\d\d)? ?[ap]\.?m|"
    r"(?:last|next|this) (?:week|month|year|spring|summer|fall|autumn|winter)|"
    r"(?:days|weeks|months|years) (?:ago|later|earlier))(?!\w)"
)
_REASON = re.compile(
    r"\b(?:because|due to|since|after|over|amid|owing to|so that|in order to|thanks to|as a result|caused?|"
    r"blam(?:ed|ing)|citing|aims?|aimed|reasons?|motivated|prompted|led to|triggered|concerns?)\b",
    re.I,
)
_ASKS: tuple[tuple[AnswerType, re.Pattern[str]], ...] = (
    ("number", re.compile(r"\bhow (?:many|much|old|long|far|tall|high|big|large|fast|often|deep|heavy|wide)\b", re.I)),
    ("number", re.compile(r"\bwhat (?:percent\w*|number|amount|share|proportion|age|price|score)\b", re.I)),
    ("time", re.compile(r"\bwhen\b|\b(?:what|which) (?:year|month|day|date|time|week)\b", re.I)),
    ("reason", re.compile(r"\bwhy\b|\bwhat (?:caused|led|prompted)\b|\bfor what reason\b|\bhow come\b", re.I)),
    (
        "name",
        re.compile(r"\bwho\b|\bwhom\b|\bwhose\b|\bwhere\b|\bwhich\b|\bwhat (?:country|city|state|company)\b", re.I),
    ),
)


_FEW_WORDS = re.compile(
    r"\b(?:who|whom|whose|when|where|which|what|"
    r"how (?:many|much|old|long|far|tall|high|big|large|fast|often|deep|heavy|wide))\b",
    re.I,
)
_MANY_WORDS = re.compile(r"\bwhy\b|\bwhat (?:happened|caused|led|prompted|did|does|do|is known)\b|\bhow come\b", re.I)


@dataclass(frozen=True, slots=True)
class QuestionWords:
    """`stems` are the question's distinct content words, stemmed; `names` are those of its capitalised words."""

    stems: frozenset[str]
    names: frozenset[str]
    answer_type: AnswerType


def read_question(question: str) -> QuestionWords:
    kind: AnswerType = next((kind for kind, pattern in _ASKS if pattern.search(question)), "other")
    return QuestionWords(stems(question), _names(question), kind)


def asks_for_words(question: str) -> bool:
    """Whether a few words can answer: not for why and how, what happened, or yes and no."""
    return bool(_FEW_WORDS.search(question)) and not _MANY_WORDS.search(question)


def stems(text: str) -> frozenset[str]:
    """The distinct content words of a text, stemmed."""
    return frozenset(stem(word) for word in content_words(text))


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    return str(_STEMMER.stemWord(word))


def matches_type(sentence: str, question: QuestionWords) -> float:
    """1 when the sentence holds something of the kind asked for that the question doesn't, -1 when not, else 0."""
    if question.answer_type == "other":
        return 0.0
    if question.answer_type == "number":
        found = any(_NUMBER.search(word) and stem(word) not in question.stems for word in words(sentence))
    elif question.answer_type == "time":
        found = any(not stems(match.group()) <= question.stems for match in _TIME.finditer(sentence))
    elif question.answer_type == "reason":
        found = bool(_REASON.search(sentence))
    else:
        found = bool(_names(sentence) - question.stems)
    return 1.0 if found else -1.0


def _names(text: str) -> frozenset[str]:
    """Stems of capitalised words that are not function words; the first word counts only inside a longer name."""
    found: set[str] = set()
    for number, match in enumerate(_TOKEN.finditer(text)):
        if not match.group()[0].isupper():
            continue
        if number == 0 and not text[match.end() :].lstrip(" ")[:1].isupper():
            continue
        found.update(stem(word) for word in words(match.group()) if word not in FUNCTION_WORDS)
    return frozenset(found)
