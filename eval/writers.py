"""The same questions answered by four writers at once: quotations; a language model, as it writes; the same behind the
gate; and a scripted liar behind the gate.

What the model writes ungated is kept here to be measured, and shown to nobody who asks.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from time import perf_counter
from typing import TYPE_CHECKING, Any, Literal

from eval.answer_metrics import scorable_answers
from eval.citation_metrics import JudgedStatement
from eval.foreign_answers import ForeignAnswer, Passage, Statement
from eval.liar import Liar, Told
from eval.records import EvalQuestion
from eval.score_answers import EvidenceOf, ScoredAnswer, score_answer
from eval.written_sentences import WrittenSentences, written_sentences
from index.archive import Archive
from index.records import Filters
from qa.assistant import Assistant, written_by
from qa.drafts import parse_drafts
from qa.llm import LanguageModel, LlmError
from qa.prompts import Message
from qa.records import Answer, AnswerSentence, Citation, Turn, Verdict
from qa.verification import evidence_of, sentences_around

if TYPE_CHECKING:
    from qa.grounding import Evidence, GroundingChecker

Writer = Literal["extractive", "LLM ungated", "LLM gated", "liar gated"]
EXTRACTIVE: Writer = "extractive"
UNGATED: Writer = "LLM ungated"
GATED: Writer = "LLM gated"
LIAR: Writer = "liar gated"
WRITERS: tuple[Writer, ...] = (EXTRACTIVE, UNGATED, GATED, LIAR)
BEHIND_THE_GATE: tuple[Writer, ...] = (GATED, LIAR)


@dataclass(frozen=True, slots=True)
class Source:
    """One of the numbered sentences that a question's answers are made from, as a person reads it: in each of its
    wordings, between the sentences around it.
    """

    quotes: tuple[str, ...]
    before: str
    after: str
    title: str | None
    outlet: str | None
    published: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A sentence of an answer. `cites` are places in the question's sources, from 0; `astray` counts the marks that
    point at none. `written`: in a model's words.
    """

    text: str
    cites: tuple[int, ...]
    astray: int
    written: bool
    verdict: Verdict
    judged: JudgedStatement


@dataclass(frozen=True, slots=True)
class WriterAnswer:
    """What one writer answers, nothing where it was refused or the model wrote nothing, and how long that took.
    `written` counts what became of the sentences behind a gate.
    """

    sentences: tuple[Shown, ...]
    milliseconds: float
    written: WrittenSentences | None = None


@dataclass(frozen=True, slots=True)
class Lie:
    """What the liar told, and whether it is shown as it told it."""

    told: Told
    shown: bool


@dataclass(frozen=True, slots=True)
class AskedOfAll:
    """One question and the answers of all writers; none where it failed, as `error` says.

    `gold_answers` are those that a text can be searched for; `answerable` says whether the articles answer, None where
    that isn't known. `refusal` is the reason why nobody wrote anything.
    """

    question_id: str
    question: str
    asked_on: str
    gold_answers: tuple[str, ...]
    answerable: bool | None
    refusal: str | None = None
    sources: tuple[Source, ...] = ()
    answers: Mapping[Writer, WriterAnswer] | None = None
    lies: tuple[Lie, ...] = ()
    error: str | None = None

    def scored(self, writer: Writer) -> ScoredAnswer | None:
        """One writer's answer as `eval.score_answers` has them; None where the question failed."""
        if self.answers is None:
            return None
        sentences = self.answers[writer].sentences
        statements = tuple(Statement(one.text, one.cites, one.astray) for one in sentences)
        answer = ForeignAnswer(self.question_id, self.question, statements, (), self.gold_answers)
        return ScoredAnswer(answer, tuple(one.verdict for one in sentences), tuple(one.judged for one in sentences))


