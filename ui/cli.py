"""The command `copydesk`."""

import os
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from index.errors import CopydeskError
from ui.add_cli import add
from ui.archive_cli import check, list_articles, reindex, remove, show
from ui.ask_cli import ask
from ui.chat_cli import chat
from ui.check_cli import check_claim
from ui.conversations_cli import conversations_group, feedback_group
from ui.eval_cli import eval_group
from ui.feed_cli import feed_group
from ui.safekeeping_cli import backup, doctor, removed, restore, undo
from ui.train_cli import train_group


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="copydesk")
@click.option(
    "--archive",
    type=click.Path(path_type=Path),
    help="The folder of the archive. Default: $COPYDESK_ARCHIVE, else the platform's user data folder.",
)
@click.pass_context
def cli(context: click.Context, archive: Path | None) -> None:
    """Ask a news archive, and get answers made of cited sentences.

    Start with `copydesk add PATH`, then `copydesk ask "…"` or `copydesk chat`.
    """
    context.obj = archive


_COMMANDS = (
    add,
    feed_group,
    list_articles,
    show,
    remove,
    removed,
    undo,
    check,
    doctor,
    reindex,
    backup,
    restore,
    ask,
    check_claim,
    chat,
    conversations_group,
    feedback_group,
    eval_group,
    train_group,
)
for command in _COMMANDS:
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line: exit code 0, 1 for what the user can mend, 2 for wrong usage, 130 for Ctrl-C."""
    _be_quiet()
    try:
        cli.main(args=arguments, prog_name="copydesk", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped. What was finished is kept.", err=True)
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our output (head, less) has gone; Python would complain again while it shuts down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except CopydeskError as error:
        _fail(str(error))
    except sqlite3.Error as error:
        _fail(f"the archive's database failed: {error}")
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _fail(f"{where}{error.strerror or error}")


def _fail(message: str) -> None:
    click.echo(f"copydesk: {' '.join(message.split())}", err=True)
    sys.exit(1)


def _be_quiet() -> None:
    """No library that is loaded later reports home or asks for updates."""
    os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("DO_NOT_TRACK", "1")
