"""Training questions written on news articles (eval/training/news_questions.jsonl), as groups of passages."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

from eval.answer_metrics import contains_answer
from eval.lines import Line, read_lines
from eval.reader_data import Bm25, Example, Group
from eval.records import ANSWERABLE, UNANSWERABLE, EvalQuestion, Span
from index.errors import BadInputError
from index.furniture import find_furniture
from index.passages import make_passages
from index.records import Article, Passage, Sentence, article_id_for
from index.sentences import split_sentences
from qa.reader import head_of

# The writers were shown this many sentences of an article: what stands later may answer as well.
SENTENCES_SHOWN = 30
# One article in so many is kept for thresholds and calibration.
HELD_OUT_ONE_IN = 6
# Kinds that an article on the same subject, but another one, can't turn into answerable questions.
_ON_ITS_OWN_WORDS = ("false-premise", "wrong-date", "wrong-person", "wrong-place")

# Kinds of answerable questions that the eval has under another name.
_KINDS = {"yes": "yes-no", "no": "yes-no", "follow": "single"}
# A held-out question is asked less than so many days after its article.
DAYS_AFTER = 15

_Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class WrittenQuestion:
    """A question on one version of an article. `gold` holds, for each thing that a full answer needs, the sentences
    any of which says it, as characters of the article; it is empty where nothing answers. `answer` are the characters
    of the short answer.
    """

    question: str
    kind: str
    article_id: str
    version: str
    gold: tuple[tuple[_Place, ...], ...]
    answer: _Place | None

    @property
    def sentences(self) -> frozenset[_Place]:
        """Every sentence that says something asked for."""
        return frozenset(place for piece in self.gold for place in piece)

    @property
    def held_out(self) -> bool:
        """Whether its article is one of those kept for thresholds and calibration."""
        return int(self.article_id, 16) % HELD_OUT_ONE_IN == 0


def load_written() -> tuple[WrittenQuestion, ...]:
    """All of them, in the file's order."""
    source = files("eval").joinpath("training", "news_questions.jsonl")
    return tuple(_question(line) for line in read_lines(Path(str(source))))


def _question(line: Line) -> WrittenQuestion:
    pieces = line.values("gold", "lists of sentences")
    return WrittenQuestion(
        question=line.text("question"),
        kind=line.text("kind"),
        article_id=article_id_for(line.text("article")),
        version=line.text("version"),
        gold=tuple(tuple(_place(place, line) for place in _list(piece, line)) for piece in pieces),
        answer=_place(line.fields["answer"], line) if line.has("answer") else None,
    )


def _list(value: object, line: Line) -> list[object]:
    if not isinstance(value, list):
        raise BadInputError(f"{line.where}: gold must be lists of [start, end]")
    return value


def _place(value: object, line: Line) -> _Place:
    match value:
        case [int(start), int(end)] if 0 <= start < end:
            return start, end
    raise BadInputError(f"{line.where}: {value!r} is no [start, end]")


def written(
    questions: Sequence[WrittenQuestion], articles: Sequence[Article], seed: int, negatives: int
) -> Iterator[Group]:
    """Each question with the passages that answer it, up to `negatives` others of its own article and as many of
    other articles that a search takes for near. A question whose article isn't there in its version is left out.
    """
    lot = random.Random(seed)
    by_id = {article.article_id: article for article in articles}
    passages = {article.article_id: _passages(article) for article in articles}
    every = [(one, passage) for one in articles for passage in passages[one.article_id]]
    near = Bm25([f"{article.info.title or ''} {passage.text}" for article, passage in every])
    for question in questions:
        article = by_id.get(question.article_id)
        if article is None or article.version != question.version:
            continue
        own = [one for one in passages[question.article_id] if one.sentences[0].position < SENTENCES_SHOWN]
        right = [one for one in own if any(_place_of(s) in question.sentences for s in one.sentences)]
        if question.gold and not right:
            continue
        beside = [one for one in own if one not in right]
        strange = [every[place] for place in near.nearest(question.question, 8 + 3 * negatives)]
        away = [pair for pair in strange if pair[0] is not article and _cannot_answer(question, article, pair[1])]
        yield (
            *(_example(question, article, passage) for passage in right[:3]),
            *(_example(question, article, one) for one in lot.sample(beside, min(negatives, len(beside)))),
            *(
                _example(question, other, passage)
                for other, passage in lot.sample(away[: 2 * negatives], min(negatives, len(away[: 2 * negatives])))
            ),
        )


def _passages(article: Article) -> tuple[Passage, ...]:
    return make_passages(split_sentences(article, find_furniture(article.text, article.info.title)))


def _place_of(sentence: Sentence) -> _Place:
    return sentence.start, sentence.end


def _cannot_answer(question: WrittenQuestion, article: Article, passage: Passage) -> bool:
    """Whether a passage of another article is known not to answer: by the answer's words, or by the question's own."""
    if question.answer is not None:
        return not contains_answer(passage.text, article.text[slice(*question.answer)])
    return question.kind in _ON_ITS_OWN_WORDS


def _example(question: WrittenQuestion, article: Article, passage: Passage) -> Example:
    texts = tuple(sentence.text for sentence in passage.sentences)
    relevant = frozenset(number for number, one in enumerate(passage.sentences) if _place_of(one) in question.sentences)
    unseen = frozenset(
        number
        for number, one in enumerate(passage.sentences)
        if one.article_id == question.article_id and one.position >= SENTENCES_SHOWN
    )
    span = None
    if question.answer is not None:
        start, end = question.answer
        for number in sorted(relevant):
            sentence = passage.sentences[number]
            if sentence.start <= start and end <= sentence.end:
                span = (number, start - sentence.start, end - sentence.start)
    return Example(question.question, head_of(article.info), texts, relevant, unseen - relevant, span)


def held_out_questions(articles: Sequence[Article]) -> tuple[EvalQuestion, ...]:
    """The questions on held-out articles, as the eval asks them: some days after the article."""
    by_id = {article.article_id: article for article in articles}
    found = []
    for number, question in enumerate(load_written(), start=1):
        article = by_id.get(question.article_id)
        if question.held_out and article is not None and article.version == question.version:
            found.append(_asked(f"written-{number:04}", question, article))
    return tuple(found)


def _asked(question_id: str, question: WrittenQuestion, article: Article) -> EvalQuestion:
    published = article.info.published or date.today()
    kind = _KINDS.get(question.kind, question.kind)
    answer = () if question.answer is None else (article.text[slice(*question.answer)],)
    return EvalQuestion(
        question_id=question_id,
        question=question.question,
        asked_on=published + timedelta(days=int(question.article_id, 16) % DAYS_AFTER),
        gold_answers=answer,
        slices=(ANSWERABLE if question.gold else UNANSWERABLE, kind),
        gold=tuple(tuple(Span(question.article_id, *place) for place in piece) for piece in question.gold),
        quotable=bool(answer),
    )
