"""From the outcomes of single questions to metrics, each overall and by slice."""

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import get_args

import numpy as np

from eval.answer_metrics import answer_in_cited
from eval.confidence import ratio_interval
from eval.records import ANSWERABLE_SLICES, UNANSWERABLE_SLICES, MetricValue, Outcome, QuestionScores
from eval.retrieval_metrics import hit_at, reciprocal_rank
from eval.written_sentences import WRITTEN_METRICS, written_parts
from qa.records import RefusalReason

ALL = "all"
HIT_DEPTHS = (1, 5, 10, 50)
CITED_DEPTHS = (1, 3)
REFUSAL_PRECISION = "refusal_precision"

FORCED, WHOLE, KEPT = "forced: ", "whole: ", "kept: "
# Of a follow-up as it was asked against the same asked whole: how much is kept.
_KEPT = ("passage_hit@5", FORCED + "answer_in_cited@3")

EM_OF_ALL, F1_OF_ALL = FORCED + "short_answer_em_of_all", FORCED + "short_answer_f1_of_all"
GOLD_IN_GIVEN = "gold_in_given_articles"
# The field of ChoiceScores that each of them is the mean of.
CHOICE_METRICS = MappingProxyType(
    {
        "multiple_choice": "right",
        "multiple_choice_most_named": "most_named",
        "multiple_choice_chance": "chance",
        "multiple_choice_nota": "right_with_none",
        "multiple_choice_nota_most_named": "most_named_with_none",
        "multiple_choice_nota_always_none": "always_none",
        "multiple_choice_nota_chance": "chance_with_none",
    }
)

# A sum and the number of units that it is over; 0 for a question that adds to the sum of a ratio alone.
Part = tuple[float, int]


