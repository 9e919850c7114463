"""HTML pages → the article's text and the fields that the page states.

Pages are read in a child process with a time limit: libxml2 and the extraction take quadratic time on some pages
(20,000 attributes in one tag: seconds; 200,000 elements in one paragraph: minutes), and no check of the page foresees
that.
"""

import codecs
import json
import re
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import IO, cast
from urllib.parse import urlsplit

from index.dates import parse_date
from index.decoding import decode
from index.metadata import Fields, clean_authors, clean_field, clean_url, is_name

PAGE_SECONDS = 30.0

_WORKER = Path(__file__).with_name("page_worker.py")
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{3,20})", re.IGNORECASE)
# Encodings that pages declare and that are safe to believe; UTF-8 is tried before any declaration.
_BELIEVED = re.compile(r"(?:iso-?8859|windows|cp125|koi8|gb|big5|shift|euc)[\w-]*", re.IGNORECASE)


class UnreadablePageError(ValueError):
    """A page that gives no article; the message says why."""


class PageReader:
    """Reads pages one after the other. The child process starts with the first and ends with the `with` block."""

    def __init__(self, seconds: float = PAGE_SECONDS) -> None:
        self.seconds = seconds
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "PageReader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def read(self, page: str, today: date) -> tuple[str, Fields]:
        """The article's text and fields. Raises `UnreadablePageError`."""
        found = self._ask(page)
        text = found.get("text")
        if not isinstance(text, str) or not text.strip():
            raise UnreadablePageError("no article text found in the page")
        return text, _page_fields(found, today)

    def _ask(self, page: str) -> dict[str, object]:
        process = self._process = self._process or _start()
        requests, replies = cast(IO[str], process.stdin), cast(IO[str], process.stdout)
        expired = threading.Event()

        def give_up() -> None:
            expired.set()
            process.kill()

        timer = threading.Timer(self.seconds, give_up)
        timer.start()
        try:
            requests.write(json.dumps(page) + "\n")
            requests.flush()
            reply = replies.readline()
        except BrokenPipeError:
            reply = ""
        finally:
            timer.cancel()
        if expired.is_set() or not reply:
            self._stop()
        if reply.endswith("\n"):
            found = json.loads(reply)
            return found if isinstance(found, dict) else {}
        if expired.is_set():
            raise UnreadablePageError(f"the page took longer than {self.seconds:g} s to read: save its text as .txt")
        raise UnreadablePageError("the page can't be parsed: save its text as .txt")

    def _stop(self) -> None:
        if self._process is None:
            return
        # Its reply pipe is closed by communicate, after the process is gone.
        self._process.kill()
        self._process.communicate()
        self._process = None


def _start() -> subprocess.Popen[str]:
    # -P: neither the worker's folder nor the current one is searched for modules.
    command = [sys.executable, "-P", "-X", "utf8", str(_WORKER)]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8"
    )


def decode_page(data: bytes) -> str:
    """The page as text: by its mark, as UTF-8, as it declares, or by detection. Raises `UndecodableError`."""
    declared = _CHARSET.search(data[:4096])
    name = declared[1].decode("ascii") if declared else ""
    if b"\0" in data or _is_utf8(data) or not _BELIEVED.fullmatch(name):
        return decode(data)
    # The web reads Latin-1 as its superset Windows-1252, which has the curly quotes.
    encoding = "cp1252" if name.lower() in ("iso-8859-1", "iso8859-1") else name
    try:
        return codecs.decode(data, encoding)
    except (LookupError, UnicodeError):
        return decode(data)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _page_fields(found: dict[str, object], today: date) -> Fields:
    url = clean_url(found.get("url"))
    # Some sites give their front page as the address of every article.
    if url and urlsplit(url).path in ("", "/"):
        url = None
    return Fields(
        url=url,
        title=clean_field(found.get("title")),
        outlet=clean_field(found.get("sitename")),
        authors=tuple(name for name in clean_authors(found.get("author")) if is_name(name)),
        published=parse_date(found.get("date"), today),
    )
