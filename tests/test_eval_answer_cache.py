"""What the cache of answers gives back, and when it must not."""

import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eval import answer_cache
from eval.answer_cache import AnswerCache, key_of
from eval.records import EvalQuestion
from tests.eval_support import DAY

QUESTION = EvalQuestion("q1", "How high?", DAY, ("4.2 metres",))
SETTINGS: dict[str, Any] = {
    "dataset": {"name": "veld", "questions": 3},
    "asked": {"search": "hybrid", "limit": None, "ids": None, "only": None, "seed": 0},
    "archive": {"folder": "/a", "sha256": "1"},
    "code_sha256": "c",
    "libraries": {"torch": "2"},
}


def test_what_was_put_is_found_again_by_another_process(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path / "new" / "answers.sqlite3")
    assert cache.get("k") is None
    cache.put("k", {"text": "été", "n": 1.5})
    cache.put("k", {"text": "later"})
    assert AnswerCache(tmp_path / "new" / "answers.sqlite3").get("k") == {"text": "later"}
    assert cache.trouble is None


def changed(part: str, name: str, value: object) -> dict[str, Any]:
    return {**SETTINGS, part: {**SETTINGS[part], name: value}}


@pytest.mark.parametrize(
    "settings",
    [
        changed("asked", "search", "dense"),
        changed("archive", "sha256", "2"),
        changed("libraries", "torch", "3"),
        {**SETTINGS, "code_sha256": "d"},
    ],
)
def test_whatever_an_answer_rests_on_makes_another_key(settings: dict[str, Any]) -> None:
    assert key_of(settings, QUESTION, ()) != key_of(SETTINGS, QUESTION, ())


@pytest.mark.parametrize(
    "settings",
    [
        changed("asked", "limit", 5),
        changed("asked", "seed", 5),
        changed("archive", "folder", "/b"),
        changed("dataset", "questions", 9),
    ],
)
def test_the_draw_and_the_place_make_none(settings: dict[str, Any]) -> None:
    assert key_of(settings, QUESTION, ()) == key_of(SETTINGS, QUESTION, ())


def test_the_question_its_gold_and_the_turns_before_count() -> None:
    keys = {
        key_of(SETTINGS, QUESTION, ()),
        key_of(SETTINGS, replace(QUESTION, question="How low?"), ()),
        key_of(SETTINGS, replace(QUESTION, gold_answers=("4 metres",)), ()),
        key_of(SETTINGS, replace(QUESTION, article_ids=("a",)), ()),
        key_of(SETTINGS, QUESTION, (replace(QUESTION, question_id="q0"),)),
    }
    assert len(keys) == 5
    assert key_of(SETTINGS, replace(QUESTION, question="\ud83d"), ())


def test_a_file_that_is_no_database_costs_only_time(tmp_path: Path) -> None:
    path = tmp_path / "answers.sqlite3"
    path.write_bytes(b"not a database at all, and long enough to be looked at" * 40)
    cache = AnswerCache(path)
    cache.put("k", {})
    assert cache.get("k") is None
    assert str(path) in (cache.trouble or "")


def test_a_damaged_record_is_asked_again(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path / "answers.sqlite3")
    cache.put("k", {"a": 1})
    with sqlite3.connect(tmp_path / "answers.sqlite3") as connection:
        connection.execute("UPDATE answers SET record = '{\"a\": '")
    assert cache.get("k") is None


def test_too_much_is_halved_the_oldest_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "answers.sqlite3"
    first = AnswerCache(path)
    for number in range(10):
        first.put(f"k{number}", {"text": "x" * 5000})
    monkeypatch.setattr(answer_cache, "MOST_BYTES", 10_000)
    before = path.stat().st_size
    later = AnswerCache(path)
    assert [number for number in range(10) if later.get(f"k{number}")] == [5, 6, 7, 8, 9]
    assert path.stat().st_size < before
