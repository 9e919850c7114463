"""The child process in which pages, PDF files and feeds are taken apart; `index.extraction` starts it and talks to it.

It imports nothing of the project, so that it runs wherever the interpreter has the libraries and in any folder.
"""

import base64
import io
import json
import sys
from typing import Any

MOST_MEMORY = 3 << 30
MOST_PAGES = 2_000
MOST_PDF_CHARACTERS = 8_000_000
MOST_ENTRIES = 1_000


def extract_page(page: str) -> dict[str, Any]:
    """The main text of a page and what its metadata say: text, title, author, date, sitename, url.

    Empty where there is no article. Extraction and heuristics: trafilatura (Barbaresi, ACL 2021). Dates are taken from
    metadata and the URL only, never from the prose. Nothing is fetched.
    """
    from trafilatura import bare_extraction

    document = bare_extraction(
        page,
        with_metadata=True,
        include_comments=False,
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    if document is None:
        return {}
    found = document if isinstance(document, dict) else document.as_dict()
    return {name: found.get(name) for name in ("text", "title", "author", "date", "sitename", "url")}


def extract_pdf(data: bytes) -> dict[str, Any]:
    """The text of each page of a PDF file, with the title and author that it states, or `error`."""
    from pypdf import PdfReader
    from pypdf.errors import DependencyError

    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            return {"error": "encrypted"}
        pages = _page_texts(reader)
    except DependencyError:  # an encryption that pypdf leaves to another package
        return {"error": "encrypted"}
    except (Exception, RecursionError):
        return {"error": "broken"}
    try:
        stated: Any = reader.metadata or {}
        return {"pages": pages, "title": _text_of(stated.get("/Title")), "author": _text_of(stated.get("/Author"))}
    except (Exception, RecursionError):
        return {"pages": pages}


def _page_texts(reader: Any) -> list[str]:
    texts: list[str] = []
    room = MOST_PDF_CHARACTERS
    for number, page in enumerate(reader.pages):
        if number >= MOST_PAGES or room <= 0:
            break
        texts.append(page.extract_text())
        room -= len(texts[-1])
    return texts


def _text_of(value: object) -> str | None:
    return str(value) if value else None


def extract_feed(data: bytes) -> dict[str, Any]:
    """The title and entries of an RSS or Atom feed, or `error`.

    Parsing: feedparser, which resolves no external entities; what declares a document type with entities of its own
    is refused before, as no feed needs them.
    """
    import feedparser

    if b"<!ENTITY" in data[:100_000].upper():
        return {"error": "entities"}
    found = feedparser.parse(data, sanitize_html=False, resolve_relative_uris=True)
    if not found.get("version"):
        return {"error": "no feed"}
    return {"title": found.feed.get("title"), "entries": [_entry(entry) for entry in found.entries[:MOST_ENTRIES]]}


def _entry(entry: Any) -> dict[str, Any]:
    content = max((part.get("value") or "" for part in entry.get("content") or ()), key=len, default="")
    authors = [author.get("name") for author in entry.get("authors") or () if author.get("name")]
    return {
        "url": entry.get("link"),
        "key": entry.get("id") or entry.get("link"),
        "title": entry.get("title"),
        "authors": authors or entry.get("author"),
        "published": entry.get("published") or entry.get("updated"),
        "changed": entry.get("updated") or entry.get("published"),
        "content": content,
    }


def main() -> None:
    """One request a line in, as a JSON object; one result a line out."""
    import logging
    import warnings

    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    _limit_memory()
    for line in sys.stdin:
        try:
            result = _answer(json.loads(line))
        except (Exception, RecursionError):  # whatever a hostile file makes a parser do, the next one is read
            result = {}
        sys.stdout.write(json.dumps(result) + "\n")
        sys.stdout.flush()


def _answer(request: dict[str, str]) -> dict[str, Any]:
    if request["kind"] == "page":
        return extract_page(request["page"])
    data = base64.b64decode(request["data"])
    return extract_pdf(data) if request["kind"] == "pdf" else extract_feed(data)


def _limit_memory() -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    except (ImportError, ValueError, OSError):  # not on every platform; the time limit holds on all
        pass


if __name__ == "__main__":
    main()
