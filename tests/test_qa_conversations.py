"""Conversations: whose they are, found again, searched, exported, deleted; several processes, kills, damaged files."""

import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from index.records import ArticleInfo, Filters, Sentence
from qa.conversations import Conversations, ConversationsError, browser_owner, login_owner
from qa.records import Answer, AnswerSentence, Citation, Period, Refusal, Verdict
from qa.saved_answers import answer_from_json, conversation_to_json, conversation_to_markdown
from qa.serialize import answer_to_json
from ui.cli import cli

ROOT = Path(__file__).parents[1]
ANN, BOB = login_owner("ann"), browser_owner("a token")
INFO = ArticleInfo("0" * 16, "1" * 16, "https://news.example/bell", "Bell *found*", "Weekly", (), date(2026, 1, 12))
TEXT = "It weighs 212 kilograms, the museum said."
CITATION = Citation(Sentence(INFO.article_id, INFO.version, 0, 44, 44 + len(TEXT), TEXT), INFO, 44, 44 + len(TEXT))
ANSWER = Answer(
    "How much does the bell weigh?",
    date(2026, 4, 3),
    (AnswerSentence(TEXT, (CITATION,), Verdict("supported", 1.0, ("quoted word for word",))),),
    "212 kilograms",
    None,
    (),
    Filters(outlets=("Weekly",), published_from=date(2026, 1, 1)),
    Period("this year", date(2026, 1, 1), date(2026, 4, 3)),
    2,
    {"total": 12.0},
    near_copies={INFO.article_id: "2" * 16},
)
REFUSED = Answer("Why?", date(2026, 4, 3), (), None, Refusal("not_answered", "No.", (CITATION,)), ())
MADE_WITH = {"archive": "somewhere", "reader": "copydesk"}


@pytest.fixture
def store(tmp_path: Path) -> Conversations:
    return Conversations(tmp_path / "folder" / "conversations.sqlite3")


def save(store: Conversations, owner: str, question: str, conversation: str | None = None) -> str:
    return store.save(owner, conversation, answer_to_json(replace(ANSWER, question=question)), MADE_WITH)[0]


@pytest.mark.parametrize("answer", [ANSWER, REFUSED, replace(ANSWER, understood_as="How much …?", near_copies={})])
def test_an_answer_comes_back_as_it_was(answer: Answer) -> None:
    assert answer_from_json(json.loads(json.dumps(answer_to_json(answer)))) == answer


def test_a_conversation_goes_on_and_comes_back(store: Conversations) -> None:
    first = save(store, ANN, "How much does the bell weigh?")
    assert save(store, ANN, "And who found it?", first) == first
    conversation, turns = Conversations(store.path).open(ANN, first)
    assert conversation.title == "How much does the bell weigh?"
    assert conversation.turn_count == 2
    assert [turn.answer["question"] for turn in turns] == ["How much does the bell weigh?", "And who found it?"]
    assert turns[0].made_with == MADE_WITH
    assert conversation.begun_at <= turns[1].asked_at == conversation.changed_at


def test_nobody_gets_at_another_ones_by_any_way(store: Conversations) -> None:
    anns = save(store, ANN, "Who?")
    assert store.listed(BOB) == []
    assert store.listed(BOB, "who") == []
    for attempt in (
        lambda: store.open(BOB, anns),
        lambda: store.rename(BOB, anns, "Mine"),
        lambda: store.delete(BOB, anns),
        lambda: store.rate(BOB, anns, 0, "down"),
    ):
        with pytest.raises(ConversationsError, match="there is no conversation"):
            attempt()
    assert save(store, BOB, "Mine?", anns) != anns
    assert [one.title for one in store.listed(ANN)] == ["Who?"]
    assert len(store.listed()) == 2


def test_a_browser_s_token_is_not_in_the_file(store: Conversations) -> None:
    save(store, browser_owner("f00d" * 8), "Who?")
    assert b"f00d" * 8 not in store.path.read_bytes()


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_only_its_user_may_read_the_file(store: Conversations) -> None:
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600


def test_search_finds_titles_questions_and_answers(store: Conversations) -> None:
    bell, other = save(store, ANN, "How heavy is the Café's bell?"), save(store, ANN, "Who rang?")
    store.rename(ANN, other, "100 % about bread")
    assert [one.conversation_id for one in store.listed(ANN, "cafe bel")] == [bell]
    assert {one.conversation_id for one in store.listed(ANN, "museum")} == {bell, other}
    assert [one.conversation_id for one in store.listed(ANN, "BREAD")] == [other]
    assert store.listed(ANN, "nothing of the kind") == []
    assert store.listed(ANN, "%") == []
    store.delete(ANN, bell)
    assert [one.conversation_id for one in store.listed(ANN, "museum")] == [other]


