"""The command line, with everything real but the model's weights (a stand-in, patched in where they are loaded)."""

import gzip
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

import index.embedding
import qa.assistant
from index.archive import Archive
from tests.support import FakeEmbedder, heed_ctrl_c
from ui.cli import cli, main

ROOT = Path(__file__).parents[1]
FLOOD = """---
title: Flood in Cray
outlet: Courier
published: 2026-03-30
url: https://courier.example/flood
---

The river Veld rose to nine metres in Cray on Monday. Forty people fled from Mill Lane by boat.
"""
BELL = "Bell found in Cray\n\nA bronze bell was found under the bridge. It weighs 212 kilograms.\n\nSource: AA\n"


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


Command = Callable[..., Ran]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    news = tmp_path / "news"
    news.mkdir()
    (news / "flood.md").write_text(FLOOD, encoding="utf-8")
    (news / "bell.txt").write_text(BELL, encoding="utf-8")
    return news


@pytest.fixture
def copydesk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    def load(name: str = "", precision: str = "auto") -> FakeEmbedder:
        return FakeEmbedder()

    monkeypatch.setattr(index.embedding, "load_embedder", load)
    monkeypatch.setattr(qa.assistant, "load_embedder", load)
    monkeypatch.setenv("COPYDESK_ARCHIVE", str(tmp_path / "archive"))
    monkeypatch.setenv("COPYDESK_CONVERSATIONS", str(tmp_path / "conversations.sqlite3"))

    def run(*arguments: object) -> Ran:
        code: object = 0
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as stopped:
            code = stopped.code
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        assert isinstance(code, int)
        return Ran(code, captured.out, captured.err)

    return run


