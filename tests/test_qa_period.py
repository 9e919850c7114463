"""Words of a question as days. Unless it says otherwise, a question is asked on Friday 3 April 2026."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.period import find_period, without_period

FRIDAY = date(2026, 4, 3)


def read(question: str, asked_on: date = FRIDAY) -> tuple[str, str, str] | None:
    period = find_period(question, asked_on)
    return None if period is None else (period.words, period.first.isoformat(), period.last.isoformat())


def days(words: str, asked_on: date = FRIDAY) -> tuple[str, str] | None:
    found = read(f"Who resigned {words}, and why?", asked_on)
    return None if found is None else found[1:]


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("today", "2026-04-03", "2026-04-03"),
        ("tonight", "2026-04-03", "2026-04-03"),
        ("this morning", "2026-04-03", "2026-04-03"),
        ("this afternoon", "2026-04-03", "2026-04-03"),
        ("this evening", "2026-04-03", "2026-04-03"),
        ("yesterday", "2026-04-02", "2026-04-02"),
        ("last night", "2026-04-02", "2026-04-02"),
        ("on Friday", "2026-04-03", "2026-04-03"),
        ("this Friday", "2026-04-03", "2026-04-03"),
        ("last Friday", "2026-03-27", "2026-03-27"),
        ("last Thursday", "2026-04-02", "2026-04-02"),
        ("on Saturday", "2026-03-28", "2026-03-28"),
        ("a day ago", "2026-04-02", "2026-04-02"),
        ("an hour ago", "2026-04-02", "2026-04-03"),
        ("10 days ago", "2026-03-24", "2026-03-24"),
        ("a few days ago", "2026-03-31", "2026-03-31"),
        ("two weeks ago", "2026-03-16", "2026-03-22"),
        ("a couple of months ago", "2026-02-01", "2026-02-28"),
        ("twelve months ago", "2025-04-01", "2025-04-30"),
        ("a year ago", "2025-01-01", "2025-12-31"),
        ("two decades ago", "2006-01-01", "2006-12-31"),
        ("in the last month", "2026-03-04", "2026-04-03"),
        ("over the past 3 days", "2026-03-31", "2026-04-03"),
        ("during the last few weeks", "2026-03-13", "2026-04-03"),
        ("in the past couple of weeks", "2026-03-20", "2026-04-03"),
        ("in the last 24 hours", "2026-04-02", "2026-04-03"),
        ("in the last two weeks", "2026-03-20", "2026-04-03"),
        ("the last two weeks", "2026-03-20", "2026-04-03"),
        ("within the past year", "2025-04-03", "2026-04-03"),
        ("in recent weeks", "2026-03-13", "2026-04-03"),
        ("this past week", "2026-03-27", "2026-04-03"),
        ("this week", "2026-03-30", "2026-04-03"),
        ("last week", "2026-03-23", "2026-03-29"),
        ("this weekend", "2026-03-28", "2026-03-29"),
        ("last weekend", "2026-03-28", "2026-03-29"),
        ("this month", "2026-04-01", "2026-04-03"),
        ("last month", "2026-03-01", "2026-03-31"),
        ("this year", "2026-01-01", "2026-04-03"),
        ("the current year", "2026-01-01", "2026-04-03"),
        ("last year", "2025-01-01", "2025-12-31"),
        ("the previous year", "2025-01-01", "2025-12-31"),
    ],
)
def test_every_kind_of_expression(words: str, first: str, last: str) -> None:
    assert days(words) == (first, last)
    assert days(words.upper()) == (first, last)


@pytest.mark.parametrize(
    ("words", "asked_on", "first", "last"),
    [
        # The turn of a year.
        ("yesterday", date(2026, 1, 1), "2025-12-31", "2025-12-31"),
        ("last month", date(2026, 1, 15), "2025-12-01", "2025-12-31"),
        ("last week", date(2026, 1, 1), "2025-12-22", "2025-12-28"),
        ("this week", date(2026, 1, 1), "2025-12-29", "2026-01-01"),
        ("13 months ago", date(2026, 1, 31), "2024-12-01", "2024-12-31"),
        # Months of unequal length, and a leap day.
        ("last month", date(2026, 3, 31), "2026-02-01", "2026-02-28"),
        ("last month", date(2024, 3, 31), "2024-02-01", "2024-02-29"),
        ("yesterday", date(2024, 3, 1), "2024-02-29", "2024-02-29"),
        ("a year ago", date(2024, 2, 29), "2023-01-01", "2023-12-31"),
        ("this month", date(2024, 2, 29), "2024-02-01", "2024-02-29"),
        # The ends of a week.
        ("this week", date(2026, 3, 30), "2026-03-30", "2026-03-30"),
        ("last week", date(2026, 3, 30), "2026-03-23", "2026-03-29"),
        ("this week", date(2026, 4, 5), "2026-03-30", "2026-04-05"),
        ("last week", date(2026, 4, 5), "2026-03-23", "2026-03-29"),
        ("last Monday", date(2026, 3, 30), "2026-03-23", "2026-03-23"),
        ("on Sunday", date(2026, 4, 6), "2026-04-05", "2026-04-05"),
        ("this weekend", date(2026, 4, 4), "2026-04-04", "2026-04-04"),
        ("this weekend", date(2026, 4, 5), "2026-04-04", "2026-04-05"),
        ("last weekend", date(2026, 4, 5), "2026-03-28", "2026-03-29"),
        ("last weekend", date(2026, 4, 6), "2026-04-04", "2026-04-05"),
    ],
)
def test_boundaries(words: str, asked_on: date, first: str, last: str) -> None:
    assert days(words, asked_on) == (first, last)


@pytest.mark.parametrize(
    "question",
    [
        "What did Theresa May say?",
        "What happened in May?",
        "Who won in March 2026?",
        "What happened in the last week of March?",
        "What did USA Today report?",
        "Who hosts The Tonight Show?",
        "What did the yesterdays bring?",
        "What is the last time it rained?",
        "Who will win next week?",
        "What happened half a year ago?",
        "What was found 9999 years ago?",
        "Why on Mondays?",
        "",
    ],
)
def test_what_is_no_relative_date(question: str) -> None:
    assert read(question) is None


def test_the_words_stand_as_they_were_written() -> None:
    assert read("Last  Month, who won?") == ("Last  Month", "2026-03-01", "2026-03-31")
    assert read("WHO WON LAST WEEK?") == ("LAST WEEK", "2026-03-23", "2026-03-29")
    assert read("The vote failed. Yesterday it passed?") == ("Yesterday", "2026-04-02", "2026-04-02")


def test_the_first_expression_counts_and_a_name_before_it_does_not() -> None:
    assert read("What was said last Thursday and yesterday?") == ("last Thursday", "2026-04-02", "2026-04-02")
    assert read("What did USA Today print last week?") == ("last week", "2026-03-23", "2026-03-29")


def test_before_the_first_year_there_is_nothing() -> None:
    assert read("Who ruled 900 years ago?", date(500, 1, 1)) is None
    assert read("Who ruled yesterday?", date.min) is None


WORDS = "a an last this past in the on few couple of day days week weekend month year years ago Friday monday 3 12 999"


@given(
    st.lists(st.sampled_from(WORDS.split()), max_size=8).map(" ".join) | st.text(max_size=40),
    st.dates(min_value=date.min, max_value=date.max - timedelta(days=7)),
)
def test_a_period_is_in_order_and_never_in_the_future(question: str, asked_on: date) -> None:
    period = find_period(question, asked_on)
    if period is not None:
        assert period.first <= period.last <= asked_on
        assert period.words in question


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("How high did the river rise last week?", "How high did the river rise?"),
        ("Which bridge closed this month in Cray?", "Which bridge closed in Cray?"),
        ("Who rang the bell?", "Who rang the bell?"),
    ],
)
def test_words_read_as_days_are_not_looked_for_in_sentences(question: str, left: str) -> None:
    assert without_period(question, find_period(question, date(2026, 11, 22))) == left
