"""The passages' vectors in Chroma. The only file that knows Chroma.

Chroma's persistent client is for one process at a time, and a kill while it saves leaves a collection that can't be
read. So a collection, once in use, is never written to: bringing Chroma in step with SQLite copies the folder of the
present **generation**, changes the copy, checks it, and only then points the manifest at it. Readers in other
processes see the pointer move. What SQLite holds beyond the present generation is searched exactly, from the vectors
stored there, so that an article can be found from the moment it is committed.
"""

import shutil
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from index.archive import Archive
from index.embedding import Vectors
from index.errors import ArchiveError, SearchError
from index.generations import clear_generations, copy_generation, next_name, require_whole, seal
from index.records import ArticleInfo, Filters
from index.writer import ArchiveWriter

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

COLLECTION = "passages"
CHROMA_FOLDER = "chroma"
# Past this share of changed passages a fresh build costs no more than copying and leaves no deleted graph nodes behind.
REBUILD_SHARE = 0.5
WRITE_BATCH = 2_000
# Passages that must be found by their own vectors before a collection is used, and how many may be missed: the graph
# is an approximation, but one that misses one in ten has lost files.
PROBES = 32
PROBES_MISSED = 0.1
HNSW = {"space": "cosine", "ef_construction": 128, "ef_search": 200, "max_neighbors": 24}
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Generation:
    """A finished Chroma folder and the last passage key it holds. The empty name stands for none."""

    name: str
    last_key: int


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What bringing Chroma in step took; `repaired` says why a whole rebuild was needed, when it was."""

    written: int
    removed: int
    repaired: str | None = None


class _OpenGeneration:
    """A generation's collection, held open by this process."""

    def __init__(self, archive: Archive, generation: Generation, probes: int = PROBES) -> None:
        self.generation = generation
        require_whole(archive.folder / CHROMA_FOLDER / generation.name)
        self.client = _client(archive.folder / CHROMA_FOLDER / generation.name)
        try:
            self.collection = self.client.get_collection(COLLECTION, embedding_function=None)
            _probe(self.collection, archive, generation.last_key, probes)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self.client.close()  # type: ignore[attr-defined]


# A thread that is starved while articles stream in can lose its generation more than once.
ATTEMPTS = 4


class VectorIndex:
    """Nearest passages by cosine. Safe to use from several threads, and while another process adds articles."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._folder = archive.folder / CHROMA_FOLDER
        self._guard = threading.Lock()
        self._open: _OpenGeneration | None = None
        self._retired: _OpenGeneration | None = None
        self._tail_keys = np.zeros(0, dtype=np.int64)
        self._tail_vectors: Vectors = np.zeros((0, 0), dtype=np.float32)
        self._tail_start = -1

    def search(self, vector: Vectors, limit: int, filters: Filters) -> list[tuple[int, float]]:
        """(passage key, cosine), best first. `vector` has shape (dimension,). Raises SearchError, naming Chroma."""
        if filters.article_ids is not None:
            return self._search_exactly(vector, limit, filters)
        for attempts_left in reversed(range(ATTEMPTS)):
            generation = current_generation(self._archive)
            try:
                found = self._search_tail(generation, vector, limit, filters)
                if generation.name:
                    found += self._live_hits(self._opened(generation), vector, limit, filters)
                return sorted(found, key=lambda hit: (-hit[1], hit[0]))[:limit]
            except ArchiveError:
                raise
            except Exception as error:  # Chroma raises its own InternalError, pyo3 panics, OSError, ...
                self._drop()
                # A writer may have moved on and cleared this generation away between two lines of ours, or another
                # thread closed it: again from the start, because what is in the new one was in the old one's tail.
                if not attempts_left:
                    raise SearchError(
                        f"the vector search (Chroma, {self._folder / generation.name}) failed: "
                        f"{_first_line(error)}; run 'copydesk reindex' to rebuild it from the stored vectors"
                    ) from error
        raise AssertionError("unreachable")

    def _search_exactly(self, vector: Vectors, limit: int, filters: Filters) -> list[tuple[int, float]]:
        """Among articles that are named, few or many: Chroma takes no long lists, and its graph no narrow paths."""
        keys, vectors = self._archive.vectors_of(self._archive.keys_after(0, filters).tolist())
        return _nearest(keys, vectors, vector, limit)

    def close(self) -> None:
        with self._guard:
            for opened in (self._open, self._retired):
                if opened is not None:
                    opened.close()
            self._open = self._retired = None

    def _live_hits(
        self, opened: _OpenGeneration, vector: Vectors, limit: int, filters: Filters
    ) -> list[tuple[int, float]]:
        """Chroma's hits less those removed or replaced since; asks for more until enough are left."""
        total = opened.collection.count()
        wanted = limit
        while total:
            asked = min(wanted, total)
            ids, distances = _query(opened.collection, vector, asked, filters)
            keys = self._archive.keys_of(ids)
            hits = [
                (keys[passage_id], 1.0 - distance)
                for passage_id, distance in zip(ids, distances, strict=True)
                if passage_id in keys and keys[passage_id] <= opened.generation.last_key
            ]
            if len(hits) >= limit or len(ids) < asked or asked == total:
                return hits[:limit]
            wanted *= 4
        return []

    def _opened(self, generation: Generation) -> _OpenGeneration:
        with self._guard:
            if self._open is None or self._open.generation.name != generation.name:
                fresh = _OpenGeneration(self._archive, generation)
                # Another thread may still be asking the one before, so that one is closed a generation later.
                if self._retired is not None:
                    self._retired.close()
                self._retired, self._open = self._open, fresh
            return self._open

    def _drop(self) -> None:
        with self._guard:
            self._open = None

    def _search_tail(
        self, generation: Generation, vector: Vectors, limit: int, filters: Filters
    ) -> list[tuple[int, float]]:
        live = self._archive.keys_after(generation.last_key, filters)
        if not len(live):
            return []
        keys, vectors = self._tail(generation)
        kept = np.isin(keys, live, assume_unique=True)
        return _nearest(keys[kept], vectors[kept], vector, limit)

    def _tail(self, generation: Generation) -> tuple[npt.NDArray[np.int64], Vectors]:
        """Keys and vectors beyond the generation, kept in memory and extended as articles come in."""
        with self._guard:
            if self._tail_start != generation.last_key:
                self._tail_start = generation.last_key
                self._tail_keys, self._tail_vectors = self._archive.vectors_after(generation.last_key)
            else:
                newest = int(self._tail_keys[-1]) if len(self._tail_keys) else generation.last_key
                keys, vectors = self._archive.vectors_after(newest)
                if len(keys):
                    self._tail_keys = np.concatenate([self._tail_keys, keys])
                    old = self._tail_vectors.reshape(-1, vectors.shape[1])
                    self._tail_vectors = np.concatenate([old, vectors])
            return self._tail_keys, self._tail_vectors


