"""What the chat saves of its conversations, and gets back of them. Knows no Gradio."""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.errors import CopydeskError
from qa.conversations import Conversation, Conversations, JsonObject, Rating, SavedTurn, browser_owner, login_owner
from qa.follow_up import TURNS_BACK
from qa.records import Answer, Turn
from qa.saved_answers import answer_from_json, conversation_to_json, conversation_to_markdown
from qa.serialize import answer_to_json
from ui import render
from ui.answer_view import render_answer

MOST_LISTED = 50
TOKEN_CHARACTERS = 32
# What stands beside the thumbs; each is a thumb down with a reason.
REASONS = ("Wrong answer", "The source does not say this", "Not what I asked", "It could have answered")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Thread:
    """The conversation that a page shows, once something of it is saved.

    `positions` tells for each answer of the page where it is saved; None for one that isn't (an error, say).
    """

    conversation_id: str | None = None
    positions: tuple[int | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Rated:
    """The answer that was rated last, and how, as the page named it; a remark on it may follow."""

    conversation_id: str
    position: int
    liked: bool | str


@dataclass(frozen=True, slots=True)
class Opened:
    """An earlier conversation as the page goes on with it. `feedback` is one entry an answer, as the page names it."""

    thread: Thread
    title: str
    messages: tuple[dict[str, str], ...]
    turns: tuple[Turn, ...]
    feedback: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Keeper:
    """Saves what a page shows. `store` is None where nothing can be saved, and `problem` says why."""

    store: Conversations | None
    made_with: JsonObject
    problem: str = ""

    def save(self, owner: str, thread: Thread, answer: Answer | None) -> tuple[Thread, str]:
        """The thread with one answer more, and what went wrong with saving it, if anything. None is an error shown."""
        position, conversation_id, problem = None, thread.conversation_id, self.problem
        if answer is not None and self.store is not None:
            try:
                conversation_id, position = self.store.save(
                    owner, conversation_id, answer_to_json(answer), self.made_with
                )
            except CopydeskError as error:
                problem = str(error)
        return Thread(conversation_id, (*thread.positions, position)), problem

    def listed(self, owner: str, search: str = "") -> list[tuple[str, str]]:
        """(what to show, id) of the owner's conversations, the latest first; none where they can't be read."""
        if self.store is None:
            return []
        try:
            found = self.store.listed(owner, search, MOST_LISTED)
        except CopydeskError as error:
            _log.error("%s", error)
            return []
        return [(_line_of(conversation), conversation.conversation_id) for conversation in found]

    def open(self, owner: str, conversation_id: str, show: Callable[[Answer], str] = render_answer) -> Opened:
        """An earlier conversation, to go on with; `show` makes a message of an answer.

        Raises ConversationsError for one that isn't theirs.
        """
        conversation, saved = self._store().open(owner, conversation_id)
        answers = [answer_from_json(turn.answer) for turn in saved]
        messages: list[dict[str, str]] = []
        for answer in answers:
            messages.append({"role": "user", "content": render.render_question(answer.question)})
            messages.append({"role": "assistant", "content": show(answer)})
        return Opened(
            Thread(conversation_id, tuple(turn.position for turn in saved)),
            conversation.title,
            tuple(messages),
            tuple(Turn.of(answer) for answer in answers)[-TURNS_BACK:],
            tuple(_shown_feedback(turn) for turn in saved),
        )

    def rename(self, owner: str, conversation_id: str, title: str) -> None:
        """Raises ConversationsError for a blank title, and for a conversation that isn't theirs."""
        self._store().rename(owner, conversation_id, title)

    def delete(self, owner: str, conversation_id: str) -> None:
        """Raises ConversationsError for one that isn't theirs."""
        self._store().delete(owner, conversation_id)

    def rate(self, owner: str, thread: Thread, message: int, liked: bool | str) -> Rated | None:
        """Save feedback on a message of the page, as Gradio tells it; None where there is nothing to rate, or the
        feedback was taken back.
        """
        place = message // 2
        position = thread.positions[place] if 0 <= place < len(thread.positions) else None
        if thread.conversation_id is None or position is None:
            return None
        rating, reason = _feedback_from(liked)
        self._store().rate(owner, thread.conversation_id, position, rating, reason)
        return None if rating is None else Rated(thread.conversation_id, position, liked)

    def remark(self, owner: str, rated: Rated, words: str) -> None:
        """Keep with the feedback what somebody wrote about it. Raises ConversationsError for an answer not theirs."""
        rating, reason = _feedback_from(rated.liked)
        told = ": ".join(part for part in (reason, words.strip()) if part)
        self._store().rate(owner, rated.conversation_id, rated.position, rating, told)

    def export(self, owner: str, conversation_id: str, file_format: str) -> tuple[str, str]:
        """The name and text of a file that holds the conversation, as "markdown" or "json"."""
        found: tuple[Conversation, Sequence[SavedTurn]] = self._store().open(owner, conversation_id)
        if file_format == "markdown":
            return f"conversation-{conversation_id}.md", conversation_to_markdown(*found)
        text = json.dumps(conversation_to_json(*found), ensure_ascii=False, indent=2)
        return f"conversation-{conversation_id}.json", text

    def _store(self) -> Conversations:
        if self.store is None:
            raise CopydeskError(self.problem or "conversations are not saved here")
        return self.store


SAVES_NOTHING = Keeper(None, {})


def open_keeper(path: Path, made_with: JsonObject) -> Keeper:
    """A keeper that saves to this file; where it can't be used, one that saves nothing and says why."""
    try:
        return Keeper(Conversations(path), made_with)
    except CopydeskError as error:
        return Keeper(None, made_with, problem=str(error))


def is_token(value: object) -> bool:
    """Whether this could be what a browser is known by; it comes from there, so may be anything."""
    return isinstance(value, str) and len(value) == TOKEN_CHARACTERS and set(value) <= set("0123456789abcdef")


def owner_of(login: str | None, token: object) -> str | None:
    """Whose a conversation is: the login's, else the browser's; None where there is neither."""
    if login:
        return login_owner(login)
    return browser_owner(str(token)) if is_token(token) else None


def _line_of(conversation: Conversation) -> str:
    return f"{render.one_line(conversation.title)} · {render.format_day(conversation.changed_at.date())}"


def _shown_feedback(turn: SavedTurn) -> str | None:
    if turn.feedback is None:
        return None
    reason = turn.feedback.reason.partition(": ")[0]
    if reason in REASONS:
        return reason
    return "Like" if turn.feedback.rating == "up" else "Dislike"


def _feedback_from(liked: bool | str) -> tuple[Rating | None, str]:
    if isinstance(liked, str):
        return ("down", liked) if liked in REASONS else (None, "")
    return ("up", "") if liked else ("down", "")
