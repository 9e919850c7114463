"""How well confidence and loss go together, slice by slice, as a table to read."""

from collections.abc import Mapping, Sequence
from typing import Any

from eval.layout import table

HEADER = ("slice", "n", "unscorable", "AURC", "95 % interval", "best", "by lot", "coverage", "risk", "ECE", "n (ECE)")
EXPLAINED = (
    "Risk: the mean loss of the questions answered, 1 for an unanswerable one, else the part of the gold that the "
    "answer without refusing doesn't cite. AURC: the area under risk against coverage, over all thresholds of the "
    "confidence that refusal decides by; lower is better. Best: of the best order there is; by lot: of none, which is "
    "the risk of answering everything. Coverage and risk: where this run stands. ECE: how far the confidence is from "
    "the share of questions that are answerable at all, with what chance alone makes it at this size. A kind of "
    "unanswerable question stands together with all answerable ones; a follow-up counts as it was asked, after the "
    "turns before it."
)


def abstention_lines(abstentions: Sequence[Mapping[str, Any]]) -> list[str]:
    """Markdown lines of what metrics.json holds under "abstention"; none where nothing was measured."""
    if not abstentions:
        return []
    return ["## Abstention", "", *table(HEADER, [abstention_row(one) for one in abstentions]), "", EXPLAINED, ""]


def abstention_row(one: Mapping[str, Any]) -> tuple[str, ...]:
    """The cells below `HEADER`; empty for what was not measured."""
    low, high = _number(one["low"]), _number(one["high"])
    by_chance = f" (by chance {_number(one['ece_by_chance'])})" if one["ece_by_chance"] is not None else ""
    return (
        one["slice"],
        str(one["n"]),
        str(one["unscorable"]),
        _number(one["aurc"]),
        f"{low} to {high}" if low else "",
        *(_number(one[name]) for name in ("best", "chance", "coverage", "risk")),
        f"{_number(one['ece'])}{by_chance}",
        str(one["ece_n"]) if one["ece_n"] else "",
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
