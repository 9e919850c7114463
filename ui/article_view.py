"""The evidence panel: an article with the characters that a citation rests on highlighted. Pure, as `ui.render`."""

from collections.abc import Iterator, Sequence

from index.changes import changes, shortened
from index.records import Article, Furniture
from ui.render import (
    Anchor,
    escape_article,
    escape_text,
    first_words,
    format_day,
    one_line,
    sentence_case,
    web_host,
)


def render_article(
    article: Article,
    anchor: Anchor,
    furniture: Sequence[Furniture],
    *,
    newer: Article | None = None,
    cited: Sequence[Anchor] = (),
) -> str:
    """The whole article with exactly the anchor's characters in `<mark id="quote">` and its furniture dimmed.

    The text content of the element `.cd-text` is the article's text. The anchor has to lie inside it. Front matter
    and a first line that repeats the title stay in it but hidden: the head above shows what they say.
    `newer` is the article as the archive holds it now, where that is another version; what differs can be opened.
    `cited` is all that the answer cites, in its order: what of it stands in this article is marked faintly, and one
    can step from each to the next.
    """
    text, start, end = article.text, anchor.start, anchor.end
    others = _others(article, anchor, cited)
    head = min(_end_of_head(article, furniture), start, *(first for first, _ in others))
    pieces = (
        f'<span hidden="">{escape_article(text[:head])}</span>' if head else "",
        _marked(text, head, start, furniture, others),
        f'<mark id="quote" tabindex="-1" data-anchor="{anchor}">',
        _dimmed(text, start, end, furniture),
        "</mark>",
        _marked(text, end, len(text), furniture, others),
    )
    changed = "The article has changed since; this is the version quoted."
    note = "" if newer is None else _what_has_changed(article, newer, changed)
    return (
        f'<article class="cd-article">{_steps(anchor, cited)}{_article_head(article)}{note}'
        f'<div class="cd-text" dir="auto">{"".join(pieces)}</div>'
        '<p class="cd-back-line"><a class="cd-back" href="#conversation">Back to the answer</a></p></article>'
    )


def render_whole(article: Article, furniture: Sequence[Furniture], about: str, *, newer: Article | None = None) -> str:
    """The whole article with nothing marked; `about` is HTML that stands between its head and its text."""
    text, head = article.text, _end_of_head(article, furniture)
    hidden = f'<span hidden="">{escape_article(text[:head])}</span>' if head else ""
    note = "" if newer is None else _what_has_changed(article, newer, "This is an older version.")
    return (
        f'<article class="cd-article">{_article_head(article)}{about}{note}'
        f'<div class="cd-text" dir="auto">{hidden}{_dimmed(text, head, len(text), furniture)}</div></article>'
    )


def render_no_evidence() -> str:
    """The evidence panel before any citation was opened."""
    return (
        '<div class="cd-blank"><h2>Evidence</h2><p>Each sentence of an answer carries a number. Open one to read its '
        "article here, with the words it rests on highlighted.</p></div>"
    )


def render_evidence_error(message: str) -> str:
    """The evidence panel when a citation can't be opened."""
    text = escape_text(sentence_case(one_line(message)))
    return f'<div class="cd-blank" role="alert"><h2>Can’t open this source</h2><p>{text}</p></div>'


def _steps(anchor: Anchor, cited: Sequence[Anchor]) -> str:
    """Which of the answer's citations this is, and the ways to the one before and the one after."""
    if anchor not in cited or len(cited) < 2:
        return ""
    place = cited.index(anchor)
    return (
        f'<nav class="cd-steps" aria-label="Citations of this answer">{_step("Previous", "p", -1, place > 0)}'
        f'<span class="cd-place" aria-live="polite">Citation {place + 1} of {len(cited)}</span>'
        f"{_step('Next', 'n', 1, place + 1 < len(cited))}"
        '<span class="cd-keys">Keys: <kbd>p</kbd> <kbd>n</kbd></span></nav>'
    )


def _step(name: str, key: str, by: int, there: bool) -> str:
    # Not `disabled`: a button that is loses the focus, and whoever steps by keyboard their place.
    return (
        f'<button type="button" class="cd-step" data-step="{by}" aria-keyshortcuts="{key}" '
        f'aria-label="{name} citation" aria-disabled="{str(not there).lower()}">{name}</button>'
    )


def _others(article: Article, anchor: Anchor, cited: Sequence[Anchor]) -> list[tuple[int, int]]:
    """What else of the article is cited, as spans in order that touch neither the quote nor one another."""
    spans: list[tuple[int, int]] = []
    same = {
        (one.start, one.end) for one in cited if (one.article_id, one.version) == (article.article_id, article.version)
    }
    for first, last in sorted(same):
        begins = max(first, spans[-1][1] if spans else 0)
        for start, end in ((begins, min(last, anchor.start)), (max(begins, anchor.end), last)):
            if start < end <= len(article.text):
                spans.append((start, end))
    return spans


def _marked(text: str, start: int, end: int, furniture: Sequence[Furniture], others: Sequence[tuple[int, int]]) -> str:
    """`text[start:end]` escaped, with furniture dimmed and what else is cited marked faintly."""
    pieces = (
        f'<mark class="cd-also">{_dimmed(text, first, last, furniture)}</mark>'
        if also
        else _dimmed(text, first, last, furniture)
        for first, last, also in _segments(start, end, others)
    )
    return "".join(pieces)


def _segments(start: int, end: int, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, bool]]:
    """`[start, end)` in pieces, each with whether it is one of the spans."""
    position = start
    for first, last in spans:
        if not start <= first < last <= end:
            continue
        yield position, first, False
        yield first, last, True
        position = last
    yield position, end, False


def _what_has_changed(article: Article, newer: Article, told: str) -> str:
    """That this version is not the present one, in the words of `told`, and what differs, folded away."""
    marks = {"same": "{}", "removed": "<del>{}</del>", "added": "<ins>{}</ins>"}
    differences = shortened(changes(article.text, newer.text))
    shown = "".join(marks[change.kind].format(escape_article(change.text)) for change in differences)
    return (
        f'<div class="cd-superseded"><p>{told}</p>'
        f'<details><summary>What has changed</summary><div class="cd-changes" dir="auto">{shown}</div></details></div>'
    )


def _article_head(article: Article) -> str:
    info = article.info
    title = info.title or ": ".join(part for part in (info.outlet, first_words(article.text)) if part)
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


def _origin(url: str | None) -> str:
    if not url:
        return ""
    host = web_host(url)
    if host is None:
        return f'<p class="cd-origin"><bdi>{escape_text(one_line(url))}</bdi></p>'
    return (
        f'<p class="cd-origin"><a href="{escape_text(url)}" target="_blank" rel="noopener noreferrer">'
        f"Original at <bdi>{escape_text(one_line(host))}</bdi></a></p>"
    )


def _dimmed(text: str, start: int, end: int, furniture: Sequence[Furniture]) -> str:
    """`text[start:end]` escaped, with the parts of it that are furniture in spans."""
    pieces: list[str] = []
    position = start
    for span in furniture:
        first, last = max(span.start, position), min(span.end, end)
        if first >= last:
            continue
        pieces.append(escape_article(text[position:first]))
        pieces.append(f'<span class="cd-furniture cd-{span.kind}">{escape_article(text[first:last])}</span>')
        position = last
    pieces.append(escape_article(text[position:end]))
    return "".join(pieces)
