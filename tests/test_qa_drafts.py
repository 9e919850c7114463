"""What a language model wrote, as sentences with marks."""

import pytest

from qa.drafts import Draft, declines, parse_drafts
from qa.prompts import REFUSAL


def drafts(written: str, evidence: int = 3) -> list[tuple[str, tuple[int, ...]]]:
    return [(draft.text, draft.marks) for draft in parse_drafts(written, evidence)]


@pytest.mark.parametrize(
    ("written", "parsed"),
    [
        ("Forty fled [1].", [("Forty fled.", (1,))]),
        ("Forty fled. [1]", [("Forty fled.", (1,))]),
        ("Forty fled.[1] It rained.[2]", [("Forty fled.", (1,)), ("It rained.", (2,))]),
        ("Forty fled [1][2]. It rained [3].", [("Forty fled.", (1, 2)), ("It rained.", (3,))]),
        ("Forty fled [1, 2]. It rained [3; 1].", [("Forty fled.", (1, 2)), ("It rained.", (3, 1))]),
        ("Forty fled [1 and 2].", [("Forty fled.", (1, 2))]),
        ("Forty fled [1-3].", [("Forty fled.", (1, 3, 2))]),
        ("Forty fled [source 1], the mayor said [2].", [("Forty fled, the mayor said.", (1, 2))]),
        ("Forty fled【1†source】.", [("Forty fled.", (1,))]),
        ("Forty fled [^1].", [("Forty fled.", (1,))]),
        ("[1] Forty fled.\n[2] It rained.", [("Forty fled.", (1,)), ("It rained.", (2,))]),
        ("- Forty fled [1]\n* It rained [2]\n", [("Forty fled", (1,)), ("It rained", (2,))]),
        ("1. Forty fled [1].\n2) It rained [2].", [("Forty fled.", (1,)), ("It rained.", (2,))]),
        ("## **Forty** `fled` [1].", [("Forty fled.", (1,))]),
        ("Dr. Ames met Mr. Lund at 9 a.m. on Monday [1].", [("Dr. Ames met Mr. Lund at 9 a.m. on Monday.", (1,))]),
        ("It rose to 9.5 metres [1]. Forty fled.", [("It rose to 9.5 metres.", (1,)), ("Forty fled.", ())]),
        ("<think>Is it [2]? Yes.</think>Forty fled [1].", [("Forty fled.", (1,))]),
        ("<think>Is it [2]? I wonder", []),
        ("Forty\u200b fl\u202eed [1].", [("Forty fled.", (1,))]),
        ("Forty fled [1]. It rained and", [("Forty fled.", (1,))]),
        ("Forty fled", [("Forty fled", ())]),
        ("", []),
        (" \n[1]\n", []),
        (REFUSAL, []),
        (f"Forty fled [1]. {REFUSAL}.", [("Forty fled.", (1,))]),
    ],
)
def test_sentences_and_their_marks(written: str, parsed: list[tuple[str, tuple[int, ...]]]) -> None:
    assert drafts(written) == parsed


def test_marks_that_point_nowhere_are_told_apart() -> None:
    assert parse_drafts("Forty fled [2, 7][0][999].", 2) == (Draft("Forty fled.", (2,), (7, 0, 999)),)
    assert parse_drafts("Forty fled [1].", 0) == (Draft("Forty fled.", (), (1,)),)


def test_while_more_is_to_come_the_last_sentence_waits() -> None:
    written = "Forty fled. [1] It rained [2]. Nobody was"
    seen = [parse_drafts(written[:end], 3, whole=False) for end in range(len(written) + 1)]
    counts = [len(one) for one in seen]
    assert counts == sorted(counts)
    assert {one for found in seen for one in found} == {Draft("Forty fled.", (1,)), Draft("It rained.", (2,))}


@pytest.mark.parametrize(
    "written", [REFUSAL, f"{REFUSAL}.", f" “{REFUSAL.lower()}” [1]", f"<think>No.</think>{REFUSAL}"]
)
def test_that_the_evidence_does_not_answer_is_understood(written: str) -> None:
    assert declines(written)


@pytest.mark.parametrize("written", ["", "Forty fled.", f"It is {REFUSAL} that forty fled."])
def test_anything_else_is_no_refusal(written: str) -> None:
    assert not declines(written)
