"""Many questions in, as many answers out, with the models loaded once."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import takewhile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from index.errors import BadInputError
from index.records import Filters
from qa.assistant import Assistant, check_question
from qa.records import Answer, Turn
from qa.serialize import answer_to_json


@dataclass(frozen=True, slots=True)
class BatchQuestion:
    """One line of a batch file. Lines with the same `dialogue` are turns of one conversation, in the file's order."""

    question_id: str
    question: str
    asked_on: date | None
    dialogue: str | None = None


def answer_batch(assistant: Assistant, questions: Path, out: Path, *, asked_on: date | None, filters: Filters) -> None:
    """Answer every question of a .jsonl file; a line of `out` is the answer's JSON with its question_id.

    Questions whose answers are in `out` already aren't asked again, but for the earlier turns of a dialogue that goes
    on; a last line that was cut off is.

    Raises BadInputError, naming file and line, for a line that isn't a question, and when `out` holds the answer to
    another question under the same id.
    """
    asked = list(read_questions(questions))
    done = _finished(out)
    waiting = [question for question in asked if question.question_id not in done]
    _same_questions(asked, done, out)
    console = Console(stderr=True)
    columns = (TextColumn("questions"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with (
        Progress(*columns, console=console, disable=not console.is_terminal) as bars,
        out.open("a", encoding="utf-8") as lines,
    ):
        task = bars.add_task("", total=len(asked), completed=len(asked) - len(waiting))
        turns = _Turns(assistant, asked, asked_on, filters)
        for question in waiting:
            answer = turns.ask(question)
            record = {"question_id": question.question_id, **answer_to_json(answer)}
            lines.write(json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n")
            lines.flush()
            bars.advance(task)
    console.print(f"{len(asked)} questions, {len(waiting)} answered now, all in {out}", markup=False)


class _Turns:
    """Asks questions, each after the turns of its dialogue that stand before it in the file."""

    def __init__(
        self, assistant: Assistant, asked: Sequence[BatchQuestion], asked_on: date | None, filters: Filters
    ) -> None:
        self._assistant = assistant
        self._asked = asked
        self._asked_on = asked_on
        self._filters = filters
        self._turns: dict[str, Turn] = {}

    def ask(self, question: BatchQuestion) -> Answer:
        answer = self._assistant.ask(
            question.question,
            asked_on=question.asked_on or self._asked_on,
            filters=self._filters,
            history=self._before(question),
        )
        if question.dialogue is not None:
            self._turns[question.question_id] = Turn.of(answer)
        return answer

    def _before(self, question: BatchQuestion) -> tuple[Turn, ...]:
        """The earlier turns; those answered by an earlier run are asked again."""
        if question.dialogue is None:
            return ()
        above = takewhile(lambda one: one != question, self._asked)
        earlier = [one for one in above if one.dialogue == question.dialogue]
        for one in earlier:
            if one.question_id not in self._turns:
                self.ask(one)
        return tuple(self._turns[one.question_id] for one in earlier)


def read_questions(path: Path) -> Iterator[BatchQuestion]:
    """The questions of a .jsonl file; a line without question_id is known by its number."""
    seen: set[str] = set()
    with path.open(encoding="utf-8-sig", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            question = _read_line(f"{path}:{number}", line, number)
            if question.question_id in seen:
                raise BadInputError(f"{path}:{number}: the question_id {question.question_id} stands twice")
            seen.add(question.question_id)
            yield question


def _read_line(where: str, line: str, number: int) -> BatchQuestion:
    try:
        record: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadInputError(f"{where}: not JSON ({error})") from error
    text = record.get("question") if isinstance(record, dict) else None
    if not isinstance(text, str):
        raise BadInputError(f'{where}: needs a "question"')
    name = record.get("question_id")
    day = record.get("asked_on")
    dialogue = record.get("dialogue")
    try:
        question = check_question(text)
        f"{name}{dialogue}".encode()
        asked_on = date.fromisoformat(day) if day is not None else None
    except BadInputError as error:
        raise BadInputError(f"{where}: {error}") from error
    except UnicodeEncodeError as error:
        raise BadInputError(
            f'{where}: "question_id" or "dialogue" holds half a character (a lone surrogate)'
        ) from error
    except (TypeError, ValueError) as error:
        raise BadInputError(f'{where}: "asked_on" is {day!r}; write it as 2026-04-03') from error
    in_dialogue = None if dialogue is None else str(dialogue)
    return BatchQuestion(str(number if name is None else name), question, asked_on, in_dialogue)


def _finished(out: Path) -> dict[str, str]:
    """The questions already answered, by id; cuts off a last line that a kill left unfinished."""
    if not out.exists():
        return {}
    raw = out.read_bytes()
    whole = raw[: raw.rfind(b"\n") + 1]
    try:
        records = [json.loads(line) for line in whole.splitlines()]
        done = {str(record["question_id"]): str(record["question"]) for record in records}
    except (ValueError, KeyError, TypeError) as error:
        raise BadInputError(f"{out} is there and holds something else than answers: choose another --out") from error
    if len(whole) < len(raw):
        if not raw[len(whole) :].startswith(b'{"question_id"'[: len(raw) - len(whole)]):
            raise BadInputError(f"{out} is there and holds something else than answers: choose another --out")
        with out.open("r+b") as lines:
            lines.truncate(len(whole))
    return done


def _same_questions(asked: Sequence[BatchQuestion], done: Mapping[str, str], out: Path) -> None:
    for question in asked:
        if done.get(question.question_id, question.question) != question.question:
            raise BadInputError(
                f"{out} holds the answer to another question {question.question_id}: choose another --out"
            )
