"""What the tests of the eval share: two articles, and an answerer that quotes the sentences that each test names."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any

from index.archive import Archive
from index.passages import make_passages
from index.records import Article, ArticleInfo, Filters, Passage, RetrievedPassage, Sentence, article_id_for, version_of
from index.sentences import split_sentences
from qa.records import Answer, AnswerSentence, Citation, Refusal, Turn, Verdict

DAY = date(2026, 3, 4)
FLOOD = (
    "The river Veld rose to 4.2 metres in Harrow Ford on Monday. Eleven houses were flooded before the evening. "
    "The council voted for a new dam in 2010, and against it last spring. Nobody was hurt, said mayor Ida Brandt."
)
FAIR = "The spring fair drew 3,400 visitors to Marn on Sunday. Its organisers had hoped for twice as many people."


def article(name: str, text: str) -> Article:
    url = f"https://veld.example/{name}"
    return Article(ArticleInfo(article_id_for(url), version_of(text), url, name, None, (), DAY), text)


ARTICLES = {"flood": article("flood", FLOOD), "fair": article("fair", FAIR)}


def sentences_of(name: str) -> tuple[Sentence, ...]:
    return split_sentences(ARTICLES[name], ())


def cited(sentence: Sentence, name: str) -> AnswerSentence:
    citation = Citation(sentence, ARTICLES[name].info, sentence.start, sentence.end)
    return AnswerSentence(sentence.text, (citation,), Verdict("supported", 1.0))


def retrieved(names: Sequence[str]) -> tuple[RetrievedPassage, ...]:
    passages: list[tuple[Passage, ArticleInfo]] = [
        (passage, ARTICLES[name].info) for name in names for passage in make_passages(sentences_of(name))
    ]
    return tuple(
        RetrievedPassage(passage, info, 1.0 / rank, rank, "both") for rank, (passage, info) in enumerate(passages, 1)
    )


def answered(
    name: str, *positions: int, short: str | None = None, ranking: Sequence[str] = ("flood", "fair")
) -> Answer:
    found = sentences_of(name)
    return Answer(
        question="",
        asked_on=DAY,
        sentences=tuple(cited(found[position], name) for position in positions),
        short_answer=short,
        refusal=None,
        passages=retrieved(ranking),
        timings={"search": 2.0, "total": 5.0},
    )


REFUSED = Answer("", DAY, (), None, Refusal("not_answered", "no"), retrieved(("fair", "flood")), timings={"total": 1.0})


class FakeAnswerer:
    """Answers from a table, raises what the table holds to be raised, and remembers what it was asked.

    `forced` are the answers without refusing that are not those with refusing.
    """

    def __init__(
        self,
        archive: Archive,
        answers: Mapping[str, Answer | BaseException],
        forced: Mapping[str, Answer | BaseException] = MappingProxyType({}),
    ) -> None:
        self._archive = archive
        self._answers = answers
        self._forced = {**answers, **forced}
        self.asked: list[tuple[str, date | None, Filters, bool]] = []
        self.histories: dict[str, tuple[str, ...]] = {}

    @property
    def questions(self) -> list[str]:
        """What was asked with refusing."""
        return [question for question, _, _, forced in self.asked if not forced]

    @property
    def archive(self) -> Archive:
        return self._archive

    def ask(
        self,
        question: str,
        *,
        asked_on: date | None = None,
        filters: Filters = Filters(),
        forced: bool = False,
        history: Sequence[Turn] = (),
    ) -> Answer:
        self.histories[question] = tuple(turn.question for turn in history)
        self.asked.append((question, asked_on, filters, forced))
        answer = (self._forced if forced else self._answers)[question]
        if isinstance(answer, BaseException):
            raise answer
        return replace(answer, question=question, asked_on=asked_on or DAY, filters=filters)


def metric(document: Mapping[str, Any], name: str, slice_name: str = "all") -> dict[str, Any]:
    (found,) = [value for value in document["metrics"] if (value["name"], value["slice"]) == (name, slice_name)]
    return dict(found)
