"""Figures: what is read from a text, and when one bears another out."""

import pytest

from qa.guard_amounts import find_amounts
from qa.guards import find_faults


@pytest.mark.parametrize(
    ("text", "value", "dimension", "bound"),
    [
        ("1,600 voters", 1600, "count", "exact"),
        ("two and a half million", 2.5e6, "count", "exact"),
        ("half a million", 5e5, "count", "exact"),
        ("a quarter of a million", 2.5e5, "count", "exact"),
        ("6m people", 6e6, "count", "exact"),
        ("one hundred and five", 105, "count", "exact"),
        ("more than $1.7 trillion", 1.7e12, "money", "over"),
        ("fourteen dollars", 14, "money", "exact"),
        ("33 per cent", 33, "percent", "exact"),
        ("two thirds", 200 / 3, "percent", "exact"),
        ("75 basis points", 0.75, "percent", "exact"),
        ("three-quarters of a percentage point", 0.75, "percent", "exact"),
        ("half an hour", 1800, "time", "exact"),
        ("at least 5 miles", 8046.72, "length", "least"),
        ("nearly 20 square miles", 5.18e7, "area", "near"),
        ("as many as 80 ships", 80, "count", "most"),
        ("five or more", 5, "count", "least"),
        ("7:30 p.m.", 19.5 * 60, "clock", "exact"),
        ("noon", 720, "clock", "exact"),
        ("the 21st shop", 21, "ordinal", "exact"),
        ("two times as many", 2, "multiple", "exact"),
        ("30 μg of it", 3e-5, "weight", "exact"),
        ("30 µg of it", 3e-5, "weight", "exact"),
        ("the ſixth shop", 6, "ordinal", "exact"),
        ("two m\N{LATIN SMALL LETTER DOTLESS I}ll\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}on", 2e6, "count", "exact"),
        ("3 \N{KELVIN SIGN}ilograms", 3000, "weight", "exact"),
    ],
)
def test_a_figure_is_read(text: str, value: float, dimension: str, bound: str) -> None:
    (amount,) = find_amounts(text)
    assert amount.value == pytest.approx(value)
    assert (amount.dimension, amount.bound) == (dimension, bound)


@pytest.mark.parametrize("text", ["on 3 May 2017", "the G20 and 5G", "a first term", "the second time", "since 1998"])
def test_dates_names_and_ranks_are_no_figures(text: str) -> None:
    assert find_amounts(text) == ()


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("About 130,000 people marched in Sallow.", "In Sallow 133,695 people marched."),
        ("More than 130,000 people marched in Sallow.", "In Sallow 133,695 people marched."),
        ("Nearly 134,000 people marched in Sallow.", "In Sallow 133,695 people marched."),
        ("Six million tickets were sold.", "The theatre sold 6m tickets."),
        ("A third of the ferries are old.", "Of the ferries, 33 per cent are old."),
        ("One in five ferries is old.", "Of the ferries, 20% are old."),
        ("The voyage took seven days.", "The voyage took a week."),
        ("The voyage took half a year.", "The voyage took six months."),
        ("The boy of 13 drove the ferry.", "A 13-year-old boy drove the ferry."),
        ("Thorel won by two goals to one.", "Thorel won 2-1."),
        ("Marrow lost by 27 points.", "Thorel beat Marrow 112-85."),
        ("Seven ports now ban the ships.", "Corvane joined six other ports in banning the ships."),
        ("It was $130 cheaper.", "It fell from $1,295 to $1,165."),
        ("The fleet is to be six times as large.", "The fleet has 100 ships and is to have 600."),
        ("Twelve were hurt and more than 80 missing.", "A dozen were hurt and 83 missing."),
        ("Prices are near a four-decade record.", "Prices are near a 40-year record."),
        ("It runs over 80 races each year on the island.", "It runs more than 80 races annually on the island."),
        ("The number has risen over the past ten years.", "The number has risen over the past decade."),
    ],
)
def test_an_honest_figure_is_borne_out(claim: str, evidence: str) -> None:
    assert [fault for fault in find_faults(claim, [evidence]) if fault.kind == "number"] == []


@pytest.mark.parametrize(
    ("claim", "evidence", "clash"),
    [
        ("About 1,900 people marched in Sallow.", "About 1,600 people marched in Sallow.", True),
        ("Fewer than 1,600 people marched in Sallow.", "More than 1,600 people marched in Sallow.", True),
        ("The fine was $5 billion in all.", "The fine was $5 million in all.", True),
        ("They rowed for 30 minutes across the bay.", "They rowed for 30 seconds across the bay.", True),
        ("Ships pay $40 a month for the quay.", "Ships pay $40 a year for the quay.", True),
        ("Prices rose by 8 per cent in Sallow.", "Prices rose by 5 per cent in Sallow.", True),
        ("Thorel beat Marrow 3-1 at home.", "Thorel beat Marrow 2-1 at home.", True),
        ("The ferry leaves at 7:30 p.m. on most days.", "The ferry leaves at 6:30 p.m. on most days.", True),
        ("She scored in Game 6 of the final.", "She scored in Game 4 of the final.", True),
        ("The police came within hours of the call.", "The police came within minutes of the call.", True),
        (
            "A fire in the port of Sallow killed at least 80 sheep and burnt down another 116 huts and sheds.",
            "A fire in the port of Sallow killed at least 116 sheep and burnt down another 80 huts and sheds.",
            True,
        ),
        ("Ada Brook owns 45 boats.", "The captain is fond of sailing.", False),
        (
            "Help arrived within a day of the call, she said.",
            "Help arrived within an hour of the call, she said.",
            True,
        ),
    ],
)
def test_a_wrong_figure_is_told(claim: str, evidence: str, clash: bool) -> None:
    assert clash in [fault.clash for fault in find_faults(claim, [evidence]) if fault.kind == "number"]
