"""Commands that keep the archive safe: undo, backups, and finding and mending damage."""

from pathlib import Path

import click

from index.archive import Archive
from index.embedding import Embedder
from index.errors import ArchiveError
from index.locking import Patience
from index.records import ArticleInfo
from index.settings import settings_from
from ui.opening import go_on_reindexing, open_archive, say, wait_option
from ui.options import archive_option, find_removed, line_of
from ui.render import counted


@click.command()
@archive_option
def removed(archive: Path | None) -> None:
    """List the articles that were removed in the last 30 days; `copydesk undo` puts them back."""
    opened = open_archive(settings_from(archive=archive).archive)
    kept = opened.removed()
    for article in kept:
        click.echo(f"removed {article.removed_at:%Y-%m-%d %H:%M} UTC  {line_of(article.article)}")
    say(f"{counted(len(kept), 'removed article')} kept in {opened.folder}")


@click.command()
@click.argument("articles", nargs=-1)
@wait_option
@archive_option
def undo(articles: tuple[str, ...], patience: Patience, archive: Path | None) -> None:
    """Put removed articles back with all their versions: those named, or what the last removal took out.

    An article is named by its id or the beginning of it, as `copydesk removed` shows it, by its URL or its file.
    """
    from index.build import put_back

    settings = settings_from(archive=archive)
    opened = open_archive(settings.archive)
    kept = opened.removed()
    if not kept:
        raise ArchiveError(f"nothing was removed from {opened.folder} in the last 30 days: nothing can be put back")
    latest = [one for one in kept if one.removed_at == kept[0].removed_at]
    chosen = list(dict.fromkeys(_kept(opened, name) for name in articles)) or [one.article for one in latest]
    go_on_reindexing(opened, settings)
    report = put_back(opened, load_embedder_for(archive), [info.article_id for info in chosen], patience=patience)
    for info in chosen:
        click.echo(f"put back {line_of(info)}")
    say(f"{report.added} put back, {report.passages - report.reused} of {report.passages} passages embedded again")


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@archive_option
def backup(target: Path, archive: Path | None) -> None:
    """Write the archive into one file: TARGET, or a file named by the time in the folder TARGET.

    Other commands may write meanwhile: the backup is the archive of one moment. The vector index isn't in it; it is
    made again from the stored vectors.
    """
    from index.backup import back_up, inspect_backup

    opened = open_archive(settings_from(archive=archive).archive)
    written = back_up(opened, target.expanduser().absolute())
    click.echo(f"{counted(inspect_backup(written), 'article')} written to {written}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--replace", is_flag=True, help="Put it in the place of an archive that is there; that one is kept aside."
)
@wait_option
@archive_option
def restore(file: Path, replace: bool, patience: Patience, archive: Path | None) -> None:
    """Make the archive what it was when `copydesk backup` wrote FILE."""
    from index.backup import inspect_backup
    from index.backup import restore as restore_archive

    folder = settings_from(archive=archive).archive
    kept = restore_archive(file, folder, replace=replace, patience=patience)
    click.echo(f"{counted(inspect_backup(file), 'article')} restored to {folder}")
    if kept is not None:
        say(f"The database that was there is kept in {kept}; delete it when it isn't needed.")


@click.command()
@click.option("--repair", is_flag=True, help="Mend what can be mended; a damaged database is kept aside.")
@wait_option
@archive_option
def doctor(repair: bool, patience: Patience, archive: Path | None) -> None:
    """Find what is wrong with the archive and say what mends it. Exit code 1 when something is, and still is.

    Looked for: a missing or damaged database, one of another schema, a folder that can't be written, a full disk, an
    interrupted reindexing, sentences out of place, and search indexes that differ from the articles.
    """
    from index.doctor import examine
    from index.doctor import repair as mend

    folder = settings_from(archive=archive).archive
    findings = examine(folder)
    if repair and any(finding.mends for finding in findings):
        for line in mend(folder, findings, lambda: load_embedder_for(archive), patience):
            click.echo(line)
        findings = examine(folder)
    for finding in findings:
        click.echo(f"{finding.problem}: {finding.remedy}")
    if findings:
        raise SystemExit(1)
    click.echo(f"{folder} is healthy.")


def load_embedder_for(archive: Path | None) -> Embedder:
    """The embedding model that is set, with a line on the terminal while it loads."""
    from rich.console import Console

    from index.embedding import load_embedder

    settings = settings_from(archive=archive)
    with Console(stderr=True).status("Loading the embedding model …"):
        return load_embedder(settings.embedding_model, settings.precision)


def _kept(opened: Archive, name: str) -> ArticleInfo:
    info = find_removed(opened, name)
    if info is None:
        raise ArchiveError(f"no removed article {name} is kept: 'copydesk removed' lists those that are")
    return info
