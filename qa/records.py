"""What an answer is made of. All frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from index.records import ArticleInfo, Filters, RetrievedPassage, Sentence

VerdictLabel = Literal["supported", "partial", "contradicted", "unsupported", "not checked"]
Fate = Literal["repaired", "replaced", "dropped"]
RefusalReason = Literal[
    "empty_archive", "nothing_relevant", "not_answered", "filters_left_nothing", "unsupported_language"
]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Does the cited evidence support the sentence? `score` is in [0, 1], or None where nothing was measured."""

    label: VerdictLabel
    score: float | None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """Real characters of one article version: `[quote_start, quote_end)` in code points into its text."""

    sentence: Sentence
    article: ArticleInfo
    quote_start: int
    quote_end: int

    @property
    def quote(self) -> str:
        return self.sentence.text[self.quote_start - self.sentence.start : self.quote_end - self.sentence.start]


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `[start, end)` of a sentence that read as the answer, and how sure that is (a difference of logits:
    above 0, likelier than that the passage doesn't answer).
    """

    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class ScoredSentence:
    """A sentence of a retrieved passage and how well it answers; `score` is comparable within one question.

    `likeness` is the cosine of its own embedding, or its passage's, with the question's. `span` holds the words of it
    that read as a short answer, where a reader looked for them.
    """

    citation: Citation
    score: float
    likeness: float
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class AnswerSentence:
    """One sentence of an answer. The first citation is the one it is quoted from, the others say the same.

    A `context` sentence is there because the next one leans on it, not because it answers. A `written` one is a
    language model's own: it quotes nothing, and rests on all that it cites together.
    """

    text: str
    citations: tuple[Citation, ...]
    verdict: Verdict
    context: bool = False
    written: bool = False


@dataclass(frozen=True, slots=True)
class Removed:
    """A sentence that a language model wrote and that isn't shown, what became of it, and why.

    Repaired: written anew, as `instead` says; replaced: by the quotation in `instead`; dropped: nothing stands in its
    place. `verdict` is the checker's on the sentence against what it cited, `astray` its marks that point nowhere.
    """

    text: str
    fate: Fate
    reasons: tuple[str, ...]
    verdict: Verdict
    citations: tuple[Citation, ...] = ()
    instead: str | None = None
    astray: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Generation:
    """What a language model had to do with an answer. `model` is its name as it was set.

    `used` tells whether any sentence of the answer is written; where none is, the extractive answer stands and `note`
    says why. `astray` counts the marks of all its sentences that pointed nowhere and were taken away.
    """

    model: str
    used: bool
    note: str | None = None
    removed: tuple[Removed, ...] = ()
    astray: int = 0


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no answer, in words for the reader, and the sentences that came closest (at most three)."""

    reason: RefusalReason
    message: str
    nearest: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Period:
    """The days that words of a question ("last month") were read as; both ends inclusive."""

    words: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Answer:
    """Either sentences or a refusal, never both. `timings` are milliseconds by stage, `total` among them.

    `passages` are what retrieval found, best first; `undated_left_out` counts the articles that a date filter
    left out because they carry no date. `understood_as` says a question that leaned on earlier turns so that it stands
    alone; None where it was taken as it was asked. `near_copies` names the group of each cited article that has
    near-copies in the archive: articles of one group are one source. `answerable` is the probability that what was read
    answers the question, by which it is refused or not; None where nothing was read. `generation` tells what a language
    model wrote; None where none was asked.
    """

    question: str
    asked_on: date
    sentences: tuple[AnswerSentence, ...]
    short_answer: str | None
    refusal: Refusal | None
    passages: tuple[RetrievedPassage, ...]
    filters: Filters = Filters()
    period: Period | None = None
    undated_left_out: int = 0
    timings: Mapping[str, float] = field(default_factory=dict)
    understood_as: str | None = None
    near_copies: Mapping[str, str] = field(default_factory=dict)
    answerable: float | None = None
    generation: Generation | None = None

    def source_count(self, sentence: AnswerSentence) -> int:
        """How many sources a sentence has; near-copies count as one."""
        articles = {citation.article.article_id for citation in sentence.citations}
        return len({self.near_copies.get(article, article) for article in articles})

    @property
    def understood(self) -> str:
        """The question in words that stand alone."""
        return self.understood_as or self.question

    @property
    def answered(self) -> bool:
        return self.refusal is None


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier turn of a conversation, as far as a later question can lean on it: what was asked, what that was
    understood as, and what was quoted in answer (or, where it was refused, what came closest).
    """

    question: str
    understood_as: str
    short_answer: str | None = None
    citations: tuple[Citation, ...] = ()

    @staticmethod
    def of(answer: Answer) -> "Turn":
        """The turn that an answer was given in."""
        cited = tuple(citation for sentence in answer.sentences for citation in sentence.citations)
        nearest = answer.refusal.nearest if answer.refusal else ()
        return Turn(answer.question, answer.understood, answer.short_answer, cited or nearest)
