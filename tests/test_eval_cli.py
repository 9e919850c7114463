"""`copydesk eval` with everything real: files, archive, embedding model, answers."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from index.archive import Archive
from index.errors import BadInputError
from ui.cli import cli
from ui.eval_cli import eval_group

ARTICLES = [
    {
        "url": "https://veld.example/flood",
        "title": "Veld floods Harrow Ford",
        "published": "2026/03/02",
        "text": "The river Veld rose to 4.2 metres in Harrow Ford on Monday, the highest level since 1954.\n\n"
        "Eleven houses in Mill Lane were flooded before the evening. Nobody was hurt, said mayor Ida Brandt.",
    },
    {
        "url": "https://veld.example/fair",
        "title": "Spring fair disappoints",
        "published": "2026/03/09",
        "text": "The spring fair drew 3,400 visitors to Marn on Sunday, its organisers said. They had hoped for more.",
    },
]
QUESTIONS = [
    {
        "question_id": "20260310_0",
        "question_date": "2026/03/10",
        "question": "How many houses in Mill Lane were flooded?",
        "choices": ["Eleven", "Twelve", "Nine", "Forty"],
        "answer_index": 0,
        "answer": "Eleven",
        "retrieved_urls": ["https://veld.example/flood"],
    },
    {
        "question_id": "20260310_1",
        "question_date": "2026/03/10",
        "question": "Who is the mayor of Harrow Ford?",
        "choices": ["Ann Roe", "Ida Brandt", "Tom Veld", "Jon Marn"],
        "answer_index": 1,
        "answer": "Ida Brandt",
        "retrieved_urls": ["https://veld.example/fair"],
    },
    {
        "question_id": "20260310_2",
        "question_date": "2026/03/10",
        "question": "How many visitors came to the fair?",
        "choices": ["3,400", "2,000", "1,000", "500"],
        "answer_index": 0,
        "answer": "3,400",
        "retrieved_urls": [],
    },
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "veld-2026"
    made.mkdir()
    (made / "questions.jsonl").write_text("".join(json.dumps(one) + "\n" for one in QUESTIONS), encoding="utf-8")
    (made / "headline_ids.txt").write_text("20260310_0\n", encoding="utf-8")
    with gzip.open(made / "articles.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(one) + "\n" for one in ARTICLES)
    return made


def eval_command(*arguments: object) -> Result:
    return CliRunner().invoke(eval_group, [str(argument) for argument in arguments], catch_exceptions=True)


def succeeded(result: Result) -> Result:
    if result.exception is not None:
        raise result.exception
    return result


def metric(out: Path, name: str, slice_name: str = "all") -> dict[str, Any]:
    document = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    (found,) = [value for value in document["metrics"] if (value["name"], value["slice"]) == (name, slice_name)]
    return dict(found)


def test_a_set_with_its_articles_from_nothing_to_a_summary(folder: Path, tmp_path: Path) -> None:
    out, archive = tmp_path / "out", tmp_path / "archive"
    arguments = ("run", "--dataset", f"realtimeqa:{folder}", "--out", out, "--archive", archive)
    result = succeeded(eval_command(*arguments))
    assert "# realtimeqa:veld-2026" in result.stdout
    assert "articles: 2 added" in result.stderr
    assert metric(out, "citation_validity")["value"] == 1.0
    assert metric(out, "passage_hit@5")["value"] == 1.0
    assert metric(out, "forced: answer_in_cited@3")["value"] == 1.0
    assert metric(out, "answer_in_cited@1", "headline")["n"] == 1

    before = (out / "answers.jsonl").read_bytes()
    again = succeeded(eval_command(*arguments))
    assert "2 there already" in again.stderr
    assert (out / "answers.jsonl").read_bytes() == before

    shown = succeeded(eval_command("show", out))
    assert shown.stdout == again.stdout == (out / "summary.md").read_text(encoding="utf-8")


def test_given_articles_only(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ("--setting", "given", "--search", "lexical", "--archive", tmp_path / "archive")
    succeeded(eval_command("run", "--dataset", f"realtimeqa:{folder}", "--out", out, *arguments))
    # The second question is given an article without its answer, the third none at all.
    assert metric(out, "passage_hit@5")["value"] == pytest.approx(1 / 3)
    assert metric(out, "refused: filters_left_nothing")["value"] == pytest.approx(1 / 3)


def test_a_set_without_an_archive_gets_one_of_its_own_in_the_cache(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / "mine"
    monkeypatch.setenv("COPYDESK_ARCHIVE", str(mine))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    out = tmp_path / "out"
    succeeded(eval_command("run", "--dataset", f"realtimeqa:{folder}", "--out", out, "--limit", 1))
    (made,) = (tmp_path / "cache" / "copydesk" / "eval").iterdir()
    assert made.name.startswith("realtimeqa-veld-2026-")
    archive = Archive(made)
    assert archive.article_count() == 2
    archive.close()
    assert not mine.exists()
    assert len((out / "answers.jsonl").read_text(encoding="utf-8").splitlines()) == 1


def test_the_archive_named_before_the_command_is_the_one_asked(folder: Path, tmp_path: Path) -> None:
    chosen, out = tmp_path / "chosen", tmp_path / "out"
    arguments = ["--archive", chosen, "eval", "run", "--dataset", f"realtimeqa:{folder}", "--out", out, "--limit", 1]
    succeeded(CliRunner().invoke(cli, [str(argument) for argument in arguments]))
    archive = Archive(chosen)
    assert archive.article_count() == 2
    archive.close()


def test_plain_questions_are_put_to_an_existing_archive(folder: Path, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    dataset = f"realtimeqa:{folder}"
    succeeded(eval_command("run", "--dataset", dataset, "--out", tmp_path / "first", "--archive", archive))
    mine = tmp_path / "mine.jsonl"
    mine.write_text('{"question_id": "a", "question": "How high did the Veld rise?"}\n', encoding="utf-8")
    arguments = (
        "run",
        "--dataset",
        mine,
        "--out",
        tmp_path / "second",
        "--archive",
        archive,
        "--asked-on",
        "2026-03-10",
    )
    result = succeeded(eval_command(*arguments))
    assert "1 question:" in result.stdout
    # No gold answer is known: nothing to score, and no zero either.
    assert metric(tmp_path / "second", "answer_in_cited@1")["value"] is None
    (record,) = (tmp_path / "second" / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(record)["asked_on"] == "2026-03-10"


def test_mistakes_are_named(tmp_path: Path) -> None:
    missing = eval_command("run", "--dataset", tmp_path / "none.jsonl", "--out", tmp_path / "out")
    assert isinstance(missing.exception, BadInputError)
    unfinished = eval_command("show", tmp_path)
    assert isinstance(unfinished.exception, BadInputError)
    assert "holds no finished run" in str(unfinished.exception)
    assert eval_command("run", "--dataset", "x", "--out", tmp_path / "out", "--limit", 0).exit_code == 2


def test_only_what_went_wrong_is_asked_again(folder: Path, tmp_path: Path) -> None:
    arguments = ("run", "--dataset", f"realtimeqa:{folder}", "--setting", "given", "--archive", tmp_path / "archive")
    first = succeeded(eval_command(*arguments, "--out", tmp_path / "one"))
    assert "each as long as embedding" in " ".join(first.stdout.split())
    again = succeeded(
        eval_command(*arguments, "--out", tmp_path / "two", "--only", "failing", "--of", tmp_path / "one")
    )
    assert "2 answers were remembered" in again.stdout
    asked = [json.loads(line)["question_id"] for line in (tmp_path / "two" / "answers.jsonl").open(encoding="utf-8")]
    assert asked == ["20260310_1", "20260310_2"]
    anew = succeeded(eval_command(*arguments, "--out", tmp_path / "three", "--no-cache"))
    assert "remembered" not in anew.stdout
    assert eval_command(*arguments, "--out", tmp_path / "four", "--only", "failing").exit_code == 2
