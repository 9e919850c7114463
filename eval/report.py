"""A run's numbers as a page to read."""

from collections.abc import Mapping, Sequence
from typing import Any

from eval.aggregate import ALL
from eval.records import MetricValue

_NOT_SHARES = frozenset({"passage_mrr", "words_per_cited_sentence"})
_MEBIBYTE = 1024 * 1024


def summary(document: Mapping[str, Any]) -> str:
    """The Markdown page of what metrics.json holds."""
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
    for slice_name in dict.fromkeys(value.slice for value in values):
        lines += _slice_table(slice_name, [value for value in values if value.slice == slice_name])
    lines += [
        "Each value is a mean with its bootstrap 95 % interval, questions resampled. n counts questions; for "
        "citation_validity citations, for words_per_cited_sentence sentences. Unscorable: questions that the metric "
        "says nothing about (no gold answer, nothing cited, no short answer, or failed); they are in no mean.",
        "",
    ]
    return "\n".join(lines + _failures(document["failures"]) + _cost(document["cost"])).rstrip() + "\n"


def _slice_table(name: str, values: Sequence[MetricValue]) -> list[str]:
    title = "All questions" if name == ALL else f"Slice: {name}"
    rows = [(v.name, _number(v.name, v.value), _bounds(v), str(v.n), str(v.unscorable)) for v in values]
    return [f"## {title}", "", *_table(("metric", "value", "95 % interval", "n", "unscorable"), rows), ""]


def _number(metric: str, value: float | None) -> str:
    if value is None:
        return "not measured"
    if metric in _NOT_SHARES:
        return f"{value:.3f}" if value < 1 else f"{value:.1f}"
    return f"{100 * value:.1f} %"


def _bounds(value: MetricValue) -> str:
    if value.low is None or value.high is None:
        return ""
    return f"{_number(value.name, value.low)} to {_number(value.name, value.high)}"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table, padded so that it also reads as plain text; the first column left, the others right."""
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]

    def line(cells: Sequence[str]) -> str:
        padded = [
            cells[0].ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)),
        ]
        return f"| {' | '.join(padded)} |"

    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return [line(header), line(rule), *(line(row) for row in rows)]


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
    table = _table(("stage", "p50 ms", "p95 ms", "n"), rows) if rows else ["No question was timed."]
    peak = cost["peak_memory_bytes"]
    memory = "not known here" if peak is None else f"{peak / _MEBIBYTE:.0f} MiB"
    return [
        "## Cost",
        "",
        *table,
        "",
        f"Peak memory of the process that wrote this, which asked {cost['asked_by_this_process']} questions: {memory}.",
        "",
    ]


def _plain(value: object) -> str:
    return "none" if value is None else str(value)
