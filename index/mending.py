"""What the next command repairs by itself: a vector index that is damaged or was left behind by a kill."""

from index.archive import Archive
from index.errors import ArchiveError, SearchError
from index.locking import Patience
from index.vectors import SyncReport, needs_sync, sync_vectors
from index.writer import writing


def mend_vectors(archive: Archive) -> str | None:
    """Bring the vector index in step from the stored vectors, and say so in a line; None where nothing was done.

    Nothing is done while another process writes, which will do it. Where it fails the archive is as it was: what Chroma
    lacks is searched in SQLite, and a search that can't go without says why.
    """
    if archive.manifest().get("reindexing") or not needs_sync(archive):
        return None
    try:
        with writing(archive, Patience(0)) as writer:
            return describe_sync(sync_vectors(writer))
    except (ArchiveError, SearchError):
        return None


def describe_sync(report: SyncReport) -> str | None:
    """What was out of step, in a line; None where nothing was."""
    if report.repaired is not None:
        return f"The vector index was rebuilt from the stored vectors: {report.repaired}."
    if report.written or report.removed:
        return (
            "An earlier command was interrupted: the vector index was brought in step from the stored vectors "
            f"({report.written} passages in, {report.removed} out)."
        )
    return None
