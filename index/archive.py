"""The archive as its readers see it: SQLite, the source of truth."""

import json
import sqlite3
import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt

from index.embedding import EmbedderIdentity, Vectors
from index.errors import ArchiveError, ManifestMismatchError
from index.passages import PASSAGES_VERSION
from index.records import Article, ArticleInfo, Filters, Furniture, Passage, Sentence, article_id_for
from index.schema import connect, unreadable, upgrade
from index.sentences import SPLITTER_VERSION
from index.urls import canonical_url, is_web_address, url_key

KEPT_AFTER_REMOVAL = timedelta(days=30)  # so long can a removed article be put back
STORED_DTYPE = np.float16  # vectors on disk; the rounding moves a cosine by less than 0.0005
INFO_COLUMNS = "v.article_id, v.version, v.url, v.title, v.outlet, v.authors, v.published, v.language"
INFO_WIDTH = len(INFO_COLUMNS.split(", "))
# The articles as they are now: the version each of them points at.
CURRENT = "articles a JOIN versions v ON v.article_id = a.article_id AND v.version = a.version"
CURRENT_PASSAGES = f"passages p JOIN articles a ON a.article_id = p.article_id {CURRENT.removeprefix('articles a ')}"


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage as the archive holds it; `vector` is its unit vector, shape (dimension,)."""

    passage: Passage
    article: ArticleInfo
    vector: Vectors


@dataclass(frozen=True, slots=True)
class RemovedArticle:
    """An article that was taken out, as it was then, and when (UTC)."""

    article: ArticleInfo
    removed_at: datetime


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A version of an article and when it came into the archive (UTC)."""

    version: str
    stored_at: datetime


@dataclass(frozen=True, slots=True)
class NearCopy:
    """An article among its near-copies. `similarity` is the share of the shorter text that it has in common with the
    nearest of them.
    """

    article: ArticleInfo
    group_id: str
    similarity: float


def vector_from(stored: bytes) -> Vectors:
    """A vector as it was stored, shape (dimension,)."""
    return np.frombuffer(stored, dtype=STORED_DTYPE).astype(np.float32)


def info_from_row(row: Sequence[Any]) -> ArticleInfo:
    article_id, version, url, title, outlet, authors, published, language = row
    day = date.fromisoformat(published) if published else None
    return ArticleInfo(article_id, version, url, title, outlet, tuple(json.loads(authors)), day, language)


def filter_sql(filters: Filters) -> tuple[str, list[str]]:
    """A condition on `v` and its parameters; "1" when nothing is asked for."""
    conditions = ["1"]
    parameters: list[str] = []
    for column, allowed in (("v.outlet", filters.outlets), ("v.article_id", filters.article_ids)):
        if allowed is not None:
            conditions.append(f"{column} IN (SELECT value FROM json_each(?))")
            parameters.append(json.dumps(list(allowed)))
    for operator, day in ((">=", filters.published_from), ("<=", filters.published_to)):
        if day is not None:
            conditions.append(f"v.published {operator} ?")
            parameters.append(day.isoformat())
    return " AND ".join(conditions), parameters


