"""Web addresses become articles: named by their page's own address where it may say so."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from index.extraction import Extractor
from index.fetching import Fetcher
from index.files import Skipped
from index.metadata import Fields
from index.records import Article, article_id_for
from index.web_articles import load_inputs, load_url
from tests.documents import PROSE, make_page, make_pdf
from tests.web_server import Reply, WebServer, web_server

HTML = {"Content-Type": "text/html"}


@pytest.fixture(scope="module")
def server() -> Iterator[WebServer]:
    with web_server() as started:
        yield started


@pytest.fixture(scope="module")
def tools() -> Iterator[tuple[Fetcher, Extractor]]:
    with Fetcher(allow_private=True) as fetcher, Extractor() as extractor:
        yield fetcher, extractor


def article(server: WebServer, tools: tuple[Fetcher, Extractor], path: str, stated: Fields = Fields()) -> Article:
    found = load_url(f"{server.url}{path}", *tools, stated)
    assert isinstance(found, Article), found
    return found


def test_a_page_is_named_by_where_it_was_found(server: WebServer, tools: tuple[Fetcher, Extractor]) -> None:
    server.pages["/ferry?utm_source=x"] = Reply(status=301, headers={"Location": "/town/ferry?utm_source=x"})
    server.pages["/town/ferry?utm_source=x"] = Reply(make_page(), headers=HTML)
    found = article(server, tools, "/ferry?utm_source=x")
    assert "twice a day" in found.text
    assert found.info.url == f"{server.url}/town/ferry"
    assert found.article_id == article_id_for(f"{server.url}/town/ferry")
    assert found.source == f"{server.url}/town/ferry"


def test_its_own_address_counts_on_its_own_site_only(server: WebServer, tools: tuple[Fetcher, Extractor]) -> None:
    for path, canonical, expected in (
        ("/own", f"{server.url}/real", f"{server.url}/real"),
        ("/alien", "https://www.bbc.com/news/1", f"{server.url}/alien"),
    ):
        page = make_page(head=f'<link rel="canonical" href="{canonical}">')
        server.pages[path] = Reply(page, headers=HTML)
        assert article(server, tools, path).info.url == expected


def test_pdf_and_text_and_what_a_feed_says(server: WebServer, tools: tuple[Fetcher, Extractor]) -> None:
    server.pages["/a"] = Reply(make_pdf([PROSE], "Ferry report"), headers={"Content-Type": "application/pdf"})
    server.pages["/b.txt"] = Reply("Grüße. ".encode() + PROSE[0].encode(), headers={"Content-Type": "text/plain"})
    assert article(server, tools, "/a").info.title == "Ferry report"
    stated = Fields(title="Ferry", outlet="Skerra Mail", authors=("Ingrid Moen",), published=date(2026, 5, 4))
    found = article(server, tools, "/b.txt", stated)
    assert found.text.startswith("Grüße.")
    assert (found.info.title, found.info.outlet, found.info.authors) == ("Ferry", "Skerra Mail", ("Ingrid Moen",))
    assert found.info.published == date(2026, 5, 4)


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (b'<?xml version="1.0"?><rss version="2.0"></rss>', "text/xml", "this is a feed: follow it with"),
        (b"<feed></feed>", "application/atom+xml", "this is a feed"),
        (b"", "text/html", "the page is empty"),
        (b"\x89PNG\r\n\x1a\n\0", "image/png", "no page, PDF or text (image/png)"),
        (b"\0\1\2", "", "no page, PDF or text (of no stated type)"),
        (b"<html><body></body></html>", "text/html", "no article text found in the page"),
        (b"<html>\0</html>", "text/html", "contains NUL bytes"),
        (b"%PDF-1.4 cut", "application/pdf", "the PDF is damaged"),
    ],
)
def test_what_holds_no_article(
    server: WebServer, tools: tuple[Fetcher, Extractor], body: bytes, content_type: str, reason: str
) -> None:
    server.pages["/x"] = Reply(body, headers={"Content-Type": content_type})
    found = load_url(f"{server.url}/x", *tools)
    assert isinstance(found, Skipped)
    assert found.where == f"{server.url}/x"
    assert reason in found.reason


def test_paths_and_addresses_together(server: WebServer, tmp_path: Path) -> None:
    server.pages["/y"] = Reply(make_page(), headers=HTML)
    (tmp_path / "a.txt").write_text("Text.")
    given = [f"{server.url}/y", str(tmp_path / "a.txt"), "ftp://a.example/x", str(tmp_path / "gone.txt")]
    found = list(load_inputs(given, allow_private=True))
    assert [type(item) for item in found] == [Article, Article, Skipped, Skipped]
    assert isinstance(found[2], Skipped)
    assert found[2].reason.startswith("only http and https")
    (refused, *_) = load_inputs(given)
    assert isinstance(refused, Skipped)
    assert "--allow-private" in refused.reason
