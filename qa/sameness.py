"""Whether two sentences say the same: wire copies with small edits do, sentences that differ in a figure never."""

import re
import unicodedata
from collections.abc import Sequence

# Words that may differ between two sentences that say the same. Everything else may not: "voted for" and "voted
# against", "he has" and "he had", "$90", "€90" and "-90" differ by little and say different things.
_EMPTY_WORDS = frozenset("a an the that also said says s".split())
# What an editor puts in or takes out without changing what is said, as long as much more stays.
_HARMLESS = frozenset(
    "on told reporters later meanwhile however today yesterday morning afternoon evening monday tuesday wednesday "
    "thursday friday saturday sunday".split()
)
_MOST_EDITS = 4
_KEPT_FOR_EACH_EDIT = 3
_TOKEN = re.compile(r"(?:(?<!\w)[-−–])?[$€£¥]?\d+(?:[.,:]\d+)*[%‰°]?|[^\W_]+")
_SMALL_NUMBERS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
).split()
_AS_FIGURES = {word: str(number) for number, word in enumerate(_SMALL_NUMBERS, start=1)}
_PERCENT = re.compile(r"(?<=\d) ?(?:percent|per cent)\b")
_BRITISH = re.compile(r"(?<=..)(is|our|tre)(?=e[sd]?$|ing$|ations?$|s?$|ed$)")
_AMERICAN = {"is": "iz", "our": "or", "tre": "ter"}


def same_statement(one: str, other: str) -> bool:
    """Whether two sentences have the same words in the same order, or nearly.

    Articles, "that" and "said" may differ, and so may spelling ("six" and "6", "percent" and "%", British and
    American), quotation marks, other punctuation and white space; signs, currencies and a question mark may not. In a
    longer sentence a weekday, or to whom it was told, may be left out.
    """
    short, long = sorted((_spelled(one), _spelled(other)), key=len)
    if short == long:
        return True
    edits = len(long) - len(short)
    if edits > _MOST_EDITS or edits * _KEPT_FOR_EACH_EDIT > len(short):
        return False
    return all(word in _HARMLESS for word in long if word not in short) and _in_order(short, long)


def gist(text: str) -> tuple[str, ...]:
    """The same for all sentences that say the same, and for few others."""
    tokens = _spelled(text)
    return tuple(token for token in tokens if token not in _HARMLESS) or tokens


def _in_order(short: Sequence[str], long: Sequence[str]) -> bool:
    """Whether the long one is the short one with harmless words put in."""
    place = 0
    for word in long:
        if place < len(short) and word == short[place]:
            place += 1
        elif word not in _HARMLESS:
            return False
    return place == len(short)


def _spelled(text: str) -> tuple[str, ...]:
    lowered = _PERCENT.sub("%", unicodedata.normalize("NFC", text).lower())
    tokens = [token for token in _TOKEN.findall(lowered) if token not in _EMPTY_WORDS] or [text]
    kept = tuple(_AS_FIGURES.get(token) or _BRITISH.sub(_american, token) for token in tokens)
    return (*kept, "?") if text.rstrip("\"'”’) ").endswith("?") else kept


def _american(match: re.Match[str]) -> str:
    return _AMERICAN[match[1]]
