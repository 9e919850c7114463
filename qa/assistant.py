"""The whole pipeline, from a question to an answer or a refusal."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import get_args

from index.archive import Archive
from index.embedding import Embedder, load_embedder
from index.errors import BadInputError
from index.records import Filters, RetrievedPassage
from index.search import HybridSearch
from index.vectors import VectorIndex
from qa import languages, refusal
from qa.choice import ScoredEvidence, SentenceScorer, SimilarityScorer
from qa.compose import MOST_SENTENCES, compose, short_answer
from qa.evidence import AskedQuestion
from qa.follow_up import TURNS_BACK, Wording, wordings
from qa.generate import Writer
from qa.grounding import GroundingChecker, load_checker
from qa.llm import LanguageModel, LlmError, open_llm, parse_llm
from qa.period import find_period
from qa.readers import find_reader, load_scorer
from qa.records import Answer, AnswerSentence, Period, ScoredSentence, Turn
from qa.rounds import load_rule
from qa.settings import AnswerSettings, Settings
from qa.short_answer import voted_answer
from qa.timing import Stopwatch
from qa.verification import verified
from qa.yes_no import YesNo, yes_or_no

MOST_QUESTION_CHARACTERS = 10_000


@dataclass(frozen=True, slots=True)
class _Found:
    """What one wording of the question found."""

    question: str
    period: Period | None
    passages: tuple[RetrievedPassage, ...]
    evidence: ScoredEvidence
    unread: tuple[RetrievedPassage, ...]


@dataclass(frozen=True, slots=True)
class _Sought:
    """All that decides what a wording finds."""

    wording: Wording
    asked_on: date
    filters: Filters
    data_version: int


class Assistant:
    """Answers questions from one archive. May be asked from several threads; sees articles as they are added.

    It remembers what it found for the last question, which is often asked again at once: forced, say.
    """

    def __init__(
        self,
        search: HybridSearch,
        scorer: SentenceScorer,
        settings: AnswerSettings,
        checker: GroundingChecker,
        writer: Writer | None = None,
    ) -> None:
        self.archive = search.archive
        self.settings = settings
        self._search = search
        self._scorer = scorer
        self._checker = checker
        self._writer = writer
        self._last: Mapping[_Sought, _Found] = {}

    @property
    def search(self) -> HybridSearch:
        """Where it finds its passages."""
        return self._search

    @property
    def embedder(self) -> Embedder:
        """The embedding model, for whoever adds articles beside the questions."""
        return self._search.embedder

    def ask(
        self,
        question: str,
        *,
        asked_on: date | None = None,
        filters: Filters = Filters(),
        forced: bool = False,
        history: Sequence[Turn] = (),
        began: Callable[[str], object] = lambda stage: None,
        so_far: Callable[[Answer], object] = lambda answer: None,
    ) -> Answer:
        """An answer of cited sentences, or a refusal.

        `asked_on` is the day that relative dates in the question count from, today unless given. `forced` answers
        with the three best sentences however unlikely they are, for measuring. `history` are the earlier turns of the
        conversation, oldest first: a question that leans on them is understood so, and one that doesn't is not.
        `began` is told of each stage as it begins ("rewrite", "retrieve", "choose", "compose", "check", "write", ...),
        `so_far` gets the answer with each sentence that has passed; what they raise ends the work and is raised. A
        language model, where one is set, says a follow-up question whole beside the rules; it writes only what would
        be answered without it too, and never a forced answer.

        Raises BadInputError for an empty question, and a CopydeskError that names the part that failed.
        """
        question = check_question(question)
        asked_on = asked_on or date.today()
        watch = Stopwatch(began)
        period = find_period(question, asked_on)
        undated = self.archive.count_undated(filters) if filters.by_date else 0
        answer = Answer(question, asked_on, (), None, None, (), filters, period, undated)

        if self.archive.article_count() == 0:
            return _finished(replace(answer, refusal=refusal.empty_archive()), watch)
        if filters.any and self.archive.count_matching(filters) == 0:
            return _finished(replace(answer, refusal=refusal.filters_left_nothing(filters, undated)), watch)

        if not forced and (unread := languages.refuse_question(question)):
            return _finished(replace(answer, refusal=unread), watch)

        ways, trouble = wordings(question, history), None
        if self._writer is not None and not forced and ways[-1].question != question:
            with watch.stage("rewrite"):
                ways, trouble = _with_models_way(self._writer, ways, question, history)
        found = self._find_all(ways, asked_on, filters, watch)
        # The first of equals: the question as it was asked.
        best = max(found, key=lambda one: one.evidence.answerable)
        understood_as = None if best.question == question else best.question
        answerable = best.evidence.answerable if best.evidence.sentences else None
        answer = replace(
            answer, understood_as=understood_as, period=best.period, passages=best.passages, answerable=answerable
        )
        with watch.stage("compose"):
            answer = self._decide(answer, best, forced, watch, so_far)
        if self._writer is not None and trouble is not None and answer.answered:
            answer = replace(answer, generation=self._writer.not_asked(trouble))
        elif self._writer is not None and answer.answered and not forced:
            with watch.stage("write"):
                answer = written_by(self._writer, answer, history, so_far)
        return _finished(answer, watch)

    def _find_all(
        self, asked: Sequence[Wording], asked_on: date, filters: Filters, watch: Stopwatch
    ) -> tuple[_Found, ...]:
        known, version = self._last, self.archive.data_version()
        found: dict[_Sought, _Found] = {}
        for wording in asked:
            sought = _Sought(wording, asked_on, filters, version)
            found[sought] = known.get(sought) or self._find(wording, asked_on, filters, watch)
        self._last = found
        return tuple(found.values())

    def _find(self, wording: Wording, asked_on: date, filters: Filters, watch: Stopwatch) -> _Found:
        from qa.retrieval import (
            ArchiveRetriever,
            LanguagePostprocessor,
            PeriodPostprocessor,
            ReaderPostprocessor,
            retrieve,
        )

        period = find_period(wording.question, asked_on)
        reader = ReaderPostprocessor(
            scorer=self._scorer,
            question=AskedQuestion(wording.question, asked_on, period),
            passages_read=self.settings.passages_read,
            rule=load_rule() if self.settings.stop_when_clear else None,
            stage=watch.stage,
        )
        retriever = ArchiveRetriever(self._search, filters, self.settings.passages, self.settings.search, watch.stage)
        language = LanguagePostprocessor()
        passages = retrieve(wording.search, retriever, [PeriodPostprocessor(period=period), language, reader])
        return _Found(wording.question, period, passages, reader.evidence, language.left_out)

    def _decide(
        self, answer: Answer, found: _Found, forced: bool, watch: Stopwatch, so_far: Callable[[Answer], object]
    ) -> Answer:
        evidence = found.evidence
        answered = forced or (bool(evidence.sentences) and evidence.answerable >= self._scorer.threshold)
        unread = languages.refuse_for_articles(found.question, found.passages, found.unread, answered=answered)
        if unread and not (forced and evidence.sentences):
            return replace(answer, refusal=unread)
        if not evidence.sentences:
            return replace(answer, refusal=refusal.nothing_relevant())
        if answered:
            exactly = MOST_SENTENCES if forced else None
            composed = compose(answer.understood, evidence.sentences, exactly=exactly)
            decided = yes_or_no(answer.understood, composed)
            with watch.stage("check"):
                sentences: tuple[AnswerSentence, ...] = ()
                for sentence in verified(composed, self.archive, self._checker):
                    sentences = (*sentences, sentence)
                    if forced or self._writer is None:
                        so_far(replace(answer, sentences=sentences, short_answer=decided))
            short = decided or _short_answer(answer.understood, evidence.sentences, forced)
            cited = {citation.article.article_id for sentence in sentences for citation in sentence.citations}
            copies = self.archive.near_copy_groups(cited)
            return replace(answer, sentences=sentences, short_answer=short, near_copies=copies)
        if evidence.likeness < refusal.LEAST_LIKENESS:
            return replace(answer, refusal=refusal.nothing_relevant())
        return replace(answer, refusal=refusal.not_answered(evidence.sentences))

    def writer_for(self, model: LanguageModel) -> Writer:
        """A writer by another language model, behind the same gate."""
        return Writer(model, self.archive, self._checker, self._scorer)

    def with_llm(self, llm: str | None) -> "Assistant":
        """An assistant that differs in who writes its answers: a language model, or None to quote. They share all else.

        Raises BadInputError and ModelError for a model that can't be opened.
        """
        writer = None if llm is None else self.writer_for(open_llm(parse_llm(llm)))
        return Assistant(self._search, self._scorer, replace(self.settings, llm=llm), self._checker, writer)


def _with_models_way(
    writer: Writer, ways: Sequence[Wording], question: str, history: Sequence[Turn]
) -> tuple[tuple[Wording, ...], LlmError | None]:
    """The ways to ask a follow-up question with the model's own, where that is another; or why the model has none."""
    try:
        said = writer.said_whole(question, history)
    except LlmError as error:
        return tuple(ways), error
    if said is None or said in (one.question for one in ways):
        return tuple(ways), None
    return (*ways, Wording(said, said)), None


