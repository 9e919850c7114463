"""Numbers and tables as they are printed."""

from collections.abc import Sequence

NOT_SHARES = frozenset({"passage_mrr", "words_per_cited_sentence", "written_astray_marks"})


def number(metric: str, value: float | None) -> str:
    """A metric's value to read: a share in per cent, others as they are."""
    if value is None:
        return "not measured"
    if metric.rsplit(": ", 1)[-1] in NOT_SHARES:
        return f"{value:.3f}" if value < 1 else f"{value:.1f}"
    return f"{100 * value:.1f} %"


def difference(metric: str, value: float | None) -> str:
    """A difference between two values of a metric, with its sign: of shares in percentage points."""
    if value is None:
        return ""
    if metric in NOT_SHARES:
        return f"{value:+.3f}"
    return f"{100 * value:+.1f}"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
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
