"""Takes pages, PDF files and feeds apart in a child process with limits on time and memory.

libxml2, the extraction and PDF parsers take quadratic time or any amount of memory on some files (20,000 attributes in
one tag: seconds; 200,000 elements in one paragraph: minutes), and no check of the file foresees that.
"""

import base64
import json
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import IO, Literal, cast

EXTRACTION_SECONDS = 30.0

_WORKER = Path(__file__).with_name("extraction_worker.py")


class UnreadableError(ValueError):
    """A document that gives no article; the message says why."""


class Extractor:
    """Takes documents apart one after the other. The child process starts with the first and ends with the `with`."""

    def __init__(self, seconds: float = EXTRACTION_SECONDS) -> None:
        self.seconds = seconds
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "Extractor":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def page(self, page: str) -> dict[str, object]:
        """What is in an HTML page: text, title, author, date, sitename, url. Raises `UnreadableError`."""
        return self._ask({"kind": "page", "page": page}, "page")

    def data(self, kind: Literal["pdf", "feed"], data: bytes) -> dict[str, object]:
        """What is in a PDF file or a feed, or {"error": …}. Raises `UnreadableError`."""
        name = "PDF" if kind == "pdf" else kind
        return self._ask({"kind": kind, "data": base64.b64encode(data).decode("ascii")}, name)

    def _ask(self, request: dict[str, str], name: str) -> dict[str, object]:
        process = self._process = self._process or _start()
        requests, replies = cast(IO[str], process.stdin), cast(IO[str], process.stdout)
        expired = threading.Event()

        def give_up() -> None:
            expired.set()
            process.kill()

        timer = threading.Timer(self.seconds, give_up)
        timer.start()
        try:
            requests.write(json.dumps(request) + "\n")
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
            raise UnreadableError(f"the {name} took longer than {self.seconds:g} s to read: save its text as .txt")
        raise UnreadableError(f"the {name} can't be parsed: save its text as .txt")

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
