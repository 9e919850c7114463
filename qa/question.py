"""What can be read off a question's words: its content words, its names, and the kind of answer it asks for."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import snowballstemmer

from index.words import FUNCTION_WORDS, content_words, words

AnswerType = Literal["number", "time", "name", "reason", "other"]
QuestionKind = Literal["one fact", "several sentences", "yes or no"]

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

# What a more particular question must be met by: "what time" by a time of day, not by any year. Tried in this order.
_AMOUNT = rf"(?:\d[\d.,]*|\b(?:an?|few|several|{'|'.join(_NUMBER_WORDS)}))"
_LENGTHS = r"(?:kilomet(?:re|er)|met(?:re|er)|mile|yard|f(?:oo|ee)t|inch|centimet(?:re|er)|millimet(?:re|er)|league)"
_DURATIONS = r"(?:second|minute|hour|day|night|week|fortnight|month|year|decade|centur(?:y|ie))"
_SPAN_OF_TIME = rf"{_AMOUNT}[\s-](?:\w+[\s-]){{0,2}}?{_DURATIONS}s?\b"
_EXTENT = rf"{_AMOUNT}[\s-]?(?:\w+[\s-]){{0,1}}?(?:{_LENGTHS}(?:s|es)?|km|cm|mm|ft|m)\b"
_MEASURES: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (re.compile(asked, re.I), re.compile(met, re.I))
    for asked, met in (
        (
            r"\b(?:what|which) time\b(?! of (?:the )?year)|\bwhat hour\b",
            r"\b\d{1,2}:\d\d\b|\b\d{1,2}(?:[:.]\d\d)? ?[ap]\.?m\b|\bnoon\b|\bmid(?:night|day)\b|\bo['’]clock\b|"
            r"\b(?:half|quarter) (?:past|to)\b|\b(?:dawn|dusk|daybreak|nightfall|sun(?:rise|set))\b",
        ),
        (
            r"\bhow fast\b|\b(?:what|which) speed\b",
            rf"(?:{_AMOUNT}[\s-])?\b(?:knots?|mph|km/h|kph|mach)\b|"
            rf"(?:{_AMOUNT}[\s-])?\b(?:{_LENGTHS}(?:s|es)?) (?:an?|per|every|each) (?:hour|second|minute|day)\b",
        ),
        (
            r"\bhow old\b|\b(?:what|which) age\b",
            rf"(?<![\d.,:])\b\d{{1,3}}(?=,|\b(?! ?(?:percent|per cent|%|[ap]\.?m)))(?![.,:]\d)|"
            rf"{_AMOUNT}[\s-]years?\b|\bcenturies\b|"
            rf"\b(?:aged?|turned) (?:{'|'.join(_NUMBER_WORDS)})\b|\bin (?:his|her|their) \w+(?:ties|teens)\b",
        ),
        (r"\bhow long (?:ago|did|does|do|has|have|had|will|before|after|until)\b", _SPAN_OF_TIME),
        (r"\bhow long\b", rf"{_SPAN_OF_TIME}|{_EXTENT}"),
        (r"\bhow (?:far|tall|high|deep|wide|thick)\b", _EXTENT),
        (
            r"\bhow much (?:money|cash)\b|\bhow much (?:\w+ ){1,6}?(?:cost|paid?|pay|spen[dt]|owed?|earn(?:ed)?)\b|"
            r"\b(?:what|which) (?:price|sum)\b",
            rf"[$£€¥]\s?\d[\d.,]*|(?:{_AMOUNT}[\s-])?\b(?:dollar|euro|pound|crown|cent|penn(?:y|ie)|pence|yen|yuan|rupee|franc|peso|rouble|ruble)s?\b",
        ),
        (r"\bhow heavy\b|\bhow much (?:\w+ ){1,6}?weigh", r"\b(?:kilo|gram|tonne|ton|pound|ounce|stone)\w*\b|\dkg\b"),
        (r"\bhow (?:hot|cold|warm)\b|\b(?:what|which) temperature\b", r"\bdegrees?\b|\d ?°|\bfreezing\b"),
        (
            r"\bhow often\b",
            r"\b(?:every|each|once|twice|daily|weekly|monthly|yearly|hourly|annual(?:ly)?|never|always)\b|"
            r"\btimes an?\b",
        ),
        (
            r"\b(?:what|which) (?:percent\w*|share|proportion)\b",
            r"%|\bper ?cent\b|\bin (?:ten|five|three|100)\b|\bhalf\b",
        ),
    )
)

_AUXILIARY = r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|must|may|might)(?:n['’]t|not)?\b"
_YES_OR_NO = re.compile(rf"(?:(?:and|but|so|or|then|also|now|ok(?:ay)?)\b[\s,]*)*{_AUXILIARY}", re.I)
_SEVERAL = re.compile(
    r"\bwhy\b|\bhow come\b|\bhow (?:did|does|do|is|are|was|were|has|have|had|can|could|will|would)\b|"
    r"\bwhat (?:happened|happens|caused|led|prompted|is known|went wrong|has changed|changed)\b|"
    r"\bwhat (?:reasons|objections|arguments|steps|changes|effects|consequences)\b|"
    r"\band (?:how|what|which|who|why|when|where|for what|on what)\b|"
    r"\bwhat (?:do|did|does|has|have) [\w\s’']+ "
    r"(?:say|said|think|thought|know|known|find|found|learn|learnt|learned|want|argue|argued|promise|promised)\b|"
    r"\bwho (?:are|were)\b|\bwho (?:said|says) what\b|\bwhich \w+s (?:are|were|have|had|do|did|will)\b|"
    r"^(?:list|name|describe|explain|summari[sz]e|tell me)\b",
    re.I,
)

_FEW_WORDS = re.compile(
    r"\b(?:who|whom|whose|when|where|which|what|"
    r"how (?:many|much|old|long|far|tall|high|big|large|fast|often|deep|heavy|wide))\b",
    re.I,
)
_MANY_WORDS = re.compile(r"\bwhy\b|\bwhat (?:happened|caused|led|prompted|did|does|do|is known)\b|\bhow come\b", re.I)


@dataclass(frozen=True, slots=True)
class QuestionWords:
    """`stems` are the question's distinct content words, stemmed; `names` are those of its capitalised words.

    `met_by` is what a question for a particular measure ("how fast", "what time") must be met by.
    """

    stems: frozenset[str]
    names: frozenset[str]
    answer_type: AnswerType
    met_by: re.Pattern[str] | None = None


def read_question(question: str) -> QuestionWords:
    kind: AnswerType = next((kind for kind, pattern in _ASKS if pattern.search(question)), "other")
    met_by = next((met for asked, met in _MEASURES if asked.search(question)), None)
    return QuestionWords(stems(question), _names(question), kind, met_by)


def kind_of(question: str) -> QuestionKind:
    """Whether one fact answers, several sentences do, or yes or no."""
    if _YES_OR_NO.match(question.strip()) and not re.search(r"\bor\b(?! not\b)", question, re.I):
        return "yes or no"
    return "several sentences" if _SEVERAL.search(question) else "one fact"


def asks_for_words(question: str) -> bool:
    """Whether a few words can answer: not for why and how, what happened, or yes and no."""
    return bool(_FEW_WORDS.search(question)) and not _MANY_WORDS.search(question)


# One question has the same sentences, passages and titles stemmed again and again.
@lru_cache(maxsize=4_096)
def stems(text: str) -> frozenset[str]:
    """The distinct content words of a text, stemmed."""
    return frozenset(stem(word) for word in content_words(text))


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    return str(_STEMMER.stemWord(word))


def matches_type(sentence: str, question: QuestionWords) -> float:
    """1 when the sentence holds something of the kind asked for that the question doesn't, -1 when not, else 0."""
    if question.met_by is not None:
        return (
            1.0 if any(not _is_said(match.group(), question) for match in question.met_by.finditer(sentence)) else -1.0
        )
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


def _is_said(found: str, question: QuestionWords) -> bool:
    """Whether the question says it itself."""
    return stems(found) <= question.stems


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
