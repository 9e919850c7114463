"""A comparison and checked gates as text to read, and as JSON."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from eval.compare import ALPHA, ChangedQuestion, Comparison, FailedQuestion, MetricComparison, SideChanges
from eval.gates import GateCheck, gates_verdict
from eval.layout import NOT_SHARES, difference, number, table
from eval.verdict import Verdict

SCHEMA_VERSION = 1
_LISTED = 10
_GAINED_LOST = ("won", "lost")
_REFUSED = ("refused in B only", "answered in B only")
HEADER = ("metric", "A", "B", "B - A", "95 % interval", "p", "adjusted p", "change", "questions", "differing")


def comparison_text(comparison: Comparison) -> str:
    """The page of one comparison; the last line is the verdict."""
    lines = [
        f"# {comparison.dataset}: B against A",
        "",
        f"A: {comparison.a}",
        f"B: {comparison.b}",
        f"Slice {comparison.slice}: {comparison.questions} questions, {comparison.both_scored} of them scored in both.",
        "",
        *_settings(comparison),
        "",
        *_metrics(comparison.metrics),
        "",
        "Differences of shares are in percentage points. Intervals: paired bootstrap, questions resampled. p: "
        "approximate randomisation test, two-sided; adjusted by Holm's method over the metrics that decide. A "
        f"regression is one of them worse with an adjusted p below {ALPHA}, or a question that failed in B only.",
        "",
    ]
    listed: dict[tuple[object, object], str] = {}
    for side in comparison.sides:
        lines += _side(side, listed.setdefault((side.higher, side.lower), side.metric))
    lines += _failed(comparison.failed)
    if comparison.gates:
        lines += [*gate_lines(comparison.gates), ""]
    lines += _conclusions(comparison)
    return "\n".join([*lines, verdict_line(comparison.verdict)]) + "\n"


def gates_text(checks: Sequence[GateCheck]) -> str:
    """The gates of one run; the last line is the verdict."""
    return "\n".join([*gate_lines(checks), "", verdict_line(gates_verdict(checks))]) + "\n"


def verdict_line(verdict: Verdict) -> str:
    return f"verdict: {verdict}"


def comparison_json(comparison: Comparison) -> str:
    """All of it as one JSON object, every changed question included; no NaN."""
    fields: dict[str, Any] = {"schema_version": SCHEMA_VERSION, **asdict(comparison)}
    fields |= {"improved": comparison.changed("better"), "worsened": comparison.changed("worse")}
    return json.dumps({**fields, "verdict": comparison.verdict}, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def _settings(comparison: Comparison) -> list[str]:
    if not comparison.differs:
        return ["Both were made with the same settings."]
    return [
        "What differs:",
        *(f"- {one.name}: {_json(one.a)} in A, {_json(one.b)} in B" for one in comparison.differs),
    ]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _metrics(metrics: Sequence[MetricComparison]) -> list[str]:
    """A table of what was measured; what doesn't decide and never differs is only named."""
    measured = [one for one in metrics if one.difference.questions]
    shown = [one for one in measured if one.judged or one.difference.differing]
    same = [one.name for one in measured if one not in shown]
    lines = table(HEADER, [metric_row(one) for one in shown])
    return [*lines, "", f"The same in both on every question: {', '.join(same)}."] if same else lines


def metric_row(one: MetricComparison) -> tuple[str, ...]:
    """The cells below `HEADER`; empty for what there is none of."""
    found = one.difference
    low, high = difference(one.name, found.low), difference(one.name, found.high)
    return (
        one.name,
        number(one.name, found.a),
        number(one.name, found.b),
        difference(one.name, found.difference),
        f"{low} to {high}" if low else "",
        _p(found.p),
        _p(one.adjusted_p),
        one.change or "",
        str(found.questions),
        str(found.differing),
    )


def _p(p: float | None) -> str:
    return "" if p is None else f"{p:.4f}"


def _side(side: SideChanges, first: str) -> list[str]:
    """The questions of one metric; only a word where those of `first` are the same."""
    if not side.higher and not side.lower:
        return []
    if first != side.metric:
        return [f"{side.metric}: the same questions as {first}", ""]
    up, down = side_names(side.metric)
    return [
        f"{side.metric}: {len(side.higher)} {up}, {len(side.lower)} {down}",
        *_listed(f"  {up}: {_changed(one, side.metric)}" for one in side.higher),
        *_listed(f"  {down}: {_changed(one, side.metric)}" for one in side.lower),
        "",
    ]


def side_names(metric: str) -> tuple[str, str]:
    """What it is called when a metric goes up on a question, and when it goes down."""
    return _REFUSED if metric == "refused" else _GAINED_LOST


def _changed(one: ChangedQuestion, metric: str) -> str:
    kind = " (unanswerable)" if one.answerable is False else ""
    values = "" if {one.a, one.b} == {0.0, 1.0} else f" ({number(metric, one.a)} to {number(metric, one.b)})"
    return f"{one.question_id}{kind}{values}: {' '.join(one.question.split())}"


def _listed(lines: Iterable[str]) -> Iterator[str]:
    every = list(lines)
    yield from every[:_LISTED]
    if len(every) > _LISTED:
        yield f"  and {len(every) - _LISTED} more"


def _failed(failed: Sequence[FailedQuestion]) -> list[str]:
    if not failed:
        return []
    newly = [one for one in failed if one.error_a is None]
    mended = [one for one in failed if one.error_b is None]
    both = len(failed) - len(newly) - len(mended)
    return [
        f"failed: {len(newly)} in B only, {len(mended)} in A only, {both} in both",
        *_listed(f"  in B only: {one.question_id}: {' '.join(str(one.error_b).split())}" for one in newly),
        "",
    ]


def gate_lines(checks: Sequence[GateCheck]) -> list[str]:
    """A line for each bound, the failed ones last."""
    return [_gate_line(check) for check in sorted(checks, key=lambda check: check.passed is False)]


def _gate_line(check: GateCheck) -> str:
    state = {True: "gate passed", False: "gate FAILED", None: "gate not checked"}[check.passed]
    if check.metric is None:
        return f"{state}: {check.value:.0f} of {check.n} questions failed, at most {check.limit:.0f} may"
    which = f"{check.metric} (slice {check.slice}, n = {check.n})"
    limit = number(check.metric, check.limit)
    if check.bound == "max_drop":
        if check.value is None:
            return f"{state}: {which} may get worse by {_size(check.metric, check.limit)}: that takes two runs"
        got = f"{'worse' if check.value > 0 else 'better'} by {_size(check.metric, abs(check.value))}"
        return f"{state}: {which} got {got}, worse by at most {_size(check.metric, check.limit)} is allowed"
    bound = "at least" if check.bound == "min" else "at most"
    return f"{state}: {which} is {number(check.metric, check.value)}, {bound} {limit} is required"


def _size(metric: str, value: float) -> str:
    size = difference(metric, value).removeprefix("+")
    return size if metric in NOT_SHARES else f"{size} points"


def _conclusions(comparison: Comparison) -> list[str]:
    lines = []
    missing = [
        one.name for one in comparison.metrics if one.judged and one.difference.questions and one.difference.p is None
    ]
    for title, names in (
        ("not measured in both", missing),
        ("improved", comparison.changed("better")),
        ("worse", comparison.changed("worse")),
    ):
        if names:
            lines.append(f"{title}: {', '.join(names)}")
    if comparison.newly_failed:
        lines.append(f"failed in B and not in A: {len(comparison.newly_failed)}")
    return lines
