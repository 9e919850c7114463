"""PDF files → the article's text, its lines joined to paragraphs, and the fields that the file states."""

import re
from collections import Counter
from collections.abc import Sequence

from index.extraction import Extractor, UnreadableError
from index.metadata import Fields, clean_authors, clean_field, is_name

_ERRORS = {
    "encrypted": "the PDF is protected by a password: save a copy without one",
    "broken": "the PDF is damaged: open it and save it anew, or save its text as .txt",
}
_NO_TEXT = "no text in the PDF, only pictures of pages: run text recognition over it first"
_PAGE_NUMBER = re.compile(r"(?:page\s+)?\d{1,4}(?:\s*(?:/|of)\s*\d{1,4})?", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")
_HYPHENATED = re.compile(r"(?<=[^\W\d_]{2})[-\N{HYPHEN}\N{SOFT HYPHEN}]$")
_ENDS_SENTENCE = re.compile(r"[.!?…:][\"'”’»)\]]*$")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
# What programs put there instead of a title.
_NO_TITLE = re.compile(
    r"untitled|microsoft (?:word|powerpoint|excel)|(?:document|slide|page)\s*\d*$"
    r"|\S+\.(?:docx?|indd|qxd|pdf|odt|html?)$",
    re.IGNORECASE,
)
_FEW_PAGES = 3


def read_pdf(extractor: Extractor, data: bytes) -> tuple[str, Fields]:
    """The article's text and fields. Raises `UnreadableError`.

    Its dates are those of the file, not of the article, so they are left out.
    """
    found = extractor.data("pdf", data)
    error = found.get("error")
    if not found or isinstance(error, str):
        raise UnreadableError(_ERRORS.get(str(error), _ERRORS["broken"]))
    pages = found.get("pages")
    text = text_of_pages([page for page in pages if isinstance(page, str)] if isinstance(pages, list) else [])
    if not any(character.isalnum() for character in text):
        raise UnreadableError(_NO_TEXT)
    title = clean_field(found.get("title"))
    authors = tuple(name for name in clean_authors(found.get("author")) if is_name(name))
    return text, Fields(title=None if title and _NO_TITLE.match(title) else title, authors=authors)


def text_of_pages(pages: Sequence[str]) -> str:
    """One text: page numbers and running heads left out, words put together again that a line's end cut in two.

    A blank line ends a paragraph, and so does a full stop at the end of a short line. Surrogates and NULs, which
    can't be stored, become U+FFFD.
    """
    lines = [[line.strip() for line in _UNSTORABLE.sub("\ufffd", page).splitlines()] for page in pages]
    running = _running_lines(lines)
    kept = [[line for at, line in enumerate(page) if not _is_running(line, at, len(page), running)] for page in lines]
    flat = [line for page in kept for line in page]
    widest = sorted(len(line) for line in flat if line)
    usual = widest[len(widest) * 3 // 4] if widest else 0
    paragraphs: list[str] = []
    current = ""
    for line in flat:
        if line:
            current = _joined(current, line)
        if current and (not line or (len(line) < 0.75 * usual and _ENDS_SENTENCE.search(line))):
            paragraphs.append(current)
            current = ""
    return "\n\n".join([*paragraphs, *([current] if current else [])])


def _joined(text: str, line: str) -> str:
    if not text:
        return line
    if _HYPHENATED.search(text) and line[0].islower():
        return text[:-1] + line
    return f"{text} {line}"


def _running_lines(pages: Sequence[Sequence[str]]) -> frozenset[str]:
    """The lines, digits aside, that open or close at least half of three or more pages."""
    if len(pages) < _FEW_PAGES:
        return frozenset()
    edges = Counter(
        key
        for page in pages
        for key in {_key(line) for at, line in enumerate(page) if line and _at_edge(at, len(page))}
    )
    return frozenset(key for key, count in edges.items() if count >= max(_FEW_PAGES, len(pages) / 2))


def _is_running(line: str, at: int, lines: int, running: frozenset[str]) -> bool:
    return _at_edge(at, lines) and bool(line) and (_key(line) in running or bool(_PAGE_NUMBER.fullmatch(line)))


def _at_edge(at: int, lines: int) -> bool:
    edge = 2 if lines >= 8 else 1
    return at < edge or at >= lines - edge


def _key(line: str) -> str:
    return _DIGITS.sub("0", line)
