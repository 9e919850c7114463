"""Features of sentences, against numbers worked out by hand, over a stand-in reader."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.records import Article, FoundBy, Passage, RetrievedPassage, Sentence
from qa.evidence import FEATURE_NAMES, AskedQuestion, Candidates, distinct_citations, gather
from qa.reader import Reading
from qa.records import Period, Span
from tests.support import FakeReader, make_article

ASKED_ON = date(2026, 4, 2)


def found(
    article: Article, *texts: str, rank: int = 1, found_by: FoundBy = "both", cosine: float | None = 0.25
) -> RetrievedPassage:
    sentences, at = [], 0
    for position, text in enumerate(texts):
        at = article.text.index(text, at)
        sentences.append(Sentence(article.article_id, article.version, position, at, at + len(text), text))
        at += len(text)
    return RetrievedPassage(Passage(tuple(sentences)), article.info, 0.03, rank, found_by, cosine)


def read(question: str, passages: Sequence[RetrievedPassage], period: Period | None = None) -> Candidates:
    return gather(AskedQuestion(question, ASKED_ON, period), passages, FakeReader().read(question, passages))


def feature(question: str, name: str, *passages: RetrievedPassage, period: Period | None = None) -> list[float]:
    return [float(x) for x in read(question, passages, period).features[:, FEATURE_NAMES.index(name)]]


ARTICLE = make_article("The river rose. Forty people fled Arbin! Was it late? No.", title="Flood in Cray")
PASSAGE = found(ARTICLE, "The river rose.", "Forty people fled Arbin!", "Was it late?", "No.")


def test_coverage_by_hand() -> None:
    # Content words: peopl, fled, cray. One passage is read: a word in its text weighs log(1 + 2 / 1.5), one that
    # isn't log(1 + 2 / 0.5). "Cray" stands in the title only, which is context but not counted for rarity.
    there, rare = math.log(1 + 2 / 1.5), math.log(1 + 2 / 0.5)
    total = 2 * there + rare
    question = "How many people fled Cray?"
    assert feature(question, "coverage", PASSAGE) == pytest.approx([0, 2 * there / total, 0, 0])
    assert feature(question, "context_coverage", PASSAGE) == pytest.approx([1, 1, 1, rare / total])
    assert feature(question, "passage_coverage", PASSAGE) == pytest.approx([1, 1, 1, 1])


def test_a_word_that_every_passage_holds_weighs_less() -> None:
    other = make_article("The river fell.", "https://news.example/other")
    # "river" stands in both of two passages, "rose" in one: log(1 + 3 / 2.5) and log(1 + 3 / 1.5).
    both, one = math.log(1 + 3 / 2.5), math.log(1 + 3 / 1.5)
    passages = (found(ARTICLE, "The river rose."), found(other, "The river fell.", rank=2))
    assert feature("river rose", "coverage", *passages) == pytest.approx([1, both / (both + one)])


def test_the_other_features_by_hand() -> None:
    question = "How many people fled Arbin and Cray?"
    assert feature(question, "name_coverage", PASSAGE) == [1.0, 1.0, 1.0, 0.5]
    assert feature("how many?", "name_coverage", PASSAGE) == [1.0] * 4
    assert feature(question, "answer_type", PASSAGE) == [-1.0, 1.0, -1.0, -1.0]
    assert feature(question, "scrap", PASSAGE) == [1.0] * 4
    assert feature(question, "asks", PASSAGE) == [0.0, 0.0, 1.0, 0.0]
    assert feature(question, "novelty", PASSAGE) == pytest.approx([1.0, 1 / 4, 1.0, 1.0])
    assert feature(question, "passage_cosine", PASSAGE) == [0.25] * 4
    assert feature(question, "reciprocal_rank", replace(PASSAGE, rank=4)) == [0.25] * 4
    assert feature(question, "found_by_both", PASSAGE) == [1.0] * 4
    assert feature(question, "found_by_both", replace(PASSAGE, found_by="dense")) == [0.0] * 4


def test_without_vectors_the_passages_cosine_is_zero() -> None:
    assert feature("river", "passage_cosine", replace(PASSAGE, cosine=None)) == [0.0] * 4


def test_what_the_reader_says_is_taken_as_it_is() -> None:
    spans = (Span(0, 3, 1.5), None, Span(0, 3, 40.0), Span(0, 2, -3.0))
    candidates = gather(AskedQuestion("Who fled?", ASKED_ON), [PASSAGE], [Reading(0.5, (1.0, -2.0, 3.0, 0.0), spans)])
    assert candidates.features[:, :3].tolist() == [[1.0, 0.5, 1.5], [-2.0, 0.5, -12.0], [3.0, 0.5, 12.0], [0, 0.5, -3]]
    assert candidates.spans == spans


@pytest.mark.parametrize(
    ("published", "expected"),
    [
        (ASKED_ON, [1.0, 1.0, 1.0]),
        (date(2026, 3, 30), [math.exp(-1), math.exp(-3 / 21), math.exp(-3 / 180)]),
        (date(2026, 4, 5), [math.exp(-1), math.exp(-3 / 21), math.exp(-3 / 180)]),
        (None, [0.0, 0.0, 0.0]),
    ],
)
def test_nearness_in_time_by_hand(published: date | None, expected: list[float]) -> None:
    passage = replace(PASSAGE, article=replace(PASSAGE.article, published=published))
    names = ("within_days", "within_weeks", "within_months")
    assert [feature("Who fled?", name, passage)[0] for name in names] == pytest.approx(expected)


def test_in_the_period_and_the_days_of_coverage_after_it() -> None:
    march = Period("last month", date(2026, 3, 1), date(2026, 3, 31))
    days = {date(2026, 2, 28): 0.0, date(2026, 3, 1): 1.0, date(2026, 4, 3): 1.0, date(2026, 4, 4): 0.0}
    for published, expected in days.items():
        passage = replace(PASSAGE, article=replace(PASSAGE.article, published=published))
        assert feature("Who fled last month?", "in_period", passage, period=march)[0] == expected
        assert feature("Who fled last month?", "in_period", passage)[0] == 0.0


def test_distinct_citations_are_the_sentences_once_each() -> None:
    citations = distinct_citations([PASSAGE, replace(PASSAGE, rank=2)])
    assert [citation.quote for citation in citations] == [s.text for s in PASSAGE.passage.sentences]


def test_a_sentence_in_two_passages_is_read_once() -> None:
    candidates = read("river", [PASSAGE, replace(PASSAGE, rank=2)])
    assert [citation.quote for citation in candidates.citations] == [s.text for s in PASSAGE.passage.sentences]
    assert candidates.features.shape == (4, len(FEATURE_NAMES))
    assert candidates.passage_of.tolist() == [0, 0, 0, 0]


def test_no_passages_no_sentences() -> None:
    candidates = read("river", [])
    assert candidates.citations == ()
    assert candidates.features.shape == (0, len(FEATURE_NAMES))


@given(st.text(), st.lists(st.text(min_size=1), min_size=1, max_size=4), st.none() | st.text())
def test_every_feature_is_a_number_in_its_range(question: str, texts: list[str], title: str | None) -> None:
    article = make_article("\n".join(texts), title=title)
    rows = read(question, [found(article, *texts)]).features
    assert np.isfinite(rows).all()
    assert (np.abs(rows[:, 3:]) <= 1 + 1e-6).all()


QUIZ = make_article(
    "Which city flooded on Monday? A. Cray B) Sallow. A. Veld rose to nine metres. The river fell. C. Arbin rose.",
    "https://news.example/quiz",
)


def test_the_choices_of_a_quiz_in_an_article_are_no_evidence() -> None:
    texts = ["Which city flooded on Monday?", "A. Cray", "B) Sallow.", "The river fell.", "C. Arbin rose."]
    cited = [one.quote for one in read("Which city flooded?", [found(QUIZ, *texts)]).citations]
    # Beside another choice, or under a question; a name that begins with a letter is none.
    assert cited == ["Which city flooded on Monday?", "The river fell.", "C. Arbin rose."]
    alone = found(QUIZ, "Which city flooded on Monday?", "A. Veld rose to nine metres.")
    assert [one.quote for one in read("What rose?", [alone]).citations] == ["Which city flooded on Monday?"]
