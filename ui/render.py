"""Answers and articles as HTML. Pure: no Gradio, no archive, no clock.

Everything that comes from an article, its metadata or the person who asks is data, and leaves here escaped. Two
places need two kinds of escaping: chat messages pass through a Markdown renderer, so that `escape_markdown` leaves
no character standing that Markdown or HTML could read; the evidence panel is plain HTML and keeps every character.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from urllib.parse import urlsplit

from index.changes import changes, shortened
from index.records import Article, ArticleInfo, Filters, Furniture
from qa.records import Answer, AnswerSentence, Citation, Period, Refusal, RefusalReason, VerdictLabel

REFUSAL_HEADINGS: dict[RefusalReason, str] = {
    "empty_archive": "No articles yet",
    "nothing_relevant": "Nothing about this",
    "not_answered": "No answer found",
    "filters_left_nothing": "Nothing left to search",
    "unsupported_language": "Language not supported",
}
REFUSAL_WAYS_ON: dict[RefusalReason, str] = {
    "empty_archive": "This page sees new articles within seconds.",
    "nothing_relevant": "Try the names and words an article would use, or add articles on the subject.",
    "not_answered": "Ask for something more specific, or read the sentences that came closest.",
    "filters_left_nothing": "The filters are under “Narrow the search”.",
    "unsupported_language": "What is quoted here comes from English articles only.",
}
VERDICT_NOTES: dict[VerdictLabel, str] = {
    "partial": "partly supported by its source",
    "contradicted": "contradicted by its source",
    "unsupported": "not supported by its source",
}
UNTITLED_WORDS = 10

# Embeddings, overrides and isolates reorder what stands after them; unbalanced, they reach into the rest of the page.
_BIDI_CONTROLS = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
_BIDI_OPENERS = re.compile("[\u202a\u202b\u202d\u202e\u2066-\u2068]")
_BLANKS = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")
_MARKDOWN_CHARACTERS = re.compile(r"[!-/:-@\[-`{-~]")
_UNSENDABLE = re.compile("[\x00\ud800-\udfff]")
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


def escape_text(text: str) -> str:
    """Text as HTML whose parsed text content is the same text, character by character.

    HTML has no way to write U+0000 or half a surrogate pair: each becomes one U+FFFD, so that offsets still hold.
    """
    # An HTML parser turns a bare carriage return into a line feed, but not one written as a reference.
    return escape(_UNSENDABLE.sub("\ufffd", text)).replace("\r", "&#13;")


def one_line(text: str) -> str:
    """Text for a heading or a chat line: blanks and control characters become single spaces, bidi controls go."""
    return _BLANKS.sub(" ", _UNSENDABLE.sub("\ufffd", text.translate(_BIDI_CONTROLS))).strip()


def escape_markdown(text: str) -> str:
    """One line of text that reads literally in Markdown and in HTML: all ASCII punctuation as character references."""
    return _MARKDOWN_CHARACTERS.sub(lambda match: f"&#{ord(match[0])};", one_line(text))


def render_question(question: str) -> str:
    """The question as a chat message."""
    return escape_markdown(question)


def render_status(message: str) -> str:
    """A passing line in the place of an answer that is on its way."""
    return f'<div class="cd-status">{escape_markdown(message)}</div>'


def render_error(message: str) -> str:
    """An error in the place of an answer."""
    return f'<div class="cd-error"><strong>That didn’t work.</strong> {escape_markdown(_sentence_case(message))}</div>'


def render_answer(answer: Answer) -> str:
    """An answer or refusal as a chat message, with numbered marks that `parse_anchor` reads."""
    body = _understood(answer) + (_sentences(answer) if answer.refusal is None else _refusal(answer.refusal))
    # One unbroken HTML block: an empty line would hand what follows to the Markdown parser.
    told = answer.refusal is not None and answer.refusal.reason == "filters_left_nothing"  # its message names them
    return f'<div class="cd-answer">{body}{"" if told else _notes(answer)}</div>'


def render_article(
    article: Article, anchor: Anchor, furniture: Sequence[Furniture], *, newer: Article | None = None
) -> str:
    """The whole article with exactly the anchor's characters in `<mark id="quote">` and its furniture dimmed.

    The text content of the element `.cd-text` is the article's text. The anchor has to lie inside it. Front matter
    and a first line that repeats the title stay in it but hidden: the head above shows what they say.
    `newer` is the article as the archive holds it now, where that is another version; what differs can be opened.
    """
    text, start, end = article.text, anchor.start, anchor.end
    head = min(_end_of_head(article, furniture), start)
    pieces = (
        f'<span hidden="">{_article_text(text[:head])}</span>' if head else "",
        _dimmed(text, head, start, furniture),
        f'<mark id="quote" tabindex="-1" data-anchor="{anchor}">',
        _dimmed(text, start, end, furniture),
        "</mark>",
        _dimmed(text, end, len(text), furniture),
    )
    note = "" if newer is None else _what_has_changed(article, newer)
    return (
        f'<article class="cd-article">{_article_head(article)}{note}'
        f'<div class="cd-text" dir="auto">{"".join(pieces)}</div>'
        '<p class="cd-back-line"><a class="cd-back" href="#conversation">Back to the answer</a></p></article>'
    )


def _what_has_changed(article: Article, newer: Article) -> str:
    """That a quoted version is not the present one, and what differs, folded away."""
    marks = {"same": "{}", "removed": "<del>{}</del>", "added": "<ins>{}</ins>"}
    differences = shortened(changes(article.text, newer.text))
    shown = "".join(marks[change.kind].format(_article_text(change.text)) for change in differences)
    return (
        '<div class="cd-superseded"><p>The article has changed since; this is the version quoted.</p>'
        f'<details><summary>What has changed</summary><div class="cd-changes" dir="auto">{shown}</div></details></div>'
    )


def render_no_evidence() -> str:
    """The evidence panel before any citation was opened."""
    return (
        '<div class="cd-blank"><h2>Evidence</h2><p>Each sentence of an answer carries a number. Open one to read its '
        "article here, with the words it rests on highlighted.</p></div>"
    )


def render_evidence_error(message: str) -> str:
    """The evidence panel when a citation can't be opened."""
    text = escape_text(_sentence_case(one_line(message)))
    return f'<div class="cd-blank" role="alert"><h2>Can’t open this source</h2><p>{text}</p></div>'


