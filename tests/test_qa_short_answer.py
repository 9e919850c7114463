"""The short answer that all sentences speak for; what the reader would say is set by hand."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.records import Sentence
from qa.places import COUNTRIES, STATES
from qa.records import Citation, ScoredSentence, Span
from qa.short_answer import voted_answer
from tests.support import make_article

INFO = make_article("").info


def scored(text: str, words: str | None, score: float) -> ScoredSentence:
    sentence = Sentence("a", "b", 0, 0, len(text), text)
    start = 0 if words is None else text.index(words)
    span = None if words is None else Span(start, start + len(words), 1.0)
    return ScoredSentence(Citation(sentence, INFO, 0, len(text)), score, 0.5, span)


def answers(*offered: tuple[str, str | None, float]) -> Sequence[ScoredSentence]:
    return sorted((scored(*one) for one in offered), key=lambda one: -one.score)


def test_the_same_words_in_several_sentences_add_up() -> None:
    ranked = answers(
        ("Ida Brandt opened the dam.", "Ida Brandt", 0.4),
        ("It was OLE MOEN who spoke.", "OLE MOEN", 0.3),
        ("Then Ole Moen, the mayor, left.", "Ole Moen", 0.35),
    )
    assert voted_answer("Who spoke?", ranked[:1]) == "Ida Brandt"
    assert voted_answer("Who spoke?", ranked) == "Ole Moen"


def test_a_name_is_supported_by_a_part_of_it() -> None:
    ranked = answers(
        ("Ida Brandt spoke.", "Ida Brandt", 0.4),
        ("Ole Moen spoke.", "Ole Moen", 0.38),
        ("Moen said so.", "Moen", 0.2),
    )
    assert voted_answer("Who spoke?", ranked) == "Ole Moen"


def test_the_full_name_is_given_where_a_part_of_it_wins() -> None:
    ranked = answers(("Moen spoke.", "Moen", 0.5), ("Mayor Ole Moen left.", "Ole Moen", 0.2))
    assert voted_answer("Who spoke?", ranked) == "Ole Moen"
    ranked = answers(("Moen spoke.", "Moen", 0.5), ("Ole Moen left.", "Ole Moen", 0.02))
    assert voted_answer("Who spoke?", ranked) == "Moen"
    ranked = answers(("Moen spoke.", "Moen", 0.5), ("Moen left the hall.", "Moen left", 0.4))
    assert voted_answer("Who spoke?", ranked) == "Moen"


def test_what_only_repeats_the_question_or_says_nothing_comes_last() -> None:
    ranked = answers(("The mayor of Marn spoke.", "Marn", 0.6), ("He spoke.", "He", 0.5), ("Ole did.", "Ole", 0.3))
    assert voted_answer("Who spoke in Marn?", ranked) == "Ole"
    assert voted_answer("Who spoke in Marn?", answers(("He spoke.", "He", 0.5))) is None


def test_no_words_no_answer() -> None:
    assert voted_answer("Who spoke?", ()) is None
    assert voted_answer("Who spoke?", answers(("Nobody knows.", None, 0.9))) is None


@pytest.mark.parametrize(
    ("question", "words", "expected"),
    [
        ("How many houses were flooded?", "five houses were flooded", "five"),
        ("How many people came?", "3,400 visitors", "3,400"),
        ("How much did it cost?", "some $1.35 billion a year", "$1.35 billion"),
        ("What percentage agreed?", "about 63% of them", "63%"),
        ("How long did it take?", "in nine years of work", "nine years"),
        ("How many years did it take?", "nine years", "nine"),
        ("What was the final score?", "a 63-7 thumping", "63-7"),
        ("Which country won?", "the Turkish side", "Turkey"),
        ("In which African nation was it?", "South Sudanese army", "South Sudan"),
        ("Which two countries won?", "South Korea", "South Korea"),
        ("Which US state banned it?", "West Virginia's governor", "West Virginia"),
    ],
)
def test_words_are_cut_to_the_kind_asked_for(question: str, words: str, expected: str) -> None:
    assert voted_answer(question, answers((f"It was {words}.", words, 0.5))) == expected


@pytest.mark.parametrize(
    ("question", "other", "fitting"),
    [
        ("How many fled?", "Mill Lane", "forty"),
        ("Which country was it?", "Lisbon", "Portuguese"),
        ("Which state was it?", "Denver", "Colorado"),
        ("What was the score?", "Arsenal", "4-1"),
    ],
)
def test_an_answer_of_the_kind_asked_for_wins(question: str, other: str, fitting: str) -> None:
    ranked = answers((f"It was {other}.", other, 0.5), (f"There was {fitting}.", fitting, 0.3))
    assert voted_answer(question, ranked) in (fitting, COUNTRIES.get(fitting.lower()))
    # Without any of that kind the others stay.
    assert voted_answer(question, ranked[:1]) == other


def test_a_statement_is_taken_to_be_true() -> None:
    ranked = answers(("Ole won.", "Ole", 0.9))
    assert voted_answer("True or false: Ole won.", ranked) == "True"


@given(st.text(max_size=60), st.lists(st.tuples(st.text(min_size=1, max_size=30), st.floats(0, 1)), max_size=6))
def test_any_text_is_survived(question: str, offered: list[tuple[str, float]]) -> None:
    answer = voted_answer(question, [scored(text, text, score) for text, score in offered])
    assert answer is None or answer.strip()


def test_places_are_named_once() -> None:
    assert len(STATES) == 50
    assert {"turkish", "turkey", "uk", "dr congo"} <= COUNTRIES.keys()
    assert all(COUNTRIES[name.lower()] == name for name in COUNTRIES.values())
