"""Question sets: the golden one, RealTime QA (Kasai et al., NeurIPS 2023) and plain JSON lines."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Literal

from eval.answer_metrics import first_rank
from eval.golden_set import GOLDEN, load_golden
from eval.lines import Line, read_lines
from eval.plain_gold import Pieces, quotes_of, read_gold, slices_of, spans_of
from eval.records import EvalQuestion, MultipleChoice, QuestionSet
from eval.written_questions import held_out_questions
from index.errors import BadInputError
from index.loaders import load_paths
from index.records import Article, article_id_for

Setting = Literal["given", "archive"]

_REALTIMEQA = "realtimeqa:"
_WRITTEN = "written:"
NONE_OF_THE_ABOVE = "None of the above"


def load_question_set(
    name_or_path: str,
    setting: Setting = "archive",
    *,
    limit: int | None = None,
    seed: int = 0,
    ids_file: Path | None = None,
    default_asked_on: date | None = None,
) -> QuestionSet:
    """The questions of `golden`, `golden:frozen`, `golden:open`, `realtimeqa:FOLDER`, `written:FOLDER` (those of
    eval/training on the articles of a RealTime QA folder that were held out of training) or of a .jsonl file, in order.

    With the setting "given" a question may use its own articles only, with "archive" all of them. `ids_file` keeps
    the ids that it lists, one a line; `limit` then keeps that many, drawn by `seed` (a smaller draw is part of a
    larger one). `default_asked_on`, or today, dates the questions of a plain file that carry no date.

    Raises BadInputError, naming file and line, for anything that can't be read as a question.
    """
    if limit is not None and limit < 1:
        raise BadInputError(f"a limit of {limit} leaves no question: give 1 or more")
    question_set, source_ids = _load(name_or_path, setting, default_asked_on or date.today())
    questions = question_set.questions
    if ids_file is not None:
        questions = _keep_listed(questions, source_ids, ids_file)
    if limit is not None:
        questions = _draw(questions, limit, seed)
    kept = {question.question_id for question in questions}
    quotes = tuple(one for one in question_set.quotes if one.question_id in kept)
    return replace(question_set, questions=questions, quotes=quotes)


def _load(name_or_path: str, setting: Setting, default_asked_on: date) -> tuple[QuestionSet, tuple[str, ...]]:
    """The set, and each question's id as its file has it."""
    if name_or_path.startswith(_REALTIMEQA):
        return _load_realtimeqa(Path(name_or_path.removeprefix(_REALTIMEQA)), setting)
    if name_or_path == GOLDEN or name_or_path.startswith((f"{GOLDEN}:", _WRITTEN)):
        if setting == "given":
            raise BadInputError(f"the questions of {name_or_path} have no given articles: use the setting 'archive'")
        if name_or_path.startswith(_WRITTEN):
            question_set = _load_written(Path(name_or_path.removeprefix(_WRITTEN)))
        else:
            question_set = load_golden(name_or_path)
    else:
        question_set = _load_plain(Path(name_or_path), setting, default_asked_on)
    return question_set, tuple(question.question_id for question in question_set.questions)


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
    lines = tuple(read_lines(path))
    ids = tuple(line.text("question_id") for line in lines)
    headline = _places(_ids_of(headline_file), ids, headline_file)
    uses: Counter[str] = Counter()
    questions = []
    for place, (line, question_id) in enumerate(zip(lines, ids, strict=True)):
        uses[question_id] += 1
        own_id = question_id if uses[question_id] == 1 else f"{question_id}#{uses[question_id]}"
        questions.append(_realtimeqa_question(line, own_id, "headline" if place in headline else "rest", setting))
    return QuestionSet(_REALTIMEQA + folder.resolve().name, _not_empty(questions, path), (articles,)), ids


def _load_written(folder: Path) -> QuestionSet:
    path = folder / "articles.jsonl.gz"
    if not path.is_file():
        raise BadInputError(f"{folder}: no {path.name} in it; a RealTime QA folder has one")
    articles = [article for article in load_paths([path]) if isinstance(article, Article)]
    name = _WRITTEN + folder.resolve().name
    return QuestionSet(name, _not_empty(held_out_questions(articles), path), (path,))


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


