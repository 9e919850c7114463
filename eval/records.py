"""What the eval takes in and gives out. All frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal, get_args

from eval.written_sentences import WrittenSentences
from qa.records import Answer, RefusalReason

AnswerableKind = Literal["single", "multi", "multi-article", "yes-no"]
UnanswerableKind = Literal["absent", "false-premise", "wrong-date", "wrong-person", "wrong-place", "opinion"]
QuestionKind = AnswerableKind | UnanswerableKind

ANSWERABLE, UNANSWERABLE, FOLLOW_UP, PARAPHRASED = "answerable", "unanswerable", "follow-up", "paraphrased"
# Slices of which every question is answerable, or every one is not.
ANSWERABLE_SLICES: tuple[str, ...] = (ANSWERABLE, PARAPHRASED, *get_args(AnswerableKind))
UNANSWERABLE_SLICES: tuple[str, ...] = (UNANSWERABLE, *get_args(UnanswerableKind))


@dataclass(frozen=True, slots=True)
class Span:
    """Characters of an article: code points into its text, `end` exclusive."""

    article_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class GoldQuote:
    """A gold sentence as a file of questions has it: `quote` is what should stand at `span` of the article at `url`.

    `where` is the line that says so, as path:number.
    """

    question_id: str
    where: str
    url: str
    span: Span
    quote: str


@dataclass(frozen=True, slots=True)
class MultipleChoice:
    """The choices of a question, and the place of the right one, counted from 0."""

    options: tuple[str, ...]
    right: int


@dataclass(frozen=True, slots=True)
class EvalQuestion:
    """One question of a set, with what is known to be right.

    No `gold_answers`: nothing can be scored by string match. Not `quotable`: no sentence holds one word for word
    ("yes", or what has to be put together), so that finding it in one would be luck. `article_ids` are the articles
    that may be used, None for the whole archive; an empty tuple allows none at all.

    `gold` holds the pieces of information that a full answer needs, each as the sentences that give it, any one of
    which will do. None: not known; an empty tuple: nothing in the articles answers it. A question of a `dialogue`
    has its `turn`, counted from 1; from the second on, `whole` asks the same so that it stands alone.

    `choices` are those of a quiz; `choices_with_none` some of them, and "None of the above".
    """

    question_id: str
    question: str
    asked_on: date
    gold_answers: tuple[str, ...] = ()
    article_ids: tuple[str, ...] | None = None
    slices: tuple[str, ...] = ()
    kind: QuestionKind | None = None
    gold: tuple[tuple[Span, ...], ...] | None = None
    dialogue: str | None = None
    turn: int | None = None
    whole: str | None = None
    quotable: bool = True
    choices: MultipleChoice | None = None
    choices_with_none: MultipleChoice | None = None


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions in a stable order. `articles` are the files that the set brings along, None where it brings none.

    `dialogues` are the questions of whole dialogues, for the turns before a question that isn't asked without them.
    `quotes` are gold sentences that are yet to be held to the archive (`eval.plain_gold.require_gold`).
    """

    name: str
    questions: tuple[EvalQuestion, ...]
    articles: tuple[Path, ...] | None = None
    dialogues: tuple[EvalQuestion, ...] = ()
    quotes: tuple[GoldQuote, ...] = ()


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
    """What one answer was worth. Ranks count from 1; None means not found, or nothing to look for.

    `has_gold`: there is a gold answer to look for in the cited sentences. `exact_match` and `f1` judge the short
    answer and are None without one. `cited_words` holds the number of words of each cited sentence.

    `gold_pieces` counts the question's pieces of gold, None where none are known, 0 for an unanswerable question;
    `pieces_cited` are those of which a sentence is cited. Of the `sentences` of the answer, cited or not,
    `sentences_on_gold` cite a gold sentence. Of the `judged_sentences`, on which the answer carries a verdict, so many
    are supported and so many contradicted by what they cite; `useful_citations` count as ALCE's precision counts, of
    the `judged_citations`: those on which the verdict tells anything one by one. None: all of the citations.
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
    gold_pieces: int | None = None
    pieces_cited: int = 0
    sentences: int = 0
    sentences_on_gold: int = 0
    judged_sentences: int = 0
    supported_sentences: int = 0
    contradicted_sentences: int = 0
    useful_citations: int = 0
    judged_citations: int | None = None

    @property
    def judges_passages(self) -> bool:
        """Whether a right passage is known: by gold sentences, else by a gold answer."""
        return self.has_gold if self.gold_pieces is None else self.gold_pieces > 0


@dataclass(frozen=True, slots=True)
class ChoiceScores:
    """Of one multiple-choice question, 1 or 0 each, or the chance where lots are drawn: the choice made was right; so
    was the one named most often; a blind guess. The same with "None of the above" among the choices, and whether that
    was right; None where it was not asked so.
    """

    right: float
    most_named: float
    chance: float
    right_with_none: float | None = None
    most_named_with_none: float | None = None
    always_none: float | None = None
    chance_with_none: float | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers to one question: as it was asked; without refusing; to its whole question; to that without refusing.

    None: not asked so.
    """

    asked: Answer
    forced: Answer | None = None
    whole: Answer | None = None
    whole_forced: Answer | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question after it was asked: its scores, or `error` where that failed. Timings: milliseconds by stage.

    `forced` are the scores of the answer without refusing, None where there is no gold to judge it by. `whole` are
    those of a follow-up's whole question, asked with refusing, and `whole_refusal` is what became of it;
    `whole_forced` are those without refusing. `choices` are those of a multiple-choice question. `gold_in_given` says
    whether a gold answer stands in the articles that may be used, None where any may be, or no gold is known.
    `answerable` is how likely the question was thought to be answered by what was read, None where nothing was.
    `written` counts what became of a language model's sentences, None where none was asked.
    """

    question_id: str
    slices: tuple[str, ...]
    scores: QuestionScores | None
    refusal: RefusalReason | None = None
    error: str | None = None
    timings: Mapping[str, float] = field(default_factory=dict)
    forced: QuestionScores | None = None
    whole: QuestionScores | None = None
    whole_refusal: RefusalReason | None = None
    whole_forced: QuestionScores | None = None
    choices: ChoiceScores | None = None
    gold_in_given: bool | None = None
    answerable: float | None = None
    written: WrittenSentences | None = None
