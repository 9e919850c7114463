"""What indexing and searching cost, ours against the stock peer's.

Times depend on the machine and on what else it does, so both systems take turns on small batches of the same articles,
each first in every other batch, and what counts is the ratio.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from eval.bench_ratios import Work, median_ratio, rate, rate_ratio
from eval.bench_records import Retriever, words_to_search
from eval.bench_stock import StockIndex, StockModel, make_splitter, texts_to_embed
from eval.records import EvalQuestion
from index.archive import STORED_DTYPE, Archive
from index.build import add_articles, prepare
from index.embedding import Embedder, precision_in_use
from index.passages import text_to_embed
from index.records import Article

ARTICLES_PER_TURN = 5
# From text to searchable is timed for more articles at a time: opening and closing the stores would outweigh five.
ARTICLES_PER_INDEX = 20
QUESTIONS = 100
COSINES = 256


@dataclass(frozen=True, slots=True)
class Bench:
    """The two systems, each with its finished index of the same articles."""

    archive: Archive
    embedder: Embedder
    precision: str
    retriever: Retriever
    stock_model: StockModel
    stock_index: StockIndex
    stock_folder: Path


@dataclass(frozen=True, slots=True)
class _Texts:
    """What each system embeds of one batch of articles."""

    articles: int
    ours: list[str]
    stock: list[str]


def draw_articles(archive: Archive, count: int, seed: int) -> list[Article]:
    """So many articles of the archive, or all of them where it has fewer; a smaller draw is part of a larger one."""
    ids = sorted(
        (info.article_id for info in archive.infos()), key=lambda one: sha256(f"{seed}:{one}".encode()).digest()
    )
    return [archive.article(article_id) for article_id in ids[:count]]


def costs(
    bench: Bench, questions: Sequence[EvalQuestion], articles: Sequence[Article], seed: int, scratch: Path
) -> dict[str, Any]:
    """Every cost, and each as a ratio. Indexes are made in `scratch` and removed again."""
    import torch

    splitter = make_splitter()
    batches = [
        _Texts(
            len(batch),
            [text for article in batch for text in _our_texts(article, bench.embedder)],
            [text for article in batch for text in texts_to_embed(splitter, article)],
        )
        for batch in _chunks(articles, ARTICLES_PER_TURN)
    ]
    return {
        "articles": len(articles),
        "precision": precision_in_use(bench.precision),
        "threads": torch.get_num_threads(),
        "articles_per_turn": ARTICLES_PER_TURN,
        "articles_per_index": ARTICLES_PER_INDEX,
        **_embedding(bench, batches, seed),
        "indexing": _indexing(bench, articles, seed, scratch),
        "cosine": _cosine(bench, [text for batch in batches for text in batch.ours][:COSINES]),
        "disk": _disk(bench),
        "query": _queries(bench, questions[:QUESTIONS], seed),
    }


def _embedding(bench: Bench, batches: Sequence[_Texts], seed: int) -> dict[str, Any]:
    """Tokens and articles a second, embedding alone."""
    ours: list[float] = []
    stock: list[float] = []
    for number, batch in enumerate([batches[0], *batches]):  # the first once more before it counts, to warm up
        own, other = _in_turn(
            number,
            partial(bench.embedder.embed, batch.ours),
            partial(bench.stock_model.embed, batch.stock),
        )
        ours.append(own)
        stock.append(other)
    tokens = [(bench.stock_model.tokens_read(one.ours), bench.stock_model.tokens_read(one.stock)) for one in batches]
    articles = [batch.articles for batch in batches]
    by_tokens = (
        _works([own for own, _ in tokens], ours[1:]),
        _works([other for _, other in tokens], stock[1:]),
    )
    return {
        "tokens_per_second": _compared(*by_tokens, seed),
        "articles_per_second": _compared(_works(articles, ours[1:]), _works(articles, stock[1:]), seed),
        "tokens_per_article": {
            "copydesk": sum(own for own, _ in tokens) / sum(articles),
            "stock": sum(other for _, other in tokens) / sum(articles),
        },
        "texts_per_article": {
            "copydesk": sum(len(batch.ours) for batch in batches) / sum(articles),
            "stock": sum(len(batch.stock) for batch in batches) / sum(articles),
        },
    }


def _indexing(bench: Bench, articles: Sequence[Article], seed: int, scratch: Path) -> dict[str, Any]:
    """Articles a second from text to searchable, each time into an empty index."""
    chunks = list(_chunks(articles, ARTICLES_PER_INDEX))
    ours: list[float] = []
    stock: list[float] = []
    for number, chunk in enumerate(chunks):
        with tempfile.TemporaryDirectory(dir=scratch, prefix="cost-") as folder:
            own, other = _in_turn(
                number,
                partial(_index_ours, Path(folder, "copydesk"), bench.embedder, chunk),
                partial(_index_stock, Path(folder, "stock"), bench.stock_model, chunk),
            )
        ours.append(own)
        stock.append(other)
    counts = [len(chunk) for chunk in chunks]
    return _compared(_works(counts, ours), _works(counts, stock), seed)


def _index_ours(folder: Path, embedder: Embedder, articles: Sequence[Article]) -> None:
    with closing(Archive(folder)) as archive:
        add_articles(archive, embedder, articles)


def _index_stock(folder: Path, model: StockModel, articles: Sequence[Article]) -> None:
    with closing(StockIndex(folder, model)) as index:
        index.add(articles)


def _cosine(bench: Bench, texts: Sequence[str]) -> dict[str, Any]:
    """How near our vectors, rounded as they are stored, are to those of float32 for the same texts."""
    ours = bench.embedder.embed(texts).astype(STORED_DTYPE).astype(np.float32)
    stock = bench.stock_model.embed(texts)
    cosines = (ours * stock).sum(axis=1) / np.linalg.norm(ours, axis=1) / np.linalg.norm(stock, axis=1)
    return {"least": float(cosines.min()), "mean": float(cosines.mean()), "n": len(texts)}


def _disk(bench: Bench) -> dict[str, Any]:
    """Bytes an article of the two whole indexes, texts and vectors together."""
    articles = bench.archive.article_count()
    ours, stock = (folder_bytes(folder) / articles for folder in (bench.archive.folder, bench.stock_folder))
    return {"copydesk": ours, "stock": stock, "ratio": ours / stock, "articles": articles}


def folder_bytes(folder: Path) -> int:
    """The lengths of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _queries(bench: Bench, questions: Sequence[EvalQuestion], seed: int) -> dict[str, Any]:
    """Milliseconds a search in the whole indexes, each with as many texts as it gives back by default."""
    ours: list[float] = []
    stock: list[float] = []
    for number, question in enumerate([questions[0], *questions]):  # the first once more before it counts
        own, other = _in_turn(
            number,
            partial(bench.retriever.retrieve, question),
            partial(bench.stock_index.retrieve, words_to_search(question)),
        )
        ours.append(1000 * own)
        stock.append(1000 * other)
    return {
        "copydesk": {"p50_ms": median(ours[1:])},
        "stock": {"p50_ms": median(stock[1:])},
        "ratio": asdict(median_ratio(ours[1:], stock[1:], seed)),
    }


def _in_turn(number: int, ours: Callable[[], object], stock: Callable[[], object]) -> tuple[float, float]:
    """The seconds that each takes; which goes first alternates with the number."""
    if number % 2:
        other = _seconds(stock)
        return _seconds(ours), other
    own = _seconds(ours)
    return own, _seconds(stock)


def _seconds(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def _compared(ours: Sequence[Work], stock: Sequence[Work], seed: int) -> dict[str, Any]:
    return {"copydesk": rate(ours), "stock": rate(stock), "ratio": asdict(rate_ratio(ours, stock, seed))}


def _works(amounts: Sequence[float], seconds: Sequence[float]) -> list[Work]:
    return list(zip(amounts, seconds, strict=True))


def _our_texts(article: Article, embedder: Embedder) -> list[str]:
    prepared = prepare(article, embedder.identity)
    return [text_to_embed(article.info, passage) for passage in prepared.passages]


def _chunks(articles: Sequence[Article], size: int) -> Iterator[Sequence[Article]]:
    for start in range(0, len(articles), size):
        yield articles[start : start + size]
