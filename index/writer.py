"""The archive as its one writer sees it. Everything about an article commits in one transaction."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from index.archive import (
    CURRENT,
    CURRENT_PASSAGES,
    INFO_COLUMNS,
    INFO_WIDTH,
    KEPT_AFTER_REMOVAL,
    STORED_DTYPE,
    Archive,
    info_from_row,
    text_version,
    vector_from,
)
from index.embedding import EmbedderIdentity, Vectors
from index.errors import ArchiveError
from index.locking import Patience, writer_lock
from index.passages import written_date
from index.records import Article, ArticleInfo, Furniture, Passage, Sentence
from index.schema import FULL_TEXT_SCHEMA

PASSAGES_AT_A_TIME = 500


@dataclass(frozen=True, slots=True)
class PreparedArticle:
    """An article with what is derived from it. Each passage has a digest, which names its vector.

    `language` is an ISO 639-1 code; None where it wasn't looked at or can't be told.
    """

    article: Article
    furniture: tuple[Furniture, ...]
    sentences: tuple[Sentence, ...]
    passages: tuple[Passage, ...]
    digests: tuple[str, ...]
    language: str | None = None


@contextmanager
def writing(archive: Archive, patience: Patience = Patience()) -> Iterator["ArchiveWriter"]:
    """Hold the archive's writer lock. Raises ArchiveBusyError when another process holds it for too long."""
    with writer_lock(archive.folder, patience):
        writer = ArchiveWriter(archive)
        writer.purge(datetime.now(UTC) - KEPT_AFTER_REMOVAL)
        yield writer


