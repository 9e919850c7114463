"""Two runs over the same questions: what differs, by how much, and on which questions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from eval.aggregate import ALL, FORCED, METRIC_NAMES, members_of, question_parts
from eval.directions import JUDGED_METRICS, worsening
from eval.finished import FinishedRun
from eval.gates import GateCheck, Gates, check_gates, gates_verdict
from eval.paired import Difference, Part, holm, paired_difference
from eval.records import Outcome
from eval.verdict import Verdict
from index.errors import BadInputError

ALPHA = 0.05
# Where a question can change sides. To be refused is good for some questions and bad for others.
SIDE_METRICS = ("answer_in_cited@1", FORCED + "answer_in_cited@1", "gold_sentence_recall", "refused")
# Of a record, what the question is rather than what came of it.
_ASKED = ("question", "asked_on", "gold_answers", "gold", "slices")
# Where something lies, not what it is.
_PLACES = frozenset({"archive.folder"})

Change = Literal["worse", "better"]


@dataclass(frozen=True, slots=True)
class MetricComparison:
    """One metric in both runs.

    `adjusted_p` is Holm's, over the metrics that decide (`judged`) and are testable: the others can't come out
    significant, whatever the labels, so they needn't be corrected for (Tarone, Biometrics 1990). None for the rest.
    `change` is None unless that p is below 0.05.
    """

    name: str
    difference: Difference
    judged: bool
    adjusted_p: float | None = None
    change: Change | None = None


@dataclass(frozen=True, slots=True)
class ChangedQuestion:
    """A question on which a metric has another value in B than in A. `answerable` is None where that isn't known."""

    question_id: str
    question: str
    answerable: bool | None
    a: float
    b: float


@dataclass(frozen=True, slots=True)
class SideChanges:
    """The questions on which a metric is higher in B, and those on which it is lower, in the set's order."""

    metric: str
    higher: tuple[ChangedQuestion, ...]
    lower: tuple[ChangedQuestion, ...]


@dataclass(frozen=True, slots=True)
class FailedQuestion:
    """A question that failed in B, or in A, or in both; None: it did not."""

    question_id: str
    question: str
    error_a: str | None
    error_b: str | None


@dataclass(frozen=True, slots=True)
class SettingDifference:
    """A setting by its path, such as asked.search, and its value in each run; None where a run has no such setting."""

    name: str
    a: object
    b: object


@dataclass(frozen=True, slots=True)
class Comparison:
    """B against A over the `questions` of a slice, of which `both_scored` failed in neither run."""

    a: str
    b: str
    dataset: str
    slice: str
    seed: int
    questions: int
    both_scored: int
    differs: tuple[SettingDifference, ...]
    metrics: tuple[MetricComparison, ...]
    sides: tuple[SideChanges, ...]
    failed: tuple[FailedQuestion, ...]
    gates: tuple[GateCheck, ...]

    def changed(self, change: Change) -> tuple[str, ...]:
        """The metrics that decide and are clearly worse, or better."""
        return tuple(one.name for one in self.metrics if one.change == change)

    @property
    def newly_failed(self) -> tuple[FailedQuestion, ...]:
        return tuple(one for one in self.failed if one.error_a is None)

    @property
    def verdict(self) -> Verdict:
        if self.changed("worse") or self.newly_failed:
            return "regression"
        return "gate failed" if gates_verdict(self.gates) == "gate failed" else "no regression"


def compare(
    a: FinishedRun, b: FinishedRun, *, slice_name: str = ALL, seed: int = 0, gates: Gates | None = None
) -> Comparison:
    """Compare B with A over a slice; the gates are checked on B, each in its own slice.

    A metric is the ratio of its sums over the questions that failed in neither run; a question about which it says
    nothing in one of them adds nothing there.

    Raises BadInputError where the runs are of other questions, where nothing that decides was measured, and for a
    slice or gate that doesn't fit.
    """
    require_same_questions(a, b)
    a.require_slice(slice_name)
    asked = [outcome for outcome in a.outcomes.values() if _in_slice(outcome, slice_name)]
    pairs = _Pairs.of(a, b)
    comparison = Comparison(
        a=str(a.folder),
        b=str(b.folder),
        dataset=b.dataset,
        slice=slice_name,
        seed=seed,
        questions=len(asked),
        both_scored=sum(_in_slice(outcome, slice_name) for outcome in pairs.outcomes),
        differs=tuple(_setting_differences(a.settings, b.settings)),
        metrics=_metric_comparisons(pairs, slice_name, seed),
        sides=tuple(_side_changes(pairs, a, metric, slice_name) for metric in SIDE_METRICS),
        failed=tuple(_failed(a, b, asked)),
        gates=() if gates is None else check_gates(gates, b, pairs.values),
    )
    _require_something_measured(comparison)
    return comparison


def require_same_questions(a: FinishedRun, b: FinishedRun) -> None:
    """Raise BadInputError, saying what differs, unless both runs asked the very same questions."""
    shas = [run.settings["dataset"]["sha256"] for run in (a, b)]
    if shas[0] == shas[1] and a.records.keys() == b.records.keys():
        return
    names = a.dataset if a.dataset == b.dataset else f"{a.dataset} and {b.dataset}"
    apart = [
        _counted([name for name in a.records if name not in b.records], "only in the first"),
        _counted([name for name in b.records if name not in a.records], "only in the second"),
        _counted([name for name in a.records if name in b.records and _asked_otherwise(a, b, name)], "asked otherwise"),
    ]
    said = "; ".join(part for part in apart if part) or "the same ids, with other articles to answer from"
    raise BadInputError(f"{a.folder} and {b.folder} are runs of other questions ({names}): {said}")


