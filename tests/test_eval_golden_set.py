"""The golden questions and the sample articles that they are asked of, as they are shipped."""

import json
import re
import shutil
from collections import Counter
from collections.abc import Mapping
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from eval.datasets import load_question_set
from eval.golden_set import (
    HALVES,
    Half,
    half_path,
    load_golden,
    read_articles,
    read_half,
    require_frozen,
)
from eval.records import ANSWERABLE, FOLLOW_UP, PARAPHRASED, UNANSWERABLE, EvalQuestion, Span
from index.errors import BadInputError
from index.furniture import find_furniture
from index.loaders import sample_paths
from index.records import Article, Sentence, article_id_for
from index.sentences import split_sentences

UNANSWERABLE_KINDS = {"absent", "false-premise", "wrong-date", "wrong-person", "wrong-place", "opinion"}
ANSWERABLE_KINDS = {"single", "multi", "multi-article", "yes-no"}
BELL = "https://lanternweekly.example/culture/2026/04/16/bell-from-the-river"
WEIGHT = "It weighs 212 kilograms and is 71 centimetres across at the mouth."


@cache
def articles() -> Mapping[str, Article]:
    return read_articles(sample_paths())


@cache
def questions() -> tuple[EvalQuestion, ...]:
    return load_golden().questions


@cache
def sentences(article_id: str) -> tuple[Sentence, ...]:
    article = articles()[article_id]
    return split_sentences(article, find_furniture(article.text, article.info.title))


def words_of(article: Article) -> int:
    """The words of its body, front matter left out."""
    return len(re.sub(r"\A---\n.*?\n---\n", "", article.text, flags=re.DOTALL).split())


# The sample archive


def test_there_are_forty_articles_of_the_length_of_news() -> None:
    assert len(articles()) == len(sample_paths()) >= 40
    lengths = {article.info.title: words_of(article) for article in articles().values()}
    assert {title: length for title, length in lengths.items() if not 250 <= length <= 700} == {}
    assert all(article.info.title and article.info.outlet and article.info.url for article in articles().values())


def test_the_special_articles_are_there() -> None:
    assert sum(article.info.published is None for article in articles().values()) == 1
    foreign = [one for one in articles().values() if len(re.findall(r"\b(?:der|die|das|und|nicht)\b", one.text)) > 10]
    assert len(foreign) == 1
    assert any(re.search(r"\bcorrect(?:ion|ed)\b", article.text, re.IGNORECASE) for article in articles().values())


def test_one_wire_report_is_carried_by_three_outlets_with_small_edits() -> None:
    """Two near-copies share at least half of their sentences word for word, and no two are the same."""
    texts = {article_id: {one.text for one in sentences(article_id)} for article_id in articles()}
    near = [
        {one, other}
        for one, other in combinations(texts, 2)
        if len(texts[one] & texts[other]) >= min(len(texts[one]), len(texts[other])) / 2
    ]
    copies = set().union(*near)
    assert len({articles()[article_id].info.outlet for article_id in copies}) >= 4
    assert len({articles()[article_id].version for article_id in articles()}) == len(articles())


# The questions


def test_every_gold_span_is_one_whole_sentence_outside_the_furniture() -> None:
    whole = {(article_id, one.start, one.end) for article_id in articles() for one in sentences(article_id)}
    golds = [(one.question_id, span) for one in questions() for piece in one.gold or () for span in piece]
    assert [(name, span) for name, span in golds if (span.article_id, span.start, span.end) not in whole] == []
    assert len(golds) > 240


@pytest.mark.parametrize("half", HALVES)
def test_offsets_give_their_quotes_in_the_articles(half: Half) -> None:
    by_url = {article.info.url: article for article in articles().values()}
    for line in half_path(half).read_text(encoding="utf-8").splitlines():
        for piece in json.loads(line)["gold"]:
            for gold in piece:
                assert by_url[gold["article"]].text[gold["start"] : gold["end"]] == gold["quote"]


