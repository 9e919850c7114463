"""Commands that put articles into the archive, show them, and keep it in order."""

from collections import Counter
from datetime import datetime
from pathlib import Path

import click

from index.archive import Archive
from index.language import language_name
from index.locking import Patience
from index.settings import settings_from
from ui.opening import open_archive, say, wait_option
from ui.options import archive_option, filter_options, find_article, find_removed, line_of, make_filters
from ui.render import counted


@click.command("list")
@filter_options
@archive_option
def list_articles(
    outlets: tuple[str, ...], first: datetime | None, last: datetime | None, archive: Path | None
) -> None:
    """List the articles, newest first."""
    opened = _open(archive)
    infos = opened.infos(make_filters(outlets, first, last))
    groups = opened.near_copy_groups()
    sizes = Counter(groups.values())
    for info in infos:
        copies = sizes[groups[info.article_id]] - 1 if info.article_id in groups else 0
        click.echo(line_of(info) + (f"  ({copies} near-{'copy' if copies == 1 else 'copies'})" if copies else ""))
    click.echo(f"{len(infos)} of {counted(opened.article_count(), 'article')} in {opened.folder}", err=True)


@click.command()
@click.argument("article")
@click.option("--version", "version", help="An older version; --versions lists them.")
@click.option("--versions", is_flag=True, help="List the versions that are stored, oldest first.")
@click.option("--furniture", is_flag=True, help="Show which parts are never quoted, and why.")
@click.option("--diff", is_flag=True, help="Show what has changed since that version, or since the one before.")
@archive_option
def show(article: str, version: str | None, versions: bool, furniture: bool, diff: bool, archive: Path | None) -> None:
    """Print one article: by id, the beginning of an id, URL or file."""
    opened = _open(archive)
    article_id = find_article(opened, article)
    if versions:
        for stored in opened.versions(article_id):
            click.echo(f"{stored}{'  (current)' if opened.is_current(article_id, stored) else ''}")
        return
    if diff:
        _show_changes(opened, article_id, version)
        return
    found = opened.article(article_id, version)
    if furniture:
        for span in opened.furniture(article_id, version):
            click.echo(f"{span.kind:12} {span.start:>7}–{span.end:<7} {found.text[span.start : span.end]!r}")
        return
    info = found.info
    for name, value in (
        ("id", info.article_id),
        ("version", info.version),
        ("title", info.title),
        ("outlet", info.outlet),
        ("authors", ", ".join(info.authors)),
        ("published", info.published),
        ("language", language_name(info.language) if info.language else None),
        ("url", info.url),
    ):
        click.echo(f"{name + ':':11}{value or '–'}")
    for copy in opened.near_copies(article_id):
        click.echo(f"near-copy: {line_of(copy.article)}")
    click.echo()
    click.echo(found.text)


def _show_changes(opened: Archive, article_id: str, version: str | None) -> None:
    from index.changes import changes

    versions = opened.versions(article_id)
    before = version or (versions[-2] if len(versions) > 1 else versions[-1])
    old, new = opened.article(article_id, before), opened.article(article_id)
    if old.version == new.version:
        say(f"There is nothing to compare: {before} is the current version.")
        return
    marks = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    say(f"from version {old.version} to {new.version}, [-what went-] and {{+what came+}}")
    click.echo("".join(marks[change.kind].format(change.text) for change in changes(old.text, new.text)))


@click.command()
@click.argument("articles", nargs=-1, required=True)
@click.option("--for-good", is_flag=True, help="Delete their text, too, so that nothing can put them back.")
@wait_option
@archive_option
def remove(articles: tuple[str, ...], for_good: bool, patience: Patience, archive: Path | None) -> None:
    """Take articles out, with all their versions: by id, the beginning of an id, URL or file.

    For 30 days `copydesk undo` puts them back; then they are deleted, unless --for-good does it at once.
    """
    from index.build import delete_for_good, remove_articles

    opened = _open(archive)
    kept = {name: one for name in articles if for_good and (one := find_removed(opened, name)) is not None}
    found = {find_article(opened, name): None for name in articles if name not in kept}
    lines = [line_of(opened.article(article_id).info) for article_id in found] + [
        line_of(info) for info in kept.values()
    ]
    if found:
        remove_articles(opened, list(found), patience)
    if for_good:
        delete_for_good(opened, [*found, *(info.article_id for info in kept.values())], patience)
    for line in lines:
        click.echo(f"{'deleted' if for_good else 'removed'} {line}")


@click.command()
@archive_option
def check(archive: Path | None) -> None:
    """Look through the whole archive: offsets, full-text index, vectors. Exit code 1 when something is wrong."""
    from rich.console import Console
    from rich.progress import track

    from index.check import check_article, check_stores

    opened = _open(archive)
    console = Console(stderr=True)
    problems: list[str] = []
    sentences = 0
    infos = opened.infos()
    shown = track(infos, "articles", console=console, disable=not console.is_terminal)
    for info in shown:
        of_article, found = check_article(opened, info.article_id)
        sentences += of_article
        problems += found
    problems += check_stores(opened)
    for problem in problems:
        click.echo(problem)
    click.echo(
        f"{counted(len(infos), 'article')}, {counted(sentences, 'sentence')}, "
        f"{counted(opened.passage_count(), 'passage')}: "
        + (f"{len(problems)} problems. 'copydesk reindex' mends what is derived." if problems else "all in order.")
    )
    if problems:
        raise SystemExit(1)


@click.command()
@wait_option
@archive_option
def reindex(patience: Patience, archive: Path | None) -> None:
    """Split and embed again where splitter or embedding model have changed, and rebuild the vector index.

    Articles and citations stay as they are. An interrupted run goes on where it stopped.
    """
    from rich.console import Console

    from index.build import reindex as reindex_archive
    from index.embedding import load_embedder
    from ui.progress import archive_progress

    settings = settings_from(archive=archive)
    opened = open_archive(settings.archive)
    console = Console(stderr=True)
    with console.status("Loading the embedding model …"):
        embedder = load_embedder(settings.embedding_model, settings.precision)
    with archive_progress(console, opened.article_count()) as progress:
        report = reindex_archive(opened, embedder, progress, patience)
    click.echo(
        f"{counted(report.updated, 'article')} reindexed: "
        f"{counted(report.passages - report.reused, 'passage')} embedded, {report.reused} vectors used again"
    )


def _open(archive: Path | None) -> Archive:
    return open_archive(settings_from(archive=archive).archive)
