"""Negation, opposites, quotations, modality and speakers."""

import pytest

from qa.guards import find_faults


def _kinds(claim: str, evidence: str) -> set[tuple[str, bool]]:
    return {(fault.kind, fault.clash) for fault in find_faults(claim, [evidence])}


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("The council did not approve the new bridge.", "The council approved the new bridge."),
        ("The council approved the new bridge.", "The council did not approve the new bridge."),
        ("The council agreed to build the new bridge.", "The council refused to build the new bridge."),
        ("The captain was never charged over the wreck.", "The captain was charged over the wreck."),
        ("The captain was alive when the boat arrived.", "The captain was dead when the boat arrived."),
        ("Prices of fish rose sharply in the spring.", "Prices of fish fell sharply in the spring."),
        ("The crew left port before the storm came.", "The crew left port after the storm came."),
        ("The crew sailed with a permit from the port.", "The crew sailed without a permit from the port."),
        ("The company of the ferry has yet to confirm plans.", "The company of the ferry has confirmed plans."),
        ("The smallest bank of the island closed.", "The largest bank of the island closed."),
        ("The water of the bay is unsafe for swimmers.", "The water of the bay is safe for swimmers."),
        ("The wall was not approved.", "The council approved the flood wall on Tuesday."),
        ("The wall has not been approved by the council.", "On Tuesday the council approved the flood wall."),
        ("The council did not approve it.", "The council approved the flood wall on Tuesday."),
    ],
)
def test_a_turned_meaning_clashes(claim: str, evidence: str) -> None:
    assert ("negation", True) in _kinds(claim, evidence)


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("The captain was not alive when the boat arrived.", "The captain was dead when the boat arrived."),
        ("The council didn't approve the new bridge.", "The council did not approve the new bridge."),
        ("The council rejected the new bridge.", "The council did not approve the new bridge."),
        ("Not only Brook but Holm voted for the new bridge.", "Brook and Holm voted for the new bridge."),
        ("Nobody was hurt when the ferry sank.", "The ferry sank, but no one was hurt."),
        ("The council will not talk with the union.", "The council refuses to talk with the union."),
        ("The company has yet to confirm the plan.", "The company has so far not confirmed the plan."),
        ("It was not until Monday that the boat arrived.", "It took until Monday for the boat to arrive."),
        ("The panel reports on making or not making a referral.", "The panel reports on making a referral."),
        ("It became the third-biggest bank of the island.", "It became the third-largest bank of the island."),
        ("She is much better in the field this spring.", "She is much better in the infield this spring."),
        ("The plan failed and no bridge was built.", "The council never built the bridge it had planned."),
        ("The wall was not approved.", "The council refused to have the wall approved."),
        ("The mayor did not approve the wall.", "The council approved the wall."),
        ("The wall was not approved before May.", "The council approved the wall in May."),
    ],
)
def test_the_same_meaning_does_not_clash(claim: str, evidence: str) -> None:
    assert ("negation", True) not in _kinds(claim, evidence)


@pytest.mark.parametrize(
    ("claim", "evidence", "found"),
    [
        ("Brook said she “voted for it”.", "“I voted for it,” Brook said.", set()),
        ('Brook said: "we… saw the ice."', "“We, the crew, saw the ice,” Brook said.", set()),
        ('Brook said: "we… saw the ice."', "“The crew saw the ice,” Brook said.", {("quotation", True)}),
        ('Brook said she "saw ... ice".', "“I saw a lot of ice,” Brook said.", set()),
        ("Brook “voted against the new bridge”.", "“I voted for the new bridge,” Brook said.", {("quotation", True)}),
        ("It is worth “0 million”.", "It is worth $90 million.", {("quotation", False)}),
        ("It is worth “90 million”.", "It is worth “$90 million”.", {("quotation", True)}),
        ("Brook called it “a great loss to us all”.", "Brook spoke of the wreck.", {("quotation", False)}),
        ("It’s Brook’s ‘finest hour’, they say.", "It's Brook's \"finest hour\", they say.", set()),
    ],
)
def test_a_quotation_stands_character_for_character(claim: str, evidence: str, found: set[tuple[str, bool]]) -> None:
    assert {kind for kind in _kinds(claim, evidence) if kind[0] == "quotation"} == found


@pytest.mark.parametrize(
    ("claim", "evidence", "found"),
    [
        ("The company will close its Sallow plant.", "The company may close its Sallow plant.", ("modality", False)),
        (
            "The captain hid the cargo from the port.",
            "The captain allegedly hid the cargo from the port.",
            ("attribution", False),
        ),
        (
            "“The new bridge over the bay is safe,” Holm said.",
            "“The new bridge over the bay is safe,” Brook said, and Holm left.",
            ("attribution", True),
        ),
    ],
)
def test_what_may_be_or_is_alleged_is_no_fact(claim: str, evidence: str, found: tuple[str, bool]) -> None:
    assert found in _kinds(claim, evidence)


def test_a_claim_that_stays_careful_is_not_faulted() -> None:
    assert _kinds("The plant might close.", "The company may close its plant.") == set()
    assert _kinds("Police claim that the captain hid it.", "The captain allegedly hid it, police said.") == set()
