"""Answers rated down in the chat become cases; what a person filled in stays."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from eval.datasets import load_question_set
from eval.feedback_cases import add_cases
from index.errors import BadInputError
from qa.conversations import Conversations
from tests.test_qa_conversations import ANN, BOB, save
from tests.test_qa_conversations import store as store
from ui.cli import cli


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_what_was_rated_down_is_added_once_and_what_was_filled_in_stays(store: Conversations, tmp_path: Path) -> None:
    bell, good = save(store, ANN, "How much?"), save(store, BOB, "Who rang?")
    store.rate(ANN, bell, 0, "down", "that's last year's <b>price</b>")
    store.rate(BOB, good, 0, "up")
    path = tmp_path / "cases.jsonl"
    first = add_cases(store.feedback(), path)
    assert (first.added, first.there, first.unanswered) == (1, 0, 1)
    (case,) = lines(path)
    assert (case["question_id"], case["question"]) == (f"{bell}-0", "How much?")
    assert case["complaint"] == "that's last year's <b>price</b>"
    path.write_text(json.dumps({**case, "answers": ["46 million"]}))  # as an editor leaves it, with no line's end
    store.rate(BOB, good, 0, "down")
    second = add_cases(store.feedback(), path)
    assert (second.added, second.there, second.unanswered) == (1, 1, 1)
    assert [one["answers"] for one in lines(path)] == [["46 million"], []]
    assert add_cases(store.feedback(), path).added == 0


def test_the_file_is_a_question_set(store: Conversations, tmp_path: Path) -> None:
    bell, path = save(store, ANN, "How much?"), tmp_path / "cases.jsonl"
    store.rate(ANN, bell, 0, "down", "")
    result = CliRunner().invoke(cli, ["eval", "from-feedback", str(path), "--conversations", str(store.path)])
    assert result.exit_code == 0, result.output
    assert result.output == f"1 case added to {path}, 0 there before; without answers: 1\n"
    assert [one.question for one in load_question_set(str(path), "archive").questions] == ["How much?"]


def test_a_file_of_something_else_is_left_alone(store: Conversations, tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_bytes(b"\x00 no set")
    with pytest.raises(BadInputError, match=r"cases.jsonl:1: not valid JSON"):
        add_cases(store.feedback(), path)
    assert path.read_bytes() == b"\x00 no set"
