"""Judging citations and passages by the question's gold sentences, which are known by their place in the articles."""

from collections.abc import Sequence

from eval.records import ANSWERABLE, PARAPHRASED, UNANSWERABLE, Span
from qa.question import stems

Gold = Sequence[Sequence[Span]]
# A paraphrased question shares at most this part of its content words with its gold sentences.
PARAPHRASED_SHARE = 0.30


def overlap(one: Span, other: Span) -> int:
    """How many characters two spans share."""
    if one.article_id != other.article_id:
        return 0
    return max(0, min(one.end, other.end) - max(one.start, other.start))


def counts_for(cited: Span, gold: Span) -> bool:
    """Whether the cited span is the gold one: they overlap by at least half of the shorter."""
    shared = overlap(cited, gold)
    return shared > 0 and 2 * shared >= min(cited.end - cited.start, gold.end - gold.start)


def pieces_cited(gold: Gold, cited: Sequence[Span]) -> int:
    """Of how many pieces of gold some equivalent sentence is cited."""
    return sum(any(counts_for(one, span) for one in cited for span in piece) for piece in gold)


def sentences_on_gold(gold: Gold, citations: Sequence[Sequence[Span]]) -> int:
    """Of how many answer sentences, each given by its citations, some citation is a gold sentence."""
    return sum(pieces_cited([[span for piece in gold for span in piece]], cited) for cited in citations)


def first_gold_passage(gold: Gold, passages: Sequence[Span]) -> int | None:
    """The rank, from 1, of the first passage that a gold sentence stands in, whole or in part."""
    spans = [span for piece in gold for span in piece]
    for rank, passage in enumerate(passages, start=1):
        if any(overlap(passage, span) for span in spans):
            return rank
    return None


def shared_content_words(question: str, gold_sentences: Sequence[str]) -> float:
    """The share of the question's content words, stemmed, each counted once, that stand in any of the sentences."""
    asked = stems(question)
    told = frozenset[str]().union(*(stems(sentence) for sentence in gold_sentences))
    return len(asked & told) / len(asked) if asked else 0.0


def slices_of_gold(question: str, gold_sentences: Sequence[str]) -> tuple[str, ...]:
    """Whether the question can be answered, and if so whether it does without most of its gold sentences' words."""
    if not gold_sentences:
        return (UNANSWERABLE,)
    paraphrased = shared_content_words(question, gold_sentences) <= PARAPHRASED_SHARE
    return (ANSWERABLE, PARAPHRASED) if paraphrased else (ANSWERABLE,)
