"""timings.jsonl: how long each question of a run took, apart from its answer, which is the same each time."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

TIMINGS = "timings.jsonl"


class TimingLog:
    """A line a question, {"question_id", "timings"}; milliseconds by stage. Of two lines the later one counts.

    Times are the one thing here that may be lost: whatever is no such line is left out, and its question has no times.
    """

    def __init__(self, out: Path) -> None:
        self._path = out / TIMINGS

    def read(self) -> dict[str, dict[str, float]]:
        """The times by question, in the file's order; empty where there is no file. Raises OSError where it can't be
        read.
        """
        found: dict[str, dict[str, float]] = {}
        if not self._path.exists():
            return found
        for line in self._path.read_bytes().splitlines():
            try:
                record = json.loads(line)
                times = {str(stage): float(value) for stage, value in record["timings"].items()}
                found[str(record["question_id"])] = times
            except (ValueError, KeyError, TypeError, AttributeError):
                continue
        return found

    def append(self, question_id: str, timings: object) -> None:
        # On a line of its own even where the last one was cut short.
        start = "\n" if self._cut_short() else ""
        with self._path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(f"{start}{_line(question_id, timings)}")

    def put_in_order(self, question_ids: Sequence[str]) -> None:
        """One line for each question that has times, in the questions' order."""
        found = self.read()
        lines = "".join(_line(one, found[one]) for one in question_ids if one in found).encode("utf-8")
        if not self._path.exists() or lines != self._path.read_bytes():
            temporary = self._path.with_name(self._path.name + ".part")
            temporary.write_bytes(lines)
            temporary.replace(self._path)

    def _cut_short(self) -> bool:
        if not self._path.exists() or not self._path.stat().st_size:
            return False
        with self._path.open("rb") as file:
            file.seek(-1, 2)
            return file.read(1) != b"\n"


def with_timings(record: Mapping[str, object], known: Mapping[str, Mapping[str, float]]) -> dict[str, object]:
    """A line of answers.jsonl with its times. Runs made before times had a file of their own have them in the line."""
    times = known.get(str(record.get("question_id")))
    return dict(record) if times is None else {**record, "timings": dict(times)}


def _line(question_id: str, timings: object) -> str:
    record = {"question_id": question_id, "timings": timings}
    return json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n"
