"""Two runs compared: numbers by hand, who changed sides, and when it is a regression."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eval.aggregate import METRIC_NAMES
from eval.compare import Comparison, MetricComparison, compare
from eval.compare_report import comparison_json, comparison_text
from eval.directions import JUDGED_METRICS, direction_of, worsening
from eval.finished import FinishedRun, read_run
from eval.verdict import exit_code
from eval.written_sentences import WRITTEN_METRICS
from index.errors import BadInputError
from tests.eval_runs import FAILED, REFUSED, RIGHT, WRONG, Result, finished, in_slice, numbered, outcome_of, write_run

UNANSWERED = Result(refused=True, answerable=False)
ANSWERED_ALL_THE_SAME = Result(answerable=False)


def compared(folder: Path, a: dict[str, Result], b: dict[str, Result], slice_name: str = "all") -> Comparison:
    return compare(finished(folder / "a", a), finished(folder / "b", b), slice_name=slice_name)


def metric(comparison: Comparison, name: str) -> MetricComparison:
    (found,) = [one for one in comparison.metrics if one.name == name]
    return found


def test_the_numbers_by_hand(tmp_path: Path) -> None:
    # Of four answerable questions A has three right and B two (q03 lost, q02 refused, q04 won); the fifth has no
    # answer, A refuses it and B doesn't.
    a = numbered(RIGHT, RIGHT, RIGHT, WRONG, UNANSWERED)
    b = numbered(RIGHT, replace(RIGHT, refused=True), WRONG, RIGHT, ANSWERED_ALL_THE_SAME)
    found = compared(tmp_path, a, b)
    assert (found.questions, found.both_scored) == (5, 5)
    cited = metric(found, "answer_in_cited@1").difference
    assert (cited.a, cited.b, cited.difference, cited.questions, cited.differing) == (0.75, 0.5, -0.25, 4, 3)
    # Swapping the three that differ: of 8 ways 2 are 3/4 apart and 6 are 1/4 apart, as observed.
    assert cited.p == 1.0
    forced = metric(found, "forced: answer_in_cited@1").difference
    assert (forced.a, forced.b, forced.differing) == (0.75, 0.75, 2)
    # Refusing: A refuses one question and rightly, B refuses one and wrongly.
    precision = metric(found, "refusal_precision").difference
    assert (precision.a, precision.b, precision.questions) == (1.0, 0.0, 2)
    assert metric(found, "wrongly_refused").difference.difference == pytest.approx(0.25)
    assert metric(found, "refusal_recall").difference.difference == -1.0
    # Sentences on gold: A 3 of its 4, B 2 of 3 answered; the unanswerable one has no gold to be on.
    on_gold = metric(found, "gold_sentence_precision").difference
    assert (on_gold.a, on_gold.b) == (pytest.approx(3 / 4), pytest.approx(2 / 3))
    assert found.verdict == "no regression"


def test_who_changed_sides(tmp_path: Path) -> None:
    a = numbered(RIGHT, WRONG, REFUSED, UNANSWERED, RIGHT)
    b = numbered(WRONG, RIGHT, RIGHT, ANSWERED_ALL_THE_SAME, RIGHT)
    found = compared(tmp_path, a, b)
    sides = {side.metric: side for side in found.sides}
    cited = sides["answer_in_cited@1"]
    assert [one.question_id for one in cited.higher] == ["q02", "q03"]
    assert [(one.question_id, one.question, one.a, one.b) for one in cited.lower] == [("q01", "What of q01?", 1, 0)]
    refused = sides["refused"]
    assert refused.higher == ()
    assert [(one.question_id, one.answerable) for one in refused.lower] == [("q03", True), ("q04", False)]
    text = comparison_text(found)
    assert "answer_in_cited@1: 2 won, 1 lost\n  won: q02: What of q02?\n" in text
    assert "refused: 0 refused in B only, 2 answered in B only" in text
    assert "  answered in B only: q04 (unanswerable): What of q04?" in text
    assert "gold_sentence_recall: the same questions as answer_in_cited@1" in text


def test_ten_changed_questions_are_listed_and_the_rest_counted(tmp_path: Path) -> None:
    found = compared(tmp_path, numbered(*[RIGHT] * 13, WRONG), numbered(*[WRONG] * 14))
    text = comparison_text(found)
    assert text.count("  lost: q") == 10  # once: the forced answers and the gold sentences lost the same ones
    assert text.count("  and 3 more") == 1
    everything = json.loads(comparison_json(found))
    (cited,) = [side for side in everything["sides"] if side["metric"] == "answer_in_cited@1"]
    assert len(cited["lower"]) == 13
    assert everything["verdict"] == found.verdict == "regression"


def test_a_clear_loss_is_a_regression_and_a_clear_gain_is_none(tmp_path: Path) -> None:
    better, worse = numbered(*[RIGHT] * 14, WRONG), numbered(*[RIGHT] * 2, *[WRONG] * 13)
    lost = compared(tmp_path, better, worse)
    assert "answer_in_cited@1" in lost.changed("worse")
    assert lost.changed("better") == ()
    assert lost.verdict == "regression"
    (tmp_path / "back").mkdir()
    won = compared(tmp_path / "back", worse, better)
    assert "answer_in_cited@1" in won.changed("better")
    assert won.verdict == "no regression"
    assert "improved: answer_in_cited@1" in comparison_text(won)


def test_where_lower_is_better_more_is_worse(tmp_path: Path) -> None:
    found = compared(tmp_path, numbered(*[WRONG] * 14), numbered(*[REFUSED] * 12, *[WRONG] * 2))
    wrongly = metric(found, "wrongly_refused")
    assert wrongly.change == "worse"
    assert wrongly.difference.difference == pytest.approx(12 / 14)
    assert found.verdict == "regression"


def test_holms_correction_is_over_the_metrics_that_can_differ(tmp_path: Path) -> None:
    # Six of eight lost: with refusing, forced and by gold sentences alike, 2 of the 64 ways to swap, p near 0.031.
    found = compared(tmp_path, numbered(*[RIGHT] * 8), numbered(*[WRONG] * 6, RIGHT, RIGHT))
    testable = [one for one in found.metrics if one.judged and one.difference.testable]
    assert [one.name for one in testable] == [one.name for one in found.metrics if one.adjusted_p is not None]
    assert {one.name for one in testable} == {
        "answer_in_cited@1",
        "answer_in_cited@3",
        "gold_sentence_recall",
        "gold_sentence_precision",
        "forced: answer_in_cited@1",
        "forced: gold_sentence_recall",
    }
    for one in testable:
        assert one.difference.p == pytest.approx(2 / 64, abs=0.008)
        assert one.adjusted_p == pytest.approx(6 * 2 / 64, abs=0.05)
    assert found.verdict == "no regression"


def test_a_question_that_fails_anew_is_a_regression_of_its_own(tmp_path: Path) -> None:
    a, b = numbered(RIGHT, RIGHT, FAILED, FAILED), numbered(RIGHT, FAILED, RIGHT, FAILED)
    found = compared(tmp_path, a, b)
    assert found.both_scored == 1
    assert [one.question_id for one in found.failed] == ["q02", "q03", "q04"]
    assert [one.question_id for one in found.newly_failed] == ["q02"]
    assert found.verdict == "regression"
    text = comparison_text(found)
    assert "failed: 1 in B only, 1 in A only, 1 in both" in text
    assert "  in B only: q02: RuntimeError: out of luck" in text
    (tmp_path / "back").mkdir()
    assert compared(tmp_path / "back", numbered(RIGHT, FAILED), numbered(RIGHT, RIGHT)).verdict == "no regression"
    (tmp_path / "all").mkdir()
    assert compared(tmp_path / "all", numbered(RIGHT), numbered(FAILED)).verdict == "regression"


def test_a_slice_is_compared_by_itself(tmp_path: Path) -> None:
    frozen_a, frozen_b = [in_slice(RIGHT, "frozen")] * 10, [in_slice(WRONG, "frozen")] * 10
    open_a, open_b = [in_slice(RIGHT, "open")] * 10, [in_slice(RIGHT, "open")] * 9
    a, b = numbered(*frozen_a, *open_a), numbered(*frozen_b, *open_b, in_slice(FAILED, "open"))
    first, second = finished(tmp_path / "a", a), finished(tmp_path / "b", b)
    opened = compare(first, second, slice_name="open")
    assert (opened.questions, opened.both_scored) == (10, 9)
    assert [one.question_id for one in opened.newly_failed] == ["q20"]
    frozen = compare(first, second, slice_name="frozen")
    assert frozen.newly_failed == ()
    assert "answer_in_cited@1" in frozen.changed("worse")
    assert {one.question_id for side in frozen.sides for one in side.lower} <= {f"q{n:02}" for n in range(1, 11)}
    with pytest.raises(BadInputError, match="no question is in the slice 'shut'; there are all, frozen, open"):
        compare(first, second, slice_name="shut")


def test_what_differs_is_named_and_places_are_not(tmp_path: Path) -> None:
    a = finished(tmp_path / "a", numbered(RIGHT, WRONG), {"search": "hybrid", "limit": None})
    b = finished(tmp_path / "b", numbered(RIGHT, WRONG), {"search": "dense", "limit": None})
    found = compare(a, b)
    assert [(one.name, one.a, one.b) for one in found.differs] == [("asked.search", "hybrid", "dense")]
    assert '- asked.search: "hybrid" in A, "dense" in B' in comparison_text(found)
    assert "Both were made with the same settings." in comparison_text(compare(a, a))


def test_other_questions_are_refused_and_named(tmp_path: Path) -> None:
    a = finished(tmp_path / "a", numbered(RIGHT, RIGHT, RIGHT))
    fewer = finished(tmp_path / "fewer", numbered(RIGHT, RIGHT))
    with pytest.raises(BadInputError, match=r"runs of other questions \(veld\): 1 only in the first \(q03\)"):
        compare(a, fewer)
    changed = finished(tmp_path / "changed", numbered(RIGHT, UNANSWERED, RIGHT))
    with pytest.raises(BadInputError, match=r"1 asked otherwise \(q02\)"):
        compare(a, changed)
    # The questions agree as far as the answers tell, but not what they were made from.
    sha = {**changed.settings["dataset"], "sha256": "1" * 64}
    other_sha = replace(a, settings={**a.settings, "dataset": sha})
    with pytest.raises(BadInputError, match="the same ids, with other articles to answer from"):
        compare(a, other_sha)


def test_nothing_measured_is_no_all_clear(tmp_path: Path) -> None:
    nothing = numbered(Result(refused=True, answerable=False))
    a, b = finished(tmp_path / "a", nothing), finished(tmp_path / "b", nothing)
    assert compare(a, b).verdict == "no regression"  # refusing is measured
    plain = replace(outcome_of("q01", UNANSWERED), forced=None)
    assert plain.scores is not None
    plain = replace(plain, scores=replace(plain.scores, gold_pieces=None))
    with pytest.raises(BadInputError, match="nothing that decides was measured"):
        compare(replace(a, outcomes={"q01": plain}), replace(b, outcomes={"q01": plain}))


def test_a_metric_that_only_one_run_measured_is_named(tmp_path: Path) -> None:
    # B refuses everything, so it has no citation to be valid and no sentence to be on gold.
    found = compared(tmp_path, numbered(RIGHT, WRONG), numbered(REFUSED, REFUSED))
    missing = metric(found, "citation_validity")
    assert (missing.difference.a, missing.difference.b, missing.adjusted_p) == (1.0, None, None)
    assert "not measured in both: gold_sentence_precision, citation_validity" in comparison_text(found)


@pytest.mark.parametrize("drop", ["answers.jsonl", "metrics.json", "settings.json"])
def test_a_run_that_is_not_whole_is_refused(tmp_path: Path, drop: str) -> None:
    folder = write_run(tmp_path / "a", numbered(RIGHT, WRONG))
    (folder / drop).unlink()
    with pytest.raises(BadInputError):
        read_run(folder)


def test_a_run_with_a_line_too_few_or_twice_is_refused(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "a", numbered(RIGHT, WRONG))
    lines = (folder / "answers.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    for kept in (lines[:1], [lines[0], lines[0]], [*lines, lines[0].replace("q01", "q09")]):
        (folder / "answers.jsonl").write_text("".join(kept), encoding="utf-8")
        with pytest.raises(BadInputError, match="it goes on where it stopped"):
            read_run(folder)


def test_the_text_ends_with_the_verdict_and_has_no_nan(tmp_path: Path) -> None:
    found = compared(tmp_path, numbered(RIGHT, REFUSED, FAILED), numbered(WRONG, RIGHT, RIGHT))
    text = comparison_text(found)
    assert text.splitlines()[-1] == "verdict: no regression"
    assert "nan" not in text.lower()
    assert exit_code(found.verdict) == 0
    document = json.loads(comparison_json(found))
    assert document["schema_version"] == 1
    assert {one["name"] for one in document["metrics"]} == set(METRIC_NAMES)


def test_the_table_of_directions() -> None:
    assert set(JUDGED_METRICS) <= set(METRIC_NAMES)
    assert all(direction_of(name) is not None for name in JUDGED_METRICS)
    assert {name for name in METRIC_NAMES if direction_of(name) == "lower"} == {
        "wrongly_refused",
        "whole: wrongly_refused",
    }
    neither = {name for name in METRIC_NAMES if direction_of(name) is None}
    assert {name for name in neither if not name.startswith("refused: ")} == {
        "short_answer_given",
        "words_per_cited_sentence",
        "refused",
        # What the articles or plain guessing would make of a quiz: baselines, which no change of copydesk moves.
        "gold_in_given_articles",
        # What a model wrote and the gate made of it: neither more nor less of it makes an answer better.
        *WRITTEN_METRICS,
        *(f"multiple_choice_{rule}" for rule in ("most_named", "chance")),
        *(f"multiple_choice_nota_{rule}" for rule in ("most_named", "always_none", "chance")),
    }
    assert direction_of("no such metric") is None
    assert worsening("answer_in_cited@1", -0.1) == pytest.approx(0.1)
    assert worsening("wrongly_refused", -0.1) == pytest.approx(-0.1)
    with pytest.raises(ValueError, match="neither better nor worse"):
        worsening("refused", 0.1)


def test_the_readme_names_the_metrics_that_decide() -> None:
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    paragraph = readme.split("**Verdict.**", 1)[1].split("\n\n", 1)[0]
    named = set(re.findall(r"`([^`]+)`", paragraph))
    assert {name for name in named if not name.startswith("verdict: ")} == set(JUDGED_METRICS)
    assert len(JUDGED_METRICS) == 11
    assert "one of eleven metrics" in paragraph


def many(chance: np.random.Generator, folder: FinishedRun, right: float, refused: float) -> FinishedRun:
    """The same questions, answered by a system that is right, and refuses, this often."""
    results = {
        name: Result(bool(chance.random() < right), bool(chance.random() < refused), answerable=place % 3 > 0)
        for place, name in enumerate(folder.outcomes)
    }
    return replace(folder, outcomes={name: outcome_of(name, result) for name, result in results.items()})


def test_two_runs_of_the_same_quality_are_seldom_a_regression_and_a_far_worse_one_always_is(tmp_path: Path) -> None:
    answerable = [Result(answerable=place % 3 > 0) for place in range(90)]
    asked = finished(tmp_path / "a", numbered(*answerable))
    chance = np.random.default_rng(2)
    flagged = sum(
        compare(many(chance, asked, 0.5, 0.2), many(chance, asked, 0.5, 0.2)).verdict == "regression" for _ in range(40)
    )
    # At most 2.5 % in expectation, for the worse side only: 1; 5 or more has a chance of 1 in 250.
    assert flagged <= 4
    for _ in range(3):
        assert compare(many(chance, asked, 0.9, 0.1), many(chance, asked, 0.4, 0.1)).verdict == "regression"
