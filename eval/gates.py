"""Gates: what a run must reach, written in a TOML file."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.aggregate import ALL, METRIC_NAMES
from eval.directions import direction_of, worsening
from eval.finished import FinishedRun, value_of
from eval.verdict import Verdict
from index.errors import BadInputError

_NOT_SHARES = frozenset({"words_per_cited_sentence"})
_LARGEST = 1e9  # leaves out infinity and NaN too
_NUMBERS = ("min", "max", "max_drop")
# A bound such as 0.8 is met by a mean of 0.8 that was summed in another order.
_ROUNDING = 1e-9

# A metric and a slice → its values in two runs, over the questions that both scored; None where not measured.
ValuesInBoth = Callable[[str, str], tuple[float | None, float | None]]


@dataclass(frozen=True, slots=True)
class Gate:
    """The bounds of one metric in one slice; at least one is given.

    `max_drop` bounds how much worse than another run it may be: how much lower, or higher where lower is better.
    """

    metric: str
    slice: str
    minimum: float | None
    maximum: float | None
    max_drop: float | None
    where: str


@dataclass(frozen=True, slots=True)
class Gates:
    """The gates of a file. `max_failed` is how many questions may have failed."""

    path: Path
    gates: tuple[Gate, ...]
    max_failed: int


@dataclass(frozen=True, slots=True)
class GateCheck:
    """One bound and whether it is kept: "min", "max", "max_drop" or "max_failed"; `n` units were measured.

    `metric` and `slice` are None for the failed questions. `passed` is None for a bound that this check can't judge:
    a drop, with one run alone.
    """

    metric: str | None
    slice: str | None
    bound: str
    limit: float
    value: float | None
    n: int
    passed: bool | None


def load_gates(path: Path) -> Gates:
    """Raises BadInputError, naming the gate, for anything in the file that is not understood."""
    try:
        fields = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInputError(f"{path}: can't be read ({error.strerror or error})") from error
    except UnicodeDecodeError as error:
        raise BadInputError(f"{path}: not UTF-8 text") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadInputError(f"{path}: not valid TOML ({error})") from error
    _refuse_unknown(fields, ("gate", "max_failed"), str(path))
    tables = fields.get("gate", [])
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        raise BadInputError(f"{path}: no [[gate]] in it")
    max_failed = fields.get("max_failed", 0)
    if isinstance(max_failed, bool) or not isinstance(max_failed, int) or max_failed < 0:
        raise BadInputError(f"{path}: max_failed must be a whole number, 0 or more")
    gates = tuple(_gate(table, f"{path}: gate {number}") for number, table in enumerate(tables, start=1))
    _refuse_twice(gates)
    return Gates(path, gates, max_failed)


def require_slices(gates: Gates, slices: Sequence[str]) -> None:
    """Raise BadInputError, naming the gate, where a gate is for a slice that there is none of."""
    for gate in gates.gates:
        if gate.slice not in slices:
            raise BadInputError(
                f"{gate.where}: there is no slice {gate.slice!r} in this run; there are {', '.join(slices)}"
            )


def check_gates(gates: Gates, run: FinishedRun, values_in_both: ValuesInBoth | None = None) -> tuple[GateCheck, ...]:
    """Every bound against a run, and against another one where `values_in_both` knows it.

    Raises BadInputError, naming the gate, for a metric that wasn't measured: such a gate neither holds nor fails.
    """
    require_slices(gates, run.slices)
    checks: list[GateCheck] = []
    for gate in gates.gates:
        checks += _level_checks(gate, run)
        if gate.max_drop is not None:
            checks.append(_drop_check(gate, gate.max_drop, run, values_in_both))
    if all(check.passed is None for check in checks):
        raise BadInputError(
            f"{gates.path}: every gate in it bounds a drop, which needs two runs: 'copydesk eval compare'"
        )
    return (_failed_check(gates, run), *checks)


def gates_verdict(checks: Sequence[GateCheck]) -> Verdict:
    return "gate failed" if any(check.passed is False for check in checks) else "gates passed"


def _failed_check(gates: Gates, run: FinishedRun) -> GateCheck:
    failed = len(run.failed)
    return GateCheck(None, None, "max_failed", gates.max_failed, failed, len(run.outcomes), failed <= gates.max_failed)


def _level_checks(gate: Gate, run: FinishedRun) -> list[GateCheck]:
    value, n = value_of(run, gate.metric, gate.slice)
    if value is None:
        raise _not_measured(gate, run)
    checks = []
    if gate.minimum is not None:
        passed = value >= gate.minimum - _ROUNDING
        checks.append(GateCheck(gate.metric, gate.slice, "min", gate.minimum, value, n, passed))
    if gate.maximum is not None:
        passed = value <= gate.maximum + _ROUNDING
        checks.append(GateCheck(gate.metric, gate.slice, "max", gate.maximum, value, n, passed))
    return checks


def _drop_check(gate: Gate, limit: float, run: FinishedRun, values_in_both: ValuesInBoth | None) -> GateCheck:
    n = value_of(run, gate.metric, gate.slice)[1]
    if not n:
        raise _not_measured(gate, run)
    if values_in_both is None:
        return GateCheck(gate.metric, gate.slice, "max_drop", limit, None, n, None)
    before, after = values_in_both(gate.metric, gate.slice)
    if before is None or after is None:
        raise _not_measured(gate, run)
    drop = worsening(gate.metric, after - before)
    return GateCheck(gate.metric, gate.slice, "max_drop", limit, drop, n, drop <= limit + _ROUNDING)


def _not_measured(gate: Gate, run: FinishedRun) -> BadInputError:
    return BadInputError(
        f"{gate.where}: {gate.metric} was not measured in the slice {gate.slice!r} of {run.folder}: "
        "take the gate out, or ask questions that it can be measured on"
    )


def _gate(table: Mapping[str, Any], where: str) -> Gate:
    metric = table.get("metric")
    if not isinstance(metric, str):
        raise BadInputError(f"{where}: metric is missing or no text")
    where = f"{where} ({metric})"
    if metric not in METRIC_NAMES:
        raise BadInputError(f"{where}: there is no such metric; 'copydesk eval show' prints those that there are")
    _refuse_unknown(table, ("metric", "slice", *_NUMBERS), where)
    slice_name = table.get("slice", ALL)
    if not isinstance(slice_name, str):
        raise BadInputError(f"{where}: slice must be a text")
    bounds = {name: _number(table[name], name, where) for name in _NUMBERS if name in table}
    gate = Gate(metric, slice_name, bounds.get("min"), bounds.get("max"), bounds.get("max_drop"), where)
    _require_sense(gate)
    if any(not 0 <= bound <= 1 for bound in bounds.values()) and metric not in _NOT_SHARES:
        raise BadInputError(f"{where}: this is a share from 0 to 1, so write 0.45 for 45 %")
    return gate


def _require_sense(gate: Gate) -> None:
    if gate.minimum is None and gate.maximum is None and gate.max_drop is None:
        raise BadInputError(f"{gate.where}: no min, max or max_drop, so it would hold whatever the value")
    if gate.minimum is not None and gate.maximum is not None and gate.minimum > gate.maximum:
        raise BadInputError(f"{gate.where}: min is above max, so no value could hold")
    if gate.max_drop is not None and gate.max_drop < 0:
        raise BadInputError(f"{gate.where}: max_drop must be 0 or more")
    if gate.max_drop is not None and direction_of(gate.metric) is None:
        raise BadInputError(f"{gate.where}: neither higher nor lower is better here, so max_drop means nothing")


def _number(value: object, name: str, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not -_LARGEST < value < _LARGEST:
        raise BadInputError(f"{where}: {name} must be a number")
    return float(value)


def _refuse_unknown(table: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    unknown = sorted(set(table) - set(known))
    if unknown:
        raise BadInputError(f"{where}: unknown key {unknown[0]!r}; known are {', '.join(known)}")


def _refuse_twice(gates: Sequence[Gate]) -> None:
    seen: dict[tuple[str, str], Gate] = {}
    for gate in gates:
        earlier = seen.setdefault((gate.metric, gate.slice), gate)
        if earlier is not gate:
            raise BadInputError(f"{gate.where}: the slice {gate.slice!r} of it has a gate already ({earlier.where})")
