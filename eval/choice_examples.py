"""What the weights of sentence choice are fitted and measured on: for each question the features of the sentences
read, and which of them answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from eval.answer_metrics import contains_answer
from eval.records import EvalQuestion
from index.records import Passage, RetrievedPassage
from index.search import HybridSearch, Query
from qa.evidence import AskedQuestion, Candidates, Features, gather
from qa.period import find_period
from qa.reader import Reader
from qa.records import Citation

PASSAGES_READ = 20
PASSAGES_RETRIEVED = 200

Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class Example:
    """One question: the features of the n sentences read, shape (n, f), which of them answer, (n,), and the place of
    each one's passage, (n,).

    `telling`, (n,), says which sentences stand in a passage that answers. `without`, shape (m, f), are the features
    of the sentences read when the articles that answer are left out. Nothing answers an `unanswerable` question.
    """

    features: Features
    answers: Flags
    passage_of: np.ndarray[tuple[int], np.dtype[np.int64]]
    telling: Flags
    without: Features
    unanswerable: bool = False

    @property
    def besides(self) -> Features:
        """The features of the other sentences read: on the subject, and without the answer."""
        return self.features[~self.telling]


def collect(
    search: HybridSearch,
    reader: Reader,
    questions: Sequence[EvalQuestion],
    advance: Callable[[], object] = lambda: None,
    *,
    leave_out: bool = True,
) -> list[Example]:
    """One example a question, in their order; without `leave_out`, nothing is read for their `without`."""
    examples = []
    for question in questions:
        advance()
        found = search.search(Query(question.question, limit=PASSAGES_RETRIEVED))
        asked = AskedQuestion(question.question, question.asked_on, find_period(question.question, question.asked_on))
        read = _read(asked, found, reader)
        unanswerable = question.gold == ()
        others = Candidates((), read.features[:0], (), read.passage_of[:0])
        if leave_out and not unanswerable:
            others = _read(asked, _without_answer(found, question), reader)
        telling = np.asarray([_passage_answers(one.passage, question) for one in found[:PASSAGES_READ]], dtype=bool)
        examples.append(
            Example(
                features=read.features,
                answers=np.asarray([_answers(citation, question) for citation in read.citations], dtype=bool),
                passage_of=read.passage_of,
                telling=telling[read.passage_of],
                without=others.features,
                unanswerable=unanswerable,
            )
        )
    return examples


def _read(asked: AskedQuestion, found: Sequence[RetrievedPassage], reader: Reader) -> Candidates:
    read = found[:PASSAGES_READ]
    return gather(asked, read, reader.read(asked.text, read))


def _without_answer(found: Sequence[RetrievedPassage], question: EvalQuestion) -> list[RetrievedPassage]:
    """The passages of articles that were not given for the question and don't answer it, ranked anew."""
    telling = {passage.article.article_id for passage in found if _passage_answers(passage.passage, question)}
    given = set(question.article_ids or ())
    kept = [passage for passage in found if passage.article.article_id not in telling | given]
    return [replace(passage, rank=rank) for rank, passage in enumerate(kept, start=1)]


def _passage_answers(passage: Passage, question: EvalQuestion) -> bool:
    """By its gold sentences where they are known, and by the words of the answer."""
    if any(_is_gold(one.article_id, one.start, one.end, question) for one in passage.sentences):
        return True
    return question.quotable and _holds_gold(passage.text, question)


def _answers(citation: Citation, question: EvalQuestion) -> bool:
    """Its place decides where the gold sentences are known, otherwise the words of the answer in it."""
    if question.gold is not None:
        return _is_gold(citation.sentence.article_id, citation.quote_start, citation.quote_end, question)
    return _holds_gold(citation.quote, question)


def _is_gold(article_id: str, start: int, end: int, question: EvalQuestion) -> bool:
    return any(
        span.article_id == article_id and span.start < end and start < span.end
        for piece in question.gold or ()
        for span in piece
    )


def _holds_gold(text: str, question: EvalQuestion) -> bool:
    return any(contains_answer(text, gold) for gold in question.gold_answers)
