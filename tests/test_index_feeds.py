"""Feeds: what is new in them is fetched once; what fails is tried again, but not for ever."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from index.errors import ArchiveError, BadInputError
from index.extraction import Extractor, UnreadableError
from index.feeds import (
    MOST_FAILURES,
    Entry,
    Feed,
    after,
    find_feed,
    follow_feed,
    load_entry,
    load_feeds,
    read_feed,
    remove_feed,
    renew_feed,
)
from index.fetching import Fetcher, FetchError
from index.files import Skipped
from index.records import Article, ArticleInfo
from index.robots import PoliteFetcher
from tests.documents import PROSE, make_page
from tests.web_server import Reply, WebServer, web_server

HTML = {"Content-Type": "text/html"}
RSS = {"Content-Type": "application/rss+xml"}


@dataclass(frozen=True, slots=True)
class Web:
    """A server on this machine and what reads it."""

    server: WebServer
    fetcher: Fetcher
    extractor: Extractor

    def read(self, feed: Feed) -> tuple[Feed, tuple[Entry, ...]]:
        return read_feed(feed, self.fetcher, self.extractor)

    def load(self, entry: Entry) -> Article | Skipped:
        return load_entry(entry, PoliteFetcher(self.fetcher, pause=0), self.extractor)


@pytest.fixture(scope="module")
def extractor() -> Iterator[Extractor]:
    with Extractor() as started:
        yield started


@pytest.fixture
def web(extractor: Extractor) -> Iterator[Web]:
    with web_server() as server, Fetcher(allow_private=True, seconds=10) as fetcher:
        yield Web(server, fetcher, extractor)


def rss(*items: str, title: str = "Veld Times") -> bytes:
    channel = f"<channel><title>{title}</title>{''.join(items)}</channel>"
    return f'<?xml version="1.0"?><rss version="2.0">{channel}</rss>'.encode()


def item(link: str, title: str = "Ferry", extra: str = "") -> str:
    day = "Mon, 04 May 2026 10:00:00 GMT"
    return f"<item><title>{title}</title><link>{link}</link><pubDate>{day}</pubDate>{extra}</item>"


def test_entries_become_articles_with_what_the_feed_says_of_them(web: Web) -> None:
    server = web.server
    server.pages["/feed"] = Reply(rss(item("/ferry?utm_source=rss", extra="<author>Ingrid Moen</author>")), headers=RSS)
    server.pages["/ferry?utm_source=rss"] = Reply(make_page(), headers=HTML)
    feed, (entry,) = web.read(Feed(f"{server.url}/feed"))
    assert feed.title == "Veld Times"
    assert feed.synced_at is not None
    article = web.load(entry)
    assert isinstance(article, Article)
    assert "twice a day" in article.text
    assert article.info.url == f"{server.url}/ferry"
    assert (article.info.title, article.info.published) == ("Ferry", date(2026, 5, 4))
    assert article.info.authors == ("Ingrid Moen",)


def test_atom(web: Web) -> None:
    web.server.pages["/atom"] = Reply(
        b'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><id>urn:1</id><title>Lamp</title>'
        b'<link href="/lamp"/><published>2026-05-06T10:00:00Z</published><updated>2026-05-07T10:00:00Z</updated>'
        b"<author><name>Ilse Varnholt</name></author></entry></feed>"
    )
    _, (entry,) = web.read(Feed(f"{web.server.url}/atom"))
    assert entry.key == "urn:1"
    assert entry.url == f"{web.server.url}/lamp"
    assert (entry.fields.title, entry.fields.published) == ("Lamp", date(2026, 5, 6))
    assert entry.changed.startswith("2026-05-07")


def test_a_feed_that_has_not_changed_is_not_read_again(web: Web) -> None:
    web.server.pages["/feed"] = Reply(rss(item("/a")), headers={**RSS, "ETag": '"1"'})
    feed, (entry,) = web.read(Feed(f"{web.server.url}/feed"))
    feed = after(feed, entry, Article(_info(), "Text."))
    again, entries = web.read(feed)
    assert entries == ()
    assert again.seen == feed.seen
    assert web.server.asked[-1][1]["if-none-match"] == '"1"'


def test_only_new_and_changed_entries_are_given(web: Web) -> None:
    web.server.pages["/feed"] = Reply(rss(item("/a"), item("/b")), headers=RSS)
    feed, entries = web.read(Feed(f"{web.server.url}/feed"))
    for entry in entries:
        feed = after(feed, entry, Article(_info(), "Text."))
    changed = item("/b").replace("04 May", "05 May")
    web.server.pages["/feed"] = Reply(rss(changed, item("/c")), headers=RSS)
    feed, entries = web.read(feed)
    assert [entry.url.rsplit("/", 1)[1] for entry in entries] == ["b", "c"]
    assert [key.rsplit("/", 1)[1] for key in feed.seen] == ["b"]


def test_a_page_that_fails_is_tried_again_and_in_the_end_no_more(web: Web) -> None:
    web.server.pages["/feed"] = Reply(rss(item("/gone")), headers={**RSS, "ETag": '"1"'})
    feed = Feed(f"{web.server.url}/feed")
    for attempt in range(MOST_FAILURES):
        feed, (entry,) = web.read(feed)
        failed = web.load(entry)
        assert isinstance(failed, Skipped)
        assert "404" in failed.reason
        feed = after(feed, entry, failed)
        assert (feed.etag is None) == (attempt + 1 < MOST_FAILURES)
    assert web.read(feed)[1] == ()


def test_the_text_in_the_feed_stands_in_for_a_page_that_cannot_be_had(web: Web) -> None:
    text = "".join(f"<p>{sentence}</p>" for sentence in PROSE * 3)
    extra = (
        '<content:encoded xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f"<![CDATA[{text}]]></content:encoded>"
    )
    web.server.pages["/feed"] = Reply(rss(item("/paid", extra=extra), item("/short")), headers=RSS)
    _, (whole, short) = web.read(Feed(f"{web.server.url}/feed"))
    article = web.load(whole)
    assert isinstance(article, Article)
    assert "twice a day" in article.text
    assert article.info.url == f"{web.server.url}/paid"
    assert article.info.title == "Ferry"
    assert isinstance(web.load(short), Skipped)


def test_robots_txt_is_heeded(web: Web) -> None:
    web.server.pages["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /private\nCrawl-delay: 0\n")
    web.server.pages["/feed"] = Reply(rss(item("/private/a"), item("/open")), headers=RSS)
    web.server.pages["/open"] = Reply(make_page(), headers=HTML)
    _, (private, public) = web.read(Feed(f"{web.server.url}/feed"))
    polite = PoliteFetcher(web.fetcher, pause=0)
    refused = load_entry(private, polite, web.extractor)
    assert isinstance(refused, Skipped)
    assert "robots.txt" in refused.reason
    assert isinstance(load_entry(public, polite, web.extractor), Article)
    assert web.server.paths() == ["/feed", "/robots.txt", "/open"]


def test_a_link_in_a_feed_to_a_private_address_is_refused(web: Web, extractor: Extractor) -> None:
    web.server.pages["/feed"] = Reply(rss(item(f"{web.server.url}/secret"), item("file:///etc/passwd")), headers=RSS)
    _, entries = web.read(Feed(f"{web.server.url}/feed"))
    assert len(entries) == 1  # a file address is none
    asked = len(web.server.asked)
    with Fetcher(seconds=10) as strict:
        found = load_entry(entries[0], PoliteFetcher(strict, pause=0), extractor)
    assert isinstance(found, Skipped)
    assert "--allow-private" in found.reason
    assert len(web.server.asked) == asked


XXE = b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss version="2.0"><channel/></rss>'
LAUGHS = b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><rss version="2.0"></rss>'


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (XXE, "declares entities of its own"),
        (LAUGHS, "declares entities of its own"),
        (b"", "this is no RSS or Atom feed: look for the address"),
        (b"\0\1\2 nothing", "this is no RSS or Atom feed"),
        (make_page(), "this is no RSS or Atom feed"),
        (
            make_page(head='<link rel="alternate" type="application/rss+xml" href="/rss.xml">'),
            r"the page names http://127.0.0.1:\d+/rss.xml as its feed",
        ),
    ],
)
def test_what_is_no_feed(web: Web, body: bytes, reason: str) -> None:
    web.server.pages["/feed"] = Reply(body)
    with pytest.raises(UnreadableError, match=reason):
        web.read(Feed(f"{web.server.url}/feed"))


def test_entities_in_another_encoding_expand_to_nothing_harmful(web: Web) -> None:
    web.server.pages["/feed"] = Reply(
        XXE.decode().replace("<channel/>", f"<channel>{item('/a', '&x;')}</channel>").encode("utf-16")
    )
    try:
        _, entries = web.read(Feed(f"{web.server.url}/feed"))
    except UnreadableError:
        return
    assert "root:" not in repr(entries)


def test_a_broken_feed_gives_what_can_be_read(web: Web) -> None:
    web.server.pages["/feed"] = Reply(rss(item("/a"), item("/b?x&y", "Cats & dogs"))[:-6], headers=RSS)
    assert len(web.read(Feed(f"{web.server.url}/feed"))[1]) == 2


def test_a_feed_that_is_gone(web: Web) -> None:
    with pytest.raises(FetchError, match="404"):
        web.read(Feed(f"{web.server.url}/feed"))


# The list


def test_the_list_is_kept_and_changed(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    assert load_feeds(folder) == ()
    first, second = Feed("https://a.example/rss"), Feed("https://b.example/rss", title="B")
    assert follow_feed(folder, first)
    assert follow_feed(folder, second)
    assert not follow_feed(folder, Feed("HTTPS://a.example:443/rss#x"))
    assert load_feeds(folder) == (first, second)
    renew_feed(folder, replace(first, seen={"k": "1"}, failures={"l": 2}, etag='"1"'))
    assert find_feed(load_feeds(folder), "https://a.example/rss", folder).seen == {"k": "1"}
    remove_feed(folder, "https://a.example/rss")
    renew_feed(folder, first)  # a sync that was under way when the feed was removed
    assert load_feeds(folder) == (second,)
    with pytest.raises(BadInputError, match=r"https://a\.example/rss is not followed"):
        remove_feed(folder, "https://a.example/rss")
    assert sorted(path.name for path in folder.iterdir()) == ["feeds.json", "feeds.lock"]


@pytest.mark.parametrize(
    "written", ["", "{", "[]", '{"feeds": [{}]}', '{"feeds": [{"url": 7}]}', '{"feeds": [{"url": "x"}]}']
)
def test_a_damaged_list_is_told_and_left_alone(tmp_path: Path, written: str) -> None:
    (tmp_path / "feeds.json").write_text(written)
    with pytest.raises(ArchiveError, match="is damaged: mend it, or delete it"):
        load_feeds(tmp_path)
    with pytest.raises(ArchiveError, match="is damaged"):
        follow_feed(tmp_path, Feed("https://a.example/rss"))
    assert (tmp_path / "feeds.json").read_text() == written


def test_the_list_is_plain_json(tmp_path: Path) -> None:
    follow_feed(tmp_path, Feed("https://a.example/rss", title="Ä"))
    assert json.loads((tmp_path / "feeds.json").read_text(encoding="utf-8"))["feeds"][0]["title"] == "Ä"


def _info() -> ArticleInfo:
    return ArticleInfo("a", "b", None, None, None, (), None)
