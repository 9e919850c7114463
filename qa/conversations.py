"""Conversations and feedback, in an SQLite file of their own, outside the archive and its writer's lock.

Each belongs to an owner, a login or a browser, and what is asked for in one owner's name never gives another's. Several
processes may use the file at once; every change is a transaction in a write-ahead log, so that a kill loses nothing.
"""

import json
import os
import re
import secrets
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from index.errors import CopydeskError

Rating = Literal["up", "down"]
JsonObject = Mapping[str, Any]

APPLICATION_ID = 0x63707463
SCHEMA_VERSION = 1
LONGEST_TITLE = 80
LONGEST_REASON = 2000
_SECONDS_TO_WAIT = 10.0
_SCHEMA = """
CREATE TABLE conversations (
    conversation_id TEXT PRIMARY KEY, owner TEXT NOT NULL, title TEXT NOT NULL,
    begun_at TEXT NOT NULL, changed_at TEXT NOT NULL
) STRICT;
CREATE INDEX conversations_by_owner ON conversations (owner, changed_at);
CREATE TABLE turns (
    turn_key INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id TEXT NOT NULL REFERENCES conversations ON DELETE CASCADE,
    position INTEGER NOT NULL, asked_at TEXT NOT NULL, answer TEXT NOT NULL, made_with TEXT NOT NULL,
    UNIQUE (conversation_id, position)
) STRICT;
CREATE TABLE feedback (
    turn_key INTEGER PRIMARY KEY REFERENCES turns ON DELETE CASCADE,
    rating TEXT NOT NULL CHECK (rating IN ('up', 'down')), reason TEXT NOT NULL, given_at TEXT NOT NULL
) STRICT;
CREATE VIRTUAL TABLE turns_fts USING fts5 (words, tokenize = 'unicode61 remove_diacritics 2');
CREATE TRIGGER turns_unindexed AFTER DELETE ON turns BEGIN DELETE FROM turns_fts WHERE rowid = old.turn_key; END
"""
# What leads from each schema that was ever in use to the next: statements, one by one.
_MIGRATIONS: Mapping[int, Sequence[str]] = {}
_WORD = re.compile(r"[^\W_]+")


class ConversationsError(CopydeskError):
    """Conversations can't be read or saved, or there is none of that name."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation as a list shows it; the moments are UTC."""

    conversation_id: str
    owner: str
    title: str
    begun_at: datetime
    changed_at: datetime
    turn_count: int


@dataclass(frozen=True, slots=True)
class Feedback:
    """What somebody thought of an answer. `reason` may be empty."""

    rating: Rating
    reason: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class SavedTurn:
    """A question and its answer, as `qa.serialize` writes it, and what archive and settings it was made with."""

    position: int
    asked_at: datetime
    answer: JsonObject
    made_with: JsonObject
    feedback: Feedback | None = None


@dataclass(frozen=True, slots=True)
class RatedTurn:
    """A turn somebody gave feedback on, and where it stands."""

    conversation_id: str
    owner: str
    turn: SavedTurn
    feedback: Feedback


def login_owner(name: str) -> str:
    """The owner that somebody who has logged in is."""
    return f"login:{name}"


def browser_owner(token: str) -> str:
    """The owner that a browser is, by the random token it keeps; the file doesn't hold the token itself."""
    return f"browser:{sha256(token.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def default_conversations() -> Path:
    """$COPYDESK_CONVERSATIONS, else a file in the platform's user data folder."""
    from platformdirs import user_data_path

    chosen = os.environ.get("COPYDESK_CONVERSATIONS")
    return (
        Path(chosen).expanduser() if chosen else user_data_path("copydesk", appauthor=False) / "conversations.sqlite3"
    )


