"""What every part of the page is written with: escaping, anchors, days and the small messages. Pure: no Gradio, no
archive, no clock.

Everything that comes from an article, its metadata or the person who asks is data, and leaves here escaped. Two
places need two kinds of escaping: chat messages pass through a Markdown renderer, so that `escape_markdown` leaves
no character standing that Markdown or HTML could read; the evidence panel is plain HTML and keeps every character.
"""

import re
from dataclasses import dataclass
from datetime import date

from index.records import ArticleInfo
from qa.markup import escape_article as escape_article
from qa.markup import escape_text as escape_text
from qa.markup import on_one_line
from qa.markup import one_line as one_line
from qa.markup import web_host as web_host
from qa.records import Citation

UNTITLED_WORDS = 10

_MARKDOWN_CHARACTERS = re.compile(r"[!-/:-@\[-`{-~]")
_ANCHOR = re.compile(r"([0-9a-z]{1,64})\.([0-9a-z]{1,64})\.([0-9]{1,9})\.([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class Anchor:
    """What a citation mark points at: characters `[start, end)` of one version of an article."""

    article_id: str
    version: str
    start: int
    end: int

    def __str__(self) -> str:
        return f"{self.article_id}.{self.version}.{self.start}.{self.end}"


def anchor_of(citation: Citation) -> Anchor:
    """The anchor of a citation's quote."""
    return Anchor(citation.article.article_id, citation.article.version, citation.quote_start, citation.quote_end)


def parse_anchor(text: str) -> Anchor | None:
    """Read what `str(anchor)` wrote; None for anything else. Says nothing about whether such an article exists."""
    match = _ANCHOR.fullmatch(text)
    if match is None:
        return None
    return Anchor(match[1], match[2], int(match[3]), int(match[4]))


def escape_markdown(text: str, *, strip: bool = True) -> str:
    """One line of text that reads literally in Markdown and in HTML: all ASCII punctuation as character references.

    A piece of a longer line keeps the blanks at its ends, with `strip=False`.
    """
    line = one_line(text) if strip else on_one_line(text)
    return _MARKDOWN_CHARACTERS.sub(lambda match: f"&#{ord(match[0])};", line)


def first_words(text: str) -> str:
    """What an article without a title goes by."""
    words = one_line(text[: UNTITLED_WORDS * 40]).split(" ")
    return " ".join(words[:UNTITLED_WORDS]) + ("…" if len(words) > UNTITLED_WORDS else "")


def sentence_case(text: str) -> str:
    """Text with a capital in front."""
    return text[:1].upper() + text[1:]


def where_from(info: ArticleInfo) -> str:
    """Outlet and day of an article, as one line."""
    parts = (info.outlet, format_day(info.published) if info.published else "undated")
    return ", ".join(one_line(part) for part in parts if part)


def name_of(citation: Citation) -> str:
    """The title of a cited article, or the first words of what is cited."""
    return one_line(citation.article.title or "") or first_words(citation.sentence.text)


def render_question(question: str) -> str:
    """The question as a chat message."""
    return escape_markdown(question)


def render_status(message: str) -> str:
    """A passing line in the place of an answer that is on its way."""
    return f'<div class="cd-status">{escape_markdown(message)}</div>'


def render_error(message: str) -> str:
    """An error in the place of an answer."""
    return f'<div class="cd-error"><strong>That didn’t work.</strong> {escape_markdown(sentence_case(message))}</div>'


def render_welcome(article_count: int) -> str:
    """What an empty conversation shows."""
    if article_count == 0:
        return (
            '<div class="cd-welcome"><h2>No articles yet</h2><p><a class="cd-way" href="#add-articles">Add articles</a>'
            "</p><p>Or add files, whole folders or web addresses in a terminal: <code>copydesk add PATH</code>. "
            "This page sees them within seconds.</p></div>"
        )
    return (
        '<div class="cd-welcome"><h2>Ask about the articles</h2><p>Answers are quoted from them, sentence by sentence, '
        "and what they don’t say is not answered.</p></div>"
    )


def render_archive_line(article_count: int, outlet_count: int) -> str:
    """How much there is to answer from."""
    outlets = f'<span class="cd-outlets"> from {counted(outlet_count, "outlet")}</span>' if outlet_count else ""
    return f'<p class="cd-count">{counted(article_count, "article")}{outlets}</p>'


def render_archive_error(message: str) -> str:
    """The place of `render_archive_line` when the archive can't be read."""
    return f'<p class="cd-count cd-unread" role="alert">{escape_text(sentence_case(one_line(message)))}</p>'


def counted(number: int, noun: str) -> str:
    """`1 article`, `2,388 articles`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def format_day(day: date) -> str:
    """`9 November 2026`, whatever the locale."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def format_days(first: date, last: date) -> str:
    """`9–15 November 2026`, `28 October – 3 November 2026`, naming each part once."""
    if first == last:
        return format_day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{format_day(last)}"
    if first.year == last.year:
        return f"{first.day} {_MONTHS[first.month - 1]} – {format_day(last)}"
    return f"{format_day(first)} – {format_day(last)}"


_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