def commands(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = [path]
    for name, command in group.commands.items():
        found += commands(command, (*path, name)) if isinstance(command, click.Group) else [(*path, name)]
    return found


@pytest.mark.parametrize("path", commands(cli), ids=" ".join)
def test_every_command_has_help_and_every_option_is_explained(path: tuple[str, ...], copydesk: Command) -> None:
    for flag in ("--help", "-h"):
        shown = copydesk(*path, flag)
        assert shown.code == 0
        assert shown.out.startswith("Usage: copydesk")
    command: click.Command = cli
    for name in path:
        assert isinstance(command, click.Group)
        command = command.commands[name]
    assert command.help
    assert all(option.help for option in command.params if isinstance(option, click.Option))


def test_version(copydesk: Command) -> None:
    assert "copydesk, version " in copydesk("--version").out


def test_add_again_change_and_remove(copydesk: Command, folder: Path) -> None:
    added = copydesk("add", folder)
    assert (added.code, added.out.split(" (")[0]) == (0, "2 added, 0 updated, 0 unchanged, 0 skipped")
    assert copydesk("add", folder).out.startswith("0 added, 0 updated, 2 unchanged, 0 skipped")
    (folder / "bell.txt").write_text(BELL.replace("212", "213"), encoding="utf-8")
    assert copydesk("add", folder).out.startswith("0 added, 1 updated, 1 unchanged, 0 skipped")

    listed = copydesk("list")
    assert listed.err.startswith("2 of 2 articles in ")
    flood, bell = listed.out.splitlines()
    assert "2026-03-30  Courier  Flood in Cray" in flood
    assert "undated" in bell
    assert copydesk("list", "--outlet", "Courier").out.splitlines() == [flood]
    assert copydesk("list", "--from", "2026-03-30", "--to", "2026-03-30").out.splitlines() == [flood]
    assert copydesk("list", "--outlet", "Nobody").out == ""

    bell_id = bell.split()[0]
    removed = copydesk("remove", folder / "bell.txt", bell_id)
    assert (removed.code, removed.out) == (0, f"removed {bell}\n")
    assert copydesk("list").out.splitlines() == [flood]
    assert copydesk("check").code == 0


def test_show_by_id_prefix_url_and_file(copydesk: Command, folder: Path) -> None:
    copydesk("add", folder)
    flood_id, bell_id = (line.split()[0] for line in copydesk("list").out.splitlines())
    by_id = copydesk("show", flood_id)
    assert by_id.code == 0
    assert "title:     Flood in Cray\n" in by_id.out
    assert by_id.out.endswith(FLOOD + "\n")
    assert copydesk("show", flood_id[:6]) == by_id
    assert copydesk("show", "https://courier.example/flood") == by_id
    assert bell_id in copydesk("show", folder / "bell.txt").out


def test_show_versions_and_furniture(copydesk: Command, folder: Path) -> None:
    copydesk("add", folder)
    bell = folder / "bell.txt"
    (first,) = copydesk("show", bell, "--versions").out.splitlines()
    bell.write_text(BELL.replace("212", "213"), encoding="utf-8")
    copydesk("add", bell)
    old, current = copydesk("show", bell, "--versions").out.splitlines()
    assert f"{old}  (current)" == first
    assert current.endswith("  (current)")
    assert "212 kilograms" in copydesk("show", bell, "--version", old).out
    assert "213 kilograms" in copydesk("show", bell).out
    assert "source_line" in copydesk("show", bell, "--furniture").out
    missing = copydesk("show", bell, "--version", "nope")
    assert missing.code == 1
    assert "version nope" in missing.err


def test_an_ambiguous_or_unknown_article_is_told(copydesk: Command, tmp_path: Path) -> None:
    lines = [json.dumps({"url": f"https://a.example/{n}", "text": f"Article number {n} is here."}) for n in range(40)]
    (tmp_path / "many.jsonl").write_text("\n".join(lines), encoding="utf-8")
    copydesk("add", tmp_path / "many.jsonl")
    firsts = [line[0] for line in copydesk("list").out.splitlines()]
    shared = next(first for first in firsts if firsts.count(first) > 1)
    ambiguous = copydesk("show", shared)
    assert (ambiguous.code, ambiguous.err.count("\n")) == (1, 1)
    assert f"{shared} could be any of {firsts.count(shared)} articles" in ambiguous.err
    unknown = copydesk("remove", "zzz")
    assert (unknown.code, unknown.err.count("\n")) == (1, 1)
    assert "copydesk list" in unknown.err
    assert copydesk("show", "").code == 1


def test_check_finds_what_is_wrong_and_reindex_mends_it(copydesk: Command, folder: Path, tmp_path: Path) -> None:
    copydesk("add", folder)
    assert copydesk("check").out.startswith("2 articles, ")
    archive = Archive(tmp_path / "archive")
    archive.connection.execute("DELETE FROM passages_fts WHERE rowid = 1")
    archive.close()
    broken = copydesk("check")
    assert broken.code == 1
    assert "full-text index" in broken.out
    assert "copydesk reindex" in broken.out
    mended = copydesk("reindex")
    assert (mended.code, mended.out) == (0, "2 articles reindexed: 0 passages embedded, 2 vectors used again\n")
    assert copydesk("check").code == 0


def test_ask_in_words_and_as_json(copydesk: Command, folder: Path) -> None:
    copydesk("add", folder)
    question = "How many people fled from Mill Lane by boat this week?"
    said = copydesk("ask", question, "--asked-on", "2026-04-03")
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[0] == "(“this week” read as 2026-03-30 to 2026-04-03)"
    assert lines[1:4] == ["Forty", "", "Forty people fled from Mill Lane by boat. [1]"]
    assert "[1] Courier, 2026-03-30, Flood in Cray (" in said.out

    document = json.loads(copydesk("ask", question, "--asked-on", "2026-04-03", "--json").out)
    assert document["sentences"][0]["text"] == "Forty people fled from Mill Lane by boat."
    assert document["schema_version"] == 1
    for search in ("dense", "lexical"):
        found = json.loads(copydesk("ask", question, "--search", search, "--json").out)["passages"]
        assert {passage["found_by"] for passage in found} == {search}


def test_ask_with_filters_and_of_an_empty_archive(copydesk: Command, folder: Path) -> None:
    copydesk("add", folder)
    copydesk("remove", folder / "flood.md", folder / "bell.txt")
    assert "copydesk add" in copydesk("ask", "Who fled?").out
    copydesk("add", folder)
    refused = copydesk("ask", "Who fled?", "--outlet", "Nobody")
    assert (refused.code, refused.out.startswith("No article matches the filters (outlet Nobody).")) == (0, True)
    dated = copydesk("ask", "Who fled?", "--from", "2026-01-01")
    assert "(1 undated articles left out by the date filter)" in dated.out


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("nonsense",),
        ("add",),
        ("ask",),
        ("ask", "Who?", "--batch", __file__, "--out", "x"),
        ("ask", "--batch", __file__),
        ("ask", "Who?", "--out", "x"),
        ("ask", "Who?", "--search", "magic"),
        ("ask", "Who?", "--from", "yesterday"),
        ("chat", "--port", "0"),
        ("list", "--nonsense"),
    ],
)
def test_wrong_usage_is_exit_code_2(copydesk: Command, arguments: tuple[str, ...]) -> None:
    ran = copydesk(*arguments)
    assert ran.code == 2
    assert "Usage: copydesk" in ran.err + ran.out


