"""Which article is it? Other spellings of a URL, files that move, copies, and a new file in an old one's place."""

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from operator import itemgetter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.archive import Archive
from index.build import add_articles, remove_articles
from index.loaders import load_paths
from index.records import Article, article_id_for, version_of
from index.sources import is_there
from tests.documents import make_zip
from tests.support import FakeEmbedder, made_up_articles, make_archive, make_article


def add(archive: Archive, *paths: Path) -> tuple[int, int, int]:
    report = add_articles(archive, FakeEmbedder(), load_paths(paths))
    assert not report.skipped
    return report.added, report.updated, report.unchanged


def article_of_file(text: str, path: Path) -> Article:
    """As it is read from a file that says no URL."""
    return Article(replace(make_article(text).info, article_id=article_id_for(str(path)), url=None), text, str(path))


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
    assert (report.added, report.updated, report.unchanged) == (1, 0, 1)
    (left_out,) = report.left_out
    assert (left_out.article_id, left_out.url, left_out.version) == (first.article_id, second.info.url, second.version)
    assert archive.versions(first.article_id) == [first.version]
    # In another run it is what the article says now.
    assert add_articles(archive, FakeEmbedder(), [second]).updated == 1
    assert archive.versions(first.article_id) == [first.version, second.version]


@given(
    read=st.lists(
        st.tuples(
            st.sampled_from(["a.txt", "b.txt", "c.jsonl:1", "c.jsonl:2", "", " "]),  # the last two are uploads
            st.sampled_from(["http://www.veldtimes.example/ferry/", "https://veldtimes.example/ferry", None]),
            st.sampled_from(["The ferry sails.", "The ferry sails again.", "The bridge is closed."]),
        ),
        max_size=6,
        unique_by=itemgetter(0),
    )
)
@settings(deadline=None, max_examples=25)
def test_the_same_run_again_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, read: list[tuple[str, str | None, str]]
) -> None:
    folder = tmp_path_factory.mktemp("run")
    for name in ("a.txt", "b.txt", "c.jsonl"):
        (folder / name).touch()
    articles = []
    for name, url, text in read:
        source = str(folder / name) if name.strip() else None
        named = url or source or f"upload#{version_of(text)}"
        info = replace(make_article(text).info, article_id=article_id_for(named), url=url)
        articles.append(Article(info, text, source))
    with closing(Archive(folder / "archive")) as archive:
        first = add_articles(archive, FakeEmbedder(), articles)
        assert first.added + first.unchanged == len(articles)
        versions, sources = archive.infos(), archive.sources()
        again = add_articles(archive, FakeEmbedder(), articles)
        assert (again.added, again.updated, again.unchanged) == (0, 0, len(articles))
        assert (archive.infos(), archive.sources()) == (versions, sources)


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


def test_a_move_is_written_down_with_the_article(archive: Archive, news: Path) -> None:
    """Else a kill in between leaves the old path to the article, and takes a new file there for its next version."""
    here = news / "b.txt"
    here.write_text("The ferry sails.")
    ferry = article_of_file("The ferry sails.", news / "a.txt")
    add_articles(archive, FakeEmbedder(), [ferry])

    def interrupted() -> Iterator[Article]:
        moved = article_of_file("The ferry sails.", here)
        yield replace(moved, info=replace(moved.info, outlet="Veld Times"))
        yield from made_up_articles(150)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        add_articles(archive, FakeEmbedder(), interrupted())
    assert archive.article_count() > 100
    assert archive.article(ferry.article_id).info.outlet == "Veld Times"
    assert archive.sources() == {str(here): ferry.article_id}


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
