"""The README: its examples run, its tables name everything there is, its picture and its links are there."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest

from qa.assistant import open_assistant
from qa.settings import load_settings
from tests.support import heed_ctrl_c
from ui.chat_cli import SAMPLE_QUESTIONS
from ui.cli import cli

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SECONDS_TO_START = 180
_BLOCK = re.compile(
    r"<!-- (?P<tag>test|test: serves) -->\n```sh\n(?P<code>.*?)```\n"
    r"(?:\n<!-- output -->\n```text\n(?P<output>.*?)```\n)?",
    re.DOTALL,
)
_FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """One tagged code block, and the output that the README shows for it, "…" standing for anything."""

    code: str
    output: str | None
    serves: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A folder that looks like a clone to the examples, and an environment with copydesk on its PATH."""

    folder: Path
    environment: dict[str, str]


def blocks() -> list[Block]:
    return [Block(match["code"], match["output"], match["tag"] == "test: serves") for match in _BLOCK.finditer(README)]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "index" / "samples", folder / "index" / "samples")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COPYDESK_")}
    environment["COPYDESK_ARCHIVE"] = str(folder / "archive")
    environment["COPYDESK_CONVERSATIONS"] = str(folder / "conversations.sqlite3")
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    return Place(folder, environment)


@pytest.fixture(scope="module")
def ran(place: Place) -> Path:
    """The folder after every tagged block has run in it, in the README's order, and has printed what it should."""
    for block in blocks():
        if block.serves:
            serve(block.code, place)
        else:
            run(block, place)
    return place.folder


def run(block: Block, place: Place) -> None:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block.code],
        cwd=place.folder,
        env=place.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{block.code}\n{done.stderr}"
    if block.output is not None:
        pattern = r"\s*.*\s*".join(re.escape(piece.strip()) for piece in block.output.split("…"))
        assert re.fullmatch(pattern, done.stdout.strip(), re.DOTALL), done.stdout


