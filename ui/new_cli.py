"""`copydesk eval new`: a question set of one's own, begun with suggestions from the archive."""

import sys
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ui.options import archive_option, filter_options, make_filters

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eval.suggestion_files import SuggestionFiles
    from eval.suggestions import Suggestion
    from index.archive import Archive
    from index.records import Filters


@click.command("new", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--count", type=click.IntRange(min=1), default=20, show_default=True, help="How many suggestions to go through."
)
@click.option("--seed", type=int, default=0, show_default=True, help="For the draw of articles.")
@click.option("--all", "keep_all", is_flag=True, help="Keep them all without asking, to be edited in the file.")
@filter_options
@archive_option
def new_command(
    file: Path,
    count: int,
    seed: int,
    keep_all: bool,
    outlets: tuple[str, ...],
    first: datetime | None,
    last: datetime | None,
    archive: Path | None,
) -> None:
    """Start FILE, a question set for 'copydesk eval run', with questions on the articles in the archive.

    They are made by rule from single sentences, each with the sentence that answers it. You keep, edit or drop them one
    by one; every decision is saved at once, and the same command goes on where you stopped.
    """
    from eval.suggestion_files import SuggestionFiles
    from index.settings import settings_from
    from ui.opening import open_archive
    from ui.progress import counting
    from ui.render import counted
    from ui.suggesting import decide_all

    if not keep_all and not has_terminal():
        raise click.UsageError("there is no terminal to ask on: give --all to keep all suggestions, and edit the file")
    files = SuggestionFiles(file)
    opened = open_archive(settings_from(archive=archive).archive)
    try:
        waiting = []
        with counting("looking for questions", count) as advance:
            for suggestion in islice(_undecided(opened, make_filters(outlets, first, last), seed, files), count):
                waiting.append(suggestion)
                advance(1)
    finally:
        opened.close()
    if keep_all:
        files.keep(waiting)
        click.echo(f"{counted(len(waiting), 'question')} added to {file}, which holds {files.kept} now")
    elif waiting:
        kept, dropped = decide_all(waiting, files)
        click.echo(f"{kept} kept, {dropped} dropped; {file} holds {counted(files.kept, 'question')}")
    if not waiting:
        click.echo(f"nothing new to suggest: {file} holds {counted(files.kept, 'question')}")


def has_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _undecided(archive: "Archive", filters: "Filters", seed: int, files: "SuggestionFiles") -> "Iterator[Suggestion]":
    """Those that were neither kept nor dropped. Raises ArchiveError where there isn't any at all to be made."""
    from eval.suggestions import suggest
    from index.errors import ArchiveError

    if not archive.article_count():
        raise ArchiveError(f"the archive {archive.folder} is empty: add articles with 'copydesk add PATH'")
    if not archive.count_matching(filters):
        raise ArchiveError("no article matches: give other --outlet, --from or --to")
    some = False
    for suggestion in suggest(archive, filters, seed):
        some = True
        if not files.decided(suggestion):
            yield suggestion
    if not some:
        raise ArchiveError(
            "no sentence of these articles makes a question by the rules (English news only, and few sentences of it): "
            "add more articles, or write questions of your own"
        )
