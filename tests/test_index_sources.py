"""Which article is it? Other spellings of a URL, files that move, copies, and a new file in an old one's place."""

import os
from pathlib import Path

import pytest

from index.archive import Archive
from index.build import add_articles, remove_articles
from index.loaders import load_paths
from index.sources import is_there
from tests.documents import make_zip
from tests.support import FakeEmbedder, make_archive, make_article


def add(archive: Archive, *paths: Path) -> tuple[int, int, int]:
    report = add_articles(archive, FakeEmbedder(), load_paths(paths))
    assert not report.skipped
    return report.added, report.updated, report.unchanged


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


@pytest.fixture
def news(tmp_path: Path) -> Path:
    (tmp_path / "news").mkdir()
    return tmp_path / "news"


# URLs


def test_another_spelling_of_a_url_is_the_same_article(archive: Archive) -> None:
    for url in (
        "http://www.veldtimes.example/ferry/",
        "https://veldtimes.example/ferry",
        "https://m.veldtimes.example/ferry?utm_source=x",
    ):
        add_articles(archive, FakeEmbedder(), [make_article("The ferry sails.", url)])
    (info,) = archive.infos()
    assert archive.find_ids("https://veldtimes.example/ferry/index.html") == [info.article_id]
    assert archive.find_ids("https://veldtimes.example/ferries") == []


def test_other_spellings_within_one_run_and_a_changed_text(archive: Archive) -> None:
    first = make_article("The ferry sails.", "https://veldtimes.example/ferry")
    second = make_article("The ferry sails again.", "https://veldtimes.example/ferry/")
    report = add_articles(archive, FakeEmbedder(), [first, second])
    assert (report.added, report.updated) == (1, 1)
    assert archive.versions(first.article_id) == [first.version, second.version]


def test_an_archive_of_before_keeps_its_ids(tmp_path: Path) -> None:
    """Ids were made of the URL as it came; such an article is found by its URL, and stays what it is."""
    old = make_article("The ferry sails.", "https://veldtimes.example/ferry")
    archive = make_archive(tmp_path / "archive", [old])
    archive.connection.execute("UPDATE versions SET url = 'https://veldtimes.example/ferry?utm_source=x#top'")
    add_articles(archive, FakeEmbedder(), [make_article("The ferry sails.", "https://www.veldtimes.example/ferry/")])
    assert [info.article_id for info in archive.infos()] == [old.article_id]


# Files


def test_a_moved_file_is_the_same_article(archive: Archive, news: Path) -> None:
    (news / "a.txt").write_text("The ferry sails.")
    assert add(archive, news) == (1, 0, 0)
    (info,) = archive.infos()
    (news / "may").mkdir()
    (news / "a.txt").rename(news / "may" / "b.txt")
    assert add(archive, news) == (0, 0, 1)
    (news / "may" / "b.txt").write_text("The ferry sails no more.")
    assert add(archive, news) == (0, 1, 0)
    assert archive.versions(info.article_id) == [info.version, archive.infos()[0].version]
    assert archive.find_ids(str(news / "may" / "b.txt")) == [info.article_id]


def test_a_new_file_in_the_place_of_a_moved_one_is_a_new_article(archive: Archive, news: Path) -> None:
    (news / "today.txt").write_text("The ferry sails.")
    add(archive, news)
    (before,) = archive.infos()
    (news / "today.txt").rename(news / "yesterday.txt")
    assert add(archive, news) == (0, 0, 1)
    (news / "today.txt").write_text("The bridge is closed.")
    assert add(archive, news) == (1, 0, 1)
    assert add(archive, news) == (0, 0, 2)
    assert len(archive.infos()) == 2
    assert archive.article(before.article_id).text == "The ferry sails."
    assert archive.find_ids(str(news / "yesterday.txt")) == [before.article_id]


def test_a_copy_is_an_article_of_its_own(archive: Archive, news: Path) -> None:
    (news / "a.txt").write_text("The ferry sails.")
    add(archive, news)
    (news / "b.txt").write_text("The ferry sails.")
    assert add(archive, news) == (1, 0, 1)


def test_a_file_that_comes_to_state_its_url_stays_the_same_article(archive: Archive, news: Path) -> None:
    (news / "a.md").write_text("The ferry sails.")
    add(archive, news)
    (news / "a.md").write_text("---\nurl: https://veldtimes.example/ferry\n---\n\nThe ferry sails.")
    assert add(archive, news) == (0, 1, 0)
    assert archive.infos()[0].url == "https://veldtimes.example/ferry"


def test_a_file_that_holds_another_article_now_is_that_one(archive: Archive, news: Path) -> None:
    for name in ("ferry", "bridge"):
        (news / "latest.md").write_text(f"---\nurl: https://veldtimes.example/{name}\n---\n\nThe {name}.")
        assert add(archive, news) == (1, 0, 0)
    assert len(archive.infos()) == 2


def test_a_removed_article_that_is_added_again(archive: Archive, news: Path) -> None:
    (news / "a.txt").write_text("The ferry sails.")
    add(archive, news)
    (info,) = archive.infos()
    remove_articles(archive, [info.article_id])
    (news / "a.txt").rename(news / "b.txt")
    assert add(archive, news) == (1, 0, 0)


def test_members_of_a_zip_file_and_lines_are_recorded(archive: Archive, news: Path) -> None:
    (news / "a.zip").write_bytes(make_zip({"x/a.txt": b"Text.", "b.jsonl": b'{"text": "One."}\n{"text": "Two."}\n'}))
    add(archive, news)
    sources = [f"{news}/a.zip/b.jsonl:1", f"{news}/a.zip/b.jsonl:2", f"{news}/a.zip/x/a.txt"]
    assert sorted(archive.sources()) == sources
    assert all(is_there(source) for source in sources)
    (news / "a.zip").rename(news / "b.zip")
    assert not any(is_there(source) for source in sources)
    assert add(archive, news) == (0, 0, 3)


def test_a_file_name_that_is_not_utf_8_is_added_but_not_recorded(archive: Archive, news: Path) -> None:

    (news / os.fsdecode(b"caf\xe9.txt")).write_text("The ferry sails.")
    assert add(archive, news) == (1, 0, 0)
    assert add(archive, news) == (0, 0, 1)
    assert archive.sources() == {}


def test_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("x")
    assert is_there(f"{tmp_path}/a.jsonl:7")
    assert not is_there(f"{tmp_path}/b.jsonl:7")
    assert is_there("https://veldtimes.example/ferry")


def test_the_language_is_stored_and_read(archive: Archive) -> None:
    german = "Die Fähre nach Skerra fährt ab dem ersten Juni zweimal am Tag, sagte das Hafenamt am Montag. Eine Karte "
    add_articles(archive, FakeEmbedder(), [make_article(german * 2, "https://veldtimes.example/faehre")])
    assert [info.language for info in archive.infos()] == ["de"]
    add_articles(archive, FakeEmbedder(), [make_article("The ferry sails.", "https://veldtimes.example/ferry")])
    assert sorted(str(info.language) for info in archive.infos()) == ["None", "de"]
