"""`eval writers` and `eval label` on the command line: real archive, reader and checker, a scripted server in the place
of a language model. The embedding model's weights are a stand-in.
"""

import json
from pathlib import Path

import pytest

from tests.command_line import Command
from tests.llm_server import scripted
from tests.test_ui_llm_cli import KEY, QUESTION, copydesk, writes

__all__ = ["copydesk"]


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    lines = [
        {"question_id": "fled", "question": QUESTION, "asked_on": "2026-04-01", "answers": ["Forty"]},
        {"question_id": "chess", "question": "Who won the chess tournament?", "asked_on": "2026-04-01", "gold": []},
    ]
    path = tmp_path / "set.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_from_questions_to_labels(
    copydesk: Command, questions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "writers"
    run = ("eval", "writers", "--dataset", questions, "--out", out)
    with scripted(writes) as server:
        # A model that the environment sets writes for nobody here.
        monkeypatch.setenv("COPYDESK_LLM", "ollama:another")
        first = copydesk(*run, "--llm", server.setting)
        asked = len(server.requests)
        again = copydesk(*run, "--llm", server.setting)
        assert (first.code, again.code, len(server.requests)) == (0, 0, asked)
    assert first.out == again.out
    assert f"2 questions: 1 answered, 1 refused before anybody wrote, 0 failed. Model: {server.setting}." in first.out
    head = next(line for line in first.out.splitlines() if line.startswith("| metric"))
    assert [cell.strip() for cell in head.strip("|").split("|")] == [
        "metric",
        "extractive",
        "LLM ungated",
        "LLM gated",
        "liar gated",
    ]
    metrics = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    ungated, gated = (metrics["writers"][name]["sentences"] for name in ("LLM ungated", "LLM gated"))
    assert (ungated["shown"], gated["by the model"], gated["kept"], gated["dropped"]) == (2, 2, 1, 1)
    assert all(KEY not in path.read_text(encoding="utf-8") for path in out.iterdir())

    sample = copydesk("eval", "label", out, "--count", 20)
    lines = [json.loads(line) for line in sample.out.splitlines()]
    assert "The mayor fled, too." in {line["sentence"] for line in lines}
    for line in lines:
        line["label"] |= {"label": "not supported" if "mayor" in line["sentence"] else "supported", "judge": "me"}
    labels = tmp_path / "labels.jsonl"
    labels.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    told = copydesk("eval", "label", out, "--labels", labels)
    assert told.code == 0
    rows = {row.split("|")[1].strip(): row for row in told.out.splitlines() if row.startswith("|")}
    cells = [cell.strip() for cell in rows["LLM ungated"].strip("|").split("|")]
    assert cells[1:4] == ["2", "1", "50.0 %"]
    assert [cell.strip() for cell in rows["all that copydesk shows"].strip("|").split("|")][2] == "0"


def test_a_server_that_is_gone_is_one_line(copydesk: Command, questions: Path, tmp_path: Path) -> None:
    with scripted(writes) as server:
        gone = server.setting
    lines = questions.read_text(encoding="utf-8").splitlines()
    questions.write_text(lines[0] + "\n", encoding="utf-8")
    ran = copydesk("eval", "writers", "--dataset", questions, "--out", tmp_path / "writers", "--llm", gone)
    assert ran.code == 1
    assert ran.out == ""
    assert "no language model can be reached" in ran.err


@pytest.mark.parametrize("wrong", [("--llm", KEY), ("--limit", "0")])
def test_wrong_usage(copydesk: Command, tmp_path: Path, wrong: tuple[str, str]) -> None:
    ran = copydesk("eval", "writers", "--out", tmp_path / "writers", *wrong)
    assert ran.code == 2
    assert KEY not in ran.err


def test_a_folder_without_a_run_has_nothing_to_label(copydesk: Command, tmp_path: Path) -> None:
    ran = copydesk("eval", "label", tmp_path)
    assert (ran.code, ran.out) == (1, "")
    assert "copydesk eval writers" in ran.err