class AllWriters:
    """Has all writers answer a question, and judges what they say."""

    def __init__(self, assistant: Assistant, model: LanguageModel, judge: "GroundingChecker", seed: int) -> None:
        self._assistant = assistant
        self._model = model
        self._judge = judge
        self._seed = seed

    def ask(self, question: EvalQuestion, history: Sequence[Turn] = ()) -> tuple[AskedOfAll, Answer]:
        """The answers of all, and the quoted one, on which a follow-up leans. Raises LlmError where the model doesn't
        answer: then there is nothing to compare.
        """
        filters = Filters(article_ids=question.article_ids)
        quoted = self._assistant.ask(question.question, asked_on=question.asked_on, filters=filters, history=history)
        asked = _unanswered(question)
        milliseconds = quoted.timings["total"]
        if quoted.refusal is not None:
            nothing = dict.fromkeys(WRITERS, WriterAnswer((), milliseconds))
            return replace(asked, refusal=quoted.refusal.reason, answers=nothing), quoted
        judged = _Judged(quoted.sentences, self._assistant.archive, self._judge)
        ungated, gated = self._by_model(quoted, history, judged)
        liar, lies = self._by_liar(question, quoted, history, judged)
        extractive = WriterAnswer(judged.of_answer(quoted.sentences), milliseconds)
        answers = dict(zip(WRITERS, (extractive, ungated, gated, liar), strict=True))
        sources = tuple(_source(item, self._assistant.archive) for item in quoted.sentences)
        return replace(asked, sources=sources, answers=answers, lies=lies), quoted

    def _by_model(
        self, quoted: Answer, history: Sequence[Turn], judged: "_Judged"
    ) -> tuple[WriterAnswer, WriterAnswer]:
        """The model's answer without the gate and behind it. It is asked once for both."""
        once = _Listening(self._model)
        answer, took = self._gated(once, quoted, history)
        if once.error is not None:
            raise once.error
        before = quoted.timings["total"]
        ungated = WriterAnswer(judged.of_reply(once.first), before + once.milliseconds)
        return ungated, WriterAnswer(judged.of_answer(answer.sentences), before + took, written_sentences(answer))

    def _by_liar(
        self, question: EvalQuestion, quoted: Answer, history: Sequence[Turn], judged: "_Judged"
    ) -> tuple[WriterAnswer, tuple[Lie, ...]]:
        liar = Liar(f"{self._seed}:{question.question_id}")
        answer, took = self._gated(liar, quoted, history)
        own = {sentence.text for sentence in answer.sentences if sentence.written}
        lies = tuple(Lie(told, " ".join(told.text.split()) in own) for told in liar.told if told.false)
        shown = judged.of_answer(answer.sentences)
        return WriterAnswer(shown, quoted.timings["total"] + took, written_sentences(answer)), lies

    def _gated(self, model: LanguageModel, quoted: Answer, history: Sequence[Turn]) -> tuple[Answer, float]:
        began = perf_counter()
        answer = written_by(self._assistant.writer_for(model), quoted, history)
        return answer, 1000 * (perf_counter() - began)


class _Listening:
    """A language model whose first reply is kept, with the time it took, and handed on when it is whole."""

    def __init__(self, model: LanguageModel) -> None:
        self.name = model.name
        self._model = model
        self._asked = False
        self.first = ""
        self.milliseconds = 0.0
        self.error: LlmError | None = None

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        if self._asked:
            yield from self._model.stream(messages)
            return
        self._asked = True
        began = perf_counter()
        try:
            self.first = "".join(self._model.stream(messages))
        except LlmError as error:
            self.error = error
            raise
        self.milliseconds = 1000 * (perf_counter() - began)
        yield self.first


