"""`copydesk chat`: serve the web chat."""

from dataclasses import asdict
from importlib.metadata import version
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from index.errors import BadInputError
from ui.conversations_cli import conversations_option
from ui.options import archive_option, llms_option, reader_options

if TYPE_CHECKING:
    from index.archive import Archive
    from qa.settings import Settings

SAMPLE_QUESTIONS = (
    "How many passengers were on the ferry?",
    "Where was the missing shepherd found?",
    "Which new frog was found at Brindle Lake?",
    "Why will nobody ring the bell?",
)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=7860, show_default=True, type=click.IntRange(1, 65535), help="The port to listen on.")
@click.option("--no-login", is_flag=True, help="Serve other machines without a login: they can read the whole archive.")
@click.option("--allow-private", is_flag=True, help="Fetch from this machine and its own network, too.")
@click.option("--open", "open_browser", is_flag=True, help="Open the page in the browser.")
@click.option("--samples", is_flag=True, help="Add a few sample articles first when the archive is empty.")
@reader_options
@llms_option
@conversations_option
@archive_option
def chat(
    host: str,
    port: int,
    no_login: bool,
    allow_private: bool,
    open_browser: bool,
    samples: bool,
    reader: str | None,
    reader_threshold: float | None,
    llms: tuple[str, ...],
    conversations_path: Path | None,
    archive: Path | None,
) -> None:
    """Serve the web chat, on this machine only unless --host and --no-login say otherwise."""
    from index.loaders import sample_paths
    from qa.assistant import open_assistant
    from qa.conversations import default_conversations
    from qa.settings import load_settings
    from ui.add_cli import add_paths
    from ui.asking import LazyAssistant
    from ui.editing import Editor
    from ui.opening import open_archive, prepare_for_questions
    from ui.saving import open_keeper
    from ui.web import serve
    from ui.writers import offered_with

    if not no_login and not _this_machine_only(host):
        raise BadInputError(
            f"--host {host} lets other machines read the whole archive, and the chat has no login: "
            "add --no-login if that is meant"
        )
    settings = load_settings(archive, reader=reader, reader_threshold=reader_threshold, llm=llms[0] if llms else None)
    opened = open_archive(settings.index.archive, create=samples)
    if samples and opened.article_count() == 0:
        click.echo("The archive is empty: adding a few sample articles.", err=True)
        add_paths(tuple(sample_paths()), settings.index.archive)
    prepare_for_questions(settings.index)
    keeper = open_keeper(conversations_path or default_conversations(), _made_with(settings))
    if keeper.problem:
        click.echo(f"Conversations are not saved: {keeper.problem}", err=True)
    assistant = LazyAssistant(lambda: open_assistant(settings))
    editor = Editor(opened, lambda: assistant.get().embedder, allow_private)
    serve(
        assistant,
        opened,
        say=lambda line: click.echo(line, err=True),
        examples=_examples(opened),
        host=host,
        port=port,
        open_browser=open_browser,
        editor=editor if _this_machine_only(host) else None,
        keeper=keeper,
        llms=offered_with(settings.answer.llm, llms),
    )


def _made_with(settings: "Settings") -> dict[str, Any]:
    """What is saved with every answer, so that feedback on it can be understood later."""
    index = {"archive": str(settings.index.archive), "embedding_model": settings.index.embedding_model}
    return {"copydesk": version("copydesk"), **index, **asdict(settings.answer)}


def _this_machine_only(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _examples(archive: "Archive") -> tuple[str, ...]:
    """Questions for the empty page; none where the sample articles that answer them aren't there."""
    from index.loaders import load_paths, sample_paths
    from index.records import Article, Filters

    samples = tuple(found.article_id for found in load_paths(sample_paths()) if isinstance(found, Article))
    return SAMPLE_QUESTIONS if archive.count_matching(Filters(article_ids=samples)) == len(samples) else ()
