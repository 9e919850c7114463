"""The folder of one run: what it was made with, and the answers so far."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from eval.records import Answers, ChoiceScores, EvalQuestion, Outcome, QuestionScores
from eval.timing_log import TimingLog, with_timings
from eval.written_sentences import WrittenSentences
from index.errors import BadInputError
from qa.records import Answer, RefusalReason
from qa.serialize import answer_to_json

# Of the files of a run. 2: answers without refusing and to whole questions beside those with refusing.
SCHEMA_VERSION = 2

ANSWERS, METRICS, SUMMARY, SETTINGS = "answers.jsonl", "metrics.json", "summary.md", "settings.json"
# Apart from the metrics, which come out the same each time.
COST = "cost.json"


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
        there = _read_object(path)
        _require_schema(there, out, "give another --out, or delete that folder")
        differences = _differences(there, wanted)
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


def record_of(question: EvalQuestion, outcome: Outcome, answers: Answers | None) -> dict[str, object]:
    """One line of answers.jsonl: the question's own fields, its scores or error, then the answer's fields.

    The answer's times are among them here; `AnswerLog` keeps those in a file of their own.

    `forced`, `whole` and `whole_forced` hold the other answers of the same question, without passages and timings; null
    where it wasn't asked that way.
    """
    asked = {"question": question.question, "asked_on": question.asked_on.isoformat()}
    forced, whole, whole_forced = (
        (None, None, None) if answers is None else (answers.forced, answers.whole, answers.whole_forced)
    )
    return {
        "question_id": question.question_id,
        "slices": list(question.slices),
        "gold_answers": list(question.gold_answers),
        "kind": question.kind,
        "gold": None if question.gold is None else [[asdict(span) for span in piece] for piece in question.gold],
        "dialogue": question.dialogue,
        "turn": question.turn,
        "error": outcome.error,
        "scores": None if outcome.scores is None else asdict(outcome.scores),
        "choices": None if outcome.choices is None else asdict(outcome.choices),
        "gold_in_given": outcome.gold_in_given,
        "written": None if outcome.written is None else asdict(outcome.written),
        "forced": None if forced is None else _compact(forced, outcome.forced),
        "whole": None if whole is None else _compact(whole, outcome.whole),
        "whole_forced": None if whole_forced is None else _compact(whole_forced, outcome.whole_forced),
        **(asked if answers is None else answer_to_json(answers.asked)),
    }


def _compact(answer: Answer, scores: QuestionScores | None) -> dict[str, object]:
    kept = ("question", "short_answer", "sentences", "refusal")
    fields = answer_to_json(answer)
    return {**{name: fields[name] for name in kept}, "scores": None if scores is None else asdict(scores)}


def outcome_from(record: Mapping[str, Any]) -> Outcome:
    """The outcome that a line of answers.jsonl tells of."""
    # Runs made before these were measured don't have what is got with get().
    forced, whole, whole_forced = record["forced"], record["whole"], record.get("whole_forced")
    choices, written = record.get("choices"), record.get("written")
    return Outcome(
        question_id=record["question_id"],
        slices=tuple(record["slices"]),
        scores=_scores_from(record),
        refusal=_reason_from(record),
        error=record["error"],
        timings=record.get("timings", {}),
        forced=None if forced is None else _scores_from(forced),
        whole=None if whole is None else _scores_from(whole),
        whole_refusal=None if whole is None else _reason_from(whole),
        whole_forced=None if whole_forced is None else _scores_from(whole_forced),
        choices=None if choices is None else ChoiceScores(**choices),
        gold_in_given=record.get("gold_in_given"),
        answerable=record.get("answerable"),
        written=None if written is None else WrittenSentences(**written),
    )


def _scores_from(record: Mapping[str, Any]) -> QuestionScores | None:
    scores = record["scores"]
    return None if scores is None else QuestionScores(**{**scores, "cited_words": tuple(scores["cited_words"])})


def _reason_from(record: Mapping[str, Any]) -> RefusalReason | None:
    refusal = record.get("refusal")
    return None if refusal is None else refusal["reason"]


class AnswerLog:
    """answers.jsonl, and the times beside it: read what is there, append, put into the questions' order at the end."""

    def __init__(self, out: Path) -> None:
        self._path = out / ANSWERS
        self._timings = TimingLog(out)

    def resume(self) -> dict[str, Outcome]:
        """The answers so far, by question. A last line cut short, and questions that failed, are dropped.

        Raises BadInputError for a line in between that is no record.
        """
        if not self._path.exists():
            return {}
        kept: list[bytes] = []
        outcomes: dict[str, Outcome] = {}
        raw = self._path.read_bytes()
        timings = self._timings.read()
        for number, line in enumerate(raw.splitlines(keepends=True), start=1):
            if not line.endswith(b"\n"):
                break
            outcome = self._outcome(line, number, timings)
            if outcome.error is None and outcome.question_id not in outcomes:
                outcomes[outcome.question_id] = outcome
                kept.append(line)
        if b"".join(kept) != raw:
            self._replace(kept)
        return outcomes

    def _outcome(self, line: bytes, number: int, timings: Mapping[str, Mapping[str, float]]) -> Outcome:
        try:
            return outcome_from(with_timings(json.loads(line), timings))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadInputError(
                f"{self._path}:{number}: not a record of this eval ({error}): delete that line to ask it again"
            ) from error

    def append(self, record: Mapping[str, object]) -> None:
        """The times first: a process that is stopped in between leaves a question to ask again, not one without any."""
        if "timings" in record:
            self._timings.append(str(record["question_id"]), record["timings"])
            record = {name: value for name, value in record.items() if name != "timings"}
        with self._path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(dump(record) + "\n")

    def put_in_order(self, question_ids: Sequence[str]) -> None:
        """Sort the lines by the questions' order, which a question asked again leaves."""
        place = {question_id: number for number, question_id in enumerate(question_ids)}
        lines = self._path.read_bytes().splitlines(keepends=True)
        ordered = sorted(lines, key=lambda line: place[json.loads(line)["question_id"]])
        failed = {record["question_id"] for record in map(json.loads, lines) if record["error"] is not None}
        self._timings.put_in_order([one for one in question_ids if one not in failed])
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


