"""The parts of a claim that can be right or wrong apart: its clauses."""

import re
from dataclasses import dataclass

_FEWEST_WORDS = 3
_BREAK = re.compile(
    r"[;:]\s+|\s[–—]\s|,?\s+(?:and|but|while|whereas|although|though|because|after|before|so that|which|who|"
    r"where|when|with|despite|including)\s+|,\s+|(?<=[.!?])\s+",
    re.IGNORECASE,
)
_IN_QUOTES = re.compile(r"[“\"][^”\"]*[”\"]")


@dataclass(frozen=True, slots=True)
class Part:
    """Characters `[start, end)` of a claim."""

    start: int
    end: int
    text: str


def split_claim(claim: str) -> tuple[Part, ...]:
    """The claim's clauses in order, at least one; one of under three words goes with the one before it, and a
    quotation stays whole.
    """
    quoted = [match.span() for match in _IN_QUOTES.finditer(claim)]
    ends = [
        match.start()
        for match in _BREAK.finditer(claim)
        if not any(start < match.start() < end for start, end in quoted)
    ]
    parts: list[Part] = []
    start = 0
    for end in (*ends, len(claim)):
        if len(claim[start:end].split()) >= _FEWEST_WORDS and len(claim[end:].split()) >= _FEWEST_WORDS:
            parts.append(_part(claim, start, end))
            start = end
    return (*parts, _part(claim, start, len(claim)))


def _part(claim: str, start: int, end: int) -> Part:
    text = claim[start:end]
    trimmed = text.strip(" ,;:–—")
    begin = start + text.find(trimmed)
    return Part(begin, begin + len(trimmed), trimmed)
