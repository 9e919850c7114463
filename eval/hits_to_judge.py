"""Hits laid out for a person to judge."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any, Protocol

from eval.finished import FinishedRun
from eval.judged import Hit
from index.records import Article


class SentenceSource(Protocol):
    """Where the sentences around a cited one are read."""

    def article(self, article_id: str, version: str | None = None) -> Article: ...

    def is_current(self, article_id: str, version: str) -> bool: ...

    def sentences(self, article_id: str) -> Iterator[tuple[int, int, int]]: ...


def draw(hits: Sequence[Hit], limit: int, seed: int) -> tuple[Hit, ...]:
    """So many hits, drawn by lot and left in their order; a smaller draw is part of a larger one."""

    def lot(hit: Hit) -> bytes:
        span = hit.key.span
        return sha256(f"{seed}:{hit.key.question_id}:{span.article_id}:{span.start}:{span.end}".encode()).digest()

    drawn = {hit.key for hit in sorted(hits, key=lot)[:limit]}
    return tuple(hit for hit in hits if hit.key in drawn)


def hit_to_json(hit: Hit, run: FinishedRun, source: SentenceSource) -> dict[str, Any]:
    """What a judge reads, and under "judgement" the line that a file of judgements takes, verdict and judge open."""
    span, citation = hit.key.span, hit.citation
    before, after = neighbours(hit, source)
    return {
        "question": hit.record["question"],
        "asked_on": hit.record["asked_on"],
        "gold_answers": hit.record["gold_answers"],
        "before": before,
        "sentence": citation["quote"],
        "after": after,
        "title": citation["title"],
        "outlet": citation["outlet"],
        "published": citation["published"],
        "metrics": list(hit.metrics),
        "judgement": {
            "dataset": run.dataset,
            "question_id": hit.key.question_id,
            "article_id": span.article_id,
            "version": hit.key.version,
            "url": citation["url"],
            "start": span.start,
            "end": span.end,
            "verdict": None,
            "judge": None,
        },
    }


def neighbours(hit: Hit, source: SentenceSource) -> tuple[str | None, str | None]:
    """The sentence before the cited one and the one after it; None at the article's ends and for an old version.

    Of an old version no sentences are kept. Raises ArchiveError for an article that isn't there any more.
    """
    span, version = hit.key.span, hit.key.version
    text = source.article(span.article_id, version).text
    if not source.is_current(span.article_id, version):
        return None, None
    before = after = None
    for _, start, end in source.sentences(span.article_id):
        if end <= span.start:
            before = text[start:end]
        elif start >= span.end:
            after = text[start:end]
            break
    return before, after
