"""Where the choices of a multiple-choice question are named in a text: whole tokens, after SQuAD's normalisation."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from eval.answer_metrics import answer_tokens

_SMALL_NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
).split()
_FIGURES = {word: str(number) for number, word in enumerate(_SMALL_NUMBERS)}
_BRACKETED = re.compile(r"^(.*?)\s*\(.*\)$")
_WORD = re.compile(r"\S+")

Tokens = tuple[str, ...]


@lru_cache(maxsize=50_000)
def tokens(text: str) -> Tokens:
    """The normalised tokens, small numbers in figures."""
    return tuple(_FIGURES.get(token, token) for token in answer_tokens(text))


def joined(found: Tokens) -> str:
    """Tokens as a text in which whole tokens can be looked for."""
    return f" {' '.join(found)} "


def namings(choice: str) -> tuple[Tokens, ...]:
    """The ways to say a choice: as it is, and without what stands in brackets behind it. None for one without words."""
    bracketed = _BRACKETED.match(choice)
    ways = [tokens(choice), *([tokens(bracketed.group(1))] if bracketed else [])]
    return tuple(dict.fromkeys(way for way in ways if way))


def times_named(haystack: str, ways: Sequence[Tokens]) -> int:
    """How often a choice is named in a `joined` text."""
    return max((haystack.count(joined(way)) for way in ways), default=0)


def places_named(text: str, ways: Sequence[Tokens]) -> list[tuple[int, int]]:
    """The characters `[start, end)` of each place where a text names a choice."""
    found = [(token, match.start(), match.end()) for match in _WORD.finditer(text) for token in tokens(match.group())]
    return [
        (found[first][1], found[first + len(way) - 1][2])
        for way in ways
        for first in range(len(found) - len(way) + 1)
        if all(found[first + number][0] == token for number, token in enumerate(way))
    ]


def token_f1(one: Tokens, other: Tokens) -> float:
    common = (Counter(one) & Counter(other)).total()
    return 2 * common / (len(one) + len(other)) if common else 0.0
