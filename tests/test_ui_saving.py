"""What the chat saves: whose it is, where each answer went, and what happens when saving fails."""

from dataclasses import replace
from pathlib import Path

import pytest

from qa.conversations import ConversationsError, browser_owner, login_owner
from qa.records import Turn
from tests.test_qa_conversations import ANN, ANSWER, BOB, REFUSED
from ui.answer_view import render_answer
from ui.earlier import render_note
from ui.saving import SAVES_NOTHING, Keeper, Thread, open_keeper, owner_of

TOKEN = "0123456789abcdef" * 2


@pytest.fixture
def keeper(tmp_path: Path) -> Keeper:
    return open_keeper(tmp_path / "conversations.sqlite3", {"archive": "here"})


def test_a_login_counts_before_a_browser_and_rubbish_for_nobody() -> None:
    assert owner_of("ann", TOKEN) == login_owner("ann")
    assert owner_of(None, TOKEN) == browser_owner(TOKEN)
    for rubbish in (None, "", "x" * 32, TOKEN[:-1], TOKEN.upper(), 7, ["a"], {"a": 1}):
        assert owner_of(None, rubbish) is None


def test_a_conversation_is_shown_again_as_it_was_and_goes_on(keeper: Keeper) -> None:
    thread, problem = keeper.save(ANN, Thread(), ANSWER)
    assert problem == ""
    thread, _ = keeper.save(ANN, thread, None)  # an error was shown
    thread, _ = keeper.save(ANN, thread, REFUSED)
    assert thread.positions == (0, None, 1)
    assert keeper.rate(ANN, thread, 5, "Not what I asked")
    assert not keeper.rate(ANN, thread, 3, True)
    assert not keeper.rate(ANN, thread, 99, True)
    assert thread.conversation_id is not None
    opened = keeper.open(ANN, thread.conversation_id)
    assert [message["content"] for message in opened.messages[1::2]] == [render_answer(ANSWER), render_answer(REFUSED)]
    assert opened.turns == (Turn.of(ANSWER), Turn.of(REFUSED))
    assert opened.feedback == (None, "Not what I asked")
    assert opened.thread == Thread(thread.conversation_id, (0, 1))
    assert [identifier for _, identifier in keeper.listed(ANN)] == [thread.conversation_id]


def test_another_owner_gets_nothing(keeper: Keeper) -> None:
    thread, _ = keeper.save(ANN, Thread(), ANSWER)
    assert thread.conversation_id is not None
    assert keeper.listed(BOB) == []
    with pytest.raises(ConversationsError):
        keeper.open(BOB, thread.conversation_id)
    with pytest.raises(ConversationsError):
        keeper.rate(BOB, thread, 1, False)
    with pytest.raises(ConversationsError):
        keeper.export(BOB, thread.conversation_id, "markdown")


def test_feedback_comes_and_goes(keeper: Keeper) -> None:
    thread, _ = keeper.save(ANN, Thread(), ANSWER)
    for liked, shown in ((True, "Like"), (False, "Dislike"), ("", None), ("made up", None)):
        keeper.rate(ANN, thread, 1, liked)
        assert keeper.open(ANN, str(thread.conversation_id)).feedback == (shown,)


def test_a_remark_joins_the_feedback_it_is_on(keeper: Keeper) -> None:
    thread, _ = keeper.save(ANN, Thread(), ANSWER)
    assert keeper.store is not None
    for liked, reason, shown in (
        ("Wrong answer", "Wrong answer: It is <b>211</b>: see the plate.", "Wrong answer"),
        (False, "It is <b>211</b>: see the plate.", "Dislike"),
        (True, "It is <b>211</b>: see the plate.", "Like"),
    ):
        rated = keeper.rate(ANN, thread, 1, liked)
        assert rated is not None
        keeper.remark(ANN, rated, " It is <b>211</b>: see the plate.\n")
        (kept,) = keeper.store.feedback()
        assert (kept.feedback.reason, kept.feedback.rating) == (reason, "up" if liked is True else "down")
        assert keeper.open(ANN, str(thread.conversation_id)).feedback == (shown,)
        with pytest.raises(ConversationsError):
            keeper.remark(BOB, rated, "Mine, too.")
    assert keeper.rate(ANN, thread, 1, "") is None


def test_where_nothing_can_be_saved_it_is_said_and_the_thread_goes_on(keeper: Keeper, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged"
    damaged.write_bytes(b"no database at all, but long enough to be read as one" * 100)
    broken = open_keeper(damaged, {})
    assert broken.listed(ANN) == []
    thread, problem = broken.save(ANN, Thread(), ANSWER)
    assert thread == Thread(None, (None,))
    assert "damaged" in render_note(problem)
    assert keeper.store is not None
    keeper.store.path.write_bytes(damaged.read_bytes())  # while the chat runs
    thread, problem = keeper.save(ANN, Thread(), replace(ANSWER))
    assert thread.positions == (None,)
    assert "damaged" in problem
    assert SAVES_NOTHING.save(ANN, Thread(), ANSWER) == (Thread(None, (None,)), "")
