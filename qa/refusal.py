"""The cases in which there is no answer, and what the reader is told."""

from collections.abc import Sequence

from index.language import language_name
from index.records import ArticleInfo, Filters
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


def unread_question(language: str) -> Refusal:
    """The question is in a language that the models don't read."""
    name = language_name(language)
    return Refusal(
        "unsupported_language",
        f"Questions in {name} are not supported: the articles are searched and read in English. Ask it in English.",
    )


def unread_articles(articles: Sequence[ArticleInfo]) -> Refusal:
    """What is asked about stands only in articles in languages that the models don't read."""
    first = articles[0]
    names = " and ".join(dict.fromkeys(language_name(article.language or "") for article in articles))
    title = f"“{first.title}”" if first.title else first.url or first.article_id
    others = f" and {len(articles) - 1} more" if len(articles) > 1 else ""
    return Refusal(
        "unsupported_language",
        f"Articles in {names} are not supported, and this stands only there: {title}{others}. Open and read it there.",
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
