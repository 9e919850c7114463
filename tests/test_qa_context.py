"""Which sentences can't be understood without the one before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.context import leans


@pytest.mark.parametrize(
    "sentence",
    [
        "He denied it.",
        "But she had left by then, the baker told the court.",
        "They found forty sheep behind the barn.",
        "It had been 217.",
        "That was wrong.",
        "That’s why the gate stayed shut all night.",
        "This means that the mill will close.",
        "These were never counted by the office.",
        "His brother sold the barn in the spring.",
        "The former won by nine votes.",
        "Both were taken to the hospital in Cray.",
        "As a result, the market was held in the church.",
        "So did the baker, who lives next door.",
        "Neither had been told of the plan.",
        "“The wheel was rotten,” he said.",
        '"The wheel was rotten", she told the newspaper.',
        "“We knew nothing about the rotten wheel.”",
        "“The wheel was rotten,” said he.",
        "Nobody knows.",
        "And then he sold the whole mill to Ada Brook.",
    ],
)
def test_sentences_that_lean(sentence: str) -> None:
    assert leans(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Ada Brook denied that she had sold the wheel.",
        "The mayor said he would go in May.",
        "It is not known whether the mill will open again.",
        "It rained for nine days in Cray.",
        "It took the firemen two hours to reach the mill.",
        "It was Ada Brook who sold the wheel.",
        "This year the mill will grind again.",
        "That mill has stood empty since 1998.",
        "These sheep belong to the shepherd of Cray.",
        "“The wheel was rotten,” said Ada Brook.",
        "“The wheel was rotten,” the baker said, “and it broke.”",
        "Forty sheep were found behind the barn.",
        "Ada Brook, who came back in April, said she was glad.",
        "Theodor Hale bought the mill.",
        "Thieves took the wheel at night.",
    ],
)
def test_sentences_that_stand_alone(sentence: str) -> None:
    assert not leans(sentence)


@given(st.text())
def test_any_text_can_be_judged(text: str) -> None:
    assert leans(text) in (True, False)