def write_metrics(out: Path, document: Mapping[str, Any]) -> None:
    """Write metrics.json, which makes the run a finished one, and what the run cost beside it."""
    metrics = {name: value for name, value in document.items() if name != "cost"}
    write_whole(out / COST, dump(document["cost"], indent=2) + "\n")
    write_whole(out / METRICS, dump(metrics, indent=2) + "\n")


def read_metrics(out: Path) -> dict[str, Any]:
    """What metrics.json of a finished run holds, with its cost. Raises BadInputError where there is none."""
    path = out / METRICS
    if not path.is_file():
        raise BadInputError(
            f"{out} holds no finished run ({METRICS} is missing): 'copydesk eval run --out {out}' makes one"
        )
    document = _read_object(path)
    _require_schema(document, out, "run it again with another --out")
    return document if "cost" in document else {**document, "cost": _read_object(out / COST)}


def read_settings(out: Path) -> dict[str, Any]:
    """What a run was made with. Raises BadInputError where that can't be read."""
    settings = _read_object(out / SETTINGS)
    _require_schema(settings, out, "run it again with another --out")
    return settings


def read_records(out: Path) -> list[dict[str, Any]]:
    """Every line of a finished run's answers.jsonl with its times, failed questions too.

    Raises BadInputError, naming the line.
    """
    read_metrics(out)
    path = out / ANSWERS
    records = []
    try:
        lines = path.read_bytes().splitlines()
        timings = TimingLog(out).read()
    except OSError as error:
        raise BadInputError(f"{path}: can't be read ({error.strerror or error})") from error
    for number, line in enumerate(lines, start=1):
        try:
            record = with_timings(json.loads(line), timings)
            outcome_from(record)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadInputError(f"{path}:{number}: not a record of this eval ({error})") from error
        records.append(record)
    return records


def _require_schema(fields: Mapping[str, Any], out: Path, mend: str) -> None:
    found = fields.get("schema_version")
    if found != SCHEMA_VERSION:
        raise BadInputError(
            f"{out} holds a run of another version of copydesk (schema {found}, here {SCHEMA_VERSION}): {mend}"
        )
