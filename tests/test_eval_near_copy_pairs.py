"""The labelled pairs of near-copies, and their scores."""

import os
from pathlib import Path

import pytest

from eval.near_copy_pairs import LabelledPair, labelled_pairs, score_pairs, told_near
from index.errors import BadInputError


def test_the_pairs_name_versions_and_hold_no_text() -> None:
    pairs = labelled_pairs()
    assert len(pairs) >= 100
    assert len(set(pairs)) == len(pairs)
    assert {(pair.near_copy, pair.fitted_on) for pair in pairs} == {
        (a, b) for a in (True, False) for b in (True, False)
    }


def test_scores_by_hand() -> None:
    labels = [True, True, True, False, False]
    pairs = [LabelledPair((str(n), "v"), (str(n), "w"), label, False) for n, label in enumerate(labels)]
    scores = score_pairs(pairs, [True, True, False, True, False])
    assert (scores.precision.value, scores.precision.n) == (pytest.approx(2 / 3), 3)
    assert (scores.recall.value, scores.recall.n) == (pytest.approx(2 / 3), 3)
    assert scores.recall.low == pytest.approx(0.2077, abs=1e-4)
    assert scores.recall.high == pytest.approx(0.9385, abs=1e-4)
    assert score_pairs(pairs, [False] * 5).precision.value is None


def test_articles_that_are_missing_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Nothing here was labelled.", encoding="utf-8")
    with pytest.raises(BadInputError, match="articles that were labelled are not in"):
        told_near([tmp_path], labelled_pairs())


@pytest.mark.skipif(not os.environ.get("COPYDESK_DATA"), reason="COPYDESK_DATA is not set: no real articles")
def test_held_out_pairs_of_real_articles_are_told() -> None:
    folder = Path(os.environ["COPYDESK_DATA"]) / "realtimeqa"
    pairs = [pair for pair in labelled_pairs() if not pair.fitted_on]
    scores = score_pairs(pairs, told_near([folder / split / "articles.jsonl.gz" for split in SPLITS], pairs))
    assert scores.precision.value is not None
    assert scores.precision.value >= 0.8
    assert scores.recall.value is not None
    assert scores.recall.value >= 0.75


SPLITS = ("train-2022", "dev-2023")
