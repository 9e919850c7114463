"""Words of a question that mean days relative to the day it is asked on."""

import re
from calendar import monthrange
from datetime import date, timedelta

from qa.records import Period

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_COUNTS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NUMBERS = {word: number for number, word in enumerate(_COUNTS, start=1)} | {
    "a": 1,
    "an": 1,
    "couple": 2,
    "couple of": 2,
    "few": 3,
    "several": 3,
}
_COUNT = r"\d{1,3}|(?:a )?couple(?: of)?|(?:a )?few|several|an?|" + "|".join(_COUNTS)
_NUMBER = rf"(?P<number>{_COUNT})"
_UNIT = r"(?P<unit>hour|day|week|month|year|decade)(?P<plural>s?)"
_HOURS = {"hour": 1, "day": 24, "week": 7 * 24, "month": 30 * 24, "year": 365 * 24, "decade": 3652 * 24}

_DAY = re.compile(r"\b(?P<day>today|tonight|yesterday|this morning|this afternoon|this evening|last night)\b", re.I)
_WEEKDAY = re.compile(rf"\b(?P<which>last|this|on)\s+(?P<weekday>{'|'.join(_WEEKDAYS)})\b", re.I)
_AGO = re.compile(rf"(?<!half )\b{_NUMBER}\s+{_UNIT}\s+ago\b", re.I)
# "In the last month" and "the past month" are the thirty days until now; "last month" is the calendar's.
# "The last week of March" is no relative date.
_ROLLING = re.compile(
    r"\b(?:(?:in|over|during|within)\s+the\s+last|(?:the|this|in)\s+past|in\s+recent|"
    rf"the\s+last(?=\s+(?:{_COUNT})\s))\s+(?:{_NUMBER}\s+)?{_UNIT}\b(?!\s+of\b)",
    re.I,
)
_CALENDAR = re.compile(
    r"\b(?P<which>this(?:\s+past)?|last|past|previous|current)\s+(?P<unit>week|month|year|weekend)\b(?!\s+of\b)", re.I
)

# News of a day is still being written some days later.
DAYS_OF_COVERAGE = timedelta(days=3)


def find_period(question: str, asked_on: date) -> Period | None:
    """The first relative date in a question, resolved; None when there is none.

    Weeks begin on Monday. "This week" ends on the day of asking, because an archive knows nothing later.
    """
    readers = (
        (_DAY, _read_day),
        (_AGO, _read_ago),
        (_ROLLING, _read_rolling),
        (_WEEKDAY, _read_weekday),
        (_CALENDAR, _read_calendar),
    )
    found = [
        (match.start(), match, read)
        for pattern, read in readers
        for match in pattern.finditer(question)
        if not _is_name(match)
    ]
    if not found:
        return None
    _, match, read = min(found, key=lambda item: (item[0], -len(item[1].group())))
    try:
        first, last = read(match, asked_on)
    except (OverflowError, ValueError):  # "900 years ago"
        return None
    return Period(match.group(), first, last)


def _is_name(match: re.Match[str]) -> bool:
    """ "USA Today" and "The Tonight Show" are no dates: a capital within a sentence, unless all are capitals."""
    words = match.group()
    inside_sentence = re.search(r"[^\s.?!:;\"'“‘(]\s*$", match.string[: match.start()]) is not None
    return words[0].isupper() and not words.isupper() and inside_sentence


def without_period(question: str, period: Period | None) -> str:
    """The question without the words that were read as days: no article says "last week" of the same week."""
    if period is None:
        return question
    return " ".join(question.replace(period.words, " ", 1).split()).replace(" ?", "?")


def _read_day(match: re.Match[str], today: date) -> tuple[date, date]:
    day = today - timedelta(days=1) if match["day"].lower() in ("yesterday", "last night") else today
    return day, day


def _read_weekday(match: re.Match[str], today: date) -> tuple[date, date]:
    back = (today.weekday() - _WEEKDAYS.index(match["weekday"].lower())) % 7
    if match["which"].lower() == "last" and back == 0:
        back = 7
    day = today - timedelta(days=back)
    return day, day


def _read_ago(match: re.Match[str], today: date) -> tuple[date, date]:
    number, unit = _number(match["number"]), match["unit"].lower()
    if unit in ("hour", "day"):
        day = today - timedelta(days=_days(number, unit))
        return (day, today) if unit == "hour" else (day, day)
    if unit == "week":
        monday = today - timedelta(days=today.weekday() + 7 * number)
        return monday, monday + timedelta(days=6)
    if unit == "month":
        return _month(*_months_before(today, number))
    year = today.year - number * (10 if unit == "decade" else 1)
    return date(year, 1, 1), date(year, 12, 31)


def _read_rolling(match: re.Match[str], today: date) -> tuple[date, date]:
    number = match["number"] or ("few" if match["plural"] else "one")
    return today - timedelta(days=_days(_number(number), match["unit"].lower())), today


def _days(number: int, unit: str) -> int:
    return -(-number * _HOURS[unit] // 24)


def _read_calendar(match: re.Match[str], today: date) -> tuple[date, date]:
    past = match["which"].lower() not in ("this", "current")
    unit = match["unit"].lower()
    monday = today - timedelta(days=today.weekday())
    if unit == "week":
        return (monday - timedelta(days=7), monday - timedelta(days=1)) if past else (monday, today)
    if unit == "weekend":
        # "Last weekend" asked on a Sunday is the one before.
        sunday = monday - timedelta(days=1) if past or today.weekday() < 5 else monday + timedelta(days=6)
        return sunday - timedelta(days=1), min(sunday, today)
    if unit == "month":
        first, last = _month(*_months_before(today, 1 if past else 0))
        return first, min(last, today)
    year = today.year - 1 if past else today.year
    return date(year, 1, 1), min(date(year, 12, 31), today)


def _number(words: str) -> int:
    lowered = " ".join(words.lower().split())
    return int(lowered) if lowered.isdigit() else _NUMBERS[lowered.removeprefix("a ")]


def _months_before(day: date, months: int) -> tuple[int, int]:
    index = day.year * 12 + day.month - 1 - months
    return index // 12, index % 12 + 1


def _month(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])
