"""Which questions of a run went wrong."""

from dataclasses import replace

from eval.finished import FinishedRun
from eval.records import Outcome, QuestionSet
from index.errors import BadInputError


def keep_failing(question_set: QuestionSet, run: FinishedRun) -> QuestionSet:
    """The questions of a set that went wrong in a run. Raises BadInputError where it has none of those."""
    wrong = frozenset(failing_questions(run))
    kept = tuple(question for question in question_set.questions if question.question_id in wrong)
    if kept:
        return replace(question_set, questions=kept)
    if not wrong:
        raise BadInputError(f"no question of {run.folder} went wrong: there is nothing to ask again")
    raise BadInputError(
        f"none of the questions that went wrong in {run.folder} is in {question_set.name}: name the set it asked, "
        f"{run.dataset}"
    )


def failing_questions(run: FinishedRun) -> tuple[str, ...]:
    """The ids of the questions that failed or weren't answered rightly, in the set's order."""
    return tuple(name for name, outcome in run.outcomes.items() if is_failing(outcome))


def is_failing(outcome: Outcome) -> bool:
    """Whether a question failed, was answered where nothing answers it, or has a known right answer that wasn't given.

    Right is what cites a gold sentence or, where only a gold answer is known, a sentence that holds it; of a
    question that has nothing but choices, the choice. What can't be judged isn't failing.
    """
    scores = outcome.scores
    if scores is None:
        return outcome.error is not None
    if scores.gold_pieces is not None:
        return scores.pieces_cited == 0 if scores.gold_pieces else outcome.refusal is None
    if scores.has_gold:
        return scores.gold_sentence_rank is None
    return outcome.choices is not None and outcome.choices.right < 1
