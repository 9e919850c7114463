"""Hybrid search: nearest vectors and BM25, fused."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Literal, get_args

from index.archive import Archive
from index.embedding import Embedder, Vectors
from index.errors import SearchError
from index.records import Filters, FoundBy, RetrievedPassage
from index.vectors import VectorIndex
from index.words import content_words

SearchMode = Literal["hybrid", "dense", "lexical"]
SEARCH_MODES: tuple[SearchMode, ...] = get_args(SearchMode)
RRF_K = 60  # Cormack, Clarke and Buettcher, SIGIR 2009
# Names and figures decide most questions about news, and words find those better than vectors do. Chosen on 2022.
DENSE_WEIGHT, LEXICAL_WEIGHT = 1.0, 2.0
MOST_QUERY_WORDS = 64
Stage = Callable[[str], AbstractContextManager[None]]


@contextmanager
def untimed(stage: str) -> Iterator[None]:
    yield


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for. `mode` "dense" or "lexical" leaves the other search out, for measuring."""

    text: str
    filters: Filters = Filters()
    limit: int = 50
    mode: SearchMode = "hybrid"


class HybridSearch:
    """Finds passages. A search path that fails is an error that names it, never an empty result.

    It remembers what it found last, which is often searched for again at once: for the choices of a question, say.
    """

    def __init__(self, archive: Archive, vectors: VectorIndex, embedder: Embedder) -> None:
        self.archive = archive
        self.embedder = embedder
        self._vectors = vectors
        self._last: tuple[Query, int, tuple[RetrievedPassage, ...]] | None = None

    def search(self, query: Query, stage: Stage = untimed) -> tuple[RetrievedPassage, ...]:
        """At most `query.limit` passages, best first. `stage` times "embed_question", "dense", "lexical", "fetch".

        Raises SearchError when a path fails, ManifestMismatchError when the archive was built with another model.
        """
        self.archive.require_match(self.embedder.identity)
        version, last = self.archive.data_version(), self._last
        if last is not None and last[:2] == (query, version):
            return last[2]
        found = self._search(query, stage)
        self._last = (query, version, found)
        return found

    def _search(self, query: Query, stage: Stage) -> tuple[RetrievedPassage, ...]:
        depth = 2 * query.limit
        vector: Vectors | None = None
        dense: list[tuple[int, float]] = []
        lexical: list[tuple[int, float]] = []
        if query.mode != "lexical":
            with stage("embed_question"):
                vector = self.embedder.embed([query.text])[0]
            with stage("dense"):
                dense = self._dense(vector, depth, query.filters)
        if query.mode != "dense":
            with stage("lexical"):
                lexical = self._lexical(query.text, depth, query.filters)
        with stage("fetch"):
            return self._fetch(dense, lexical, query, vector)

    def _dense(self, vector: Vectors, limit: int, filters: Filters) -> list[tuple[int, float]]:
        return self._vectors.search(vector, limit, filters)

    def _lexical(self, text: str, limit: int, filters: Filters) -> list[tuple[int, float]]:
        match = fts_expression(text)
        if not match:
            return []
        try:
            return self.archive.lexical(match, limit, filters)
        except Exception as error:
            raise SearchError(
                f"the full-text search (SQLite FTS5, {self.archive.folder}) failed: {error.__cause__ or error}; "
                "run 'copydesk reindex' to rebuild it from the articles"
            ) from error

    def _fetch(
        self, dense: list[tuple[int, float]], lexical: list[tuple[int, float]], query: Query, vector: Vectors | None
    ) -> tuple[RetrievedPassage, ...]:
        rankings = [[key for key, _ in dense], [key for key, _ in lexical]]
        fused = reciprocal_rank_fusion(rankings, (DENSE_WEIGHT, LEXICAL_WEIGHT))
        stored = self.archive.passages([key for key, _ in fused[: query.limit]])
        by_dense, by_lexical = {key for key, _ in dense}, {key for key, _ in lexical}
        found: list[RetrievedPassage] = []
        for key, score in fused[: query.limit]:
            if key not in stored:  # removed by another process a moment ago
                continue
            where: FoundBy = (
                "both" if key in by_dense and key in by_lexical else "dense" if key in by_dense else "lexical"
            )
            passage = stored[key]
            cosine = None if vector is None else float(passage.vector @ vector)
            found.append(RetrievedPassage(passage.passage, passage.article, score, len(found) + 1, where, cosine))
        return tuple(found)


def reciprocal_rank_fusion(rankings: list[list[int]], weights: Sequence[float] = ()) -> list[tuple[int, float]]:
    """Keys with the sum of weight / (60 + rank) over the rankings they stand in, best first; ties by key.

    One weight a ranking; without any, all weigh 1.
    """
    scores: dict[int, float] = {}
    for ranking, weight in zip(rankings, weights or [1.0] * len(rankings), strict=True):
        for rank, key in enumerate(ranking, start=1):
            scores[key] = scores.get(key, 0.0) + weight / (RRF_K + rank)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def fts_expression(text: str) -> str:
    """Any of the text's content words, each quoted: FTS5 would read "U.S." or "a-b" as syntax."""
    distinct = list(dict.fromkeys(content_words(text)))[:MOST_QUERY_WORDS]
    return " OR ".join(f'"{word}"' for word in distinct)
