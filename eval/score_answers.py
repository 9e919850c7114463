"""Scores the answers of any system: does what they cite support what they say?"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from eval import citation_metrics
from eval.answer_metrics import contains_answer, f1, scorable_answers
from eval.citation_metrics import JudgedStatement, Part
from eval.confidence import ratio_interval
from eval.foreign_answers import ForeignAnswer
from eval.records import MetricValue
from qa.claim_source import article_of, evidence_for, sentences_of
from qa.grounding import Evidence, GroundingChecker
from qa.records import Verdict

ALL = "all"
_OF_STATEMENTS = MappingProxyType(
    {
        "citation_recall": citation_metrics.citation_recall,
        "citation_precision": citation_metrics.citation_precision,
        "citation_coverage": citation_metrics.citation_coverage,
        "citation_validity": citation_metrics.citation_validity,
        "groundedness": citation_metrics.groundedness,
        "contradicted": citation_metrics.contradicted,
    }
)
METRIC_NAMES = (*_OF_STATEMENTS, "abstained", "answer_in_text", "answer_f1")


@dataclass(frozen=True, slots=True)
class ScoredAnswer:
    """An answer with what was found of each of its sentences: the verdict against all that it cites, and the rest."""

    answer: ForeignAnswer
    verdicts: tuple[Verdict, ...]
    judged: tuple[JudgedStatement, ...]


# What a sentence of an answer, by its place, is judged against that rests on passages, by theirs.
EvidenceOf = Callable[[int, Sequence[int]], Evidence]


def score_answer(answer: ForeignAnswer, checker: GroundingChecker, evidence: EvidenceOf | None = None) -> ScoredAnswer:
    """Judge each sentence against what it cites together; where it cites several passages, against each alone and, if
    that isn't enough, against the others; and against all passages of the answer, where what it cites doesn't do.

    What stands in passages is read from them, unless `evidence` knows better.
    """
    judge = _Judge(answer, checker, evidence or _in_passages(answer))
    statements = answer.statements
    together = judge.verdicts([(number, one.cited) for number, one in enumerate(statements)])
    supported = [verdict.label == "supported" for verdict in together]
    several = [number for number, one in enumerate(statements) if len(one.cited) > 1 and supported[number]]
    alone = judge.each(several, lambda cited, place: (place,))
    without = judge.each(several, lambda cited, place: tuple(one for one in cited if one != place))
    everything = tuple(range(len(answer.passages)))
    rest = [number for number in range(len(statements)) if not supported[number]]
    anywhere = judge.verdicts([(number, everything) for number in rest])
    grounded = {number for number, verdict in zip(rest, anywhere, strict=True) if verdict.label == "supported"}
    judged = tuple(
        JudgedStatement(
            supported=supported[number],
            contradicted=together[number].label == "contradicted",
            grounded=supported[number] or number in grounded,
            alone=alone.get(number, (supported[number],) * len(one.cited)),
            without=without.get(number, (False,) * len(one.cited)),
            dangling=one.dangling,
        )
        for number, one in enumerate(statements)
    )
    return ScoredAnswer(answer, tuple(together), judged)


@dataclass(frozen=True, slots=True)
class _Judge:
    """Asks the checker about sentences of one answer and some of its passages."""

    answer: ForeignAnswer
    checker: GroundingChecker
    evidence: EvidenceOf

    def verdicts(self, asked: Sequence[tuple[int, Sequence[int]]]) -> list[Verdict]:
        """One verdict for each sentence, by its place, with places of passages."""
        statements = self.answer.statements
        return self.checker.check_all(
            [
                (statements[number].text, self.evidence(number, places) if places else Evidence(()))
                for number, places in asked
            ]
        )

    def each(
        self, numbers: Iterable[int], shown: Callable[[Sequence[int], int], Sequence[int]]
    ) -> dict[int, tuple[bool, ...]]:
        """For each citation of some sentences: whether what is `shown` for it supports the sentence."""
        cited = {number: self.answer.statements[number].cited for number in numbers}
        asked = [(number, place) for number, places in cited.items() for place in places]
        verdicts = self.verdicts([(number, shown(cited[number], place)) for number, place in asked])
        found: dict[int, tuple[bool, ...]] = {}
        for (number, _), verdict in zip(asked, verdicts, strict=True):
            found[number] = (*found.get(number, ()), verdict.label == "supported")
        return found


def _in_passages(answer: ForeignAnswer) -> EvidenceOf:
    def evidence(number: int, places: Sequence[int]) -> Evidence:
        passages = [answer.passages[place] for place in places]
        articles = [article_of(one.text, one.published, one.title) for one in passages]
        sentences = [sentence for article in articles for sentence in sentences_of(article)]
        # What is read above the sentences must be true of all of them.
        same = len({article.info for article in articles}) == 1
        info = articles[0].info if same else article_of("").info
        return evidence_for(answer.statements[number].text, sentences, info)

    return evidence


def metric_values(scored: Sequence[ScoredAnswer], seed: int) -> tuple[MetricValue, ...]:
    """Every metric over all answers, with its interval, answers resampled."""
    parts = [answer_parts(one) for one in scored]
    values = []
    for name in METRIC_NAMES:
        known = [found[name] for found in parts if name in found]
        told = ratio_interval(known, seed)
        values.append(MetricValue(name, ALL, told.value, told.low, told.high, told.n, len(parts) - len(known)))
    return tuple(values)


def answer_parts(scored: ScoredAnswer) -> Mapping[str, Part]:
    """What an answer adds to each metric; one that it says nothing about is left out."""
    answer = scored.answer
    parts: dict[str, Part] = {"abstained": (float(not answer.statements), 1)}
    for name, metric in _OF_STATEMENTS.items():
        part = metric(scored.judged)
        if part[1]:
            parts[name] = part
    if scorable_answers(answer.gold):
        parts["answer_in_text"] = (float(any(contains_answer(answer.text, gold) for gold in answer.gold)), 1)
        parts["answer_f1"] = (f1(answer.text, answer.gold), 1)
    return parts
