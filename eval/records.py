"""What the eval takes in and gives out. All frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from qa.records import RefusalReason


@dataclass(frozen=True, slots=True)
class EvalQuestion:
    """One question of a set, with what is known to be right.

    No `gold_answers`: nothing can be scored by string match. `article_ids` are the articles that may be used, None
    for the whole archive; an empty tuple allows none at all.
    """

    question_id: str
    question: str
    asked_on: date
    gold_answers: tuple[str, ...] = ()
    article_ids: tuple[str, ...] | None = None
    slices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions in a stable order. `articles` are the files that the set brings along, None where it brings none."""

    name: str
    questions: tuple[EvalQuestion, ...]
    articles: tuple[Path, ...] | None = None


@dataclass(frozen=True, slots=True)
class MetricValue:
    """A mean over `n` units with its 95 % interval; all three are None when nothing could be measured.

    The unit is a question, a citation or a sentence, as the metric's name says. `unscorable` counts the questions
    of the slice that gave no unit: no gold answer, nothing cited, or the question failed.
    """

    name: str
    slice: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    unscorable: int


@dataclass(frozen=True, slots=True)
class QuestionScores:
    """What one answer was worth. Ranks count from 1; None means not found, or nothing to look for (`has_gold`).

    `exact_match` and `f1` judge the short answer and are None without one. `cited_words` holds the number of words
    of each cited sentence.
    """

    has_gold: bool
    passages: int
    gold_passage_rank: int | None
    gold_sentence_rank: int | None
    short_answer_given: bool
    exact_match: float | None
    f1: float | None
    citations: int
    valid_citations: int
    cited_words: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question after it was asked: its scores, or `error` where that failed. Timings: milliseconds by stage."""

    question_id: str
    slices: tuple[str, ...]
    scores: QuestionScores | None
    refusal: RefusalReason | None = None
    error: str | None = None
    timings: Mapping[str, float] = field(default_factory=dict)
