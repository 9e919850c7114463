"""RSS and Atom feeds: the list of those that are followed, and what is new in them."""

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from filelock import FileLock, Timeout

from index.dates import parse_date
from index.errors import ArchiveError, BadInputError
from index.extraction import Extractor, UnreadableError
from index.fetching import Fetched, Fetcher, FetchError
from index.files import Skipped, visible
from index.making import make_article
from index.metadata import Fields, clean_authors, clean_field, clean_url, complete_fields
from index.records import Article
from index.robots import PoliteFetcher
from index.urls import canonical_url
from index.web_articles import load_url
from index.web_page import read_page

SECONDS_TO_WAIT = 10.0
LIST_NAME = "feeds.json"
MOST_ENTRIES_AT_ONCE = 200
# An entry whose page could not be read so often is not asked for again.
MOST_FAILURES = 3
LEAST_WORDS_OF_CONTENT = 100

_FEED_LINK = re.compile(
    rb"<link\b(?=[^>]{0,500}\btype\s*=\s*[\"']?application/(?:rss|atom)\+xml)[^>]{0,500}?\bhref\s*=\s*[\"']?([^\"'\s>]+)",
    re.IGNORECASE,
)
_ERRORS = {
    "entities": "the feed declares entities of its own, as attacks do: ask its makers for a plain one",
    "no feed": "this is no RSS or Atom feed",
}


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed that is followed. `seen` holds for each entry when it last changed; `failures` how often one failed."""

    url: str
    title: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    synced_at: str | None = None
    seen: Mapping[str, str] = field(default_factory=dict)
    failures: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a feed says of one article. `content` is HTML, and often empty."""

    key: str
    url: str
    changed: str
    fields: Fields
    content: str


# The list


def load_feeds(archive: Path) -> tuple[Feed, ...]:
    """The feeds that an archive follows, in the order in which they were added. Raises ArchiveError."""
    path = archive / LIST_NAME
    try:
        written = json.loads(path.read_text(encoding="utf-8"))
        return tuple(_feed_from(feed) for feed in written["feeds"])
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise ArchiveError(f"the list of feeds {path} can't be read: {error.strerror or error}") from error
    except (ValueError, TypeError, KeyError) as error:
        raise ArchiveError(
            f"the list of feeds {path} is damaged: mend it, or delete it and add the feeds anew"
        ) from error


def _feed_from(written: dict[str, Any]) -> Feed:
    feed = Feed(**written)
    if clean_url(feed.url) is None or not isinstance(feed.seen, dict) or not isinstance(feed.failures, dict):
        raise ValueError("not a feed")
    return feed


def find_feed(feeds: Sequence[Feed], url: str, archive: Path) -> Feed:
    """The feed at this address. Raises BadInputError when it isn't followed."""
    for feed in feeds:
        if canonical_url(feed.url) == canonical_url(url):
            return feed
    raise BadInputError(f"{visible(url)} is not followed in {archive}: 'copydesk feed list' shows what is")


def follow_feed(archive: Path, feed: Feed) -> bool:
    """Put a feed on the list; False when it is there already. Raises ArchiveError."""
    with _changing(archive) as feeds:
        return feeds.setdefault(canonical_url(feed.url), feed) is feed


def renew_feed(archive: Path, feed: Feed) -> None:
    """Bring a feed's entry in the list up to date, if it is still followed. Raises ArchiveError."""
    with _changing(archive) as feeds:
        if canonical_url(feed.url) in feeds:
            feeds[canonical_url(feed.url)] = feed


def remove_feed(archive: Path, url: str) -> None:
    """Follow a feed no longer; its articles stay. Raises BadInputError when it isn't followed."""
    with _changing(archive) as feeds:
        find_feed(tuple(feeds.values()), url, archive)
        del feeds[canonical_url(url)]


@contextmanager
def _changing(archive: Path) -> Iterator[dict[str, Feed]]:
    """The feeds by canonical address; what is changed in them is written, whole or not at all."""
    try:
        archive.mkdir(parents=True, exist_ok=True)
        lock = FileLock(archive / "feeds.lock")
        lock.acquire(timeout=SECONDS_TO_WAIT)
    except (OSError, Timeout) as error:
        raise ArchiveError(f"the list of feeds in {archive} can't be changed now: try again") from error
    with lock:
        feeds = {canonical_url(feed.url): feed for feed in load_feeds(archive)}
        yield feeds
        path = archive / LIST_NAME
        part = path.with_name(f"{LIST_NAME}.part")
        try:
            with part.open("w", encoding="utf-8") as file:
                json.dump({"feeds": [asdict(feed) for feed in feeds.values()]}, file, ensure_ascii=False, indent=1)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise ArchiveError(f"the list of feeds {path} can't be written: {error.strerror or error}") from error


# Reading one feed


