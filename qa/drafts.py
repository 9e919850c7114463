"""What a language model wrote, as sentences with the numbers of the evidence that each cites."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.sentences import sentence_spans
from qa.prompts import REFUSAL

_NUMBER = r"(?:#|\^)?\d{1,3}"
_MARK = re.compile(
    rf"[ \t]*[\[【]\s*(?:(?:sources?|sentences?|evidence|no\.?)\s*)?({_NUMBER}(?:\s*(?:,|;|and|&|[-–—])\s*{_NUMBER})*)"
    r"\s*(?:†[^\]】\n]*)?[\]】]",
    re.IGNORECASE,
)
_RANGE = re.compile(r"(\d+)\s*[-–—]\s*(\d+)")
_DIGITS = re.compile(r"\d+")
_WIDEST_RANGE = 20
# What some models think aloud first; of what never ends nothing is kept.
_THINKING = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
_UNFINISHED_MARK = re.compile(r"[ \t]*[\[【][^\]】\n]{0,40}$")
_LIST_SIGN = re.compile(r"^[ \t]*(?:(?:[-*•>#]+|\d{1,2}[.)])[ \t]+)+", re.MULTILINE)
_EMPHASIS = re.compile(r"\*\*|__|`+")
_ENDED = re.compile(r"[.!?…][\"”’')\]]*$")
_REFUSES = re.compile(rf"\W*{re.escape(REFUSAL)}\W*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Draft:
    """One sentence as it was written, without its marks. `marks` are the numbers that point at evidence, each once;
    `astray` those that point nowhere.
    """

    text: str
    marks: tuple[int, ...]
    astray: tuple[int, ...] = ()


def parse_drafts(written: str, evidence: int, *, whole: bool = True) -> tuple[Draft, ...]:
    """The sentences of what a model wrote from so many sentences of evidence, numbered from 1.

    Not `whole`: more is to come, and the last sentence is left out, since it may not be all there. In what is whole, a
    last sentence that breaks off is left out where others stand before it. That the evidence doesn't answer is no
    sentence.
    """
    written = _THINKING.sub("", written)
    plain, marks = _without_marks(written if whole else _UNFINISHED_MARK.sub("", written))
    spans = sentence_spans(plain)
    cited = _marks_of(spans, marks)
    drafts = [_draft(plain[start:end], numbers, evidence) for (start, end), numbers in zip(spans, cited, strict=True)]
    if not whole or _breaks_off(drafts):
        drafts = drafts[:-1]
    return tuple(draft for draft in drafts if draft.text and not _REFUSES.fullmatch(draft.text))


def _breaks_off(drafts: Sequence[Draft]) -> bool:
    """Whether the last sentence alone lacks an end; where the one before it does too, it is a list."""
    return len(drafts) > 1 and bool(_ENDED.search(drafts[-2].text)) and not _ENDED.search(drafts[-1].text)


def declines(written: str) -> bool:
    """Whether the model says that the evidence doesn't answer, and nothing else."""
    plain = _THINKING.sub("", written)
    return bool(_REFUSES.fullmatch(_MARK.sub("", plain).strip()))


def _without_marks(written: str) -> tuple[str, list[tuple[int, str]]]:
    """The text without marks, and where in it each stood. Each line is a paragraph."""
    lines = "".join("\n" if one in "\r\n" else one for one in written if one in "\r\n\t" or not _is_unseen(one))
    lines = _EMPHASIS.sub("", _LIST_SIGN.sub("", lines))
    lines = re.sub(r"\n+", "\n\n", lines.strip())
    pieces, marks, length, position = [], [], 0, 0
    for match in _MARK.finditer(lines):
        pieces.append(lines[position : match.start()])
        length += match.start() - position
        marks.append((length, match[1]))
        position = match.end()
    return "".join([*pieces, lines[position:]]), marks


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs", "Cn")


def _marks_of(spans: tuple[tuple[int, int], ...], marks: list[tuple[int, str]]) -> list[list[int]]:
    """The numbers that each sentence cites. A mark belongs to the sentence before it, also behind its full stop; one
    at the head of a line to the sentence that follows.
    """
    cited: list[list[int]] = [[] for _ in spans]
    for position, numbers in marks:
        begun = [place for place, (start, _) in enumerate(spans) if start < position]
        heads = [place for place, (start, _) in enumerate(spans) if start in (position, position + 1)]
        # After a full stop within a line a blank is left before the next sentence, which then isn't at its head.
        owner = heads[0] if heads and (not begun or spans[begun[-1]][1] < position) else begun[-1] if begun else 0
        if cited:
            cited[owner] += _numbers(numbers)
    return cited


def _numbers(text: str) -> Iterator[int]:
    ranges = [(int(first), int(last)) for first, last in _RANGE.findall(text)]
    yield from map(int, _DIGITS.findall(text))
    for first, last in ranges:
        yield from range(first + 1, min(last, first + _WIDEST_RANGE))


def _draft(text: str, numbers: list[int], evidence: int) -> Draft:
    distinct = sorted(set(numbers), key=numbers.index)
    return Draft(
        " ".join(text.split()),
        tuple(number for number in distinct if 1 <= number <= evidence),
        tuple(number for number in distinct if not 1 <= number <= evidence),
    )
