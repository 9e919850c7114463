"""Plots as SVG to put into a page. The only file that knows matplotlib, which is imported when something is drawn.

A plot is the same bytes each time and loads nothing. Its text stays text, and its colours and font are variables of
the page's (eval/assets/report.css), so that it is readable in light and dark.
"""

import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, Any

from qa.markup import escape_text, one_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH = 4.7  # inches of 72 units: as wide as a phone, so that letters need not shrink there
_LONGEST_LABEL = 26
# Colours that stand for variables of the page while matplotlib has them.
_INK, _SOFT, _RULE, _FIRST, _SECOND, _THIRD = (f"#01020{number}" for number in range(6))
_VARIABLES = dict(
    zip(
        (_INK, _SOFT, _RULE, _FIRST, _SECOND, _THIRD),
        ("--ink", "--ink-soft", "--rule", "--plot-1", "--plot-2", "--plot-3"),
        strict=True,
    )
)
_COLOUR = re.compile(r"((?:fill|stroke): ?)(#01020[0-5])")
_FONT = re.compile(r"font(-family)?: ?([0-9.]+px)?[^;\"]*(?=[;\"])")
_LEFT_OUT = re.compile(r"<!--.*?-->|<metadata>.*?</metadata>|<style.*?</style>", re.DOTALL)
_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,  # a slice may be called "$x$"
    "font.size": 10,
    "text.color": _INK,
    "axes.edgecolor": _SOFT,
    "axes.labelcolor": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": _RULE,
    "grid.linewidth": 0.6,
    "xtick.color": _SOFT,
    "xtick.labelcolor": _INK,
    "ytick.color": _SOFT,
    "ytick.labelcolor": _INK,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
}


@dataclass(frozen=True, slots=True)
class Line:
    """Points to draw as a line, in steps where `steps`; `name` is what the legend calls it."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    steps: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """One point that stands out."""

    name: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its interval, which may be missing."""

    name: str
    value: float
    low: float | None
    high: float | None


def risk_coverage_plot(title: str, curves: Sequence[Line], mark: Mark | None) -> str:
    """Risk against coverage, both shares: the curve first, then what it is compared with."""
    with _figure(3.4) as (figure, axes):
        for line, colour, style in zip(curves, (_FIRST, _THIRD, _SECOND), ("-", ":", "--"), strict=False):
            drawn = "steps-post" if line.steps else "default"
            axes.plot(line.x, line.y, style, color=colour, label=one_line(line.name), drawstyle=drawn)
        if mark is not None:
            axes.plot([mark.x], [mark.y], "o", color=_INK, label=one_line(mark.name))
        _shares(axes, "coverage: share of questions answered", "risk: mean loss of those")
        axes.legend(loc="best", fontsize=9)
        return _svg(figure, title, "risk-coverage")


def reliability_plot(title: str, points: Sequence[tuple[float, float, int]]) -> str:
    """What was predicted against what came true, both shares; the third is how many predictions a point stands for."""
    most = max((n for _, _, n in points), default=1)
    with _figure(3.4) as (figure, axes):
        axes.plot([0, 1], [0, 1], ":", color=_THIRD, label="a perfect probability")
        axes.plot([x for x, _, _ in points], [y for _, y, _ in points], "-", color=_FIRST, linewidth=1)
        sizes = [12 + 48 * n / most for _, _, n in points]
        label = (
            f"bins of {most} questions" if len({n for _, _, n in points}) == 1 else f"bins of up to {most} questions"
        )
        axes.scatter([x for x, _, _ in points], [y for _, y, _ in points], s=sizes, color=_FIRST, label=label)
        _shares(axes, "predicted: mean confidence", "observed: share answerable")
        axes.legend(loc="best", fontsize=9)
        return _svg(figure, title, "reliability")


def latency_plot(title: str, milliseconds: Sequence[float], marks: Sequence[tuple[str, float]]) -> str:
    """The share of questions answered within so many seconds, with a line at each of `marks` (milliseconds)."""
    seconds = sorted(value / 1000 for value in milliseconds)
    with _figure(3.0) as (figure, axes):
        shares = [(place + 1) / len(seconds) for place in range(len(seconds))]
        axes.plot([seconds[0], *seconds], [0.0, *shares], color=_FIRST, drawstyle="steps-post")
        for (name, value), style in zip(marks, ("--", ":"), strict=False):
            axes.axvline(value / 1000, color=_SECOND, linestyle=style, linewidth=1.2, label=one_line(name))
        axes.set_xlabel("seconds")
        axes.set_ylabel("share of questions")
        axes.set_xlim(left=0)
        axes.set_ylim(0, 1.02)
        axes.legend(loc="lower right", fontsize=9)
        return _svg(figure, title, "latency")


