"""Hits judged by hand: a string match may be luck, so a sample of them is read by people.

The judgements name a cited span by article, version and characters. They hold none of an article's text.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Any, Literal

from eval.aggregate import ALL, FORCED
from eval.finished import FinishedRun
from eval.lines import Line, read_lines
from eval.records import QuestionScores, Span
from index.errors import BadInputError

SHIPPED_JUDGEMENTS = Path(__file__).with_name("judged_hits.jsonl")
HIT_METRICS = ("answer_in_cited@1", FORCED + "answer_in_cited@1")

HitVerdict = Literal["right", "lucky"]
_KEYS = ("dataset", "question_id", "article_id", "version", "url", "start", "end", "verdict", "judge")
_NORMAL_97_5 = 1.959963984540054  # the standard normal's 97.5th percentile


@dataclass(frozen=True, slots=True)
class HitKey:
    """One cited span as the answer to one question of a family of sets ("golden" for golden:open too)."""

    family: str
    question_id: str
    span: Span
    version: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one judge said of one hit: the cited sentence answers the question, or holds the gold answer by luck."""

    key: HitKey
    verdict: HitVerdict
    judge: str
    where: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A cited sentence in which the gold answer was found, and the metrics that count it."""

    key: HitKey
    metrics: tuple[str, ...]
    record: Mapping[str, Any]
    citation: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class JudgedShare:
    """Of `hits` hits `judged` were judged and `right` were right; the share of the two with its 95 % interval."""

    metric: str
    hits: int
    judged: int
    right: int
    low: float | None
    high: float | None


def read_judgements(path: Path = SHIPPED_JUDGEMENTS) -> tuple[Judgement, ...]:
    """The lines of a file of judgements. Raises BadInputError, naming the line, for one that can't be understood."""
    seen: dict[tuple[HitKey, str], str] = {}
    judgements = []
    for line in read_lines(path):
        judgement = _judgement(line)
        earlier = seen.setdefault((judgement.key, judgement.judge), line.where)
        if earlier != line.where:
            raise BadInputError(f"{line.where}: {judgement.judge} judged this hit at {earlier} already")
        judgements.append(judgement)
    return tuple(judgements)


def _judgement(line: Line) -> Judgement:
    missing = [key for key in _KEYS if key not in line.fields]
    unknown = sorted(set(line.fields) - set(_KEYS))
    if missing or unknown:
        what = f"no {missing[0]}" if missing else f"unknown key {unknown[0]!r}"
        raise BadInputError(f"{line.where}: {what}; a judgement has {', '.join(_KEYS)} and nothing else")
    start, end = line.number("start"), line.number("end")
    if not 0 <= start < end:
        raise BadInputError(f"{line.where}: start and end must be a span of characters, such as 0 and 10")
    verdict = line.text("verdict")
    if verdict not in ("right", "lucky"):
        raise BadInputError(f"{line.where}: verdict is {verdict!r}; it must be right or lucky")
    if line.has("url"):
        line.text("url")
    span = Span(line.text("article_id"), start, end)
    key = HitKey(_family(line.text("dataset")), line.text("question_id"), span, line.text("version"))
    return Judgement(key, "right" if verdict == "right" else "lucky", line.text("judge"), line.where)


def _family(dataset: str) -> str:
    return dataset.split(":", 1)[0]


def hits_of(run: FinishedRun, slice_name: str = ALL) -> tuple[Hit, ...]:
    """The hits of answer_in_cited@1, with refusing and without, in the questions' order; the same span once."""
    run.require_slice(slice_name)
    found: dict[HitKey, Hit] = {}
    for name, outcome in run.outcomes.items():
        if slice_name not in (ALL, *outcome.slices):
            continue
        record = run.records[name]
        answers = zip(HIT_METRICS, (outcome.scores, outcome.forced), (record, record["forced"]), strict=True)
        for metric, scores, answer in answers:
            citation = _hit_citation(scores, answer)
            if citation is None:
                continue
            key = _key(run.dataset, name, citation)
            earlier = () if key not in found else found[key].metrics
            found[key] = Hit(key, (*earlier, metric), record, citation)
    return tuple(found.values())


def _hit_citation(scores: QuestionScores | None, answer: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The first citation of the first cited sentence, where the gold answer was found in it."""
    if scores is None or answer is None or scores.gold_sentence_rank != 1:
        return None
    cited: Iterator[Mapping[str, Any]] = (
        sentence["citations"][0] for sentence in answer["sentences"] if sentence["citations"]
    )
    return next(cited, None)


def _key(dataset: str, question_id: str, citation: Mapping[str, Any]) -> HitKey:
    span = Span(citation["article_id"], citation["start"], citation["end"])
    return HitKey(_family(dataset), question_id, span, citation["version"])


def judged_shares(hits: Sequence[Hit], judgements: Sequence[Judgement]) -> tuple[JudgedShare, ...]:
    """How many of the judged hits are right, for each metric that has hits. Right is what every judge calls right."""
    verdicts = _verdicts(judgements)
    shares = []
    for metric in HIT_METRICS:
        counted = [hit for hit in hits if metric in hit.metrics]
        known = [verdicts[hit.key] for hit in counted if hit.key in verdicts]
        if counted:
            shares.append(JudgedShare(metric, len(counted), len(known), sum(known), *wilson(sum(known), len(known))))
    return tuple(shares)


def _verdicts(judgements: Sequence[Judgement]) -> dict[HitKey, bool]:
    right: dict[HitKey, bool] = {}
    for judgement in judgements:
        right[judgement.key] = right.get(judgement.key, True) and judgement.verdict == "right"
    return right


def unjudged(hits: Sequence[Hit], judgements: Sequence[Judgement]) -> tuple[Hit, ...]:
    verdicts = _verdicts(judgements)
    return tuple(hit for hit in hits if hit.key not in verdicts)


def wilson(right: int, n: int) -> tuple[float | None, float | None]:
    """The 95 % score interval of a share (Wilson, JASA 1927); None twice over nothing."""
    if not n:
        return None, None
    share, z2 = right / n, _NORMAL_97_5**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _NORMAL_97_5 * sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def judged_notes(run: FinishedRun, judgements: Sequence[Judgement]) -> dict[str, tuple[str, ...]]:
    """What was judged of the hits in each slice, a line for each metric; slices without a judged hit are left out.

    The slice of all questions is there as soon as it has hits, so that it shows when none was judged.
    """
    notes = {}
    for slice_name in run.slices:
        shares = judged_shares(hits_of(run, slice_name), judgements)
        if any(share.judged for share in shares) or (shares and slice_name == ALL):
            notes[slice_name] = tuple(_line(share) for share in shares)
    return notes


def _line(share: JudgedShare) -> str:
    if share.low is None or share.high is None:
        return f"- {share.metric}: of {share.hits} hits none was judged by hand"
    return (
        f"- {share.metric}: of {share.judged} hits judged by hand {share.right} right "
        f"({100 * share.right / share.judged:.1f} %, {100 * share.low:.1f} to {100 * share.high:.1f}), "
        f"{share.hits - share.judged} not judged"
    )
