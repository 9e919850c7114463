"""The archive as a list to look through: pages of articles, sorted and searched, and the versions of one."""

from dataclasses import dataclass
from typing import Any, Literal

from index.archive import CURRENT, INFO_COLUMNS, INFO_WIDTH, Archive, filter_sql, info_from_row
from index.records import ArticleInfo, Filters
from index.words import content_words

Order = Literal["newest", "oldest", "title", "outlet", "added"]
MOST_WORDS = 12

# Undated articles, and those without title or outlet, stand last whichever way round the rest is.
_ORDERS: dict[Order, str] = {
    "newest": "v.published IS NULL, v.published DESC, v.title",
    "oldest": "v.published IS NULL, v.published, v.title",
    "title": "v.title IS NULL, v.title COLLATE NOCASE",
    "outlet": "v.outlet IS NULL, v.outlet COLLATE NOCASE, v.published IS NULL, v.published DESC",
    "added": "v.stored_at DESC, v.title",
}
_HAS_WORD = (
    "a.article_id IN (SELECT p.article_id FROM passages_fts f JOIN passages p ON p.passage_key = f.rowid "
    "WHERE passages_fts MATCH ?)"
)


@dataclass(frozen=True, slots=True)
class Listed:
    """An article in a list, with how many versions of it are kept and how many near-copies it has."""

    article: ArticleInfo
    versions: int
    near_copies: int


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the articles that match, the first of them at `offset`, and how many match in all."""

    articles: tuple[Listed, ...]
    offset: int
    matching: int


def list_page(
    archive: Archive,
    filters: Filters = Filters(),
    words: str = "",
    order: Order = "newest",
    offset: int = 0,
    limit: int = 50,
) -> Page:
    """Up to `limit` current articles that match the filters and hold all of the words, in title or text.

    The last word may be the beginning of one. An `offset` behind the end gives the last page. Raises ArchiveError.
    """
    condition, parameters = filter_sql(filters)
    matches = _matches(words)
    where = " AND ".join([condition, *[_HAS_WORD] * len(matches)])
    given: list[Any] = [*parameters, *matches]
    matching = int(archive.rows(f"SELECT count(*) FROM {CURRENT} WHERE {where}", given)[0][0])
    offset = min(max(offset, 0), max(matching - 1, 0) // limit * limit)
    rows = archive.rows(
        f"SELECT {INFO_COLUMNS}, "
        "(SELECT count(*) FROM versions o WHERE o.article_id = a.article_id), "
        "(SELECT count(*) FROM near_copies n JOIN articles USING (article_id, version) WHERE n.group_id = "
        "(SELECT group_id FROM near_copies m WHERE m.article_id = a.article_id AND m.version = a.version)) "
        f"FROM {CURRENT} WHERE {where} ORDER BY {_ORDERS[order]}, a.article_id LIMIT ? OFFSET ?",
        [*given, limit, offset],
    )
    listed = (Listed(info_from_row(row[:INFO_WIDTH]), row[-2], max(row[-1] - 1, 0)) for row in rows)
    return Page(tuple(listed), offset, matching)


def _matches(words: str) -> list[str]:
    """An FTS5 expression for each of the words; what is typed last may go on, so its beginning is enough."""
    distinct = list(dict.fromkeys(content_words(words)))[:MOST_WORDS]
    if not distinct:
        return []
    *whole, last = distinct
    going_on = "*" if len(last) > 1 and not words[-1:].isspace() else ""
    return [*(f'"{word}"' for word in whole), f'"{last}"{going_on}']
