"""The folder of one run: what it was made with, and the answers so far."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from eval.records import EvalQuestion, Outcome, QuestionScores
from index.errors import BadInputError

ANSWERS, METRICS, SUMMARY, SETTINGS = "answers.jsonl", "metrics.json", "summary.md", "settings.json"


def dump(value: object, *, indent: int | None = None) -> str:
    """JSON without NaN or infinity; raises ValueError for either."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it is either the old one or the new one, never half."""
    temporary = path.with_name(path.name + ".part")
    temporary.write_text(text, encoding="utf-8", newline="\n")
    temporary.replace(path)


def claim(out: Path, settings: Mapping[str, object]) -> None:
    """Make the folder, or go on in one made with the very same settings.

    Raises BadInputError, naming what differs, when the folder's answers were made with other settings.
    """
    path = out / SETTINGS
    wanted = json.loads(dump(settings))
    if path.exists():
        differences = _differences(_read_object(path), wanted)
        if differences:
            raise BadInputError(
                f"{out} holds a run with other settings ({'; '.join(differences)}): "
                "give another --out, or delete that folder"
            )
        return
    if (out / ANSWERS).exists():
        raise BadInputError(f"{out} holds {ANSWERS} but no {SETTINGS} to say what made it: give another --out")
    try:
        out.mkdir(parents=True, exist_ok=True)
        write_whole(path, dump(wanted, indent=2) + "\n")
    except OSError as error:
        raise BadInputError(f"{out} can't be written to ({error.strerror or error}): give another --out") from error


def _differences(there: Mapping[str, Any], here: Mapping[str, Any], prefix: str = "") -> list[str]:
    found = []
    for name in dict.fromkeys((*there, *here)):
        old, new = there.get(name), here.get(name)
        if isinstance(old, dict) and isinstance(new, dict):
            found += _differences(old, new, f"{prefix}{name}.")
        elif old != new:
            found.append(f"{prefix}{name}: {dump(old)} there, {dump(new)} now")
    return found


def record_of(question: EvalQuestion, outcome: Outcome, answer: Mapping[str, object] | None) -> dict[str, object]:
    """One line of answers.jsonl: the question's own fields, its scores or error, then the answer's fields."""
    asked = {"question": question.question, "asked_on": question.asked_on.isoformat()}
    return {
        "question_id": question.question_id,
        "slices": list(question.slices),
        "gold_answers": list(question.gold_answers),
        "error": outcome.error,
        "scores": None if outcome.scores is None else asdict(outcome.scores),
        **(asked if answer is None else answer),
    }


def outcome_from(record: Mapping[str, Any]) -> Outcome:
    """The outcome that a line of answers.jsonl tells of."""
    scores, refusal = record["scores"], record.get("refusal")
    if scores is not None:
        scores = QuestionScores(**{**scores, "cited_words": tuple(scores["cited_words"])})
    return Outcome(
        question_id=record["question_id"],
        slices=tuple(record["slices"]),
        scores=scores,
        refusal=None if refusal is None else refusal["reason"],
        error=record["error"],
        timings=record.get("timings", {}),
    )


class AnswerLog:
    """answers.jsonl: read what is there, append, put into the questions' order at the end."""

    def __init__(self, out: Path) -> None:
        self._path = out / ANSWERS

    def resume(self) -> dict[str, Outcome]:
        """The answers so far, by question. A last line cut short, and questions that failed, are dropped.

        Raises BadInputError for a line in between that is no record.
        """
        if not self._path.exists():
            return {}
        kept: list[bytes] = []
        outcomes: dict[str, Outcome] = {}
        raw = self._path.read_bytes()
        for number, line in enumerate(raw.splitlines(keepends=True), start=1):
            if not line.endswith(b"\n"):
                break
            outcome = self._outcome(line, number)
            if outcome.error is None and outcome.question_id not in outcomes:
                outcomes[outcome.question_id] = outcome
                kept.append(line)
        if b"".join(kept) != raw:
            self._replace(kept)
        return outcomes

    def _outcome(self, line: bytes, number: int) -> Outcome:
        try:
            return outcome_from(json.loads(line))
        except (ValueError, KeyError, TypeError) as error:
            raise BadInputError(
                f"{self._path}:{number}: not a record of this eval ({error}): delete that line to ask it again"
            ) from error

    def append(self, record: Mapping[str, object]) -> None:
        with self._path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(dump(record) + "\n")

    def put_in_order(self, question_ids: Sequence[str]) -> None:
        """Sort the lines by the questions' order, which a question asked again leaves."""
        place = {question_id: number for number, question_id in enumerate(question_ids)}
        lines = self._path.read_bytes().splitlines(keepends=True)
        ordered = sorted(lines, key=lambda line: place[json.loads(line)["question_id"]])
        if ordered != lines:
            self._replace(ordered)

    def _replace(self, lines: Sequence[bytes]) -> None:
        temporary = self._path.with_name(self._path.name + ".part")
        temporary.write_bytes(b"".join(lines))
        temporary.replace(self._path)


def _read_object(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInputError(f"{path}: can't be read ({error})") from error
    if not isinstance(value, dict):
        raise BadInputError(f"{path}: a JSON object is expected")
    return value


def read_metrics(out: Path) -> dict[str, Any]:
    """What metrics.json of a finished run holds. Raises BadInputError where there is none."""
    path = out / METRICS
    if not path.is_file():
        raise BadInputError(
            f"{out} holds no finished run ({METRICS} is missing): 'copydesk eval run --out {out}' makes one"
        )
    return _read_object(path)
