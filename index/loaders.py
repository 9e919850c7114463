"""Files and folders → articles, one at a time.

What can't be read as an article becomes a `Skipped` with its place and one clear reason, and the rest goes on.
"""

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date
from importlib.resources import files
from pathlib import Path

from index.article_header import fields_from_front_matter, fields_from_text
from index.decoding import UndecodableError, decode
from index.extraction import Extractor, UnreadableError
from index.files import (
    HTML_EXTENSIONS,
    JSONL_EXTENSIONS,
    PDF_EXTENSIONS,
    SourceFile,
    find_files,
    os_reason,
    visible,
)
from index.files import Skipped as Skipped
from index.jsonl import count_lines, load_jsonl
from index.making import EMPTY, MAX_ARTICLE_CHARACTERS, TOO_LONG, make_article
from index.metadata import Fields, complete_fields
from index.pdf import read_pdf
from index.records import Article
from index.web_page import decode_page, read_page

MAX_HTML_BYTES = 10_000_000
MAX_PDF_BYTES = 50_000_000
MAX_COUNTED_BYTES = 2_000_000_000

_PAGE_TOO_LONG = f"longer than {MAX_HTML_BYTES:,} bytes: save its text as .txt"
_PDF_TOO_LONG = f"longer than {MAX_PDF_BYTES:,} bytes: save its text as .txt"
_DAMAGED_MEMBER = "damaged in the zip file, or packed in a way that isn't read: pack it anew"
# What bytes begin with that somebody gave the wrong extension.
_MAGIC = {b"%PDF-": ".pdf", b"PK\x03\x04": ".zip", b"\x1f\x8b": ".jsonl.gz"}


def load_paths(paths: Sequence[Path]) -> Iterator[Article | Skipped]:
    """Every article in `paths`, files or folders, lazily: one article is in memory at a time.

    Read are .txt, .md, .html, .htm, .pdf, .jsonl, .jsonl.gz and what of these is in .zip. Folders are read recursively,
    in sorted order; hidden files and files of other types in them are passed over silently.
    """
    with Extractor() as extractor:
        for found in find_files(paths):
            if isinstance(found, Skipped):
                yield found
                continue
            try:
                yield from _load_file(found, extractor)
            except (zipfile.BadZipFile, zlib.error, EOFError):
                yield Skipped(found.shown, _DAMAGED_MEMBER, found.source)
            except OSError as error:
                yield Skipped(found.shown, os_reason(error), found.source)


def count_articles(paths: Sequence[Path]) -> int | None:
    """About how many items `load_paths` gives, for a progress bar: files, and lines of jsonl.

    None where counting would take long: from 2 GB of jsonl (unpacked) upwards.
    """
    count, room = 0, MAX_COUNTED_BYTES
    for found in find_files(paths):
        if isinstance(found, Skipped) or not found.has_extension(JSONL_EXTENSIONS):
            count += 1
            continue
        lines, size = count_lines(found, room)
        count, room = count + lines, room - size
        if room <= 0:
            return None
    return count


def sample_paths() -> list[Path]:
    """The sample articles that come with the program, from a fictional region."""
    return sorted(Path(str(files("index").joinpath("samples"))).glob("*.md"))


def _load_file(file: SourceFile, extractor: Extractor) -> Iterator[Article | Skipped]:
    if file.has_extension(JSONL_EXTENSIONS):
        yield from load_jsonl(file)
        return
    today = date.today()
    try:
        text, fields = _read_file(file, extractor, today)
    except (_UnfitError, UndecodableError, UnreadableError) as error:
        yield Skipped(file.shown, visible(str(error)), file.source)
    else:
        yield make_article(file.shown, text, fields, file.source)


def _read_file(file: SourceFile, extractor: Extractor, today: date) -> tuple[str, Fields]:
    if file.has_extension(HTML_EXTENSIONS):
        text, given = read_page(extractor, decode_page(_read(file, MAX_HTML_BYTES, _PAGE_TOO_LONG)), today)
        found = fields_from_text(text, "field", today)
    elif file.has_extension(PDF_EXTENSIONS):
        text, given = read_pdf(extractor, _read(file, MAX_PDF_BYTES, _PDF_TOO_LONG))
        found = fields_from_text(text, "plain", today)
    else:
        text = decode(_read(file, 4 * MAX_ARTICLE_CHARACTERS + 4, TOO_LONG))
        given, start = fields_from_front_matter(text, today)
        found = fields_from_text(text, "markdown" if file.has_extension((".md",)) else "plain", today, start)
    return text, complete_fields(given, found, today=today)


class _UnfitError(ValueError):
    """A file whose size or kind rules it out."""


def _read(file: SourceFile, limit: int, too_long: str) -> bytes:
    with file.open() as opened:
        data = opened.read(limit + 1)
    if not data:
        raise _UnfitError(EMPTY)
    for magic, extension in _MAGIC.items():
        if data.startswith(magic) and not file.has_extension((extension,)):
            raise _UnfitError(f"its content is that of a {extension} file: rename it to {extension}")
    if len(data) > limit:
        raise _UnfitError(too_long)
    return data
