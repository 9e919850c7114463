"""The archive's tab as HTML: the list of articles, one of them with its versions, feeds, removals, size and health.
Pure, as `ui.render`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from index.archive import KEPT_AFTER_REMOVAL, NearCopy, RemovedArticle, StoredVersion
from index.doctor import Finding
from index.language import language_name
from index.listing import Listed, Page
from index.records import Article, ArticleInfo, Furniture
from index.size import ArchiveSize
from ui.article_view import render_whole
from ui.render import counted, escape_text, format_day, one_line, sentence_case

if TYPE_CHECKING:
    from index.feeds import Feed

LONGEST_TITLE = 160


@dataclass(frozen=True, slots=True)
class Reference:
    """What a link of the list points at: an article, as it is now or as one of its versions was."""

    article_id: str
    version: str | None = None

    def __str__(self) -> str:
        return self.article_id if self.version is None else f"{self.article_id}.{self.version}"


def parse_reference(text: str) -> Reference | None:
    """Read what `str(reference)` wrote; None for anything else. Says nothing about whether such an article exists."""
    article_id, dot, version = text.partition(".")
    parts = [article_id, version] if dot else [article_id]
    if not all(part.isascii() and part.isalnum() and len(part) <= 64 for part in parts):
        return None
    return Reference(article_id, version if dot else None)


def render_list(page: Page, of: int, opened: str | None) -> str:
    """The articles of a page of the list, `of` how many there are in all; the one that is open is marked."""
    rows = "".join(_row(listed, listed.article.article_id == opened) for listed in page.articles)
    return f'<p role="status" class="cd-found">{_found(page, of)}</p><ul class="cd-shelf">{rows}</ul>'


def render_opened(
    article: Article,
    furniture: Sequence[Furniture],
    versions: Sequence[StoredVersion],
    copies: Sequence[NearCopy],
    newer: Article | None,
) -> str:
    """One version of an article with what else is known of it; `newer` is the present one where it is another."""
    info = article.info
    language = f" · {escape_text(language_name(info.language))}" if info.language else ""
    about = (
        f'<p class="cd-byline">Id <code>{info.article_id}</code>{language}</p>'
        f"{_versions(article, versions, (newer or article).version)}{_copies(copies)}"
    )
    return render_whole(article, furniture, about, newer=newer)


def render_not_there(message: str) -> str:
    """The place of an article that can't be shown."""
    text = escape_text(sentence_case(one_line(message)))
    return f'<div class="cd-blank" role="alert"><h2>Can’t open this article</h2><p>{text}</p></div>'


def render_problem(message: str) -> str:
    """What went wrong, in the place of what was asked for."""
    return f'<p role="alert" class="cd-problem">{escape_text(sentence_case(one_line(message)))}</p>'


def render_note(message: str) -> str:
    """What was done, in a line that is read out."""
    return f'<p role="status" class="cd-done">{escape_text(one_line(message))}</p>'


def render_removed(removed: Sequence[RemovedArticle], *, editable: bool) -> str:
    """The articles that can still be put back, with a button each where that is allowed."""
    if not removed:
        return f'<p class="cd-none">None. What is removed can be put back for {KEPT_AFTER_REMOVAL.days} days.</p>'
    return f'<ul class="cd-rows">{"".join(_removed_row(one, editable) for one in removed)}</ul>'


def render_feeds(feeds: "Sequence[Feed]", *, editable: bool) -> str:
    """The feeds that are followed, with a button each where that is allowed."""
    if not feeds:
        return '<p class="cd-none">No feeds are followed.</p>'
    rows = []
    for feed in feeds:
        name, address = escape_text(_short(feed.title or feed.url)), escape_text(one_line(feed.url))
        read = f"last read {_moment(datetime.fromisoformat(feed.synced_at))}" if feed.synced_at else "not read yet"
        stop = (
            f'<button type="button" class="cd-unfollow cd-plain-button" data-what="{address}" '
            f'aria-label="Stop following {name}">Stop following</button>'
            if editable
            else ""
        )
        rows.append(f"<li><span><bdi>{name}</bdi></span> <small><bdi>{address}</bdi> · {read}</small>{stop}</li>")
    return f'<ul class="cd-rows">{"".join(rows)}</ul>'


def render_size(size: ArchiveSize, model: str | None) -> str:
    """What the archive holds and takes; `model` is the embedding model it was built with."""
    facts = {
        "Articles": f"{size.articles:,}",
        "Versions": f"{size.versions:,}",
        "Passages": f"{size.passages:,}",
        "Removed, can be put back": f"{size.removed:,}",
        "Articles on the disk": _megabytes(size.database),
        "Vector index on the disk": _megabytes(size.vectors),
        "Free on the disk": "unknown" if size.free is None else _megabytes(size.free),
        "Embedding model": escape_text(model or "none yet"),
    }
    rows = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts.items())
    return f'<dl class="cd-size">{rows}</dl>'