def test_there_are_as_many_questions_of_each_sort_as_the_set_promises() -> None:
    counted = Counter(name for one in questions() for name in one.slices)
    assert counted["frozen"] + counted["open"] == len(questions()) >= 240
    assert counted[UNANSWERABLE] >= 80
    assert {one.kind for one in questions()} == ANSWERABLE_KINDS | UNANSWERABLE_KINDS
    assert min(counted[kind] for kind in UNANSWERABLE_KINDS) >= 12
    assert min(counted[kind] for kind in ANSWERABLE_KINDS) >= 24
    turns = Counter(one.turn for one in questions())
    assert turns[1] == turns[2] == len({one.dialogue for one in questions() if one.dialogue}) >= 40
    assert turns[3] >= 12
    assert set(turns) <= {None, 1, 2, 3}


def test_half_of_the_answerable_questions_are_in_other_words_than_their_gold_sentences() -> None:
    for kept in ((ANSWERABLE,), (ANSWERABLE, "frozen"), (ANSWERABLE, "open")):
        answerable = [one for one in questions() if set(kept) <= set(one.slices) and FOLLOW_UP not in one.slices]
        assert sum(PARAPHRASED in one.slices for one in answerable) >= len(answerable) / 2


def test_the_halves_are_of_like_size_and_kind() -> None:
    frozen, opened = (Counter(one.kind for one in questions() if half in one.slices) for half in HALVES)
    assert abs(frozen.total() - opened.total()) <= 0.05 * len(questions())
    assert {kind: (frozen[kind], opened[kind]) for kind in frozen if abs(frozen[kind] - opened[kind]) > 6} == {}


def test_questions_fit_their_kinds() -> None:
    ids = [one.question_id for one in questions()]
    assert len(set(ids)) == len(ids)
    first = [one.question.lower() for one in questions() if FOLLOW_UP not in one.slices]
    assert len(set(first)) == len(first)
    for one in questions():
        pieces, found_in = one.gold or (), {span.article_id for piece in one.gold or () for span in piece}
        assert (one.kind in UNANSWERABLE_KINDS) == (pieces == ()) == (UNANSWERABLE in one.slices), one.question_id
        assert not (one.kind in UNANSWERABLE_KINDS and one.gold_answers), one.question_id
        if one.kind == "yes-no":
            assert one.gold_answers in (("yes",), ("no",), ("the articles differ",)), one.question_id
        if one.kind in ("multi", "multi-article"):
            assert len(pieces) >= 2, one.question_id
        if one.kind == "multi-article":
            assert len(found_in) >= 2, one.question_id
        assert (one.whole is not None) == (FOLLOW_UP in one.slices), one.question_id
    assert {"yes", "no"} <= {answer for one in questions() if one.kind == "yes-no" for answer in one.gold_answers}


def test_a_question_is_asked_when_its_answer_has_been_printed() -> None:
    for one in questions():
        for piece in one.gold or ():
            printed = [articles()[span.article_id].info.published for span in piece]
            assert any(day is None or day <= one.asked_on for day in printed), one.question_id


def test_what_has_to_be_put_together_is_not_looked_for_in_a_sentence() -> None:
    assert not any(one.quotable for one in questions() if one.kind == "yes-no" or not one.gold_answers)
    single = [one for one in questions() if one.kind == "single" and one.gold_answers]
    assert sum(one.quotable for one in single) >= 0.8 * len(single)


# Loading


def test_the_halves_and_the_whole() -> None:
    whole = load_question_set("golden")
    halves = [load_question_set(f"golden:{half}") for half in HALVES]
    assert whole.articles == tuple(sample_paths())
    assert whole.questions == (*halves[0].questions, *halves[1].questions)
    assert [one.name for one in halves] == ["golden:frozen", "golden:open"]
    assert all(one.slices[0] == "frozen" for one in halves[0].questions)
    with pytest.raises(BadInputError, match="no golden set 'golden:shut'"):
        load_question_set("golden:shut")
    with pytest.raises(BadInputError, match="no given articles"):
        load_question_set("golden", "given")


def test_a_frozen_half_that_was_edited_is_refused(tmp_path: Path) -> None:
    require_frozen(half_path("frozen"))
    changed = tmp_path / "frozen.jsonl"
    shutil.copy(half_path("frozen"), changed)
    changed.write_bytes(changed.read_bytes().rstrip(b"\n"))
    with pytest.raises(BadInputError, match="must never be"):
        require_frozen(changed)
    with pytest.raises(BadInputError, match="can't be read"):
        require_frozen(tmp_path / "none.jsonl")


