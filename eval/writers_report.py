"""What four writers were worth, side by side, as text."""

from collections.abc import Mapping, Sequence
from typing import Any

from eval.layout import number, table
from eval.records import MetricValue
from eval.writers import WRITERS
from eval.writers_run import LATENCY, METRICS, SENTENCES

_NOTHING = "–"
_NOTES = (
    "Groundedness, contradictions and what citations are worth are by the judge named above, which errs. Behind the",
    "gate the checker has judged already: that it finds what it let through supported says only that the gate is shut.",
    "What people find of it, 'copydesk eval label' asks.",
    "The liar is a script, not a model: it writes falsehoods by rule, to show what the gate is worth at the worst.",
    "A time behind the gate is the model's whole reply and then the gate's work; in use they overlap.",
    "Intervals: 95 %, questions resampled. n counts sentences, citations, marks, lies, answers or questions.",
)


def writers_text(document: Mapping[str, Any]) -> str:
    """The page of what metrics.json holds."""
    counts, asked = document["counts"], document["asked"]
    lines = [
        f"# {document['dataset']}: who writes the answers",
        "",
        f"{counts['questions']} questions: {counts['answered']} answered, {counts['refused']} refused before anybody "
        f"wrote, {counts['failed']} failed. Model: {asked['llm']}. Judge: {asked['judge']}.",
        "",
        *table(("metric", *WRITERS), _metric_rows(document)),
        "",
        *table(("sentences", *WRITERS), _sentence_rows(document)),
        "",
        *_lies(document["lies"]),
        *_NOTES,
    ]
    return "\n".join([*lines, *_failures(document["failures"])]) + "\n"


def _metric_rows(document: Mapping[str, Any]) -> list[tuple[str, ...]]:
    values = {
        (writer, value["name"]): MetricValue(**value)
        for writer in WRITERS
        for value in document["writers"][writer]["metrics"]
    }
    return [(name, *(_cell(values[writer, name]) for writer in WRITERS)) for name in METRICS]


def _cell(value: MetricValue) -> str:
    if value.value is None or value.low is None or value.high is None:
        return _NOTHING
    shown, low, high = (_number(value.name, one) for one in (value.value, value.low, value.high))
    return f"{shown} [{low.removesuffix(' %')}, {high.removesuffix(' %')}] n={value.n}"


def _number(name: str, value: float) -> str:
    if name == LATENCY:
        return f"{value:.0f}"
    return f"{value:.2f}" if name == SENTENCES else number(name, value)


def _sentence_rows(document: Mapping[str, Any]) -> list[tuple[str, ...]]:
    counts = [document["writers"][writer]["sentences"] for writer in WRITERS]
    return [(name, *(_NOTHING if one[name] is None else str(one[name]) for one in counts)) for name in counts[0]]


def _lies(lies: Mapping[str, Mapping[str, int]]) -> list[str]:
    if not lies:
        return []
    rows = [(kind, str(one["told"]), str(one["shown"])) for kind, one in lies.items()]
    return [*table(("the liar's lies", "told", "shown"), rows), ""]


def _failures(failures: Sequence[Mapping[str, str]]) -> list[str]:
    if not failures:
        return []
    shown = [f"- {one['question_id']}: {' '.join(one['error'].split())}" for one in failures[:10]]
    more = [f"- and {len(failures) - 10} more"] if len(failures) > 10 else []
    return ["", "Failed, and in none of the numbers:", *shown, *more]
