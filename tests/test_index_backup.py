"""A backup is the archive of one moment, whatever writes meanwhile; restored, readers that are open follow."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from schemas import make_older
from support import FakeEmbedder, made_up_articles, make_archive, make_article

from index.archive import Archive
from index.backup import back_up, restore
from index.build import add_articles, remove_articles
from index.check import check_article, check_stores
from index.errors import ArchiveError
from index.feeds import Feed, follow_feed, load_feeds
from index.records import Filters
from index.schema import DATABASE_NAME
from index.vectors import VectorIndex

FERRY = make_article("The ferry to Brannock was late. Nobody minded.", "https://news.example/ferry", title="Ferry late")
RAIN = make_article("It rained on Marn.", "https://news.example/rain")


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with closing(make_archive(tmp_path / "archive", [FERRY, *made_up_articles(30)])) as archive:
        yield archive


def problems(archive: Archive) -> list[str]:
    found = [line for info in archive.infos() for line in check_article(archive, info.article_id)[1]]
    return found + check_stores(archive)


def test_a_backup_restored_elsewhere_is_the_archive(archive: Archive, tmp_path: Path) -> None:
    follow_feed(archive.folder, Feed("https://news.example/feed", "News"))
    written = back_up(archive, tmp_path / "backup.sqlite3")
    assert restore(written, tmp_path / "new") is None
    with closing(Archive(tmp_path / "new")) as restored:
        assert {info.article_id for info in restored.infos()} == {info.article_id for info in archive.infos()}
        assert restored.article(FERRY.article_id) == FERRY
        assert problems(restored) == []
        assert load_feeds(restored.folder) == load_feeds(archive.folder) != ()
        assert add_articles(restored, FakeEmbedder(), [FERRY]).unchanged == 1


def test_a_folder_gets_a_file_named_by_the_time(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "backups").mkdir()
    written = back_up(archive, tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == [written]
    with pytest.raises(ArchiveError, match="is there already"):
        back_up(archive, written)


def test_a_backup_made_while_a_writer_runs_is_whole(archive: Archive, tmp_path: Path) -> None:
    done = threading.Event()

    def write() -> None:
        with closing(Archive(archive.folder)) as writer:
            for number in range(12):
                add_articles(writer, FakeEmbedder(), [make_article(f"Report {number}.", f"https://n.example/{number}")])
        done.set()

    thread = threading.Thread(target=write)
    thread.start()
    written = []
    while not done.is_set() or not written:
        written.append(back_up(archive, tmp_path / f"{len(written)}.sqlite3"))
        done.wait(0.3)
    thread.join()
    for number in sorted({0, len(written) // 2, len(written) - 1}):
        restore(written[number], tmp_path / f"restored {number}")
        with closing(Archive(tmp_path / f"restored {number}")) as restored:
            assert 31 <= restored.article_count() <= 43
            assert problems(restored) == []


def test_an_archive_is_replaced_only_when_that_is_meant_and_kept_aside(archive: Archive, tmp_path: Path) -> None:
    written = back_up(archive, tmp_path / "backup.sqlite3")
    add_articles(archive, FakeEmbedder(), [RAIN])
    with pytest.raises(ArchiveError, match="--replace"):
        restore(written, archive.folder)
    assert archive.article(RAIN.article_id) == RAIN
    kept = restore(written, archive.folder, replace=True)
    assert kept is not None
    restore(kept / DATABASE_NAME, tmp_path / "as it was")
    with closing(Archive(tmp_path / "as it was")) as before:
        assert before.article(RAIN.article_id) == RAIN


def test_a_reader_that_is_open_follows(archive: Archive, tmp_path: Path) -> None:
    written = back_up(archive, tmp_path / "backup.sqlite3")
    with closing(Archive(archive.folder)) as reader, closing(VectorIndex(reader)) as vectors:
        remove_articles(archive, [FERRY.article_id])
        add_articles(archive, FakeEmbedder(), [RAIN])

        def nearest(text: str) -> str:
            hits = vectors.search(FakeEmbedder().embed([text])[0], 1, Filters())
            return reader.passages([hits[0][0]])[hits[0][0]].passage.text

        assert nearest(RAIN.text) == RAIN.text
        assert nearest(FERRY.text) != FERRY.text
        seen = reader.data_version()
        restore(written, archive.folder, replace=True)
        assert reader.data_version() > seen
        assert nearest(FERRY.text) == FERRY.text
        assert nearest(RAIN.text) != RAIN.text
        assert problems(reader) == []


def test_a_backup_of_an_older_schema_is_brought_up_to_date(archive: Archive, tmp_path: Path) -> None:
    written = back_up(archive, tmp_path / DATABASE_NAME)
    make_older(tmp_path, 1)
    restore(written, tmp_path / "new")
    with closing(Archive(tmp_path / "new")) as restored:
        assert restored.article(FERRY.article_id) == FERRY
        assert problems(restored) == []


def damaged(path: Path) -> Path:
    content = bytearray(path.read_bytes())
    content[len(content) // 3 : len(content) // 3 + 8192] = b"\xff" * 8192
    path.write_bytes(content)
    return path


def other_program(path: Path) -> Path:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    return path


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (damaged, "use another one"),
        (other_program, "is no backup of copydesk's"),
        (lambda path: path.with_name("nothing"), "there is no backup"),
        (lambda path: path.parent, "there is no backup"),
    ],
)
def test_what_is_no_backup_is_refused_and_changes_nothing(archive: Archive, tmp_path: Path, spoil, message) -> None:  # type: ignore[no-untyped-def]
    spoiled = spoil(back_up(archive, tmp_path / "backup.sqlite3"))
    before = archive.data_version()
    with pytest.raises(ArchiveError, match=message) as caught:
        restore(spoiled, archive.folder, replace=True)
    assert "\n" not in str(caught.value)
    assert archive.data_version() == before
    assert problems(archive) == []


def test_a_place_that_cannot_be_written_is_named(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ArchiveError, match="can't be written"):
        back_up(archive, tmp_path / "file" / "backup.sqlite3")
