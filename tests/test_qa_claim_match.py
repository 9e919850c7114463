"""How the words of a claim match its evidence."""

import pytest

from qa.claim_match import (
    FIGURE,
    FOUND,
    IN_CLAIM,
    IN_HEAD,
    LONG_RUN,
    NEW,
    NO_FIGURE,
    OTHER,
    RUN,
    SAME_FIGURE,
    match_claim,
)

HEAD = "Lund on the flood wall. 2 April 2018"
EVIDENCE = (
    "The council voted on Monday to approve the wall, which costs 46 million crowns. Fifteen thousand live there."
)


@pytest.mark.parametrize(
    ("claim", "word", "kind"),
    [
        ("Councillors backed it.", "backed", NEW),
        ("Councillors approved it.", "approved", FOUND),
        ("It was on Monday.", "Monday", RUN),
        ("They met on Monday to approve the wall.", "Monday", LONG_RUN),
        ("It costs 46m crowns.", "46m", FIGURE),
        ("It costs 64m crowns.", "64m", NO_FIGURE),
        ("The town has 15,000 people.", "15,000", FIGURE),
        ("Lund approved it.", "Lund", IN_HEAD),
        ("Nothing of it!", "!", FOUND),
        ("\ud800 ÆØÅ", "ÆØÅ", NEW),
    ],
)
def test_kinds_of_a_claims_words(claim: str, word: str, kind: int) -> None:
    assert match_claim(claim, HEAD, EVIDENCE)[0].at(claim.index(word)) == kind


def test_kinds_of_the_evidence() -> None:
    _, head, evidence = match_claim("Lund said the council wants 15,000 people.", HEAD, EVIDENCE)
    assert head.at(HEAD.index("Lund")) == IN_CLAIM
    assert head.at(HEAD.index("flood")) == OTHER
    assert evidence.at(EVIDENCE.index("council")) == IN_CLAIM
    assert evidence.at(EVIDENCE.index("wall")) == OTHER
    assert evidence.at(EVIDENCE.index("thousand")) == SAME_FIGURE


def test_nothing_at_all() -> None:
    assert [marks.at(0) for marks in match_claim("", "", "")] == [FOUND, OTHER, OTHER]
