"""Labels the parts of an article that belong to its page rather than its prose: captions, credits, headings and the like.

The text itself is never changed. A rule that is not sure leaves the line alone: prose taken for furniture is an answer
lost, furniture taken for prose is only noise.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.records import Furniture, FurnitureKind

_LINE = re.compile(r"[^\r\n\u2028\u2029]+")
_CREDIT = re.compile(r"\s*\((?:AFP|AP|Reuters|AA|Getty Images|EPA|Getty|TRTWorld)[^()]{0,40}\)$")
_SOURCE = re.compile(r"Sources?: ?[A-Z][\w&./, ]{0,60}$")
_DATELINE = re.compile(r"(?:[A-Z][\w./' -]{0,40} )?CNN(?: Business| Underscored)? ?—(?!\w)")
_FINAL = tuple(".!?…:;,\"”'’)")


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    text: str
    alone: bool


def find_furniture(text: str, title: str | None) -> tuple[Furniture, ...]:
    """The furniture of an article, sorted and not overlapping. `title` is the article's title where it is known."""
    lines = tuple(_lines(text))
    found: dict[int, Furniture] = {}
    for i, line in enumerate(lines):
        kind = _kind(lines, i, title)
        if kind is not None:
            found[i] = Furniture(line.start, line.end, kind)
        elif match := _DATELINE.match(line.text):
            found[i] = Furniture(line.start, line.start + match.end(), "dateline")
    return tuple(found[i] for i in sorted(found))


def _lines(text: str) -> Iterator[_Line]:
    end_before = -9
    pending: tuple[int, int, str, bool] | None = None
    for match in _LINE.finditer(text):
        stripped = match.group().strip()
        if not stripped:
            continue
        start = match.start() + match.group().index(stripped)
        blank = text.count("\n", max(end_before, 0), start) > 1 or end_before < 0
        if pending:
            yield _Line(pending[0], pending[1], pending[2], pending[3] and blank)
        pending = (start, start + len(stripped), stripped, blank)
        end_before = start + len(stripped)
    if pending:
        yield _Line(*pending)


def _kind(lines: Sequence[_Line], i: int, title: str | None) -> FurnitureKind | None:
    line = lines[i]
    if i == 0 and title and _same(line.text) == _same(title):
        return "title"
    if i + 1 < len(lines) and _same(line.text) == _same(lines[i + 1].text):
        return "caption"
    if i and _same(line.text) == _same(lines[i - 1].text):
        return "caption"
    if i == len(lines) - 1 and _SOURCE.match(line.text):
        return "source_line"
    if 0 < i < len(lines) - 1 and line.alone and _is_heading(line.text) and lines[i + 1].text.endswith(_FINAL):
        return "heading"
    return None


def _same(text: str) -> str:
    return " ".join(_CREDIT.sub("", text).split()).casefold()


def _is_heading(text: str) -> bool:
    return text[0].isalnum() and len(text.split()) <= 6 and not text.endswith(_FINAL) and len(text) <= 60