def serve(code: str, place: Place) -> None:
    """Run a command that serves, on a port that is free here, until its page has come; then stop it with Ctrl-C."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ["bash", "-c", f"exec {code.strip()} --port {port}"]
    serving = subprocess.Popen(
        command, cwd=place.folder, env=place.environment, stderr=subprocess.PIPE, text=True, preexec_fn=heed_ctrl_c
    )
    try:
        assert serving.stderr is not None
        said = []
        for line in serving.stderr:
            said.append(line)
            if f"The chat is at http://127.0.0.1:{port}" in line:
                break
        else:
            raise AssertionError("".join(said))
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=SECONDS_TO_START) as page:
            assert re.search(r'"title":\s*"copydesk"', page.read().decode())
        serving.send_signal(signal.SIGINT)
        assert serving.wait(SECONDS_TO_START) == 0
    finally:
        serving.kill()
        serving.communicate()


def key_paths(value: Any, path: str = "") -> Iterator[str]:
    """`a`, `a.b`, `c[].d`: every key of a JSON value, however deep."""
    if isinstance(value, dict):
        for name, inner in value.items():
            here = f"{path}.{name}" if path else name
            yield here
            yield from key_paths(inner, here)
    elif isinstance(value, list):
        for inner in value:
            yield from key_paths(inner, f"{path}[]")


def table_after(marker: str) -> list[list[str]]:
    """The cells of the table that follows a marker, without its head."""
    lines = README.split(marker, 1)[1].lstrip("\n").split("\n\n", 1)[0].splitlines()
    return [re.split(r"(?<!\\) *\| *", line.strip().strip("|").strip()) for line in lines[2:]]


def every_command(command: click.Command = cli, name: str = "copydesk") -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        for sub_name, sub_command in command.commands.items():
            yield from every_command(sub_command, f"{name} {sub_name}")


def every_option() -> set[str]:
    """The long options of all the commands, `--help` among them."""
    found = {"--help"}
    for _, command in every_command():
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                found |= {name for name in (*parameter.opts, *parameter.secondary_opts) if name.startswith("--")}
    return found


def test_the_examples_run(ran: Path) -> None:
    assert json.loads((ran / "answer.json").read_text(encoding="utf-8"))["answered"]
    answers = [json.loads(line) for line in (ran / "answers.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [answer["question_id"] for answer in answers] == ["wall", "rain", "paris", "bell", "cast"]
    assert answers[1]["asked_on"] == "2026-03-09"
    metrics = json.loads((ran / "runs" / "flood" / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["counts"]["questions"] == 3
    assert {one["value"] for one in metrics["metrics"] if one["name"] == "citation_validity" and one["n"]} == {1.0}


def test_every_shell_example_is_run_or_needs_what_is_not_here() -> None:
    tested = {block.code for block in blocks()}
    for code in re.findall(r"^```sh\n(.*?)^```$", README, re.DOTALL | re.MULTILINE):
        elsewhere = (
            "make ",
            "pipx ",
            "realtimeqa_public",
            "realtimeqa:realtimeqa-2022",
            "realtimeqa-2023/articles.jsonl.gz",
            "--data FOLDER",
            "--fit realtimeqa-2022",
            "--qags FOLDER",
            "--llm ollama:NAME",
        )
        assert code in tested or any(word in code for word in elsewhere), code


def test_the_table_of_keys_is_that_of_real_answers(ran: Path) -> None:
    lines = (ran / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    real = {key for line in lines for key in key_paths(json.loads(line))} - {"question_id"}
    documented = {key for row in table_after("<!-- keys -->") for key in re.findall(r"`([^`]+)`", row[0])}
    citation = {key.removeprefix("sentences[].citations[].") for key in documented if "citations[]." in key}
    assert real == documented | {f"refusal.nearest[].{key}" for key in citation}


def test_the_example_has_the_keys_and_quotes_of_the_real_answer(ran: Path) -> None:
    shown = json.loads(README.split("<!-- example -->", 1)[1].split("```json\n", 1)[1].split("```", 1)[0])
    real = json.loads((ran / "answer.json").read_text(encoding="utf-8"))
    assert set(key_paths(shown)) == set(key_paths(real))
    assert shown["question"] == real["question"]
    assert shown["sentences"][0] in real["sentences"]


def test_the_example_questions_of_the_chat_are_answered_from_the_samples(ran: Path) -> None:
    told = ("193 passengers", "stone sheepfold", "Rana tintinnabula", "the crack could spread")
    assistant = open_assistant(load_settings(ran / "archive"))
    for question, expected in zip(SAMPLE_QUESTIONS, told, strict=True):
        answer = assistant.ask(question)
        assert answer.refusal is None, question
        answering = next(sentence for sentence in answer.sentences if not sentence.context)
        assert expected in answering.text, question
    assistant.archive.close()


def test_the_evals_metrics_are_explained(ran: Path) -> None:
    metrics = json.loads((ran / "runs" / "flood" / "metrics.json").read_text(encoding="utf-8"))["metrics"]
    together = {
        "refused": "refused: REASON",
        "forced": "forced: METRIC",
        "whole": "whole: METRIC",
        "kept": "kept: METRIC",
    }
    names = {together[name.split(": ")[0]] if ": " in name else name for name in (one["name"] for one in metrics)}
    explained = {name for row in table_after("articles).\n") for name in re.findall(r"`([^`]+)`", row[0])}
    assert explained == names


def test_every_command_and_option_is_named_and_no_other() -> None:
    prose_and_code = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", README))
    of_other_programs = {"--constraint", "--index-url", "--no-deps", "--pip-args"}
    assert prose_and_code == every_option() | of_other_programs
    named = {name for row in table_after("## The command line\n") for name in re.findall(r"`(.+?)`", row[0])}
    listed = {re.sub(r"( [A-Z…]+)+$", "", name) for name in named}
    commands = {name for name, command in every_command() if not isinstance(command, click.Group)}
    assert listed == commands


def test_every_variable_is_in_the_configuration_table_and_no_other() -> None:
    variable = re.compile(r"COPYDESK_[A-Z_]+")
    code = [*(path for room in ("index", "qa", "eval", "ui", "tests") for path in (ROOT / room).rglob("*.py"))]
    code += [path for path in (ROOT / "Makefile", ROOT / ".ci" / "run") if path.is_file()]
    used = {name for path in code for name in variable.findall(path.read_text(encoding="utf-8"))} - {"COPYDESK_"}
    table = {name for row in table_after("wins over the environment.\n") for name in variable.findall(row[0])}
    assert table == used
    assert set(variable.findall(README)) == table


def test_links_and_pictures_are_there() -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", _FENCED.sub("", README))
    assert "docs/answer.png" in targets
    assert [target for target in targets if not (ROOT / target).is_file()] == []
    assert (ROOT / "docs" / "answer.png").stat().st_size <= 300_000
    mentioned = re.findall(r"\b(?:docs|tests|qa|eval|index|ui)/[\w/]+\.(?:py|json|md|png)\b", README)
    assert [path for path in mentioned if not (ROOT / path).is_file()] == []