def written_by(
    writer: Writer,
    quoted: Answer,
    history: Sequence[Turn],
    so_far: Callable[[Answer], object] = lambda answer: None,
) -> Answer:
    """An answer that isn't refused, in a language model's words as far as they pass, else as it was quoted."""
    asked = AskedQuestion(quoted.understood, quoted.asked_on, quoted.period)
    decided = quoted.short_answer if quoted.short_answer in get_args(YesNo) else None
    partly = replace(quoted, short_answer=decided)
    written = writer.write(
        asked, history[-TURNS_BACK:], quoted.sentences, lambda sentences: so_far(replace(partly, sentences=sentences))
    )
    short = quoted.short_answer
    if short != decided and not any(short in sentence.text for sentence in written.sentences if short):
        short = None
    return replace(quoted, sentences=written.sentences, short_answer=short, generation=written.generation)


def _short_answer(question: str, ranked: Sequence[ScoredSentence], forced: bool) -> str | None:
    return voted_answer(question, ranked) if forced else short_answer(question, ranked[0])


def open_assistant(settings: Settings) -> Assistant:
    """Open the archive and load the models: seconds. Raises ArchiveError, ManifestMismatchError, ModelError, and
    BadInputError for a language model's setting or key that can't be used.
    """
    import qa.retrieval  # noqa: F401 - LlamaIndex's second belongs to loading, not to the first question

    archive = Archive(settings.index.archive)
    embedder = load_embedder(settings.index.embedding_model, settings.index.precision)
    archive.require_match(embedder.identity)
    search = HybridSearch(archive, VectorIndex(archive), embedder)
    answer = settings.answer
    scorer: SentenceScorer = (
        SimilarityScorer(embedder)
        if answer.sentence_choice == "similarity"
        else load_scorer(find_reader(answer.reader), settings.index.precision, answer.reader_threshold)
    )
    checker = load_checker(settings.index.precision)
    quoting = Assistant(search, scorer, replace(answer, llm=None), checker)
    return quoting if answer.llm is None else quoting.with_llm(answer.llm)


def check_question(question: str) -> str:
    """The question without white space around it. Raises BadInputError when it is empty or too long."""
    # Half of a surrogate pair (a broken escape, or bytes of another encoding) can't be written out again.
    question = question.encode("utf-8", "replace").decode().strip()
    if not question:
        raise BadInputError("the question is empty: ask something")
    if len(question) > MOST_QUESTION_CHARACTERS:
        raise BadInputError(f"the question is longer than {MOST_QUESTION_CHARACTERS:,} characters: shorten it")
    return question


def _finished(answer: Answer, watch: Stopwatch) -> Answer:
    return replace(answer, timings=watch.timings())
