"""Cuts a sentence too long to be cited whole into pieces at its clauses."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

Span = tuple[int, int]

MAX_WORDS = 45
MIN_PIECE_WORDS = 8
# From this length on even a bare comma is a boundary, and from the next a word's end is.
BARE_COMMA_WORDS = 60
HARD_LIMIT_WORDS = 120

_WORD = re.compile(r"\S+")
_BOUNDARY = re.compile(
    r"(?P<semicolon>;)\s+"
    r"|\s(?P<dash>[–—-]|--)\s+"
    r"|(?P<strong>,)\s+(?=(?:but|while|although|though|whereas|because|after which)\b)"
    r"|(?P<relative>,)\s+(?=(?:which|who|whose|whom|where|when|and|or|so|yet|nor)\b)"
    r"|(?P<weak>,)\s+(?=(?:as|after|before|with|without|including|according|saying|adding|noting|since|unless|if"
    r"|despite|until|in which|in addition|even)\b)"
    r"|(?P<colon>:)\s+"
    r"|(?P<quote>[,.?!…][\"”’])\s+"
    r"|(?P<comma>,)\s+"
)
_WORTH = {
    "semicolon": 3.0,
    "dash": 2.4,
    "strong": 2.4,
    "colon": 2.0,
    "relative": 1.8,
    "quote": 1.6,
    "weak": 1.2,
    "comma": 0.4,
}
# What it costs to cut inside a pair of quotation marks or brackets, and to leave one piece much longer than the other.
_INSIDE = 3.0
_UNBALANCED = 2.0


@dataclass(frozen=True, slots=True)
class _Cut:
    """A place to cut: `word` counts the words before it, `worth` is higher for a better boundary."""

    at: int
    word: int
    worth: float
    bare_comma: bool


def cut_at_clauses(text: str, start: int, end: int) -> Iterator[Span]:
    """The sentence whole if it has at most 45 words, else its pieces, in order and covering all of it.

    A piece has at least 8 words and reads on its own as far as a clause can; pairs of quotation marks and brackets are
    kept together where another boundary exists. Only a run of more than 120 words without any is cut between words.
    """
    words = [match.start() for match in _WORD.finditer(text, start, end)]
    if len(words) <= MAX_WORDS:
        yield start, end
        return
    edges = [(start, 0), *_chosen(_cuts(text, start, end, words), 0, len(words)), (end, len(words))]
    for (left, first), (right, last) in pairwise(edges):
        yield from _hard_pieces(words, left, right, first, last)


def _cuts(text: str, start: int, end: int, words: list[int]) -> list[_Cut]:
    cuts: list[_Cut] = []
    depth = _Depth(text, start)
    word = 0
    for match in _BOUNDARY.finditer(text, start, end):
        while word < len(words) and words[word] < match.end():
            word += 1
        kind = match.lastgroup or "comma"
        worth = _WORTH[kind] - _INSIDE * depth.inside_at(match.end())
        cuts.append(_Cut(match.end(), word, worth, kind == "comma"))
    return cuts


class _Depth:
    """Says, for places asked in rising order, whether they lie inside quotation marks or round brackets."""

    def __init__(self, text: str, start: int) -> None:
        self._text, self._at = text, start
        self._curly = self._round = 0
        self._straight = False

    def inside_at(self, place: int) -> bool:
        for character in self._text[self._at : place]:
            if character == '"':
                self._straight = not self._straight
            elif character in "“”":
                self._curly = character == "“"
            elif character in "()":
                self._round = max(0, self._round + (1 if character == "(" else -1))
        self._at = place
        return self._straight or bool(self._curly) or self._round > 0


def _chosen(cuts: list[_Cut], first: int, last: int) -> list[tuple[int, int]]:
    """The best cut of words `first` to `last`, and those of what it leaves on either side, in order."""
    total = last - first
    if total <= MAX_WORDS:
        return []
    usable = [
        cut
        for cut in cuts
        if first + MIN_PIECE_WORDS <= cut.word <= last - MIN_PIECE_WORDS
        and (total > BARE_COMMA_WORDS or not cut.bare_comma)
    ]
    if not usable:
        return []

    def merit(cut: _Cut) -> float:
        return cut.worth - _UNBALANCED * abs(2 * (cut.word - first) / total - 1)

    best = max(usable, key=merit)
    return [*_chosen(usable, first, best.word), (best.at, best.word), *_chosen(usable, best.word, last)]


def _hard_pieces(words: list[int], start: int, end: int, first: int, last: int) -> Iterator[Span]:
    """Pieces of nearly equal length where no clause boundary was found in more than 120 words."""
    pieces = -(-(last - first) // HARD_LIMIT_WORDS)
    for piece in range(1, pieces):
        at = words[first + piece * (last - first) // pieces]
        yield start, at
        start = at
    yield start, end
