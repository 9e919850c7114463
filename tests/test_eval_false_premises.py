"""Questions that name something else: what is exchanged, and that their passage doesn't hold it."""

import pytest

from eval.answer_metrics import contains_answer
from eval.false_premises import with_false_premises
from eval.reader_data import Example, Group

TOLD = Example(
    "Who led the march in Cray on Monday?", "", ("Rufus Tamblyn led the march in Cray on Monday.",), frozenset({0})
)
NEAR = Example(TOLD.question, "", ("The march in Sallow was on Tuesday.", "It was led by a nurse."))


def changed(group: Group, seed: int = 0) -> list[str]:
    return [example.question for (example, *_) in list(with_false_premises([group], seed))[1::2]]


def test_a_name_is_exchanged_for_one_of_the_near_passages() -> None:
    questions = {changed((TOLD, NEAR), seed)[0] for seed in range(20)}
    assert questions == {"Who led the march in Sallow on Monday?", "Who led the march in Cray on Tuesday?"}


def test_nothing_answers_the_changed_question() -> None:
    group, (example,) = with_false_premises([(TOLD, NEAR)], 0)
    assert group == (TOLD, NEAR)
    assert example.sentences == TOLD.sentences
    assert not example.relevant
    assert example.span is None


@pytest.mark.parametrize(
    "group",
    [
        (TOLD,),  # nothing near to take another name from
        (TOLD, Example(TOLD.question, "", TOLD.sentences)),  # only names that the passage holds
        (Example("Who led it?", "", TOLD.sentences, frozenset({0})), NEAR),  # nothing named
        (Example("Who led the march in Dunmere?", "", TOLD.sentences, frozenset({0})), NEAR),  # not in the passage
        (Example(TOLD.question, "", TOLD.sentences), NEAR),  # it doesn't answer to begin with
    ],
)
def test_a_question_that_cannot_be_changed_is_left_out(group: Group) -> None:
    assert list(with_false_premises([group], 0)) == []


def test_figures_years_and_months_keep_their_kind() -> None:
    told = Example("What cost 40 crowns in March 2024?", "", ("Bread cost 40 crowns in March 2024.",), frozenset({0}))
    near = Example(told.question, "", ("Milk cost 12 crowns in May 2019, more than in 1998.",))
    for seed in range(20):
        (question,) = changed((told, near), seed)
        wrong = [word for word in ("12", "May", "2019", "1998") if contains_answer(question, word)]
        assert len(wrong) == 1
        assert question.replace(wrong[0], {"12": "40", "May": "March"}.get(wrong[0], "2024")) == told.question
