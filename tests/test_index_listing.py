"""The archive as a list: sorted, filtered, searched, in pages; and the versions of an article."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from index.archive import Archive
from index.build import add_articles, remove_articles
from index.listing import Order, list_page
from index.records import Filters
from index.size import size_of
from tests.support import FakeEmbedder, made_up_articles, make_archive, make_article

FLOOD = make_article(
    "The Arle rose. Forty people fled by boat.",
    "https://wire.example/flood",
    title="Arle floods Mill Lane",
    outlet="wire",
    published=date(2026, 11, 10),
)
BELL = make_article(
    "A bell was found in the mud. It weighs 212 kilograms.",
    "https://lantern.example/bell",
    title="bell found in the river",
    outlet="Lantern",
    published=date(2026, 4, 16),
)
UNDATED = make_article("Nobody knows when the café opened.", "https://news.example/cafe")
BELL_AGAIN = make_article(
    "A bell was found in the mud. It weighs 213 kilograms.",
    "https://lantern.example/bell",
    title="bell found in the river",
    outlet="Lantern",
    published=date(2026, 4, 16),
)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    archive = make_archive(tmp_path / "archive", [FLOOD, BELL, UNDATED])
    add_articles(archive, FakeEmbedder(), [BELL_AGAIN])
    yield archive
    archive.close()


def found(archive: Archive, words: str = "", order: Order = "newest", filters: Filters = Filters()) -> list[str]:
    names = {FLOOD.article_id: "flood", BELL.article_id: "bell", UNDATED.article_id: "undated"}
    return [names[one.article.article_id] for one in list_page(archive, filters, words, order).articles]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("newest", ["flood", "bell", "undated"]),
        ("oldest", ["bell", "flood", "undated"]),
        ("title", ["flood", "bell", "undated"]),
        ("outlet", ["bell", "flood", "undated"]),
    ],
)
def test_orders_leave_for_the_end_what_has_none(archive: Archive, order: Order, expected: list[str]) -> None:
    assert found(archive, order=order) == expected


def test_what_was_added_last_stands_first(archive: Archive) -> None:
    assert found(archive, order="added")[0] == "bell"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("bell", ["bell"]),
        ("BELLS", ["bell"]),  # as the full-text search has it: by the stem
        ("kilo", ["bell"]),  # the beginning of a word, as it is typed
        ("kilo ", []),
        ("river 213", ["bell"]),  # one word in the title, the other in the text
        ("river forty", []),
        ("cafe", ["undated"]),
        ("the", ["flood", "bell", "undated"]),
        ('" OR ( * NEAR', []),
        ("!?", ["flood", "bell", "undated"]),
        ("212", []),  # stood in an older version
    ],
)
def test_all_words_are_in_title_or_text(archive: Archive, words: str, expected: list[str]) -> None:
    assert found(archive, words) == expected


def test_filters_narrow_the_list(archive: Archive) -> None:
    assert found(archive, filters=Filters(outlets=("wire",))) == ["flood"]
    assert found(archive, filters=Filters(published_to=date(2026, 5, 1))) == ["bell"]
    assert found(archive, "weighs", filters=Filters(outlets=("wire",))) == []


def test_pages_hold_each_article_once_and_end_where_the_list_does(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "archive", made_up_articles(23, sentences=4))
    pages = [list_page(archive, offset=offset, limit=10) for offset in (0, 10, 20)]
    ids = [one.article.article_id for page in pages for one in page.articles]
    assert len(ids) == len(set(ids)) == 23
    assert {page.matching for page in pages} == {23}
    behind, before = list_page(archive, offset=1000, limit=10), list_page(archive, offset=-10, limit=10)
    assert (behind.offset, len(behind.articles)) == (20, 3)
    assert before == pages[0]
    archive.close()


def test_an_empty_archive_is_one_empty_page(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "archive")
    page = list_page(archive, words="anything", offset=50)
    assert (page.articles, page.offset, page.matching) == ((), 0, 0)
    archive.close()


def test_versions_and_near_copies_are_counted(tmp_path: Path) -> None:
    (one,) = made_up_articles(1)
    copy = make_article(one.text, "https://other.example/copy", published=date(2026, 1, 1))
    archive = make_archive(tmp_path / "archive", [one, copy, BELL])
    add_articles(archive, FakeEmbedder(), [BELL_AGAIN])
    listed = {found.article.article_id: found for found in list_page(archive).articles}
    assert [(listed[one.article_id].near_copies, listed[one.article_id].versions) for one in (one, copy, BELL)] == [
        (1, 1),
        (1, 1),
        (0, 2),
    ]
    archive.close()


def test_versions_are_told_with_when_they_came_oldest_first(archive: Archive) -> None:
    versions = archive.stored_versions(BELL.article_id)
    assert [one.version for one in versions] == [BELL.version, BELL_AGAIN.version]
    assert versions[0].stored_at < versions[1].stored_at
    assert versions[0].stored_at.tzinfo is not None
    remove_articles(archive, [BELL.article_id])
    assert archive.stored_versions(BELL.article_id) == []


def test_the_size_counts_what_is_there(archive: Archive) -> None:
    remove_articles(archive, [UNDATED.article_id])
    size = size_of(archive)
    assert (size.articles, size.versions, size.passages, size.removed) == (2, 3, archive.passage_count(), 1)
    assert size.database >= (archive.folder / "archive.sqlite3").stat().st_size > 0
    assert size.vectors > 0
    assert size.free is not None
