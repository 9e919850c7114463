"""The archive as readers see it, over real SQLite: versions, filters, several threads, folders that are no archive."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from support import FakeEmbedder, make_archive, make_article

from index.archive import Archive
from index.build import add_articles
from index.errors import ArchiveError, ManifestMismatchError
from index.records import Article, Filters, Furniture, article_id_for
from index.schema import DATABASE_NAME, SCHEMA_VERSION

FERRY = make_article(
    "The ferry to Brannock was late. Nobody minded.",
    "https://news.example/ferry",
    title="Ferry late",
    outlet="A Wire",
    authors=("Ida Brandt", "J. K. Rowe"),
    published=date(2026, 11, 9),
)
FAIR = make_article(
    "The spring fair drew 3,400 visitors.", "https://news.example/fair", outlet="B Post", published=date(2026, 3, 1)
)
UNDATED = make_article("A dam was built at Marn.", "https://news.example/dam", outlet="A Wire")
NAMELESS = make_article("Snow fell on Harrow Ford.", "/home/somebody/snow.txt", published=date(2026, 11, 9))
ARTICLES = (FERRY, FAIR, UNDATED, NAMELESS)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with closing(make_archive(tmp_path / "archive", ARTICLES)) as archive:
        yield archive


def test_an_article_comes_back_as_it_went_in(archive: Archive) -> None:
    for article in ARTICLES:
        assert archive.article(article.article_id) == article


def test_a_changed_text_is_a_new_version_and_the_old_one_stays_readable(archive: Archive) -> None:
    changed = make_article("The ferry to Brannock was early.", "https://news.example/ferry", title="Ferry early")
    add_articles(archive, FakeEmbedder(), [changed])
    assert archive.article(FERRY.article_id) == changed
    assert archive.article(FERRY.article_id, FERRY.version) == FERRY
    assert archive.versions(FERRY.article_id) == [FERRY.version, changed.version]
    assert archive.is_current(FERRY.article_id, changed.version)
    assert not archive.is_current(FERRY.article_id, FERRY.version)


def test_furniture_is_kept_for_the_current_version_only(archive: Archive) -> None:
    text = "The ferry was late.\n\nSource: A Wire"
    article = make_article(text, "https://news.example/source")
    add_articles(archive, FakeEmbedder(), [article])
    expected = (Furniture(text.index("Source"), len(text), "source_line"),)
    assert archive.furniture(article.article_id) == expected
    assert archive.furniture(article.article_id, article.version) == expected
    add_articles(archive, FakeEmbedder(), [make_article("It came.", "https://news.example/source")])
    assert archive.furniture(article.article_id, article.version) == ()


@pytest.mark.parametrize("version", [None, "0" * 16])
def test_what_is_not_there_is_an_error_that_says_where_to_look(archive: Archive, version: str | None) -> None:
    article_id = "f" * 16 if version is None else FERRY.article_id
    with pytest.raises(ArchiveError, match="copydesk list"):
        archive.article(article_id, version)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), ARTICLES),
        (Filters(outlets=("A Wire",)), (FERRY, UNDATED)),
        (Filters(outlets=("A Wire", "B Post")), (FERRY, FAIR, UNDATED)),
        (Filters(outlets=()), ()),
        (Filters(outlets=("a wire",)), ()),
        (Filters(outlets=("",)), ()),
        (Filters(article_ids=()), ()),
        (Filters(article_ids=(FAIR.article_id, "none such")), (FAIR,)),
        (Filters(published_from=date(2026, 11, 9)), (FERRY, NAMELESS)),
        (Filters(published_from=date(2026, 11, 10)), ()),
        (Filters(published_to=date(2026, 3, 1)), (FAIR,)),
        (Filters(published_to=date(2026, 2, 28)), ()),
        (Filters(published_from=date(2026, 3, 1), published_to=date(2026, 11, 9)), (FERRY, FAIR, NAMELESS)),
        (Filters(published_from=date(2026, 11, 9), published_to=date(2026, 3, 1)), ()),
        (Filters(outlets=("A Wire",), published_to=date(2026, 12, 1)), (FERRY,)),
    ],
)
def test_filters(archive: Archive, filters: Filters, expected: tuple[Article, ...]) -> None:
    infos = archive.infos(filters)
    assert sorted(info.article_id for info in infos) == sorted(article.article_id for article in expected)
    assert archive.count_matching(filters) == len(expected)


def test_undated_articles_that_a_date_filter_leaves_out_are_counted(archive: Archive) -> None:
    assert archive.count_undated(Filters(published_from=date(2026, 1, 1))) == 1
    assert archive.count_undated(Filters(outlets=("B Post",), published_from=date(2026, 1, 1))) == 0


def test_articles_are_listed_newest_first_and_undated_last(archive: Archive) -> None:
    days = [info.published for info in archive.infos()]
    assert days == [date(2026, 11, 9), date(2026, 11, 9), date(2026, 3, 1), None]
    assert archive.outlets() == ["A Wire", "B Post"]


def test_articles_are_found_by_the_beginning_of_their_id_and_by_their_source(archive: Archive) -> None:
    assert archive.find_ids(FERRY.article_id[:6]) == [FERRY.article_id]
    assert archive.find_ids("https://news.example/ferry") == [FERRY.article_id]
    assert archive.find_ids("/home/somebody/snow.txt") == [NAMELESS.article_id]
    assert archive.find_ids("https://news.example/nothing") == []
    assert archive.find_ids("%") == []


def test_passages_read_back_are_cut_out_of_the_article(archive: Archive) -> None:
    keys = archive.keys_after(0).tolist()
    stored = archive.passages([*keys, 10_000])
    assert sorted(stored) == keys
    texts = {passage.article.article_id: passage.passage.text for passage in stored.values()}
    assert texts == {article.article_id: article.text for article in ARTICLES}


def test_vectors_are_stored_closely_enough(archive: Archive) -> None:
    keys, vectors = archive.vectors_after(0)
    assert vectors.shape == (4, 64)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=5e-4)
    some, their_vectors = archive.vectors_of([int(keys[2]), int(keys[0]), 10_000])
    assert some.tolist() == [keys[0], keys[2]]
    assert np.array_equal(their_vectors, vectors[[0, 2]])


def test_the_data_version_changes_with_every_change_of_another_reader(archive: Archive) -> None:
    with closing(Archive(archive.folder)) as other:
        before = other.data_version()
        add_articles(archive, FakeEmbedder(), [make_article("It rained.", "https://news.example/rain")])
        assert other.data_version() > before
        assert other.article_count() == 5


def test_threads_each_get_a_connection_and_leave_none_behind(archive: Archive) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: archive.article_count(), range(50))) == {4}

    def open_files() -> int:
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208

    if not Path("/proc/self/fd").is_dir():
        pytest.skip("open files can be counted under Linux only")
    counts = []
    for _ in range(20):
        thread = threading.Thread(target=archive.article_count)
        thread.start()
        thread.join()
        counts.append(open_files())
    assert max(counts[5:]) <= counts[4]


def test_a_closed_archive_opens_again_when_it_is_used(archive: Archive) -> None:
    archive.close()
    assert archive.article_count() == 4


# Folders that are no archive


def refused(folder: Path) -> str:
    """The one line with which opening this folder is refused."""
    with pytest.raises(ArchiveError) as caught:
        Archive(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert str(tmp_path / "file") in refused(tmp_path / "file")
    assert str(tmp_path / "file" / "below") in refused(tmp_path / "file" / "below")


def test_garbage_in_place_of_the_database(tmp_path: Path) -> None:
    (tmp_path / DATABASE_NAME).write_bytes(b"garbage " * 1000)
    assert "not a database" in refused(tmp_path)


@pytest.mark.parametrize("user_version", [0, 1, 7])
def test_a_database_of_another_program_is_left_as_it_was(tmp_path: Path, user_version: int) -> None:
    path = tmp_path / DATABASE_NAME
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
        connection.execute(f"PRAGMA user_version = {user_version}")
        connection.commit()
    before = path.read_bytes()
    assert "another program" in refused(tmp_path)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == [DATABASE_NAME]


def test_an_archive_of_a_newer_copydesk(tmp_path: Path) -> None:
    Archive(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / DATABASE_NAME)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    assert "upgrade copydesk" in refused(tmp_path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)
    assert str(folder) in refused(folder / "archive")


def test_an_empty_file_becomes_an_archive(tmp_path: Path) -> None:
    (tmp_path / DATABASE_NAME).touch()
    with closing(Archive(tmp_path)) as archive:
        assert archive.article_count() == 0


def test_many_may_open_a_new_archive_at_once(tmp_path: Path) -> None:
    def count(_: int) -> int:
        with closing(Archive(tmp_path / "new")) as archive:
            return archive.article_count()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(count, range(24))) == [0] * 24
    with closing(sqlite3.connect(tmp_path / "new" / DATABASE_NAME)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


# What it was built with


def test_another_model_is_refused_with_both_ways_out(archive: Archive) -> None:
    with pytest.raises(ManifestMismatchError) as caught:
        archive.require_match(FakeEmbedder("other weights").identity)
    assert "COPYDESK_EMBEDDING_MODEL=fake-fake weights" in str(caught.value)
    assert "copydesk reindex" in str(caught.value)


def test_another_splitter_is_refused(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.archive.SPLITTER_VERSION", "another")
    with pytest.raises(ManifestMismatchError, match="copydesk reindex"):
        archive.require_match(FakeEmbedder().identity)


def test_an_empty_archive_takes_any_model(tmp_path: Path) -> None:
    with closing(Archive(tmp_path / "empty")) as archive:
        archive.require_match(FakeEmbedder("other weights").identity)
        assert archive.find_ids(article_id_for("x")) == []