def render_welcome(article_count: int) -> str:
    """What an empty conversation shows."""
    if article_count == 0:
        return (
            '<div class="cd-welcome"><h2>No articles yet</h2><p>Add text, Markdown, HTML or JSON Lines files, or whole '
            "folders, in a terminal:</p><p><code>copydesk add PATH</code></p>"
            "<p>This page sees them within seconds.</p></div>"
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
    return f'<p class="cd-count cd-unread" role="alert">{escape_text(_sentence_case(one_line(message)))}</p>'


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


def _understood(answer: Answer) -> str:
    if answer.understood_as is None:
        return ""
    return f'<p class="cd-understood">Understood as: {escape_markdown(answer.understood_as)}</p>'


def _sentences(answer: Answer) -> str:
    numbers: dict[Anchor, int] = {}
    cited: list[Citation] = []
    for sentence in answer.sentences:
        for citation in sentence.citations:
            if anchor_of(citation) not in numbers:
                numbers[anchor_of(citation)] = len(numbers) + 1
                cited.append(citation)
    short = f'<p class="cd-short">{escape_markdown(answer.short_answer)}</p>' if answer.short_answer else ""
    quoted = "".join(_sentence(sentence, numbers, answer.source_count(sentence)) for sentence in answer.sentences)
    return f'{short}{quoted}<ol class="cd-sources">{"".join(_source(citation) for citation in cited)}</ol>'


def _sentence(sentence: AnswerSentence, numbers: dict[Anchor, int], sources: int) -> str:
    marks = " ".join(
        f'<a class="cd-mark" href="#s-{anchor_of(citation)}" title="{_source_line(citation.article)}">'
        f"{numbers[anchor_of(citation)]}</a>"
        for citation in sentence.citations
    )
    articles = len(sentence.citations)
    together = f"{counted(sources, 'source')}, {counted(articles, 'article')}"
    copies = f' <span class="cd-copies">{together}</span>' if sources < articles else ""
    note = VERDICT_NOTES.get(sentence.verdict.label)
    warning = f' <span class="cd-warning">{escape_markdown(note)}</span>' if note else ""
    kind = "cd-sentence cd-context" if sentence.context else "cd-sentence"
    return f'<p class="{kind}">{escape_markdown(sentence.text)}&nbsp;{marks}{copies}{warning}</p>'


def _source(citation: Citation) -> str:
    where = _source_line(citation.article)
    name = escape_markdown(citation.article.title or _first_words(citation.sentence.text))
    return f'<li><a href="#s-{anchor_of(citation)}">{name}</a>{f" <span>{where}</span>" if where else ""}</li>'


def _source_line(info: ArticleInfo) -> str:
    parts = (info.outlet, format_day(info.published) if info.published else "undated")
    return ", ".join(escape_markdown(part) for part in parts if part)


def _refusal(refusal: Refusal) -> str:
    reason = refusal.reason
    nearest = "".join(
        f'<li><a href="#s-{anchor_of(citation)}">{escape_markdown(citation.quote)}</a>'
        f" <span>{_source_line(citation.article)}</span></li>"
        for citation in refusal.nearest
    )
    closest = (
        f'<p class="cd-closest">Closest, but not an answer</p><ul class="cd-nearest">{nearest}</ul>' if nearest else ""
    )
    return (
        f'<p class="cd-refusal">{escape_markdown(REFUSAL_HEADINGS[reason])}</p>'
        f"<p>{escape_markdown(refusal.message)}</p>"
        f'<p class="cd-way-on">{escape_markdown(REFUSAL_WAYS_ON[reason])}</p>{closest}'
    )


def _notes(answer: Answer) -> str:
    notes = [*_period_note(answer.period), *_filter_notes(answer.filters)]
    if answer.undated_left_out:
        notes.append(f"{counted(answer.undated_left_out, 'undated article')} left out")
    if not notes:
        return ""
    return f'<p class="cd-notes">{" · ".join(escape_markdown(note) for note in notes)}</p>'


def _period_note(period: Period | None) -> Iterable[str]:
    if period is not None:
        yield f"“{period.words}” read as {format_days(period.first, period.last)}"


def _filter_notes(filters: Filters) -> Iterable[str]:
    if filters.outlets is not None:
        yield f"only {', '.join(filters.outlets) or 'no outlet'}"
    if filters.published_from is not None and filters.published_to is not None:
        yield f"published {format_days(filters.published_from, filters.published_to)}"
    elif filters.published_from is not None:
        yield f"published since {format_day(filters.published_from)}"
    elif filters.published_to is not None:
        yield f"published until {format_day(filters.published_to)}"
    if filters.article_ids is not None:
        yield f"only {counted(len(filters.article_ids), 'chosen article')}"


def _article_head(article: Article) -> str:
    info = article.info
    title = info.title or ": ".join(part for part in (info.outlet, _first_words(article.text)) if part)
    parts = (info.outlet, format_day(info.published) if info.published else "undated", ", ".join(info.authors))
    byline = '<span aria-hidden="true"> · </span>'.join(
        f"<bdi>{escape_text(one_line(part))}</bdi>" for part in parts if part
    )
    return (
        f"<header><h2><bdi>{escape_text(one_line(title)) or 'Untitled article'}</bdi></h2>"
        f'<p class="cd-byline">{byline}</p>{_origin(info.url)}</header>'
    )


def _end_of_head(article: Article, furniture: Sequence[Furniture]) -> int:
    """Where the text begins after front matter and title, and the blank lines after them; 0 where it has neither."""
    end = 0
    for span in furniture:
        line = one_line(article.text[span.start : span.end]).removeprefix("# ")
        repeated = span.kind == "front_matter" or (span.kind == "title" and line == article.info.title)
        if not repeated or article.text[end : span.start].strip():
            break
        end = span.end
    rest = article.text[end:]
    return end + len(rest) - len(rest.lstrip()) if end else 0


def _article_text(text: str) -> str:
    # Shut in an element of its own, a bidi control stays in the text but turns nothing around.
    return _BIDI_OPENERS.sub(r"<bdi>\g<0></bdi>", escape_text(text))


def _sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]


