"""`copydesk eval new`: the dialogue, what it leaves on the disk, going on, and what can go wrong."""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from command_line import run_command, use_fake_weights
from support import heed_ctrl_c, make_archive, make_article

import ui.new_cli
from eval.datasets import load_question_set
from index.records import Article
from ui.cli import cli

HERE = Path(__file__).parent


def news(number: int) -> Article:
    place = f"Port {'ABCDEFGHIJ'[number]}elton"
    text = (
        f"Rain fell for days. More than {number + 3},400 visitors came to {place} for a fair of many dockers. "
        f"Nobody was hurt\x1b[31m."
    )
    url = f"https://veld.example/{number}"
    return make_article(text, url, title=f"News {number}", outlet="Veld Post", published=date(2026, 3, 1 + number))


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    make_archive(tmp_path / "archive", [news(number) for number in range(5)]).close()
    return tmp_path / "archive"


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ui.new_cli, "has_terminal", lambda: True)


def dialogue(archive: Path, file: Path, typed: str, *more: str) -> Result:
    arguments = ["--archive", str(archive), "eval", "new", str(file), *more]
    return CliRunner().invoke(cli, arguments, input=typed)


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def questions(path: Path) -> list[object]:
    return [line["question"] for line in lines(path)]


def test_keep_drop_and_quit_and_going_on(archive: Path, tmp_path: Path, terminal: None) -> None:
    file = tmp_path / "mine.jsonl"
    first = dialogue(archive, file, "k\nd\nk\nq\n")
    assert first.exit_code == 0, first.output
    assert "4 of 5, 2 kept" in first.output
    assert first.output.endswith(f"2 kept, 1 dropped; {file} holds 2 questions\n")
    assert (len(lines(file)), len(lines(tmp_path / "mine.jsonl.dropped"))) == (2, 1)
    second = dialogue(archive, file, "k\nk\n")
    assert "1 of 2, 0 kept" in second.output
    assert set(questions(file)).isdisjoint(questions(tmp_path / "mine.jsonl.dropped"))
    assert len(set(questions(file))) == 4
    third = dialogue(archive, file, "")
    assert (third.exit_code, third.output) == (0, f"nothing new to suggest: {file} holds 4 questions\n")


def test_what_is_shown(archive: Path, tmp_path: Path, terminal: None) -> None:
    shown = dialogue(archive, tmp_path / "mine.jsonl", "q\n").output
    assert "1 of 5, 0 kept" in shown
    assert " – Veld Post – 2026-03-0" in shown
    assert "  … Rain fell for days.\n  » More than " in shown
    assert "\x1b" not in shown


