"""Run folders as the eval writes them, with outcomes that a test names."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from eval import store
from eval.aggregate import counts, metric_values, retrieval_depth, timing_percentiles
from eval.finished import FinishedRun, read_run
from eval.records import EvalQuestion, Outcome, QuestionScores, Span
from eval.risk_coverage import abstention

DAY = date(2026, 3, 10)
GOLD = ((Span("0123456789abcdef", 0, 10),),)
SETTINGS = {"search": "hybrid", "seed": 0}


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a question: whether its first cited sentence was right, whether it was refused, or an error."""

    right: bool = False
    refused: bool = False
    error: str | None = None
    answerable: bool = True
    slices: tuple[str, ...] = ()
    confidence: float | None = None


RIGHT, WRONG, REFUSED = Result(right=True), Result(), Result(refused=True)
FAILED = Result(error="RuntimeError: out of luck")


def scores_of(result: Result, *, forced: bool = False) -> QuestionScores:
    answered = forced or not result.refused
    hit = answered and result.right and result.answerable
    return QuestionScores(
        has_gold=result.answerable,
        passages=5,
        gold_passage_rank=1 if result.answerable else None,
        gold_sentence_rank=1 if hit else None,
        short_answer_given=False,
        exact_match=None,
        f1=None,
        citations=int(answered),
        valid_citations=int(answered),
        cited_words=(7,) if answered else (),
        gold_pieces=int(result.answerable),
        pieces_cited=int(hit),
        sentences=int(answered),
        sentences_on_gold=int(hit),
    )


def outcome_of(name: str, result: Result) -> Outcome:
    if result.error is not None:
        return Outcome(name, result.slices, None, error=result.error)
    return Outcome(
        name,
        result.slices,
        scores_of(result),
        refusal="not_answered" if result.refused else None,
        timings={"total": 1.0},
        forced=scores_of(result, forced=True) if result.answerable else None,
        answerable=result.confidence,
    )


def question_of(name: str, result: Result) -> EvalQuestion:
    gold = GOLD if result.answerable else ()
    answers = ("4.2 metres",) if result.answerable else ()
    return EvalQuestion(name, f"What of {name}?", DAY, answers, slices=result.slices, gold=gold)


def citation(name: str) -> dict[str, Any]:
    """The citation of a question's first sentence; its span tells the questions apart."""
    start = int(sha256(name.encode()).hexdigest()[:4], 16)
    return {
        "article_id": GOLD[0][0].article_id,
        "version": "f" * 16,
        "url": "https://veld.example/flood",
        "title": "Veld floods Harrow Ford",
        "outlet": None,
        "published": "2026-03-02",
        "sentence": "The river rose to 4.2 metres.",
        "start": start,
        "end": start + 29,
        "quote": "The river rose to 4.2 metres.",
    }


def record_of(name: str, result: Result) -> dict[str, Any]:
    outcome = outcome_of(name, result)
    record = store.record_of(question_of(name, result), outcome, None)
    sentences = [{"text": "The river rose to 4.2 metres.", "citations": [citation(name)]}]
    refusal = {"reason": "not_answered"} if result.refused else None
    record |= {
        "answerable": outcome.answerable,
        "sentences": [] if result.refused else sentences,
        "refusal": refusal,
        "timings": {"total": 1.0},
    }
    if outcome.forced is not None:
        record["forced"] = {"sentences": sentences, "refusal": None, "scores": asdict(outcome.forced)}
    return record


def write_run(folder: Path, results: Mapping[str, Result], settings: Mapping[str, Any] = SETTINGS) -> Path:
    """A finished run in `folder`: all its files but the summary."""
    folder.mkdir()
    outcomes = [outcome_of(name, result) for name, result in results.items()]
    questions = [asdict(question_of(name, result)) for name, result in results.items()]
    sha = sha256(repr(questions).encode()).hexdigest()
    dataset = {"name": "veld", "questions": len(results), "sha256": sha}
    archive = {"folder": str(folder / "archive"), "sha256": "0" * 64}
    shared: dict[str, Any] = {"schema_version": store.SCHEMA_VERSION, "asked": dict(settings)}
    made = {**shared, "dataset": dataset, "archive": archive, "libraries": {"copydesk": "0.1.0"}}
    (folder / store.SETTINGS).write_text(json.dumps(made), encoding="utf-8")
    lines = [store.dump(record_of(name, result)) + "\n" for name, result in results.items()]
    (folder / store.ANSWERS).write_text("".join(lines), encoding="utf-8")
    (folder / store.METRICS).write_text(json.dumps({**shared, **_document(outcomes)}), encoding="utf-8")
    return folder


def _document(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    return {
        "dataset": "veld",
        "counts": counts(outcomes),
        "retrieval_depth": retrieval_depth(outcomes),
        "metrics": [asdict(value) for value in metric_values(outcomes, 0)],
        "abstention": [asdict(one) for one in abstention(outcomes, 0)],
        "failures": [{"question_id": one.question_id, "error": one.error} for one in outcomes if one.error],
        "cost": {
            "timings": timing_percentiles([one.timings for one in outcomes if one.error is None]),
            "peak_memory_bytes": None,
            "asked_by_this_process": 0,
        },
    }


def finished(folder: Path, results: Mapping[str, Result], settings: Mapping[str, Any] = SETTINGS) -> FinishedRun:
    return read_run(write_run(folder, results, settings))


def numbered(*results: Result) -> dict[str, Result]:
    """The questions q01, q02, …"""
    return {f"q{number:02}": result for number, result in enumerate(results, start=1)}


def in_slice(result: Result, *names: str) -> Result:
    return replace(result, slices=names)
