"""The scripted liar: what it writes is plausible, false where it says so, and the same each time."""

import random

import pytest

from eval.liar import NAME, RULES, Liar, Told
from qa.drafts import parse_drafts
from qa.prompts import MOST_WRITTEN, Message

EVIDENCE = (
    "The river Veld rose to 4.2 metres in Harrow Ford on Monday.",
    "Eleven houses were flooded before the evening.",
    "The council of Marn may vote for a new dam.",
)
SHOWN = "\n".join(f"[{number}] (Courier, 2026-03-30) {text}" for number, text in enumerate(EVIDENCE, 1))
MESSAGES = (Message("system", "Rules."), Message("user", f"<evidence>\n{SHOWN}\n</evidence>\n\nQuestion: What?"))


def written(liar: Liar) -> str:
    return "".join(liar.stream(MESSAGES))


@pytest.mark.parametrize(
    ("rule", "text", "lie"),
    [
        ("negation", "Eleven houses were flooded.", "Eleven houses were not flooded."),
        ("negation", "The dam was not built.", "The dam was built."),
        ("negation", "It rained.", None),
        ("figure", "It rained.", None),
        ("name", "The river rose in Marn.", "The river rose in Sallow."),
        ("name", "The river rose.", None),
        ("name", "The river rose on Monday, in May.", None),
        ("day", "The river rose.", None),
        ("certainty", "It may rain.", "It will rain."),
        ("certainty", "About 20 came, and nearly 30 left.", "About 20 came, and exactly 30 left."),
        ("certainty", "It rained.", None),
    ],
)
def test_each_rule_changes_one_thing(rule: str, text: str, lie: str | None) -> None:
    assert RULES[rule](text, ["Nobody slept in Sallow."], random.Random(0)) == lie


@pytest.mark.parametrize("seed", range(20))
def test_another_figure_is_another(seed: int) -> None:
    for text, rest in (("It cost 46 crowns.", "It cost "), ("Eleven houses fell.", " houses fell.")):
        lie = RULES["figure"](text, (), random.Random(seed))
        assert lie is not None
        assert lie != text
        assert rest in lie
    assert RULES["figure"]("In all 3,400 came.", (), random.Random(seed)) in (
        *(f"In all {3400 * factor + more:,} came." for factor in (2, 3, 5) for more in range(1, 10)),
    )


@pytest.mark.parametrize("seed", range(5))
def test_another_day_is_another(seed: int) -> None:
    lie = RULES["day"](EVIDENCE[0], (), random.Random(seed))
    assert lie is not None
    assert lie != EVIDENCE[0]
    assert lie.removesuffix("day.").rpartition(" ")[0] == EVIDENCE[0].removesuffix(" Monday.")


def test_an_addition_keeps_the_sentence_and_adds_to_it() -> None:
    lie = RULES["addition"](EVIDENCE[1], (), random.Random(3))
    assert lie is not None
    assert lie.startswith("Eleven houses were flooded before the evening, ")
    assert lie.endswith(".")


def test_the_same_seed_tells_the_same_and_another_seed_something_else() -> None:
    assert written(Liar("a")) == written(Liar("a"))
    assert len({written(Liar(str(seed))) for seed in range(5)}) > 1


@pytest.mark.parametrize("seed", range(30))
def test_what_it_tells_is_what_is_parsed_and_false_where_it_says_so(seed: int) -> None:
    liar = Liar(str(seed))
    drafts = parse_drafts(written(liar), len(EVIDENCE))
    assert [draft.text for draft in drafts] == [told.text for told in liar.told]
    assert MOST_WRITTEN - 1 <= len(drafts) <= MOST_WRITTEN
    for draft, told in zip(drafts, liar.told, strict=True):
        assert told.false == (told.text not in EVIDENCE)
        assert len(draft.marks) == 1
        if told.kind == "mark":
            assert EVIDENCE[draft.marks[0] - 1] != told.text
        if told.kind == "true":
            assert EVIDENCE[draft.marks[0] - 1] == told.text


def test_over_many_questions_every_kind_is_told_and_mostly_lies() -> None:
    told: list[Told] = []
    for seed in range(60):
        liar = Liar(str(seed))
        written(liar)
        told += liar.told
    assert {one.kind for one in told} == {*RULES, "mark", "true"}
    assert sum(one.false for one in told) > len(told) / 2


def test_asked_to_repair_it_tells_another_lie() -> None:
    liar = Liar("a")
    written(liar)
    before = list(liar.told)
    assert written(liar)
    assert len(liar.told) == len(before) + 1
    assert liar.told[-1].text not in {one.text for one in before}


def test_of_a_single_source_a_false_mark_points_nowhere() -> None:
    only = (MESSAGES[0], Message("user", "<evidence>\n[1] (2026-03-30) It rained.\n</evidence>"))
    for seed in range(20):
        liar = Liar(str(seed))
        drafts = parse_drafts("".join(liar.stream(only)), 1)
        astray = [draft for draft, told in zip(drafts, liar.told, strict=True) if told.kind == "mark"]
        assert [draft.astray for draft in astray] == [(97,)]


def test_without_evidence_it_has_nothing_to_say() -> None:
    liar = Liar("a")
    assert "".join(liar.stream((MESSAGES[0], Message("user", "Question: What?")))) == ""
    assert (liar.name, liar.told) == (NAME, [])
