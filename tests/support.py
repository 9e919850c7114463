"""What several test files share: a stand-in for the model's weights, and small archives made with it."""

import random
import re
import signal
from collections.abc import Iterable, Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path

import numpy as np

from index.archive import Archive
from index.build import add_articles
from index.embedding import Embedder, EmbedderIdentity, Vectors
from index.records import Article, ArticleInfo, RetrievedPassage, article_id_for, version_of
from qa.reader import Reading
from qa.records import Span

_WORD = re.compile(r"\w+")


class FakeEmbedder:
    """Stands in for the model's weights, nothing else: a bag of hashed words, so that texts that share words are near.

    `calls` counts the texts that were embedded. Another `weights` makes another model.
    """

    def __init__(self, weights: str = "fake weights", dimension: int = 64) -> None:
        self.identity = EmbedderIdentity(f"fake-{weights}", sha256(weights.encode()).hexdigest(), dimension)
        self.calls = 0

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.calls += len(texts)
        matrix = np.zeros((len(texts), self.identity.dimension), dtype=np.float32)
        for row, text in zip(matrix, texts, strict=True):
            for word in _WORD.findall(text.lower()):
                digest = sha256(f"{self.identity.weights_sha256} {word}".encode()).digest()
                row[int.from_bytes(digest[:4], "big") % len(row)] += 1.0 if digest[4] % 2 else -1.0
            row[0] += 0.01  # no text is a zero vector
        return np.asarray(matrix / np.linalg.norm(matrix, axis=1, keepdims=True), dtype=np.float32)


class FakeReader:
    """Stands in for the reader's weights: a sentence answers as far as it holds the question's words, with its last
    word as the short answer.
    """

    def read(self, question: str, passages: Sequence[RetrievedPassage]) -> list[Reading]:
        return [self._read(question, [s.text for s in found.passage.sentences]) for found in passages]

    def _read(self, question: str, sentences: Sequence[str]) -> Reading:
        asked = set(_WORD.findall(question.lower()))
        shares = [len(asked & set(_WORD.findall(text.lower()))) / max(1, len(asked)) for text in sentences]
        spans = [_last_word(text, 4 * share - 2) for text, share in zip(sentences, shares, strict=True)]
        return Reading(4 * max(shares) - 2, tuple(4 * share - 2 for share in shares), tuple(spans))


def _last_word(text: str, score: float) -> Span | None:
    found = list(_WORD.finditer(text))
    return Span(found[-1].start(), found[-1].end(), score) if found else None


def make_article(
    text: str,
    source: str = "https://news.example/article",
    *,
    title: str | None = None,
    outlet: str | None = None,
    authors: tuple[str, ...] = (),
    published: date | None = None,
) -> Article:
    """An article as a loader would make it; `source` is its URL, which names it."""
    info = ArticleInfo(article_id_for(source), version_of(text), source, title, outlet, authors, published)
    return Article(info, text)


def make_archive(folder: Path, articles: Iterable[Article] = (), embedder: Embedder | None = None) -> Archive:
    """An archive in `folder` that holds these articles. The caller closes it."""
    archive = Archive(folder)
    add_articles(archive, embedder or FakeEmbedder(), articles)
    return archive


def made_up_text(seed: int, sentences: int = 20) -> str:
    """Paragraphs of invented words, the same for the same seed; about 100 words in 8 sentences."""
    chance = random.Random(seed)
    syllables = "ba ce di fo gu ha ke li mo nu pa re si to vu wa ye zo".split()

    def word() -> str:
        return "".join(chance.choice(syllables) for _ in range(chance.randint(2, 3)))

    written = [" ".join(word() for _ in range(12)).capitalize() + "." for _ in range(sentences)]
    return "\n\n".join(" ".join(written[start : start + 4]) for start in range(0, sentences, 4))


def made_up_articles(count: int, sentences: int = 20) -> list[Article]:
    """Articles of made-up words, their sources numbered from 0."""
    return [make_article(made_up_text(seed, sentences), f"https://news.example/{seed}") for seed in range(count)]


def heed_ctrl_c() -> None:
    """For a child process: SIGINT works even where the tests run in the background of a shell, which ignores it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
