"""The questions written on news articles: the file that ships, and the groups made of it on articles of our own."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from eval.lines import read_lines
from eval.records import ANSWERABLE, UNANSWERABLE
from eval.written_questions import WrittenQuestion, _asked, _question, load_written, written
from index.errors import BadInputError
from index.records import Article
from tests.support import make_article

LEAD = "The ferry to Skerrow ran aground on Thursday."
CAPTAIN = "Orla Finch was its captain."
DENIED = "She denied that she had slept."
OTHER = "The bridge at Cray was opened by Orla Finch in May."
TEXT = f"{LEAD} {CAPTAIN} {DENIED}"
FERRY = make_article(TEXT, "https://news.example/ferry", title="Ferry aground")
BRIDGE = make_article(OTHER, "https://news.example/bridge", title="Bridge open")


def place(sentence: str) -> tuple[int, int]:
    start = TEXT.index(sentence)
    return start, start + len(sentence)


CAPTAINS = WrittenQuestion(
    "Who steered the Skerrow boat?",
    "single",
    FERRY.article_id,
    FERRY.version,
    ((place(CAPTAIN),),),
    place("Orla Finch"),
)
NOBODY = replace(CAPTAINS, question="Who steered the Cray boat?", kind="wrong-place", gold=(), answer=None)


def test_what_ships_can_be_read_and_has_both_kinds() -> None:
    questions = load_written()
    assert len(questions) > 1000
    assert all(bool(one.gold) or one.answer is None for one in questions)
    assert 0.2 < sum(not one.gold for one in questions) / len(questions) < 0.5
    held = {one.article_id for one in questions if one.held_out}
    assert held
    assert not held & {one.article_id for one in questions if not one.held_out}
    assert len({one.question for one in questions}) == len(questions)


def test_the_answering_passage_comes_with_its_span_and_others_without() -> None:
    (group,) = written([CAPTAINS], [FERRY, BRIDGE], 0, 2)
    right = group[0]
    assert right.sentences == (LEAD, CAPTAIN, DENIED)
    assert right.head.startswith("Ferry aground")
    assert right.relevant == {1}
    assert right.span is not None
    number, start, end = right.span
    assert right.sentences[number][start:end] == "Orla Finch"
    # The bridge's article holds the answer's words: whether it answers, nobody knows.
    assert group[1:] == ()


def test_what_others_hold_without_the_answers_words_is_wrong() -> None:
    boat = make_article("A boat to Skerrow sank in 1890.", "https://news.example/boat")
    (group,) = written([CAPTAINS], [FERRY, boat], 0, 2)
    assert [example.relevant for example in group] == [{1}, frozenset()]
    assert group[1].sentences == (boat.text,)


def test_an_unanswerable_question_has_nothing_relevant() -> None:
    (group,) = written([NOBODY], [FERRY, BRIDGE], 0, 2)
    assert {example.sentences for example in group} == {(LEAD, CAPTAIN, DENIED), (OTHER,)}
    assert not any(example.relevant or example.span for example in group)


def test_an_opinion_may_be_answered_elsewhere_so_only_its_own_article_counts() -> None:
    (group,) = written([replace(NOBODY, kind="opinion")], [FERRY, BRIDGE], 0, 2)
    assert [example.sentences for example in group] == [(LEAD, CAPTAIN, DENIED)]


def test_a_question_on_another_version_is_left_out() -> None:
    changed = make_article(TEXT + " More.", "https://news.example/ferry")
    assert list(written([CAPTAINS], [changed], 0, 2)) == []
    assert list(written([CAPTAINS], [BRIDGE], 0, 2)) == []


def test_the_draw_hangs_on_the_seed_alone() -> None:
    articles: list[Article] = [
        make_article(f"Boat {n} to Skerrow is blue.", f"https://news.example/{n}") for n in range(20)
    ]
    groups = [list(written([CAPTAINS], [FERRY, *articles], seed, 2)) for seed in (1, 1, 2)]
    assert groups[0] == groups[1] != groups[2]


def test_asked_in_the_eval_some_days_after_its_article() -> None:
    dated = make_article(TEXT, "https://news.example/ferry", published=date(2022, 5, 4))
    asked = _asked("w", CAPTAINS, dated)
    assert 0 <= (asked.asked_on - date(2022, 5, 4)).days < 15
    assert asked.gold_answers == ("Orla Finch",)
    assert asked.slices == (ANSWERABLE, "single")
    assert asked.gold is not None
    assert [(span.start, span.end) for (span,) in asked.gold] == [place(CAPTAIN)]
    nobody = _asked("n", NOBODY, dated)
    assert (nobody.gold, nobody.gold_answers, nobody.quotable) == ((), (), False)
    assert nobody.slices == (UNANSWERABLE, "wrong-place")


@pytest.mark.parametrize(
    "change",
    [{"gold": [[3]]}, {"gold": 3}, {"gold": [[[4, 4]]]}, {"question": " "}, {"answer": [9, 2]}, {"kind": None}],
)
def test_a_broken_line_is_named(tmp_path: Path, change: dict[str, object]) -> None:
    row = {"question": "Who?", "kind": "single", "article": "https://a.example/", "version": "1", "gold": [[[0, 4]]]}
    path = tmp_path / "questions.jsonl"
    path.write_text(json.dumps(row | change))
    (line,) = read_lines(path)
    with pytest.raises(BadInputError, match=r"questions\.jsonl:1"):
        _question(line)
