"""One process at a time writes to an archive folder; the system frees the lock of one that is killed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from index.errors import ArchiveBusyError, ArchiveError

LOCK_NAME = "writer.lock"
SECONDS_TO_WAIT = 3.0


def _say_nothing(line: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for another writer, and who is told that there is one to wait for."""

    seconds: float = SECONDS_TO_WAIT
    say: Callable[[str], None] = _say_nothing


@contextmanager
def writer_lock(folder: Path, patience: Patience = Patience()) -> Iterator[None]:
    """Hold the archive's writer lock. Raises ArchiveBusyError when another process holds it all the while."""
    lock = FileLock(folder / LOCK_NAME)
    try:
        if not _acquired(lock, 0) and patience.seconds > 0:
            patience.say(f"Another copydesk command is writing to {folder}: waiting up to {patience.seconds:g} s …")
        lock.acquire(timeout=max(0.0, patience.seconds))
    except Timeout as error:
        raise ArchiveBusyError(
            f"another copydesk command is writing to {folder}: try again when it has finished, "
            "or wait for it with --wait SECONDS"
        ) from error
    except (OSError, NotImplementedError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise ArchiveError(
            f"the archive folder {folder} can't be written: {reason}; "
            "see to its permissions, or copy it to a folder that can be"
        ) from error
    try:
        yield
    finally:
        lock.release(force=True)


def _acquired(lock: FileLock, seconds: float) -> bool:
    try:
        lock.acquire(timeout=seconds)
    except Timeout:
        return False
    return True
