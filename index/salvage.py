"""What can still be read of a damaged database goes into a new one; the damaged one is kept."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.archive import INFO_COLUMNS, INFO_WIDTH, Archive, info_from_row
from index.backup import put_in_place, set_aside
from index.build import store_articles
from index.embedding import Embedder
from index.errors import ArchiveError
from index.locking import Patience, writer_lock
from index.records import Article, version_of
from index.schema import DATABASE_NAME, copy_database
from index.vectors import sync_vectors
from index.writer import writing

# A damaged page makes the rows around it unreadable; runs of this many are halved until what can be read is read.
LONGEST_RUN = 4_096
ROWS_IN_A_PAGE = 8
# What is copied as it is; the rest is derived from the versions.
_COLUMNS = {
    "versions": "article_id, version, url, title, outlet, authors, published, text, stored_at, language",
    "articles": "article_id, version",
    "removed_articles": "article_id, version, removed_at",
    "passages": "article_id, digest, vector",
    "manifest": "name, value",
}
_NOT_KEPT = ("generation", "generation_last_key", "reindexing", "reindexing_weights")


@dataclass(frozen=True, slots=True)
class Salvaged:
    """How many articles and versions were saved, whether that is all, and where the damaged database is kept."""

    articles: int
    versions: int
    complete: bool
    kept: Path


def salvage(folder: Path, embedder: Embedder, patience: Patience = Patience()) -> Salvaged:
    """Make the archive anew from what its damaged database still gives, with the vectors that are still there.

    Raises ArchiveError when nothing can be read at all; the damaged database stays then.
    """
    part = folder / "salvaged.part"
    try:
        with writer_lock(folder, patience):
            complete = _read_into(folder / DATABASE_NAME, part)
            with closing(Archive(part)) as rebuilt:
                articles, versions = _rebuild(rebuilt, embedder)
                copy_database(rebuilt.connection, folder / "restored.part")
            kept = set_aside(folder)
            put_in_place(folder / "restored.part", folder)
    except (OSError, sqlite3.Error) as error:
        raise ArchiveError(f"the archive {folder} can't be rebuilt: {error}; it is as it was") from error
    finally:
        _clear(part)
    if kept is None:
        raise ArchiveError(f"there is no database in {folder} to save anything from")
    with closing(Archive(folder)) as archive, writing(archive, patience) as writer:
        sync_vectors(writer, anew=True)
    return Salvaged(articles, versions, complete, kept)


def _read_into(damaged: Path, part: Path) -> bool:
    """Copy the rows that can be read into a new archive; returns whether that was all of them."""
    _clear(part)
    complete = True
    with closing(Archive(part)) as archive, closing(sqlite3.connect(damaged, timeout=30)) as source:
        source.execute("PRAGMA writable_schema = ON")  # else a file that was cut short gives nothing at all
        source.execute("PRAGMA query_only = ON")
        new = archive.connection
        new.execute("PRAGMA foreign_keys = OFF")
        new.execute("BEGIN IMMEDIATE")
        for table, columns in _COLUMNS.items():

            def give_up() -> None:
                nonlocal complete
                complete = False

            target = "removed_vectors" if table == "passages" else table
            marks = ", ".join("?" for _ in columns.split(","))
            rows = (row for row in _readable_rows(source, table, columns, give_up) if _sound(table, row))
            new.executemany(f"INSERT OR IGNORE INTO {target} VALUES ({marks})", rows)
        new.execute("COMMIT")
    return complete


def _sound(table: str, row: tuple[Any, ...]) -> bool:
    """A version's name is the hash of its text, so damage inside a text shows."""
    if table == "versions":
        return isinstance(row[7], str) and version_of(row[7]) == row[1]
    if table == "manifest":
        return row[0] not in _NOT_KEPT
    return None not in row


def _readable_rows(
    source: sqlite3.Connection, table: str, columns: str, give_up: Callable[[], None]
) -> Iterator[tuple[Any, ...]]:
    """The rows of a table in runs of row numbers, each halved where it can't be read; `give_up` hears of lost ones."""
    try:
        known = {row[1] for row in source.execute(f"PRAGMA table_info({table})")}
    except sqlite3.DatabaseError:  # not even the list of tables is left
        give_up()
        return
    if not known:  # an older schema's
        return
    wanted = ", ".join(name if name in known else "NULL" for name in columns.split(", "))
    runs = list(_runs(source, table))
    while runs:
        first, last = runs.pop()
        try:
            yield from source.execute(
                f"SELECT {wanted} FROM {table} WHERE rowid BETWEEN ? AND ?", [first, last]
            ).fetchall()
        except sqlite3.DatabaseError:
            if first == last:
                give_up()
                continue
            middle = (first + last) // 2
            runs += [(first, middle), (middle + 1, last)]


def _runs(source: sqlite3.Connection, table: str) -> Iterator[tuple[int, int]]:
    try:
        first, last = source.execute(f"SELECT min(rowid), max(rowid) FROM {table}").fetchone()
    except sqlite3.DatabaseError:  # an edge of the table is gone
        first, last = 1, _highest_row(source, table)
    for start in range(first or 1, (last or 0) + 1, LONGEST_RUN):
        yield start, min(last, start + LONGEST_RUN - 1)


def _highest_row(source: sqlite3.Connection, table: str) -> int:
    """The highest number that a row can have: the last one given, where that is kept, or what the file has room for."""
    try:
        row = source.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", [table]).fetchone()
        return int(row[0]) if row else int(source.execute("PRAGMA page_count").fetchone()[0]) * ROWS_IN_A_PAGE
    except sqlite3.DatabaseError:
        return int(source.execute("PRAGMA page_count").fetchone()[0]) * ROWS_IN_A_PAGE


def _rebuild(archive: Archive, embedder: Embedder) -> tuple[int, int]:
    """Derive everything from the versions that were saved; returns how many articles and versions there are."""
    connection = archive.connection
    # A pointer whose version was lost goes to the newest that is left; so does an article whose pointer was lost.
    rows = connection.execute(
        f"SELECT {INFO_COLUMNS}, v.text FROM versions v "
        "LEFT JOIN articles a ON a.article_id = v.article_id AND a.version = v.version "
        "WHERE v.article_id NOT IN (SELECT article_id FROM removed_articles) "
        "ORDER BY v.article_id, a.version IS NULL, v.stored_at DESC"
    ).fetchall()
    newest: dict[str, Article] = {}
    for row in rows:
        newest.setdefault(row[0], Article(info_from_row(row[:INFO_WIDTH]), row[INFO_WIDTH]))
    if not newest and not connection.execute("SELECT 1 FROM versions").fetchone():
        raise ArchiveError(
            f"nothing can be read of the damaged archive {archive.folder.parent}: 'copydesk restore' brings a backup "
            "back; without one, delete the folder and add the articles again"
        )
    connection.execute("DELETE FROM articles")
    with writing(archive) as writer:
        with writer.transaction():
            writer.record_identity(embedder.identity)
        store_articles(writer, embedder, newest.values())
    versions = connection.execute("SELECT count(*) FROM versions").fetchone()[0]
    return len(newest), int(versions)


def _clear(part: Path) -> None:
    shutil.rmtree(part, ignore_errors=True)
