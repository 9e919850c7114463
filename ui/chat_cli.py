"""`copydesk chat`: serve the web chat."""

from pathlib import Path

import click

from ui.options import archive_option

SAMPLE_QUESTIONS = (
    "How many people had to leave their homes?",
    "How high did the river rise?",
    "Who warned the town about the flood gate?",
    "Why will nobody ring the bell?",
)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=7860, show_default=True, type=click.IntRange(1, 65535), help="The port to listen on.")
@click.option("--open", "open_browser", is_flag=True, help="Open the page in the browser.")
@click.option("--samples", is_flag=True, help="Add a few sample articles first when the archive is empty.")
@archive_option
def chat(host: str, port: int, open_browser: bool, samples: bool, archive: Path | None) -> None:
    """Serve the web chat, on this machine only unless --host says otherwise."""
    from index.archive import Archive
    from index.loaders import sample_paths
    from qa.assistant import open_assistant
    from qa.settings import load_settings
    from ui.archive_cli import add_paths
    from ui.web import LazyAssistant, serve

    settings = load_settings(archive)
    opened = Archive(settings.index.archive)
    if samples and opened.article_count() == 0:
        click.echo("The archive is empty: adding a few sample articles.", err=True)
        add_paths(tuple(sample_paths()), settings.index.archive)
    serve(
        LazyAssistant(lambda: open_assistant(settings)),
        opened,
        say=lambda line: click.echo(line, err=True),
        examples=SAMPLE_QUESTIONS,
        host=host,
        port=port,
        open_browser=open_browser,
    )
