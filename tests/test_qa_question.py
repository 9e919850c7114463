"""What is read off a question's words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.question import AnswerType, asks_for_words, matches_type, read_question, stems


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many people fled?", "number"),
        ("How OLD is the bell?", "number"),
        ("What percentage voted?", "number"),
        ("When was the bell cast?", "time"),
        ("Which year was the flood?", "time"),
        ("Why did the mayor resign?", "reason"),
        ("What caused the flood?", "reason"),
        ("Who leads the inquiry?", "name"),
        ("Where did they sleep?", "name"),
        ("Which group is in Douma?", "name"),
        ("What did the rebels propose?", "other"),
        ("Did the mayor vote for it?", "other"),
        ("Show me everything", "other"),
    ],
)
def test_the_kind_of_answer_asked_for(question: str, kind: AnswerType) -> None:
    assert read_question(question).answer_type == kind


@pytest.mark.parametrize(
    ("question", "few"),
    [
        ("Who leads the inquiry?", True),
        ("WHO leads it", True),
        ("In which year was the bell cast?", True),
        ("When was the vote?", True),
        ("Where did they sleep?", True),
        ("What company owns the bakery?", True),
        ("How much does the bell weigh?", True),
        ("How   many fled?", False),  # only as it is written
        ("how old is the bell?", True),
        ("How did the river rise?", False),
        ("Why did the mayor resign?", False),
        ("Why did the man who led it resign?", False),
        ("What happened on Tuesday?", False),
        ("What caused the flood?", False),
        ("What did the rebels propose?", False),
        ("What is known about the bell?", False),
        ("How come nobody was hurt?", False),
        ("Did the mayor vote for it?", False),
        ("Is the whole bridge closed?", False),  # "who" inside a word
        ("Show me everything", False),
        ("", False),
    ],
)
def test_whether_a_few_words_can_answer(question: str, few: bool) -> None:
    assert asks_for_words(question) is few


def test_words_are_stemmed_and_function_words_left_out() -> None:
    assert read_question("How many people have been fleeing the floods?").stems == {"peopl", "flee", "flood"}
    assert stems("The who and the what") == stems("the WHO and THE what")  # nothing else is left, so they count


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Who owns the bakery on Tanner Street?", {"tanner", "street"}),
        ("Did Mayor Oldacre resign?", {"mayor", "oldacr"}),
        ("What did Émile Zola write?", {"émile", "zola"}),
        ("Harrow Ford has what?", {"harrow", "ford"}),
        ("Floods hit what?", set()),  # a capital at the start says nothing
        ("what did assad say?", set()),
        ("Who runs the U.S. Senate?", {"u", "senat"}),
    ],
)
def test_names(question: str, names: set[str]) -> None:
    assert read_question(question).names == names


@pytest.mark.parametrize(
    ("question", "sentence", "expected"),
    [
        ("How many people fled?", "Some 340 people fled.", 1.0),
        ("How many people fled?", "Forty people fled.", 1.0),
        ("How many people fled?", "People fled.", -1.0),
        ("How many of the 340 came back?", "The 340 were at home.", -1.0),  # the question's own number
        ("When was the vote?", "The vote was on Tuesday.", 1.0),
        ("When was the vote?", "The vote was close.", -1.0),
        ("When on Tuesday was the vote?", "The vote was on Tuesday.", -1.0),
        ("Why did it jam?", "It jammed because of a trunk.", 1.0),
        ("Why did it jam?", "It jammed at night.", -1.0),
        ("Who led it?", "It was led by Philippa Conyers.", 1.0),
        ("Who led it?", "It was led by a judge.", -1.0),
        ("Who is Philippa Conyers?", "People know Philippa Conyers.", -1.0),
        ("What did he say?", "Nothing.", 0.0),
    ],
)
def test_does_a_sentence_hold_what_is_asked_for(question: str, sentence: str, expected: float) -> None:
    assert matches_type(sentence, read_question(question)) == expected


@given(st.text(), st.text())
def test_any_text_can_be_read(question: str, sentence: str) -> None:
    assert not asks_for_words(f"Why: {question}")
    assert matches_type(sentence, read_question(question)) in (-1.0, 0.0, 1.0)
