"""The values that flow through the project. All frozen; a stage takes values and returns new ones.

Offsets are counted in Unicode code points into `Article.text`, `end` exclusive: what `str` slicing uses.
"""

from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Literal

from index.urls import canonical_url

FurnitureKind = Literal[
    "title",
    "byline",
    "dateline",
    "caption",
    "credit",
    "heading",
    "source_line",
    "summary",
    "share",
    "link",
    "front_matter",
]
FoundBy = Literal["dense", "lexical", "both"]


def article_id_for(source: str) -> str:
    """A short, stable name for one source: 16 hex digits of the hash of its canonical URL or absolute path."""
    return sha256(canonical_url(source).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def version_of(text: str) -> str:
    """The version of an article: 16 hex digits of the hash of its text."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class ArticleInfo:
    """What is known about one version of an article, without its text.

    `language` is an ISO 639-1 code, read off the text; None where it can't be told.
    """

    article_id: str
    version: str
    url: str | None
    title: str | None
    outlet: str | None
    authors: tuple[str, ...]
    published: date | None
    language: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Article:
    """One version of one source. `text` is stored as it came and never rewritten.

    `source` is where it was just read from: an absolute path, `path:line` or a URL.
    """

    info: ArticleInfo
    text: str
    source: str | None = field(default=None, compare=False)

    @property
    def article_id(self) -> str:
        return self.info.article_id

    @property
    def version(self) -> str:
        return self.info.version


@dataclass(frozen=True, slots=True)
class Furniture:
    """Characters of an article that belong to its page rather than its prose; never quoted as an answer."""

    start: int
    end: int
    kind: FurnitureKind


@dataclass(frozen=True, slots=True)
class Sentence:
    """`article.text[start:end] == text`, always. `position` counts from 0, furniture left out."""

    article_id: str
    version: str
    position: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """Consecutive whole sentences of one article, about 100 words."""

    sentences: tuple[Sentence, ...]

    @property
    def passage_id(self) -> str:
        first, last = self.sentences[0], self.sentences[-1]
        return f"{first.article_id}-{first.version}-{first.position}-{last.position}"

    @property
    def article_id(self) -> str:
        return self.sentences[0].article_id

    @property
    def version(self) -> str:
        return self.sentences[0].version

    @property
    def start(self) -> int:
        return self.sentences[0].start

    @property
    def end(self) -> int:
        return self.sentences[-1].end

    @property
    def text(self) -> str:
        return " ".join(sentence.text for sentence in self.sentences)


@dataclass(frozen=True, slots=True)
class RetrievedPassage:
    """A passage that a search found. `rank` counts from 1; `score` is comparable within one search only.

    `cosine` is that of the passage's vector with the question's; None where no vectors were searched.
    """

    passage: Passage
    article: ArticleInfo
    score: float
    rank: int
    found_by: FoundBy
    cosine: float | None = None


@dataclass(frozen=True, slots=True)
class Filters:
    """Which articles may be used. `None` asks for nothing; an empty tuple matches no article at all.

    `published_from` and `published_to` are inclusive; with either of them, undated articles are left out.
    """

    outlets: tuple[str, ...] | None = None
    published_from: date | None = None
    published_to: date | None = None
    article_ids: tuple[str, ...] | None = None

    @property
    def by_date(self) -> bool:
        return self.published_from is not None or self.published_to is not None

    @property
    def any(self) -> bool:
        return self.by_date or self.outlets is not None or self.article_ids is not None
