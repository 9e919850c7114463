"""Dates and names: which mean the same, which don't."""

from datetime import date

import pytest

from qa.guard_dates import find_dates
from qa.guards import find_faults

WEDNESDAY = date(2018, 4, 4)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("on Monday", date(2018, 4, 2), date(2018, 4, 2)),
        ("yesterday", date(2018, 4, 3), date(2018, 4, 3)),
        ("on 2 April", date(2018, 4, 2), date(2018, 4, 2)),
        ("April 2-5", date(2018, 4, 2), date(2018, 4, 5)),
        ("from 2 to 5 April 2017", date(2017, 4, 2), date(2017, 4, 5)),
        ("last month", date(2018, 3, 1), date(2018, 3, 31)),
        ("in May 2016", date(2016, 5, 1), date(2016, 5, 31)),
        ("last year", date(2017, 1, 1), date(2017, 12, 31)),
        ("in 1994", date(1994, 1, 1), date(1994, 12, 31)),
        ("the 1950s", date(1950, 1, 1), date(1959, 12, 31)),
        ("two years ago", date(2016, 1, 1), date(2016, 12, 31)),
        ("laſt wee\N{KELVIN SIGN}", date(2018, 3, 26), date(2018, 4, 1)),
    ],
)
def test_a_date_is_resolved_against_the_day_of_publication(text: str, first: date, last: date) -> None:
    (found,) = find_dates(text, WEDNESDAY)
    assert (first, last) in found.readings


@pytest.mark.parametrize(
    "text", ["Ada Brook may sail", "more than 2,000", "2016 people came", "The march began", "1,994"]
)
def test_what_only_looks_like_a_date_is_none(text: str) -> None:
    assert find_dates(text, WEDNESDAY) == ()


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("The ferry sank on 2 April.", "The ferry sank on Monday."),
        ("The ferry sank on Monday.", "The ferry sank two days ago."),
        ("The ferry sank in April.", "The ferry sank on Monday."),
        ("The ferry sank in 2017.", "The ferry sank last year."),
        ("The ferry sank in March 2018.", "The ferry sank last month."),
        ("The ferry sank in 1955.", "The ferry sank on 3 May 1955."),
        ("The ferry sank in the 1950s.", "The ferry sank in 1955."),
    ],
)
def test_the_same_day_said_otherwise_is_borne_out(claim: str, evidence: str) -> None:
    assert find_faults(claim, [evidence], WEDNESDAY) == ()


@pytest.mark.parametrize(
    ("claim", "evidence", "clash"),
    [
        ("The ferry Larkspur sank off Sallow on Tuesday.", "The ferry Larkspur sank off Sallow on Monday.", True),
        ("The ferry Larkspur sank off Sallow in 1956.", "The ferry Larkspur sank off Sallow in 1955.", True),
        ("It opens on Monday, Dec. 2.", "It opens on Friday, Dec. 2.", True),
        ("The ferry sank on 7 May 1912.", "The ferry sank with all its cargo.", False),
    ],
)
def test_another_day_is_told(claim: str, evidence: str, clash: bool) -> None:
    assert clash in [fault.clash for fault in find_faults(claim, [evidence], WEDNESDAY) if fault.kind == "date"]


@pytest.mark.parametrize(
    ("claim", "evidence", "context"),
    [
        ("Brook won the vote.", "Ada Brook won the vote.", ""),
        ("Ada Brook won the vote.", "Brook won the vote.", ""),
        ("Ada Brook won the vote.", "She won the vote.", "Ada Brook is mayor of Corvane"),
        ("The vote of the United Nations is near.", "The vote of the U.N. is near.", ""),
        ("The WHO closed its office.", "The World Health Organization closed its office.", ""),
        ("A vote in Germany is near.", "The German vote is near.", ""),
        ("The UK left.", "Britain left.", ""),
        ("Oliver-Grune's ship sank.", "Óliver-Grüne's ship sank.", ""),
        ("the ship of ada brook sank near corvane", "Ada Brook's ship sank near Corvane.", ""),
        ("Ada Brook's ship sank near Corvane.", "ada brook's ship sank near corvane.", ""),
        ("Zelensky spoke of the ship in Odessa.", "Zelenskyy spoke of the ship in Odesa.", ""),
        ("Neither Brook nor Holm came to vote.", "Ada Brook and Per Holm did not come to vote.", ""),
        (
            "The boats stood on the IBA's list twice.",
            "The boats stood on the Island Boatmen Association list twice.",
            "",
        ),
        (
            "More than 40 boats came, says CBP data.",
            "More than 40 boats came, says US Customs and Border Patrol data.",
            "",
        ),
    ],
)
def test_the_same_name_said_otherwise_is_borne_out(claim: str, evidence: str, context: str) -> None:
    assert [fault for fault in find_faults(claim, [evidence], None, context) if fault.kind == "name"] == []


@pytest.mark.parametrize(
    ("claim", "evidence", "clash"),
    [
        ("Paul Brook won the vote in Corvane.", "Ada Brook won the vote in Corvane.", True),
        ("The bridge was built by Holm in Corvane.", "The bridge was built by Brook in Corvane.", True),
        ("Brook was beaten by Holm in the vote.", "Holm was beaten by Brook in the vote.", True),
        ("the ferry went from sallow to berlin", "The ferry went from Sallow to Paris.", True),
        ("A captain called Strohm was there.", "A captain was there.", False),
    ],
)
def test_another_name_is_told(claim: str, evidence: str, clash: bool) -> None:
    assert clash in [fault.clash for fault in find_faults(claim, [evidence]) if fault.kind == "name"]
