"""What the guards share: a text as words with places, and how alike the surroundings of two places are."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from index.words import FUNCTION_WORDS
from qa.question import stem

FaultKind = Literal["number", "date", "name", "negation", "quotation", "modality", "attribution"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What a claim says and its evidence doesn't. `clash`: the evidence says otherwise; else it just doesn't say it.
    `reason` is for a reader; `start` and `end` are the claim's characters that it is about.
    """

    kind: FaultKind
    clash: bool
    reason: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Word:
    """A word as written, folded (lower case, without accents and a final 's), its stem, and its characters."""

    text: str
    folded: str
    stem: str
    start: int
    end: int
    opens: bool  # whether it is the first of a sentence, a quotation or a bracket

    @property
    def carries(self) -> bool:
        """Whether it is a content word."""
        return self.folded not in FUNCTION_WORDS and self.folded not in _LIGHT

    @property
    def capital(self) -> bool:
        """Whether it is written with a capital or as initials."""
        return self.text[0].isupper()


@dataclass(frozen=True, slots=True)
class Text:
    """A text and its words; figures are words too."""

    text: str
    words: tuple[Word, ...]

    def place_at(self, character: int) -> int:
        """The place of the first word that ends behind this character."""
        low, high = 0, len(self.words)
        while low < high:
            middle = (low + high) // 2
            if self.words[middle].end <= character:
                low = middle + 1
            else:
                high = middle
        return low


_LIGHT = frozenset("mr mrs ms dr sir per via amid etc said says say told not never".split())
_WORD = re.compile(r"(?:[A-Za-z]\.){2,}|\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*")
_OPENING = re.compile(r"(?:[.?!:…]|[\"“‘'(\[—–])[\s\"“‘'(\[—–-]*$")
_WINDOW = 6
_SAME_LETTERS = str.maketrans("İıſΜμ\N{KELVIN SIGN}", "iisµµk")


def searchable(text: str) -> str:
    """The text, as long as before, with the letter itself for each that a pattern without regard to case takes for it:
    "ſecond" matches "second", but is a key of no table.
    """
    return text.translate(_SAME_LETTERS)


@lru_cache(65536)
def fold(word: str) -> str:
    """Lower case, no accents, no possessive ending, initials without full stops."""
    if word.isascii() and word.isalpha():
        return word.lower()
    lowered = unicodedata.normalize("NFKD", word).lower().replace("’", "'")
    bare = "".join(letter for letter in lowered if not unicodedata.combining(letter))
    bare = bare.removesuffix("'s").removesuffix("'")
    return bare.replace(".", "") if not bare[:1].isdigit() else bare


@lru_cache(4096)
def read(text: str) -> Text:
    """The text with its words."""
    found: list[Word] = []
    end = 0
    for match in _WORD.finditer(text):
        folded = fold(match.group())
        before = text[end : match.start()]
        opens = not found or (before != " " and bool(_OPENING.search(before)))
        found.append(Word(match.group(), folded, stem(folded), match.start(), match.end(), opens))
        end = match.end()
    return Text(text, tuple(found))


def around(text: Text, start: int, end: int, window: int = _WINDOW) -> frozenset[str]:
    """The stems of the content words near some characters, figures left out."""
    first, last = text.place_at(start), text.place_at(end)
    near = (*text.words[max(0, first - window) : first], *text.words[last : last + window])
    return frozenset(word.stem for word in near if word.carries and not word.folded[0].isdigit())


def beside(text: Text, start: int, end: int) -> tuple[str, str]:
    """The stems of the words directly before and behind some characters; "" at the text's ends."""
    first, last = text.place_at(start), text.place_at(end)
    before = text.words[first - 1].stem if first else ""
    return before, text.words[last].stem if last < len(text.words) else ""


def shown(text: str, start: int, end: int) -> str:
    """Some characters of a text on one line, as a reason quotes them."""
    return " ".join(text[start:end].split())


def join_faults(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """In the claim's order, none twice."""
    return tuple(sorted(dict.fromkeys(faults), key=lambda fault: (fault.start, fault.end, fault.kind)))
