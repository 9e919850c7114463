"""Commands that put articles into the archive, show them, and keep it in order."""

from datetime import datetime
from pathlib import Path

import click

from index.archive import Archive
from index.records import ArticleInfo
from index.settings import settings_from
from ui.options import archive_option, filter_options, find_article, make_filters


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@archive_option
def add(paths: tuple[Path, ...], archive: Path | None) -> None:
    """Add articles from files and folders (.txt, .md, .html, .pdf, .jsonl, .jsonl.gz, and .zip files of these).

    Adding again changes nothing; a changed text becomes a new version. A line of .jsonl has the fields url, title,
    outlet, authors, published and text.
    """
    add_paths(paths, archive)


def add_paths(paths: tuple[Path, ...], archive: Path | None) -> None:
    """Add articles with a progress bar and say what became of them. Exit code 1 when nothing at all could be read."""
    from rich.console import Console

    from index.build import add_articles
    from index.embedding import load_embedder
    from index.loaders import count_articles, load_paths
    from ui.progress import archive_progress

    settings = settings_from(archive=archive)
    console = Console(stderr=True)
    opened = Archive(settings.archive)
    with console.status("Loading the embedding model …"):
        embedder = load_embedder(settings.embedding_model, settings.precision)
    with archive_progress(console, count_articles(paths)) as progress:
        report = add_articles(opened, embedder, load_paths(paths), progress)
    for skipped in report.skipped[:20]:
        click.echo(f"skipped {skipped.where}: {skipped.reason}", err=True)
    if len(report.skipped) > 20:
        click.echo(f"… and {len(report.skipped) - 20} more skipped", err=True)
    if report.sync.repaired:
        click.echo(f"The vector index was rebuilt from the stored vectors: {report.sync.repaired}.", err=True)
    click.echo(
        f"{report.added} added, {report.updated} updated, {report.unchanged} unchanged, {len(report.skipped)} skipped "
        f"({report.passages} passages written to {settings.archive})"
    )
    if report.skipped and not report.added + report.updated + report.unchanged:
        raise SystemExit(1)


@click.command("list")
@filter_options
@archive_option
def list_articles(
    outlets: tuple[str, ...], first: datetime | None, last: datetime | None, archive: Path | None
) -> None:
    """List the articles, newest first."""
    opened = _open(archive)
    infos = opened.infos(make_filters(outlets, first, last))
    for info in infos:
        click.echo(_line(info))
    click.echo(f"{len(infos)} of {opened.article_count()} articles in {opened.folder}", err=True)


@click.command()
@click.argument("article")
@click.option("--version", "version", help="An older version; --versions lists them.")
@click.option("--versions", is_flag=True, help="List the versions that are stored, oldest first.")
@click.option("--furniture", is_flag=True, help="Show which parts are never quoted, and why.")
@archive_option
def show(article: str, version: str | None, versions: bool, furniture: bool, archive: Path | None) -> None:
    """Print one article: by id, the beginning of an id, URL or file."""
    opened = _open(archive)
    article_id = find_article(opened, article)
    if versions:
        for stored in opened.versions(article_id):
            click.echo(f"{stored}{'  (current)' if opened.is_current(article_id, stored) else ''}")
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
        ("url", info.url),
    ):
        click.echo(f"{name + ':':11}{value or '–'}")
    click.echo()
    click.echo(found.text)


@click.command()
@click.argument("articles", nargs=-1, required=True)
@archive_option
def remove(articles: tuple[str, ...], archive: Path | None) -> None:
    """Take articles out, with all their versions: by id, the beginning of an id, URL or file.

    Adding the same file again brings its present version back.
    """
    from index.build import remove_articles

    opened = _open(archive)
    found = {find_article(opened, name): None for name in articles}
    lines = [_line(opened.article(article_id).info) for article_id in found]
    remove_articles(opened, list(found))
    for line in lines:
        click.echo(f"removed {line}")


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
        counted, found = check_article(opened, info.article_id)
        sentences += counted
        problems += found
    problems += check_stores(opened)
    for problem in problems:
        click.echo(problem)
    click.echo(
        f"{len(infos)} articles, {sentences} sentences, {opened.passage_count()} passages: "
        + (f"{len(problems)} problems. 'copydesk reindex' mends what is derived." if problems else "all in order.")
    )
    if problems:
        raise SystemExit(1)


@click.command()
@archive_option
def reindex(archive: Path | None) -> None:
    """Split and embed again where splitter or embedding model have changed, and rebuild the vector index.

    Articles and citations stay as they are. An interrupted run goes on where it stopped.
    """
    from rich.console import Console

    from index.build import reindex as reindex_archive
    from index.embedding import load_embedder
    from ui.progress import archive_progress

    settings = settings_from(archive=archive)
    opened = Archive(settings.archive)
    console = Console(stderr=True)
    with console.status("Loading the embedding model …"):
        embedder = load_embedder(settings.embedding_model, settings.precision)
    with archive_progress(console, opened.article_count()) as progress:
        report = reindex_archive(opened, embedder, progress)
    click.echo(
        f"{report.updated} articles reindexed: {report.passages - report.reused} passages embedded, "
        f"{report.reused} vectors used again"
    )


def _open(archive: Path | None) -> Archive:
    return Archive(settings_from(archive=archive).archive)


def _line(info: ArticleInfo) -> str:
    day = info.published.isoformat() if info.published else "undated   "
    name = " ".join((info.title or info.url or "untitled").split())
    return f"{info.article_id}  {day}  {info.outlet or '–'}  {name}"