class Conversations:
    """The conversations in a file, made on first use unless `create` is False. May be used from several threads.

    Every method raises ConversationsError where the file can't be used. `owner` None means everybody's, for whoever
    runs copydesk on the command line.
    """

    def __init__(self, path: Path, *, create: bool = True) -> None:
        self.path = path
        if not create and not path.exists():
            raise ConversationsError(f"there are no conversations in {path}: 'copydesk chat' saves them there")
        with self._failures(), self._connection() as connection:
            _prepare(connection, path)

    def save(
        self, owner: str, conversation_id: str | None, answer: JsonObject, made_with: JsonObject
    ) -> tuple[str, int]:
        """Append a turn and return its conversation and position. None begins a conversation; so does one that is no
        longer there, or somebody else's.
        """
        now = datetime.now(UTC).isoformat()
        question = str(answer["question"])
        with self._changing() as connection:
            if conversation_id is None or not _is_owned(connection, owner, conversation_id):
                conversation_id = secrets.token_hex(8)
                connection.execute(
                    "INSERT INTO conversations VALUES (?, ?, ?, ?, ?)",
                    [conversation_id, owner, title_from(question), now, now],
                )
            position = int(
                connection.execute(
                    "SELECT coalesce(max(position) + 1, 0) FROM turns WHERE conversation_id = ?", [conversation_id]
                ).fetchone()[0]
            )
            key = connection.execute(
                "INSERT INTO turns (conversation_id, position, asked_at, answer, made_with) VALUES (?, ?, ?, ?, ?)",
                [conversation_id, position, now, _dumped(answer), _dumped(made_with)],
            ).lastrowid
            connection.execute("INSERT INTO turns_fts (rowid, words) VALUES (?, ?)", [key, _searched(answer)])
            connection.execute(
                "UPDATE conversations SET changed_at = ? WHERE conversation_id = ?", [now, conversation_id]
            )
        return conversation_id, position

    def listed(self, owner: str | None = None, search: str = "", limit: int = -1) -> list[Conversation]:
        """The conversations, the latest first; with `search`, those whose title, questions or answers have its words,
        the last of them perhaps only begun.
        """
        found = [word.lower() for word in _WORD.findall(_storable(search))]
        if search.strip() and not found:
            return []
        condition, parameters = "1", []
        if found:
            match = " ".join(f'"{word}"' for word in found) + "*"
            likes = " AND ".join(["instr(lower(c.title), ?)"] * len(found))
            condition = (
                "(c.conversation_id IN (SELECT conversation_id FROM turns WHERE turn_key IN "
                f"(SELECT rowid FROM turns_fts WHERE turns_fts MATCH ?)) OR ({likes}))"
            )
            parameters = [match, *found]
        with self._failures(), self._connection() as connection:
            rows = connection.execute(
                "SELECT c.*, (SELECT count(*) FROM turns t WHERE t.conversation_id = c.conversation_id) "
                f"FROM conversations c WHERE (?1 IS NULL OR c.owner = ?1) AND {condition} "
                "ORDER BY c.changed_at DESC, c.conversation_id LIMIT ?",
                [owner, *parameters, limit],
            ).fetchall()
        return [_conversation(row) for row in rows]

    def open(self, owner: str | None, conversation_id: str) -> tuple[Conversation, tuple[SavedTurn, ...]]:
        """A conversation and its turns in order.

        Raises ConversationsError for one that isn't there, or isn't theirs.
        """
        with self._failures(), self._connection() as connection:
            connection.execute("BEGIN")
            row = connection.execute(
                "SELECT c.*, (SELECT count(*) FROM turns t WHERE t.conversation_id = c.conversation_id) "
                "FROM conversations c WHERE c.conversation_id = ?1 AND (?2 IS NULL OR c.owner = ?2)",
                [conversation_id, owner],
            ).fetchone()
            rows = connection.execute(
                "SELECT t.position, t.asked_at, t.answer, t.made_with, f.rating, f.reason, f.given_at "
                "FROM turns t LEFT JOIN feedback f USING (turn_key) WHERE conversation_id = ? ORDER BY position",
                [conversation_id],
            ).fetchall()
        if row is None:
            raise self._none_such(conversation_id)
        return _conversation(row), tuple(_turn(row) for row in rows)

    def rename(self, owner: str | None, conversation_id: str, title: str) -> None:
        """Give a conversation another title. Raises ConversationsError for a blank one."""
        if not title.strip():
            raise ConversationsError("a conversation needs a title: write one")
        with self._changing() as connection:
            changed = connection.execute(
                "UPDATE conversations SET title = ?3 WHERE conversation_id = ?1 AND (?2 IS NULL OR owner = ?2)",
                [conversation_id, owner, title_from(title)],
            ).rowcount
        if not changed:
            raise self._none_such(conversation_id)

    def delete(self, owner: str | None, conversation_id: str) -> None:
        """Delete a conversation with its answers and the feedback on them, for good."""
        with self._changing() as connection:
            gone = connection.execute(
                "DELETE FROM conversations WHERE conversation_id = ?1 AND (?2 IS NULL OR owner = ?2)",
                [conversation_id, owner],
            ).rowcount
            # Until its parts are merged, the index keeps the words of what was deleted.
            connection.execute("INSERT INTO turns_fts (turns_fts) VALUES ('optimize')")
        if not gone:
            raise self._none_such(conversation_id)

    def rate(self, owner: str, conversation_id: str, position: int, rating: Rating | None, reason: str = "") -> None:
        """Keep what the owner thinks of an answer, in place of what they thought before; None takes it back."""
        with self._changing() as connection:
            row = connection.execute(
                "SELECT turn_key FROM turns JOIN conversations USING (conversation_id) "
                "WHERE conversation_id = ? AND owner = ? AND position = ?",
                [conversation_id, owner, position],
            ).fetchone()
            if row is None:
                raise self._none_such(conversation_id)
            connection.execute("DELETE FROM feedback WHERE turn_key = ?", row)
            if rating is not None:
                moment = datetime.now(UTC).isoformat()
                connection.execute(
                    "INSERT INTO feedback VALUES (?, ?, ?, ?)",
                    [row[0], rating, _storable(reason[:LONGEST_REASON]), moment],
                )

    def feedback(self, owner: str | None = None) -> list[RatedTurn]:
        """Every answer that was rated, as it was, the latest rating first."""
        with self._failures(), self._connection() as connection:
            rows = connection.execute(
                "SELECT c.conversation_id, c.owner, t.position, t.asked_at, t.answer, t.made_with, f.rating, f.reason, "
                "f.given_at FROM feedback f JOIN turns t USING (turn_key) JOIN conversations c USING (conversation_id) "
                "WHERE ?1 IS NULL OR c.owner = ?1 ORDER BY f.given_at DESC, turn_key DESC",
                [owner],
            ).fetchall()
        turns = [(row[0], row[1], _turn(row[2:])) for row in rows]
        return [RatedTurn(name, whose, turn, turn.feedback) for name, whose, turn in turns if turn.feedback]

    def _none_such(self, conversation_id: str) -> ConversationsError:
        return ConversationsError(
            f"there is no conversation {conversation_id} in {self.path}: 'copydesk conversations list' shows them"
        )

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if not self.path.exists():  # what people ask is nobody else's business
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        with closing(sqlite3.connect(self.path, timeout=_SECONDS_TO_WAIT, isolation_level=None)) as connection:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA secure_delete = ON")
            yield connection

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        with self._failures(), self._connection() as connection, _transaction(connection):
            yield connection

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            if any(words in str(error) for words in ("malformed", "not a database", "disk image")):
                raise ConversationsError(
                    f"the conversations in {self.path} can't be read, the file is damaged ({error}): move it away and "
                    "a new one is begun, or name another with --conversations"
                ) from error
            raise ConversationsError(f"the conversations in {self.path} can't be used: {error}") from error
        except OSError as error:
            raise ConversationsError(
                f"the conversations in {self.path} can't be used: {(error.strerror or str(error)).lower()}"
            ) from error


