"""Text of articles and of people as HTML. Everything of theirs is data, and leaves here escaped or on one line."""

import re
from html import escape
from urllib.parse import urlsplit

# Embeddings, overrides and isolates reorder what stands after them; unbalanced, they reach into the rest of the page.
_BIDI_CONTROLS = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
_BIDI_OPENERS = re.compile("[\u202a\u202b\u202d\u202e\u2066-\u2068]")
_BLANKS = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")
_UNSENDABLE = re.compile("[\x00\ud800-\udfff]")


def escape_text(text: str) -> str:
    """Text as HTML whose parsed text content is the same text, character by character.

    HTML has no way to write U+0000 or half a surrogate pair: each becomes one U+FFFD, so that offsets still hold.
    """
    # An HTML parser turns a bare carriage return into a line feed, but not one written as a reference.
    return escape(_UNSENDABLE.sub("\ufffd", text)).replace("\r", "&#13;")


def one_line(text: str) -> str:
    """Text for a heading or a chat line: blanks and control characters become single spaces, bidi controls go."""
    return on_one_line(text).strip()


def on_one_line(text: str) -> str:
    """The same, with the blanks at its ends kept as one each: for a piece of a longer line."""
    return _BLANKS.sub(" ", _UNSENDABLE.sub("\ufffd", text.translate(_BIDI_CONTROLS)))


def escape_article(text: str) -> str:
    """Text as HTML, each bidi control shut in an element of its own: it stays in the text but turns nothing around."""
    return _BIDI_OPENERS.sub(r"<bdi>\g<0></bdi>", escape_text(text))


def web_host(url: str) -> str | None:
    """The host of a plain http or https URL; None for all else, which is shown but never linked."""
    if one_line(url) != url or " " in url:
        return None
    try:
        parts = urlsplit(url)
        return parts.hostname if parts.scheme in ("http", "https") else None
    except ValueError:
        return None
