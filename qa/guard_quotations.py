"""Quotations of a claim: each must stand in the evidence character for character.

Quotation marks, ellipses and white space are made alike first, and nothing else: "voted for" isn't "voted against",
"0 million" isn't in "$90 million".
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from qa.guard_words import Fault, Text, fold

_QUOTED = re.compile(
    r"[“\"„«](?P<double>[^“”\"„«»]{2,})[”\"»]|(?<!\w)[‘'](?P<single>[^‘’'\"“”]{2,}(?:['’]\w[^‘’'\"“”]*)*)[’'](?!\w)"
)
_MARKS = str.maketrans(dict.fromkeys("“”„«»\"‘’'`´", "'") | dict.fromkeys("–—‑−", "-"))
_ELLIPSIS = re.compile(r"\s*(?:\[?\s*(?:…|\.\s?\.\s?\.(?:\s?\.)?)\s*\]?)\s*")
_WORD = re.compile(r"\w+(?:'\w+)*")
# So alike that the one is the other with a word changed.
_ALIKE = 0.6
_FEWEST_WORDS = 2


def quotation_faults(claim: Text, evidence: Sequence[Text], context: str) -> Iterator[Fault]:
    """The claim's quotations that the evidence doesn't have; a clash where it has nearly the same."""
    quoted = list(_QUOTED.finditer(claim.text))
    if not quoted:
        return
    whole = _alike(" ".join(text.text for text in evidence))
    lower = whole.islower() or claim.text.islower()
    for match in quoted:
        kind = "double" if match["double"] else "single"
        words = match[kind]
        if _stands(words, whole, lower) or _is_name(words, context):
            continue
        start, end = match.span(kind)
        near = _nearest(words, whole)
        if near:
            yield Fault("quotation", True, f"the article's words are “{near}”, not “{words}”", start, end)
        else:
            yield Fault("quotation", False, f"the article doesn't have the words “{words}”", start, end)


def _alike(text: str) -> str:
    return " ".join(_ELLIPSIS.sub(" … ", unicodedata.normalize("NFC", text).translate(_MARKS)).split())


def _stands(words: str, whole: str, lower: bool) -> bool:
    """Whether the quotation's pieces between ellipses stand in the evidence, in order, not cut within a word."""
    place = 0
    if lower:
        words, whole = words.lower(), whole.lower()
    for piece in _alike(words).split("…"):
        piece = piece.strip(" ,.;:!?'")
        if not piece:
            continue
        first = piece[0]
        opening = f"[{re.escape(first.lower())}{re.escape(first.upper())}]" if first.isalpha() else re.escape(first)
        found = re.compile(rf"(?<![\w$€£]){_edge(piece)}{opening}{re.escape(piece[1:])}(?!\w|[.,]\d)").search(
            whole, place
        )
        if not found:
            return False
        place = found.end()
    return True


def _edge(piece: str) -> str:
    """What may not stand before the quotation: a figure isn't cut."""
    return r"(?<!\d[.,])(?<!-)" if piece[0].isdigit() else ""


def _is_name(words: str, context: str) -> bool:
    """A title in quotation marks ("The Long Road") that the context has."""
    found = _WORD.findall(words)
    return all(word[0].isupper() for word in found if len(word) > 3) and _stands(words, _alike(context), False)


def _nearest(words: str, whole: str) -> str:
    """The stretch of the evidence most like the quotation, or "" where none is much alike."""
    own = [fold(word) for word in _WORD.findall(_alike(words))]
    found = list(_WORD.finditer(whole))
    others = [fold(match.group()) for match in found]
    if len(own) < _FEWEST_WORDS or not others:
        return ""
    matcher = SequenceMatcher(None, others, own, autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if block.size]
    if not blocks:
        return ""
    first = max(0, blocks[0].a - blocks[0].b)
    last = min(len(others), first + len(own) + 2)
    ratio = SequenceMatcher(None, others[first:last], own, autojunk=False).ratio()
    return whole[found[first].start() : found[last - 1].end()] if ratio >= _ALIKE else ""
