"""Agreement by hand, and the labelled statements on real articles."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from eval.agreement import balanced_accuracy, cohens_kappa, grouped_interval, raw_agreement
from eval.citation_pairs import CitationPair, Label, agreement, evidence_of, judged, labelled_pairs
from eval.judges import load_judge
from index.errors import BadInputError
from qa.records import Verdict
from ui.cli import cli

YES_NO = st.lists(st.tuples(st.booleans(), st.booleans(), st.sampled_from("abc")), max_size=20)
DEV = Path(os.environ.get("COPYDESK_DATA", "")) / "realtimeqa" / "dev-2023" / "articles.jsonl.gz"
needs_articles = pytest.mark.skipif(
    not os.environ.get("COPYDESK_DATA"), reason="COPYDESK_DATA is not set: no real articles"
)


def many(*cells: tuple[int, bool, bool]) -> tuple[list[bool], list[bool]]:
    pairs = [(one, other) for count, one, other in cells for _ in range(count)]
    return [one for one, _ in pairs], [other for _, other in pairs]


def test_kappa_and_balanced_accuracy_by_hand() -> None:
    # 35 of 50 agreed; by chance (25*30 + 25*20) / 2500 = 0.5, so (0.7 - 0.5) / (1 - 0.5).
    one, other = many((20, True, True), (5, True, False), (10, False, True), (15, False, False))
    assert raw_agreement(one, other) == pytest.approx(0.7)
    assert cohens_kappa(one, other) == pytest.approx(0.4)
    # Of 30 trues 20 are told, of 20 falses 15.
    assert balanced_accuracy(one, other) == pytest.approx((20 / 30 + 15 / 20) / 2)


def test_what_cannot_be_told_is_none() -> None:
    assert raw_agreement([], []) is cohens_kappa([], []) is balanced_accuracy([], []) is None
    assert cohens_kappa([True, True], [True, True]) is None
    assert balanced_accuracy([True, False], [True, True]) is None
    assert grouped_interval(cohens_kappa, [], [], [], 0).value is None


@given(YES_NO)
def test_never_a_number_that_is_none(rows: list[tuple[bool, bool, str]]) -> None:
    one, other, groups = ([row[place] for row in rows] for place in range(3))
    for measure in (raw_agreement, cohens_kappa, balanced_accuracy):
        found = grouped_interval(measure, one, other, groups, 0)
        json.dumps([found.value, found.low, found.high], allow_nan=False)
        if found.value is not None:
            assert found.low is not None
            assert found.high is not None
            assert -1 <= found.low <= found.high <= 1
            assert found == grouped_interval(measure, one, other, groups, 0)


def pair(number: int, one: Label, other: Label) -> CitationPair:
    return CitationPair(str(number), (f"a{number}", "v"), ((0, 5),), "It is so.", (one, other), "faithful", "none")


def test_the_judge_counts_where_both_readings_agree() -> None:
    pairs = [
        pair(1, "supported", "supported"),
        pair(2, "partial", "unsupported"),
        pair(3, "supported", "partial"),
        pair(4, "contradicted", "contradicted"),
    ]
    told = [Verdict("supported", 1.0), Verdict("supported", 1.0), Verdict("partial", 0.5), Verdict("contradicted", 0.0)]
    found = agreement(pairs, told)
    assert (found.pairs, found.agreed, found.unsupported) == (4, 3, 2)
    assert found.readings.value == pytest.approx(3 / 4)
    assert found.judge.value == pytest.approx((1 + 1 / 2) / 2)


def test_the_pairs_hold_no_article_and_are_enough() -> None:
    pairs = labelled_pairs()
    assert len(pairs) >= 200
    assert len({one.pair_id for one in pairs}) == len({one.statement for one in pairs}) == len(pairs)
    assert sum(not any(one.supported) for one in pairs) >= 0.4 * len(pairs)


def test_articles_that_are_missing_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Nothing here was labelled.", encoding="utf-8")
    with pytest.raises(BadInputError, match="labelled articles are not in"):
        evidence_of([tmp_path], labelled_pairs())


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"labels": ["supported"]}, "labels must be two"),
        ({"labels": ["supported", "true"]}, "'true' is no label"),
        ({"cited": [[5, 2]]}, "pairs of start and end"),
        ({"cited": [5]}, "pairs of start and end"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, changes: dict[str, object], told: str) -> None:
    line = {
        "id": "c1",
        "url": "https://veld.example/flood",
        "version": "v",
        "cited": [[0, 5]],
        "statement": "It is so.",
        "labels": ["supported", "supported"],
        "written_as": "faithful",
        "fault": "none",
        **changes,
    }
    path = tmp_path / "pairs.jsonl"
    path.write_text(json.dumps(line) + "\n", encoding="utf-8")
    with pytest.raises(BadInputError, match=rf"pairs\.jsonl:1: .*{told}"):
        labelled_pairs(path)


@needs_articles
def test_every_citation_stands_in_its_article_and_counting_words_is_no_judge() -> None:
    pairs = labelled_pairs()
    evidence = evidence_of([DEV], pairs)
    assert all(sentence.strip() for one in evidence for sentence in one.sentences)
    found = agreement(pairs, judged(pairs, evidence, load_judge("words")))
    assert found.readings_kappa.value is not None
    assert found.readings_kappa.value > 0.6
    assert found.judge.value is not None


@needs_articles
def test_the_command_prints_what_it_measures() -> None:
    result = CliRunner().invoke(cli, ["eval", "agreement", str(DEV), "--judge", "words", "--misses"])
    assert result.exit_code == 0, result.output
    assert "the judge (words)" in result.output
    assert "Cohen's kappa" in result.output
