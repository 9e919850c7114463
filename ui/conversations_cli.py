"""`copydesk conversations …` and `copydesk feedback …`: what the chat has saved, for whoever runs it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ui.render import counted

if TYPE_CHECKING:
    from qa.conversations import Conversation, Conversations, SavedTurn

_HELP = {"help_option_names": ["-h", "--help"]}


def conversations_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """--conversations PATH, the file they are in."""
    return click.option(
        "--conversations",
        "conversations_path",
        type=click.Path(dir_okay=False, path_type=Path),
        help="The file of conversations. Default: $COPYDESK_CONVERSATIONS, else one in the platform's user data "
        "folder.",
    )(command)


def owner_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """--owner, as the list names them."""
    return click.option("--owner", help="Only those of one login or browser, as the list names it.")(command)


@click.group("conversations", context_settings=_HELP)
def conversations_group() -> None:
    """What was asked in the chat and answered there: everybody's, as this is the computer it runs on."""


@conversations_group.command("list")
@owner_option
@conversations_option
def list_command(owner: str | None, conversations_path: Path | None) -> None:
    """List the conversations, the latest first."""
    _print_list(open_conversations(conversations_path).listed(owner))


@conversations_group.command("search")
@click.argument("words")
@owner_option
@conversations_option
def search_command(words: str, owner: str | None, conversations_path: Path | None) -> None:
    """List the conversations whose title, questions or answers have these words, the last of which may be begun."""
    _print_list(open_conversations(conversations_path).listed(owner, words))


@conversations_group.command("show")
@click.argument("conversation")
@conversations_option
def show_command(conversation: str, conversations_path: Path | None) -> None:
    """Print one conversation: by id, or the beginning of an id."""
    from qa.saved_answers import conversation_to_markdown

    click.echo(conversation_to_markdown(*_find(open_conversations(conversations_path), conversation)), nl=False)


@conversations_group.command("export")
@click.argument("conversation", required=False)
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["json", "markdown"]),
    default="json",
    show_default=True,
    help="What to write.",
)
@owner_option
@conversations_option
def export_command(
    conversation: str | None, file_format: str, owner: str | None, conversations_path: Path | None
) -> None:
    """Write one conversation, or all, to the standard output: one JSON object a line, or Markdown."""
    from qa.saved_answers import conversation_to_json, conversation_to_markdown

    store = open_conversations(conversations_path)
    if conversation is not None:
        chosen = [_find(store, conversation)]
    else:
        chosen = [store.open(owner, one.conversation_id) for one in store.listed(owner)]
    for found in chosen:
        if file_format == "json":
            click.echo(json.dumps(conversation_to_json(*found), ensure_ascii=False))
        else:
            click.echo(conversation_to_markdown(*found))


@conversations_group.command("delete")
@click.argument("conversations", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Don't ask.")
@conversations_option
def delete_command(conversations: tuple[str, ...], yes: bool, conversations_path: Path | None) -> None:
    """Delete conversations with the feedback on them, for good: by id, or the beginning of an id."""
    store = open_conversations(conversations_path)
    found = {one.conversation_id: one for one, _ in (_find(store, name) for name in conversations)}
    for conversation in found.values():
        click.echo(_line_of(conversation))
    if not yes:
        click.confirm("Delete for good?", abort=True, err=True)
    for conversation_id in found:
        store.delete(None, conversation_id)
    click.echo(f"{len(found)} deleted", err=True)


@click.group("feedback", context_settings=_HELP)
def feedback_group() -> None:
    """What people thought of answers in the chat."""


@feedback_group.command("list")
@owner_option
@conversations_option
def feedback_list_command(owner: str | None, conversations_path: Path | None) -> None:
    """List the answers that were rated, the latest first."""
    for rated in open_conversations(conversations_path).feedback(owner):
        feedback = rated.feedback
        reason = f"  ({feedback.reason})" if feedback.reason else ""
        question = " ".join(str(rated.turn.answer["question"]).split())
        click.echo(f"{rated.conversation_id}  {feedback.given_at:%Y-%m-%d}  {feedback.rating:4}  {question}{reason}")


@feedback_group.command("export")
@owner_option
@conversations_option
def feedback_export_command(owner: str | None, conversations_path: Path | None) -> None:
    """Write every rated answer, as it was, with archive and settings: one JSON object a line."""
    from qa.saved_answers import feedback_to_json

    for rated in open_conversations(conversations_path).feedback(owner):
        click.echo(json.dumps(feedback_to_json(rated), ensure_ascii=False))


def open_conversations(path: Path | None) -> "Conversations":
    """The conversations that are there; raises ConversationsError where there are none."""
    from qa.conversations import Conversations, default_conversations

    return Conversations(path or default_conversations(), create=False)


def _find(store: "Conversations", name: str) -> "tuple[Conversation, tuple[SavedTurn, ...]]":
    from qa.conversations import ConversationsError

    found = [one for one in store.listed() if one.conversation_id.startswith(name)]
    if len(found) > 1:
        raise ConversationsError(f"{name} could be any of {len(found)} conversations: give more of the id")
    return store.open(None, found[0].conversation_id if found else name)


def _print_list(conversations: "list[Conversation]") -> None:
    for conversation in conversations:
        click.echo(_line_of(conversation))
    click.echo(counted(len(conversations), "conversation"), err=True)


def _line_of(conversation: "Conversation") -> str:
    day, count = f"{conversation.changed_at:%Y-%m-%d}", conversation.turn_count
    return f"{conversation.conversation_id}  {day}  {conversation.owner}  {count:>3}  {conversation.title}"
