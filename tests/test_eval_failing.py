"""Which questions count as gone wrong."""

from dataclasses import replace
from pathlib import Path

import pytest

from eval.failing import failing_questions, is_failing, keep_failing
from eval.records import ChoiceScores, EvalQuestion, Outcome, QuestionSet
from index.errors import BadInputError
from tests.eval_runs import DAY, FAILED, REFUSED, RIGHT, WRONG, Result, finished, outcome_of

KINDS = {
    "right": RIGHT,
    "wrong": WRONG,
    "refused": REFUSED,
    "failed": FAILED,
    "answered": Result(answerable=False),
    "rightly refused": Result(answerable=False, refused=True),
}


@pytest.mark.parametrize(
    ("name", "failing"), [(name, name in {"wrong", "refused", "failed", "answered"}) for name in KINDS]
)
def test_by_gold_sentences(name: str, failing: bool) -> None:
    assert is_failing(outcome_of(name, KINDS[name])) is failing


def test_by_gold_answers_and_by_choices() -> None:
    scores = outcome_of("q", RIGHT).scores
    assert scores is not None
    by_string = replace(scores, gold_pieces=None)
    assert not is_failing(Outcome("q", (), by_string))
    assert is_failing(Outcome("q", (), replace(by_string, gold_sentence_rank=None)))
    unknown = replace(by_string, has_gold=False, gold_sentence_rank=None)
    assert not is_failing(Outcome("q", (), unknown))
    assert is_failing(Outcome("q", (), unknown, choices=ChoiceScores(0.0, 0.0, 0.25)))
    assert not is_failing(Outcome("q", (), unknown, choices=ChoiceScores(1.0, 0.0, 0.25)))


def test_they_are_kept_of_the_set_that_was_asked(tmp_path: Path) -> None:
    run = finished(tmp_path / "run", KINDS)
    assert failing_questions(run) == ("wrong", "refused", "failed", "answered")
    asked = QuestionSet("veld", tuple(EvalQuestion(name, "?", DAY) for name in ("answered", "right", "wrong")))
    assert [one.question_id for one in keep_failing(asked, run).questions] == ["answered", "wrong"]


def test_nothing_to_ask_again_is_said(tmp_path: Path) -> None:
    asked = QuestionSet("veld", (EvalQuestion("right", "?", DAY),))
    with pytest.raises(BadInputError, match="nothing to ask again"):
        keep_failing(asked, finished(tmp_path / "good", {"right": RIGHT}))
    with pytest.raises(BadInputError, match="none of the questions that went wrong"):
        keep_failing(asked, finished(tmp_path / "bad", {"wrong": WRONG}))
