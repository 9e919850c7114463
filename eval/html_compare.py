"""A comparison of two runs as one HTML page: differences with intervals, and what changed, with both answers."""

import json
from collections.abc import Mapping, Sequence

from eval.compare import ALPHA, ChangedQuestion, Comparison, MetricComparison
from eval.compare_report import HEADER, gate_lines, metric_row, side_names, verdict_line
from eval.finished import FinishedRun
from eval.html_answers import answer_body, badges
from eval.html_page import badge, figure, line, page, section, table, text
from eval.layout import NOT_SHARES, number
from eval.plots import Estimate, differences_plot


def comparison_page(comparison: Comparison, a: FinishedRun, b: FinishedRun) -> str:
    """The page of B against A, which are the runs that were compared. The same runs give the same bytes."""
    head = (
        f"<header><h1>{line(comparison.dataset)}: B against A</h1>\n<p>A: {line(comparison.a)}<br>B: "
        f"{line(comparison.b)}</p>\n<p>Slice {line(comparison.slice)}: {comparison.questions} questions, "
        f'{comparison.both_scored} of them scored in both.</p>\n<p class="verdict-line">'
        f"{line(verdict_line(comparison.verdict))}</p>{_conclusions(comparison)}</header>"
    )
    gates = "".join(f"<li>{line(one)}</li>" for one in gate_lines(comparison.gates))
    parts = [
        head,
        section("What differs", _settings(comparison)),
        section("Metrics", _differences(comparison.metrics), _metrics(comparison), _EXPLAINED),
        section("Gates", f"<ul>{gates}</ul>" if gates else ""),
        section("Failed questions", _failed(comparison)),
        section("Changed questions", _changed(comparison, a, b)),
    ]
    return page(f"{comparison.dataset}: B against A", "\n".join(part for part in parts if part))


_EXPLAINED = (
    "<p>Differences of shares are in percentage points. Intervals: paired bootstrap, questions resampled. p: "
    "approximate randomisation test, two-sided; adjusted by Holm’s method over the metrics that decide. A regression "
    f"is one of them worse with an adjusted p below {ALPHA}, or a question that failed in B only.</p>"
)


def _conclusions(comparison: Comparison) -> str:
    said = [("worse", comparison.changed("worse")), ("improved", comparison.changed("better"))]
    lines = [f"<p>{name}: {line(', '.join(metrics))}</p>" for name, metrics in said if metrics]
    if comparison.newly_failed:
        lines.append(f"<p>failed in B and not in A: {len(comparison.newly_failed)}</p>")
    return "".join(lines)


def _settings(comparison: Comparison) -> str:
    if not comparison.differs:
        return "<p>Both were made with the same settings.</p>"
    rows = [(one.name, _json(one.a), _json(one.b)) for one in comparison.differs]
    return table(("setting", "A", "B"), rows, "Settings that differ")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _measured(metrics: Sequence[MetricComparison]) -> list[MetricComparison]:
    """What was measured; of what doesn't decide only what differs."""
    return [one for one in metrics if one.difference.questions and (one.judged or one.difference.differing)]


def _differences(metrics: Sequence[MetricComparison]) -> str:
    """The shares that decide, which have one scale."""
    estimates = [
        Estimate(one.name, 100 * found.difference, _percent(found.low), _percent(found.high))
        for one in metrics
        if one.judged and one.name not in NOT_SHARES and (found := one.difference).difference is not None
    ]
    if not estimates:
        return ""
    title = "B minus A: the metrics that decide"
    told = ", ".join(f"{one.name} {one.value:+.1f}" for one in estimates)
    drawn = differences_plot(f"{title}, in percentage points: {told}", estimates, "B − A, percentage points")
    return (
        f'<div class="plots">{figure(drawn, title, "With 95 % intervals. Of wrongly_refused, less is better.")}</div>'
    )


def _percent(value: float | None) -> float | None:
    return None if value is None else 100 * value


def _metrics(comparison: Comparison) -> str:
    return table(HEADER, [metric_row(one) for one in _measured(comparison.metrics)], "Both runs")


def _failed(comparison: Comparison) -> str:
    items = "".join(
        f"<li>{line(one.question_id)}: {text(one.question)}<br>A: {text(one.error_a or 'did not fail')}<br>"
        f"B: {text(one.error_b or 'did not fail')}</li>"
        for one in comparison.failed
    )
    return f"<ul>{items}</ul>" if items else ""


def _changed(comparison: Comparison, a: FinishedRun, b: FinishedRun) -> str:
    """Each question once, with all the metrics that it changed on, in the order of A's answers."""
    changes: dict[str, list[str]] = {}
    for side in comparison.sides:
        up, down = side_names(side.metric)
        for name, questions in ((up, side.higher), (down, side.lower)):
            for one in questions:
                changes.setdefault(one.question_id, []).append(_change(side.metric, name, one))
    return "\n".join(_question(name, changes[name], a, b) for name in a.records if name in changes)


def _change(metric: str, name: str, one: ChangedQuestion) -> str:
    values = "" if {one.a, one.b} == {0.0, 1.0} else f" ({number(metric, one.a)} to {number(metric, one.b)})"
    return f"{metric}: {name}{values}"


def _question(name: str, changes: Sequence[str], a: FinishedRun, b: FinishedRun) -> str:
    marks = " ".join(badge("changed", one) for one in changes)
    sides = "".join(_side(title, run.records[name], run, name) for title, run in (("A", a), ("B", b)))
    question = text(a.records[name]["question"])
    return (
        f'<details class="answer"><summary><span class="question">{question}</span> {marks}</summary>\n'
        f'<div class="body sides">{sides}</div></details>'
    )


def _side(title: str, record: Mapping[str, object], run: FinishedRun, name: str) -> str:
    outcome = run.outcomes[name]
    return f"<div><h3>{title} {badges(outcome)}</h3>{answer_body(record, outcome)}</div>"
