"""Opening an archive for a command: what was mended on the way is said in a line on stderr."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from index.archive import Archive
from index.locking import SECONDS_TO_WAIT, Patience
from index.settings import IndexSettings


def say(line: str) -> None:
    """Tell the user something that is not the command's output."""
    click.echo(line, err=True)


def open_archive(folder: Path, *, create: bool = False) -> Archive:
    """Open an archive, of an older schema too. Raises ArchiveError where there is none, unless it may be made."""
    archive = Archive(folder, create=create)
    if archive.upgraded:
        say(archive.upgraded)
    return archive


def prepare_for_questions(settings: IndexSettings) -> None:
    """See to it that an archive is there and its vector index in step, whatever an earlier command left behind."""
    from index.mending import mend_vectors

    archive = open_archive(settings.archive)
    try:
        go_on_reindexing(archive, settings)
        if line := mend_vectors(archive):
            say(line)
    finally:
        archive.close()


def go_on_reindexing(archive: Archive, settings: IndexSettings) -> None:
    """Finish an interrupted reindexing to the embedding model that is set, and say so.

    One to another model, or one that another command is at, is left alone: what needs it says what to do.
    """
    if not archive.manifest().get("reindexing"):
        return
    from rich.console import Console

    from index.build import resume_reindexing
    from index.embedding import load_embedder
    from ui.progress import archive_progress

    embedder = load_embedder(settings.embedding_model, settings.precision)
    with archive_progress(Console(stderr=True), archive.article_count()) as progress:
        line = f"An earlier 'copydesk reindex' to {embedder.identity.name} was interrupted: going on with it."
        resume_reindexing(archive, embedder, progress, lambda: say(line))


def wait_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """--wait SECONDS, for commands that write; the command gets it as `patience`."""
    return click.option(
        "--wait",
        "patience",
        type=click.FloatRange(min=0),
        default=SECONDS_TO_WAIT,
        show_default=True,
        metavar="SECONDS",
        callback=lambda context, parameter, seconds: Patience(seconds, say),
        help="How long to wait while another command writes to the archive.",
    )(command)
