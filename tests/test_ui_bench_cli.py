"""`copydesk eval bench` with everything real, on the sample articles."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from index.archive import Archive
from index.errors import ArchiveError, BadInputError
from ui.bench_cli import bench_command
from ui.cli import cli

ROOT = Path(__file__).parent.parent
QUESTIONS = [
    {"question_id": "bell", "question": "Why will nobody ring the bell?", "answers": ["crack could spread"]},
    {"question_id": "wall", "question": "What will the flood wall cost?", "answers": ["46 million"]},
    {"question_id": "nobody", "question": "Who is the mayor of Paris?"},
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of a dozen sample articles, and questions."""
    made = tmp_path_factory.mktemp("bench")
    samples = sorted((ROOT / "index" / "samples").glob("*.md"))
    about = [
        path for path in samples if any(word in path.read_text(encoding="utf-8") for word in ("bell", "flood wall"))
    ]
    assert len(about) > 1
    arguments = ["--archive", made / "archive", "add", *about, *samples[:8]]
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    lines = [json.dumps({**one, "asked_on": "2026-04-20"}) + "\n" for one in QUESTIONS]
    (made / "questions.jsonl").write_text("".join(lines), encoding="utf-8")
    return made


def bench(folder: Path, out: Path, *arguments: object) -> Result:
    given = ("--dataset", folder / "questions.jsonl", "--archive", folder / "archive", "--out", out, *arguments)
    return CliRunner().invoke(bench_command, [str(argument) for argument in given])


def succeeded(result: Result) -> Result:
    if result.exception is not None:
        raise result.exception
    return result


def read(out: Path) -> dict[str, Any]:
    return dict(json.loads((out / "bench.json").read_text(encoding="utf-8")))


def test_from_an_archive_to_a_page_twice_the_same_but_for_times(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = succeeded(bench(folder, out, "--cost-articles", 6))
    assert result.stdout == (out / "bench.md").read_text(encoding="utf-8")
    assert "nodes of 1,024 tokens (200 shared with the next), of which the model reads the first 256" in result.stdout
    document = read(out)
    by_id = {one["question_id"]: one["words"] for one in document["questions"]}
    assert by_id["nobody"] is None
    assert by_id["bell"]["copydesk"] < 500
    assert by_id["wall"]["stock"] is not None

    again = tmp_path / "again"
    succeeded(bench(folder, again, "--cost-articles", 0))
    other = read(again)
    assert other["cost"] is None
    assert "## Cost" not in (again / "bench.md").read_text(encoding="utf-8")
    for name in ("quality", "questions", "articles", "passages", "stock"):
        assert document[name] == other[name]


def test_costs_are_measured_on_both(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    succeeded(bench(folder, out, "--cost-articles", 6))
    cost = read(out)["cost"]
    assert cost["articles"] == 6
    for name in ("tokens_per_second", "articles_per_second", "indexing"):
        assert cost[name]["ratio"]["value"] == pytest.approx(cost[name]["copydesk"] / cost[name]["stock"])
    assert cost["tokens_per_second"]["ratio"]["n"] == 2  # five articles, and one
    assert cost["disk"]["copydesk"] > 1000
    assert cost["disk"]["stock"] > 1000
    assert cost["query"]["ratio"]["n"] == 3
    # Every token of ours is read; of the peer's nodes the first 256.
    assert cost["tokens_per_article"]["stock"] <= 256 * cost["texts_per_article"]["stock"]
    assert cost["tokens_per_article"]["copydesk"] > cost["tokens_per_article"]["stock"]
    assert 0.995 <= cost["cosine"]["least"] <= cost["cosine"]["mean"] <= 1.001
    assert [path.name for path in out.iterdir() if path.name.startswith("cost-")] == []


def test_fewer_words_are_a_smaller_budget(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    succeeded(bench(folder, out, "--words", 8, "--cost-articles", 0))
    quality = read(out)["quality"]
    assert quality["budgets"] == [4, 8, 16, 32]
    needed = [one["words"]["copydesk"] for one in read(out)["questions"] if one["words"]]
    (share,) = (
        one for one in quality["shares"] if (one["slice"], one["words"], one["system"]) == ("all", 8, "copydesk")
    )
    assert share["value"] == sum(words <= 8 for words in needed) / len(needed)


def test_without_the_peer_the_error_says_how_to_install_it(folder: Path, tmp_path: Path) -> None:
    program = "import sys; sys.modules['llama_index.vector_stores.chroma'] = None; from ui.cli import main; main()"
    arguments = ("--dataset", folder / "questions.jsonl", "--archive", folder / "archive", "--out", tmp_path / "out")
    result = subprocess.run(
        [sys.executable, "-c", program, "eval", "bench", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 1
    assert result.stderr.startswith("copydesk: the bench compares with LlamaIndex's own packages")
    assert "pip install --constraint constraints.txt '.[bench]'" in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_mistakes_are_named(folder: Path, tmp_path: Path) -> None:
    empty = CliRunner().invoke(
        bench_command,
        [
            "--dataset",
            str(folder / "questions.jsonl"),
            "--archive",
            str(tmp_path / "none"),
            "--out",
            str(tmp_path / "out"),
        ],
    )
    assert isinstance(empty.exception, ArchiveError)
    assert "is empty" in str(empty.exception)
    Archive(tmp_path / "none").close()
    missing = CliRunner().invoke(bench_command, ["--dataset", str(tmp_path / "no.jsonl"), "--out", str(tmp_path)])
    assert isinstance(missing.exception, BadInputError)
    assert bench(folder, tmp_path / "out", "--words", 0).exit_code == 2