def _realtimeqa_question(line: Line, question_id: str, slice_name: str, setting: Setting) -> EvalQuestion:
    return EvalQuestion(
        question_id=question_id,
        question=line.text("question"),
        asked_on=line.day("question_date"),
        gold_answers=(_checked_choice(line, "choices", "answer_index", line.text("answer")),),
        article_ids=_article_ids(line, "retrieved_urls") if setting == "given" else None,
        slices=(slice_name,),
        choices=_multiple_choice(line, "choices", "answer_index"),
        choices_with_none=_choices_with_none(line),
    )


def _multiple_choice(line: Line, choices: str, index: str) -> MultipleChoice:
    return MultipleChoice(line.choices(choices), line.number(index))


def _choices_with_none(line: Line) -> MultipleChoice | None:
    """The question's choices with "None of the above"; None where the line has none such."""
    if not line.has("nota_choices"):
        return None
    found = _multiple_choice(line, "nota_choices", "nota_answer_index")
    if found.options.count(NONE_OF_THE_ABOVE) != 1:
        raise BadInputError(f"{line.where}: nota_choices must hold {NONE_OF_THE_ABOVE!r} once")
    answer = line.text("answer")
    _checked_choice(line, "nota_choices", "nota_answer_index", answer if answer in found.options else NONE_OF_THE_ABOVE)
    return found


def _checked_choice(line: Line, choices_field: str, index_field: str, answer: str) -> str:
    """The gold answer, after making sure that it is the choice that the index, counted from 0, points at."""
    # Choices of anything: a wrong one may well be blank, and some are.
    choices, index = line.values(choices_field, "choices"), line.number(index_field)
    if 0 <= index < len(choices) and choices[index] == answer:
        return answer
    hint = ""
    if 1 <= index <= len(choices) and choices[index - 1] == answer:
        hint = "; choice number " + str(index) + " is, so the index may be counted from 1: it must be counted from 0"
    raise BadInputError(f"{line.where}: the choice at {index_field} {index} is not the answer{hint}")


def _load_plain(path: Path, setting: Setting, default_asked_on: date) -> QuestionSet:
    if not path.is_file():
        raise BadInputError(f"no question set {path}: give golden, realtimeqa:FOLDER or a .jsonl file of questions")
    seen: dict[str, str] = {}
    questions, gold = [], []
    for line in read_lines(path):
        pieces = read_gold(line)
        gold.append(pieces)
        question = _plain_question(line, pieces, setting, default_asked_on)
        earlier = seen.setdefault(question.question_id, line.where)
        if earlier != line.where:
            raise BadInputError(f"{line.where}: question_id {question.question_id!r} stands at {earlier} already")
        questions.append(question)
    name = path.name.removesuffix(".jsonl")
    return QuestionSet(name, _not_empty(questions, path), quotes=quotes_of(gold))


def _plain_question(line: Line, gold: Pieces | None, setting: Setting, default_asked_on: date) -> EvalQuestion:
    given = "article_urls" in line.fields
    if setting == "given" and not given:
        raise BadInputError(f"{line.where}: no article_urls, which the setting 'given' needs; or use 'archive'")
    question = line.text("question")
    answers = line.texts("answers") if line.has("answers") else ()
    quotes = [one.quote for piece in gold or () for one in piece]
    return EvalQuestion(
        question_id=line.text("question_id"),
        question=question,
        asked_on=line.day("asked_on") if line.has("asked_on") else default_asked_on,
        gold_answers=answers,
        article_ids=_article_ids(line, "article_urls") if setting == "given" else None,
        slices=() if gold is None else slices_of(question, gold),
        gold=None if gold is None else spans_of(gold),
        # An answer that no gold sentence holds word for word would only be found by luck.
        quotable=not quotes or first_rank(quotes, answers) is not None,
    )


def _not_empty(questions: Sequence[EvalQuestion], path: Path) -> tuple[EvalQuestion, ...]:
    if not questions:
        raise BadInputError(f"{path}: no question in it")
    return tuple(questions)


def _article_ids(line: Line, field: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(article_id_for(url) for url in line.texts(field)))


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
