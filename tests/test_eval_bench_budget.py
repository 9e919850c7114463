"""The budget of retrieved words, worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.answer_metrics import contains_answer
from eval.bench_budget import words_until_answer, words_until_sentence
from eval.bench_records import RetrievedText

TEXTS = ("The river rose on Monday .", "Mayor Ida Brandt said so.", "Ida Brandt again")


@pytest.mark.parametrize(
    ("gold", "words"),
    [
        ("river", 2),
        ("The River", 2),  # "the" is no token
        ("Monday", 5),
        ("Ida Brandt", 9),  # six words, then three
        ("said so", 11),
        ("again", 14),
        ("Monday Mayor", None),  # not across two texts
        ("Brandt Ida", None),
        ("rand", None),  # whole tokens only
        ("The", None),  # nothing to look for
    ],
)
def test_words_up_to_the_end_of_the_answer(gold: str, words: int | None) -> None:
    assert words_until_answer(TEXTS, [gold]) == words


def test_of_several_answers_the_first_to_be_complete_counts() -> None:
    assert words_until_answer(TEXTS, ["Ida Brandt", "rose on"]) == 4
    assert words_until_answer(TEXTS, []) is None
    assert words_until_answer([], ["river"]) is None
    assert words_until_answer(["", "river"], ["river"]) == 1


@given(
    st.lists(st.text("ab -…'", max_size=12), max_size=4),
    st.text("ab", min_size=1, max_size=3),
    st.integers(min_value=0, max_value=12),
)
def test_an_answer_is_found_within_a_budget_exactly_when_it_stands_in_the_texts_cut_there(
    texts: list[str], gold: str, budget: int
) -> None:
    left, found = budget, False
    for text in texts:
        taken = text.split()[:left]
        found = found or contains_answer(" ".join(taken), gold)
        left -= len(taken)
    needed = words_until_answer(texts, [gold])
    assert found == (needed is not None and needed <= budget)


def test_a_gold_sentence_has_to_stand_whole_in_a_text_of_its_article() -> None:
    texts = [
        RetrievedText("a", "Rain fell.  The river\nrose."),
        RetrievedText("b", "Nobody was hurt. The river rose."),
        RetrievedText("a", "The fair was held. It was dry."),
    ]
    assert words_until_sentence(texts, [RetrievedText("a", "The river rose.")]) == 5
    assert words_until_sentence(texts, [RetrievedText("b", "The river rose.")]) == 11
    assert (
        words_until_sentence(texts, [RetrievedText("a", "It was dry."), RetrievedText("a", "The fair\nwas held.")])
        == 15
    )
    assert words_until_sentence(texts, [RetrievedText("c", "The river rose.")]) is None
    assert words_until_sentence(texts, [RetrievedText("a", "The river rose on Monday.")]) is None
    assert words_until_sentence(texts, [RetrievedText("a", " ")]) is None
    assert words_until_sentence(texts, []) is None


def test_a_sentence_that_runs_into_the_next_one_counts_that_word_as_its_own() -> None:
    texts = [RetrievedText("a", "“Dry,” he said.“Very dry.” The end.")]
    assert words_until_sentence(texts, [RetrievedText("a", "“Dry,” he said.")]) == 3
