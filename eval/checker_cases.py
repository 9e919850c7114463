"""How the grounding checker does on the adversarial set: false claims caught, and false alarms on true ones."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from eval.calibration import auroc_interval
from eval.claim_cases import PARAPHRASE, ClaimCase
from eval.confidence import Interval, mean_interval
from index.furniture import find_furniture
from index.records import Article
from index.sentences import split_sentences
from qa.grounding import Evidence, GroundingChecker
from qa.reader import head_of
from qa.records import Verdict

AT_A_TIME = 64


@dataclass(frozen=True, slots=True)
class Judged:
    """A case and the verdict on it."""

    case: ClaimCase
    verdict: Verdict

    @property
    def passed(self) -> bool:
        """Whether the checker lets the claim pass as supported."""
        return self.verdict.label == "supported"


@dataclass(frozen=True, slots=True)
class KindResult:
    """Of one kind: the share of false claims caught, and of true twins raised as false alarms."""

    kind: str
    caught: Interval
    alarms: Interval


@dataclass(frozen=True, slots=True)
class CasesResult:
    """The kinds, all of them together, the paraphrases' false alarms; of the twins and the false claims the mean of the
    shares judged rightly (balanced accuracy) and how well the score tells them apart (area under the ROC curve).
    """

    kinds: tuple[KindResult, ...]
    overall: KindResult
    paraphrases: Interval
    balanced_accuracy: Interval
    auroc: Interval


def judge_cases(
    cases: Sequence[ClaimCase], checker: GroundingChecker, advance: Callable[[int], object] = lambda count: None
) -> list[Judged]:
    """The checker's verdict on each case, from exactly the evidence that it names."""
    pairs = pairs_of(cases)
    judged: list[Judged] = []
    for first in range(0, len(cases), AT_A_TIME):
        verdicts = checker.check_all(pairs[first : first + AT_A_TIME])
        judged += [Judged(*one) for one in zip(cases[first : first + AT_A_TIME], verdicts, strict=True)]
        advance(len(verdicts))
    return judged


def pairs_of(cases: Sequence[ClaimCase]) -> list[tuple[str, Evidence]]:
    """Each case's claim and evidence, as the checker takes them."""
    places = {case.article.article_id: _places(case.article) for case in cases}
    return [(case.claim, evidence_of(case, places[case.article.article_id])) for case in cases]


def _places(article: Article) -> tuple[tuple[int, int], ...]:
    found = split_sentences(article, find_furniture(article.text, article.info.title))
    return tuple((sentence.start, sentence.end) for sentence in found)


def evidence_of(case: ClaimCase, places: Sequence[tuple[int, int]]) -> Evidence:
    """The case's evidence, and the sentences of its article right before and after."""
    start, end = case.spans[0].start, case.spans[-1].end
    before = [place for place in places if place[1] <= start]
    after = [place for place in places if place[0] >= end]
    text = case.article.text
    return Evidence(
        sentences=tuple(" ".join(one.split()) for one in case.evidence),
        head=head_of(case.article.info),
        before=" ".join(text[slice(*before[-1])].split()) if before else "",
        after=" ".join(text[slice(*after[0])].split()) if after else "",
        published=case.published,
    )


def summarise(judged: Sequence[Judged], seed: int) -> CasesResult:
    """Shares with their 95 % intervals, resampled over cases."""
    twins = [one for one in judged if one.case.kind != PARAPHRASE]
    kinds: Mapping[str, list[Judged]] = defaultdict(list)
    for one in twins:
        kinds[one.case.kind].append(one)
    true, false = ([one for one in twins if one.case.is_true is kind] for kind in (True, False))
    # Each case weighs as if there were as many true as false ones.
    right = [float(one.passed) * len(twins) / 2 / len(true) for one in true]
    right += [float(not one.passed) * len(twins) / 2 / len(false) for one in false]
    return CasesResult(
        kinds=tuple(_result(kind, kinds[kind], seed) for kind in sorted(kinds)),
        overall=_result("all kinds", twins, seed),
        paraphrases=mean_interval([float(not one.passed) for one in judged if one.case.kind == PARAPHRASE], seed),
        balanced_accuracy=mean_interval(right, seed),
        auroc=auroc_interval(_scores(true), _scores(false), seed, paired=False),
    )


def _scores(judged: Sequence[Judged]) -> list[float]:
    return [one.verdict.score or 0.0 for one in judged]


def _result(kind: str, judged: Sequence[Judged], seed: int) -> KindResult:
    return KindResult(
        kind,
        mean_interval([float(not one.passed) for one in judged if not one.case.is_true], seed),
        mean_interval([float(not one.passed) for one in judged if one.case.is_true], seed),
    )


def cases_table(result: CasesResult) -> Iterator[str]:
    """The lines of a table for the terminal; values in percent."""
    yield f"{'kind':22} {'false claims caught':>28} {'alarms on true twins':>28}"
    for one in (*result.kinds, result.overall):
        yield f"{one.kind:22} {_told(one.caught):>28} {_told(one.alarms):>28}"
    yield f"{'faithful paraphrases':22} {'':28} {_told(result.paraphrases):>28}"
    yield f"balanced accuracy on the twins: {_told(result.balanced_accuracy)}"
    yield f"area under the ROC curve there:  {_told(result.auroc)}"


def _told(interval: Interval) -> str:
    if interval.value is None or interval.low is None or interval.high is None:
        return "not measured"
    return f"{100 * interval.value:.1f} [{100 * interval.low:.1f}, {100 * interval.high:.1f}] (n = {interval.n})"
