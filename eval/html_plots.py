"""Which plots a run's page shows, and from which numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

from eval.aggregate import ALL
from eval.finished import FinishedRun
from eval.html_page import figure
from eval.plots import (
    Estimate,
    Line,
    Mark,
    latency_plot,
    reliability_plot,
    risk_coverage_plot,
    shares_plot,
    stages_plot,
)
from eval.records import Outcome
from eval.risk_coverage import Scored, answerable_bins, risk_coverage_curve, scored_of

# The first that was measured is the one whose slices are drawn.
MAIN_METRICS = ("gold_sentence_recall", "answer_in_cited@3", "citation_validity", "refused")
_TOTAL = "total"


def plots_of(document: Mapping[str, Any], run: FinishedRun) -> str:
    """Those for which there is something to draw, as <figure> elements; empty where there is nothing."""
    outcomes = tuple(run.outcomes.values())
    abstention = next((one for one in document.get("abstention", ()) if one["slice"] == ALL), None)
    plots = [
        _risk_coverage(outcomes, abstention),
        _reliability(outcomes, abstention),
        _slices(document["metrics"]),
        _latency(document["cost"]["timings"], outcomes),
        _stages(document["cost"]["timings"]),
    ]
    return "\n".join(plot for plot in plots if plot)


def _risk_coverage(outcomes: Sequence[Outcome], abstention: Mapping[str, Any] | None) -> str:
    scored = [one for outcome in outcomes if (one := scored_of(outcome)) is not None]
    if abstention is None or not scored:
        return ""
    by_loss = sorted(one.loss for one in scored)
    lines = [
        _curve("by confidence", scored),
        Line("by lot", (0.0, 1.0), (abstention["chance"], abstention["chance"])),
        _curve("best possible", [Scored(float(-place), loss) for place, loss in enumerate(by_loss)]),
    ]
    stands = None
    if abstention["risk"] is not None:
        stands = Mark("as it refused", abstention["coverage"], abstention["risk"])
    said = (
        f"Area {abstention['aurc']:.3f} ({abstention['low']:.3f} to {abstention['high']:.3f}, n = {abstention['n']}); "
        f"best possible {abstention['best']:.3f}, by lot {abstention['chance']:.3f}. Lower is better."
    )
    title = "Risk against coverage"
    return figure(risk_coverage_plot(f"{title}. {said}", lines, stands), title, said)


def _curve(name: str, scored: Sequence[Scored]) -> Line:
    points = risk_coverage_curve(scored)
    return Line(name, tuple(one.coverage for one in points), tuple(one.risk for one in points))


def _reliability(outcomes: Sequence[Outcome], abstention: Mapping[str, Any] | None) -> str:
    bins = answerable_bins(outcomes)
    if abstention is None or abstention["ece"] is None:
        return ""
    said = (
        f"Expected calibration error {abstention['ece']:.3f}; perfect probabilities would show "
        f"{abstention['ece_by_chance']:.3f} at this size (n = {abstention['ece_n']})."
    )
    title = "Is the confidence a probability?"
    drawn = reliability_plot(f"{title} {said}", [(one.predicted, one.observed, one.n) for one in bins])
    return figure(drawn, title, said)


def _slices(metrics: Sequence[Mapping[str, Any]]) -> str:
    measured = [one for one in metrics if one["n"] and one["value"] is not None]
    name = next((one for one in MAIN_METRICS if any(value["name"] == one for value in measured)), None)
    if name is None:
        return ""
    values = [one for one in measured if one["name"] == name]
    estimates = [Estimate(f"{one['slice']} ({one['n']})", one["value"], one["low"], one["high"]) for one in values]
    title = f"{name} by slice"
    said = "With 95 % intervals; n in brackets."
    told = ", ".join(f"{one['slice']} {one['value']:.2f}" for one in values)
    return figure(shares_plot(f"{title}: {told}", estimates, name), title, said)


def _latency(timings: Mapping[str, Mapping[str, float]], outcomes: Sequence[Outcome]) -> str:
    known = [one.timings[_TOTAL] for one in outcomes if one.error is None and _TOTAL in one.timings]
    if not known or _TOTAL not in timings:
        return ""
    p50, p95 = timings[_TOTAL]["p50_ms"], timings[_TOTAL]["p95_ms"]
    title = "Time to an answer"
    said = f"Half within {p50 / 1000:.2f} s, 95 % within {p95 / 1000:.2f} s (n = {len(known)})."
    return figure(latency_plot(f"{title}. {said}", known, [("p50", p50), ("p95", p95)]), title, said)


def _stages(timings: Mapping[str, Mapping[str, float]]) -> str:
    stages = [(name, one["p50_ms"], one["p95_ms"]) for name, one in timings.items()]
    if not stages:
        return ""
    title = "Time by stage"
    told = ", ".join(f"{name} {p50:.1f} and {p95:.1f}" for name, p50, p95 in stages)
    return figure(stages_plot(f"{title}, p50 and p95 in milliseconds: {told}", stages), title, "p50 and p95.")
