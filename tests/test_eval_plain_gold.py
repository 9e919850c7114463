"""Gold sentences in a set of one's own: what a line may hold, and that they are held to the archive."""

import json
from pathlib import Path

import pytest
from support import make_archive, make_article

from eval.datasets import load_question_set
from eval.plain_gold import require_gold
from eval.records import ANSWERABLE, PARAPHRASED, UNANSWERABLE, Span
from index.archive import Archive
from index.errors import BadInputError
from index.records import article_id_for

URL = "https://veld.example/flood"
TEXT = "Rain fell. The Vélder Dam broke on 3 May. Twelve houses were flooded."
QUOTE = "The Vélder Dam broke on 3 May."
GOLD = {"url": URL, "start": 11, "end": 41, "quote": QUOTE}


def question_file(folder: Path, **fields: object) -> str:
    line = {"question_id": "dam", "question": "When did the Vélder Dam break?", "asked_on": "2026-05-04", **fields}
    path = folder / "mine.jsonl"
    path.write_text(json.dumps(line) + "\n", encoding="utf-8")
    return str(path)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return make_archive(tmp_path / "archive", [make_article(TEXT, URL)])


def test_gold_sentences_are_read_and_make_slices(tmp_path: Path, archive: Archive) -> None:
    loaded = load_question_set(question_file(tmp_path, answers=["3 May"], gold=[[GOLD]]))
    (question,) = loaded.questions
    assert question.gold == ((Span(article_id_for(URL), 11, 41),),)
    assert (question.slices, question.quotable) == ((ANSWERABLE,), True)
    require_gold(loaded.quotes, archive)


def test_an_empty_list_is_an_unanswerable_question_and_none_is_not_known(tmp_path: Path) -> None:
    (question,) = load_question_set(question_file(tmp_path, gold=[], answers=[])).questions
    assert (question.gold, question.slices) == ((), (UNANSWERABLE,))
    for unknown in ({}, {"gold": None}):
        (question,) = load_question_set(question_file(tmp_path, **unknown)).questions
        assert (question.gold, question.slices) == (None, ())


def test_an_answer_that_no_gold_sentence_holds_is_not_looked_for_word_by_word(tmp_path: Path) -> None:
    asked = "At which point of spring did it give way?"
    (question,) = load_question_set(
        question_file(tmp_path, question=asked, answers=["early May"], gold=[[GOLD]])
    ).questions
    assert (question.quotable, question.slices) == (False, (ANSWERABLE, PARAPHRASED))


def test_quotes_of_questions_that_are_not_asked_are_not_looked_at(tmp_path: Path) -> None:
    path = Path(question_file(tmp_path, gold=[[GOLD]]))
    path.write_text(path.read_text(encoding="utf-8") + '{"question_id": "b", "question": "Why?"}\n', encoding="utf-8")
    (tmp_path / "ids").write_text("b\n", encoding="utf-8")
    assert load_question_set(str(path), ids_file=tmp_path / "ids").quotes == ()


@pytest.mark.parametrize(
    ("gold", "message"),
    [
        ("dam", "gold must be a list of pieces"),
        ([GOLD], "each piece of gold must be a list of sentences"),
        ([[]], "each piece of gold must be a list of sentences"),
        ([[[11, 41]]], "must be an object with url, start, end and quote"),
        ([[{**GOLD, "url": " "}]], "gold: url is missing, blank or no text"),
        ([[{**GOLD, "quote": None}]], "gold: quote is missing, blank or no text"),
        ([[{**GOLD, "start": "11"}]], "gold: start must be a whole number"),
        ([[{**GOLD, "end": 41.0}]], "gold: end must be a whole number"),
        ([[{**GOLD, "start": -1, "end": 29}]], "gold: characters -1 to 29 can't be the quote, which has 30"),
        ([[{**GOLD, "start": 41, "end": 11}]], "characters 41 to 11 can't be the quote"),
        ([[{**GOLD, "end": 42}]], "characters 11 to 42 can't be the quote, which has 30"),
        ([[{**GOLD, "quote": "\ud800" * 30}]], "half a surrogate pair"),
    ],
)
def test_bad_gold_is_named_with_file_and_line(tmp_path: Path, gold: object, message: str) -> None:
    with pytest.raises(BadInputError, match=r"mine\.jsonl:1: ") as raised:
        load_question_set(question_file(tmp_path, gold=gold))
    assert message in str(raised.value)


def test_unanswerable_with_an_answer_is_a_contradiction(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"mine\.jsonl:1: gold is empty, which says that no article answers"):
        load_question_set(question_file(tmp_path, gold=[], answers=["3 May"]))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"url": "https://veld.example/other"}, "the archive has no article https://veld.example/other"),
        ({"start": 10, "end": 40}, "are not the quote, which stands at 11 to 41 now: put that in"),
        ({"quote": "The Vélder Dam broke on 4 May."}, "stands nowhere else in the article as it is now"),
        ({"start": 10**9, "end": 10**9 + 30}, "which stands at 11 to 41 now"),
    ],
)
def test_what_does_not_stand_in_the_archive_is_said(
    tmp_path: Path, archive: Archive, changed: dict[str, object], message: str
) -> None:
    quotes = load_question_set(question_file(tmp_path, gold=[[{**GOLD, **changed}]])).quotes
    with pytest.raises(BadInputError, match=r"mine\.jsonl:1: gold: ") as raised:
        require_gold(quotes, archive)
    assert message in str(raised.value)
