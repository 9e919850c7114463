"""Answers of any system, read from a file: a text with marks such as [1] and the passages that the marks point at, or
copydesk's own answers with their quotations.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from eval.lines import Line, read_lines
from index.errors import BadInputError
from index.sentences import sentence_spans

_MARK = re.compile(r"\s*\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Passage:
    """What a mark points at, with what is known of the article it is from."""

    text: str
    title: str | None = None
    published: date | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of an answer: `cited` are places in the answer's passages, from 0, each once; `dangling` counts the
    marks that point at none.
    """

    text: str
    cited: tuple[int, ...]
    dangling: int = 0


@dataclass(frozen=True, slots=True)
class ForeignAnswer:
    """An answer in sentences; none of them where the system abstained. `gold` are the right answers, where known."""

    question_id: str
    question: str
    statements: tuple[Statement, ...]
    passages: tuple[Passage, ...]
    gold: tuple[str, ...]

    @property
    def text(self) -> str:
        """The answer without its marks."""
        return " ".join(statement.text for statement in self.statements)


def load_answers(path: Path) -> tuple[ForeignAnswer, ...]:
    """All answers of a .jsonl file. Raises BadInputError, with file and line, for one that can't be read and for an id
    that stands twice.
    """
    found: dict[str, ForeignAnswer] = {}
    for line in read_lines(path):
        answer = _answer(line)
        if answer.question_id in found:
            raise BadInputError(f"{line.where}: the question_id {answer.question_id} stands twice")
        found[answer.question_id] = answer
    if not found:
        raise BadInputError(f"{path}: there are no answers in it")
    return tuple(found.values())


def split_marks(text: str, passages: int) -> tuple[Statement, ...]:
    """The sentences of a text, each with the marks in it and right behind it; a mark before the first is its own."""
    plain, marks = "", []
    at = 0
    for match in _MARK.finditer(text):
        plain += text[at : match.start()]
        marks += [(len(plain), int(number)) for number in _NUMBER.findall(match[1])]
        at = match.end()
    plain += text[at:]
    spans = sentence_spans(plain)
    numbers: list[list[int]] = [[] for _ in spans]
    for place, number in marks:
        before = [index for index, (start, _) in enumerate(spans) if start < place]
        if spans:
            numbers[before[-1] if before else 0].append(number)
    return tuple(
        _statement(" ".join(plain[start:end].split()), cited, passages)
        for (start, end), cited in zip(spans, numbers, strict=True)
    )


def _statement(text: str, numbers: list[int], passages: int) -> Statement:
    known = [number - 1 for number in numbers if 1 <= number <= passages]
    return Statement(text, tuple(dict.fromkeys(known)), len(numbers) - len(known))


def _answer(line: Line) -> ForeignAnswer:
    gold = next((line.texts(field) for field in ("answers", "gold_answers") if line.has(field)), ())
    statements, passages = _said(line)
    return ForeignAnswer(_name(line), line.text("question"), statements, passages, gold)


def _said(line: Line) -> tuple[tuple[Statement, ...], tuple[Passage, ...]]:
    if line.fields.get("text") == "":
        return (), ()
    if line.has("text"):
        passages = tuple(_passages(line))
        return split_marks(line.text("text"), len(passages)), passages
    if line.has("sentences"):
        return _own(line)
    raise BadInputError(f'{line.where}: text is missing: the answer, with marks such as [1]; "" for none')


def _name(line: Line) -> str:
    value = line.fields.get("question_id")
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else line.text("question_id")


def _passages(line: Line) -> Iterator[Passage]:
    for number, value in enumerate(line.values("passages", "passages") if line.has("passages") else (), start=1):
        where = f"{line.where}: passage {number}"
        inner = Line(where, value if isinstance(value, dict) else {"text": value})
        yield Passage(
            inner.text("text"),
            inner.text("title") if inner.has("title") else None,
            inner.day("date") if inner.has("date") else None,
        )


def _own(line: Line) -> tuple[tuple[Statement, ...], tuple[Passage, ...]]:
    """Sentences as copydesk writes them, each with the quotations it cites."""
    statements: list[Statement] = []
    passages: list[Passage] = []
    for number, value in enumerate(line.values("sentences", "sentences"), start=1):
        inner = Line(f"{line.where}: sentence {number}", value if isinstance(value, dict) else {})
        first = len(passages)
        for citation in inner.values("citations", "citations"):
            cited = Line(f"{inner.where}: citation", citation if isinstance(citation, dict) else {})
            passages.append(
                Passage(
                    cited.text("quote"),
                    cited.text("title") if cited.has("title") else None,
                    cited.day("published") if cited.has("published") else None,
                )
            )
        statements.append(Statement(inner.text("text"), tuple(range(first, len(passages)))))
    return tuple(statements), tuple(passages)