def stages_plot(title: str, stages: Sequence[tuple[str, float, float]]) -> str:
    """Median and 95th percentile of each stage, in milliseconds, on a logarithmic scale."""
    with _figure(_height(len(stages))) as (figure, axes):
        places = range(len(stages))
        for place, (_, p50, p95) in enumerate(stages):
            axes.plot([p50, p95], [place, place], color=_RULE, linewidth=4, solid_capstyle="round", zorder=1)
        axes.plot([p50 for _, p50, _ in stages], places, "o", color=_FIRST, label="p50", zorder=2)
        axes.plot([p95 for _, _, p95 in stages], places, "D", color=_SECOND, label="p95", zorder=2)
        if any(p50 > 0 for _, p50, _ in stages):
            axes.set_xscale("log")
            axes.xaxis.set_major_formatter("{x:g}")  # its own writes powers as formulas
        axes.set_xlabel("milliseconds (logarithmic)")
        _names(axes, [name for name, _, _ in stages])
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0.2, fontsize=9)
        return _svg(figure, title, "stages")


def shares_plot(title: str, estimates: Sequence[Estimate], label: str) -> str:
    """A bar each, from 0 to 1, with its interval."""
    with _figure(_height(len(estimates))) as (figure, axes):
        places = list(range(len(estimates)))
        axes.barh(places, [one.value for one in estimates], height=0.55, color=_FIRST, alpha=0.55)
        _intervals(axes, estimates, _INK)
        axes.set_xlim(0, max([1.0, *(one.high or one.value for one in estimates)]))
        axes.set_xlabel(one_line(label))
        _names(axes, [one.name for one in estimates])
        return _svg(figure, title, "slices")


def differences_plot(title: str, estimates: Sequence[Estimate], label: str) -> str:
    """A forest plot: each difference with its interval, and the line of no difference."""
    with _figure(_height(len(estimates))) as (figure, axes):
        axes.axvline(0, color=_INK, linewidth=1)
        _intervals(axes, estimates, _FIRST)
        axes.plot([one.value for one in estimates], range(len(estimates)), "s", color=_FIRST)
        reach = max((abs(bound) for one in estimates for bound in (one.value, one.low or 0, one.high or 0)), default=0)
        axes.set_xlim(-1.1 * (reach or 1), 1.1 * (reach or 1))
        axes.set_xlabel(one_line(label))
        _names(axes, [one.name for one in estimates])
        return _svg(figure, title, "differences")


def _height(rows: int) -> float:
    return 1.0 + 0.26 * max(rows, 3)


def _shares(axes: "Axes", across: str, up: str) -> None:
    axes.set_xlim(0, 1.02)
    axes.set_ylim(0, 1.02)
    axes.set_xlabel(across)
    axes.set_ylabel(up)


def _intervals(axes: "Axes", estimates: Sequence[Estimate], colour: str) -> None:
    for place, one in enumerate(estimates):
        if one.low is not None and one.high is not None:
            axes.plot([one.low, one.high], [place, place], color=colour, linewidth=1.6, solid_capstyle="butt")


def _names(axes: "Axes", names: Sequence[str]) -> None:
    """Rows from top to bottom, each with its name."""
    axes.set_yticks(range(len(names)), labels=[_short(name) for name in names])
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)


def _short(name: str) -> str:
    line = one_line(name)
    return line if len(line) <= _LONGEST_LABEL else f"{line[: _LONGEST_LABEL - 1]}…"


@contextmanager
def _figure(height: float) -> "Iterator[tuple[Figure, Axes]]":
    """A figure with matplotlib's own settings and ours, whatever a person has set up; `height` in inches."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of letters that its own font lacks: the page's font draws them
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        figure = Figure(figsize=(_WIDTH, height))
        yield figure, figure.add_subplot()


def _svg(figure: "Figure", title: str, name: str) -> str:
    """The <svg> element alone, its ids made its own by `name`, which no other plot of the page may have."""
    import matplotlib

    matplotlib.rcParams["svg.hashsalt"] = name
    out = StringIO()
    figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    drawn = _LEFT_OUT.sub("", out.getvalue())
    view = re.search(r'viewBox="([^"]*)"', drawn)
    body = drawn[drawn.index(">", drawn.index("<svg")) + 1 : drawn.rindex("</svg>")]
    body = re.sub(r'<g id="[^"]*"', "<g", body)  # nothing points at a group
    body = re.sub(r'\bid="|url\(#|(?:xlink:)?href="#', lambda match: f"{match[0].removeprefix('xlink:')}{name}-", body)
    body = _COLOUR.sub(lambda match: f"{match[1]}var({_VARIABLES[match[2]]})", body)
    body = _FONT.sub(r"font\1: \2 var(--sans)", body)
    body = "\n".join(line for line in (line.strip() for line in body.splitlines()) if line)
    label = escape_text(one_line(title))
    size = view[1] if view else "0 0 0 0"
    return f'<svg role="img" aria-label="{label}" viewBox="{size}"><title>{label}</title>{body}</svg>'
