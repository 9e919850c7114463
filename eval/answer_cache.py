"""Remembers what was answered to a question, from one run to the next.

An answer is found again only where everything that it rests on is the same: the question with its gold and the turns
before it, the articles, the models, every setting, the libraries and copydesk's own code.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

from eval.records import EvalQuestion
from eval.store import dump

MOST_BYTES = 500_000_000
# Which questions are asked, and how intervals are drawn, changes no answer.
_OF_THE_DRAW = frozenset({"limit", "ids", "only", "seed"})
_SCHEMA = """
CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, record TEXT NOT NULL, asked_at INTEGER NOT NULL) STRICT;
"""


class AnswerCache:
    """A file of records of answers.jsonl by key, which several processes may use at once.

    Its failures cost time, not results: they are told in `trouble`, and the question is asked.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.trouble: str | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with closing(self._open()) as connection, connection:
                connection.executescript(_SCHEMA)
                if path.stat().st_size > MOST_BYTES:
                    _forget_older_half(connection)
        except (OSError, sqlite3.Error) as error:
            self._failed(error)

    def get(self, key: str) -> dict[str, Any] | None:
        """The record kept under a key, or None."""
        try:
            with closing(self._open()) as connection:
                row = connection.execute("SELECT record FROM answers WHERE key = ?", [key]).fetchone()
            record = None if row is None else json.loads(row[0])
        except (OSError, sqlite3.Error, ValueError) as error:
            self._failed(error)
            return None
        return record if isinstance(record, dict) else None

    def put(self, key: str, record: Mapping[str, object]) -> None:
        """Keep a record, in place of one that is there."""
        try:
            with closing(self._open()) as connection, connection:
                connection.execute(
                    "INSERT OR REPLACE INTO answers VALUES (?, ?, unixepoch())",
                    [key, dump(record)],
                )
        except (OSError, sqlite3.Error) as error:
            self._failed(error)

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=30)

    def _failed(self, error: Exception) -> None:
        self.trouble = f"{self._path}: {error}"


def _forget_older_half(connection: sqlite3.Connection) -> None:
    connection.execute(
        "DELETE FROM answers WHERE key IN "
        "(SELECT key FROM answers ORDER BY asked_at, rowid LIMIT (SELECT count(*) / 2 FROM answers))"
    )
    connection.commit()
    with suppress(sqlite3.OperationalError):  # another process reads: the next one will shrink the file
        connection.execute("VACUUM")


def key_of(settings: Mapping[str, Any], question: EvalQuestion, before: Iterable[EvalQuestion]) -> str:
    """Names an answer by all that it rests on: a run's settings, the question, and the turns before it, oldest first.

    Where the archive lies and which questions are asked beside it are left out.
    """
    told = {
        **{name: value for name, value in settings.items() if name != "dataset"},
        "asked": {name: value for name, value in settings["asked"].items() if name not in _OF_THE_DRAW},
        "archive": {name: value for name, value in settings["archive"].items() if name != "folder"},
        "questions": [{**asdict(one), "asked_on": one.asked_on.isoformat()} for one in (*before, question)],
    }
    return sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode("utf-8", "replace")).hexdigest()
