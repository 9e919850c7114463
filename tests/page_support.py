"""Answers, articles and hostile words for tests of what the page shows, and how to read its HTML."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from html import unescape
from html.parser import HTMLParser

from hypothesis import strategies as st

from index.records import Article, ArticleInfo, Sentence, article_id_for, version_of
from qa.records import Answer, AnswerSentence, Citation, Refusal, RefusalReason, Verdict

HOSTILE = (
    "**x** <script>alert(1)</script> [a](javascript:alert(1)) ![](http://x.invalid/y.png) $$x$$ &amp; | # - 1. "
    "\"q\" 'q' `c` ~~s~~ _u_ www.x.invalid me@x.invalid http://x.invalid ${alert(1)} {{value}} "
    "<img src=x onerror=alert(1)>"
)
REASONS: tuple[RefusalReason, ...] = (
    "empty_archive",
    "nothing_relevant",
    "not_answered",
    "filters_left_nothing",
    "unsupported_language",
)
any_text = st.text(max_size=200) | st.text(
    alphabet="<>&\"'`*_[]()!#|$\\{}\r\n\t ab1.\u202e\u2067\u2069\u00a0", max_size=200
)


def make_article(text: str, title: str | None = None, **fields: object) -> Article:
    info = ArticleInfo(article_id_for(text), version_of(text), None, title, None, (), None)
    return Article(replace(info, **fields), text)  # type: ignore[arg-type]


def cite(article: Article, start: int, end: int) -> Citation:
    sentence = Sentence(article.article_id, article.version, 0, start, end, article.text[start:end])
    return Citation(sentence, article.info, start, end)


def make_answer(*sentences: AnswerSentence, refusal: Refusal | None = None) -> Answer:
    return Answer("Who?", date(2026, 11, 16), sentences, None, refusal, ())


def supported(text: str, *citations: Citation) -> AnswerSentence:
    return AnswerSentence(text, citations, Verdict("supported", 1.0))


def shown(text: str) -> str:
    """Text as HTML can carry it: U+0000 and surrogates can't be written there."""
    return re.sub("[\x00\ud800-\udfff]", "\ufffd", text)


def strip_tags(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.extend(attrs)


def parsed(html: str) -> _Tags:
    parser = _Tags()
    parser.feed(html)
    parser.close()
    return parser
