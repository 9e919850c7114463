"""String-match metrics against numbers worked out by hand."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from eval.answer_metrics import (
    answer_in_cited,
    answer_tokens,
    contains_answer,
    exact_match,
    f1,
    first_rank,
    scorable_answers,
)

WORDS = st.text(alphabet=st.characters(categories=("L", "N")), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("The U.S. Senate's vote", ("us", "senates", "vote")),
        ("the Senate’s “vote”", ("senates", "vote")),
        ("a $90 million, well-known deal", ("90", "million", "wellknown", "deal")),
        ("yes—or no… perhaps--maybe...never", ("yes", "or", "no", "perhaps", "maybe", "never")),
        ("thirty\u00a0four\u2009per\ncent", ("thirty", "four", "per", "cent")),
        ("10\u201112 co\u00adoperate", ("1012", "cooperate")),
        ("Beyonce\u0301", ("beyoncé",)),
        ("theatre another than", ("theatre", "another", "than")),
        ("The % — an", ()),
    ],
)
def test_normalisation(text: str, tokens: tuple[str, ...]) -> None:
    assert answer_tokens(text) == tokens


@pytest.mark.parametrize(
    ("text", "gold", "expected"),
    [
        ("The senator voted for the bill.", "voted for", True),
        ("The senator voted against the bill.", "voted for", False),
        ("In 2010 it rained.", "10", False),
        ("About 10% of them.", "10", True),
        ("It cost $10,000.", "10", False),
        ("It cost 10.5 crowns.", "10", False),
        ("It cost $90 million.", "0 million", False),
        ("Carlos Sainz, Jr. won", "Carlos Sainz Jr", True),
        ("The winner was Carlos. Sainz did not start.", "Carlos Sainz", True),
        ("Sainz, Carlos", "Carlos Sainz", False),
        ("in the Mid Bedfordshire seat", "Mid Bedfordshire", True),
        ("mid", "Mid Bedfordshire", False),
        ("“Spy balloon” seen", '"spy balloon"', True),
        ("anything at all", "The", False),
        ("", "", False),
    ],
)
def test_contains_answer(text: str, gold: str, expected: bool) -> None:
    assert contains_answer(text, gold) is expected


@given(WORDS, WORDS)
def test_an_answer_is_never_found_inside_a_word(word: str, more: str) -> None:
    assume(answer_tokens(word + more) != answer_tokens(word))
    assume(answer_tokens(more + word) != answer_tokens(word))
    assert not contains_answer(word + more, word)
    assert not contains_answer(more + word, word)


@given(st.lists(WORDS, max_size=4), WORDS, st.lists(WORDS, max_size=4))
def test_an_answer_between_words_is_found(before: list[str], word: str, after: list[str]) -> None:
    assume(answer_tokens(word))
    assert contains_answer(" ".join([*before, word, *after]), word)


@given(st.text())
def test_tokens_are_never_blank_and_any_text_contains_itself(text: str) -> None:
    once = answer_tokens(text)
    assert all(token and not any(character.isspace() for character in token) for token in once)
    assert contains_answer(text, text) is bool(once)


def test_first_rank() -> None:
    texts = ["It rained.", "Eleven men drowned.", "Twelve men drowned."]
    assert first_rank(texts, ("twelve",)) == 3
    assert first_rank(texts, ("twelve", "eleven men")) == 2
    assert first_rank(texts, ("ten",)) is None
    assert first_rank(texts, ("%",)) is None
    assert first_rank([], ("ten",)) is None


def test_answer_in_cited_counts_from_one() -> None:
    assert [answer_in_cited(rank, 1) for rank in (1, 2, None)] == [1.0, 0.0, 0.0]
    assert [answer_in_cited(rank, 3) for rank in (1, 3, 4, None)] == [1.0, 1.0, 0.0, 0.0]


def test_exact_match_takes_any_gold_answer() -> None:
    assert exact_match("The Arcturus.", ("Kraken", "arcturus")) == 1.0
    assert exact_match("Arcturus variant", ("Arcturus",)) == 0.0
    assert exact_match("", ("The",)) == 0.0


def test_f1_by_hand() -> None:
    # Two of three predicted tokens are right (precision 2/3), two of four gold tokens found (recall 1/2): 4/7.
    assert f1("Carlos Sainz yesterday", ("Carlos Sainz Vázquez Junior",)) == pytest.approx(4 / 7)
    # A token counts as often as it occurs: "new" once of two.
    assert f1("new", ("New New York",)) == pytest.approx(1 / 2)
    assert f1("Ford", ("Toyota", "Ford")) == 1.0
    assert f1("Ford", ("Toyota",)) == 0.0
    assert f1("", ("The",)) == 0.0


@given(st.text(), st.lists(st.text(), max_size=3))
def test_f1_is_a_share_and_one_for_an_exact_match(prediction: str, golds: list[str]) -> None:
    assert 0.0 <= f1(prediction, golds) <= 1.0
    if exact_match(prediction, golds):
        assert f1(prediction, golds) == 1.0


def test_answers_of_which_nothing_is_left_are_not_scorable() -> None:
    assert scorable_answers(("The", "%", "10%", "")) == ("10%",)
