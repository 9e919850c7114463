"""The schemas that archives of earlier versions have, as they were released, and how to make such an archive."""

import sqlite3
from contextlib import closing
from pathlib import Path

from index.schema import APPLICATION_ID, DATABASE_NAME

RELEASED = {
    1: """
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
CREATE VIRTUAL TABLE passages_fts USING fts5 (title, day, body, tokenize = 'porter unicode61 remove_diacritics 2');
"""
}


def make_older(folder: Path, schema: int) -> None:
    """Turn an archive that nobody has open into one of an older schema, with all that this one could hold."""
    present, older = folder / DATABASE_NAME, folder / "older.sqlite3"
    with closing(sqlite3.connect(older)) as connection:
        connection.executescript(RELEASED[schema])
        connection.execute("ATTACH ? AS present", [str(present)])
        tables = "manifest versions articles furniture sentences passages removed_passages".split()
        for table in tables:
            names = ", ".join(row[1] for row in connection.execute(f"PRAGMA main.table_info({table})"))
            connection.execute(f"INSERT INTO main.{table} ({names}) SELECT {names} FROM present.{table}")
        connection.execute(
            "INSERT INTO main.passages_fts (rowid, title, day, body) "
            "SELECT rowid, title, day, body FROM present.passages_fts"
        )
        connection.commit()
        connection.execute("DETACH present")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {schema}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.commit()
    for leftover in ("-wal", "-shm"):
        present.with_name(present.name + leftover).unlink(missing_ok=True)
    older.replace(present)
