"""Yes, no, or that the articles differ: said only where a quoted sentence repeats the question's own words.

A rule rather than a guess: with all of the question's words in the sentence, or one of them as its opposite, what is
left to tell is whether the sentence affirms or negates. Anything that may, would or is only claimed decides nothing.
"""

import re
from collections.abc import Sequence
from typing import Literal

from index.words import words
from qa.orders import gives_orders
from qa.question import kind_of, stem, stems
from qa.records import AnswerSentence

YesNo = Literal["yes", "no", "the articles differ"]
DIFFER: YesNo = "the articles differ"

_OPPOSITES = (
    "open close|open shut|accept reject|accept refuse|approve reject|win lose|rise fall|grow shrink|increase decrease|"
    "increase drop|pass fail|succeed fail|start stop|start end|begin end|dead alive|die survive|guilty innocent|"
    "convict acquit|guilty acquit|safe dangerous|safe unsafe|safe contaminated|legal illegal|true false|"
    "full empty|agree disagree|agree refuse|support oppose|back oppose|arrive depart|stay leave|hire dismiss|"
    "buy sell|wet dry|confirm deny|early late|allow ban|allow forbid|remain resign|find miss"
)
_OPPOSITE = {
    (stem(one), stem(other)) for pair in _OPPOSITES.split("|") for one, other in (pair.split(), reversed(pair.split()))
}
_NEGATED = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|neither|nor|cannot|without|hardly)\b|"
    r"\b(?:failed|refused|declined) to\b|n['’]t\b",
    re.I,
)
_UNDECIDED = re.compile(
    r"\b(?:may|might|could|would|should|if|unless|whether|perhaps|possibl[ey]|probabl[ey]|likely|plan(?:s|ned)?|"
    r"want(?:s|ed)?|hop(?:es?|ed|ing)|expect(?:s|ed)?|promis(?:es?|ed)|den(?:y|ies|ied)|claim(?:s|ed)?|accus\w+|"
    r"alleg\w+|rumou?r\w*|threat\w*|demand\w*|call(?:s|ed)? for|ask(?:s|ed)|almost|nearly|only|until|before|"
    r"except|believe[sd]?|thought|think(?:s)?|fear(?:s|ed)?|feared|suspect\w*|propos\w+|offer\w*)\b",
    re.I,
)
# Words that measure: a sentence without the very same one says something narrower or wider.
_MEASURING = frozenset(
    stem(word)
    for word in "all every everyone everybody each only first last most many half more less fewer least always ever "
    "still already again yet enough alone majority".split()
)
_ANYBODY = frozenset(stem(word) for word in "anyone anybody anything someone somebody something people".split())
_OPENING = re.compile(r"(?:(?:and|but|so|or|then|also|now|ok(?:ay)?)\b[\s,]*)*\w+(?:n['’]t)?\s+", re.I)
# Figures and days must be the very same.
_EXACT = re.compile(
    r"\d[\d.,:]*(?<=\d)|\b(?:January|February|March|April|May|June|July|August|September|October|November|December|"
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b"
)
_FEWEST_SAID = 2
_ORDER_MATTERS = 3


def yes_or_no(question: str, sentences: Sequence[AnswerSentence]) -> YesNo | None:
    """What the quoted sentences say to a question for yes or no; None for another one, and where none is plain.

    The best sentence decides; one of another outlet that says the opposite makes the articles differ.
    """
    if kind_of(question) != "yes or no" or _NEGATED.search(question):
        return None
    decided: list[tuple[bool, str | None]] = []
    before = ""
    for sentence in sentences:
        article = sentence.citations[0].article
        if not sentence.context:
            affirmed = _affirms(question, sentence.text, f"{article.title or ''} {before}")
            if affirmed is not None:
                decided.append((affirmed, article.outlet))
        before = sentence.text
    if not decided:
        return None
    first, outlet = decided[0]
    if any(affirmed != first and other != outlet for affirmed, other in decided[1:]):
        return DIFFER
    return "yes" if first else "no"


def _affirms(question: str, sentence: str, context: str) -> bool | None:
    """Whether the sentence affirms what is asked; None where it doesn't say."""
    if sentence.rstrip("\"'”’) ").endswith("?") or _UNDECIDED.search(sentence) or gives_orders(sentence):
        return None
    asked = [word for word in _content(_OPENING.sub("", question, count=1)) if word not in _ANYBODY]
    own = _stems_in_order(sentence)
    if not asked or not _words_of(question) & _MEASURING <= _words_of(sentence):
        return None
    if not set(_EXACT.findall(question)) <= set(_EXACT.findall(sentence)):
        return None
    # What is spoken of may be named in the headline or one sentence earlier; what is said of it may not.
    said = [word for word in asked if word in own or word not in stems(context)]
    opposites = {word: other for word in said if word not in own for other in own if (word, other) in _OPPOSITE}
    places = [own.index(found) for word in said if (found := opposites.get(word, word)) in own]
    negated = len(_NEGATED.findall(sentence))
    if len(places) < max(len(said), _FEWEST_SAID) or not _together(places) or negated > 1 or len(opposites) > 1:
        return None
    return (negated + len(opposites)) % 2 == 0


def _together(places: Sequence[int]) -> bool:
    """Whether words stand close to one another, and three or more of them in the question's order: "Rennick thanked
    Thorel" doesn't say that Thorel thanked Rennick.
    """
    near = max(places) - min(places) <= 2 * len(places) + 1
    return near and (len(places) < _ORDER_MATTERS or list(places) == sorted(places))


def _content(text: str) -> list[str]:
    return [word for word in dict.fromkeys(_stems_in_order(text)) if word in stems(text)]


def _stems_in_order(text: str) -> list[str]:
    return [stem(word) for word in words(text)]


def _words_of(text: str) -> frozenset[str]:
    return frozenset(_stems_in_order(text))