def read_feed(feed: Feed, fetcher: Fetcher, extractor: Extractor) -> tuple[Feed, tuple[Entry, ...]]:
    """The feed with its marks renewed, and those of its entries that are new or have changed.

    Raises FetchError and UnreadableError.
    """
    fetched = fetcher.fetch(feed.url, feed.etag, feed.last_modified)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    if not fetched.changed:
        return replace(feed, synced_at=now), ()
    found = extractor.data("feed", fetched.data)
    if not found or found.get("error"):
        reason = _ERRORS.get(str(found.get("error")), _ERRORS["no feed"])
        raise UnreadableError(f"{reason}{_feed_of(fetched) if reason == _ERRORS['no feed'] else ''}")
    written = found.get("entries")
    entries = [_entry(item, fetched.url) for item in written] if isinstance(written, list) else []
    fresh = [entry for entry in entries if entry and feed.seen.get(entry.key) != entry.changed]
    present = {entry.key for entry in entries if entry}
    renewed = replace(
        feed,
        title=clean_field(found.get("title")) or feed.title,
        etag=fetched.etag,
        last_modified=fetched.last_modified,
        synced_at=now,
        # What has left the feed won't come back.
        seen={key: changed for key, changed in feed.seen.items() if key in present},
        failures={key: count for key, count in feed.failures.items() if key in present},
    )
    return renewed, tuple(fresh[:MOST_ENTRIES_AT_ONCE])


def load_entry(entry: Entry, fetcher: PoliteFetcher, extractor: Extractor) -> Article | Skipped:
    """The article of an entry: its page, or, where that can't be had, the whole text if the feed has it."""
    try:
        fetcher.wait_for(entry.url)
    except FetchError as error:
        found: Article | Skipped = Skipped(visible(entry.url), str(error))
    else:
        found = load_url(entry.url, fetcher.fetcher, extractor, entry.fields)
    if isinstance(found, Article) or len(entry.content.split()) < LEAST_WORDS_OF_CONTENT:
        return found
    today = date.today()
    try:
        page = f"<html><body><article>{entry.content}</article></body></html>"
        text, _ = read_page(extractor, page, today)
    except UnreadableError:
        return found
    fields = complete_fields(replace(entry.fields, url=canonical_url(entry.url)), today=today)
    return make_article(visible(entry.url), text, fields, canonical_url(entry.url))


def after(feed: Feed, entry: Entry, loaded: Article | Skipped) -> Feed:
    """The feed after one of its entries was loaded, or was not."""
    if isinstance(loaded, Article):
        return replace(feed, seen={**feed.seen, entry.key: entry.changed})
    count = feed.failures.get(entry.key, 0) + 1
    failures = {**feed.failures, entry.key: count}
    if count >= MOST_FAILURES:
        return replace(feed, failures=failures, seen={**feed.seen, entry.key: entry.changed})
    # Without its marks the feed comes whole the next time, and the entry with it.
    return replace(feed, failures=failures, etag=None, last_modified=None)


@dataclass(slots=True)
class FeedReading:
    """Reads feeds one after the other; `read` are those that could be, as they are now."""

    fetcher: PoliteFetcher
    extractor: Extractor
    read: list[Feed] = field(default_factory=list)

    def articles(self, feeds: Iterable[Feed]) -> Iterator[Article | Skipped]:
        """What is new in these feeds, lazily."""
        for feed in feeds:
            try:
                feed, entries = read_feed(feed, self.fetcher.fetcher, self.extractor)
            except (FetchError, UnreadableError) as error:
                yield Skipped(visible(feed.url), visible(str(error)))
                continue
            for entry in entries:
                loaded = load_entry(entry, self.fetcher, self.extractor)
                feed = after(feed, entry, loaded)
                yield loaded
            self.read.append(feed)


def _entry(item: Any, base: str) -> Entry | None:
    link = item.get("url") if isinstance(item, dict) else None
    url = clean_url(urljoin(base, link)) if isinstance(link, str) else None
    if url is None:
        return None
    published, content = item.get("published"), item.get("content")
    fields = Fields(
        title=clean_field(item.get("title")),
        outlet=None,
        authors=clean_authors(item.get("authors")),
        published=parse_date(published, date.today()),
    )
    key = item.get("key")
    return Entry(
        key=key if isinstance(key, str) and key else canonical_url(url),
        url=url,
        changed=str(item.get("changed") or ""),
        fields=fields,
        content=content if isinstance(content, str) else "",
    )


def _feed_of(fetched: Fetched) -> str:
    """The feed that a page names as its own, as an advice."""
    match = _FEED_LINK.search(fetched.data[:200_000])
    if match is None:
        return ": look for the address of the feed on the site"
    return f": the page names {visible(urljoin(fetched.url, match[1].decode('utf-8', 'replace')))} as its feed"