class Archive:
    """One archive folder, open for reading. May be used from several threads; each gets a connection of its own.

    Where there is none yet, it is made, unless `create` is False. `upgraded` says in a line that the archive was of an
    older schema, where it was.
    """

    def __init__(self, folder: Path, *, create: bool = True) -> None:
        self.folder = folder
        self._create = create
        self._local = threading.local()
        self._connections: dict[threading.Thread, sqlite3.Connection] = {}
        self._guard = threading.Lock()
        self.upgraded = upgrade(folder)
        _ = self.connection  # an archive that can't be opened says so now, not at the first question

    @property
    def connection(self) -> sqlite3.Connection:
        existing: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if existing is None:
            existing = self._local.connection = connect(self.folder, create=self._create)
            with self._guard:
                # A web server's threads come and go; without this each would leave its open files behind.
                for thread in [thread for thread in self._connections if not thread.is_alive()]:
                    self._connections.pop(thread).close()
                self._connections[threading.current_thread()] = existing
        return existing

    def close(self) -> None:
        with self._guard:
            for connection in self._connections.values():
                connection.close()
            self._connections.clear()
        self._local = threading.local()

    # The manifest

    def manifest(self) -> dict[str, str]:
        return dict(self.rows("SELECT name, value FROM manifest"))

    def data_version(self) -> int:
        """A number that grows with every change to the articles, whichever process makes it."""
        return int(self.manifest().get("changes", "0"))

    def require_match(self, identity: EmbedderIdentity) -> None:
        """Raise ManifestMismatchError unless the archive was built with this embedder and this splitter."""
        manifest = self.manifest()
        where = f"the archive {self.folder}"
        built_with = manifest.get("embedding_model")
        if manifest.get("reindexing"):
            raise ManifestMismatchError(f"{where} {_why_halfway(manifest, identity)}")
        if "weights_sha256" not in manifest:
            return
        if manifest["weights_sha256"] != identity.weights_sha256:
            raise ManifestMismatchError(
                f"{where} was built with the embedding model {built_with}, but {identity.name} is set: "
                f"set COPYDESK_EMBEDDING_MODEL={built_with}, or run 'copydesk reindex' to change it"
            )
        if manifest["text_version"] != text_version():
            raise ManifestMismatchError(
                f"{where} was built with another sentence splitter ({manifest['text_version']}, now {text_version()}): "
                "run 'copydesk reindex'"
            )

    def removed_passage_count(self) -> int:
        """How many passages have gone since the vector index was last brought in step."""
        return int(self.rows("SELECT count(*) FROM removed_passages")[0][0])

    # Articles

    def article_count(self) -> int:
        return int(self.rows("SELECT count(*) FROM articles")[0][0])

    def passage_count(self) -> int:
        return int(self.rows("SELECT count(*) FROM passages")[0][0])

    def infos(self, filters: Filters = Filters()) -> list[ArticleInfo]:
        """The current versions, newest first, undated ones last."""
        condition, parameters = filter_sql(filters)
        rows = self.rows(
            f"SELECT {INFO_COLUMNS} FROM {CURRENT} WHERE {condition} "
            "ORDER BY v.published IS NULL, v.published DESC, v.title, v.article_id",
            parameters,
        )
        return [info_from_row(row) for row in rows]

    def count_matching(self, filters: Filters) -> int:
        condition, parameters = filter_sql(filters)
        return int(self.rows(f"SELECT count(*) FROM {CURRENT} WHERE {condition}", parameters)[0][0])

    def count_undated(self, filters: Filters) -> int:
        """How many articles match the filters but for their missing date."""
        condition, parameters = filter_sql(Filters(outlets=filters.outlets, article_ids=filters.article_ids))
        rows = self.rows(f"SELECT count(*) FROM {CURRENT} WHERE v.published IS NULL AND {condition}", parameters)
        return int(rows[0][0])

    def outlets(self) -> list[str]:
        rows = self.rows(f"SELECT DISTINCT v.outlet FROM {CURRENT} WHERE v.outlet IS NOT NULL ORDER BY v.outlet")
        return [str(row[0]) for row in rows]

    def article(self, article_id: str, version: str | None = None) -> Article:
        """One article, as it is now or as it was in an older version. Raises ArchiveError for one that isn't there."""
        rows = self.rows(
            f"SELECT {INFO_COLUMNS}, v.text FROM versions v JOIN articles a ON a.article_id = v.article_id "
            "WHERE v.article_id = ? AND v.version = coalesce(?, a.version)",
            [article_id, version],
        )
        if not rows:
            which = f"version {version} of article {article_id}" if version else f"article {article_id}"
            raise ArchiveError(f"there is no {which} in the archive {self.folder}: 'copydesk list' shows what there is")
        return Article(info_from_row(rows[0][:INFO_WIDTH]), rows[0][INFO_WIDTH])

    def is_current(self, article_id: str, version: str) -> bool:
        return bool(self.rows("SELECT 1 FROM articles WHERE article_id = ? AND version = ?", [article_id, version]))

    def versions(self, article_id: str) -> list[str]:
        """All stored versions of an article, oldest first; none of one that is not there or was removed."""
        return [stored.version for stored in self.stored_versions(article_id)]

    def stored_versions(self, article_id: str) -> list[StoredVersion]:
        """The same, each with when it came."""
        rows = self.rows(
            "SELECT v.version, v.stored_at FROM versions v JOIN articles a ON a.article_id = v.article_id "
            "WHERE v.article_id = ? ORDER BY v.stored_at, v.rowid",
            [article_id],
        )
        return [StoredVersion(version, datetime.fromisoformat(stored_at)) for version, stored_at in rows]

    def removed(self) -> list[RemovedArticle]:
        """The articles that were removed and can still be put back, the latest first.

        Those whose time is over wait for the next writer, which deletes them.
        """
        rows = self.rows(
            f"SELECT {INFO_COLUMNS}, r.removed_at FROM removed_articles r "
            "JOIN versions v ON v.article_id = r.article_id AND v.version = r.version "
            "WHERE r.removed_at >= ? ORDER BY r.removed_at DESC, v.title, r.article_id",
            [(datetime.now(UTC) - KEPT_AFTER_REMOVAL).isoformat()],
        )
        return [
            RemovedArticle(info_from_row(row[:INFO_WIDTH]), datetime.fromisoformat(row[INFO_WIDTH])) for row in rows
        ]

    def near_copies(self, article_id: str) -> list[NearCopy]:
        """The other articles of this one's group, oldest first, undated ones last; none where it is in none."""
        rows = self.rows(
            f"SELECT {INFO_COLUMNS}, n.group_id, n.similarity FROM {CURRENT} "
            "JOIN near_copies n ON n.article_id = a.article_id AND n.version = a.version "
            "WHERE n.group_id = (SELECT group_id FROM near_copies WHERE article_id = ?1) AND a.article_id <> ?1 "
            "ORDER BY v.published IS NULL, v.published, v.article_id",
            [article_id],
        )
        return [NearCopy(info_from_row(row[:INFO_WIDTH]), *row[INFO_WIDTH:]) for row in rows]

    def near_copy_groups(self, article_ids: Collection[str] | None = None) -> dict[str, str]:
        """article_id → group, for those of these articles (or of all) that have near-copies in the archive."""
        rows = self.rows(
            "SELECT n.article_id, n.group_id FROM near_copies n JOIN articles USING (article_id, version) "
            "WHERE n.group_id IS NOT NULL AND (?1 IS NULL OR n.article_id IN (SELECT value FROM json_each(?1)))",
            [None if article_ids is None else json.dumps(list(article_ids))],
        )
        return dict(rows)

    def find_ids(self, name: str) -> list[str]:
        """The ids of articles whose id begins with this, or that came from this URL or absolute path."""
        rows = self.rows(
            "SELECT article_id FROM articles WHERE substr(article_id, 1, ?1) = ?2 OR article_id = ?3 "
            "UNION SELECT article_id FROM articles JOIN sources USING (article_id) WHERE source = ?2 "
            "ORDER BY article_id",
            [len(name), name, article_id_for(name)],
        )
        return [str(row[0]) for row in rows] or (self._ids_of_address(name) if is_web_address(name) else [])

    def _ids_of_address(self, url: str) -> list[str]:
        """The ids of articles with another spelling of this URL."""
        host = (urlsplit(canonical_url(url)).hostname or "").removeprefix("www.")
        rows = self.rows(f"SELECT v.article_id, v.url FROM {CURRENT} WHERE instr(v.url, ?)", [host])
        return sorted(str(article_id) for article_id, stored in rows if url_key(stored) == url_key(url))

    def sources(self) -> dict[str, str]:
        """Where articles were read from (absolute paths and URLs) → their ids, those of removed ones included."""
        return dict(self.rows("SELECT source, article_id FROM sources"))

    def furniture(self, article_id: str, version: str | None = None) -> tuple[Furniture, ...]:
        """The furniture of the article's current version; of an older version none is kept."""
        rows = self.rows(
            "SELECT start_char, end_char, kind FROM furniture JOIN articles a USING (article_id) "
            "WHERE article_id = ? AND a.version = coalesce(?, a.version) ORDER BY start_char",
            [article_id, version],
        )
        return tuple(Furniture(*row) for row in rows)

    def sentences(self, article_id: str) -> Iterator[tuple[int, int, int]]:
        """(position, start, end) of each sentence of the article's current version, in order."""
        yield from self.rows(
            "SELECT position, start_char, end_char FROM sentences WHERE article_id = ? ORDER BY position", [article_id]
        )

    def sentence_texts(self, article_id: str) -> list[str]:
        """The article's sentences as a search reads them: cut out of the text by SQLite, not by Python."""
        rows = self.rows(
            f"SELECT substr(v.text, s.start_char + 1, s.end_char - s.start_char) FROM {CURRENT} "
            "JOIN sentences s ON s.article_id = a.article_id WHERE a.article_id = ? ORDER BY s.position",
            [article_id],
        )
        return [str(row[0]) for row in rows]

    # Passages

    def passages(self, keys: Sequence[int]) -> dict[int, StoredPassage]:
        """The passages of these keys that are still there."""
        rows = self.rows(
            f"SELECT p.passage_key, p.vector, s.position, s.start_char, s.end_char, "
            f"substr(v.text, s.start_char + 1, s.end_char - s.start_char), {INFO_COLUMNS} "
            f"FROM {CURRENT_PASSAGES} "
            "JOIN sentences s ON s.article_id = p.article_id "
            "AND s.position BETWEEN p.first_position AND p.last_position "
            "WHERE p.passage_key IN (SELECT value FROM json_each(?)) ORDER BY p.passage_key, s.position",
            [json.dumps(list(keys))],
        )
        grouped: dict[int, tuple[ArticleInfo, bytes, list[Sentence]]] = {}
        for key, vector, position, start, end, text, *info in rows:
            article, _, sentences = grouped.setdefault(key, (info_from_row(info), vector, []))
            sentences.append(Sentence(article.article_id, article.version, position, start, end, text))
        return {
            key: StoredPassage(Passage(tuple(sentences)), article, vector_from(vector))
            for key, (article, vector, sentences) in grouped.items()
        }

    def keys_of(self, passage_ids: Sequence[str]) -> dict[str, int]:
        """passage_id → key, for those passages that are still there."""
        rows = self.rows(
            "SELECT passage_id, passage_key FROM passages WHERE passage_id IN (SELECT value FROM json_each(?))",
            [json.dumps(list(passage_ids))],
        )
        return dict(rows)

    def keys_after(self, key: int, filters: Filters = Filters()) -> npt.NDArray[np.int64]:
        """The keys above `key` whose articles match, ascending; shape (n,)."""
        condition, parameters = filter_sql(filters)
        rows = self.rows(
            f"SELECT p.passage_key FROM {CURRENT_PASSAGES} "
            f"WHERE p.passage_key > ? AND {condition} ORDER BY p.passage_key",
            [key, *parameters],
        )
        return np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))

    def vectors_after(self, key: int) -> tuple[npt.NDArray[np.int64], Vectors]:
        """Keys above `key`, ascending, shape (n,), and their unit vectors, shape (n, dimension)."""
        return _matrix(
            self.rows("SELECT passage_key, vector FROM passages WHERE passage_key > ? ORDER BY passage_key", [key])
        )

    def vectors_of(self, keys: Sequence[int]) -> tuple[npt.NDArray[np.int64], Vectors]:
        """Those of these keys that are still there, ascending, shape (n,), and their vectors, shape (n, dimension)."""
        return _matrix(
            self.rows(
                "SELECT passage_key, vector FROM passages WHERE passage_key IN (SELECT value FROM json_each(?)) "
                "ORDER BY passage_key",
                [json.dumps(list(keys))],
            )
        )

    def lexical(self, match: str, limit: int, filters: Filters) -> list[tuple[int, float]]:
        """(passage key, BM25 score), best first; a higher score is better. `match` is an FTS5 expression."""
        condition, parameters = filter_sql(filters)
        # The plus keeps SQLite from running the whole match again for each of those keys, twenty times as slow.
        restriction = (
            f"AND +f.rowid IN (SELECT p.passage_key FROM {CURRENT_PASSAGES} WHERE {condition})" if filters.any else ""
        )
        rows = self.rows(
            f"SELECT f.rowid, -bm25(passages_fts, 1.0, 0.5, 1.0) AS score FROM passages_fts f "
            f"WHERE passages_fts MATCH ? {restriction} ORDER BY score DESC, f.rowid LIMIT ?",
            [match, *(parameters if filters.any else []), limit],
        )
        return [(int(key), float(score)) for key, score in rows]

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """What a reading statement finds. Raises ArchiveError."""
        try:
            return self.connection.execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            raise unreadable(self.folder, error) from error


def _why_halfway(manifest: dict[str, str], identity: EmbedderIdentity) -> str:
    """What a reindexing that isn't finished means for a command with this embedder."""
    model, weights = manifest["reindexing"], manifest.get("reindexing_weights")
    if weights is None or weights == identity.weights_sha256:
        return "is being reindexed: try again when that has finished; if it was interrupted, run 'copydesk reindex'"
    return (
        f"is halfway to the embedding model {model}, but {identity.name} is set: set COPYDESK_EMBEDDING_MODEL={model} "
        f"to go on, or run 'copydesk reindex' to change to {identity.name}"
    )


def _matrix(rows: Sequence[tuple[int, bytes]]) -> tuple[npt.NDArray[np.int64], Vectors]:
    if not rows:
        return np.zeros(0, dtype=np.int64), np.zeros((0, 0), dtype=np.float32)
    keys = np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))
    matrix = np.frombuffer(b"".join(row[1] for row in rows), dtype=STORED_DTYPE).reshape(len(rows), -1)
    return keys, matrix.astype(np.float32)


def text_version() -> str:
    """Names how text becomes passages; archives built otherwise are reindexed."""
    return f"splitter {SPLITTER_VERSION}, passages {PASSAGES_VERSION}"
