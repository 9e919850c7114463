"""One question, put in every way that it is measured in: with refusing, without, and asked whole."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Protocol

from eval.answer_metrics import scorable_answers
from eval.records import Answers, EvalQuestion, Outcome
from eval.scoring import ArticleSource, gold_in_given, score_answer
from eval.written_sentences import written_sentences
from index.records import ArticleInfo, Filters
from qa.compose import MOST_SENTENCES
from qa.records import Answer, Turn


class EvalArchive(ArticleSource, Protocol):
    """What the eval wants to know of an archive."""

    @property
    def folder(self) -> Path: ...

    def manifest(self) -> dict[str, str]: ...

    def infos(self) -> list[ArticleInfo]: ...


class Answerer(Protocol):
    """What is measured: `qa.assistant.Assistant`, or anything that answers like it."""

    @property
    def archive(self) -> EvalArchive: ...

    def ask(
        self,
        question: str,
        *,
        asked_on: date | None = None,
        filters: Filters = Filters(),
        forced: bool = False,
        history: Sequence[Turn] = (),
    ) -> Answer: ...


class Dialogues:
    """The turns of dialogues as the assistant answered them itself, which is what a later turn leans on.

    `questions` are all those whose earlier turns may be wanted: those that weren't asked in this run are asked then.
    """

    def __init__(self, assistant: Answerer, questions: Sequence[EvalQuestion]) -> None:
        self._assistant = assistant
        self._questions = {(one.dialogue, one.turn): one for one in questions if one.dialogue is not None}
        self._turns: dict[str, Turn] = {}

    def turns_before(self, question: EvalQuestion) -> tuple[EvalQuestion, ...]:
        """The questions of the turns before one, oldest first."""
        numbers = range(1, question.turn or 1)
        return tuple(self._questions[place] for n in numbers if (place := (question.dialogue, n)) in self._questions)

    def before(self, question: EvalQuestion) -> tuple[Turn, ...]:
        """The turns before a question, oldest first; whatever the assistant raises is raised."""
        history: tuple[Turn, ...] = ()
        for one in self.turns_before(question):
            if one.question_id not in self._turns:
                self.add(one, _ask(self._assistant, one, one.question, history))
            history = (*history, self._turns[one.question_id])
        return history

    def add(self, question: EvalQuestion, asked: Answer) -> None:
        """Take in the answer to a turn."""
        if question.dialogue is not None:
            self._turns[question.question_id] = Turn.of(asked)


def ask_question(assistant: Answerer, question: EvalQuestion, history: Sequence[Turn] = ()) -> Answers:
    """The answers that the question can be judged by; whatever the assistant raises is raised."""
    asked = _ask(assistant, question, question.question, history)
    forced = _forced(assistant, question, question.question, asked, history)
    if question.whole is None:
        return Answers(asked, forced=forced)
    whole = _ask(assistant, question, question.whole)
    return Answers(asked, forced, whole, _forced(assistant, question, question.whole, whole))


def outcome_of(question: EvalQuestion, answers: Answers, source: ArticleSource) -> Outcome:
    """The scores of all of them. The timings are those of the question asked with refusing."""
    asked, forced, whole, whole_forced = answers.asked, answers.forced, answers.whole, answers.whole_forced
    return Outcome(
        question_id=question.question_id,
        slices=question.slices,
        scores=score_answer(question, asked, source),
        refusal=None if asked.refusal is None else asked.refusal.reason,
        timings=dict(asked.timings),
        forced=None if forced is None else score_answer(question, forced, source),
        whole=None if whole is None else score_answer(question, whole, source),
        whole_refusal=None if whole is None or whole.refusal is None else whole.refusal.reason,
        whole_forced=None if whole_forced is None else score_answer(question, whole_forced, source),
        gold_in_given=gold_in_given(question, source),
        answerable=asked.answerable,
        written=written_sentences(asked),
    )


def _forced(
    assistant: Answerer, question: EvalQuestion, words: str, asked: Answer, history: Sequence[Turn] = ()
) -> Answer | None:
    """The answer without refusing, which cites the three best sentences; None without any gold to judge it by.

    With refusing it may be fewer. Where three are quoted already they are the same three, and without gold answers, by
    which a short answer could be judged, asking again tells nothing.
    """
    scorable = scorable_answers(question.gold_answers)
    if not question.gold and not scorable:
        return None
    quoted = [one for one in asked.sentences if not one.context and not one.written]
    if len(quoted) == MOST_SENTENCES and (asked.generation is None or not asked.generation.used) and not scorable:
        return asked
    return _ask(assistant, question, words, history, forced=True)


def _ask(
    assistant: Answerer, question: EvalQuestion, words: str, history: Sequence[Turn] = (), *, forced: bool = False
) -> Answer:
    filters = Filters(article_ids=question.article_ids)
    return assistant.ask(words, asked_on=question.asked_on, filters=filters, forced=forced, history=history)
