"""Features of sentences, against numbers worked out by hand, over a stand-in embedder."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.records import Article, FoundBy, Passage, RetrievedPassage, Sentence
from qa.evidence import FEATURE_NAMES, gather
from tests.support import FakeEmbedder, make_article


def found(
    article: Article, *texts: str, rank: int = 1, found_by: FoundBy = "both", cosine: float | None = 0.25
) -> RetrievedPassage:
    sentences, at = [], 0
    for position, text in enumerate(texts):
        at = article.text.index(text, at)
        sentences.append(Sentence(article.article_id, article.version, position, at, at + len(text), text))
        at += len(text)
    return RetrievedPassage(Passage(tuple(sentences)), article.info, 0.03, rank, found_by, cosine)


def feature(question: str, name: str, *passages: RetrievedPassage) -> list[float]:
    return [float(x) for x in gather(question, passages, FakeEmbedder()).features[:, FEATURE_NAMES.index(name)]]


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
    assert feature(question, "opens_article", PASSAGE) == [1.0, 1.0, 1.0, 0.0]
    assert feature(question, "novelty", PASSAGE) == pytest.approx([1.0, 1 / 4, 1.0, 1.0])
    assert feature(question, "passage_cosine", PASSAGE) == [0.25] * 4
    assert feature(question, "reciprocal_rank", replace(PASSAGE, rank=4)) == [0.25] * 4
    assert feature(question, "found_by_both", PASSAGE) == [1.0] * 4
    assert feature(question, "found_by_both", replace(PASSAGE, found_by="dense")) == [0.0] * 4


def test_without_vectors_the_passages_cosine_is_zero() -> None:
    assert feature("river", "passage_cosine", replace(PASSAGE, cosine=None)) == [0.0] * 4


def test_the_cosine_is_that_of_the_embeddings() -> None:
    embedder = FakeEmbedder()
    question, sentence = embedder.embed(["Who fled?", "Forty people fled Arbin!"])
    assert feature("Who fled?", "cosine", PASSAGE)[1] == pytest.approx(float(question @ sentence), abs=1e-6)


def test_a_sentence_in_two_passages_is_read_once() -> None:
    candidates = gather("river", [PASSAGE, replace(PASSAGE, rank=2)], FakeEmbedder())
    assert [citation.quote for citation in candidates.citations] == [s.text for s in PASSAGE.passage.sentences]
    assert candidates.features.shape == (4, len(FEATURE_NAMES))


def test_no_passages_no_sentences() -> None:
    candidates = gather("river", [], FakeEmbedder())
    assert candidates.citations == ()
    assert candidates.features.shape == (0, len(FEATURE_NAMES))


@given(st.text(), st.lists(st.text(min_size=1), min_size=1, max_size=4), st.none() | st.text())
def test_every_feature_is_a_number_in_its_range(question: str, texts: list[str], title: str | None) -> None:
    article = make_article("\n".join(texts), title=title)
    rows = gather(question, [found(article, *texts)], FakeEmbedder()).features
    assert np.isfinite(rows).all()
    assert (np.abs(rows) <= 1 + 1e-6).all()
