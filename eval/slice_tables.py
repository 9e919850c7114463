"""A run's metrics as tables: the parts of the set in full, kinds of question side by side."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import get_args

from eval.aggregate import ALL, KEPT, REFUSAL_PRECISION, WHOLE
from eval.layout import number, table
from eval.records import ANSWERABLE_SLICES, FOLLOW_UP, UNANSWERABLE, UNANSWERABLE_SLICES, MetricValue, UnanswerableKind

Values = Mapping[tuple[str, str], MetricValue]

# Slices by what is asked rather than by where the question comes from: a row each, not a table.
_KINDS = (*ANSWERABLE_SLICES, FOLLOW_UP, *UNANSWERABLE_SLICES)
_COLUMNS = (
    ("hit@5", "passage_hit@5"),
    ("cited@1", "answer_in_cited@1"),
    ("cited@3", "answer_in_cited@3"),
    ("recall", "gold_sentence_recall"),
    ("precision", "gold_sentence_precision"),
    ("forced cited@1", "forced: answer_in_cited@1"),
    ("forced recall", "forced: gold_sentence_recall"),
    ("short EM", "short_answer_em"),
    ("short F1", "short_answer_f1"),
    ("refused", "refused"),
)


def slice_tables(values: Sequence[MetricValue], notes: Mapping[str, Sequence[str]] = MappingProxyType({})) -> list[str]:
    """Markdown lines, with `notes` below the full table of a slice. A metric that no slice measured is left out."""
    by_place = {(value.name, value.slice): value for value in values}
    names = [name for name in dict.fromkeys(value.name for value in values)]
    measured = [name for name in names if any(value.n for value in values if value.name == name)]
    slices = list(dict.fromkeys(value.slice for value in values))
    lines: list[str] = []
    for name in slices:
        if name not in _KINDS:
            rows = [by_place[metric, name] for metric in measured if not metric.startswith((WHOLE, KEPT))]
            lines += _full_table(name, rows)
            if notes.get(name):
                lines += [*notes[name], ""]
    lines += _kinds_table(by_place, [name for name in _KINDS if name in slices], measured)
    lines += _follow_ups(by_place, measured)
    return lines + _refusals(by_place)


def _full_table(name: str, values: Sequence[MetricValue]) -> list[str]:
    title = "All questions" if name == ALL else f"Slice: {name}"
    rows = [(v.name, number(v.name, v.value), _bounds(v), str(v.n), str(v.unscorable)) for v in values]
    return [f"## {title}", "", *table(("metric", "value", "95 % interval", "n", "unscorable"), rows), ""]


def _kinds_table(values: Values, slices: Sequence[str], measured: Sequence[str]) -> list[str]:
    if not slices:
        return []
    columns = [(title, metric) for title, metric in _COLUMNS if metric in measured]
    rows = [(name, str(_questions(values, name)), *(_cell(values[m, name]) for _, m in columns)) for name in slices]
    return ["## By kind", "", *table(("slice", "questions", *(title for title, _ in columns)), rows), ""]


def _follow_ups(values: Values, measured: Sequence[str]) -> list[str]:
    metrics = [name for name in (one.removeprefix(WHOLE) for one in measured if one.startswith(WHOLE))]
    if not metrics or (WHOLE + metrics[0], FOLLOW_UP) not in values:
        return []
    rows = []
    for metric in metrics:
        turn, whole = values[metric, FOLLOW_UP], values[WHOLE + metric, FOLLOW_UP]
        kept = values.get((KEPT + metric, FOLLOW_UP))
        rows.append((metric, _with_bounds(turn), _with_bounds(whole), str(whole.n), _with_bounds(kept) if kept else ""))
    header = ("metric", "as the turn of a dialogue", "asked whole", "n (whole)", "kept")
    return [
        "## Follow-ups: as they were asked, and asked whole",
        "",
        *table(header, rows),
        "",
        "As the turn of a dialogue: after the turns before it, as they were answered here. Kept: the first value as a "
        "part of the second.",
        "",
    ]


def _refusals(values: Values) -> list[str]:
    if (REFUSAL_PRECISION, UNANSWERABLE) not in values:
        return []
    rows = []
    for name in (*get_args(UnanswerableKind), UNANSWERABLE):
        if (REFUSAL_PRECISION, name) in values:
            recall, precision = values["refusal_recall", name], values[REFUSAL_PRECISION, name]
            rows.append((name, str(recall.n), _with_bounds(recall), _with_bounds(precision), str(precision.n)))
    wrongly = values["wrongly_refused", ALL]
    return [
        "## Unanswerable questions",
        "",
        *table(("kind", "asked", "refusal_recall", "refusal_precision", "n (precision)"), rows),
        "",
        "refusal_precision of a kind: of the refused questions of that kind and the refused answerable ones, the share "
        f"of that kind. Wrongly refused: {_with_bounds(wrongly)} of {wrongly.n} answerable questions.",
        "",
    ]


def _questions(values: Values, name: str) -> int:
    """How many questions a slice has: each is refused or not, or failed."""
    refused = values["refused", name]
    return refused.n + refused.unscorable


def _cell(value: MetricValue) -> str:
    return number(value.name, value.value) if value.n else ""


def _with_bounds(value: MetricValue) -> str:
    bounds = _bounds(value)
    return f"{number(value.name, value.value)} ({bounds})" if bounds else number(value.name, value.value)


def _bounds(value: MetricValue) -> str:
    if value.low is None or value.high is None:
        return ""
    return f"{number(value.name, value.low)} to {number(value.name, value.high)}"
