"""Files and folders → articles, one at a time.

What can't be read as an article becomes a `Skipped` with its place and one clear reason, and the rest goes on.
"""

import gzip
import io
import json
import os
import re
import stat
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import BinaryIO

from index.article_header import fields_from_front_matter, fields_from_text
from index.decoding import UndecodableError, decode
from index.metadata import Fields, complete_fields, fields_from_record
from index.records import Article, ArticleInfo, article_id_for, version_of
from index.web_page import PageReader, UnreadablePageError, decode_page

MAX_ARTICLE_CHARACTERS = 2_000_000
MAX_HTML_BYTES = 10_000_000
# A character takes at most 12 in JSON ("\ud83d\ude00"); the rest is room for the other fields.
MAX_LINE_CHARACTERS = 12 * MAX_ARTICLE_CHARACTERS + 1_000_000
# After so many unreadable lines in a row the file is no jsonl, or a gzip bomb of blank lines.
MAX_BAD_LINES_IN_A_ROW = 1_000
MAX_COUNTED_BYTES = 2_000_000_000

_TEXT_EXTENSIONS = (".txt", ".md")
_HTML_EXTENSIONS = (".html", ".htm")
_JSONL_EXTENSIONS = (".jsonl", ".jsonl.gz")
_EXTENSIONS = (*_TEXT_EXTENSIONS, *_HTML_EXTENSIONS, *_JSONL_EXTENSIONS)

_UNDECODED = re.compile("[\udc80-\udcff]")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")

_EMPTY = "empty file"
_BLANK = "nothing but white space"
_PAGE_TOO_LONG = f"longer than {MAX_HTML_BYTES:,} bytes: save its text as .txt"
_TOO_LONG = f"longer than {MAX_ARTICLE_CHARACTERS:,} characters: split it into articles"


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was not loaded: `where` is a path, or `path:line`."""

    where: str
    reason: str


def load_paths(paths: Sequence[Path]) -> Iterator[Article | Skipped]:
    """Every article in `paths`, files or folders, lazily: one article is in memory at a time.

    Read are .txt, .md, .html, .htm, .jsonl and .jsonl.gz. Folders are read recursively, in sorted order; hidden files
    and files of other types in them are passed over silently.
    """
    with PageReader() as pages:
        for found in _find_files(paths):
            if isinstance(found, Skipped):
                yield found
                continue
            try:
                yield from _load_file(found, pages)
            except OSError as error:
                yield Skipped(_shown(found), _os_reason(error))


def count_articles(paths: Sequence[Path]) -> int | None:
    """About how many items `load_paths` gives, for a progress bar: files, and lines of jsonl.

    None where counting would take long: from 2 GB of jsonl (unpacked) upwards.
    """
    count, room = 0, MAX_COUNTED_BYTES
    for found in _find_files(paths):
        if isinstance(found, Skipped) or not _has_extension(found, _JSONL_EXTENSIONS):
            count += 1
            continue
        lines, size = _count_lines(found, room)
        count, room = count + lines, room - size
        if room <= 0:
            return None
    return count


def sample_paths() -> list[Path]:
    """The sample articles that come with the program, from a fictional region."""
    return sorted(Path(str(files("index").joinpath("samples"))).glob("*.md"))


# Finding files


def _find_files(paths: Sequence[Path]) -> Iterator[Path | Skipped]:
    for path in paths:
        try:
            mode = path.stat().st_mode
        except (OSError, ValueError) as error:
            yield Skipped(_shown(path), _os_reason(error))
            continue
        if stat.S_ISDIR(mode):
            yield from _walk(path)
        elif not stat.S_ISREG(mode):
            yield Skipped(_shown(path), "not a regular file")
        elif not _has_extension(path, _EXTENSIONS):
            yield Skipped(_shown(path), "not a type that is read (.txt, .md, .html, .htm, .jsonl, .jsonl.gz)")
        else:
            yield path


def _walk(root: Path) -> Iterator[Path | Skipped]:
    """The articles' files below `root`, sorted. A folder reached twice through links is read once."""
    seen: set[tuple[int, int]] = set()
    pending, empty = [root], True
    while pending:
        path = pending.pop()
        try:
            state = path.stat()
            if stat.S_ISDIR(state.st_mode):
                if (state.st_dev, state.st_ino) not in seen:
                    seen.add((state.st_dev, state.st_ino))
                    pending.extend(sorted(_visible(path), reverse=True))
                continue
        except OSError as error:
            # A link to nowhere with another extension would not have been read anyway.
            if path.suffix == "" or _has_extension(path, _EXTENSIONS):
                empty = False
                yield Skipped(_shown(path), _os_reason(error))
            continue
        if _has_extension(path, _EXTENSIONS):
            empty = False
            yield path if stat.S_ISREG(state.st_mode) else Skipped(_shown(path), "not a regular file")
    if empty:
        yield Skipped(_shown(root), "no article files in this folder")


