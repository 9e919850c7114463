"""Question sets from files: RealTime QA (Kasai et al., NeurIPS 2023) and plain JSON lines."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
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
        question_set = _load_realtimeqa(Path(name_or_path.removeprefix(_REALTIMEQA)), setting)
    else:
        question_set = _load_plain(Path(name_or_path), setting, default_asked_on or date.today())
    questions = question_set.questions
    if ids_file is not None:
        questions = _keep_listed(questions, ids_file)
    if limit is not None:
        questions = _draw(questions, limit, seed)
    return replace(question_set, questions=questions)


def _load_realtimeqa(folder: Path, setting: Setting) -> QuestionSet:
    questions_file, articles, headline_file = (
        folder / name for name in ("questions.jsonl", "articles.jsonl.gz", "headline_ids.txt")
    )
    for path in (questions_file, articles, headline_file):
        if not path.is_file():
            raise BadInputError(f"{folder}: no {path.name} in it; a RealTime QA folder has one")
    headline = frozenset(_ids_of(headline_file))
    questions = _without_duplicates(questions_file, lambda line: _realtimeqa_question(line, headline, setting))
    _refuse_unknown(headline, questions, headline_file)
    return QuestionSet(_REALTIMEQA + folder.resolve().name, questions, (articles,))


def _realtimeqa_question(line: _Line, headline: Collection[str], setting: Setting) -> EvalQuestion:
    question_id = _text(line, "question_id")
    return EvalQuestion(
        question_id=question_id,
        question=_text(line, "question"),
        asked_on=_day(line, "question_date"),
        gold_answers=(_checked_choice(line),),
        article_ids=_article_ids(line, "retrieved_urls") if setting == "given" else None,
        slices=("headline" if question_id in headline else "rest",),
    )


def _checked_choice(line: _Line) -> str:
    """The gold answer, after making sure that it is the choice that `answer_index`, counted from 0, points at."""
    answer, choices, index = _text(line, "answer"), _texts(line, "choices"), line.fields.get("answer_index")
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
    questions = _without_duplicates(path, lambda line: _plain_question(line, setting, default_asked_on))
    return QuestionSet(path.name.removesuffix(".jsonl"), questions)


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


def _without_duplicates(path: Path, read: Callable[[_Line], EvalQuestion]) -> tuple[EvalQuestion, ...]:
    seen: dict[str, str] = {}
    questions = []
    for line in _lines(path):
        question = read(line)
        earlier = seen.setdefault(question.question_id, line.where)
        if earlier != line.where:
            raise BadInputError(f"{line.where}: question_id {question.question_id!r} stands at {earlier} already")
        questions.append(question)
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


def _keep_listed(questions: Sequence[EvalQuestion], ids_file: Path) -> tuple[EvalQuestion, ...]:
    wanted = frozenset(_ids_of(ids_file))
    if not wanted:
        raise BadInputError(f"{ids_file}: no question id in it")
    _refuse_unknown(wanted, questions, ids_file)
    return tuple(question for question in questions if question.question_id in wanted)


def _refuse_unknown(ids: Collection[str], questions: Sequence[EvalQuestion], source: Path) -> None:
    unknown = sorted(set(ids) - {question.question_id for question in questions})
    if unknown:
        shown = ", ".join(unknown[:3]) + (" and others" if len(unknown) > 3 else "")
        raise BadInputError(f"{source}: no such question in the set: {shown}")


def _draw(questions: Sequence[EvalQuestion], limit: int, seed: int) -> tuple[EvalQuestion, ...]:
    def lot(question: EvalQuestion) -> bytes:
        return sha256(f"{seed}:{question.question_id}".encode()).digest()

    drawn = {question.question_id for question in sorted(questions, key=lot)[:limit]}
    return tuple(question for question in questions if question.question_id in drawn)
