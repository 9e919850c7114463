"""Which way each metric is better, and which ones decide whether a run is a regression."""

from typing import Literal

from eval.aggregate import CHOICE_METRICS, FORCED, GOLD_IN_GIVEN, KEPT, METRIC_NAMES, WHOLE
from eval.written_sentences import WRITTEN_METRICS

Direction = Literal["higher", "lower"]

# The more tests, the less each of them can show (Holm). So few decide: one for each stage of the answer, not every
# depth and every view of the same thing.
JUDGED_METRICS: tuple[str, ...] = (
    "passage_hit@5",
    "answer_in_cited@1",
    "answer_in_cited@3",
    "gold_sentence_recall",
    "gold_sentence_precision",
    "short_answer_f1",
    "citation_validity",
    "refusal_recall",
    "wrongly_refused",
    FORCED + "answer_in_cited@1",
    FORCED + "gold_sentence_recall",
)
_LOWER = frozenset({"wrongly_refused"})
# How the answers are, not how good.
_NEITHER = frozenset(
    {"short_answer_given", "words_per_cited_sentence", "refused", GOLD_IN_GIVEN, *CHOICE_METRICS, *WRITTEN_METRICS}
    - {"multiple_choice", "multiple_choice_nota"}
)


def direction_of(metric: str) -> Direction | None:
    """Which way it is better; None where neither is, and for a name that is no metric."""
    name = metric.removeprefix(KEPT).removeprefix(WHOLE).removeprefix(FORCED)
    if metric not in METRIC_NAMES or name in _NEITHER or name.startswith("refused: "):
        return None
    return "lower" if name in _LOWER else "higher"


def worsening(metric: str, difference: float) -> float:
    """By how much a metric that went up by `difference` got worse; negative where it got better.

    Raises ValueError for a metric that has no better direction.
    """
    direction = direction_of(metric)
    if direction is None:
        raise ValueError(f"{metric} is neither better nor worse when it is higher")
    return -difference if direction == "higher" else difference
