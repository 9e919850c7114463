"""A run's numbers as a page to read."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from eval.abstention_table import abstention_lines
from eval.layout import table
from eval.records import MetricValue
from eval.slice_tables import slice_tables

_MEBIBYTE = 1024 * 1024


def summary(document: Mapping[str, Any], notes: Mapping[str, Sequence[str]] = MappingProxyType({})) -> str:
    """The Markdown page of what metrics.json holds, with `notes` on slices where they have a table."""
    values = [MetricValue(**value) for value in document["metrics"]]
    counts = document["counts"]
    asked = counts["questions"]
    lines = [
        f"# {document['dataset']}",
        "",
        ", ".join(f"{name}: {_plain(value)}" for name, value in document["asked"].items()),
        "",
        f"{asked} question{'' if asked == 1 else 's'}: {counts['answered']} answered, {counts['refused']} refused, "
        f"{counts['failed']} failed. Passages retrieved for a question: at most {document['retrieval_depth'] or 0}.",
        "",
    ]
    lines += slice_tables(values, notes) + _measured_by_none(values)
    lines += abstention_lines(document.get("abstention", ()))  # runs made before it was measured have none
    lines += [
        "Each value is a mean with its bootstrap 95 % interval, questions resampled. n counts questions; for "
        "citation_validity citations, for words_per_cited_sentence and gold_sentence_precision sentences, for "
        "written_kept, _repaired, _replaced and _dropped the sentences that a language model wrote. Unscorable: "
        "questions that the metric says nothing about (no gold, nothing cited, no short answer, or failed); they are "
        'in no mean. Under "forced: " stands the answer without refusing, where a right one is known.',
        "",
    ]
    return "\n".join(lines + _failures(document["failures"]) + _cost(document["cost"])).rstrip() + "\n"


def _measured_by_none(values: Sequence[MetricValue]) -> list[str]:
    measured = {value.name for value in values if value.n}
    missing = [name for name in dict.fromkeys(value.name for value in values) if name not in measured]
    return [f"Not measured by any of these questions: {', '.join(missing)}.", ""] if missing else []


def _failures(failures: Sequence[Mapping[str, str]]) -> list[str]:
    if not failures:
        return []
    shown = [f"- {failure['question_id']}: {' '.join(failure['error'].split())}" for failure in failures[:10]]
    more = [f"- and {len(failures) - 10} more, in answers.jsonl"] if len(failures) > 10 else []
    return ["## Failed questions", "", *shown, *more, ""]


def _cost(cost: Mapping[str, Any]) -> list[str]:
    rows = [
        (stage, f"{timing['p50_ms']:.1f}", f"{timing['p95_ms']:.1f}", str(timing["n"]))
        for stage, timing in cost["timings"].items()
    ]
    rows_shown = table(("stage", "p50 ms", "p95 ms", "n"), rows) if rows else ["No question was timed."]
    peak = cost["peak_memory_bytes"]
    memory = "not known here" if peak is None else f"{peak / _MEBIBYTE:.0f} MiB"
    return [
        "## Cost",
        "",
        *rows_shown,
        "",
        f"Peak memory of the process that wrote this, which asked {cost['asked_by_this_process']} questions: {memory}.",
        "",
        *_run_cost(cost),
    ]


def _run_cost(cost: Mapping[str, Any]) -> list[str]:
    """What the run took; runs made before that was measured tell nothing."""
    lines = []
    if cost.get("remembered"):
        lines += [f"{cost['remembered']} answers were remembered from an earlier run with all the same.", ""]
    run = cost.get("run")
    if run is not None and run["per_question"] is not None:
        lines += [
            f"{run['questions']} questions in {run['seconds']:.0f} s, loading, scoring and writing included: each as "
            f"long as embedding {run['per_question']:.1f} passages of 100 words, which took "
            f"{1000 * run['seconds_per_passage']:.1f} ms each in between.",
            "",
        ]
    return lines


def _plain(value: object) -> str:
    return "none" if value is None else str(value)