def title_from(text: str) -> str:
    """A title of one line, at most 80 characters."""
    line = " ".join(_storable(text).split())
    return line if len(line) <= LONGEST_TITLE else f"{line[: LONGEST_TITLE - 1].rstrip()}…"


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("PRAGMA user_version").fetchone()[0] != SCHEMA_VERSION:
        with _transaction(connection):
            _bring_up_to_date(connection, path)
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise ConversationsError(f"{path} is a database of another program: choose another with --conversations")
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        connection.execute("PRAGMA journal_mode = WAL")


def _bring_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    # Inside the transaction: another process may have done it while this one waited.
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version == 0:
        if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise ConversationsError(f"{path} is a database of another program: choose another with --conversations")
        create, _, trigger = _SCHEMA.partition("CREATE TRIGGER")
        for statement in (*create.split(";"), f"CREATE TRIGGER{trigger}"):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    elif version > SCHEMA_VERSION:
        raise ConversationsError(f"{path} was written by a newer copydesk (schema {version}): upgrade copydesk")
    for before in range(max(version, 1), SCHEMA_VERSION):
        for statement in _MIGRATIONS[before]:
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _is_owned(connection: sqlite3.Connection, owner: str, conversation_id: str) -> bool:
    found = connection.execute(
        "SELECT 1 FROM conversations WHERE conversation_id = ? AND owner = ?", [conversation_id, owner]
    )
    return found.fetchone() is not None


def _searched(answer: JsonObject) -> str:
    sentences = [str(sentence["text"]) for sentence in answer["sentences"]]
    return _storable("\n".join([str(answer["question"]), *sentences]))


def _storable(text: str) -> str:
    """SQLite's texts are UTF-8, which has no half of a surrogate pair."""
    return text.encode("utf-8", "replace").decode()


def _dumped(value: JsonObject) -> str:
    # As ASCII: half a surrogate pair has no other form that SQLite stores.
    return json.dumps(value, ensure_ascii=True, allow_nan=False)


def _conversation(row: Sequence[Any]) -> Conversation:
    identifier, owner, title, begun_at, changed_at, count = row
    moments = (datetime.fromisoformat(begun_at), datetime.fromisoformat(changed_at))
    return Conversation(identifier, owner, title, *moments, count)


def _turn(row: Sequence[Any]) -> SavedTurn:
    position, asked_at, answer, made_with, rating, reason, given_at = row
    feedback = Feedback(rating, reason, datetime.fromisoformat(given_at)) if rating else None
    return SavedTurn(position, datetime.fromisoformat(asked_at), json.loads(answer), json.loads(made_with), feedback)
