"""`--llm` on the command line: real archive, reader and checker, a scripted server in the place of a language model.
The embedding model's weights are a stand-in.
"""

import json
from pathlib import Path

import pytest

from tests.command_line import Command, run_command, use_fake_weights
from tests.llm_server import Exchange, scripted
from tests.test_ui_cli import FLOOD

KEY = "sk-most-secret-0123456789"
QUESTION = "How many people fled from Mill Lane?"
QUOTE = "Forty people fled from Mill Lane by boat."


@pytest.fixture
def copydesk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    use_fake_weights(monkeypatch)
    monkeypatch.setenv("COPYDESK_ARCHIVE", str(tmp_path / "archive"))
    monkeypatch.setenv("COPYDESK_LLM_KEY", KEY)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("COPYDESK_LLM", raising=False)
    (tmp_path / "flood.md").write_text(FLOOD, encoding="utf-8")
    run_command(capsys, "add", tmp_path / "flood.md")
    return lambda *arguments: run_command(capsys, *arguments)


def writes(exchange: Exchange) -> None:
    exchange.begin()
    exchange.words("Forty people fled from Mill Lane [1]. The mayor fled, too [1].")


@pytest.mark.parametrize(
    "command", [("ask", QUESTION), ("chat",), ("eval", "run", "--dataset", "golden", "--out", "x")]
)
@pytest.mark.parametrize("wrong", [KEY, "ollama:", "openai-compatible:http://127.0.0.1/v1", "embedded:other"])
def test_what_is_no_model_is_a_mistake_of_usage(copydesk: Command, command: tuple[str, ...], wrong: str) -> None:
    ran = copydesk(*command, "--llm", wrong)
    assert ran.code == 2
    assert "--llm" in ran.err
    assert KEY not in ran.err


def test_what_is_no_model_in_the_environment_is_one_line(copydesk: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COPYDESK_LLM", "llama3")
    ran = copydesk("ask", QUESTION)
    assert (ran.code, ran.out) == (1, "")
    (line,) = ran.err.strip().splitlines()
    assert "ollama:NAME" in line


def test_a_written_answer_on_the_terminal_and_as_json(copydesk: Command) -> None:
    with scripted(writes) as server:
        shown = copydesk("ask", "--llm", server.setting, QUESTION)
        told = copydesk("ask", "--json", "--llm", server.setting, QUESTION)
    assert shown.code == told.code == 0
    assert f"(written by {server.setting}, each sentence checked)" in shown.out
    assert "1 dropped" in shown.out
    assert "Forty people fled from Mill Lane. [1]" in shown.out
    assert "The mayor fled" not in shown.out
    answer = json.loads(told.out)
    assert answer["generation"]["model"] == server.setting
    assert [(one["text"], one["fate"]) for one in answer["generation"]["removed"]] == [
        ("The mayor fled, too.", "dropped")
    ]
    assert answer["sentences"][0]["written"] is True
    assert KEY not in shown.out + shown.err + told.out + told.err


def test_the_environment_sets_it_and_a_server_that_is_gone_leaves_the_quotation(
    copydesk: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted(writes) as server:
        monkeypatch.setenv("COPYDESK_LLM", server.setting)
    ran = copydesk("ask", QUESTION)
    assert ran.code == 0
    assert "no language model can be reached" in ran.out
    assert f"{QUOTE} [1]" in ran.out


def test_a_run_of_the_eval_is_set_apart_by_its_model_and_not_remembered(copydesk: Command, tmp_path: Path) -> None:
    asked = {"question_id": "fled", "question": QUESTION, "asked_on": "2026-04-01", "answers": ["Forty"]}
    (tmp_path / "set.jsonl").write_text(json.dumps(asked) + "\n", encoding="utf-8")
    run = ("eval", "run", "--dataset", tmp_path / "set.jsonl")
    with scripted(writes) as server:
        assert copydesk(*run, "--out", tmp_path / "one", "--llm", server.setting).code == 0
        before = len(server.requests)
        assert copydesk(*run, "--out", tmp_path / "two", "--llm", server.setting).code == 0
        assert len(server.requests) > before
        refused = copydesk(*run, "--out", tmp_path / "one")
    settings = json.loads((tmp_path / "one" / "settings.json").read_text(encoding="utf-8"))
    assert settings["asked"]["llm"] == server.setting
    (line,) = (tmp_path / "one" / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["generation"]["used"] is True
    assert refused.code == 1
    assert "llm" in refused.err
    assert all(KEY not in path.read_text(errors="ignore") for path in (tmp_path / "one").iterdir())
