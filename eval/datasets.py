"""Question sets from files: RealTime QA (Kasai et al., NeurIPS 2023) and plain JSON lines."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Literal

from eval.records import EvalQuestion, QuestionSet
from index.errors import BadInputError
from index.records import article_id_for

Setting = Literal["given", "archive"]

_REALTIMEQA = "realtimeqa:"


@dataclass(frozen=True, slots=True)
class _Line:
    """One JSON object of a file, and where it stands, for messages."""

    where: str
    fields: Mapping[str, object]


def load_question_set(
    name_or_path: str,
    setting: Setting = "archive",
    *,
    limit: int | None = None,
    seed: int = 0,
    ids_file: Path | None = None,
    default_asked_on: date | None = None,
) -> QuestionSet:
    """The questions of `realtimeqa:FOLDER` or of a .jsonl file, in the file's order.

    With the setting "given" a question may use its own articles only, with "archive" all of them. `ids_file` keeps
    the ids that it lists, one a line; `limit` then keeps that many, drawn by `seed` (a smaller draw is part of a
    larger one). `default_asked_on`, or today, dates the questions of a plain file that carry no date.

    Raises BadInputError, naming file and line, for anything that can't be read as a question.
    """
    if limit is not None and limit < 1:
        raise BadInputError(f"a limit of {limit} leaves no question: give 1 or more")
    if name_or_path.startswith(_REALTIMEQA):
        question_set, source_ids = _load_realtimeqa(Path(name_or_path.removeprefix(_REALTIMEQA)), setting)
    else:
        question_set = _load_plain(Path(name_or_path), setting, default_asked_on or date.today())
        source_ids = tuple(question.question_id for question in question_set.questions)
    questions = question_set.questions
    if ids_file is not None:
        questions = _keep_listed(questions, source_ids, ids_file)
    if limit is not None:
        questions = _draw(questions, limit, seed)
    return replace(question_set, questions=questions)


def _load_realtimeqa(folder: Path, setting: Setting) -> tuple[QuestionSet, tuple[str, ...]]:
    """The set, and each question's id as the file has it.

    The published files use some ids again: ten questions of 2023 stand twice, and two different ones share an id.
    Every line is a question here, and an id's second use gets "#2" appended.
    """
    path, articles, headline_file = (
        folder / name for name in ("questions.jsonl", "articles.jsonl.gz", "headline_ids.txt")
    )
    for needed in (path, articles, headline_file):
        if not needed.is_file():
            raise BadInputError(f"{folder}: no {needed.name} in it; a RealTime QA folder has one")
    lines = tuple(_lines(path))
    ids = tuple(_text(line, "question_id") for line in lines)
    headline = _places(_ids_of(headline_file), ids, headline_file)
    uses: Counter[str] = Counter()
    questions = []
    for place, (line, question_id) in enumerate(zip(lines, ids, strict=True)):
        uses[question_id] += 1
        own_id = question_id if uses[question_id] == 1 else f"{question_id}#{uses[question_id]}"
        questions.append(_realtimeqa_question(line, own_id, "headline" if place in headline else "rest", setting))
    return QuestionSet(_REALTIMEQA + folder.resolve().name, _not_empty(questions, path), (articles,)), ids


def _places(listed: Sequence[str], ids: Sequence[str], source: Path) -> frozenset[int]:
    """Which lines a list means that is in the lines' own order; an id used twice is told apart by that alone."""
    places: list[int] = []
    for question_id in listed:
        after = places[-1] + 1 if places else 0
        try:
            places.append(ids.index(question_id, after))
        except ValueError:
            raise BadInputError(
                f"{source}: {question_id} is no question, or is listed in another order than questions.jsonl has"
            ) from None
    return frozenset(places)


def _realtimeqa_question(line: _Line, question_id: str, slice_name: str, setting: Setting) -> EvalQuestion:
    return EvalQuestion(
        question_id=question_id,
        question=_text(line, "question"),
        asked_on=_day(line, "question_date"),
        gold_answers=(_checked_choice(line),),
        article_ids=_article_ids(line, "retrieved_urls") if setting == "given" else None,
        slices=(slice_name,),
    )


def _checked_choice(line: _Line) -> str:
    """The gold answer, after making sure that it is the choice that `answer_index`, counted from 0, points at."""
    answer, choices, index = _text(line, "answer"), line.fields.get("choices"), line.fields.get("answer_index")
    if not isinstance(choices, list):  # of anything: a wrong choice may well be blank, and some are
        raise BadInputError(f"{line.where}: choices must be a list")
    if isinstance(index, bool) or not isinstance(index, int):
        raise BadInputError(f"{line.where}: answer_index must be a whole number")
    if 0 <= index < len(choices) and choices[index] == answer:
        return answer
    hint = ""
    if 1 <= index <= len(choices) and choices[index - 1] == answer:
        hint = "; choice number " + str(index) + " is, so the index may be counted from 1: it must be counted from 0"
    raise BadInputError(f"{line.where}: the choice at answer_index {index} is not the answer{hint}")


