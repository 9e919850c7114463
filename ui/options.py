"""Command-line options and arguments that several commands share."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from index.archive import Archive
from index.errors import ArchiveError, BadInputError
from index.language import is_read, language_name
from index.records import ArticleInfo, Filters
from index.urls import url_key

Command = Callable[..., Any]


def archive_option(command: Command) -> Command:
    """--archive after the command's name too; before it, it means the same.

    What is no folder is the archive's to refuse, wherever its path came from.
    """

    def choose(context: click.Context, parameter: click.Parameter, value: Path | None) -> Path | None:
        return value or context.find_root().obj

    return click.option(
        "--archive", type=click.Path(path_type=Path), callback=choose, help="The folder of the archive."
    )(command)


def reader_options(command: Command) -> Command:
    """--reader and --reader-threshold."""
    command = click.option(
        "--reader-threshold",
        type=click.FloatRange(0, 1),
        help="With a cross-encoder as the reader: refuse below this. Default: 0.5.",
    )(command)
    return click.option(
        "--reader",
        metavar="NAME_OR_PATH",
        help="Which model reads passages: copydesk (the default), a folder that 'copydesk train reader' made, or a "
        "cross-encoder by name or folder, whose sentences are ranked by its logits as they are.",
    )(command)


def llm_option(command: Command) -> Command:
    """--llm for whoever answers once, or the same way all along."""
    return llm_option_with(
        None,
        "Have a language model write the answers, each sentence checked before it is shown: ollama:NAME, "
        "openai-compatible:URL#MODEL or embedded. Default: answers are quoted.",
    )(command)


def llms_option(command: Command) -> Command:
    """--llm as often as there are models to choose from."""

    def check(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_read_llm(context, parameter, value) for value in values)

    return click.option(
        "--llm",
        "llms",
        metavar="MODEL",
        multiple=True,
        callback=check,
        help="Have a language model write the answers, each sentence checked before it is shown: ollama:NAME, "
        "openai-compatible:URL#MODEL or embedded. Default: answers are quoted. Can be given several times: the page "
        "begins with the first and offers all.",
    )(command)


def llm_option_with(default: str | None, told: str) -> Callable[[Command], Command]:
    """--llm; what it can't be is a mistake of usage."""

    def check(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
        return None if value is None else _read_llm(context, parameter, value)

    shown = default is not None
    return click.option("--llm", metavar="MODEL", default=default, show_default=shown, callback=check, help=told)


def _read_llm(context: click.Context, parameter: click.Parameter, value: str) -> str:
    from qa.llm import parse_llm

    try:
        return str(parse_llm(value))
    except BadInputError as error:
        raise click.BadParameter(str(error), context, parameter) from error


def filter_options(command: Command) -> Command:
    """--outlet, --from and --to."""
    day = click.DateTime(["%Y-%m-%d"])
    command = click.option("--to", "last", type=day, help="Only articles published on this day or before.")(command)
    command = click.option("--from", "first", type=day, help="Only articles published on this day or after.")(command)
    return click.option("--outlet", "outlets", multiple=True, help="Only this outlet; can be given several times.")(
        command
    )


def judge_options(command: Command) -> Command:
    """Who judges whether what is cited supports what is said: --judge, and for the checker --checker."""
    command = click.option(
        "--checker",
        "folder",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="With the judge 'checker': the one in a folder that 'copydesk train checker' made.",
    )(command)
    return click.option(
        "--judge",
        default="checker",
        show_default=True,
        metavar="NAME",
        help="checker, words (a baseline: three quarters of the content words), or a cross-encoder for entailment that "
        "is on this machine, by folder or name.",
    )(command)


def make_filters(outlets: tuple[str, ...], first: datetime | None, last: datetime | None) -> Filters:
    return Filters(outlets or None, as_day(first), as_day(last))


def as_day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def find_article(archive: Archive, name: str) -> str:
    """The id of the one article meant by an id, the beginning of one, a URL or a file's path."""
    found = archive.find_ids(name) or archive.find_ids(str(Path(name).expanduser().resolve()))
    if not found:
        raise ArchiveError(f"there is no article {name} in {archive.folder}: 'copydesk list' shows what there is")
    if len(found) > 1:
        raise ArchiveError(
            f"{name} could be any of {len(found)} articles ({', '.join(found[:3])}, …): give more of the id"
        )
    return found[0]


def find_removed(archive: Archive, name: str) -> ArticleInfo | None:
    """The removed article meant by its id, the beginning of it, its URL or its file; None where none is kept."""
    sources = archive.sources()
    read_from = {sources.get(name), sources.get(str(Path(name).expanduser().resolve()))}
    found = [
        article
        for article in (one.article for one in archive.removed())
        if article.article_id.startswith(name)
        or article.article_id in read_from
        or (article.url is not None and url_key(article.url) == url_key(name))
    ]
    if len(found) > 1:
        raise ArchiveError(f"{name} could be any of {len(found)} removed articles: give more of the id")
    return found[0] if found else None


def line_of(info: ArticleInfo) -> str:
    """An article in a list."""
    day = info.published.isoformat() if info.published else "undated   "
    name = " ".join((info.title or info.url or "untitled").split())
    unread = "" if is_read(info.language) else f"  ({language_name(info.language or '')}: not quoted)"
    return f"{info.article_id}  {day}  {info.outlet or '–'}  {name}{unread}"