def _visible(folder: Path) -> list[Path]:
    return [item for item in folder.iterdir() if not item.name.startswith(".")]


def _has_extension(path: Path, extensions: tuple[str, ...]) -> bool:
    return path.name.lower().endswith(extensions)


def _shown(path: Path) -> str:
    """The path as text that any terminal and file can take, also where its name is not valid UTF-8."""
    return os.fsencode(path).decode("utf-8", "replace")


def _os_reason(error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return "no such file or folder"
    if isinstance(error, PermissionError):
        return "permission denied"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[0].lower() + error.strerror[1:]
    return f"can't be read: {error}"


# Reading one file


def _load_file(path: Path, pages: PageReader) -> Iterator[Article | Skipped]:
    if _has_extension(path, _JSONL_EXTENSIONS):
        yield from _load_jsonl(path)
        return
    today = date.today()
    try:
        if _has_extension(path, _HTML_EXTENSIONS):
            text, given = pages.read(decode_page(_read(path, MAX_HTML_BYTES, _PAGE_TOO_LONG)), today)
            found = fields_from_text(text, "field", today)
        else:
            text = decode(_read(path, 4 * MAX_ARTICLE_CHARACTERS + 4, _TOO_LONG))
            given, start = fields_from_front_matter(text, today)
            found = fields_from_text(text, "markdown" if _has_extension(path, (".md",)) else "plain", today, start)
    except (_UnfitError, UndecodableError, UnreadablePageError) as error:
        yield Skipped(_shown(path), str(error))
    else:
        yield _article_or_skipped(_shown(path), text, complete_fields(given, found, today=today), _path_source(path))


class _UnfitError(ValueError):
    """A file whose size rules it out."""


def _read(path: Path, limit: int, too_long: str) -> bytes:
    with path.open("rb") as file:
        data = file.read(limit + 1)
    if not data:
        raise _UnfitError(_EMPTY)
    if len(data) > limit:
        raise _UnfitError(too_long)
    return data


def _path_source(path: Path) -> str:
    return str(path.resolve())


def _article_or_skipped(where: str, text: str, fields: Fields, source: str) -> Article | Skipped:
    """An article named by the URL among its fields, else by `source`."""
    if not text.strip():
        return Skipped(where, _BLANK)
    if len(text) > MAX_ARTICLE_CHARACTERS:
        return Skipped(where, _TOO_LONG)
    info = ArticleInfo(
        article_id=article_id_for(fields.url or source),
        version=version_of(text),
        url=fields.url,
        title=fields.title,
        outlet=fields.outlet,
        authors=fields.authors,
        published=fields.published,
    )
    return Article(info, text)


# JSON lines


def _load_jsonl(path: Path) -> Iterator[Article | Skipped]:
    """Articles of a jsonl file; one with no URL is named by its file and line number."""
    shown, bad, number = _shown(path), 0, 0
    try:
        for number, line in enumerate(_lines(path), start=1):
            if not line.strip():
                bad += 1
            else:
                item = _article_from_line(line, f"{shown}:{number}", f"{_path_source(path)}:{number}")
                bad = bad + 1 if isinstance(item, Skipped) else 0
                yield item
            if bad >= MAX_BAD_LINES_IN_A_ROW:
                yield Skipped(
                    f"{shown}:{number}", f"{bad:,} unreadable lines in a row: the rest of the file is left out"
                )
                return
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        reason = "the .gz ends too early: the file is truncated" if isinstance(error, EOFError) else "not valid gzip"
        yield Skipped(f"{shown}:{number + 1}", reason)
    except UnicodeError:
        yield Skipped(f"{shown}:{number + 1}", "not valid UTF-16: save it as UTF-8")
    except _EndlessLineError:
        yield Skipped(f"{shown}:{number}", "the line does not end: the rest of the file is left out")
    else:
        if number == 0:
            yield Skipped(shown, _EMPTY)


def _open(path: Path) -> BinaryIO | gzip.GzipFile:
    return gzip.open(path, "rb") if path.name.lower().endswith(".gz") else path.open("rb")


def _lines(path: Path) -> Iterator[str]:
    """The lines of a file, none longer than the limit and one more: what is beyond that is read over."""
    with _open(path) as file:
        start = file.read(2)
        encoding = "utf-16" if start in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        file.seek(0)
        # Undecodable bytes become lone surrogates, so that one bad line doesn't end the file. Only "\n" ends a
        # line: JSON strings may hold U+2028 and the like.
        reader = io.TextIOWrapper(file, encoding, errors="surrogateescape", newline="\n")
        while line := reader.readline(MAX_LINE_CHARACTERS + 1):
            yield line
            if len(line) > MAX_LINE_CHARACTERS:
                _read_to_line_end(reader, line)


class _EndlessLineError(Exception):
    """A line so long that even reading over it would take long: a gzip bomb."""


def _read_to_line_end(reader: io.TextIOWrapper, line: str) -> None:
    for _ in range(500):
        if not line or line.endswith("\n"):
            return
        line = reader.readline(1_000_000)
    raise _EndlessLineError


def _article_from_line(line: str, where: str, source: str) -> Article | Skipped:
    record = _record_from_line(line)
    if isinstance(record, str):
        return Skipped(where, record)
    text = next((record[name] for name in ("text", "body", "content") if record.get(name) is not None), None)
    if text is None:
        return Skipped(where, 'no "text" field')
    if not isinstance(text, str):
        return Skipped(where, '"text" is not a string')
    if "\0" in text:
        return Skipped(where, "the text contains NUL characters")
    today = date.today()
    # SQLite stores no lone surrogate; U+FFFD stands in its place, so that the length stays what it was.
    text = _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)
    given = fields_from_record(record, today=today)
    found = fields_from_text(text, "field", today)
    name = record.get("url")
    if isinstance(name, str) and name.strip():
        source = name.strip()
    return _article_or_skipped(where, text, complete_fields(given, found, today=today), source)


def _record_from_line(line: str) -> Mapping[str, object] | str:
    """The object on a line, or why there is none."""
    if len(line) > MAX_LINE_CHARACTERS:
        return _TOO_LONG
    if _UNDECODED.search(line):
        return "not valid UTF-8"
    try:
        record = json.loads(line.rstrip("\r\n"))
    except (ValueError, RecursionError) as error:
        if not isinstance(error, json.JSONDecodeError):
            return "not valid JSON: nested too deeply, or a number too long"
        message = error.msg.lower().removesuffix(" at").removesuffix(" starting")
        return f"not valid JSON at column {error.colno}: {message}"
    return record if isinstance(record, dict) else "not a JSON object"


def _count_lines(path: Path, room: int) -> tuple[int, int]:
    """How many lines, and how many bytes they have; stops once they are more than `room`."""
    lines, size, last = 0, 0, b"\n"
    try:
        with _open(path) as file:
            while size <= room and (block := file.read(1 << 20)):
                lines, size, last = lines + block.count(b"\n"), size + len(block), block[-1:]
    except (OSError, EOFError, zlib.error):
        lines += 1
    return max(lines + (last != b"\n"), 1), size