@settings(max_examples=25, deadline=None)
@given(text=st.text(max_size=40))
def test_any_search_and_any_title_will_do(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    store = Conversations(tmp_path_factory.getbasetemp() / "any.sqlite3")
    store.listed(ANN, text)
    conversation = save(store, ANN, text)
    if text.strip():
        store.rename(ANN, conversation, text)
    store.delete(ANN, conversation)


def test_half_a_surrogate_pair_is_no_obstacle(store: Conversations) -> None:
    conversation = save(store, ANN, "\ud83d?")
    store.rename(ANN, conversation, "\ud83d!")
    store.rate(ANN, conversation, 0, "up", "\ud83d")
    assert store.listed(ANN, "\ud83d") == []


def test_deleted_is_gone_with_its_feedback(store: Conversations) -> None:
    conversation = save(store, ANN, "Xylophone?")
    store.rate(ANN, conversation, 0, "down", "wrong bell")
    store.delete(ANN, conversation)
    assert store.listed() == store.feedback() == []
    with sqlite3.connect(store.path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"ylophone" not in store.path.read_bytes()


def test_feedback_holds_the_answer_as_it_was_and_can_be_changed_and_taken_back(store: Conversations) -> None:
    conversation = save(store, ANN, "Who?")
    store.rate(ANN, conversation, 0, "up")
    store.rate(ANN, conversation, 0, "down", "the source says otherwise")
    (rated,) = store.feedback()
    assert (rated.owner, rated.feedback.rating, rated.feedback.reason) == (ANN, "down", "the source says otherwise")
    assert rated.turn.answer == answer_to_json(replace(ANSWER, question="Who?"))
    assert rated.turn.made_with == MADE_WITH
    assert store.feedback(BOB) == []
    store.rate(ANN, conversation, 0, None)
    assert store.feedback() == []
    with pytest.raises(ConversationsError):
        store.rate(ANN, conversation, 7, "up")


def test_exports_hold_question_answer_and_sources(store: Conversations) -> None:
    conversation = save(store, ANN, "How much # does <b>it</b> weigh?")
    store.save(ANN, conversation, answer_to_json(REFUSED), MADE_WITH)
    found = store.open(ANN, conversation)
    document = conversation_to_json(*found)
    assert json.loads(json.dumps(document)) == document
    assert document["turns"][0]["answer"]["sentences"][0]["text"] == TEXT
    markdown = conversation_to_markdown(*found)
    assert "## How much \\# does \\<b\\>it\\</b\\> weigh?" in markdown
    assert f"> {TEXT} \\[1\\]" in markdown
    assert "1. Bell \\*found\\*, Weekly, 2026-01-12, https://news.example/bell (article 0000" in markdown
    assert "Closest, but not an answer:" in markdown


def test_two_processes_write_at_once_and_lose_nothing(store: Conversations) -> None:
    code = (
        "import sys, json; from pathlib import Path; from qa.conversations import Conversations\n"
        "store = Conversations(Path(sys.argv[1])); answer = json.loads(sys.argv[2])\n"
        "for _ in range(20): store.save(sys.argv[3], None, answer, {})\n"
    )
    arguments = [str(store.path), json.dumps(answer_to_json(ANSWER))]
    processes = [
        subprocess.Popen([sys.executable, "-c", code, *arguments, owner], env={"PYTHONPATH": str(ROOT)})
        for owner in (ANN, BOB)
    ]
    assert [process.wait(120) for process in processes] == [0, 0]
    assert [len(store.listed(owner)) for owner in (ANN, BOB)] == [20, 20]


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_what_was_saved_before_a_kill_is_there(store: Conversations) -> None:
    code = (
        "import sys, json; from pathlib import Path; from qa.conversations import Conversations\n"
        "store = Conversations(Path(sys.argv[1])); answer = json.loads(sys.argv[2])\n"
        "while True: print(store.save('login:ann', None, answer, {})[0], flush=True)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(store.path), json.dumps(answer_to_json(ANSWER))],
        env={"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    time.sleep(0.2)
    process.send_signal(signal.SIGKILL)
    told = {first.strip(), *process.stdout.read().split("\n")[:-1]}
    assert told <= {one.conversation_id for one in Conversations(store.path).listed(ANN)}


def test_a_damaged_file_another_ones_and_a_newer_one_are_told(tmp_path: Path) -> None:
    damaged, other, newer = (tmp_path / name for name in ("damaged", "other", "newer"))
    damaged.write_bytes(b"no database at all, but long enough to be read as one" * 100)
    with pytest.raises(ConversationsError, match=r"damaged.*move it away"):
        Conversations(damaged)
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE t (x)")
    with pytest.raises(ConversationsError, match="another program"):
        Conversations(other)
    Conversations(newer)
    with sqlite3.connect(newer) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(ConversationsError, match="newer copydesk"):
        Conversations(newer)
    with pytest.raises(ConversationsError, match="can't be used"):
        Conversations(tmp_path)
    with pytest.raises(ConversationsError, match="there are no conversations"):
        Conversations(tmp_path / "none", create=False)


def invoke(store: Conversations, *arguments: str) -> Any:
    return CliRunner().invoke(cli, [*arguments, "--conversations", str(store.path)])


def test_the_commands(store: Conversations) -> None:
    bell, other = save(store, ANN, "How much?"), save(store, BOB, "Who rang?")
    store.rate(ANN, bell, 0, "down", "no")
    assert bell in invoke(store, "conversations", "list").stdout
    assert other not in invoke(store, "conversations", "list", "--owner", ANN).stdout
    assert "Who rang?" in invoke(store, "conversations", "search", "rang").stdout
    assert "## Who rang?" in invoke(store, "conversations", "show", other[:8]).stdout
    lines = invoke(store, "conversations", "export").stdout.splitlines()
    assert {json.loads(line)["conversation_id"] for line in lines} == {bell, other}
    assert "## How much?" in invoke(store, "conversations", "export", bell, "--format", "markdown").stdout
    assert "How much?  (no)" in invoke(store, "feedback", "list").stdout
    assert json.loads(invoke(store, "feedback", "export").stdout)["feedback"]["reason"] == "no"
    assert (
        CliRunner()
        .invoke(cli, ["conversations", "delete", bell, "--conversations", str(store.path)], input="n\n")
        .exception
    )
    assert len(store.listed()) == 2
    assert invoke(store, "conversations", "delete", bell, "--yes").exit_code == 0
    assert [one.conversation_id for one in store.listed()] == [other]
    assert isinstance(invoke(store, "conversations", "show", "zz").exception, ConversationsError)
