"""Web addresses → articles."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from index.article_header import fields_from_text
from index.decoding import UndecodableError, decode
from index.extraction import Extractor, UnreadableError
from index.fetching import Fetched, Fetcher, FetchError
from index.files import Skipped, visible
from index.loaders import load_paths
from index.making import make_article
from index.metadata import Fields, complete_fields, outlet_of_url
from index.pdf import read_pdf
from index.records import Article
from index.urls import canonical_url, is_web_address
from index.web_page import decode_page, read_page

_PAGE_TYPES = ("text/html", "application/xhtml+xml")
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json")
_SNIFFED = 1_000


def load_inputs(inputs: Sequence[str], allow_private: bool = False) -> Iterator[Article | Skipped]:
    """The articles at these paths and web addresses, in order, lazily."""
    with Extractor() as extractor, Fetcher(allow_private) as fetcher:
        for given in inputs:
            if is_web_address(given):
                yield load_url(given, fetcher, extractor)
            elif "://" in given:
                yield Skipped(
                    visible(given), "only http and https addresses are fetched: save the page, and add the file"
                )
            else:
                yield from load_paths([Path(given)])


def load_url(url: str, fetcher: Fetcher, extractor: Extractor, stated: Fields = Fields()) -> Article | Skipped:
    """The article at an address; what neither page nor text say of it is taken from `stated`."""
    shown = visible(url)
    try:
        fetched = fetcher.fetch(url)
        return article_from(fetched, extractor, shown, stated)
    except (FetchError, UndecodableError, UnreadableError) as error:
        return Skipped(shown, visible(str(error)))


def article_from(fetched: Fetched, extractor: Extractor, shown: str, stated: Fields) -> Article | Skipped:
    """The article in what was fetched. Raises FetchError, UndecodableError and UnreadableError."""
    today = date.today()
    kind = _kind(fetched)
    if kind == "page":
        text, given = read_page(extractor, decode_page(fetched.data, fetched.charset), today)
        found = fields_from_text(text, "field", today)
    elif kind == "pdf":
        text, given = read_pdf(extractor, fetched.data)
        found = fields_from_text(text, "plain", today)
    else:
        text, given = decode(fetched.data), Fields()
        found = fields_from_text(text, "plain", today)
    given = replace(given, url=_address(given.url, fetched.url))
    return make_article(shown, text, complete_fields(given, found, stated, today=today), canonical_url(fetched.url))


def _address(stated: str | None, fetched: str) -> str:
    """The address that the page gives as its own, where it is one of the same site; else where it was found.

    A page that names another site's address would otherwise take the place of that site's article.
    """
    same_site = stated is not None and outlet_of_url(stated) == outlet_of_url(fetched)
    return stated if stated is not None and same_site else canonical_url(fetched)


def _kind(fetched: Fetched) -> str:
    """ "page", "pdf" or "text". Raises FetchError for what holds no article."""
    start = fetched.data[:_SNIFFED].lstrip().lower()
    declared = fetched.content_type
    is_feed = declared in _FEED_TYPES or any(mark in start for mark in (b"<rss", b"<feed", b"<rdf:rdf"))
    if is_feed and declared not in _PAGE_TYPES:
        raise FetchError("this is a feed: follow it with 'copydesk feed add'")
    if not fetched.data:
        raise FetchError("the page is empty: check the address")
    if declared == "application/pdf" or start.startswith(b"%pdf-"):
        return "pdf"
    if declared in _PAGE_TYPES or b"<html" in start or start.startswith(b"<!doctype html"):
        return "page"
    if declared == "text/plain":
        return "text"
    raise FetchError(f"what is there is no page, PDF or text ({visible(declared[:60]) or 'of no stated type'})")
