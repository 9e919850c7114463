"""`copydesk eval from-feedback`: what people didn't like becomes a question set."""

from pathlib import Path

import click

from ui.conversations_cli import conversations_option, open_conversations, owner_option


@click.command("from-feedback", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@owner_option
@conversations_option
def from_feedback_command(file: Path, owner: str | None, conversations_path: Path | None) -> None:
    """Add the answers that were rated down in the chat to FILE, a question set for 'copydesk eval run'.

    What stands in FILE stays. The right answers are for you to fill in, under answers; a question that the articles
    don't answer is left without.
    """
    from eval.feedback_cases import add_cases
    from ui.render import counted

    report = add_cases(open_conversations(conversations_path).feedback(owner), file)
    click.echo(
        f"{counted(report.added, 'case')} added to {file}, {report.there} there before; "
        f"without answers: {report.unanswered}"
    )
