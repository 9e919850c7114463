"""The archive's SQLite schema and how a connection to it is opened."""

import sqlite3
from pathlib import Path

from index.errors import ArchiveError

APPLICATION_ID = 0x636F7079
SCHEMA_VERSION = 1
DATABASE_NAME = "archive.sqlite3"

FULL_TEXT_SCHEMA = (
    "CREATE VIRTUAL TABLE passages_fts USING fts5 (title, day, body, tokenize = 'porter unicode61 remove_diacritics 2')"
)
# `passage_key` is never used twice (AUTOINCREMENT), so "everything after key N" is what the vector index still lacks.
_SCHEMA = f"""
CREATE TABLE manifest (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE versions (
    article_id TEXT NOT NULL, version TEXT NOT NULL, url TEXT, title TEXT, outlet TEXT, authors TEXT NOT NULL,
    published TEXT, text TEXT NOT NULL, stored_at TEXT NOT NULL, PRIMARY KEY (article_id, version)
) STRICT;
CREATE TABLE articles (
    article_id TEXT PRIMARY KEY, version TEXT NOT NULL,
    FOREIGN KEY (article_id, version) REFERENCES versions
) STRICT;
CREATE TABLE furniture (
    article_id TEXT NOT NULL, start_char INTEGER NOT NULL, end_char INTEGER NOT NULL, kind TEXT NOT NULL,
    PRIMARY KEY (article_id, start_char)
) STRICT, WITHOUT ROWID;
CREATE TABLE sentences (
    article_id TEXT NOT NULL, position INTEGER NOT NULL, start_char INTEGER NOT NULL, end_char INTEGER NOT NULL,
    PRIMARY KEY (article_id, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE passages (
    passage_key INTEGER PRIMARY KEY AUTOINCREMENT, passage_id TEXT NOT NULL UNIQUE, article_id TEXT NOT NULL,
    first_position INTEGER NOT NULL, last_position INTEGER NOT NULL, digest TEXT NOT NULL, vector BLOB NOT NULL
) STRICT;
CREATE INDEX passages_by_article ON passages (article_id);
CREATE TABLE removed_passages (passage_id TEXT PRIMARY KEY) STRICT;
{FULL_TEXT_SCHEMA};
"""


def connect(folder: Path) -> sqlite3.Connection:
    """Open the archive's database, creating folder and schema where there are none yet.

    Raises ArchiveError when the folder can't be used, or holds something else or a newer archive.
    """
    path = folder / DATABASE_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        raise ArchiveError(f"the archive folder {folder} can't be used: {_reason(error)}") from error
    try:
        _prepare(connection, path)
    except sqlite3.Error as error:
        connection.close()
        raise ArchiveError(f"the archive {path} can't be read: {_reason(error)}") from error
    except ArchiveError:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("PRAGMA busy_timeout = 30000")
    if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
        _create(connection, path)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = NORMAL")
    application_id = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if application_id != APPLICATION_ID:
        raise ArchiveError(f"{path} is a database of another program: choose another archive folder")
    if version > SCHEMA_VERSION:
        raise ArchiveError(f"{path} was written by a newer copydesk (schema {version}): upgrade copydesk to read it")
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        connection.execute("PRAGMA journal_mode = WAL")


def _create(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have created it while this one waited.
        if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
            if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                raise ArchiveError(f"{path} is a database of another program: choose another archive folder")
            for statement in _SCHEMA.split(";"):
                if statement.strip():
                    connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__
