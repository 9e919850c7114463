"""Shares and differences of what was found, worked out by hand; and what is put to the systems."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from eval.bench_quality import DENSE, LEXICAL, OURS, STOCK, OwnRetriever, QuestionResult, quality, search_all
from eval.bench_records import RetrievedText
from eval.records import EvalQuestion, Span
from index.records import Article
from index.search import HybridSearch
from index.vectors import VectorIndex
from tests.support import FakeEmbedder, make_archive, make_article

DAY = date(2026, 4, 20)


def result(question_id: str, ours: int | None, stock: int | None, *slices: str) -> QuestionResult:
    return QuestionResult(question_id, slices, {OURS: ours, LEXICAL: ours, DENSE: None, STOCK: stock})


RESULTS = [
    result("1", 10, 300, "headline"),
    result("2", 100, None, "headline"),
    result("3", 101, 50, "headline"),
    result("4", None, None, "rest"),
    QuestionResult("5", ("rest",), None),
]


def of(values: Sequence[dict[str, Any]], **labels: object) -> dict[str, Any]:
    (found,) = [one for one in values if all(one[name] == value for name, value in labels.items())]
    return found


def test_a_budget_is_met_by_no_more_words_than_it_has() -> None:
    found = quality(RESULTS, 100, seed=0)
    assert found["budgets"] == [50, 100, 200, 400]
    shares = found["shares"]
    assert of(shares, slice="headline", words=100, system=OURS)["value"] == pytest.approx(2 / 3)
    assert of(shares, slice="headline", words=200, system=OURS)["value"] == 1
    assert of(shares, slice="headline", words=100, system=STOCK)["value"] == pytest.approx(1 / 3)
    assert of(shares, slice="headline", words=400, system=STOCK)["value"] == pytest.approx(2 / 3)
    assert of(shares, slice="headline", words=400, system=DENSE)["value"] == 0


def test_a_question_without_gold_is_in_no_share() -> None:
    everything = of(quality(RESULTS, 100, seed=0)["shares"], slice="all", words=100, system=OURS)
    assert (everything["n"], everything["unscorable"], everything["value"]) == (4, 1, 0.5)


def test_the_difference_is_ours_less_stock_question_by_question() -> None:
    difference = of(quality(RESULTS, 100, seed=0)["differences"], slice="headline", words=100)
    assert difference["difference"] == pytest.approx(1 / 3)
    assert (difference["only_b"], difference["only_a"]) == (2, 1)
    assert (difference["a"], difference["b"]) == (1 / 3, 2 / 3)
    # Of the eight ways to swap three questions, all leave a difference of at least one third.
    assert difference["p"] == 1
    assert difference["low"] <= 1 / 3 <= difference["high"]


def test_a_slice_where_nothing_can_be_scored_is_measured_by_none() -> None:
    found = quality([QuestionResult("5", ("rest",), None)], 100, seed=0)
    assert [one for one in found["shares"] if one["slice"] == "rest"] == []
    assert of(found["differences"], slice="rest", words=100)["difference"] is None


class Given:
    """Gives back the same texts for every question, and remembers what was asked."""

    def __init__(self, *texts: RetrievedText) -> None:
        self.texts = texts
        self.asked: list[str] = []

    def retrieve(self, question: EvalQuestion) -> Sequence[RetrievedText]:
        self.asked.append(question.question_id)
        return self.texts


class Source:
    def __init__(self, article: Article) -> None:
        self._article = article

    def article(self, article_id: str, version: str | None = None) -> Article:
        assert article_id == self._article.article_id
        return self._article

    def versions(self, article_id: str) -> list[str]:
        return [self._article.version]


def test_gold_sentences_are_looked_for_where_they_are_known_else_the_answer() -> None:
    article = make_article("The river rose. Eleven houses were flooded. Nobody was hurt.")
    here = article.article_id
    span = Span(here, 16, 44)
    assert article.text[span.start : span.end] == "Eleven houses were flooded. "
    questions = [
        EvalQuestion("by answer", "How many?", DAY, ("eleven",)),
        EvalQuestion("by sentence", "How many?", DAY, ("eleven",), gold=((Span(here, 0, 15), span),)),
        EvalQuestion("unanswerable", "Who?", DAY, (), gold=()),
        EvalQuestion("nothing known", "Who?", DAY),
    ]
    system = Given(RetrievedText("x", "There were eleven."), RetrievedText(here, "Eleven houses were flooded. Nobody"))
    results = search_all(questions, {OURS: system}, Source(article))
    assert [one.words and one.words[OURS] for one in results] == [3, 7, None, None]
    assert system.asked == ["by answer", "by sentence"]


def test_ours_finds_what_answering_would_and_a_follow_up_is_asked_whole(tmp_path: Path) -> None:
    articles = [
        make_article("The ferry sails twice a day. A ticket costs 14 crowns.", "https://veld.example/ferry"),
        make_article("The museum keeps the bell. It is 600 years old.", "https://veld.example/bell"),
    ]
    embedder = FakeEmbedder()
    archive = make_archive(tmp_path, articles, embedder)
    vectors = VectorIndex(archive)
    retriever = OwnRetriever(HybridSearch(archive, vectors, embedder), "lexical")
    question = EvalQuestion("2", "And how old is it?", DAY, whole="How old is the museum's bell?")
    first = retriever.retrieve(question)[0]
    assert first == RetrievedText(articles[1].article_id, "The museum keeps the bell. It is 600 years old.")
    vectors.close()
    archive.close()
