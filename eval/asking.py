"""One question, put in every way that it is measured in: with refusing, without, and asked whole."""

from datetime import date
from pathlib import Path
from typing import Protocol

from eval.answer_metrics import scorable_answers
from eval.records import Answers, EvalQuestion, Outcome
from eval.scoring import ArticleSource, score_answer
from index.records import ArticleInfo, Filters
from qa.compose import MOST_SENTENCES
from qa.records import Answer


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
        self, question: str, *, asked_on: date | None = None, filters: Filters = Filters(), forced: bool = False
    ) -> Answer: ...


def ask_question(assistant: Answerer, question: EvalQuestion) -> Answers:
    """The answers that the question can be judged by; whatever the assistant raises is raised."""
    asked = _ask(assistant, question, question.question)
    return Answers(
        asked,
        forced=_forced(assistant, question, asked),
        whole=None if question.whole is None else _ask(assistant, question, question.whole),
    )


def outcome_of(question: EvalQuestion, answers: Answers, source: ArticleSource) -> Outcome:
    """The scores of all of them. The timings are those of the question asked with refusing."""
    asked, forced, whole = answers.asked, answers.forced, answers.whole
    return Outcome(
        question_id=question.question_id,
        slices=question.slices,
        scores=score_answer(question, asked, source),
        refusal=None if asked.refusal is None else asked.refusal.reason,
        timings=dict(asked.timings),
        forced=None if forced is None else score_answer(question, forced, source),
        whole=None if whole is None else score_answer(question, whole, source),
        whole_refusal=None if whole is None or whole.refusal is None else whole.refusal.reason,
    )


def _forced(assistant: Answerer, question: EvalQuestion, asked: Answer) -> Answer | None:
    """The answer without refusing, which cites the three best sentences; None without any gold to judge it by.

    With refusing it may be fewer. Where it is three already they are the same three, and asking again tells nothing.
    """
    if not question.gold and not scorable_answers(question.gold_answers):
        return None
    if len(asked.sentences) == MOST_SENTENCES:
        return asked
    return _ask(assistant, question, question.question, forced=True)


def _ask(assistant: Answerer, question: EvalQuestion, words: str, *, forced: bool = False) -> Answer:
    filters = Filters(article_ids=question.article_ids)
    return assistant.ask(words, asked_on=question.asked_on, filters=filters, forced=forced)
