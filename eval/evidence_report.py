"""Refusal and ablation as they are printed."""

from collections.abc import Sequence

from eval.ablation import Outcome, Row
from eval.calibration import (
    Bin,
    auroc_interval,
    expected_by_chance,
    expected_calibration_error,
    reliability,
)
from eval.confidence import Interval
from eval.layout import table

_BAR = 40


def refusal_text(found: Sequence[Outcome], threshold: float, seed: int) -> str:
    """How well the probability of an answer tells the questions as asked from the same ones with the articles that
    answer left out; whether it is a probability; what the threshold refuses.
    """
    asked, without = [one.answerable for one in found], [one.answerable_without for one in found]
    probabilities = [*asked, *without]
    bins = reliability(probabilities, [True] * len(asked) + [False] * len(without))
    area = auroc_interval(asked, without, seed, paired=True)
    error, chance = expected_calibration_error(bins), expected_by_chance(probabilities, seed)
    lines = [
        f"questions: {len(found)}, each as asked and without the articles that answer",
        f"AUROC: {_interval(area, 3)}",
        f"expected calibration error: {_plain(error)} ({len(bins)} bins of equal size; "
        f"{_plain(chance)} would be chance alone)",
        f"refused below {threshold:.3f}: {_share(asked, threshold)} as asked, {_share(without, threshold)} without",
        "",
        *table(("predicted", "observed", "n", ""), [_bin_row(one) for one in bins]),
    ]
    return "\n".join(lines) + "\n"


def _bin_row(one: Bin) -> tuple[str, str, str, str]:
    marks = [" "] * (_BAR + 1)
    marks[round(_BAR * one.predicted)] = "|"
    marks[round(_BAR * one.observed)] = "o"
    return f"{one.predicted:.3f}", f"{one.observed:.3f}", str(one.n), "".join(marks)


def _share(values: Sequence[float], threshold: float) -> str:
    return f"{100 * sum(value < threshold for value in values) / max(1, len(values)):.1f} %"


def ablation_text(rows: Sequence[Row]) -> str:
    """The table, in per cent with 95 % intervals; the last column is the difference of @3 from the first row."""
    header = ("", "best sentence", "best three", "passage hit@5", "AUROC of refusal", "best three, difference")
    body = [
        (
            row.name,
            _interval(row.best),
            _interval(row.best_three),
            _interval(row.passage_in_five),
            _interval(row.auroc, 3),
            _difference(row),
        )
        for row in rows
    ]
    return "\n".join([*table(header, body), f"n = {rows[0].best.n if rows else 0}"]) + "\n"


def _difference(row: Row) -> str:
    found = row.difference
    if found.difference is None or found.low is None or found.high is None:
        return ""
    return f"{100 * found.difference:+.1f} [{100 * found.low:+.1f}, {100 * found.high:+.1f}]"


def _interval(found: Interval, digits: int | None = None) -> str:
    if found.value is None or found.low is None or found.high is None:
        return "not measured"
    if digits is not None:
        return f"{found.value:.{digits}f} [{found.low:.{digits}f}, {found.high:.{digits}f}]"
    return f"{100 * found.value:.1f} [{100 * found.low:.1f}, {100 * found.high:.1f}]"


def _plain(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.3f}"
