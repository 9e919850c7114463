"""Sentence choice: the weights that ship, and the two scorers over stand-in models."""

import json
import math
from datetime import date
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from index.archive import Archive
from index.errors import ModelError
from index.search import HybridSearch, Query
from index.vectors import VectorIndex
from qa import choice
from qa.choice import (
    ANSWERABLE_NAMES,
    NEAR,
    PASSAGE_NAMES,
    WEIGHTS_FILE,
    EvidenceScorer,
    SimilarityScorer,
    answerable_features,
    load_weights,
    passage_features,
    read_weights,
)
from qa.evidence import FEATURE_NAMES, AskedQuestion
from tests.support import FakeEmbedder, FakeReader, make_archive, make_article

TEXT = (
    "The river rose to nine metres on Monday night. Forty people fled from Arbin by boat.\n\n"
    "The mayor thanked the crews. Bread was sold from a van."
)


def shipped() -> dict[str, object]:
    return dict(json.loads(files("qa").joinpath(WEIGHTS_FILE).read_text(encoding="utf-8")))


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return make_archive(tmp_path / "archive", [make_article(TEXT)])


def asked(question: str) -> AskedQuestion:
    return AskedQuestion(question, date(2026, 4, 2))


def test_the_weights_that_ship_fit_the_features() -> None:
    weights = load_weights()
    assert len(weights.relevance) == len(FEATURE_NAMES)
    assert len(weights.answerable) == len(ANSWERABLE_NAMES)
    assert len(weights.passage) == len(PASSAGE_NAMES)
    numbers = [
        *weights.relevance,
        *weights.passage,
        *weights.answerable,
        weights.relevance_bias,
        weights.answerable_bias,
    ]
    assert all(math.isfinite(number) for number in numbers)
    assert 0 < weights.threshold < 1


@pytest.mark.parametrize(
    "change",
    [
        {"features": ["cosine"]},
        {"features": [*FEATURE_NAMES[1:], FEATURE_NAMES[0]]},
        {"relevance": [1.0]},
        {"answerable": [1.0]},
        {"passage": [1.0]},
        {"threshold": None},
        {"relevance_bias": "much"},
        {"relevance": [math.nan] * len(FEATURE_NAMES)},
    ],
)
def test_weights_that_do_not_fit_are_refused_with_the_command_that_mends_it(change: dict[str, object]) -> None:
    with pytest.raises(ModelError, match="copydesk train sentence-choice"):
        read_weights(json.dumps(shipped() | change))


@pytest.mark.parametrize("raw", ["", "not JSON", "[]", "{}"])
def test_what_is_no_weights_file_is_refused(raw: str) -> None:
    with pytest.raises(ModelError, match=choice.WEIGHTS_FILE):
        read_weights(raw)


def test_both_scorers_rank_every_sentence_and_give_numbers(archive: Archive) -> None:
    embedder = FakeEmbedder()
    found = HybridSearch(archive, VectorIndex(archive), embedder).search(Query("How many people fled from Arbin?"))
    for scorer in (EvidenceScorer(FakeReader(), load_weights()), SimilarityScorer(embedder)):
        evidence = scorer.score(asked("How many people fled from Arbin?"), found)
        assert sorted(one.rank for one in evidence.passages) == [one.rank for one in found]
        scores = [sentence.score for sentence in evidence.sentences]
        assert len(scores) == 4
        assert scores == sorted(scores, reverse=True)
        assert evidence.sentences[0].citation.quote == "Forty people fled from Arbin by boat."
        assert evidence.likeness == pytest.approx(max(sentence.likeness for sentence in evidence.sentences))
        assert 0 <= evidence.answerable <= 1
        archive_text = archive.article(found[0].article.article_id).text
        for sentence in evidence.sentences:
            citation = sentence.citation
            assert archive_text[citation.quote_start : citation.quote_end] == citation.quote


def test_nothing_to_read_is_not_answerable() -> None:
    for scorer in (EvidenceScorer(FakeReader(), load_weights()), SimilarityScorer(FakeEmbedder())):
        evidence = scorer.score(asked("Who?"), [])
        assert (evidence.sentences, evidence.answerable, evidence.likeness) == ((), 0.0, 0.0)


def test_answerable_features_by_hand() -> None:
    features = np.zeros((3, len(FEATURE_NAMES)))
    features[:, FEATURE_NAMES.index("reader_span")] = [-1.0, 2.5, 4.0]
    features[:, FEATURE_NAMES.index("name_coverage")] = [1.0, 0.5, 0.0]
    features[:, FEATURE_NAMES.index("reader_passage")] = [-3.0, 1.5, 0.0]
    # The names at the surest span; the names of the sentence with the highest logit; the best passage;
    # and that logit, cut off.
    assert answerable_features(features, np.asarray([0.5, 3.0, -1.0])).tolist() == [0.0, 0.5, 1.5, NEAR]
    assert answerable_features(features, np.asarray([-7.0, -4.0, -5.0])).tolist() == [0.0, 0.5, 1.5, -4.0]


def test_passage_features_by_hand() -> None:
    width = len(FEATURE_NAMES)
    features = np.arange(3.0 * width).reshape(3, width)
    best = [2 * width + FEATURE_NAMES.index(name) for name in PASSAGE_NAMES[1:]]
    assert passage_features(features, np.asarray([0.5, -1.0, 2.0])).tolist() == [2.0, *best]
