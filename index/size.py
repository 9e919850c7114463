"""How large an archive is: what it holds, and what it takes on the disk."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from index.archive import Archive
from index.schema import DATABASE_NAME
from index.vectors import CHROMA_FOLDER


@dataclass(frozen=True, slots=True)
class ArchiveSize:
    """Counts of what is current, and bytes on the disk; `free` is None where it can't be told."""

    articles: int
    versions: int
    passages: int
    removed: int
    database: int
    vectors: int
    free: int | None


def size_of(archive: Archive) -> ArchiveSize:
    """Raises ArchiveError."""
    versions = int(archive.rows("SELECT count(*) FROM versions JOIN articles USING (article_id)")[0][0])
    database = sum(_bytes(path) for path in archive.folder.glob(f"{DATABASE_NAME}*"))
    vectors = sum(_bytes(path) for path in (archive.folder / CHROMA_FOLDER).rglob("*"))
    return ArchiveSize(
        archive.article_count(),
        versions,
        archive.passage_count(),
        len(archive.removed()),
        database,
        vectors,
        _free(archive),
    )


def _bytes(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:  # a writer tidies up while it is read
        return 0


def _free(archive: Archive) -> int | None:
    try:
        return shutil.disk_usage(archive.folder).free
    except OSError:
        return None
