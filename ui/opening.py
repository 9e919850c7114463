"""Opening an archive for a command: what was mended on the way is said in a line on stderr."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from index.archive import Archive
from index.locking import SECONDS_TO_WAIT, Patience


def say(line: str) -> None:
    """Tell the user something that is not the command's output."""
    click.echo(line, err=True)


def open_archive(folder: Path, *, create: bool = False) -> Archive:
    """Open an archive, of an older schema too. Raises ArchiveError where there is none, unless it may be made."""
    archive = Archive(folder, create=create)
    if archive.upgraded:
        say(archive.upgraded)
    return archive


def prepare_for_questions(folder: Path) -> None:
    """See to it that an archive is there and its vector index in step, whatever an earlier command left behind."""
    from index.mending import mend_vectors

    archive = open_archive(folder)
    try:
        if line := mend_vectors(archive):
            say(line)
    finally:
        archive.close()


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