def render_findings(findings: Sequence[Finding], articles: int) -> str:
    """What is wrong with the archive and what to do about it, or that nothing is."""
    if not findings:
        return render_note(f"All in order: {counted(articles, 'article')} looked through.")
    rows = "".join(
        f"<li><b>{escape_text(sentence_case(one_line(one.problem)))}</b> <span>{escape_text(one_line(one.remedy))}"
        "</span></li>"
        for one in findings
    )
    return f'<div role="alert" class="cd-problem"><p>{counted(len(findings), "problem")}:</p><ul>{rows}</ul></div>'


def short_title(info: ArticleInfo) -> str:
    """What an article goes by in a line of text."""
    return _short(info.title or info.url or f"Untitled article {info.article_id}")


def _found(page: Page, of: int) -> str:
    if not of:
        return "There are no articles yet."
    if not page.matching:
        return f"None of the {counted(of, 'article')} match: take a word, an outlet or a date out."
    found = counted(of, "article") if page.matching == of else f"{page.matching:,} of {counted(of, 'article')}"
    if len(page.articles) == page.matching:
        return found
    return f"{found}, {page.offset + 1:,}–{page.offset + len(page.articles):,} shown"


def _row(listed: Listed, opened: bool) -> str:
    info = listed.article
    current = ' aria-current="true"' if opened else ""
    versions = f"{listed.versions} versions" if listed.versions > 1 else ""
    copies = "" if not listed.near_copies else _counted_copies(listed.near_copies)
    return (
        f'<li><a class="cd-open" href="#a-{Reference(info.article_id)}"{current}>{_title(info)}</a>'
        f"<small>{_facts(info, versions, copies)}</small></li>"
    )


def _counted_copies(count: int) -> str:
    return "1 near-copy" if count == 1 else f"{count} near-copies"


def _title(info: ArticleInfo) -> str:
    return f"<bdi>{escape_text(short_title(info))}</bdi>"


def _removed_row(removed: RemovedArticle, editable: bool) -> str:
    info = removed.article
    put_back = (
        f'<button type="button" class="cd-put-back cd-plain-button" data-what="{info.article_id}" '
        f'aria-label="Put back: {escape_text(short_title(info))}">Put back</button>'
        if editable
        else ""
    )
    when = f"removed {_moment(removed.removed_at)}"
    return f"<li><span>{_title(info)}</span> <small>{_facts(info, when)}</small>{put_back}</li>"


def _facts(info: ArticleInfo, *more: str) -> str:
    """Outlet, day and what else there is to say, parted by dots."""
    day = format_day(info.published) if info.published else "undated"
    outlet = f"<bdi>{escape_text(_short(info.outlet))}</bdi>" if info.outlet else ""
    return " · ".join(part for part in (outlet, day, *more) if part)


def _versions(article: Article, versions: Sequence[StoredVersion], current: str) -> str:
    if len(versions) < 2:
        return ""
    rows = "".join(
        f'<li><a class="cd-open" href="#a-{Reference(article.article_id, one.version)}"'
        f"{_current(one.version == article.version)}>{_moment(one.stored_at)}</a>"
        f"{' (current)' if one.version == current else ''}</li>"
        for one in versions
    )
    told = f"<p>{len(versions)} versions, as stored:</p>"
    return f'<nav class="cd-versions" aria-label="Versions">{told}<ol>{rows}</ol></nav>'


def _current(there: bool) -> str:
    return ' aria-current="true"' if there else ""


def _copies(copies: Sequence[NearCopy]) -> str:
    if not copies:
        return ""
    rows = "".join(
        f'<li><a class="cd-open" href="#a-{Reference(one.article.article_id)}">{_title(one.article)}</a> '
        f"<small>{_facts(one.article, f'{one.similarity:.0%} the same')}</small></li>"
        for one in copies
    )
    return f'<nav class="cd-versions" aria-label="Near-copies"><p>Near-copies:</p><ul>{rows}</ul></nav>'


def _short(text: str) -> str:
    line = one_line(text[: LONGEST_TITLE * 4])
    return line if len(line) <= LONGEST_TITLE else f"{line[: LONGEST_TITLE - 1].rstrip()}…"


def _moment(moment: datetime) -> str:
    local = moment.astimezone()
    return f"{format_day(local.date())}, {local:%H:%M}"


def _megabytes(count: int) -> str:
    return f"{count / 1e9:,.1f} GB" if count >= 1_000_000_000 else f"{count / 1e6:,.1f} MB"