def gold_of(quote: str = WEIGHT, article: str = BELL) -> dict[str, Any]:
    start = articles()[article_id_for(article)].text.index(quote)
    return {"article": article, "start": start, "end": start + len(quote), "quote": quote}


def fields(**changes: object) -> dict[str, object]:
    whole: dict[str, object] = {
        "question_id": "x-1",
        "question": "How heavy is the object that was pulled up?",
        "asked_on": "2026-06-20",
        "kind": "single",
        "answers": ["212 kilograms", "more than two tonnes"],
        "gold": [[gold_of()]],
    }
    return {name: value for name, value in {**whole, **changes}.items() if value is not None}


def read(folder: Path, *lines: object) -> tuple[EvalQuestion, ...]:
    path = folder / "open.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return read_half(path, "open", articles())


def test_a_question_by_hand(tmp_path: Path) -> None:
    unanswered = {"kind": "absent", "gold": [], "answers": []}
    first, second = read(
        tmp_path,
        fields(dialogue="d1", turn=1),
        fields(question_id="x-2", question="Why?", dialogue="d1", turn=2, whole="Why is it so heavy?", **unanswered),
    )
    start = articles()[article_id_for(BELL)].text.index(WEIGHT)
    assert first.gold == ((Span(article_id_for(BELL), start, start + len(WEIGHT)),),)
    assert first.slices == ("open", "answerable", "single", "paraphrased")
    assert (first.dialogue, first.turn, first.whole, first.quotable) == ("d1", 1, None, True)
    assert second.slices == ("open", "unanswerable", "absent", "follow-up")
    assert (second.gold, second.whole, second.quotable) == ((), "Why is it so heavy?", False)


def test_a_question_in_the_words_of_its_gold_sentence_is_not_paraphrased(tmp_path: Path) -> None:
    (found,) = read(tmp_path, fields(question="How many kilograms does it weigh?", answers=["two hundredweight"]))
    assert "paraphrased" not in found.slices
    assert not found.quotable  # "two hundredweight" stands in no gold sentence


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "guess"}, "kind is 'guess'; it can be one of: single, multi,"),
        ({"gold": []}, "gold must hold sentences for 'single'"),
        ({"kind": "opinion"}, "gold must hold sentences for 'opinion', or be empty if that is unanswerable"),
        ({"gold": {}}, "gold must be a list of pieces"),
        ({"gold": [[]]}, "each piece of gold must be a list of sentences"),
        ({"gold": [["quote"]]}, "must be an object with article, start, end and quote"),
        ({"gold": [[{"article": BELL, "start": 0, "end": 3}]]}, "gold: quote is missing"),
        ({"gold": [[{"article": BELL, "start": "0", "end": 3, "quote": "abc"}]]}, "gold: start must be a whole number"),
        ({"gold": [[{"article": BELL, "start": 5, "end": 8, "quote": "abc"}]]}, "characters 5 to 8 of"),
        ({"gold": [[{"article": BELL, "start": -3, "end": 3, "quote": "abc"}]]}, "are not the quote"),
        ({"gold": [[{"article": "https://x.example/", "start": 0, "end": 3, "quote": "abc"}]]}, "no sample article"),
        ({"asked_on": None}, "asked_on is missing"),
        ({"answers": None}, "answers must be a list"),
        ({"turn": 1}, "dialogue and turn go together"),
        ({"dialogue": "d1"}, "dialogue and turn go together"),
        ({"dialogue": "d1", "turn": 0}, "turn is 0"),
        ({"dialogue": "d1", "turn": True}, "turn must be a whole number"),
        ({"dialogue": "d1", "turn": 2}, "whole is for the second and later turns"),
        ({"whole": "How heavy is the bell?"}, "whole is for the second and later turns"),
        ({"dialogue": "d1", "turn": 2, "whole": "How heavy is it?"}, "must stand right below the turn before it"),
        ({"dialog": "d1"}, "no such field: dialog"),
        ({"question_id": "x-0"}, "question_id 'x-0' stands at"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    with pytest.raises(BadInputError, match=r"open\.jsonl:2: ") as raised:
        read(tmp_path, fields(question_id="x-0"), fields(**changes))
    assert message in str(raised.value)


def test_a_sample_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty.md").write_text("", encoding="utf-8")
    with pytest.raises(BadInputError, match=r"empty\.md: empty file"):
        read_articles([tmp_path])
