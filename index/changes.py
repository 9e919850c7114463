"""What has changed from one version of an article to the next, word by word."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

ChangeKind = Literal["same", "removed", "added"]
# Comparing takes quadratic time at worst; longer stretches are told as replaced in one piece.
MOST_LINES = 5_000
MOST_WORDS = 5_000
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch of text that stayed, went or came."""

    kind: ChangeKind
    text: str


def changes(old: str, new: str) -> tuple[Change, ...]:
    """From `old` to `new`: what is the same and what was removed make `old`, what is the same and was added `new`."""
    found: list[Change] = []
    for old_lines, new_lines in _compared(old.splitlines(True), new.splitlines(True), MOST_LINES):
        if old_lines == new_lines:
            found.append(Change("same", old_lines))
            continue
        for old_words, new_words in _compared(_WORDS.findall(old_lines), _WORDS.findall(new_lines), MOST_WORDS):
            if old_words == new_words:
                found.append(Change("same", old_words))
            else:
                found += [Change("removed", old_words), Change("added", new_words)]
    return tuple(_joined(change for change in found if change.text))


def shortened(found: Sequence[Change], context: int = 80) -> tuple[Change, ...]:
    """With at most `context` characters of what is the same on either side of a change, "…" for the rest."""
    short = []
    for place, change in enumerate(found):
        text = change.text
        if change.kind == "same":
            # Before the first change only the end of it tells something, after the last one only its beginning.
            head = text[: context if place else 0]
            tail = text[len(text) - context if place < len(found) - 1 else len(text) :] if len(text) > context else text
            text = text if len(text) <= 2 * context else f"{head}…{tail}"
        short.append(Change(change.kind, text))
    return tuple(short)


def _compared(old: Sequence[str], new: Sequence[str], most: int) -> Iterator[tuple[str, str]]:
    """Pieces of both in order, equal or not."""
    if len(old) > most or len(new) > most:
        yield "".join(old), "".join(new)
        return
    for _, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        yield "".join(old[old_from:old_to]), "".join(new[new_from:new_to])


def _joined(found: Iterator[Change]) -> Iterator[Change]:
    last: Change | None = None
    for change in found:
        if last is not None and last.kind == change.kind:
            last = Change(last.kind, last.text + change.text)
            continue
        if last is not None:
            yield last
        last = change
    if last is not None:
        yield last