def test_what_is_kept_is_a_question_set_that_holds_in_the_archive(
    archive: Path, tmp_path: Path, terminal: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.jsonl"
    dialogue(archive, file, "k\nk\nq\n")
    one, two = load_question_set(str(file), "given").questions
    assert one.asked_on.year == 2026
    assert one.gold is not None
    assert (len(one.gold), one.slices, one.quotable) == (1, ("answerable",), True)
    assert one.article_ids != two.article_ids


def test_question_and_answers_are_edited(archive: Path, tmp_path: Path, terminal: None) -> None:
    file = tmp_path / "mine.jsonl"
    typed = "e\nHow many came to the fair?\na\nten thousand | 10,000\na\n | \ne\n\nk\nq\n"
    result = dialogue(archive, file, typed)
    (line,) = lines(file)
    assert (line["question"], line["answers"]) == ("How many came to the fair?", ["ten thousand", "10,000"])
    assert "doesn't hold that word for word" in result.output
    assert "1 of 4, 0 kept" in dialogue(archive, file, "q\n").output  # an edited one is known again


def test_undo_takes_back_what_was_kept_and_dropped(archive: Path, tmp_path: Path, terminal: None) -> None:
    file, dropped = tmp_path / "mine.jsonl", tmp_path / "mine.jsonl.dropped"
    own = '{"question_id": "own",  "question": "Why?"}'
    file.write_text(own, encoding="utf-8")  # as an editor leaves it, with no line's end
    result = dialogue(archive, file, "u\nk\nu\nd\nu\nk\nk\nu\nq\n")
    assert "Nothing was decided yet." in result.output
    assert result.output.endswith(f"1 kept, 0 dropped; {file} holds 2 questions\n")
    assert file.read_text(encoding="utf-8").splitlines()[0] == own
    assert (len(lines(file)), lines(dropped)) == (2, [])


def test_other_letters_and_the_end_of_the_input(archive: Path, tmp_path: Path, terminal: None) -> None:
    result = dialogue(archive, tmp_path / "mine.jsonl", "x\n\nk\n")
    assert result.output.count("Type one of the letters") == 2
    assert result.exit_code == 1  # click's own for an end of input; the program makes 130 of it
    assert len(lines(tmp_path / "mine.jsonl")) == 1


def test_all_are_kept_to_be_edited_and_no_one_twice(archive: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    assert dialogue(archive, file, "", "--all", "--count", "2").output == (
        f"2 questions added to {file}, which holds 2 now\n"
    )
    edited = [{**line, "question": f"{line['question'][:-1]} then?"} for line in lines(file)]
    file.write_text("".join(json.dumps(line) + "\n" for line in edited), encoding="utf-8")
    dialogue(archive, file, "", "--all")
    assert len(lines(file)) == 5
    assert lines(file)[:2] == edited
    assert dialogue(archive, file, "", "--all").output.endswith(f"nothing new to suggest: {file} holds 5 questions\n")


def test_filters_draw_from_some_articles(archive: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    dialogue(archive, file, "", "--all", "--from", "2026-03-04")
    assert sorted(str(line["asked_on"]) for line in lines(file)) == ["2026-03-04", "2026-03-05"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x00 no set", "mine.jsonl:1: not valid JSON"),
        (b'{"url": "https://veld.example"}\n', "mine.jsonl:1: question is missing"),
        (b'{"question": "Why?"}\n', "mine.jsonl:1: question_id is missing"),
    ],
)
def test_a_file_of_something_else_is_left_alone(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, message: str
) -> None:
    file = tmp_path / "mine.jsonl"
    file.write_bytes(content)
    ran = run_command(capsys, "--archive", archive, "eval", "new", file, "--all")
    assert (ran.code, len(ran.err.splitlines())) == (1, 1)
    assert message in ran.err
    assert file.read_bytes() == content


def test_what_can_be_mended_is_one_line(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use_fake_weights(monkeypatch)
    file = tmp_path / "mine.jsonl"
    make_archive(tmp_path / "empty").close()
    make_archive(tmp_path / "dull", [make_article("He said so. It was late.", "https://veld.example/dull")]).close()
    for arguments, message in (
        (("--archive", tmp_path / "empty", "eval", "new", file, "--all"), "is empty: add articles with"),
        (("--archive", tmp_path / "none", "eval", "new", file, "--all"), "none"),
        (("--archive", tmp_path / "dull", "eval", "new", file, "--all"), "no sentence of these articles makes"),
        (("--archive", archive, "eval", "new", file, "--all", "--outlet", "Marn"), "no article matches"),
        (("--archive", archive, "eval", "new", tmp_path, "--all"), "is a folder: name a file"),
        (("--archive", archive, "eval", "new", tmp_path / "no" / "file", "--all"), "no such folder"),
    ):
        ran = run_command(capsys, *arguments)
        assert (ran.code, len(ran.err.splitlines())) == (1, 1), ran.err
        assert message in ran.err
    assert not file.exists()


def test_without_a_terminal_it_is_wrong_usage(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = run_command(capsys, "--archive", archive, "eval", "new", tmp_path / "mine.jsonl")
    assert ran.code == 2
    assert "give --all" in ran.err


class Terminal:
    """The real program in a terminal of its own."""

    def __init__(self, *arguments: str) -> None:
        import pty

        self.screen, inner = pty.openpty()
        command = [sys.executable, "-c", "import sys; from ui.cli import main; main(sys.argv[1:])", *arguments]
        environment = {**os.environ, "TERM": "dumb", "PYTHONPATH": str(HERE.parent)}
        self.process = subprocess.Popen(
            command, stdin=inner, stdout=inner, stderr=inner, env=environment, preexec_fn=heed_ctrl_c
        )
        os.close(inner)
        self.shown = ""

    def wait_for(self, text: str, seconds: float = 120) -> None:
        end = time.monotonic() + seconds
        while text not in self.shown:
            assert time.monotonic() < end, self.shown
            if select.select([self.screen], [], [], 1)[0]:
                try:
                    self.shown += os.read(self.screen, 4096).decode("utf-8", "replace")
                except OSError:  # the program has ended
                    assert text in self.shown, self.shown

    def type(self, text: str) -> None:
        self.shown = ""
        os.write(self.screen, text.encode())

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.screen)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_in_a_real_terminal_edited_killed_and_gone_on_with(archive: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    arguments = ("--archive", str(archive), "eval", "new", str(file))
    first = Terminal(*arguments)
    try:
        first.wait_for("[q]uit >")
        first.type("e\n")
        first.wait_for("Question: ")
        first.type("\x15How many came?\n")  # Ctrl-U clears what stands there to be edited
        first.wait_for("[q]uit >")
        first.type("k\n")
        first.wait_for("2 of 5, 1 kept")
        first.wait_for("[q]uit >")
        first.process.send_signal(signal.SIGKILL)
        first.process.wait()
    finally:
        first.close()
    assert questions(file) == ["How many came?"]
    second = Terminal(*arguments)
    try:
        second.wait_for("1 of 4, 0 kept")
        second.wait_for("[q]uit >")
        while second.process.poll() is None:  # one that comes right before it reads on is only heeded with the next
            second.process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                second.process.wait(5)
        second.wait_for("Stopped. What was finished is kept.")
        assert second.process.wait() == 130
    finally:
        second.close()
    assert questions(file) == ["How many came?"]
