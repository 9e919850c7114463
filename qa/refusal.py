"""The cases in which there is no answer, and what the reader is told."""

from collections.abc import Sequence

from index.records import Filters
from qa.compose import distinct
from qa.records import Refusal, ScoredSentence

# A passage with a lower cosine with the question isn't even about its subject.
LEAST_LIKENESS = 0.25
NEAREST_SHOWN = 3


def empty_archive() -> Refusal:
    return Refusal(
        "empty_archive", "There are no articles here yet. Add some with 'copydesk add PATH', then ask again."
    )


def filters_left_nothing(filters: Filters, undated: int) -> Refusal:
    message = f"No article matches the filters ({describe_filters(filters)})."
    if undated:
        message += f" {undated} of those left out {'carries' if undated == 1 else 'carry'} no date."
    return Refusal("filters_left_nothing", f"{message} Widen or drop the filters and ask again.")


def nothing_relevant() -> Refusal:
    return Refusal("nothing_relevant", "The articles don't answer this: none of them is about it.")


def not_answered(ranked: Sequence[ScoredSentence]) -> Refusal:
    """With the best of the ranked sentences that are about the subject."""
    near = [scored.citation for scored in distinct(ranked) if scored.likeness >= LEAST_LIKENESS]
    return Refusal(
        "not_answered",
        "The articles don't answer this: some are about the subject, but no sentence in them says it.",
        tuple(near[:NEAREST_SHOWN]),
    )


def describe_filters(filters: Filters) -> str:
    """The filters in words, for people."""
    parts = []
    if filters.outlets is not None:
        parts.append("outlet " + (", ".join(filters.outlets) or "none"))
    if filters.published_from is not None:
        parts.append(f"from {filters.published_from.isoformat()}")
    if filters.published_to is not None:
        parts.append(f"to {filters.published_to.isoformat()}")
    if filters.article_ids is not None:
        parts.append(f"{len(filters.article_ids)} given articles")
    return "; ".join(parts) or "none"
