"""docs/lay_out_realtimeqa.py: a year in the public repository's form becomes a folder that the eval reads."""

import gzip
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from eval.datasets import load_question_set
from index.records import article_id_for

SCRIPT = Path(__file__).parent.parent / "docs" / "lay_out_realtimeqa.py"


def public_question(number: int, choices: list[str], answer: list[str]) -> dict[str, object]:
    return {
        "question_id": f"20260306_{number}",
        "question_date": "2026/03/06",
        "question_source": "Quiz",
        "question_url": "https://quiz.example/",
        "question_sentence": f"Question {number}?",
        "choices": choices,
        "answer": answer,
        "evidence": "",
    }


def search_result(url: str, text: str) -> dict[str, object]:
    return {"url": url, "title": "A title", "text": text, "authors": ["Ann Roe"], "publish_date": "2026/03/05"}


@pytest.fixture
def laid_out(tmp_path: Path) -> Path:
    year, out = tmp_path / "2026", tmp_path / "realtimeqa-2026"
    year.mkdir()
    questions = [
        public_question(0, ["Ida Brandt", "Tom Veld"], ["0"]),
        public_question(1, ["TRUE", "FALSE"], ["1"]),
        public_question(2, ["70 years", "600 years"], ["1"]),
        public_question(3, ["the Arle", "the Veld"], ["1"]),
        public_question(4, ["no right choice", "at all"], []),
    ]
    (year / "20260306_qa.jsonl").write_text("".join(json.dumps(one) + "\n" for one in questions), encoding="utf-8")
    mayor = search_result("https://a.example/1", "The mayor, Ida Brandt, said it is false that 600 years passed.")
    found = [
        {"question_id": f"20260306_{number}", "search_result": [mayor, search_result("https://a.example/2", " ")]}
        for number in range(4)
    ]
    (year / "20260306_gcs.jsonl").write_text("".join(json.dumps(one) + "\n" for one in found), encoding="utf-8")
    later = [public_question(9, ["Marn", "Sallow"], ["1"]) | {"question_id": "20260313_0"}]  # nothing was searched
    (year / "20260313_qa.jsonl").write_text(json.dumps(later[0]) + "\n", encoding="utf-8")
    done = subprocess.run([sys.executable, SCRIPT, year, out], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("5 questions, 1 of them headline; 1 articles")
    return out


def test_the_eval_reads_what_was_laid_out(laid_out: Path) -> None:
    questions = load_question_set(f"realtimeqa:{laid_out}", "given").questions
    assert [question.gold_answers for question in questions] == [
        ("Ida Brandt",), ("FALSE",), ("600 years",), ("the Veld",), ("Sallow",),
    ]  # fmt: skip
    assert [question.slices for question in questions] == [("headline",), *[("rest",)] * 4]
    assert questions[0].article_ids == (article_id_for("https://a.example/1"),)
    assert questions[4].article_ids == ()
    with gzip.open(laid_out / "articles.jsonl.gz", "rt", encoding="utf-8") as file:
        (article,) = [json.loads(line) for line in file]
    assert article["published"] == "2026/03/05"
    assert article["authors"] == ["Ann Roe"]


def test_an_answer_in_many_articles_is_no_headline() -> None:
    script = loaded()
    question = {"question_id": "a", "answer": "the Veld", "retrieved_urls": ["https://a.example/0"]}
    articles = [{"url": f"https://a.example/{number}", "text": "By the Veld."} for number in range(21)]
    assert script.headline_ids([question], articles[:20]) == ["a"]
    assert script.headline_ids([question], articles) == []


def loaded() -> ModuleType:
    specification = importlib.util.spec_from_file_location("lay_out_realtimeqa", SCRIPT)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module