def _asked_otherwise(a: FinishedRun, b: FinishedRun, name: str) -> bool:
    return any(a.records[name].get(field) != b.records[name].get(field) for field in _ASKED)


def _counted(names: Sequence[str], what: str) -> str:
    if not names:
        return ""
    return f"{len(names)} {what} ({', '.join(names[:3])}{', …' if len(names) > 3 else ''})"


@dataclass(frozen=True, slots=True)
class _Pairs:
    """What the questions that failed in neither run add to each metric. `outcomes` are A's, for their slices."""

    outcomes: tuple[Outcome, ...]
    a: Mapping[str, Mapping[str, Part]]
    b: Mapping[str, Mapping[str, Part]]

    @staticmethod
    def of(a: FinishedRun, b: FinishedRun) -> "_Pairs":
        both = [name for name in a.outcomes if a.outcomes[name].error is None and b.outcomes[name].error is None]
        return _Pairs(
            tuple(a.outcomes[name] for name in both),
            {name: question_parts(a.outcomes[name]) for name in both},
            {name: question_parts(b.outcomes[name]) for name in both},
        )

    def parts(self, metric: str, slice_name: str) -> tuple[list[Part], list[Part]]:
        """Both sides' parts, question by question; (0, 0) on a side about which the metric says nothing."""
        names = [outcome.question_id for outcome in members_of(self.outcomes, slice_name, metric)]
        known = [name for name in names if metric in self.a[name] or metric in self.b[name]]
        nothing: Part = (0.0, 0)
        return (
            [self.a[name].get(metric, nothing) for name in known],
            [self.b[name].get(metric, nothing) for name in known],
        )

    def values(self, metric: str, slice_name: str) -> tuple[float | None, float | None]:
        a, b = self.parts(metric, slice_name)
        return _ratio(a), _ratio(b)


def _ratio(parts: Sequence[Part]) -> float | None:
    units = sum(count for _, count in parts)
    return sum(total for total, _ in parts) / units if units else None


def _metric_comparisons(pairs: _Pairs, slice_name: str, seed: int) -> tuple[MetricComparison, ...]:
    found = [
        MetricComparison(name, paired_difference(*pairs.parts(name, slice_name), seed), name in JUDGED_METRICS)
        for name in METRIC_NAMES
    ]
    return decided(found)


def decided(compared: Sequence[MetricComparison]) -> tuple[MetricComparison, ...]:
    """The comparisons with what is clearly worse or better, after Holm's correction over those that decide."""
    found = list(compared)
    deciding = [place for place, one in enumerate(found) if one.judged and one.difference.testable]
    p_values = {place: p for place in deciding if (p := found[place].difference.p) is not None}
    for place, adjusted in zip(p_values, holm(tuple(p_values.values())), strict=True):
        found[place] = replace(found[place], adjusted_p=adjusted, change=_change(found[place], adjusted))
    return tuple(found)


def _change(one: MetricComparison, adjusted_p: float) -> Change | None:
    difference = one.difference.difference
    if difference is None or adjusted_p >= ALPHA:
        return None
    return "worse" if worsening(one.name, difference) > 0 else "better"


def _side_changes(pairs: _Pairs, a: FinishedRun, metric: str, slice_name: str) -> SideChanges:
    changed = []
    for outcome in members_of(pairs.outcomes, slice_name, metric):
        name = outcome.question_id
        before, after = (_ratio([side[name][metric]] if metric in side[name] else []) for side in (pairs.a, pairs.b))
        if before is not None and after is not None and before != after:
            changed.append(ChangedQuestion(name, a.records[name]["question"], _answerable(outcome), before, after))
    return SideChanges(
        metric,
        higher=tuple(one for one in changed if one.b > one.a),
        lower=tuple(one for one in changed if one.b < one.a),
    )


def _answerable(outcome: Outcome) -> bool | None:
    pieces = None if outcome.scores is None else outcome.scores.gold_pieces
    return None if pieces is None else pieces > 0


def _failed(a: FinishedRun, b: FinishedRun, asked: Sequence[Outcome]) -> Iterator[FailedQuestion]:
    for outcome in asked:
        name = outcome.question_id
        errors = (outcome.error, b.outcomes[name].error)
        if errors != (None, None):
            yield FailedQuestion(name, a.records[name]["question"], *errors)


def _in_slice(outcome: Outcome, slice_name: str) -> bool:
    return slice_name == ALL or slice_name in outcome.slices


def _setting_differences(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[SettingDifference]:
    flat_a, flat_b = dict(_flat(a)), dict(_flat(b))
    for name in dict.fromkeys((*flat_a, *flat_b)):
        if name not in _PLACES and flat_a.get(name) != flat_b.get(name):
            yield SettingDifference(name, flat_a.get(name), flat_b.get(name))


def _flat(fields: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in fields.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _require_something_measured(comparison: Comparison) -> None:
    if comparison.newly_failed or any(one.judged and one.difference.p is not None for one in comparison.metrics):
        return
    raise BadInputError(
        f"nothing that decides was measured in both {comparison.a} and {comparison.b} on the slice "
        f"{comparison.slice!r}, so there is nothing to compare: ask questions with known answers"
    )
