"""An answer in a language model's words, of which nothing is shown that hasn't passed the gate.

The model sees the sentences that the extractive answer quotes, and only after those were found to answer. Each sentence
that it writes is checked against exactly what it cites, must be stated there plainly, and must itself answer. What
doesn't pass is written anew once, else replaced by what it cites, else dropped; where nothing passes, the extractive
answer stands.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from index.archive import Archive
from index.records import Passage, RetrievedPassage, Sentence, version_of
from qa.choice import SentenceScorer
from qa.claim_evidence import content_stems
from qa.compose import SHARE_FOR_SEVERAL
from qa.drafts import Draft, declines, parse_drafts
from qa.evidence import AskedQuestion
from qa.grounding import GroundingChecker
from qa.llm import LanguageModel, LlmError
from qa.orders import gives_orders
from qa.prompts import MOST_WRITTEN, Message, answer_messages, repair_messages
from qa.records import AnswerSentence, Citation, Fate, Generation, Removed, Turn, Verdict
from qa.rewriting import rewritten
from qa.sameness import same_statement
from qa.statement import doubts
from qa.verification import check_written, sentences_around

CITES_NOTHING = "it cites nothing, and no evidence has half of its words"
ONLY_CONTEXT = "it rests only on a sentence that was read to understand another"
BESIDE = "it doesn't answer the question"
SAID_ALREADY = "the answer says this already"
TOO_MANY = f"the answer has {MOST_WRITTEN} sentences without it"
NOTHING_PASSED = "Nothing that the language model wrote could be shown, so the articles are quoted."
DECLINED = "The language model found no answer in the sentences that are quoted here."
WROTE_NOTHING = "The language model wrote nothing, so the articles are quoted."
BROKEN_OFF = "the language model failed before its answer was whole"
# Where a sentence can end, and is worth looking at.
_ENDINGS = frozenset('.!?…\n"”’)]】')
# Of a sentence's content words, what evidence must hold to be taken for what it rests on where it doesn't say.
_LEAST_OVERLAP = 0.5
# The checker calls some sentences supported of which it is far from sure.
LEAST_SCORE = 0.5


@dataclass(frozen=True, slots=True)
class Generated:
    """The sentences of an answer, the quoted ones where nothing written passed, and what became of the others."""

    sentences: tuple[AnswerSentence, ...]
    generation: Generation


SoFar = Callable[[tuple[AnswerSentence, ...]], object]


@dataclass(frozen=True, slots=True)
class _Judged:
    """A draft with what it cites, and why it isn't shown; shown where there is no reason against it."""

    draft: Draft
    items: tuple[AnswerSentence, ...]
    verdict: Verdict
    reasons: tuple[str, ...]

    @property
    def citations(self) -> tuple[Citation, ...]:
        return tuple(dict.fromkeys(citation for item in self.items for citation in item.citations))

    def shown(self) -> AnswerSentence:
        return AnswerSentence(self.draft.text, self.citations, self.verdict, written=True)

    def removed(self, fate: Fate, instead: str | None = None, because: str | None = None) -> Removed:
        reasons = self.reasons if because is None else (because, *self.reasons)
        return Removed(self.draft.text, fate, reasons, self.verdict, self.citations, instead, self.draft.astray)