class ArchiveWriter:
    """Changes an archive. Made by `writing`, which holds the lock."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self._connection = archive.connection

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. Raises ArchiveError when the database can't take the change (a full disk, say)."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute(
                    "INSERT INTO manifest VALUES ('changes', '1') "
                    "ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT)"
                )
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise ArchiveError(
                f"the archive {self.archive.folder} can't be written: {error} (what was written before is safe)"
            ) from error

    def known(self, article_id: str) -> ArticleInfo | None:
        """What the archive holds of this article now; None for a new one."""
        row = self._connection.execute(
            f"SELECT {INFO_COLUMNS} FROM {CURRENT} WHERE a.article_id = ?", [article_id]
        ).fetchone()
        return info_from_row(row) if row else None

    def vectors_by_digest(self, article_id: str) -> dict[str, Vectors]:
        """The stored vectors of an article's passages, each of shape (dimension,), by digest.

        Those of an article that was removed count too, as long as it is kept.
        """
        rows = self._connection.execute(
            "SELECT digest, vector FROM passages WHERE article_id = ?1 "
            "UNION ALL SELECT digest, vector FROM removed_vectors WHERE article_id = ?1",
            [article_id],
        )
        return {digest: vector_from(vector) for digest, vector in rows}

    def put(self, prepared: PreparedArticle, vectors: Sequence[Vectors]) -> None:
        """Make this the article's current version; the version before stays readable.

        `vectors` holds one unit vector of shape (dimension,) a passage.
        """
        article, info = prepared.article, prepared.article.info
        self._forget_passages(info.article_id)
        self._forget_removal(info.article_id)
        self._connection.execute(
            "INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
            "(url, title, outlet, authors, published, language) = (excluded.url, excluded.title, excluded.outlet, "
            "excluded.authors, excluded.published, excluded.language)",
            [
                info.article_id,
                info.version,
                info.url,
                info.title,
                info.outlet,
                json.dumps(info.authors, ensure_ascii=False),
                info.published.isoformat() if info.published else None,
                article.text,
                datetime.now(UTC).isoformat(),
                prepared.language,
            ],
        )
        self._connection.execute(
            "INSERT INTO articles VALUES (?, ?) ON CONFLICT DO UPDATE SET version = excluded.version",
            [info.article_id, info.version],
        )
        if article.source is not None:
            self.record_sources({article.source: info.article_id})
        self._connection.executemany(
            "INSERT INTO furniture VALUES (?, ?, ?, ?)",
            [(info.article_id, span.start, span.end, span.kind) for span in prepared.furniture],
        )
        self._connection.executemany(
            "INSERT INTO sentences VALUES (?, ?, ?, ?)",
            [(info.article_id, s.position, s.start, s.end) for s in prepared.sentences],
        )
        for passage, digest, vector in zip(prepared.passages, prepared.digests, vectors, strict=True):
            self._put_passage(info, passage, digest, vector.astype(STORED_DTYPE).tobytes())

    def record_sources(self, changes: Mapping[str, str | None]) -> None:
        """Write down where articles were read from; None for a source that is no more."""
        for source, article_id in changes.items():
            if article_id is None:
                self._connection.execute("DELETE FROM sources WHERE source = ?", [source])
            else:
                self._connection.execute(
                    "INSERT INTO sources VALUES (?, ?) ON CONFLICT DO UPDATE SET article_id = excluded.article_id",
                    [source, article_id],
                )

    def _put_passage(self, info: ArticleInfo, passage: Passage, digest: str, vector: bytes) -> None:
        first, last = passage.sentences[0].position, passage.sentences[-1].position
        cursor = self._connection.execute(
            "INSERT INTO passages (passage_id, article_id, first_position, last_position, digest, vector) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            [passage.passage_id, info.article_id, first, last, digest, vector],
        )
        self._put_full_text(cursor.lastrowid, info, passage)

    def _put_full_text(self, key: int | None, info: ArticleInfo, passage: Passage) -> None:
        self._connection.execute(
            "INSERT INTO passages_fts (rowid, title, day, body) VALUES (?, ?, ?, ?)",
            [key, info.title or "", written_date(info), passage.text],
        )

    def remove(self, article_id: str, moment: datetime) -> None:
        """Take an article out, now called `moment`. Raises ArchiveError for one that isn't there.

        No reader sees it any more; its versions and vectors stay until `purge`, so that it can be put back.
        """
        version = self.archive.article(article_id).version
        self._forget_removal(article_id)
        self._connection.execute(
            "INSERT INTO removed_articles VALUES (?, ?, ?)", [article_id, version, moment.isoformat()]
        )
        self._connection.execute(
            "INSERT OR IGNORE INTO removed_vectors "
            "SELECT article_id, digest, vector FROM passages WHERE article_id = ?",
            [article_id],
        )
        self._forget_passages(article_id)
        self._connection.execute("DELETE FROM articles WHERE article_id = ?", [article_id])

    def removed_article(self, article_id: str) -> Article:
        """An article that was removed, as it was then. Raises ArchiveError for one that isn't kept."""
        row = self._connection.execute(
            f"SELECT {INFO_COLUMNS}, v.text FROM removed_articles r "
            "JOIN versions v ON v.article_id = r.article_id AND v.version = r.version WHERE r.article_id = ?",
            [article_id],
        ).fetchone()
        if row is None:
            raise ArchiveError(
                f"no removed article {article_id} is kept in {self.archive.folder}: see 'copydesk removed'"
            )
        return Article(info_from_row(row[:INFO_WIDTH]), row[INFO_WIDTH])

    def purge(self, before: datetime, article_ids: Sequence[str] | None = None) -> int:
        """Delete for good what was removed before a moment, or of that only these; returns how many articles."""
        rows = self._connection.execute(
            "SELECT article_id FROM removed_articles WHERE removed_at < ?", [before.isoformat()]
        )
        due = [row[0] for row in rows if article_ids is None or row[0] in article_ids]
        if not due:
            return 0
        with self.transaction():
            for article_id in due:
                for table in ("versions", "sources"):
                    self._connection.execute(f"DELETE FROM {table} WHERE article_id = ?", [article_id])
                self._forget_removal(article_id)
        return len(due)

    def _forget_removal(self, article_id: str) -> None:
        for table in ("removed_articles", "removed_vectors"):
            self._connection.execute(f"DELETE FROM {table} WHERE article_id = ?", [article_id])

    def _forget_passages(self, article_id: str) -> None:
        parameters = [article_id]
        self._connection.execute(
            "INSERT OR IGNORE INTO removed_passages SELECT passage_id FROM passages WHERE article_id = ?", parameters
        )
        self._connection.execute(
            "DELETE FROM passages_fts WHERE rowid IN (SELECT passage_key FROM passages WHERE article_id = ?)",
            parameters,
        )
        # With the rest of its group, which is made anew without it.
        group = self._connection.execute("SELECT group_id FROM near_copies WHERE article_id = ?", parameters).fetchone()
        self._connection.execute(
            "DELETE FROM near_copies WHERE article_id = ?1 OR group_id = ?2", [article_id, group[0] if group else None]
        )
        for table in ("passages", "sentences", "furniture"):
            self._connection.execute(f"DELETE FROM {table} WHERE article_id = ?", parameters)

    def rebuild_full_text(self) -> None:
        """Write the full-text index anew from the passages' sentences."""
        self.renew_full_text()
        keys = self.archive.keys_after(0).tolist()
        for start in range(0, len(keys), PASSAGES_AT_A_TIME):
            for key, stored in self.archive.passages(keys[start : start + PASSAGES_AT_A_TIME]).items():
                self._put_full_text(key, stored.article, stored.passage)

    def renew_full_text(self) -> None:
        """Begin the full-text index anew, whatever state it is in; every article has to be put again."""
        self._connection.execute("DROP TABLE IF EXISTS passages_fts")
        self._connection.execute(FULL_TEXT_SCHEMA)

    def removed_passages(self) -> list[str]:
        """The ids of passages taken out since the vector index was last brought in step."""
        return [str(row[0]) for row in self._connection.execute("SELECT passage_id FROM removed_passages")]

    def forget_removed_passages(self) -> None:
        self._connection.execute("DELETE FROM removed_passages")

    def passage_index(self, after: int) -> list[tuple[int, str, ArticleInfo]]:
        """(key, passage_id, article) of every passage above a key, ascending."""
        rows = self._connection.execute(
            f"SELECT p.passage_key, p.passage_id, {INFO_COLUMNS} FROM {CURRENT_PASSAGES} "
            "WHERE p.passage_key > ? ORDER BY p.passage_key",
            [after],
        )
        return [(row[0], row[1], info_from_row(row[2:])) for row in rows]

    def article_ids(self) -> list[str]:
        return [str(row[0]) for row in self._connection.execute("SELECT article_id FROM articles ORDER BY article_id")]

    def set_manifest(self, **entries: str | None) -> None:
        """Write entries of the manifest; None takes one out."""
        for name, value in entries.items():
            if value is None:
                self._connection.execute("DELETE FROM manifest WHERE name = ?", [name])
            else:
                self._connection.execute(
                    "INSERT INTO manifest VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", [name, value]
                )

    def record_identity(self, identity: EmbedderIdentity) -> None:
        """Say in the manifest what the archive's passages and vectors are made with."""
        self.set_manifest(
            embedding_model=identity.name,
            weights_sha256=identity.weights_sha256,
            dimension=str(identity.dimension),
            text_version=text_version(),
        )