def _nearest(keys: npt.NDArray[np.int64], vectors: Vectors, vector: Vectors, limit: int) -> list[tuple[int, float]]:
    if not len(keys):
        return []
    cosines = vectors @ vector
    best = np.argsort(-cosines, kind="stable")[:limit]
    return [(int(keys[i]), float(cosines[i])) for i in best]


def current_generation(archive: Archive) -> Generation:
    manifest = archive.manifest()
    return Generation(manifest.get("generation", ""), int(manifest.get("generation_last_key", "0")))


def needs_sync(archive: Archive) -> bool:
    """Whether Chroma holds other passages than SQLite, or can't be read."""
    return bool(passages_behind(archive) or _why_unreadable(archive, current_generation(archive)))


def passages_behind(archive: Archive) -> int:
    """How many passages Chroma still lacks, or still holds after they were removed."""
    return len(archive.keys_after(current_generation(archive).last_key)) + archive.removed_passage_count()


def sync_vectors(
    writer: ArchiveWriter, progress: Progress = lambda done, total: None, *, anew: bool = False
) -> SyncReport:
    """Bring Chroma in step with SQLite: a new generation, checked before it is used; built whole if `anew`.

    Raises SearchError when the new generation can't be made; the one before stays in use.
    """
    archive = writer.archive
    generation = current_generation(archive)
    removed = writer.removed_passages()
    fresh_keys = archive.keys_after(generation.last_key)
    unreadable = _why_unreadable(archive, generation) if not anew else "that was asked for"
    if not len(fresh_keys) and not removed and unreadable is None:
        return SyncReport(0, 0)
    whole = unreadable is not None or len(fresh_keys) + len(removed) > REBUILD_SHARE * archive.passage_count()
    start = Generation("", 0) if whole else generation
    name = next_name(archive.folder / CHROMA_FOLDER, generation.name)
    try:
        written, last_key = _make_generation(writer, start, name, [] if whole else removed, progress)
    except Exception as error:
        shutil.rmtree(archive.folder / CHROMA_FOLDER / name, ignore_errors=True)
        raise SearchError(
            f"the vector index in {archive.folder / CHROMA_FOLDER} can't be written: {_first_line(error)}; "
            "the articles are safe: free some space or mend the folder, then run 'copydesk reindex'"
        ) from error
    with writer.transaction():
        writer.set_manifest(generation=name, generation_last_key=str(last_key))
        writer.forget_removed_passages()
    clear_generations(archive.folder / CHROMA_FOLDER, keep=(generation.name, name))
    return SyncReport(written, len(removed), unreadable if generation.name else None)


def indexed_ids(archive: Archive, probes: int = PROBES) -> set[str]:
    """The passage ids that Chroma's present generation holds, once `probes` passages are found by their vectors.

    Raises SearchError when it can't be read or has lost vectors.
    """
    generation = current_generation(archive)
    if not generation.name:
        return set()
    try:
        with closing(_OpenGeneration(archive, generation, probes)) as opened:
            return set(opened.collection.get(include=[])["ids"])
    except Exception as error:
        raise SearchError(
            f"Chroma's folder {archive.folder / CHROMA_FOLDER / generation.name} can't be used: {_first_line(error)}; "
            "run 'copydesk reindex' to rebuild it from the stored vectors"
        ) from error