def hostile(tmp_path: Path) -> dict[str, Path]:
    made = {name: tmp_path / f"{name}.txt" for name in ("missing", "rubbish", "empty", "huge")}
    made["rubbish"].write_bytes(bytes(range(256)) * 40)
    made["empty"].write_bytes(b"")
    made["huge"].write_bytes(b"All work and no play. " * (50_000_000 // 22))
    return made


def test_files_that_are_no_articles_are_skipped_in_one_line_each(copydesk: Command, tmp_path: Path) -> None:
    for name, path in hostile(tmp_path).items():
        ran = copydesk("add", path)
        assert ran.code == 1, name
        assert ran.out.startswith("0 added, 0 updated, 0 unchanged, 1 skipped"), name
        assert ran.err.startswith(f"skipped {path}: "), name
        assert ran.err.count("\n") == 1, name


def test_bad_files_beside_good_ones_do_not_stop_them(copydesk: Command, folder: Path) -> None:
    (folder / "empty.txt").write_bytes(b"")
    ran = copydesk("add", folder, folder / "nowhere")
    assert (ran.code, ran.out.split(" (")[0]) == (1, "2 added, 0 updated, 0 unchanged, 2 skipped")
    assert copydesk("check").code == 0


@pytest.mark.parametrize("command", [("list",), ("check",), ("show", "x"), ("ask", "Who?"), ("add", "x"), ("reindex",)])
def test_an_archive_path_that_is_a_file(copydesk: Command, tmp_path: Path, command: tuple[str, ...]) -> None:
    file = tmp_path / "file"
    file.write_text("not a folder")
    for ran in (copydesk("--archive", file, *command), copydesk(*command, "--archive", file)):
        assert (ran.code, ran.err.count("\n")) == (1, 1)
        assert ran.err.startswith("copydesk: ")
        assert str(file) in ran.err
    assert file.read_text() == "not a folder"


def test_archive_before_a_group_of_commands(copydesk: Command, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("not a folder")
    questions = tmp_path / "questions.jsonl"
    questions.write_text(json.dumps({"question_id": "1", "question": "Who?", "gold_answers": ["me"]}) + "\n")
    quiz = tmp_path / "quiz"
    quiz.mkdir()
    record = {"question_id": "20260310_0", "question_date": "2026/03/10", "question": "Who?", "answer": "me"}
    record |= {"choices": ["me", "you"], "answer_index": 0, "retrieved_urls": []}
    (quiz / "questions.jsonl").write_text(json.dumps(record) + "\n")
    (quiz / "headline_ids.txt").write_text("20260310_0\n")
    with gzip.open(quiz / "articles.jsonl.gz", "wt", encoding="utf-8") as articles:
        articles.write(json.dumps({"url": "https://a.example/1", "text": "It was me."}) + "\n")
    out = tmp_path / "out"
    for command in (
        ("eval", "run", "--dataset", questions, "--out", out),
        ("eval", "run", "--dataset", f"realtimeqa:{quiz}", "--out", out),
        ("train", "sentence-choice", "--dataset", f"realtimeqa:{quiz}", "--out", out),
    ):
        for ran in (copydesk("--archive", file, *command), copydesk(*command, "--archive", file)):
            assert ran.code == 1
            assert ran.err.splitlines()[-1].startswith(f"copydesk: the archive folder {file} can't be used")


def test_an_archive_that_is_something_else(copydesk: Command, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "archive.sqlite3").write_bytes(b"something else" * 400)
    ran = copydesk("--archive", other, "list")
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert str(other) in ran.err


def test_archive_before_the_command_after_it_and_in_the_environment(
    copydesk: Command, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    copydesk("--archive", first, "add", folder / "flood.md")
    copydesk("add", folder / "bell.txt", "--archive", second)
    assert copydesk("list").out == ""  # COPYDESK_ARCHIVE
    assert "Flood" in copydesk("list", "--archive", first).out
    bell = copydesk("--archive", second, "list").out
    assert "Flood" not in bell
    assert copydesk("--archive", first, "list", "--archive", second).out == bell  # the nearer one wins
    monkeypatch.setenv("COPYDESK_ARCHIVE", str(second))
    assert copydesk("list").out == bell


@pytest.mark.parametrize(
    ("name", "command"),
    [("COPYDESK_SEARCH", ("ask", "Who?")), ("COPYDESK_SENTENCE_CHOICE", ("ask", "Who?"))],
)
def test_an_unknown_setting_is_one_line(
    copydesk: Command, monkeypatch: pytest.MonkeyPatch, name: str, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv(name, "magic")
    ran = copydesk(*command)
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "'magic'; it can be one of: " in ran.err


@pytest.mark.parametrize("question", ["", "   ", "x" * 20_000])
def test_a_question_that_is_none(copydesk: Command, tmp_path: Path, question: str) -> None:
    Archive(tmp_path / "archive").close()
    ran = copydesk("ask", question)
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert ran.err.startswith("copydesk: the question is ")


def test_a_question_in_another_encoding_can_still_be_printed(copydesk: Command, folder: Path) -> None:
    copydesk("add", folder)
    ran = copydesk("ask", "Who fled from M\udcfchl Lane?", "--json")  # how Python hands over a stray byte
    assert json.loads(ran.out)["question"] == "Who fled from M?hl Lane?"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "example.org"])
def test_the_chat_serves_other_machines_only_when_told_that_it_has_no_login(copydesk: Command, host: str) -> None:
    ran = copydesk("chat", "--host", host)
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "--no-login" in ran.err


@pytest.mark.parametrize("options", [(), ("--host", "localhost"), ("--host", "0.0.0.0", "--no-login")])
def test_a_port_in_use_is_one_line(copydesk: Command, tmp_path: Path, options: tuple[str, ...]) -> None:
    Archive(tmp_path / "archive").close()
    with socket.create_server(("0.0.0.0", 0)) as taken:
        ran = copydesk("chat", "--port", taken.getsockname()[1], *options)
    assert ran.code == 1
    assert [line for line in ran.err.splitlines() if "Can't listen on" in line] == ran.err.splitlines()[-1:]
    assert "--port" in ran.err


def python(*arguments: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        # Unbuffered, Python's text layer drops the rest of a write that a closing pipe cut short, and says nothing.
        env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
        preexec_fn=heed_ctrl_c,
    )


def test_a_reader_that_goes_away_hears_nothing(copydesk: Command, tmp_path: Path) -> None:
    long = tmp_path / "long.txt"
    long.write_text("A line of an article that is long.\n\n" * 20_000, encoding="utf-8")  # more than a pipe holds
    copydesk("add", long)
    process = python("-c", "from ui.cli import main; main()", "show", long)
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline().startswith("id:")
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(60) == 1


SLOW_ADD = """
import sys, time
import index.embedding
from tests.support import FakeEmbedder
class Slow(FakeEmbedder):
    def embed(self, texts):
        time.sleep(0.2)
        return super().embed(texts)
index.embedding.load_embedder = lambda *_: Slow()
from ui.cli import main
main()
"""


def test_ctrl_c_keeps_what_was_finished(copydesk: Command, tmp_path: Path) -> None:
    many = tmp_path / "many.jsonl"
    body = " ".join(f"Sentence number {n} of this article tells something of its own." for n in range(200))
    lines = [json.dumps({"url": f"https://a.example/{n}", "text": f"Article {n}. {body}"}) for n in range(3000)]
    many.write_text("\n".join(lines), encoding="utf-8")
    archive = Archive(tmp_path / "archive")
    process = python("-c", SLOW_ADD, "add", many)
    deadline = time.monotonic() + 120
    while archive.article_count() == 0 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert out == ""
    assert err.splitlines()[-1] == "Stopped. What was finished is kept."
    assert "Traceback" not in err
    kept = archive.article_count()
    archive.close()
    assert 0 < kept < 3000
    first_lines = tmp_path / "first.jsonl"
    first_lines.write_text("\n".join(lines[:20]), encoding="utf-8")
    assert f"{min(kept, 20)} unchanged" in copydesk("add", first_lines).out
    assert copydesk("check").code == 0