def _load_plain(path: Path, setting: Setting, default_asked_on: date) -> QuestionSet:
    if not path.is_file():
        raise BadInputError(f"no question set {path}: give realtimeqa:FOLDER or a .jsonl file of questions")
    seen: dict[str, str] = {}
    questions = []
    for line in _lines(path):
        question = _plain_question(line, setting, default_asked_on)
        earlier = seen.setdefault(question.question_id, line.where)
        if earlier != line.where:
            raise BadInputError(f"{line.where}: question_id {question.question_id!r} stands at {earlier} already")
        questions.append(question)
    return QuestionSet(path.name.removesuffix(".jsonl"), _not_empty(questions, path))


def _plain_question(line: _Line, setting: Setting, default_asked_on: date) -> EvalQuestion:
    given = "article_urls" in line.fields
    if setting == "given" and not given:
        raise BadInputError(f"{line.where}: no article_urls, which the setting 'given' needs; or use 'archive'")
    return EvalQuestion(
        question_id=_text(line, "question_id"),
        question=_text(line, "question"),
        asked_on=_day(line, "asked_on") if line.fields.get("asked_on") is not None else default_asked_on,
        gold_answers=_texts(line, "answers") if line.fields.get("answers") is not None else (),
        article_ids=_article_ids(line, "article_urls") if setting == "given" else None,
    )


def _not_empty(questions: Sequence[EvalQuestion], path: Path) -> tuple[EvalQuestion, ...]:
    if not questions:
        raise BadInputError(f"{path}: no question in it")
    return tuple(questions)


def _lines(path: Path) -> Iterator[_Line]:
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file, start=1):
                if raw.strip():
                    where = f"{path}:{number}"
                    yield _Line(where, _object(raw, where))
    except OSError as error:
        raise BadInputError(f"{path}: can't be read ({error.strerror or error})") from error


def _object(raw: bytes, where: str) -> Mapping[str, object]:
    try:
        value = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadInputError(f"{where}: not UTF-8 text") from error
    except (ValueError, RecursionError) as error:
        raise BadInputError(f"{where}: not valid JSON ({error})") from error
    if not isinstance(value, dict):
        raise BadInputError(f"{where}: a JSON object is expected, with question_id and question")
    return value


def _text(line: _Line, field: str) -> str:
    return _checked_text(line, field, line.fields.get(field))


def _texts(line: _Line, field: str) -> tuple[str, ...]:
    values = line.fields.get(field)
    if not isinstance(values, list):
        raise BadInputError(f"{line.where}: {field} must be a list of texts")
    return tuple(_checked_text(line, field, value) for value in values)


def _checked_text(line: _Line, field: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise BadInputError(f"{line.where}: {field} is missing, blank or no text")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise BadInputError(f"{line.where}: {field} holds half a surrogate pair, which is no character")
    return value


def _day(line: _Line, field: str) -> date:
    text = _text(line, field)
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError as error:
        raise BadInputError(f"{line.where}: {field} is {text!r}; a date such as 2023-01-05 is expected") from error


def _article_ids(line: _Line, field: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(article_id_for(url) for url in _texts(line, field)))


def _ids_of(path: Path) -> tuple[str, ...]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"{path}: can't be read as a list of question ids ({error})") from error
    return tuple(line.strip() for line in lines if line.strip())


def _keep_listed(
    questions: Sequence[EvalQuestion], source_ids: Sequence[str], ids_file: Path
) -> tuple[EvalQuestion, ...]:
    """The questions whose id is listed, as the file has it or as it is here."""
    wanted = frozenset(_ids_of(ids_file))
    if not wanted:
        raise BadInputError(f"{ids_file}: no question id in it")
    unknown = sorted(wanted - {question.question_id for question in questions} - frozenset(source_ids))
    if unknown:
        shown = ", ".join(unknown[:3]) + (" and others" if len(unknown) > 3 else "")
        raise BadInputError(f"{ids_file}: no such question in the set: {shown}")
    return tuple(
        question
        for question, source_id in zip(questions, source_ids, strict=True)
        if not wanted.isdisjoint((question.question_id, source_id))
    )


def _draw(questions: Sequence[EvalQuestion], limit: int, seed: int) -> tuple[EvalQuestion, ...]:
    def lot(question: EvalQuestion) -> bytes:
        return sha256(f"{seed}:{question.question_id}".encode()).digest()

    drawn = {question.question_id for question in sorted(questions, key=lot)[:limit]}
    return tuple(question for question in questions if question.question_id in drawn)
