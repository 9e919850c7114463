"""From the outcomes of single questions to metrics, each overall and by slice."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import get_args

import numpy as np

from eval.answer_metrics import answer_in_cited
from eval.confidence import ratio_interval
from eval.records import MetricValue, Outcome, QuestionScores
from eval.retrieval_metrics import hit_at, reciprocal_rank
from qa.records import RefusalReason

ALL = "all"
HIT_DEPTHS = (1, 5, 10, 50)
CITED_DEPTHS = (1, 3)

# A sum and the number of units it is over.
_Part = tuple[float, int]


def slices_of(outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """Every slice that occurs, sorted, after "all"."""
    return (ALL, *sorted({name for outcome in outcomes for name in outcome.slices}))


def metric_values(outcomes: Sequence[Outcome], seed: int) -> tuple[MetricValue, ...]:
    """Every metric for every slice; intervals depend on nothing but the outcomes, their order and the seed."""
    values = []
    for slice_name in slices_of(outcomes):
        members = [outcome for outcome in outcomes if slice_name == ALL or slice_name in outcome.slices]
        parts = [_parts(outcome) for outcome in members]
        for name in METRIC_NAMES:
            known = [found[name] for found in parts if name in found]
            interval = ratio_interval(known, seed)
            values.append(
                MetricValue(
                    name, slice_name, interval.value, interval.low, interval.high, interval.n, len(members) - len(known)
                )
            )
    return tuple(values)


def _parts(outcome: Outcome) -> dict[str, _Part]:
    """What one question adds to each metric; a metric that it says nothing about is left out."""
    scores = outcome.scores
    if scores is None:
        return {}
    parts: dict[str, _Part] = {}
    if scores.has_gold:
        parts |= _gold_parts(scores)
    parts["short_answer_given"] = (float(scores.short_answer_given), 1)
    parts["refused"] = (float(outcome.refusal is not None), 1)
    for reason in get_args(RefusalReason):
        parts[f"refused: {reason}"] = (float(outcome.refusal == reason), 1)
    if scores.citations:
        parts["citation_validity"] = (float(scores.valid_citations), scores.citations)
    if scores.cited_words:
        parts["words_per_cited_sentence"] = (float(sum(scores.cited_words)), len(scores.cited_words))
    return parts


def _gold_parts(scores: QuestionScores) -> dict[str, _Part]:
    passage, sentence = scores.gold_passage_rank, scores.gold_sentence_rank
    parts: dict[str, _Part] = {f"passage_hit@{k}": (hit_at(passage, k), 1) for k in HIT_DEPTHS}
    parts["passage_mrr"] = (reciprocal_rank(passage), 1)
    parts |= {f"answer_in_cited@{k}": (answer_in_cited(sentence, k), 1) for k in CITED_DEPTHS}
    if scores.exact_match is not None and scores.f1 is not None:
        parts["short_answer_em"] = (scores.exact_match, 1)
        parts["short_answer_f1"] = (scores.f1, 1)
    return parts


METRIC_NAMES: tuple[str, ...] = (
    *(f"passage_hit@{k}" for k in HIT_DEPTHS),
    "passage_mrr",
    *(f"answer_in_cited@{k}" for k in CITED_DEPTHS),
    "short_answer_given",
    "short_answer_em",
    "short_answer_f1",
    "citation_validity",
    "words_per_cited_sentence",
    "refused",
    *(f"refused: {reason}" for reason in get_args(RefusalReason)),
)


def counts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """How many questions were answered, refused or failed; the three add up to `questions`."""
    kinds = Counter(
        "failed" if outcome.error is not None else "answered" if outcome.refusal is None else "refused"
        for outcome in outcomes
    )
    return {"questions": len(outcomes), **{kind: kinds[kind] for kind in ("answered", "refused", "failed")}}


def retrieval_depth(outcomes: Sequence[Outcome]) -> int | None:
    """The most passages that any question got: a hit rate deeper than this can't differ from the one at this depth."""
    return max((outcome.scores.passages for outcome in outcomes if outcome.scores is not None), default=None)


def timing_percentiles(timings: Sequence[Mapping[str, float]]) -> dict[str, dict[str, float | int]]:
    """Median and 95th percentile (interpolated) of each stage's milliseconds, over the questions that had it."""
    stages = dict.fromkeys(stage for timing in timings for stage in timing)
    summary: dict[str, dict[str, float | int]] = {}
    for stage in stages:
        values = [timing[stage] for timing in timings if stage in timing]
        p50, p95 = (float(value) for value in np.percentile(values, [50, 95]))
        summary[stage] = {"p50_ms": p50, "p95_ms": p95, "n": len(values)}
    return summary
