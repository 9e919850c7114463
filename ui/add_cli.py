"""Putting articles into the archive: `copydesk add`, and what it shares with `copydesk feed sync`."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from index.archive import Archive
from index.embedding import Embedder
from index.files import Skipped, visible
from index.folder_sync import FolderSync, Gone
from index.locking import Patience
from index.records import Article
from index.settings import settings_from
from index.urls import is_web_address
from ui.opening import go_on_reindexing, open_archive, say, wait_option
from ui.options import archive_option, line_of

if TYPE_CHECKING:
    from index.build import AddReport

MOST_SKIPPED_SHOWN = 20


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="PATH|URL…")
@click.option("--sync", is_flag=True, help="Keep folders in step: add, change, and remove what is no longer there.")
@click.option("--dry-run", is_flag=True, help="With --sync: say what would happen, and change nothing.")
@click.option("--yes", is_flag=True, help="With --sync: remove even more than half of the articles of the folders.")
@click.option("--allow-private", is_flag=True, help="Fetch from this machine and its own network, too.")
@wait_option
@archive_option
def add(
    inputs: tuple[str, ...],
    sync: bool,
    dry_run: bool,
    yes: bool,
    allow_private: bool,
    patience: Patience,
    archive: Path | None,
) -> None:
    """Add articles from files, folders (.txt, .md, .html, .pdf, .jsonl, .jsonl.gz, .zip) and web addresses.

    Adding again changes nothing; a changed text becomes a new version. Where one input holds an article twice with
    different texts, the first stands. A line of .jsonl has the fields url, title,
    outlet, authors, published and text.

    An article is the same as one in the archive when its URL is, whatever tracking parameters, "www.", AMP or slash it
    is written with. Without a URL it is the same when it comes from the same file, or has the same text and that file
    is gone: a moved file stays the same article. A copy beside the first is another.

    The exit code is 1 when anything was skipped; the rest is added all the same.
    """
    if sync:
        _sync(tuple(_folder(given) for given in inputs), archive, patience, dry_run=dry_run, yes=yes)
        return
    if dry_run or yes:
        raise click.UsageError("--dry-run and --yes go with --sync.")
    from index.loaders import count_articles
    from index.web_articles import load_inputs

    paths = [Path(given) for given in inputs if not is_web_address(given)]
    counted = count_articles(paths)
    total = None if counted is None else counted + len(inputs) - len(paths)
    opened, embedder = open_for_adding(archive)
    report = add_with_progress(opened, embedder, load_inputs(inputs, allow_private), total, patience)
    say_report(report, opened)


def add_paths(paths: tuple[Path, ...], archive: Path | None, patience: Patience = Patience()) -> None:
    """Add articles with a progress bar and say what became of them. Exit code 1 when any was skipped."""
    from index.loaders import count_articles, load_paths

    opened, embedder = open_for_adding(archive)
    report = add_with_progress(opened, embedder, load_paths(paths), count_articles(paths), patience)
    say_report(report, opened)


def open_for_adding(archive: Path | None) -> tuple[Archive, Embedder]:
    """The archive, made where there is none, and the embedding model, which takes seconds."""
    from rich.console import Console

    from index.embedding import load_embedder

    settings = settings_from(archive=archive)
    opened = open_archive(settings.archive, create=True)
    with Console(stderr=True).status("Loading the embedding model …"):
        embedder = load_embedder(settings.embedding_model, settings.precision)
    go_on_reindexing(opened, settings)
    return opened, embedder


def add_with_progress(
    archive: Archive,
    embedder: Embedder,
    articles: Iterable[Article | Skipped],
    total: int | None,
    patience: Patience,
) -> "AddReport":
    from rich.console import Console

    from index.build import add_articles
    from ui.progress import archive_progress

    with archive_progress(Console(stderr=True), total) as progress:
        return add_articles(archive, embedder, articles, progress, patience)


def say_report(report: "AddReport", archive: Archive) -> None:
    """What became of the articles, and what was mended on the way. Exit code 1 when anything was skipped."""
    say_skipped(report.skipped)
    say_left_out(report)
    if report.sync.repaired:
        say(f"The vector index was rebuilt from the stored vectors: {report.sync.repaired}.")
    elif report.behind:
        say(
            "An earlier command was interrupted: the vector index was brought in step from the stored vectors "
            f"({report.behind} passages)."
        )
    click.echo(
        f"{report.added} added, {report.updated} updated, {report.unchanged} unchanged, {len(report.skipped)} skipped "
        f"({report.passages} passages written to {archive.folder})"
    )
    if report.skipped:
        raise SystemExit(1)


def say_skipped(skipped: Iterable[Skipped]) -> None:
    """One line for each of the first twenty, and how many more there are."""
    items = list(skipped)
    for item in items[:MOST_SKIPPED_SHOWN]:
        say(f"skipped {item.where}: {item.reason}")
    if len(items) > MOST_SKIPPED_SHOWN:
        say(f"… and {len(items) - MOST_SKIPPED_SHOWN} more skipped")


def say_left_out(report: "AddReport") -> None:
    """One line for all that came again with another text."""
    if not report.left_out:
        return
    count, first = len(report.left_out), report.left_out[0]
    say(
        f"{count} left out, as the same article had come with another text before, which stands: "
        f"{visible(first.url or first.article_id)}{' and others' if count > 1 else ''}"
    )


# Folders kept in step


def _folder(given: str) -> Path:
    if is_web_address(given) or Path(given).is_file():
        raise click.UsageError(f"--sync keeps folders in step, and {given} is none.")
    return Path(given)


def _sync(folders: tuple[Path, ...], archive: Path | None, patience: Patience, *, dry_run: bool, yes: bool) -> None:
    if dry_run:
        syncing = FolderSync(open_archive(settings_from(archive=archive).archive, create=True), folders)
        for _ in syncing.articles():
            pass
        gone = syncing.gone()
        removed = gone
    else:
        from index.build import remove_articles
        from index.loaders import count_articles

        opened, embedder = open_for_adding(archive)
        syncing = FolderSync(opened, folders)
        report = add_with_progress(opened, embedder, syncing.articles(), count_articles(folders), patience)
        say_left_out(report)
        gone = syncing.gone()
        removed = gone if yes or not gone.many else Gone((), gone.known)
        if removed.articles:
            remove_articles(opened, [info.article_id for info in removed.articles], patience)
    _say_changes(syncing, removed, dry_run)
    if gone.many and not yes:
        say(
            f"{len(gone.articles)} of the {gone.known} articles that came from there are no longer there, more than "
            f"half: nothing {'would be' if dry_run else 'was'} removed. If that is right, run it again with --yes."
        )
    if syncing.skipped or (gone.many and not yes):
        raise SystemExit(1)


def _say_changes(syncing: FolderSync, removed: Gone, dry_run: bool) -> None:
    for kind, source in syncing.changes:
        if kind != "unchanged":
            click.echo(f"{kind:8} {source}")
    for info in removed.articles:
        click.echo(f"removed  {line_of(info)}")
    say_skipped(syncing.skipped)
    kinds = [kind for kind, _ in syncing.changes]
    click.echo(
        f"{kinds.count('added')} added, {kinds.count('changed')} changed, {kinds.count('moved')} moved, "
        f"{len(removed.articles)} removed, {kinds.count('unchanged')} unchanged, {len(syncing.skipped)} skipped"
        f"{' (dry run: nothing was changed)' if dry_run else ''}"
    )
