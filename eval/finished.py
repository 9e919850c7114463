"""A finished run as it is read again: its settings, its answers and what they were worth."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval import store
from eval.aggregate import ALL, members_of, question_parts, slices_of
from eval.records import Outcome
from index.errors import BadInputError


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run folder. `records` are the lines of answers.jsonl and `outcomes` what they tell of, both by question."""

    folder: Path
    settings: Mapping[str, Any]
    records: Mapping[str, Mapping[str, Any]]
    outcomes: Mapping[str, Outcome]

    @property
    def dataset(self) -> str:
        return str(self.settings["dataset"]["name"])

    @property
    def slices(self) -> tuple[str, ...]:
        return slices_of(tuple(self.outcomes.values()))

    @property
    def failed(self) -> tuple[str, ...]:
        return tuple(name for name, outcome in self.outcomes.items() if outcome.error is not None)

    def require_slice(self, name: str) -> None:
        """Raise BadInputError, naming those that there are, for a slice that no question is in."""
        if name not in self.slices:
            raise BadInputError(
                f"{self.folder}: no question is in the slice {name!r}; there are {', '.join(self.slices)}"
            )


def read_run(out: Path) -> FinishedRun:
    """Raises BadInputError for a folder that holds no whole run, or files that don't belong together."""
    document = store.read_metrics(out)
    settings = store.read_settings(out)
    records = {str(record["question_id"]): record for record in store.read_records(out)}
    try:
        wanted = settings["dataset"]["questions"]
        names = (settings["dataset"]["name"], settings["dataset"]["sha256"], settings["archive"]["folder"])
        counted = document["counts"]["questions"]
    except (KeyError, TypeError) as error:
        raise BadInputError(f"{out}: its settings or metrics are damaged ({error}): run it again") from error
    if not all(isinstance(name, str) for name in names):
        raise BadInputError(f"{out}: its settings are damaged: run it again")
    if not len(records) == wanted == counted:
        raise BadInputError(
            f"{out}: {len(records)} questions are answered, {counted} measured and {wanted} were to be asked: "
            "run it again, and it goes on where it stopped"
        )
    outcomes = {name: store.outcome_from(record) for name, record in records.items()}
    return FinishedRun(out, settings, records, outcomes)


def value_of(run: FinishedRun, metric: str, slice_name: str = ALL) -> tuple[float | None, int]:
    """What the run measured in a slice, and over how many units; None over none."""
    members = members_of(tuple(run.outcomes.values()), slice_name, metric)
    known = [parts[metric] for parts in map(question_parts, members) if metric in parts]
    total, units = sum(part[0] for part in known), sum(part[1] for part in known)
    return (total / units if units else None), units
