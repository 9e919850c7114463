"""The archive's SQLite schema, how a connection to it is opened, and how an older archive is brought to it."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from index.errors import ArchiveError
from index.locking import Patience, writer_lock

APPLICATION_ID = 0x636F7079
SCHEMA_VERSION = 2
DATABASE_NAME = "archive.sqlite3"
SECONDS_TO_WAIT_FOR_A_WRITER = 30.0
_BYTES_TO_READ = 100_000  # the index of the write-ahead log takes 32 KB, and grows

FULL_TEXT_SCHEMA = (
    "CREATE VIRTUAL TABLE passages_fts USING fts5 (title, day, body, tokenize = 'porter unicode61 remove_diacritics 2')"
)
# What a removed article leaves for 30 days: its versions stay where they are, and the vectors of its last one come
# here, so that it can be put back without embedding it again.
_REMOVED_SCHEMA = """
CREATE TABLE removed_articles (article_id TEXT PRIMARY KEY, version TEXT NOT NULL, removed_at TEXT NOT NULL) STRICT;
CREATE TABLE removed_vectors (
    article_id TEXT NOT NULL, digest TEXT NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (article_id, digest)
) STRICT, WITHOUT ROWID;
"""
# `similarity` is that to the nearest other member of the group; `signature` is what finds the next member.
_NEAR_COPIES_SCHEMA = """
CREATE TABLE near_copies (
    article_id TEXT NOT NULL, version TEXT NOT NULL, group_id TEXT, similarity REAL, signature BLOB,
    PRIMARY KEY (article_id, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX near_copies_by_group ON near_copies (group_id);
"""
# Where an article was read from: absolute paths (lines of a file and members of a zip file among them), web addresses.
_SOURCES_SCHEMA = """
CREATE TABLE sources (source TEXT PRIMARY KEY, article_id TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX sources_by_article ON sources (article_id);
"""
# `passage_key` is never used twice (AUTOINCREMENT), so "everything after key N" is what the vector index still lacks.
_SCHEMA = f"""
CREATE TABLE manifest (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE versions (
    article_id TEXT NOT NULL, version TEXT NOT NULL, url TEXT, title TEXT, outlet TEXT, authors TEXT NOT NULL,
    published TEXT, text TEXT NOT NULL, stored_at TEXT NOT NULL, language TEXT, PRIMARY KEY (article_id, version)
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
{_REMOVED_SCHEMA}{_NEAR_COPIES_SCHEMA}{_SOURCES_SCHEMA}"""
# What leads from each schema that was ever in use to the next.
_MIGRATIONS = {
    1: f"ALTER TABLE versions ADD COLUMN language TEXT; {_REMOVED_SCHEMA}{_NEAR_COPIES_SCHEMA}{_SOURCES_SCHEMA}",
}


def connect(folder: Path, *, create: bool = True) -> sqlite3.Connection:
    """Open the archive's database, creating folder and schema where there are none yet, if `create` allows it.

    Raises ArchiveError when the folder can't be used, or holds no archive, something else, or one of another schema.
    """
    path = folder / DATABASE_NAME
    _require_there(folder, create)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        raise ArchiveError(f"the archive folder {folder} can't be used: {_reason(error)}") from error
    try:
        _prepare(connection, path)
    except sqlite3.Error as error:
        connection.close()
        raise unreadable(folder, error) from error
    except ArchiveError:
        connection.close()
        raise
    return connection


def unreadable(folder: Path, error: sqlite3.Error) -> ArchiveError:
    """Why the archive's database can't be read, and the way back."""
    path = folder / DATABASE_NAME
    if any(word in str(error) for word in ("malformed", "not a database", "disk image")):
        return ArchiveError(
            f"the archive {path} is damaged ({error}): 'copydesk doctor' says what can be saved, "
            "'copydesk restore' brings a backup back"
        )
    if any(word in str(error) for word in ("readonly", "unable to open")):
        return ArchiveError(
            f"the archive {path} can't be opened ({error}); reading needs to write beside it, too: "
            "see to the folder's permissions, or copy it to a folder that can be written"
        )
    if is_full(folder):
        return ArchiveError(
            f"the archive {path} can't be opened ({error}), as its disk is full: free some space there; "
            "nothing in the archive is lost"
        )
    return ArchiveError(f"the archive {path} can't be read: {_reason(error)}; 'copydesk doctor' looks into it")


def is_full(folder: Path) -> bool:
    """Is there no room for what SQLite writes beside a database even to read it? It only says "disk I/O error" then."""
    try:
        return shutil.disk_usage(folder).free < _BYTES_TO_READ
    except OSError:
        return False


def _require_there(folder: Path, create: bool) -> None:
    """Raise ArchiveError where nothing may be created, and where a new database would hide the loss of the old one."""
    path = folder / DATABASE_NAME
    try:
        size = path.stat().st_size if path.exists() else None
        if size:
            return
        held_articles = any((folder / "chroma").glob("*/*.sqlite3"))
    except OSError as error:
        raise ArchiveError(f"the archive folder {folder} can't be used: {_reason(error)}") from error
    if held_articles:
        raise ArchiveError(
            f"the archive {path} is damaged (it is {'missing' if size is None else 'empty'}, though there is a vector "
            "index beside it): 'copydesk restore' brings a backup back; to begin anew, delete the folder"
        )
    if not create and not (folder.exists() and not folder.is_dir()):  # what is no folder is told as such
        raise ArchiveError(f"there is no archive in {folder}: 'copydesk add PATH' makes one, --archive names another")


def upgrade(folder: Path) -> str | None:
    """Bring an archive of an older schema to the present one, and say so in a line; None where nothing was to do.

    The database as it was is kept beside it. All of it happens, or nothing does, whenever it is interrupted.
    Raises ArchiveError when it can't be done, ArchiveBusyError while another process writes.
    """
    path = folder / DATABASE_NAME
    if _schema_of(path) not in _MIGRATIONS:
        return None
    with writer_lock(folder, Patience(SECONDS_TO_WAIT_FOR_A_WRITER)):
        before = _schema_of(path)
        if before not in _MIGRATIONS:  # another process did it while this one waited
            return None
        kept = folder / f"archive-schema-{before}.sqlite3"
        try:
            with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as connection:
                copy_database(connection, kept)
                _migrate(connection, before)
        except (sqlite3.Error, OSError) as error:
            raise ArchiveError(
                f"the archive {path} (schema {before}) can't be brought to schema {SCHEMA_VERSION}: {_reason(error)}; "
                "it is as it was: free some space or mend the folder, then try again"
            ) from error
    return f"The archive was brought from schema {before} to {SCHEMA_VERSION}; as it was, it is kept in {kept}."


def copy_database(connection: sqlite3.Connection, target: Path) -> None:
    """Copy a database that may be in use into one file; `target` is there only once it is whole and on the disk.

    Raises OSError or sqlite3.Error.
    """
    part = target.with_name(f"{target.name}.part")
    leftovers = [part.with_name(part.name + ending) for ending in ("", "-wal", "-shm", "-journal")]
    for leftover in leftovers:  # of a copy that was interrupted
        leftover.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(part)) as copy:
            connection.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # a backup is one file
        with part.open("rb+") as written:
            os.fsync(written.fileno())
        part.replace(target)
    except BaseException:
        for leftover in leftovers:
            leftover.unlink(missing_ok=True)
        raise


def _schema_of(path: Path) -> int:
    """The schema's version; 0 where there is no archive, or none that can be read."""
    try:
        if not path.is_file() or not path.stat().st_size:
            return 0
        with closing(sqlite3.connect(path, timeout=30)) as connection:
            if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
                return 0
            return int(connection.execute("PRAGMA user_version").fetchone()[0])
    except (OSError, sqlite3.Error):
        return 0  # `connect` says what is wrong


def _migrate(connection: sqlite3.Connection, version: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        while version in _MIGRATIONS:
            _run(connection, _MIGRATIONS[version])
            version += 1
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _run(connection: sqlite3.Connection, statements: str) -> None:
    """Run statements inside the present transaction, which `executescript` would end."""
    for statement in statements.split(";"):
        if statement.strip():
            connection.execute(statement.strip())


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("PRAGMA busy_timeout = 30000")
    if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
        _create(connection, path)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")  # what was said to be added outlives a power cut, too
    application_id = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if application_id != APPLICATION_ID:
        raise ArchiveError(f"{path} is a database of another program: choose another archive folder")
    if version > SCHEMA_VERSION:
        raise ArchiveError(f"{path} was written by a newer copydesk (schema {version}): upgrade copydesk to read it")
    if version < SCHEMA_VERSION:
        raise ArchiveError(f"{path} is of an older schema ({version}): open the archive again to bring it up to date")
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        connection.execute("PRAGMA journal_mode = WAL")


def _create(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have created it while this one waited.
        if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
            if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                raise ArchiveError(f"{path} is a database of another program: choose another archive folder")
            _run(connection, _SCHEMA)
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