def slices_of(outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """Every slice that occurs, sorted, after "all"."""
    return (ALL, *sorted({name for outcome in outcomes for name in outcome.slices}))


def members_of(outcomes: Sequence[Outcome], slice_name: str, metric: str) -> list[Outcome]:
    """The outcomes that a metric is taken over in a slice: those of the slice, with one exception.

    How precisely one kind of unanswerable question is refused shows only against answerable ones, so in such a
    slice `refusal_precision` takes in every answerable question. In a slice of answerable ones it says nothing.
    """
    if metric == REFUSAL_PRECISION and slice_name in ANSWERABLE_SLICES:
        return []
    if metric == REFUSAL_PRECISION:
        return beside_answerable(outcomes, slice_name)
    return [outcome for outcome in outcomes if slice_name == ALL or slice_name in outcome.slices]


def beside_answerable(outcomes: Sequence[Outcome], slice_name: str) -> list[Outcome]:
    """The outcomes of a slice; of a slice of unanswerable questions, with every answerable one beside them."""
    with_answerable = slice_name in UNANSWERABLE_SLICES
    return [
        outcome
        for outcome in outcomes
        if slice_name == ALL or slice_name in outcome.slices or (with_answerable and _is_answerable(outcome))
    ]


def _is_answerable(outcome: Outcome) -> bool:
    return outcome.scores is not None and bool(outcome.scores.gold_pieces)


def metric_values(outcomes: Sequence[Outcome], seed: int) -> tuple[MetricValue, ...]:
    """Every metric for every slice; intervals depend on nothing but the outcomes, their order and the seed."""
    values = []
    parts = {id(outcome): question_parts(outcome) for outcome in outcomes}
    for slice_name in slices_of(outcomes):
        for name in METRIC_NAMES:
            members = [parts[id(outcome)] for outcome in members_of(outcomes, slice_name, name)]
            known = [found[name] for found in members if name in found]
            interval = ratio_interval(known, seed)
            values.append(
                MetricValue(
                    name, slice_name, interval.value, interval.low, interval.high, interval.n, len(members) - len(known)
                )
            )
    return tuple(values)


def question_parts(outcome: Outcome) -> Mapping[str, Part]:
    """What one question adds to each metric: a sum, and the number of units that it is over (0 in "kept:" alone).

    A metric that the question says nothing about is left out. A metric over some questions is the ratio of the sums
    of both, over `members_of` its slice.
    """
    scores = outcome.scores
    if scores is None:
        return {}
    refused = outcome.refusal is not None
    parts = {**_passage_parts(scores), **_answer_parts(scores), **_refusal_parts(scores, refused)}
    parts |= _citation_parts(scores)
    parts |= written_parts(outcome.written)
    parts["short_answer_given"] = (float(scores.short_answer_given), 1)
    parts["refused"] = (float(refused), 1)
    for reason in get_args(RefusalReason):
        parts[f"refused: {reason}"] = (float(outcome.refusal == reason), 1)
    if outcome.forced is not None:
        parts |= {FORCED + name: part for name, part in _answer_parts(outcome.forced).items()}
        parts |= _short_parts_of_all(outcome.forced)
    parts |= _choice_parts(outcome)
    if outcome.whole is not None:
        whole = {
            **_passage_parts(outcome.whole),
            **_answer_parts(outcome.whole),
            **_refusal_parts(outcome.whole, outcome.whole_refusal is not None),
        }
        parts |= {WHOLE + name: part for name, part in whole.items()}
    if outcome.whole_forced is not None:
        parts |= {WHOLE + FORCED + name: part for name, part in _answer_parts(outcome.whole_forced).items()}
    both = [name for name in _KEPT if name in parts and WHOLE + name in parts]
    return {**parts, **{KEPT + name: (parts[name][0], int(parts[WHOLE + name][0])) for name in both}}


def _passage_parts(scores: QuestionScores) -> dict[str, Part]:
    if not scores.judges_passages:
        return {}
    rank = scores.gold_passage_rank
    return {**{f"passage_hit@{k}": (hit_at(rank, k), 1) for k in HIT_DEPTHS}, "passage_mrr": (reciprocal_rank(rank), 1)}


def _answer_parts(scores: QuestionScores) -> dict[str, Part]:
    """Of the sentences and the short answer; a refusal has neither."""
    parts: dict[str, Part] = {}
    if scores.has_gold:
        parts |= {f"answer_in_cited@{k}": (answer_in_cited(scores.gold_sentence_rank, k), 1) for k in CITED_DEPTHS}
    if scores.gold_pieces:
        parts["gold_sentence_recall"] = (scores.pieces_cited / scores.gold_pieces, 1)
        if scores.sentences:
            parts["gold_sentence_precision"] = (float(scores.sentences_on_gold), scores.sentences)
    if scores.exact_match is not None and scores.f1 is not None:
        parts["short_answer_em"] = (scores.exact_match, 1)
        parts["short_answer_f1"] = (scores.f1, 1)
    return parts


def _citation_parts(scores: QuestionScores) -> dict[str, Part]:
    parts: dict[str, Part] = {}
    if scores.citations:
        parts["citation_validity"] = (float(scores.valid_citations), scores.citations)
    if scores.sentences:
        parts["citation_coverage"] = (float(len(scores.cited_words)), scores.sentences)
    if scores.judged_sentences:
        parts["citation_recall"] = (float(scores.supported_sentences), scores.judged_sentences)
        parts["contradicted"] = (float(scores.contradicted_sentences), scores.judged_sentences)
    judged = scores.citations if scores.judged_citations is None else scores.judged_citations
    if scores.judged_sentences and judged:
        parts["citation_precision"] = (float(scores.useful_citations), judged)
    if scores.cited_words:
        parts["words_per_cited_sentence"] = (float(sum(scores.cited_words)), len(scores.cited_words))
    return parts


def _short_parts_of_all(forced: QuestionScores) -> dict[str, Part]:
    """No short answer counts as a wrong one."""
    if not forced.has_gold:
        return {}
    return {EM_OF_ALL: (forced.exact_match or 0.0, 1), F1_OF_ALL: (forced.f1 or 0.0, 1)}


def _choice_parts(outcome: Outcome) -> dict[str, Part]:
    parts: dict[str, Part] = {}
    if outcome.gold_in_given is not None:
        parts[GOLD_IN_GIVEN] = (float(outcome.gold_in_given), 1)
    if outcome.choices is not None:
        values = {name: getattr(outcome.choices, field) for name, field in CHOICE_METRICS.items()}
        parts |= {name: (value, 1) for name, value in values.items() if value is not None}
    return parts


def _refusal_parts(scores: QuestionScores, refused: bool) -> dict[str, Part]:
    if scores.gold_pieces is None:
        return {}
    answerable = scores.gold_pieces > 0
    parts: dict[str, Part] = {"wrongly_refused" if answerable else "refusal_recall": (float(refused), 1)}
    if refused:
        parts[REFUSAL_PRECISION] = (float(not answerable), 1)
    return parts


_PASSAGES = (*(f"passage_hit@{k}" for k in HIT_DEPTHS), "passage_mrr")
_CITED = (*(f"answer_in_cited@{k}" for k in CITED_DEPTHS), "gold_sentence_recall", "gold_sentence_precision")
_SHORT = ("short_answer_em", "short_answer_f1")
_REFUSAL = ("refusal_recall", REFUSAL_PRECISION, "wrongly_refused")
METRIC_NAMES: tuple[str, ...] = (
    *_PASSAGES,
    *_CITED,
    "short_answer_given",
    *_SHORT,
    "citation_validity",
    "citation_coverage",
    "citation_recall",
    "citation_precision",
    "contradicted",
    "words_per_cited_sentence",
    *WRITTEN_METRICS,
    "refused",
    *(f"refused: {reason}" for reason in get_args(RefusalReason)),
    *_REFUSAL,
    *(FORCED + name for name in (*_CITED, *_SHORT)),
    EM_OF_ALL,
    F1_OF_ALL,
    GOLD_IN_GIVEN,
    *CHOICE_METRICS,
    *(WHOLE + name for name in (*_PASSAGES, *_CITED, *_SHORT, *_REFUSAL)),
    *(WHOLE + FORCED + name for name in (*_CITED, *_SHORT)),
    *(KEPT + name for name in _KEPT),
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
