"""What sentence choice is fitted on, the fit, and the ablation: over a real archive with stand-in models, and over
made-up features.
"""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from eval.ablation import PARTS, leave_out_each_part, outcomes, table, without_features
from eval.choice_examples import Example, collect
from eval.evidence_report import ablation_text, refusal_text
from eval.example_store import load_examples, save_examples, store_path
from eval.fit_choice import answerable_probabilities, cross_validate, fit, passage_order, sentence_order
from eval.records import EvalQuestion, Span
from index.records import article_id_for
from index.search import HybridSearch
from index.vectors import VectorIndex
from qa.evidence import FEATURE_NAMES
from tests.support import FakeEmbedder, FakeReader, make_archive, make_article

LEAD = "The ferry to Skerrow ran aground."
CAPTAIN = "Orla Finch steered it."
FERRY, BRIDGE = "https://news.example/ferry", "https://news.example/bridge"
DAY = date(2026, 4, 2)
READER, NOVELTY = FEATURE_NAMES.index("reader_sentence"), FEATURE_NAMES.index("novelty")
SPAN = FEATURE_NAMES.index("reader_span")


@pytest.fixture
def search(tmp_path: Path) -> HybridSearch:
    articles = [
        make_article(f"{LEAD} {CAPTAIN}", FERRY),
        make_article("The bridge at Cray was opened by the mayor. The ferry there is gone.", BRIDGE),
    ]
    archive = make_archive(tmp_path / "archive", articles)
    return HybridSearch(archive, VectorIndex(archive), FakeEmbedder())


def test_gold_sentences_count_by_their_place(search: HybridSearch) -> None:
    start = len(LEAD) + 1
    gold = ((Span(article_id_for(FERRY), start, start + len(CAPTAIN)),),)
    question = EvalQuestion("q", "Who steered the ferry to Skerrow?", DAY, gold=gold, quotable=False)
    (example,) = collect(search, FakeReader(), [question])
    assert example.features.shape == (4, len(FEATURE_NAMES))
    assert example.answers.sum() == 1
    assert example.telling.sum() == 2  # the captain's sentence and the one beside it
    assert len(example.besides) == len(example.without) == 2  # the bridge's
    assert not example.unanswerable


def test_without_gold_sentences_the_answers_words_count(search: HybridSearch) -> None:
    question = EvalQuestion("q", "Who opened the bridge?", DAY, ("the mayor",))
    (example,) = collect(search, FakeReader(), [question])
    assert example.answers.sum() == 1
    assert example.features[example.answers][0, READER] == example.features[:, READER].max()


def test_a_question_that_nothing_answers(search: HybridSearch) -> None:
    (example,) = collect(search, FakeReader(), [EvalQuestion("q", "Who sank the ferry?", DAY, gold=())])
    assert example.unanswerable
    assert not example.answers.any()
    assert len(example.features) == 4
    assert len(example.without) == 0


def test_an_answer_that_was_not_read_leaves_the_example_without_one(search: HybridSearch) -> None:
    (example,) = collect(search, FakeReader(), [EvalQuestion("q", "Who paid?", DAY, ("nobody at all",))])
    assert not example.answers.any()
    assert not example.unanswerable


def made_up(seed: int, *, unanswerable: bool = False, helpful: int = READER) -> Example:
    """Twelve sentences in four passages; where something answers, one feature tells and the rest is noise."""
    draw = np.random.default_rng(seed)
    features = draw.normal(size=(12, len(FEATURE_NAMES)))
    without = draw.normal(size=(9, len(FEATURE_NAMES)))
    features[:, SPAN] -= 3
    without[:, SPAN] -= 3
    answers = np.zeros(12, dtype=bool)
    passage_of = np.repeat(np.arange(4), 3)
    if not unanswerable:
        right = int(draw.integers(12))
        answers[right] = True
        features[right, helpful] += 4
        features[right, SPAN] += 6
    return Example(features, answers, passage_of, np.isin(passage_of, passage_of[answers]), without, unanswerable)


MADE_UP = [made_up(seed, unanswerable=seed % 3 == 0) for seed in range(90)]


