"""`copydesk ask --batch`: resumed, repeatable, and strict about what it reads. The embedder is a stand-in."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from index.archive import Archive
from index.errors import BadInputError
from index.records import Filters
from qa.assistant import MOST_QUESTION_CHARACTERS, Assistant
from tests.support import make_archive
from tests.test_qa_assistant import BELL, FLOOD, UNDATED, make_assistant
from ui.batch import BatchQuestion, answer_batch, read_questions

QUESTIONS: list[dict[str, Any]] = [
    {"question_id": "fled", "question": "How many people fled this week?", "asked_on": "2026-04-03"},
    {"question_id": "bell", "question": "What does the bell weigh?"},
    {"question": "Where is bread sold?"},
    {"question_id": 7, "question": " Who rose? "},
]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    archive = make_archive(tmp_path / "archive", [FLOOD, BELL, UNDATED])
    yield archive
    archive.close()


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    return write(tmp_path, *map(json.dumps, QUESTIONS))


def write(folder: Path, *lines: str) -> Path:
    path = folder / "questions.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def run(assistant: Assistant, questions: Path, out: Path) -> list[dict[str, Any]]:
    answer_batch(assistant, questions, out, asked_on=date(2026, 4, 20), filters=Filters())
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def untimed(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in record.items() if name != "timings"} for record in records]


def test_every_question_gets_a_line_in_order(
    archive: Archive, questions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    records = run(make_assistant(archive), questions, tmp_path / "out.jsonl")
    assert [record["question_id"] for record in records] == ["fled", "bell", "3", "7"]
    assert [record["asked_on"] for record in records] == ["2026-04-03", "2026-04-20", "2026-04-20", "2026-04-20"]
    assert records[0]["period"]["words"] == "this week"
    assert records[3]["question"] == "Who rose?"
    assert all(record["schema_version"] == 1 for record in records)
    assert "4 questions, 4 answered now" in " ".join(capsys.readouterr().err.split())


DIALOGUE: list[dict[str, Any]] = [
    {"question_id": "a1", "question": "How many people fled from Mill Lane?", "dialogue": "a"},
    {"question_id": "b1", "question": "What does the bell weigh?", "dialogue": 2},
    {"question_id": "a2", "question": "When?", "dialogue": "a"},
    {"question_id": "alone", "question": "When?"},
    {"question_id": "b2", "question": "Who cast it?", "dialogue": 2},
    {"question_id": "a3", "question": "Why?", "dialogue": "a"},
]


def test_lines_of_a_dialogue_lean_on_those_before_them_also_after_a_stop(archive: Archive, tmp_path: Path) -> None:
    path, out = write(tmp_path, *map(json.dumps, DIALOGUE)), tmp_path / "out.jsonl"
    whole = untimed(run(make_assistant(archive), path, out))
    assert [record["understood_as"] for record in whole] == [
        None,
        None,
        "When? (How many people fled from Mill Lane?)",
        None,
        "Who cast the bell?",
        "Why? (When? How many people fled from Mill Lane?)",
    ]
    lines = out.read_bytes().splitlines(keepends=True)
    for kept in (1, 2, 4, 5):
        out.write_bytes(b"".join(lines[:kept]))
        assert untimed(run(make_assistant(archive), path, out)) == whole


def test_two_runs_are_equal_but_for_the_times(archive: Archive, questions: Path, tmp_path: Path) -> None:
    first = run(make_assistant(archive), questions, tmp_path / "one.jsonl")
    second = run(make_assistant(archive), questions, tmp_path / "two.jsonl")
    assert untimed(first) == untimed(second)


def test_a_finished_run_is_left_alone(
    archive: Archive, questions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.jsonl"
    run(make_assistant(archive), questions, out)
    before = out.read_bytes()
    run(make_assistant(archive), questions, out)
    assert out.read_bytes() == before
    assert "4 questions, 0 answered now" in " ".join(capsys.readouterr().err.split())


def test_a_run_cut_off_anywhere_goes_on_to_the_same_result(archive: Archive, questions: Path, tmp_path: Path) -> None:
    assistant = make_assistant(archive)
    whole_out, out = tmp_path / "whole.jsonl", tmp_path / "out.jsonl"
    whole = untimed(run(assistant, questions, whole_out))
    raw = whole_out.read_bytes()
    line_ends = [at + 1 for at, byte in enumerate(raw) if byte == ord("\n")]
    for cut in [0, 1, 5, line_ends[0] - 1, line_ends[0], line_ends[0] + 1, line_ends[2] + 40, len(raw) - 1]:
        out.write_bytes(raw[:cut])
        assert untimed(run(assistant, questions, out)) == whole
        first_kept = sum(end <= cut for end in line_ends)
        assert out.read_bytes().startswith(raw[: line_ends[first_kept - 1] if first_kept else 0])


def test_questions_added_to_the_file_later_are_answered(
    archive: Archive, questions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.jsonl"
    run(make_assistant(archive), questions, out)
    fewer = write(tmp_path, json.dumps(QUESTIONS[0]), json.dumps({"question_id": "new", "question": "Who?"}))
    capsys.readouterr()
    assert [record["question_id"] for record in run(make_assistant(archive), fewer, out)][-1] == "new"
    assert "2 questions, 1 answered now" in " ".join(capsys.readouterr().err.split())


def test_another_question_under_an_id_that_is_answered_is_refused(
    archive: Archive, questions: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    run(make_assistant(archive), questions, out)
    before = out.read_bytes()
    other = write(tmp_path, json.dumps({"question_id": "bell", "question": "Who cast the bell?"}))
    with pytest.raises(BadInputError, match=r"another question bell: choose another --out"):
        run(make_assistant(archive), other, out)
    assert out.read_bytes() == before


@pytest.mark.parametrize("content", ["my notes", "my notes\n", "[1]\n", '{"question_id": "x"}\n', "{\n", "{}"])
def test_a_file_that_holds_something_else_is_never_written_to(
    archive: Archive, questions: Path, tmp_path: Path, content: str
) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text(content)
    with pytest.raises(BadInputError, match="choose another --out"):
        run(make_assistant(archive), questions, out)
    assert out.read_text() == content


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", 'needs a "question"'),
        ("null", 'needs a "question"'),
        ('"Who?"', 'needs a "question"'),
        ('{"text": "Who?"}', 'needs a "question"'),
        ('{"question": 3}', 'needs a "question"'),
        ('{"question": "  "}', "the question is empty"),
        (json.dumps({"question": "x" * (MOST_QUESTION_CHARACTERS + 1)}), "the question is longer than"),
        ('{"question": "Who?", "asked_on": "yesterday"}', "\"asked_on\" is 'yesterday'"),
        ('{"question": "Who?", "asked_on": 20260403}', '"asked_on" is 20260403'),
        ('{"question": "Who?", "question_id": "\\ud800"}', '"question_id" or "dialogue" holds half a character'),
        ('{"question": "Who?", "question_id": "first"}', "the question_id first stands twice"),
        ('{"question": "Who?", "question_id": "2"}\n\n{"question": "Again?", "question_id": 2}', "2 stands twice"),
    ],
)
def test_a_line_that_is_no_question_is_named_by_file_and_number(tmp_path: Path, line: str, reason: str) -> None:
    path = write(tmp_path, '{"question_id": "first", "question": "Who?"}', line)
    number = 2 + line.count("\n")
    with pytest.raises(BadInputError) as raised:
        list(read_questions(path))
    assert str(raised.value).startswith(f"{path}:{number}: ")
    assert reason in str(raised.value)


def test_nothing_is_written_when_a_line_is_bad(archive: Archive, tmp_path: Path) -> None:
    path = write(tmp_path, '{"question": "Who?"}', "{")
    with pytest.raises(BadInputError):
        run(make_assistant(archive), path, tmp_path / "out.jsonl")
    assert not (tmp_path / "out.jsonl").exists()


def test_a_byte_order_mark_blank_lines_and_broken_characters(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"question": "Who?"}\r\n\r\n{"question": "half \\ud800 a pair"}\n')
    assert list(read_questions(path)) == [
        BatchQuestion("1", "Who?", None),
        BatchQuestion("3", "half ? a pair", None),
    ]
