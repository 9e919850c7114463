"""Articles become sentences with exact offsets: `article.text[start:end] == sentence.text`, always."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Protocol, cast

from index.records import Article, Furniture, Sentence

SPLITTER_VERSION = "1"

Span = tuple[int, int]

# The library's time grows with the square of a run such as "?!?!?!…", so it never sees more than this at once.
_WINDOW = 4000
_LINE_BREAK = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")


class _Splitter(Protocol):
    def span_tokenize(self, text: str) -> Iterator[Span]: ...


def split_sentences(article: Article, furniture: Sequence[Furniture]) -> tuple[Sentence, ...]:
    """The article's sentences, in order and apart from each other, none of them touching its furniture."""
    spans = [span for region in _prose(article.text, furniture) for span in _split_paragraph(article.text, *region)]
    return tuple(
        Sentence(article.article_id, article.version, position, start, end, article.text[start:end])
        for position, (start, end) in enumerate(spans)
    )


def _prose(text: str, furniture: Sequence[Furniture]) -> Iterator[Span]:
    """The lines of the text that are not furniture, or what furniture leaves of them."""
    walls = [match.span() for match in _LINE_BREAK.finditer(text)]
    walls.extend((item.start, item.end) for item in furniture)
    at = 0
    for start, end in sorted(walls):
        if start > at:
            yield at, start
        at = max(at, end)
    if at < len(text):
        yield at, len(text)


def _split_paragraph(text: str, start: int, end: int) -> Iterator[Span]:
    for span in _library_spans(text, start, end):
        if stripped := _strip(text, *span):
            yield stripped


def _library_spans(text: str, start: int, end: int) -> Iterator[Span]:
    """The library's sentences, asked for a window at a time; the last of a window is asked for again with the next."""
    while start < end:
        stop = _window_end(text, start, end)
        found = [(start + a, start + b) for a, b in _splitter().span_tokenize(text[start:stop])]
        if stop < end and len(found) > 1:
            stop = found.pop()[0]
        yield from found
        start = stop


def _window_end(text: str, start: int, end: int) -> int:
    if end - start <= _WINDOW:
        return end
    space = max(text.rfind(" ", start + 1, start + _WINDOW), text.rfind("\u00a0", start + 1, start + _WINDOW))
    return space if space > start else start + _WINDOW


def _strip(text: str, start: int, end: int) -> Span | None:
    """The span without white space at its ends; None where no letter or digit is in it."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return (start, end) if any(map(str.isalnum, text[start:end])) else None


@cache
def _splitter() -> _Splitter:
    from nupunkt.models import load_default_model

    return cast(_Splitter, load_default_model())
