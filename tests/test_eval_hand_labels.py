"""Sentences for people to label: drawn blind, and what their labels come to, against numbers worked out by hand."""

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from eval.hand_labels import (
    NOT_SUPPORTED,
    SUPPORTED,
    WHAT_IS_SHOWN,
    WRITTEN_AND_SHOWN,
    Labelled,
    draw,
    read_labels,
    sentences_to_label,
    shares,
    shares_text,
    still_open,
    to_json,
)
from eval.lines import Line
from eval.writers import EXTRACTIVE, GATED, LIAR, UNGATED, AskedOfAll, Source, Writer, WriterAnswer
from index.errors import BadInputError
from tests.test_eval_writers import NO, YES, asked_of_all, shown


def sentence(name: str, writers: Sequence[Writer], own: Sequence[Writer] = ()) -> Labelled:
    return Labelled(name, "Who?", "2026-04-03", f"{name} fled.", (), frozenset(writers), frozenset(own))


GATED_OWN = [sentence(f"g{number}", [UNGATED, GATED], [UNGATED, GATED]) for number in range(20)]
QUOTED = [sentence(f"q{number}", [EXTRACTIVE, GATED, LIAR]) for number in range(30)]
UNGATED_ONLY = [sentence(f"u{number}", [UNGATED], [UNGATED]) for number in range(30)]
EXTRACTIVE_ONLY = [sentence(f"e{number}", [EXTRACTIVE]) for number in range(30)]
ALL = [*UNGATED_ONLY, *EXTRACTIVE_ONLY, *QUOTED, *GATED_OWN]


def test_what_several_writers_say_of_the_same_is_labelled_once() -> None:
    quoted = shown("Forty fled.", YES, written=False)
    own = shown("Forty fled.", YES)
    asked = asked_of_all(
        "a",
        {
            EXTRACTIVE: WriterAnswer((quoted,), 1.0),
            UNGATED: WriterAnswer((own, shown("None fled.", NO)), 1.0),
            LIAR: WriterAnswer((quoted,), 1.0),
        },
    )
    failed = AskedOfAll("d", "Who?", "2026-04-03", (), None, error="no")
    first, second = sentences_to_label([asked, failed])
    assert (first.text, first.writers, first.own) == ("Forty fled.", {EXTRACTIVE, UNGATED, LIAR}, {UNGATED})
    assert (second.text, second.writers) == ("None fled.", {UNGATED})
    assert first.sentence_id != second.sentence_id
    # Another question's sentence of the same words is another.
    other = sentences_to_label([asked_of_all("b", {UNGATED: WriterAnswer((own,), 1.0)})])
    assert other[0].sentence_id != first.sentence_id


@pytest.mark.parametrize("count", [1, 7, 40, 80, 110])
def test_at_least_half_are_from_behind_the_gate_and_written_ones_first(count: int) -> None:
    drawn = draw(ALL, count, 0)
    assert len(set(drawn)) == len(drawn) == count
    gated = [one for one in drawn if one.shown_by_gate]
    assert len(gated) >= min(count / 2, 50)
    written = [one for one in gated if one.passed_the_gate]
    assert len(written) == min(len(gated), 20)


def test_where_few_are_behind_the_gate_the_others_fill_up_and_the_other_way_round() -> None:
    assert len(draw([*GATED_OWN[:3], *UNGATED_ONLY], 20, 0)) == 20
    assert len(draw([*UNGATED_ONLY[:3], *GATED_OWN], 20, 0)) == 20
    assert len(draw(GATED_OWN, 200, 0)) == 20


def test_the_seed_decides_and_the_order_tells_nothing() -> None:
    assert draw(ALL, 40, 1) == draw(ALL, 40, 1)
    assert draw(ALL, 40, 1) == draw(ALL[::-1], 40, 1)
    assert set(draw(ALL, 40, 1)) != set(draw(ALL, 40, 2))
    kinds = [one.shown_by_gate for one in draw(ALL, 40, 1)]
    assert sum(one != two for one, two in pairwise(kinds)) > 5


