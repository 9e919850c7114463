"""The golden questions over the sample articles, in two halves.

The frozen half was written before anything was tuned, and is fixed by its hash: it is for reporting, and nothing may be
tuned on it. The open half may be looked at.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Literal, get_args

from eval.answer_metrics import first_rank
from eval.gold_metrics import PARAPHRASED_SHARE, shared_content_words
from eval.lines import Line, read_lines
from eval.records import (
    ANSWERABLE,
    FOLLOW_UP,
    PARAPHRASED,
    UNANSWERABLE,
    AnswerableKind,
    EvalQuestion,
    QuestionKind,
    QuestionSet,
    Span,
    UnanswerableKind,
)
from index.errors import BadInputError
from index.loaders import Skipped, load_paths, sample_paths
from index.records import Article, article_id_for

Half = Literal["frozen", "open"]
HALVES: tuple[Half, ...] = get_args(Half)
GOLDEN = "golden"
FROZEN_SHA256 = "76aceee36b681eb10330a2467ea003b3e24e129be88a344d514f6f93c15ad08a"

_KINDS: tuple[QuestionKind, ...] = (*get_args(AnswerableKind), *get_args(UnanswerableKind))
_UNANSWERABLE: frozenset[str] = frozenset(get_args(UnanswerableKind))
_FIELDS = frozenset("question_id question asked_on kind answers gold dialogue turn whole".split())


def load_golden(name: str = GOLDEN) -> QuestionSet:
    """The questions of "golden", or of one half: "golden:frozen", "golden:open". They bring the sample articles along.

    Raises BadInputError for another name, for a line that can't be read, and for a frozen half that was changed.
    """
    halves = HALVES if name == GOLDEN else tuple(half for half in HALVES if name == f"{GOLDEN}:{half}")
    if not halves:
        raise BadInputError(f"no golden set {name!r}: it can be one of golden, golden:frozen, golden:open")
    articles = read_articles(sample_paths())
    questions: list[EvalQuestion] = []
    for half in halves:
        path = half_path(half)
        if half == "frozen":
            require_frozen(path)
        questions += read_half(path, half, articles)
    dialogues = tuple(question for question in questions if question.dialogue is not None)
    return QuestionSet(name, tuple(questions), tuple(sample_paths()), dialogues)


def half_path(half: Half) -> Path:
    """The file of one half."""
    return Path(str(files("eval").joinpath("golden", f"{half}.jsonl")))


def require_frozen(path: Path) -> None:
    """Raises BadInputError when the file isn't the one that was frozen."""
    try:
        found = sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise BadInputError(f"{path}: can't be read ({error.strerror or error}): install copydesk again") from error
    if found != FROZEN_SHA256:
        raise BadInputError(
            f"{path} was changed after it was frozen, and must never be: what it measured before would mean something "
            "else now. Put the original back; new questions go into open.jsonl"
        )


def read_articles(paths: Sequence[Path]) -> dict[str, Article]:
    """The articles by their id. Raises BadInputError for a file that can't be read as one."""
    articles = {}
    for found in load_paths(paths):
        if isinstance(found, Skipped):
            raise BadInputError(f"{found.where}: {found.reason}")
        articles[found.article_id] = found
    return articles


def read_half(path: Path, half: Half, articles: Mapping[str, Article]) -> tuple[EvalQuestion, ...]:
    """The questions of one file, in its order. Raises BadInputError, naming file and line."""
    questions: list[EvalQuestion] = []
    places: dict[str, str] = {}
    for line in read_lines(path):
        question = _question(line, half, articles)
        earlier = places.setdefault(question.question_id, line.where)
        if earlier != line.where:
            raise BadInputError(f"{line.where}: question_id {question.question_id!r} stands at {earlier} already")
        if (question.turn or 1) > 1 and not _goes_on(questions, question):
            raise BadInputError(f"{line.where}: turn {question.turn} must stand right below the turn before it")
        questions.append(question)
    return tuple(questions)


def _goes_on(before: Sequence[EvalQuestion], question: EvalQuestion) -> bool:
    return bool(before) and (before[-1].dialogue, (before[-1].turn or 0) + 1) == (question.dialogue, question.turn)


def _question(line: Line, half: Half, articles: Mapping[str, Article]) -> EvalQuestion:
    unknown = sorted(set(line.fields) - _FIELDS)
    if unknown:
        raise BadInputError(f"{line.where}: no such field: {', '.join(unknown)}")
    kind = _kind(line)
    gold = tuple(_piece(line, piece, articles) for piece in line.values("gold", "pieces"))
    if bool(gold) == (kind in _UNANSWERABLE):
        raise BadInputError(f"{line.where}: gold must hold sentences for {kind!r}, or be empty if that is unanswerable")
    sentences = [articles[span.article_id].text[span.start : span.end] for piece in gold for span in piece]
    turn, whole = _turn(line)
    question, answers = line.text("question"), line.texts("answers")
    slices: list[str] = [half, ANSWERABLE if gold else UNANSWERABLE, kind]
    if whole is not None:
        slices.append(FOLLOW_UP)
    if gold and shared_content_words(whole or question, sentences) <= PARAPHRASED_SHARE:
        slices.append(PARAPHRASED)
    return EvalQuestion(
        question_id=line.text("question_id"),
        question=question,
        asked_on=line.day("asked_on"),
        gold_answers=answers,
        slices=tuple(slices),
        kind=kind,
        gold=gold,
        dialogue=None if turn is None else line.text("dialogue"),
        turn=turn,
        whole=whole,
        quotable=kind != "yes-no" and first_rank(sentences, answers) is not None,
    )


def _kind(line: Line) -> QuestionKind:
    for kind in _KINDS:
        if kind == line.fields.get("kind"):
            return kind
    raise BadInputError(f"{line.where}: kind is {line.fields.get('kind')!r}; it can be one of: {', '.join(_KINDS)}")


def _turn(line: Line) -> tuple[int | None, str | None]:
    """Which turn of a dialogue it is, and the question asked whole, which the second and later turns have."""
    turn = line.number("turn") if line.has("turn") else None
    if turn is not None and turn < 1:
        raise BadInputError(f"{line.where}: turn is {turn}; the first is 1")
    if line.has("dialogue") != (turn is not None):
        raise BadInputError(f"{line.where}: dialogue and turn go together")
    if line.has("whole") != ((turn or 1) > 1):
        raise BadInputError(f"{line.where}: whole is for the second and later turns of a dialogue, and for all of them")
    return turn, line.text("whole") if line.has("whole") else None


def _piece(line: Line, piece: object, articles: Mapping[str, Article]) -> tuple[Span, ...]:
    if not isinstance(piece, list) or not piece:
        raise BadInputError(f"{line.where}: each piece of gold must be a list of sentences, with one at least")
    return tuple(_span(line, sentence, articles) for sentence in piece)


def _span(line: Line, sentence: object, articles: Mapping[str, Article]) -> Span:
    if not isinstance(sentence, dict):
        raise BadInputError(f"{line.where}: a sentence of gold must be an object with article, start, end and quote")
    fields = Line(f"{line.where}: gold", sentence)
    url, quote = fields.text("article"), fields.text("quote")
    span = Span(article_id_for(url), fields.number("start"), fields.number("end"))
    article = articles.get(span.article_id)
    if article is None:
        raise BadInputError(f"{fields.where}: no sample article {url}")
    if not 0 <= span.start < span.end or article.text[span.start : span.end] != quote:
        raise BadInputError(f"{fields.where}: characters {span.start} to {span.end} of {url} are not the quote")
    return span
