"""An answer as the JSON object that the README documents."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from index.records import ArticleInfo, Filters, RetrievedPassage
from qa.records import Answer, AnswerSentence, Citation, Generation, Refusal, Removed, Verdict

SCHEMA_VERSION = 1


def answer_to_json(answer: Answer) -> dict[str, Any]:
    """Plain dicts, lists, strings, numbers, booleans and None; no NaN."""
    return {
        "schema_version": SCHEMA_VERSION,
        "question": answer.question,
        "understood_as": answer.understood_as,
        "asked_on": answer.asked_on.isoformat(),
        "period": _period(answer),
        "filters": _filters(answer.filters),
        "undated_left_out": answer.undated_left_out,
        "answered": answer.answered,
        "answerable": None if answer.answerable is None else round(answer.answerable, 6),
        "short_answer": answer.short_answer,
        "sentences": [_sentence(answer, sentence) for sentence in answer.sentences],
        "generation": _generation(answer.generation) if answer.generation else None,
        "refusal": _refusal(answer.refusal) if answer.refusal else None,
        "passages": [_passage(found) for found in answer.passages],
        "timings": {stage: round(milliseconds, 3) for stage, milliseconds in answer.timings.items()},
    }


def _sentence(answer: Answer, sentence: AnswerSentence) -> dict[str, Any]:
    return {
        "text": sentence.text,
        "context": sentence.context,
        "written": sentence.written,
        "verdict": _verdict(sentence.verdict),
        "sources": answer.source_count(sentence),
        "citations": [_citation(citation, answer.near_copies) for citation in sentence.citations],
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {"label": verdict.label, "score": verdict.score, "reasons": list(verdict.reasons)}


def _generation(generation: Generation) -> dict[str, Any]:
    return {
        "model": generation.model,
        "used": generation.used,
        "note": generation.note,
        "astray_marks": generation.astray,
        "removed": [_removed(removed) for removed in generation.removed],
    }


def _removed(removed: Removed) -> dict[str, Any]:
    return {
        "text": removed.text,
        "fate": removed.fate,
        "reasons": list(removed.reasons),
        "instead": removed.instead,
        "astray": list(removed.astray),
        "verdict": _verdict(removed.verdict),
        "citations": [_citation(citation, {}) for citation in removed.citations],
    }


def _citation(citation: Citation, near_copies: Mapping[str, str]) -> dict[str, Any]:
    return {
        **_article(citation.article),
        "sentence": citation.sentence.text,
        "start": citation.quote_start,
        "end": citation.quote_end,
        "quote": citation.quote,
        "near_copy_group": near_copies.get(citation.article.article_id),
    }


def _article(article: ArticleInfo) -> dict[str, Any]:
    return {
        "article_id": article.article_id,
        "version": article.version,
        "url": article.url,
        "title": article.title,
        "outlet": article.outlet,
        "published": _day(article.published),
    }


def _refusal(refusal: Refusal) -> dict[str, Any]:
    return {
        "reason": refusal.reason,
        "message": refusal.message,
        "nearest": [_citation(citation, {}) for citation in refusal.nearest],
    }


def _passage(found: RetrievedPassage) -> dict[str, Any]:
    return {
        "rank": found.rank,
        "score": round(found.score, 6),
        "found_by": found.found_by,
        "article_id": found.passage.article_id,
        "version": found.passage.version,
        "start": found.passage.start,
        "end": found.passage.end,
    }


def _period(answer: Answer) -> dict[str, str] | None:
    period = answer.period
    if period is None:
        return None
    return {"words": period.words, "first": period.first.isoformat(), "last": period.last.isoformat()}


def _filters(filters: Filters) -> dict[str, Any]:
    return {
        "outlets": None if filters.outlets is None else list(filters.outlets),
        "published_from": _day(filters.published_from),
        "published_to": _day(filters.published_to),
        "article_ids": None if filters.article_ids is None else list(filters.article_ids),
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
