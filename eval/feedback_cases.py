"""Answers that people rated down in the chat, as questions of a set of one's own."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.lines import read_lines
from index.errors import BadInputError
from qa.conversations import RatedTurn


@dataclass(frozen=True, slots=True)
class CasesReport:
    """How many cases were added to a file, how many stood there before, and how many of all have no right answer."""

    added: int
    there: int
    unanswered: int


def cases_of(rated: Sequence[RatedTurn]) -> Iterator[dict[str, Any]]:
    """A line of a question set for each answer that was rated down, the oldest rating first.

    A follow-up stands there as it was understood, so that it can be asked by itself. `answers` is empty: the right ones
    are for a person to fill in. What the answer was, and what was written to it, stands beside, for that person.
    """
    for one in reversed(rated):
        if one.feedback.rating != "down":
            continue
        answer = one.turn.answer
        yield {
            "question_id": f"{one.conversation_id}-{one.turn.position}",
            "question": answer.get("understood_as") or answer["question"],
            "asked_on": answer["asked_on"],
            "answers": [],
            "complaint": one.feedback.reason,
            "was_answered": [sentence["text"] for sentence in answer["sentences"]],
        }


def add_cases(rated: Sequence[RatedTurn], path: Path) -> CasesReport:
    """Add the cases to a file that lacks them; the lines there stay as they are, with what a person filled in.

    Raises BadInputError for a file that is no question set, or can't be written.
    """
    before = list(read_lines(path)) if path.exists() else []
    there = {line.text("question_id") for line in before}
    new = [case for case in cases_of(rated) if case["question_id"] not in there]
    try:
        with path.open("a+b") as file:
            if before and not _ends_a_line(path):
                file.write(b"\n")
            file.write("".join(f"{json.dumps(case, ensure_ascii=False)}\n" for case in new).encode())
    except OSError as error:
        raise BadInputError(f"{path}: can't be written to ({error.strerror or error})") from error
    open_cases = sum(not line.fields.get("answers") for line in before) + len(new)
    return CasesReport(len(new), len(before), open_cases)


def _ends_a_line(path: Path) -> bool:
    return path.read_bytes().endswith(b"\n")
