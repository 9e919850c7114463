"""Text and fields → an article, or the reason why there is none."""

import re

from index.files import Skipped
from index.metadata import Fields
from index.records import Article, ArticleInfo, article_id_for, version_of
from index.urls import canonical_url

MAX_ARTICLE_CHARACTERS = 2_000_000

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")

EMPTY = "empty file: remove it, or save the article again"
BLANK = "nothing but white space: remove it, or save the article again"
TOO_LONG = f"longer than {MAX_ARTICLE_CHARACTERS:,} characters: split it into articles"


def make_article(where: str, text: str, fields: Fields, source: str, name: str | None = None) -> Article | Skipped:
    """An article named by the URL among its fields, else by `name`, else by `source`, where it was read from."""
    if not text.strip():
        return Skipped(where, BLANK, source)
    if len(text) > MAX_ARTICLE_CHARACTERS:
        return Skipped(where, TOO_LONG, source)
    info = ArticleInfo(
        article_id=article_id_for(fields.url or name or source),
        version=version_of(text),
        url=canonical_url(fields.url) if fields.url else None,
        title=fields.title,
        outlet=fields.outlet,
        authors=fields.authors,
        published=fields.published,
    )
    # SQLite stores no path that isn't UTF-8.
    return Article(info, text, None if _LONE_SURROGATE.search(source) else source)