def _origin(url: str | None) -> str:
    if not url:
        return ""
    host = _web_host(url)
    if host is None:
        return f'<p class="cd-origin"><bdi>{escape_text(one_line(url))}</bdi></p>'
    return (
        f'<p class="cd-origin"><a href="{escape_text(url)}" target="_blank" rel="noopener noreferrer">'
        f"Original at <bdi>{escape_text(one_line(host))}</bdi></a></p>"
    )


def _web_host(url: str) -> str | None:
    """The host of a plain http or https URL; None for all else, which is shown but never linked."""
    if one_line(url) != url or " " in url:
        return None
    try:
        parts = urlsplit(url)
        return parts.hostname if parts.scheme in ("http", "https") else None
    except ValueError:
        return None


def _first_words(text: str) -> str:
    words = one_line(text[: UNTITLED_WORDS * 40]).split(" ")
    return " ".join(words[:UNTITLED_WORDS]) + ("…" if len(words) > UNTITLED_WORDS else "")


def _dimmed(text: str, start: int, end: int, furniture: Sequence[Furniture]) -> str:
    """`text[start:end]` escaped, with the parts of it that are furniture in spans."""
    pieces: list[str] = []
    position = start
    for span in furniture:
        first, last = max(span.start, position), min(span.end, end)
        if first >= last:
            continue
        pieces.append(_article_text(text[position:first]))
        pieces.append(f'<span class="cd-furniture cd-{span.kind}">{_article_text(text[first:last])}</span>')
        position = last
    pieces.append(_article_text(text[position:end]))
    return "".join(pieces)
