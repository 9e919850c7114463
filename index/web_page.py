"""HTML pages → the article's text and the fields that the page states."""

import codecs
import re
from datetime import date
from urllib.parse import urlsplit

from index.dates import parse_date
from index.decoding import decode
from index.extraction import Extractor, UnreadableError
from index.metadata import Fields, clean_authors, clean_field, clean_url, is_name

_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{3,20})", re.IGNORECASE)
# Encodings that pages declare and that are safe to believe; UTF-8 is tried before any declaration.
_BELIEVED = re.compile(r"(?:iso-?8859|windows|cp125|koi8|gb|big5|shift|euc)[\w-]*", re.IGNORECASE)


def read_page(extractor: Extractor, page: str, today: date) -> tuple[str, Fields]:
    """The article's text and fields. Raises `UnreadableError`."""
    found = extractor.page(page)
    text = found.get("text")
    if not isinstance(text, str) or not text.strip():
        raise UnreadableError("no article text found in the page: save its text as .txt")
    return text, _page_fields(found, today)


def decode_page(data: bytes, stated: str | None = None) -> str:
    """The page as text: by its mark, as UTF-8, as `stated` or it itself declares, or by detection.

    `stated` is the encoding that came with it, in an HTTP header. Raises `UndecodableError`.
    """
    declared = _CHARSET.search(data[:4096])
    name = stated or (declared[1].decode("ascii") if declared else "")
    if b"\0" in data or _is_utf8(data) or not _BELIEVED.fullmatch(name):
        return decode(data)
    # The web reads Latin-1 as its superset Windows-1252, which has the curly quotes.
    encoding = "cp1252" if name.lower() in ("iso-8859-1", "iso8859-1") else name
    try:
        return codecs.decode(data, encoding)
    except (LookupError, UnicodeError):
        return decode(data)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _page_fields(found: dict[str, object], today: date) -> Fields:
    url = clean_url(found.get("url"))
    # Some sites give their front page as the address of every article.
    if url and urlsplit(url).path in ("", "/"):
        url = None
    return Fields(
        url=url,
        title=clean_field(found.get("title")),
        outlet=clean_field(found.get("sitename")),
        authors=tuple(name for name in clean_authors(found.get("author")) if is_name(name)),
        published=parse_date(found.get("date"), today),
    )