class Gate:
    """Judges what a model wrote to one question from the sentences quoted."""

    def __init__(
        self,
        asked: AskedQuestion,
        quoted: Sequence[AnswerSentence],
        archive: Archive,
        checker: GroundingChecker,
        scorer: SentenceScorer,
    ) -> None:
        self._asked = asked
        self._quoted = quoted
        self._archive = archive
        self._checker = checker
        self._scorer = scorer

    def judge(self, draft: Draft) -> _Judged:
        """The draft with the checker's verdict, and every reason against showing it."""
        items = tuple(self._quoted[mark - 1] for mark in draft.marks) or self._best_evidence(draft.text)
        if not items:
            return _Judged(draft, (), Verdict("unsupported", 0.0, (CITES_NOTHING,)), (CITES_NOTHING,))
        citations = tuple(dict.fromkeys(citation for item in items for citation in item.citations))
        verdict = check_written(draft.text, citations, self._archive, self._checker)
        reasons = tuple(self._against(draft.text, items, verdict))
        # The reader is asked last: it takes longer than all the rest.
        if not reasons and not self._answers(draft.text, items):
            reasons = (BESIDE,)
        return _Judged(draft, items, verdict, reasons)

    def _against(self, text: str, items: Sequence[AnswerSentence], verdict: Verdict) -> Iterator[str]:
        if verdict.label != "supported":
            yield from verdict.reasons or (f"the checker finds it {verdict.label}",)
        elif verdict.score is None or verdict.score < LEAST_SCORE:
            yield f"the checker isn't sure that what it cites says this ({verdict.score or 0:.2f})"
        cited = tuple(dict.fromkeys(item.text for item in items))
        yield from doubts(text, cited, [one for item in items for one in self._beside(item.citations[0])])
        if all(item.context for item in items):
            yield ONLY_CONTEXT

    def _best_evidence(self, text: str) -> tuple[AnswerSentence, ...]:
        own = content_stems(text)
        shares = [len(own & content_stems(item.text)) / max(1, len(own)) for item in self._quoted]
        best = max(range(len(shares)), key=shares.__getitem__, default=None)
        return () if best is None or shares[best] < _LEAST_OVERLAP else (self._quoted[best],)

    def _beside(self, citation: Citation) -> tuple[str, ...]:
        around, place = sentences_around(citation, self._archive), citation.sentence.position
        return tuple(around[at] for at in (place - 1, place + 1) if 0 <= at < len(around))

    def _answers(self, text: str, cited: Sequence[AnswerSentence]) -> bool:
        """Whether the sentence alone, in the place of what it cites, would be found to answer, and nearly as well."""
        items = [item for item in cited if not item.context]
        if any(text == item.text for item in items):
            return True
        best = max(self._score(item.text, item) for item in items)
        return self._score(text, items[0]) >= SHARE_FOR_SEVERAL * best

    def _score(self, text: str, item: AnswerSentence) -> float:
        article = replace(item.citations[0].article, version=version_of(text))
        alone = Passage((Sentence(article.article_id, article.version, 0, 0, len(text), text),))
        found = self._scorer.score(self._asked, [RetrievedPassage(alone, article, 1.0, 1, "both", 1.0)])
        return found.sentences[0].score if found.sentences else 0.0


class Writer:
    """Has a language model write answers, and lets only what passes be seen."""

    def __init__(
        self, model: LanguageModel, archive: Archive, checker: GroundingChecker, scorer: SentenceScorer
    ) -> None:
        self._model = model
        self._archive = archive
        self._checker = checker
        self._scorer = scorer

    def said_whole(self, question: str, history: Sequence[Turn]) -> str | None:
        """A follow-up question as the model says it whole; None where that can't be used. Raises LlmError."""
        return rewritten(self._model, question, history)

    def not_asked(self, error: LlmError) -> Generation:
        """What is told of a model that failed before it was asked for the answer."""
        return Generation(self._model.name, False, f"The articles are quoted: {error}.")

    def write(
        self, asked: AskedQuestion, history: Sequence[Turn], quoted: Sequence[AnswerSentence], so_far: SoFar
    ) -> Generated:
        """An answer from what is quoted. `so_far` gets the sentences that have passed whenever there is one more.

        A model that fails leaves the extractive answer, which then says what failed.
        """
        gate = Gate(asked, quoted, self._archive, self._checker, self._scorer)
        messages = answer_messages(asked.words, history, quoted)
        work = _Work(gate, quoted, so_far)
        try:
            written = self._stream(messages, work)
        except LlmError as error:
            return self._extractive(quoted, work.broken_off(), f"The articles are quoted: {error}.", work.astray)
        if not work.judged:
            return self._extractive(quoted, (), DECLINED if declines(written) else WROTE_NOTHING, work.astray)
        trouble = self._repair(messages, work)
        sentences, removed = work.finished()
        if not any(sentence.written for sentence in sentences):
            return self._extractive(quoted, removed, trouble or NOTHING_PASSED, work.astray)
        return Generated(sentences, Generation(self._model.name, True, trouble, removed, work.astray))

    def _stream(self, messages: Sequence[Message], work: "_Work") -> str:
        written = ""
        for piece in self._model.stream(messages):
            written += piece
            if not _ENDINGS.isdisjoint(piece):
                work.take(parse_drafts(written, work.evidence, whole=False))
        work.take(parse_drafts(written, work.evidence))
        return written

    def _repair(self, messages: Sequence[Message], work: "_Work") -> str | None:
        """Have what didn't pass written anew; what failed on the way, for the answer's reader."""
        try:
            for place in work.waiting():
                judged = work.judged[place]
                asked = repair_messages(messages, judged.draft.text, "; ".join(judged.reasons))
                drafts = parse_drafts("".join(self._model.stream(asked)), work.evidence)
                if drafts:
                    work.repair(place, drafts[0])
        except LlmError as error:
            return f"What didn’t pass could not be written anew: {error}."
        return None

    def _extractive(
        self, quoted: Sequence[AnswerSentence], removed: Sequence[Removed], note: str, astray: int
    ) -> Generated:
        """What is quoted. What stood for a sentence in between stands for it no more."""
        dropped = tuple(replace(one, fate="dropped", instead=None) for one in removed)
        return Generated(tuple(quoted), Generation(self._model.name, False, note, dropped, astray))