def _make_generation(
    writer: ArchiveWriter, start: Generation, name: str, removed: Sequence[str], progress: Progress
) -> tuple[int, int]:
    """Build the folder `name` from `start`; returns how many passages were written and the last key it holds."""
    folder = writer.archive.folder / CHROMA_FOLDER
    if start.name:
        copy_generation(folder / start.name, folder / name)
    (folder / name).mkdir(parents=True, exist_ok=True)
    client = _client(folder / name)
    try:
        collection = client.get_or_create_collection(
            COLLECTION,
            embedding_function=None,
            configuration={"hnsw": HNSW},  # type: ignore[arg-type]
        )
        for batch in _batches(list(removed)):
            collection.delete(ids=batch)
        index = writer.passage_index(start.last_key)
        keys, vectors = writer.archive.vectors_after(start.last_key)
        for batch_start in range(0, len(index), WRITE_BATCH):
            batch_end = min(len(index), batch_start + WRITE_BATCH)
            chunk = index[batch_start:batch_end]
            collection.upsert(
                ids=[passage_id for _, passage_id, _ in chunk],
                embeddings=vectors[batch_start:batch_end],
                metadatas=[_metadata(info) for _, _, info in chunk],
            )
            progress(batch_end, len(index))
        last_key = int(keys[-1]) if len(keys) else start.last_key
        # A collection that doesn't count right, or doesn't find what is in it, must not go into use.
        counted, expected = collection.count(), writer.archive.passage_count()
        if counted != expected:
            raise ValueError(f"Chroma holds {counted} passages, SQLite {expected}")
        _probe(collection, writer.archive, last_key, PROBES)
    finally:
        client.close()  # type: ignore[attr-defined]
    seal(folder / name)
    return len(index), last_key


def _probe(collection: "Collection", archive: Archive, last_key: int, probes: int) -> None:
    """Raise ValueError unless the collection holds the passages up to `last_key` and finds a sample of them.

    With files of its graph lost or cut short, Chroma answers with few or wrong passages and reports no error.
    """
    keys = archive.keys_after(0)
    keys = keys[keys <= last_key]
    counted = collection.count()
    if counted < len(keys):
        raise ValueError(f"it holds {counted} passages instead of {len(keys)}")
    sample = keys[np.unique(np.linspace(0, len(keys) - 1, min(probes, len(keys))).astype(int))]
    _, vectors = archive.vectors_of(sample.tolist())
    if not len(vectors):
        return
    wanted = min(10, counted)
    result = collection.query(query_embeddings=vectors, n_results=wanted, include=["distances"])
    found = sum(len(row) == wanted and row[0] < 0.01 for row in result["distances"] or [])
    if found < (1 - PROBES_MISSED) * len(vectors):
        raise ValueError(f"of {len(vectors)} passages looked up by their own vectors it finds {found}")


def _why_unreadable(archive: Archive, generation: Generation) -> str | None:
    if not generation.name:
        return "there was no vector index yet" if archive.passage_count() else None
    try:
        _OpenGeneration(archive, generation).close()
    except Exception as error:
        return f"the vector index {generation.name} could not be read ({_first_line(error)})"
    return None


def _client(folder: Path) -> "ClientAPI":
    import chromadb
    from chromadb.config import Settings

    try:
        return chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
    except AttributeError as error:  # Chroma trips over a client of its own that it could not make
        raise OSError("Chroma can't open its database") from error


def _query(collection: "Collection", vector: Vectors, limit: int, filters: Filters) -> tuple[list[str], list[float]]:
    where = _where(filters)
    if where is _NOTHING:
        return [], []
    result = collection.query(
        query_embeddings=vector[np.newaxis, :], n_results=limit, where=where, include=["distances"]
    )
    distances = result["distances"]
    return result["ids"][0], list(distances[0]) if distances else []


_NOTHING: dict[str, Any] = {"nothing": "matches"}


def _where(filters: Filters) -> dict[str, Any] | None:
    """Filters on outlet and date in Chroma's terms; `_NOTHING` when no article can match."""
    conditions: list[dict[str, Any]] = []
    if filters.outlets is not None:
        outlets = [outlet for outlet in filters.outlets if outlet]  # "" stands for an article without one
        if not outlets:  # Chroma refuses an empty list
            return _NOTHING
        conditions.append({"outlet": {"$in": outlets}})
    if filters.published_from is not None:
        conditions.append({"published": {"$gte": filters.published_from.toordinal()}})
    if filters.published_to is not None:
        conditions.append({"published": {"$lte": filters.published_to.toordinal()}})
        conditions.append({"published": {"$gt": 0}})
    if not conditions:
        return None
    return conditions[0] if len(conditions) == 1 else {"$and": conditions}


def _metadata(info: ArticleInfo) -> dict[str, str | int]:
    """Every field is always there: Chroma's upsert would keep an old value of one that is left out."""
    return {
        "outlet": info.outlet or "",
        "published": info.published.toordinal() if info.published else 0,
    }


def _batches(ids: list[str]) -> list[list[str]]:
    return [ids[start : start + WRITE_BATCH] for start in range(0, len(ids), WRITE_BATCH)]


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
