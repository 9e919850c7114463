"""Answers of other systems are read with their marks, judged by the real checker, and scored without a NaN."""

import json
import math
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.foreign_answers import ForeignAnswer, Passage, Statement, load_answers, split_marks
from eval.score_answers import METRIC_NAMES, metric_values, score_answer
from index.errors import BadInputError
from qa.grounding import Evidence, load_checker
from qa.records import Verdict
from ui.cli import cli

WALL = "The council approved the flood wall on Tuesday. It will cost 46 million crowns."
BELL = "The bell was cast in 1412 by Master Aldous of Cray."


class Containing:
    """A stand-in for the checker: a claim is supported when all its words stand in the evidence."""

    def check_all(self, pairs: Sequence[tuple[str, Evidence]]) -> list[Verdict]:
        return [
            Verdict("supported" if set(claim.split()) <= set(" ".join(told.sentences).split()) else "unsupported", 0.5)
            for claim, told in pairs
        ]


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("It rained [1]. It snowed [2][3].", (("It rained.", (0,), 0), ("It snowed.", (1, 2), 0))),
        ("It rained. [1] It snowed. [2, 3]", (("It rained.", (0,), 0), ("It snowed.", (1, 2), 0))),
        ("It rained [1] and snowed [2].", (("It rained and snowed.", (0, 1), 0),)),
        ("It rained [1][1][9].", (("It rained.", (0,), 1),)),
        ("[2] It rained.", (("It rained.", (1,), 0),)),
        ("It rained.", (("It rained.", (), 0),)),
        ("It rained [sic] in [2020].", (("It rained [sic] in [2020].", (), 0),)),
        ("[1]", ()),
    ],
)
def test_marks_belong_to_the_sentence_they_stand_in_or_behind(
    text: str, statements: tuple[tuple[str, tuple[int, ...], int], ...]
) -> None:
    assert split_marks(text, 3) == tuple(Statement(*one) for one in statements)


def test_what_a_citation_adds_is_asked_of_it_alone_and_of_the_others() -> None:
    passages = (Passage("it rained all day"), Passage("in the north"), Passage("nothing of it"))
    answer = ForeignAnswer("a", "?", (Statement("it rained in the north", (0, 1, 2)),), passages, ())
    (judged,) = score_answer(answer, Containing()).judged
    assert judged.supported
    assert judged.alone == (False, False, False)
    assert judged.without == (False, False, True)


def test_a_sentence_may_be_grounded_in_what_it_does_not_cite() -> None:
    passages = (Passage("it rained all day"), Passage("it snowed"))
    answer = ForeignAnswer("a", "?", (Statement("it snowed", (0,)), Statement("it rained", ())), passages, ())
    judged = score_answer(answer, Containing()).judged
    assert [(one.supported, one.grounded) for one in judged] == [(False, True), (False, True)]


statements = st.builds(
    Statement, st.text(max_size=40), st.just(()) | st.just((0,)) | st.just((0, 1)), st.integers(0, 2)
)
foreign = st.builds(
    ForeignAnswer,
    st.text(max_size=3),
    st.text(max_size=20),
    st.lists(statements, max_size=3).map(tuple),
    st.just((Passage("It rained. \u202e"), Passage("x"))),
    st.lists(st.text(max_size=8), max_size=2).map(tuple),
)


@settings(deadline=None)
@given(st.lists(foreign, max_size=4))
def test_no_metric_is_ever_nan(answers: list[ForeignAnswer]) -> None:
    values = metric_values([score_answer(one, Containing()) for one in answers], 0)
    assert [value.name for value in values] == list(METRIC_NAMES)
    for value in values:
        assert (value.value is None) == (value.n == 0)
        assert all(number is None or math.isfinite(number) for number in (value.value, value.low, value.high))


def test_the_real_checker_tells_what_is_cited_wrongly(tmp_path: Path) -> None:
    lines = [
        {
            "question_id": "cost",
            "question": "What will the wall cost?",
            "text": "The wall will cost 46 million crowns [1]. The council did not approve it [1].",
            "passages": [{"text": WALL, "title": "Wall approved", "date": "2026-04-01"}, BELL],
            "answers": ["46 million crowns"],
        },
        {"question_id": "chess", "question": "Who won?", "text": ""},
    ]
    path, out = tmp_path / "answers.jsonl", tmp_path / "scores"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    first, second = load_answers(path)
    assert [one.label for one in score_answer(first, load_checker()).verdicts] == ["supported", "contradicted"]
    assert second.statements == ()
    result = CliRunner().invoke(cli, ["eval", "score", str(path), "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert "2 answers, 2 sentences" in result.output
    metrics = {one["name"]: one for one in json.loads((out / "metrics.json").read_text())["metrics"]}
    assert (metrics["citation_recall"]["value"], metrics["citation_recall"]["n"]) == (0.5, 2)
    assert (metrics["contradicted"]["value"], metrics["abstained"]["value"]) == (0.5, 0.5)
    assert (metrics["answer_in_text"]["value"], metrics["answer_in_text"]["unscorable"]) == (1.0, 1)
    verdicts = [json.loads(line) for line in (out / "verdicts.jsonl").read_text().splitlines()]
    assert verdicts[0]["sentences"][1]["label"] == "contradicted"


def test_copydesks_own_answers_are_read_with_their_quotations(tmp_path: Path) -> None:
    line = {
        "question_id": "wall",
        "question": "What will it cost?",
        "sentences": [
            {"text": "It will cost 46 million crowns.", "citations": [{"quote": "It will cost …", "title": None}]}
        ],
    }
    path = tmp_path / "answers.jsonl"
    path.write_text(json.dumps(line))
    (answer,) = load_answers(path)
    assert answer.statements == (Statement("It will cost 46 million crowns.", (0,)),)
    assert answer.passages == (Passage("It will cost …"),)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "there are no answers in it"),
        ("\x00\x01", "not valid JSON"),
        ('{"question_id": "a", "question": "?"}', ":1: text is missing"),
        ('{"question_id": "a", "question": "?", "text": "A [1].", "passages": "x"}', ":1: passages must be a list"),
        ('{"question_id": "a", "question": "?", "text": "A [1].", "passages": [3]}', "passage 1: text is missing"),
        (
            '{"question_id": "a", "question": "?", "text": "A."}\n{"question_id": "a", "question": "?", "text": "A."}',
            ":2: the question_id a stands twice",
        ),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text(text)
    with pytest.raises(BadInputError, match=told):
        load_answers(path)