class _Work:
    """The drafts of one answer, in their order, and what became of each."""

    def __init__(self, gate: Gate, quoted: Sequence[AnswerSentence], so_far: SoFar) -> None:
        self._gate = gate
        self._so_far = so_far
        self._shown: dict[int, AnswerSentence] = {}
        self._removed: dict[int, Removed] = {}
        self.evidence = len(quoted)
        self.judged: list[_Judged] = []
        self.astray = 0

    def take(self, drafts: Sequence[Draft]) -> None:
        """Judge the drafts that weren't there before, and show what passes. Where more text made another sentence of
        one, it and what follows is judged anew.
        """
        known = [one.draft for one in self.judged]
        pairs = enumerate(zip(known, drafts, strict=False))
        same = next((at for at, (old, new) in pairs if old != new), min(len(known), len(drafts)))
        if same < len(known):
            self._forget_from(same)
        for draft in drafts[same:]:
            judged = self._gate.judge(draft)
            self.judged.append(judged)
            place = len(self.judged) - 1
            if not judged.reasons and (because := self._show(place, judged)) is not None:
                self._removed[place] = judged.removed("dropped", because=because)
        self.astray = sum(len(one.draft.astray) for one in self.judged)

    def waiting(self) -> tuple[int, ...]:
        """The places of the drafts that need repair: those that didn't pass, as far as there is room."""
        return tuple(place for place, one in enumerate(self.judged[:MOST_WRITTEN]) if one.reasons)

    def repair(self, place: int, draft: Draft) -> None:
        """Put what a draft was repaired to in its place, if it passes."""
        self.astray += len(draft.astray)
        repaired = self._gate.judge(draft)
        if not repaired.reasons and self._show(place, repaired) is None:
            self._removed[place] = self.judged[place].removed("repaired", repaired.draft.text)

    def finished(self) -> tuple[tuple[AnswerSentence, ...], tuple[Removed, ...]]:
        """The answer: what passed, and in the place of what didn't the quotation of what it cites, if that is new; and
        all that isn't in it.
        """
        for place, one in enumerate(self.judged):
            if place in self._shown or place in self._removed:
                continue
            quotation = self._quotation(one) if place < MOST_WRITTEN else None
            if quotation is None:
                self._removed[place] = one.removed("dropped")
            else:
                self._shown[place] = quotation
                self._removed[place] = one.removed("replaced", quotation.text)
        return self._in_order(), tuple(removed for _, removed in sorted(self._removed.items()))

    def broken_off(self) -> tuple[Removed, ...]:
        """All that was judged, of an answer of which none can be shown."""
        return tuple(one.removed("dropped", because=BROKEN_OFF) for one in self.judged)

    def _forget_from(self, place: int) -> None:
        del self.judged[place:]
        for kept in (self._shown, self._removed):
            for later in [one for one in kept if one >= place]:
                del kept[later]

    def _show(self, place: int, judged: _Judged) -> str | None:
        """Show a sentence that passed; why not, where it adds nothing or there is no room."""
        if any(same_statement(judged.draft.text, other.text) for other in self._shown.values()):
            return SAID_ALREADY
        if len(self._shown) >= MOST_WRITTEN:
            return TOO_MANY
        self._shown[place] = judged.shown()
        self._so_far(self._in_order())
        return None

    def _quotation(self, judged: _Judged) -> AnswerSentence | None:
        """The first sentence that a draft cites, if it may stand alone and nothing shown rests on it."""
        told = {citation for sentence in self._shown.values() for citation in sentence.citations}
        for item in judged.items:
            if not item.context and item.citations[0] not in told and not gives_orders(item.text):
                return item
        return None

    def _in_order(self) -> tuple[AnswerSentence, ...]:
        return tuple(sentence for _, sentence in sorted(self._shown.items()))
