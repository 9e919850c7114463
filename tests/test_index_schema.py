"""Archives of every released schema are brought to the present one: whole, with a copy kept, or not at all."""

import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from schemas import RELEASED, make_older
from support import FakeEmbedder, made_up_articles, make_archive, make_article

from index.archive import Archive
from index.build import add_articles, remove_articles
from index.check import check_article, check_stores
from index.errors import ArchiveError
from index.locking import writer_lock
from index.schema import DATABASE_NAME, SCHEMA_VERSION

HERE = Path(__file__).parent
FERRY = make_article("The ferry to Brannock was late. Nobody minded.", "https://news.example/ferry", title="Ferry late")
EARLY = make_article("The ferry to Brannock was early.", "https://news.example/ferry", title="Ferry early")
OPEN = "import sys; from pathlib import Path; from index.archive import Archive; Archive(Path(sys.argv[1]))"
# The process kills itself when the database is about to run the statement of this number of the migration.
KILL_ITSELF = """
import os, signal, sqlite3, sys
real, left = sqlite3.connect, [int(sys.argv[2])]
def traced(*arguments, **options):
    connection = real(*arguments, **options)
    def count(statement):
        if statement.startswith(("BEGIN", "ALTER", "CREATE", "PRAGMA user_version =", "COMMIT", "ROLLBACK")):
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)
    connection.set_trace_callback(count)
    return connection
sqlite3.connect = traced
"""


@pytest.fixture(params=sorted(RELEASED))
def older(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An archive of a released schema, with an older version of one article."""
    folder = tmp_path / "archive"
    with closing(make_archive(folder, [FERRY, *made_up_articles(5)])) as archive:
        add_articles(archive, FakeEmbedder(), [EARLY])
    make_older(folder, int(request.param))
    return folder


def shape(path: Path) -> dict[str, Any]:
    """Tables with their columns, and indexes with their table."""
    with closing(sqlite3.connect(path)) as connection:
        entries = connection.execute("SELECT type, name, tbl_name FROM sqlite_master").fetchall()
        return {
            name: connection.execute(f"PRAGMA table_xinfo({name})").fetchall() if kind == "table" else table
            for kind, name, table in entries
        }


def schema_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def problems(archive: Archive) -> Iterator[str]:
    for info in archive.infos():
        yield from check_article(archive, info.article_id)[1]
    yield from check_stores(archive)


def test_every_schema_before_the_present_one_is_known() -> None:
    assert sorted(RELEASED) == list(range(1, SCHEMA_VERSION))


def test_an_older_archive_is_brought_up_to_date_and_loses_nothing(older: Path, tmp_path: Path) -> None:
    before = schema_of(older / DATABASE_NAME)
    with closing(Archive(older)) as archive:
        assert archive.upgraded is not None
        assert re.search(rf"from schema {before} to {SCHEMA_VERSION}", archive.upgraded)
        assert archive.article(EARLY.article_id) == EARLY
        assert archive.article(FERRY.article_id, FERRY.version) == FERRY
        assert archive.article_count() == 6
        assert list(problems(archive)) == []
        assert add_articles(archive, FakeEmbedder(), [EARLY]).unchanged == 1
        remove_articles(archive, [EARLY.article_id])
        assert [removed.article for removed in archive.removed()] == [EARLY.info]
        assert list(problems(archive)) == []
    with closing(Archive(older)) as archive:
        assert archive.upgraded is None
    Archive(tmp_path / "new").close()
    assert shape(older / DATABASE_NAME) == shape(tmp_path / "new" / DATABASE_NAME)


def test_the_archive_as_it_was_is_kept(older: Path) -> None:
    before = schema_of(older / DATABASE_NAME)
    Archive(older).close()
    kept = older / f"archive-schema-{before}.sqlite3"
    assert schema_of(kept) == before
    with closing(sqlite3.connect(kept)) as connection:
        assert connection.execute("SELECT count(*) FROM versions").fetchone() == (7,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_killed_before_any_statement_of_the_migration_the_archive_is_as_it_was_or_done(older: Path) -> None:
    before = schema_of(older / DATABASE_NAME)
    killed = 0
    for statement in range(100):
        run = subprocess.run(
            [sys.executable, "-c", KILL_ITSELF + OPEN, str(older), str(statement)],
            env={"PYTHONPATH": str(HERE.parent)},
            check=False,
        )
        if run.returncode == 0:
            break
        assert run.returncode == -signal.SIGKILL
        killed += 1
        assert schema_of(older / DATABASE_NAME) == before
        with closing(sqlite3.connect(older / DATABASE_NAME)) as connection:
            assert connection.execute("SELECT count(*) FROM versions").fetchone() == (7,)
    assert killed > len("begin alter create create commit".split())
    with closing(Archive(older)) as archive:
        assert archive.upgraded is None
        assert list(problems(archive)) == []
    assert not list(older.glob("*.part*"))


def test_many_may_open_an_older_archive_at_once(older: Path) -> None:
    def count(_: int) -> tuple[int, bool]:
        with closing(Archive(older)) as archive:
            return archive.article_count(), archive.upgraded is not None

    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(count, range(16)))
    assert {articles for articles, _ in opened} == {6}
    assert sum(upgraded for _, upgraded in opened) == 1


def test_an_older_archive_is_not_touched_while_another_process_writes(
    older: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.schema.SECONDS_TO_WAIT_FOR_A_WRITER", 0.1)
    before = schema_of(older / DATABASE_NAME)
    with writer_lock(older), pytest.raises(ArchiveError, match="another copydesk command is writing"):
        Archive(older)
    assert schema_of(older / DATABASE_NAME) == before


def test_an_older_archive_that_cannot_be_copied_is_left_as_it_was(older: Path) -> None:
    before = schema_of(older / DATABASE_NAME)
    (older / f"archive-schema-{before}.sqlite3.part").mkdir()
    with pytest.raises(ArchiveError, match="it is as it was") as caught:
        Archive(older)
    assert "\n" not in str(caught.value)
    assert schema_of(older / DATABASE_NAME) == before


def test_an_archive_of_an_unknown_older_schema_is_refused(tmp_path: Path) -> None:
    Archive(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / DATABASE_NAME)) as connection:
        connection.execute("PRAGMA user_version = -1")
    with pytest.raises(ArchiveError, match="older schema"):
        Archive(tmp_path)
