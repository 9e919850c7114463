"""Hits judged by hand: which hits there are, what was said of them, and how sure that makes us."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.finished import FinishedRun
from eval.hits_to_judge import draw, hit_to_json
from eval.judged import (
    SHIPPED_JUDGEMENTS,
    HitVerdict,
    hits_of,
    judged_notes,
    judged_shares,
    read_judgements,
    unjudged,
    wilson,
)
from eval.page import run_page
from index.archive import Archive
from index.errors import ArchiveError, BadInputError
from tests.eval_runs import FAILED, REFUSED, RIGHT, WRONG, Result, citation, finished, in_slice, numbered
from tests.support import make_archive, make_article

SURE_BUT_REFUSED = Result(right=True, refused=True)
TEXT = (
    "The river had been low for weeks. It rose to 4.2 metres on Monday. Eleven houses were flooded before the evening."
)


def line(question_id: str, verdict: HitVerdict = "right", judge: str = "ib", **changed: Any) -> dict[str, Any]:
    cited = citation(question_id)
    kept = {key: cited[key] for key in ("article_id", "version", "url", "start", "end")}
    return {"dataset": "veld", "question_id": question_id, **kept, "verdict": verdict, "judge": judge, **changed}


def judgements_file(folder: Path, *lines: dict[str, Any]) -> Path:
    path = folder / "judged.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in lines), encoding="utf-8")
    return path


def test_the_hits_of_a_run(tmp_path: Path) -> None:
    run = finished(tmp_path / "a", numbered(RIGHT, WRONG, SURE_BUT_REFUSED, REFUSED, FAILED))
    hits = hits_of(run)
    assert [(hit.key.question_id, hit.metrics) for hit in hits] == [
        ("q01", ("answer_in_cited@1", "forced: answer_in_cited@1")),
        ("q03", ("forced: answer_in_cited@1",)),
    ]
    assert hits[0].key.span.start == citation("q01")["start"]


def test_the_share_of_right_hits_by_hand(tmp_path: Path) -> None:
    run = finished(tmp_path / "a", numbered(RIGHT, RIGHT, RIGHT, SURE_BUT_REFUSED, WRONG))
    path = judgements_file(
        tmp_path,
        line("q01"),
        line("q02", "lucky"),
        line("q04"),
        line("q05"),  # no hit in this run
        line("q03", start=1),  # another span
        line("q03", version="0" * 16),
        line("q03", dataset="golden"),
    )
    chosen, forced = judged_shares(hits_of(run), read_judgements(path))
    assert (chosen.metric, chosen.hits, chosen.judged, chosen.right) == ("answer_in_cited@1", 3, 2, 1)
    assert (chosen.low, chosen.high) == wilson(1, 2)
    assert (forced.metric, forced.hits, forced.judged, forced.right) == ("forced: answer_in_cited@1", 4, 3, 2)
    assert [hit.key.question_id for hit in unjudged(hits_of(run), read_judgements(path))] == ["q03"]
    # Wilson's interval of 1 in 2 is 0.0945 to 0.9055, of 2 in 3 0.2077 to 0.9385.
    assert judged_notes(run, read_judgements(path))["all"] == (
        "- answer_in_cited@1: of 2 hits judged by hand 1 right (50.0 %, 9.5 to 90.5), 1 not judged",
        "- forced: answer_in_cited@1: of 3 hits judged by hand 2 right (66.7 %, 20.8 to 93.9), 1 not judged",
    )


def test_right_is_what_every_judge_calls_right(tmp_path: Path) -> None:
    run = finished(tmp_path / "a", numbered(RIGHT, RIGHT))
    path = judgements_file(
        tmp_path, line("q01"), line("q01", judge="tm"), line("q02"), line("q02", "lucky", judge="tm")
    )
    share = judged_shares(hits_of(run), read_judgements(path))[0]
    assert (share.judged, share.right) == (2, 1)


def test_both_halves_of_a_set_share_their_judgements(tmp_path: Path) -> None:
    run = finished(tmp_path / "a", numbered(RIGHT))
    path = judgements_file(tmp_path, line("q01", dataset="veld:frozen"))
    assert judged_shares(hits_of(run), read_judgements(path))[0].judged == 1


def test_notes_are_for_all_questions_and_for_slices_with_judged_hits(tmp_path: Path) -> None:
    results = numbered(in_slice(RIGHT, "headline"), in_slice(RIGHT, "rest"))
    run = finished(tmp_path / "a", results)
    assert judged_notes(run, ()) == {
        "all": (
            "- answer_in_cited@1: of 2 hits none was judged by hand",
            "- forced: answer_in_cited@1: of 2 hits none was judged by hand",
        )
    }
    path = judgements_file(tmp_path, line("q01"))
    assert set(judged_notes(run, read_judgements(path))) == {"all", "headline"}
    page = run_page(tmp_path / "a", path)
    headline = page.split("## Slice: headline")[1].split("## ")[0]
    assert "- answer_in_cited@1: of 1 hits judged by hand 1 right (100.0 %, 20.7 to 100.0), 0 not judged" in headline
    (tmp_path / "none").mkdir()
    assert judged_notes(finished(tmp_path / "none" / "a", numbered(WRONG)), ()) == {}


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (83, 100, 0.7445, 0.8911)],
)
def test_wilsons_interval_against_published_numbers(right: int, n: int, low: float, high: float) -> None:
    found = wilson(right, n)
    assert found == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@given(st.integers(0, 500), st.integers(0, 500))
def test_wilsons_interval_holds_the_share(right: int, wrong: int) -> None:
    low, high = wilson(right, right + wrong)
    if not right + wrong:
        assert (low, high) == (None, None)
    else:
        assert low is not None
        assert high is not None
        assert 0 <= low <= right / (right + wrong) + 1e-12
        assert right / (right + wrong) - 1e-12 <= high <= 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"verdict": "Right"}, "verdict is 'Right'; it must be right or lucky"),
        ({"verdict": None}, "verdict is missing"),
        ({"judge": " "}, "judge is missing, blank or no text"),
        ({"start": "3"}, "start must be a whole number"),
        ({"start": True}, "start must be a whole number"),
        ({"start": 9, "end": 9}, "start and end must be a span"),
        ({"start": -1}, "start and end must be a span"),
        ({"url": 3}, "url is missing, blank or no text"),
        ({"sentence": "The river rose."}, "unknown key 'sentence'; a judgement has dataset, .* and nothing else"),
    ],
)
def test_a_line_that_is_no_judgement_is_named(tmp_path: Path, changed: dict[str, Any], said: str) -> None:
    path = judgements_file(tmp_path, line("q01"), line("q02") | changed)
    with pytest.raises(BadInputError, match=rf"judged\.jsonl:2: {said}"):
        read_judgements(path)


@pytest.mark.parametrize("key", ["dataset", "question_id", "article_id", "version", "url", "end", "verdict", "judge"])
def test_a_missing_key_is_named(tmp_path: Path, key: str) -> None:
    path = judgements_file(tmp_path, {name: value for name, value in line("q01").items() if name != key})
    with pytest.raises(BadInputError, match=rf"judged\.jsonl:1: no {key}; a judgement has"):
        read_judgements(path)


def test_what_is_no_json_and_what_is_said_twice(tmp_path: Path) -> None:
    path = judgements_file(tmp_path, line("q01"), line("q01", "lucky"))
    with pytest.raises(BadInputError, match=r"judged\.jsonl:2: ib judged this hit at .*:1 already"):
        read_judgements(path)
    path.write_text('{"dataset": ', encoding="utf-8")
    with pytest.raises(BadInputError, match=r"judged\.jsonl:1: not valid JSON"):
        read_judgements(path)
    with pytest.raises(BadInputError, match="can't be read"):
        read_judgements(tmp_path / "none.jsonl")


def test_an_article_without_an_address_can_be_judged(tmp_path: Path) -> None:
    assert len(read_judgements(judgements_file(tmp_path, line("q01", url=None)))) == 1


def test_the_shipped_judgements_can_be_read() -> None:
    for judgement in read_judgements(SHIPPED_JUDGEMENTS):
        assert judgement.key.family in ("realtimeqa", "golden")


def test_a_draw_is_the_same_for_the_same_seed_and_part_of_a_larger_one(tmp_path: Path) -> None:
    hits = hits_of(finished(tmp_path / "a", numbered(*[RIGHT] * 12)))
    five = draw(hits, 5, seed=1)
    assert draw(hits, 5, seed=1) == five
    assert set(hit.key for hit in five) < set(hit.key for hit in draw(hits, 8, seed=1))
    assert [hit for hit in hits if hit in five] == list(five)
    assert draw(hits, 99, seed=1) == hits
    assert {hit.key for hit in draw(hits, 5, seed=2)} != {hit.key for hit in five}


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = make_archive(tmp_path / "archive", [make_article(TEXT)])
    yield made
    made.close()


def hit_at(run: FinishedRun, archive: Archive, part: str) -> dict[str, Any]:
    """The hit as it is printed when the first sentence cited was this part of the article."""
    info = archive.infos()[0]
    start = TEXT.index(part)
    span = {"article_id": info.article_id, "version": info.version, "start": start, "end": start + len(part)}
    record = json.loads(json.dumps(run.records["q01"]))
    record["sentences"][0]["citations"][0] |= {**span, "quote": part}
    (hit,) = hits_of(FinishedRun(run.folder, run.settings, {"q01": {**record, "forced": None}}, run.outcomes))
    return hit_to_json(hit, run, archive)


def test_a_hit_comes_with_the_sentences_around_it(tmp_path: Path, archive: Archive) -> None:
    run = finished(tmp_path / "a", numbered(RIGHT))
    middle = hit_at(run, archive, "It rose to 4.2 metres on Monday.")
    assert middle["before"] == "The river had been low for weeks."
    assert middle["after"] == "Eleven houses were flooded before the evening."
    assert middle["sentence"] == "It rose to 4.2 metres on Monday."
    assert middle["gold_answers"] == ["4.2 metres"]
    assert hit_at(run, archive, "The river had been low for weeks.")["before"] is None
    assert hit_at(run, archive, "Eleven houses were flooded before the evening.")["after"] is None

    judged = middle["judgement"] | {"verdict": "right", "judge": "ib"}
    (judgement,) = read_judgements(judgements_file(tmp_path, judged))
    assert judgement.key.span.start == TEXT.index("It rose")
    assert not {"sentence", "quote", "before"} & set(judged)


def test_a_hit_in_an_article_that_is_gone(tmp_path: Path, archive: Archive) -> None:
    run = finished(tmp_path / "a", numbered(RIGHT))
    with pytest.raises(ArchiveError, match="there is no version"):
        hit_to_json(hits_of(run)[0], run, archive)