class _Judged:
    """Turns what was written from the quoted sentences into judged ones, by the evidence that the gate would use."""

    def __init__(self, items: Sequence[AnswerSentence], archive: Archive, judge: "GroundingChecker") -> None:
        self._items = items
        self._archive = archive
        self._judge = judge

    def of_reply(self, written: str) -> tuple[Shown, ...]:
        """A model's sentences with the marks that it set, as they came."""
        drafts = parse_drafts(written, len(self._items))
        statements = [
            Statement(draft.text, tuple(mark - 1 for mark in draft.marks), len(draft.astray)) for draft in drafts
        ]
        return self._shown(statements, [True] * len(statements))

    def of_answer(self, sentences: Sequence[AnswerSentence]) -> tuple[Shown, ...]:
        """The sentences that a reader would see."""
        statements = [Statement(sentence.text, self._places(sentence)) for sentence in sentences]
        return self._shown(statements, [sentence.written for sentence in sentences])

    def _places(self, sentence: AnswerSentence) -> tuple[int, ...]:
        cited = set(sentence.citations)
        return tuple(place for place, item in enumerate(self._items) if cited.issuperset(item.citations))

    def _shown(self, statements: Sequence[Statement], written: Sequence[bool]) -> tuple[Shown, ...]:
        passages = tuple(Passage(item.text) for item in self._items)
        answer = ForeignAnswer("", "", tuple(statements), passages, ())
        scored = score_answer(answer, self._judge, self._evidence(statements, written))
        parts = zip(statements, written, scored.verdicts, scored.judged, strict=True)
        return tuple(
            Shown(one.text, one.cited, one.dangling, own, verdict, judged) for one, own, verdict, judged in parts
        )

    def _evidence(self, statements: Sequence[Statement], written: Sequence[bool]) -> EvidenceOf:
        def evidence(number: int, places: Sequence[int]) -> "Evidence":
            # What a quotation leans on isn't missing where the one before it says it; written ones stand alone.
            leans = number > 0 and not written[number]
            shown = self._citations(statements[number - 1].cited) if leans else ()
            return evidence_of(self._citations(places), self._archive, shown)

        return evidence

    def _citations(self, places: Sequence[int]) -> tuple[Citation, ...]:
        return tuple(dict.fromkeys(one for place in places for one in self._items[place].citations))


def _unanswered(question: EvalQuestion) -> AskedOfAll:
    gold = scorable_answers(question.gold_answers) if question.quotable else ()
    answerable = None if question.gold is None else bool(question.gold)
    return AskedOfAll(question.question_id, question.question, question.asked_on.isoformat(), gold, answerable)


def failed(question: EvalQuestion, error: Exception) -> AskedOfAll:
    """A question to which there is no answer to compare."""
    return replace(_unanswered(question), error=f"{type(error).__name__}: {error}")


def _source(item: AnswerSentence, archive: Archive) -> Source:
    first = item.citations[0]
    around, place = sentences_around(first, archive), first.sentence.position
    info = first.article
    return Source(
        quotes=tuple(dict.fromkeys(" ".join(citation.quote.split()) for citation in item.citations)),
        before=around[place - 1] if 0 < place <= len(around) else "",
        after=around[place + 1] if place + 1 < len(around) else "",
        title=info.title,
        outlet=info.outlet,
        published=info.published.isoformat() if info.published else None,
        url=info.url,
    )


def asked_to_json(asked: AskedOfAll) -> dict[str, Any]:
    """A line of writers.jsonl."""
    return asdict(asked)


def asked_from_json(record: Mapping[str, Any]) -> AskedOfAll:
    """Raises KeyError, TypeError or ValueError for what is no such line."""
    answers = record["answers"]
    return AskedOfAll(
        **{
            **record,
            "gold_answers": tuple(record["gold_answers"]),
            "sources": tuple(Source(**{**one, "quotes": tuple(one["quotes"])}) for one in record["sources"]),
            "answers": None if answers is None else {writer: _answer_from(answers[writer]) for writer in WRITERS},
            "lies": tuple(Lie(Told(**one["told"]), one["shown"]) for one in record["lies"]),
        }
    )


def _answer_from(record: Mapping[str, Any]) -> WriterAnswer:
    written = record["written"]
    return WriterAnswer(
        tuple(_shown_from(one) for one in record["sentences"]),
        record["milliseconds"],
        None if written is None else WrittenSentences(**written),
    )


def _shown_from(record: Mapping[str, Any]) -> Shown:
    verdict, judged = record["verdict"], record["judged"]
    return Shown(
        **{
            **record,
            "cites": tuple(record["cites"]),
            "verdict": Verdict(verdict["label"], verdict["score"], tuple(verdict["reasons"])),
            "judged": JudgedStatement(
                **{**judged, "alone": tuple(judged["alone"]), "without": tuple(judged["without"])}
            ),
        }
    )
