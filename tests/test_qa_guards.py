"""The guards as a whole: nothing is wrong with a sentence against itself, and each kind of error is told."""

from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qa.guards import find_faults

PUBLISHED = date(2018, 4, 4)  # a Wednesday

SENTENCES = (
    "Ada Brook, 34, said on Monday that about 1,600 people in Corvane had voted for the bridge.",
    "The council paid $90 million for the ferry in April 2017, 12 per cent more than planned.",
    "“We did not see the ice,” said the captain of the Larkspur, which may sail again next week.",
    "Thorel United beat Marrow Town 2-1 at 7:30 p.m. on the third of May, its sixth win in a row.",
    "The U.N. says one in five children in the region has no school; the U.S. denied that it had cut its aid.",
    "Half of the 'Sallow Nine', a dozen of whom were never charged, left in the early 1990s, not 2003.",
    "Ms. Óliver-Grüne's company, W.H.O.-backed, isn't planning to open its 21st shop in the '90s style.",
    "It could be 30 to 40 degrees by 4 April, and 5–10 cm of rain fell in 24 hours a year ago today.",
)


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("published", [PUBLISHED, None])
def test_a_sentence_never_faults_itself(sentence: str, published: date | None) -> None:
    assert find_faults(sentence, [sentence], published) == ()
    assert find_faults(sentence, ["It rained in Sallow.", sentence, "Nobody was hurt."], published) == ()
    assert find_faults(sentence.lower(), [sentence], published) == ()
    assert find_faults(sentence.lower(), [sentence.lower()], published) == ()
    assert find_faults(sentence, [sentence.lower()], published) == ()


WORDS = st.sampled_from(
    "the a of in on not no never didn't about more than 5 12 1,600 30% $90 million twice half third 2-1 7:30 a.m. noon "
    "Monday April 4 2018 last year ago days weeks May Ada Brook Corvane U.S. North South Sallow said says claims may "
    "will rose fell before after “ ” \" ' ( ) , . ; – … one in five people percent £3 bn 21st 1990s".split()
)
MADE = st.lists(WORDS, max_size=25).map(" ".join)
DAYS = st.none() | st.dates(date(1, 1, 1), date(9999, 12, 31))


@given(MADE, DAYS)
@example("Monday April 4 half a million 5 a.m. third", None)
@settings(max_examples=150, deadline=None)
def test_made_up_sentences_never_fault_themselves(sentence: str, published: date | None) -> None:
    assert find_faults(sentence, [sentence], published) == ()


@given(st.text(max_size=80), st.lists(st.text(max_size=80), max_size=3), DAYS, st.text(max_size=40))
@settings(max_examples=150, deadline=None)
def test_any_text_gets_an_answer_within_the_claim(
    claim: str, evidence: list[str], published: date | None, context: str
) -> None:
    for fault in find_faults(claim, evidence, published, context):
        assert 0 <= fault.start < fault.end <= len(claim)
        assert fault.reason


@given(MADE, MADE, DAYS)
@settings(max_examples=150, deadline=None)
def test_sentences_of_numbers_dates_and_names_get_an_answer_within_the_claim(
    claim: str, evidence: str, published: date | None
) -> None:
    for fault in find_faults(claim, [evidence], published):
        assert 0 <= fault.start < fault.end <= len(claim)


@pytest.mark.parametrize(
    ("claim", "evidence", "kind", "clash"),
    [
        ("About 1,900 people voted for the bridge.", "About 1,600 people voted for the bridge.", "number", True),
        ("The ferry cost $90 billion to build.", "The ferry cost $90 million to build.", "number", True),
        ("The strike lasted 14 weeks in all.", "The strike lasted 14 days in all.", "number", True),
        ("The ferry sank on Tuesday near Sallow.", "The ferry sank on Monday near Sallow.", "date", True),
        ("The mayor opened the bridge in Marrow.", "The mayor opened the bridge in Corvane.", "name", True),
        ("Paul Brook opened the bridge.", "Ada Brook opened the bridge.", "name", True),
        ("The council did not approve the new bridge.", "The council approved the new bridge.", "negation", True),
        ("The council rejected the new bridge.", "The council approved the new bridge.", "negation", True),
        ("Brook said she “voted against” it.", "Brook said she “voted for” it.", "quotation", False),
        ("The company has closed its Sallow plant.", "The company may close its Sallow plant.", "modality", False),
    ],
)
def test_each_kind_of_error_is_told(claim: str, evidence: str, kind: str, clash: bool) -> None:
    faults = find_faults(claim, [evidence], PUBLISHED)
    assert (kind, clash) in {(fault.kind, fault.clash) for fault in faults}


def test_reasons_say_what_either_says() -> None:
    (fault,) = find_faults("About 1,900 people voted for it.", ["About 1,600 people voted for it."])
    assert fault.reason == "the article says 1,600, the sentence says 1,900"
    assert "About 1,900 people"[fault.start : fault.end] == "1,900"


def test_without_evidence_there_is_nothing_to_hold_a_claim_against() -> None:
    assert find_faults("About 1,900 people voted.", []) == ()
    assert find_faults("", ["About 1,900 people voted."]) == ()
