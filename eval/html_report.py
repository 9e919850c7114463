"""A finished run as one HTML page: numbers, plots and every answer. The same folder gives the same bytes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from eval import store
from eval.abstention_table import EXPLAINED, HEADER, abstention_row
from eval.aggregate import ALL
from eval.directions import JUDGED_METRICS
from eval.finished import FinishedRun, read_run
from eval.html_answers import answers_list
from eval.html_page import facts, folded, line, page, section, table, text
from eval.html_plots import plots_of
from eval.layout import number
from eval.records import MetricValue

REPORT = "report.html"
_HEADLINES = (*JUDGED_METRICS, "refusal_precision", "refused", "multiple_choice")


def write_report(out: Path, file: Path | None = None) -> Path:
    """Write the page of a finished run, to report.html in its folder or to a file of your own; returns where.

    Raises BadInputError for a folder that holds no finished run, OSError where the file can't be written.
    """
    target = file or out / REPORT
    store.write_whole(target, report_page(out))
    return target


def report_page(out: Path) -> str:
    """The page of the run in a folder. Raises BadInputError where there is none."""
    document, run = store.read_metrics(out), read_run(out)
    values = [MetricValue(**value) for value in document["metrics"]]
    counts = document["counts"]
    asked = facts([(name, line("none" if value is None else value)) for name, value in document["asked"].items()])
    head = (
        f"<header><h1>{line(document['dataset'])}</h1>\n<p>{counts['questions']} questions: {counts['answered']} "
        f"answered, {counts['refused']} refused, {counts['failed']} failed.</p>\n"
        f"<details><summary>Settings</summary>{asked}{_made_with(run)}</details></header>"
    )
    parts = [
        head,
        section("Headline numbers", _headlines(values), _EXPLAINED),
        section("Plots", f'<div class="plots">{plots}</div>' if (plots := plots_of(document, run)) else ""),
        section("Abstention", _abstention(document), f"<p>{line(EXPLAINED)}</p>" if _abstention(document) else ""),
        section("Every metric", *(_slice_table(values, name) for name in dict.fromkeys(one.slice for one in values))),
        section("Cost", _cost(document["cost"])),
        section("Failed questions", _failures(document["failures"])),
        section("Answers", answers_list(run.records, run.outcomes)),
    ]
    return page(f"{document['dataset']}: copydesk eval", "\n".join(part for part in parts if part))


_EXPLAINED = (
    "<p>Each value is a mean with its bootstrap 95 % interval, questions resampled. n counts questions; for "
    "citation_validity citations, for words_per_cited_sentence and gold_sentence_precision sentences. Unscorable: "
    "questions that the metric says nothing about; they are in no mean. “forced: ” is the answer without refusing.</p>"
)


def _made_with(run: FinishedRun) -> str:
    libraries = run.settings.get("libraries") or {}
    known = ", ".join(f"{name} {version}" for name, version in libraries.items() if version)
    dataset = run.settings["dataset"]
    return facts([("questions, sha256", line(dataset["sha256"])), ("libraries", line(known))])


def _headlines(values: Sequence[MetricValue]) -> str:
    by_name = {one.name: one for one in values if one.slice == ALL and one.n}
    return _metrics_table([by_name[name] for name in _HEADLINES if name in by_name], "All questions")


def _slice_table(values: Sequence[MetricValue], name: str) -> str:
    measured = [one for one in values if one.slice == name and one.n]
    title = "All questions" if name == ALL else f"Slice: {name}"
    return folded(title, _metrics_table(measured, title))


def _metrics_table(values: Sequence[MetricValue], caption: str) -> str:
    rows = [(v.name, number(v.name, v.value), _interval(v), str(v.n), str(v.unscorable)) for v in values]
    return table(("metric", "value", "95 % interval", "n", "unscorable"), rows, caption)


def _interval(value: MetricValue) -> str:
    if value.low is None or value.high is None:
        return ""
    return f"{number(value.name, value.low)} to {number(value.name, value.high)}"


def _abstention(document: Mapping[str, Any]) -> str:
    rows = [abstention_row(one) for one in document.get("abstention", ())]
    return table(HEADER, rows, "Risk against coverage, and calibration")


def _cost(cost: Mapping[str, Any]) -> str:
    rows = [
        (stage, f"{timing['p50_ms']:.1f}", f"{timing['p95_ms']:.1f}", str(timing["n"]))
        for stage, timing in cost["timings"].items()
    ]
    peak = cost["peak_memory_bytes"]
    memory = "" if peak is None else f"<p>Peak memory: {peak / 2**20:.0f} MiB.</p>"
    return table(("stage", "p50 ms", "p95 ms", "n"), rows, "Time by stage") + memory


def _failures(failures: Sequence[Mapping[str, str]]) -> str:
    items = "".join(f"<li>{line(one['question_id'])}: {text(one['error'])}</li>" for one in failures)
    return f"<ul>{items}</ul>" if items else ""
