"""The archive's tab shows whatever an archive holds as text, and its links name what they open."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.archive import NearCopy, RemovedArticle, StoredVersion
from index.doctor import Finding
from index.feeds import Feed
from index.listing import Listed, Page
from index.size import ArchiveSize
from tests.page_support import HOSTILE, any_text, make_article, parsed, strip_tags
from ui import archive_view
from ui.archive_view import Reference, parse_reference

MOMENT = datetime(2026, 11, 20, 8, 5, tzinfo=UTC)


@given(st.from_regex(r"[a-f0-9]{1,64}", fullmatch=True), st.none() | st.from_regex(r"[a-f0-9]{1,64}", fullmatch=True))
def test_a_link_names_the_article_and_the_version_it_opens(article_id: str, version: str | None) -> None:
    reference = Reference(article_id, version)
    assert parse_reference(str(reference)) == reference


@pytest.mark.parametrize("text", ["", ".", "a.", ".b", "a.b.c", "../etc", "a b", "é", "a" * 65, "a." + "b" * 65, "<b>"])
def test_what_no_link_holds_opens_nothing(text: str) -> None:
    assert parse_reference(text) is None


@given(any_text)
def test_whatever_is_sent_is_an_article_or_nothing(text: str) -> None:
    reference = parse_reference(text)
    assert reference is None or str(reference) == text


@given(any_text, st.none() | any_text, st.none() | any_text)
def test_the_list_shows_any_title_outlet_and_address_as_text(title: str, outlet: str | None, url: str | None) -> None:
    info = make_article("Text.", title, outlet=outlet, url=url).info
    html = archive_view.render_list(Page((Listed(info, 3, 2),), 0, 1), 7, info.article_id)
    tags = parsed(html)
    assert set(tags.tags) <= {"p", "ul", "li", "a", "bdi", "small"}
    assert {name for name, _ in tags.attributes} <= {"role", "class", "href", "aria-current"}
    assert dict(tags.attributes)["href"] == f"#a-{info.article_id}"
    assert "3 versions · 2 near-copies" in strip_tags(html)


@pytest.mark.parametrize("editable", [True, False])
def test_hostile_words_are_only_words(editable: bool) -> None:
    article = make_article("Text.", HOSTILE, outlet=HOSTILE, url="https://a.example/x", published=date(2026, 11, 1))
    other = make_article("Other text.", HOSTILE, outlet=HOSTILE)
    versions = (StoredVersion(article.version, MOMENT), StoredVersion("older", MOMENT))
    size = ArchiveSize(1, 2, 3, 0, 1_500_000, 2_000_000_000, None)
    shown = (
        archive_view.render_opened(article, (), versions, (NearCopy(other.info, "g", 0.9),), other),
        archive_view.render_not_there(HOSTILE),
        archive_view.render_problem(HOSTILE),
        archive_view.render_note(HOSTILE),
        archive_view.render_removed((RemovedArticle(article.info, MOMENT),), editable=editable),
        archive_view.render_feeds((Feed(HOSTILE, HOSTILE, synced_at=MOMENT.isoformat()),), editable=editable),
        archive_view.render_size(size, HOSTILE),
        archive_view.render_findings((Finding(HOSTILE, HOSTILE),), 1),
    )
    for html in shown:
        tags = parsed(html)
        assert not {"script", "img", "em", "strong", "iframe"} & set(tags.tags)
        assert not [name for name, _ in tags.attributes if name.startswith("on")]
        assert not [value for name, value in tags.attributes if name == "href" and "javascript" in (value or "")]


def test_what_may_not_be_changed_has_no_buttons() -> None:
    removed, feeds = (RemovedArticle(make_article("Text.").info, MOMENT),), (Feed("https://a.example/feed"),)
    assert "<button" in archive_view.render_removed(removed, editable=True)
    assert "<button" not in archive_view.render_removed(removed, editable=False)
    assert "<button" in archive_view.render_feeds(feeds, editable=True)
    assert "<button" not in archive_view.render_feeds(feeds, editable=False)


@pytest.mark.parametrize(
    ("listed", "offset", "matching", "of", "told"),
    [
        (0, 0, 0, 0, "There are no articles yet."),
        (0, 0, 0, 9, "None of the 9 articles match: take a word, an outlet or a date out."),
        (2, 0, 2, 2, "2 articles"),
        (1, 0, 1, 1, "1 article"),
        (2, 0, 2, 9, "2 of 9 articles"),
        (2, 50, 52, 1200, "52 of 1,200 articles, 51–52 shown"),
    ],
)
def test_the_list_says_how_many_it_shows(listed: int, offset: int, matching: int, of: int, told: str) -> None:
    rows = tuple(Listed(make_article(f"Text {number}.").info, 1, 0) for number in range(listed))
    html = archive_view.render_list(Page(rows, offset, matching), of, None)
    assert strip_tags(html[: html.index("</p>")]) == told


def test_a_long_title_is_cut_and_an_article_without_one_goes_by_its_address() -> None:
    info = make_article("Text.", "x" * 100_000, url="https://a.example/x").info
    assert len(archive_view.short_title(info)) == archive_view.LONGEST_TITLE
    assert archive_view.short_title(replace(info, title=None)) == "https://a.example/x"
    assert info.article_id in archive_view.short_title(replace(info, title=None, url=None))


def test_an_archive_without_faults_is_told_to_be_in_order() -> None:
    assert "All in order: 1 article looked through." in archive_view.render_findings((), 1)
    assert "1 problem:" in archive_view.render_findings((Finding("No index.", "Run sync."),), 1)
