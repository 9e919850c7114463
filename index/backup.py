"""Backups of an archive: its database in one file, with the list of feeds. Chroma's folder is made again from it."""

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from index.archive import Archive
from index.errors import ArchiveError
from index.feeds import LIST_NAME
from index.locking import Patience, writer_lock
from index.schema import APPLICATION_ID, DATABASE_NAME, SCHEMA_VERSION, copy_database
from index.vectors import sync_vectors
from index.writer import writing

SIDE_FILES = ("-wal", "-shm", "-journal")


def back_up(archive: Archive, target: Path) -> Path:
    """Write the archive as it is at this moment into one file, or into a new file in the folder `target`.

    A writer may be at work meanwhile. Raises ArchiveError when the file is there already or can't be written.
    """
    if target.is_dir():
        target = target / f"copydesk-{datetime.now():%Y-%m-%d-%H%M%S}.sqlite3"
    if target.exists():
        raise ArchiveError(f"{target} is there already: give another name for the backup")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}")
        copy_database(archive.connection, part)
        _pack_feeds(archive.folder, part)
        part.replace(target)
    except (OSError, sqlite3.Error) as error:
        raise ArchiveError(
            f"the backup {target} can't be written: {_reason(error)}; free some space there or choose another place"
        ) from error
    inspect_backup(target)
    return target


def inspect_backup(file: Path) -> int:
    """How many articles a backup holds. Raises ArchiveError when it is none, newer than this program, or damaged."""
    if not file.is_file():
        raise ArchiveError(f"there is no backup {file}: give the file that 'copydesk backup' wrote")
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            application_id = connection.execute("PRAGMA application_id").fetchone()[0]
            schema = connection.execute("PRAGMA user_version").fetchone()[0]
            if application_id != APPLICATION_ID:
                raise ArchiveError(f"{file} is no backup of copydesk's: give the file that 'copydesk backup' wrote")
            if schema > SCHEMA_VERSION:
                raise ArchiveError(f"{file} was written by a newer copydesk (schema {schema}): upgrade copydesk first")
            state = connection.execute("PRAGMA quick_check").fetchone()[0]
            if state != "ok":
                raise ArchiveError(f"the backup {file} is damaged ({_first_line(state)}): use another one")
            return int(connection.execute("SELECT count(*) FROM articles").fetchone()[0])
    except sqlite3.Error as error:
        raise ArchiveError(f"the backup {file} can't be read: {error}; use another one") from error


def restore(file: Path, folder: Path, *, replace: bool = False, patience: Patience = Patience()) -> Path | None:
    """Make the archive in `folder` what it was when the backup was made; readers that are open follow.

    Returns where the database that was there is kept, None where there was none. Raises ArchiveError when the backup
    is no good, or when there is an archive already and `replace` doesn't say that it may go.
    """
    inspect_backup(file)
    path = folder / DATABASE_NAME
    if path.exists() and path.stat().st_size and not replace:
        raise ArchiveError(
            f"there is an archive in {folder}: --replace puts the backup in its place and keeps it aside"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with writer_lock(folder, patience):
            kept = set_aside(folder)
            staged = folder / "restored.part"
            _stage(file, staged, _changes(path) + 1)
            put_in_place(staged, folder)
            _unpack_feeds(folder)
    except (OSError, sqlite3.Error) as error:
        raise ArchiveError(
            f"the backup {file} can't be restored to {folder}: {_reason(error)}; free some space or mend the folder"
        ) from error
    with closing(Archive(folder)) as archive, writing(archive, patience) as writer:
        sync_vectors(writer)
    return kept


def _pack_feeds(folder: Path, backup: Path) -> None:
    """The list of feeds goes into the backup's manifest."""
    feeds = folder / LIST_NAME
    if feeds.exists():
        with closing(sqlite3.connect(backup)) as connection, connection:
            connection.execute(
                "INSERT OR REPLACE INTO manifest VALUES (?, ?)", [LIST_NAME, feeds.read_text(encoding="utf-8")]
            )


def _unpack_feeds(folder: Path) -> None:
    with closing(sqlite3.connect(folder / DATABASE_NAME, timeout=30)) as connection, connection:
        row = connection.execute("DELETE FROM manifest WHERE name = ? RETURNING value", [LIST_NAME]).fetchone()
    if row:
        part = folder / f"{LIST_NAME}.part"
        part.write_text(row[0], encoding="utf-8")
        part.replace(folder / LIST_NAME)
    else:
        (folder / LIST_NAME).unlink(missing_ok=True)


def set_aside(folder: Path) -> Path | None:
    """Keep a copy of the database as it is, damaged or not, in a folder of its own; None where there is none."""
    path = folder / DATABASE_NAME
    if not path.exists():
        return None
    aside = folder / f"replaced-{datetime.now():%Y-%m-%d-%H%M%S-%f}"
    aside.mkdir()
    for file in (*(path.with_name(path.name + ending) for ending in ("", *SIDE_FILES)), folder / LIST_NAME):
        if file.exists():
            shutil.copy2(file, aside / file.name)
    return aside


def put_in_place(staged: Path, folder: Path) -> None:
    """Make a database of one file the archive's. The one there is written over in one transaction if it can be read,
    so that processes that have it open follow; else the file takes its place.
    """
    path = folder / DATABASE_NAME
    if not path.exists():
        staged.replace(path)
        return
    try:
        with closing(sqlite3.connect(path, timeout=30)) as present, closing(sqlite3.connect(staged)) as new:
            present.execute("SELECT count(*) FROM sqlite_master").fetchone()
            new.backup(present)
        with closing(sqlite3.connect(path)) as present:
            if present.execute("PRAGMA quick_check").fetchone()[0] != "ok":
                raise sqlite3.DatabaseError("the copy is not whole")
    except sqlite3.OperationalError:  # locked, or a full disk: the file is not to blame
        raise
    except sqlite3.DatabaseError:
        # A log left beside it would be played into the new file.
        for ending in SIDE_FILES:
            path.with_name(path.name + ending).unlink(missing_ok=True)
        staged.replace(path)
    staged.unlink(missing_ok=True)


def _stage(file: Path, staged: Path, changes: int) -> None:
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        copy_database(connection, staged)
    with closing(sqlite3.connect(staged)) as copy:
        # Chroma's folder is not of this database; and who watches for changes must see one.
        copy.execute("DELETE FROM manifest WHERE name IN ('generation', 'generation_last_key')")
        copy.execute(
            "INSERT INTO manifest VALUES ('changes', ?1) ON CONFLICT DO UPDATE "
            "SET value = CAST(max(CAST(value AS INTEGER), CAST(?1 AS INTEGER)) AS TEXT)",
            [str(changes)],
        )
        copy.commit()
    with staged.open("rb+") as written:
        os.fsync(written.fileno())


def _changes(path: Path) -> int:
    try:
        with closing(sqlite3.connect(path)) as connection:
            row = connection.execute("SELECT value FROM manifest WHERE name = 'changes'").fetchone()
            return int(row[0]) if row else 0
    except sqlite3.Error:
        return 0


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return _first_line(str(error)) or type(error).__name__


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else ""