def test_the_fit_finds_what_tells() -> None:
    weights = fit(MADE_UP)
    assert int(np.argmax(np.abs(weights.relevance))) in (READER, SPAN)
    held_out = made_up(1000)
    assert held_out.answers[sentence_order(held_out, weights)[0]]
    assert held_out.passage_of[held_out.answers][0] == passage_order(held_out, weights)[0]
    as_asked, without, nothing = answerable_probabilities(
        [held_out.features, held_out.without, held_out.features[:0]], weights
    )
    assert as_asked > 0.5 > without > nothing == 0.0
    assert all(weight >= 0 for weight in weights.answerable)


def test_cross_validation_counts_each_kind() -> None:
    report = cross_validate(MADE_UP, 0)
    assert report.n == sum(not one.unanswerable for one in MADE_UP)
    assert report.best_sentence_answers > 0.8
    assert report.auroc_unanswerable is not None
    assert report.auroc_unanswerable > 0.8
    assert report.passage_hit_at_5 == 1.0  # there are only four
    assert report == cross_validate(MADE_UP, 0)


def test_the_fit_without_any_unanswerable_question() -> None:
    report = cross_validate([one for one in MADE_UP if not one.unanswerable], 0)
    assert report.auroc_unanswerable is None
    assert report.auroc_off_the_subject is not None


def test_a_part_left_out_is_zero_everywhere() -> None:
    (blanked,) = without_features(MADE_UP[:1], ["novelty"])
    assert not blanked.features[:, NOVELTY].any()
    assert not blanked.without[:, NOVELTY].any()
    assert (np.delete(blanked.features, NOVELTY, 1) == np.delete(MADE_UP[0].features, NOVELTY, 1)).all()


def test_the_parts_name_features_once_or_as_part_of_a_larger_one() -> None:
    assert {name for names in PARTS.values() for name in names} == set(FEATURE_NAMES)


def test_leaving_out_what_tells_costs_most() -> None:
    asked = [made_up(seed) for seed in range(200, 260)]
    runs = {"all": outcomes(asked, fit(MADE_UP)), **leave_out_each_part(MADE_UP, asked)}
    rows = {row.name: row for row in table(runs, 0)}
    assert rows["all"].difference.difference == 0
    worst = min(rows.values(), key=lambda row: row.best.value or 0)
    assert worst.name == "without the reader"
    assert worst.difference.high is not None
    assert worst.difference.high < 0
    assert rows["all"].best.n == 60
    assert rows["all"].auroc.value is not None
    assert rows["all"].auroc.value > 0.9


def test_kept_examples_come_back_as_they_were(tmp_path: Path) -> None:
    path = store_path(tmp_path / "kept", "reader", "archive")
    assert load_examples(path) is None
    save_examples(path, MADE_UP[:5])
    again = load_examples(path)
    assert again is not None
    assert [one.unanswerable for one in again] == [one.unanswerable for one in MADE_UP[:5]]
    for one, other in zip(again, MADE_UP, strict=False):
        for field in ("features", "answers", "passage_of", "telling", "without"):
            np.testing.assert_array_equal(getattr(one, field), getattr(other, field))
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_what_rests_on_something_else_is_kept_elsewhere(tmp_path: Path) -> None:
    assert len({store_path(tmp_path, *told) for told in (("a", "b"), ("a", "c"), ("ab",), ("a b",))}) == 4


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"no archive at all"])
def test_a_broken_file_is_read_anew(tmp_path: Path, content: bytes) -> None:
    path = store_path(tmp_path, "x")
    path.write_bytes(content)
    assert load_examples(path) is None


def test_the_texts_that_are_printed() -> None:
    asked = [made_up(seed) for seed in range(300, 340)]
    found = outcomes(asked, fit(MADE_UP))
    printed = refusal_text(found, 0.5, 0)
    assert printed.startswith("questions: 40, each as asked")
    assert "AUROC: 0.9" in printed or "AUROC: 1.0" in printed
    assert len([line for line in printed.splitlines() if line.startswith("| 0.") or line.startswith("| 1.")]) == 10
    lines = ablation_text(table({"all": found, "same": found}, 0)).splitlines()
    assert lines[-1] == "n = 40"
    assert "+0.0 [+0.0, +0.0]" in lines[-2]
