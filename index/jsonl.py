"""Files of JSON lines → articles, one a line."""

import gzip
import io
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from datetime import date
from typing import IO, cast

from index.article_header import fields_from_text
from index.files import Skipped, SourceFile
from index.making import EMPTY, MAX_ARTICLE_CHARACTERS, TOO_LONG, make_article
from index.metadata import complete_fields, fields_from_record
from index.records import Article

# A character takes at most 12 in JSON ("\ud83d\ude00"); the rest is room for the other fields.
MAX_LINE_CHARACTERS = 12 * MAX_ARTICLE_CHARACTERS + 1_000_000
# After so many unreadable lines in a row the file is no jsonl, or a gzip bomb of blank lines.
MAX_BAD_LINES_IN_A_ROW = 1_000

_UNDECODED = re.compile("[\udc80-\udcff]")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def load_jsonl(file: SourceFile) -> Iterator[Article | Skipped]:
    """Articles of a jsonl file; one with no URL is named by its file and line number."""
    bad, number = 0, 0

    def skipped(line: int, reason: str) -> Skipped:
        # The whole file: what stands below the line is not read either.
        return Skipped(f"{file.shown}:{line}", reason, file.source)

    try:
        for number, line in enumerate(_lines(file), start=1):
            if not line.strip():
                bad += 1
            else:
                item = _article_from_line(line, f"{file.shown}:{number}", f"{file.source}:{number}")
                bad = bad + 1 if isinstance(item, Skipped) else 0
                yield item
            if bad >= MAX_BAD_LINES_IN_A_ROW:
                yield skipped(number, f"{bad:,} unreadable lines in a row: the rest of the file is left out")
                return
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        short = isinstance(error, EOFError)
        reason = "the .gz ends too early, the file is truncated" if short else "not valid gzip"
        yield skipped(number + 1, f"{reason}: get it again")
    except UnicodeError:
        yield skipped(number + 1, "not valid UTF-16: save it as UTF-8")
    except _EndlessLineError:
        yield skipped(number, "the line does not end: the rest of the file is left out")
    else:
        if number == 0:
            yield Skipped(file.shown, EMPTY, file.source)


def count_lines(file: SourceFile, room: int) -> tuple[int, int]:
    """How many lines, and how many bytes they have; stops once they are more than `room`."""
    lines, size, last = 0, 0, b"\n"
    try:
        with _open(file) as opened:
            while size <= room and (block := opened.read(1 << 20)):
                lines, size, last = lines + block.count(b"\n"), size + len(block), block[-1:]
    except (OSError, EOFError, zlib.error):
        lines += 1
    return max(lines + (last != b"\n"), 1), size


def _open(file: SourceFile) -> IO[bytes]:
    opened = file.open()
    if not file.has_extension((".gz",)):
        return opened
    unpacked = gzip.GzipFile(fileobj=opened, mode="rb")
    unpacked.myfileobj = cast(io.FileIO, opened)  # closed with it
    return cast(IO[bytes], unpacked)


def _lines(file: SourceFile) -> Iterator[str]:
    """The lines of a file, none longer than the limit and one more: what is beyond that is read over."""
    with _open(file) as opened:
        start = opened.read(2)
        encoding = "utf-16" if start in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        opened.seek(0)
        # Undecodable bytes become lone surrogates, so that one bad line doesn't end the file. Only "\n" ends a
        # line: JSON strings may hold U+2028 and the like.
        reader = io.TextIOWrapper(opened, encoding, errors="surrogateescape", newline="\n")
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
        return Skipped(where, record, source)
    text = next((record[name] for name in ("text", "body", "content") if record.get(name) is not None), None)
    if text is None:
        return Skipped(where, 'no "text" field: give each line one', source)
    if not isinstance(text, str):
        return Skipped(where, '"text" is not a string: put the article in quotes', source)
    if "\0" in text:
        return Skipped(where, "the text contains NUL characters: take them out", source)
    today = date.today()
    # SQLite stores no lone surrogate; U+FFFD stands in its place, so that the length stays what it was.
    text = _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)
    given = fields_from_record(record, today=today)
    found = fields_from_text(text, "field", today)
    name = record.get("url")
    named = name.strip() if isinstance(name, str) and name.strip() else None
    return make_article(where, text, complete_fields(given, found, today=today), source, named)


def _record_from_line(line: str) -> Mapping[str, object] | str:
    """The object on a line, or why there is none."""
    if len(line) > MAX_LINE_CHARACTERS:
        return TOO_LONG
    if _UNDECODED.search(line):
        return "not valid UTF-8: save the file as UTF-8"
    try:
        record = json.loads(line.rstrip("\r\n"))
    except (ValueError, RecursionError) as error:
        if not isinstance(error, json.JSONDecodeError):
            return "not valid JSON: nested too deeply, or a number too long"
        message = error.msg.lower().removesuffix(" at").removesuffix(" starting")
        return f"not valid JSON at column {error.colno}: {message}"
    return record if isinstance(record, dict) else "not a JSON object: write one a line, with url, title and text"