def test_a_line_tells_what_is_cited_and_neither_writer_nor_verdict() -> None:
    asked = asked_of_all("a", {UNGATED: WriterAnswer((shown("Forty fled.", NO), shown("Oh.", NO)), 1.0)})
    source = Source(("Forty fled.", "Forty people fled."), "Before.", "After.", "Flood", "Courier", "2026-03-30", None)
    (first, _) = sentences_to_label([AskedOfAll(**{**_fields(asked), "sources": (source,)})])
    line = to_json(first)
    assert line["sentence"] == "Forty fled."
    assert line["cites"] == [
        {
            "before": "Before.",
            "sentences": ["Forty fled.", "Forty people fled."],
            "after": "After.",
            "title": "Flood",
            "outlet": "Courier",
            "published": "2026-03-30",
        }
    ]
    assert line["label"] == {"sentence_id": first.sentence_id, "label": None, "judge": None}
    told = json.dumps(line).lower()
    assert all(word not in told for word in ("verdict", "supported", "contradicted", "gate", "llm", "liar", "extract"))


def _fields(asked: AskedOfAll) -> dict[str, Any]:
    return {name: getattr(asked, name) for name in AskedOfAll.__slots__}


def label(name: str, value: str | None, judge: str | None = "me") -> Line:
    return Line(f"labels:{name}", {"sentence_id": name, "label": value, "judge": judge})


def test_labels_are_read_from_either_form_and_open_ones_left_out() -> None:
    lines = [
        label("g0", SUPPORTED),
        Line("labels:2", {"sentence": "x", "label": {"sentence_id": "g1", "label": NOT_SUPPORTED, "judge": "me"}}),
        label("g2", None),
        label("g0", NOT_SUPPORTED, "another"),
    ]
    assert read_labels(lines, ALL) == {"g0": False, "g1": False}
    assert still_open(lines) == 1


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([label("nobody", SUPPORTED)], "labels:nobody: no sentence nobody"),
        ([label("g0", "maybe")], "must be 'supported' or 'not supported'"),
        ([label("g0", SUPPORTED, None)], "judge is missing"),
        (
            [label("g0", SUPPORTED), replace(label("g0", NOT_SUPPORTED), where="labels:2")],
            "me labelled g0 at labels:g0",
        ),
        ([Line("labels:1", {"label": SUPPORTED})], "sentence_id is missing"),
    ],
)
def test_what_is_no_label_is_told_with_its_line(lines: list[Line], message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        read_labels(lines, ALL)


def test_shares_against_hand_worked_numbers() -> None:
    labels = {
        **{one.sentence_id: True for one in GATED_OWN},
        **{one.sentence_id: True for one in EXTRACTIVE_ONLY},
        **{one.sentence_id: number >= 12 for number, one in enumerate(UNGATED_ONLY)},
        "g0": False,
    }
    told = {one.name: one for one in shares(ALL, labels)}
    assert (told[WHAT_IS_SHOWN].labelled, told[WHAT_IS_SHOWN].unsupported) == (50, 1)
    assert (told[WRITTEN_AND_SHOWN].labelled, told[WRITTEN_AND_SHOWN].unsupported) == (20, 1)
    assert (told[EXTRACTIVE].labelled, told[EXTRACTIVE].unsupported) == (30, 0)
    # Wilson, 0 of n: z² / (n + z²) = 3.8415 / 33.8415.
    assert told[EXTRACTIVE].high == pytest.approx(0.11351, abs=1e-5)
    assert (told[UNGATED].labelled, told[UNGATED].unsupported) == (50, 13)
    assert (told[GATED].labelled, told[GATED].unsupported) == (20, 1)
    assert (told[LIAR].labelled, told[LIAR].high) == (0, None)
    page = shares_text(list(told.values()), 80, 3)
    assert "11.4 %" in page
    assert "26.0 %" in page
    assert "80 sentences labelled, 3 lines still open" in page
