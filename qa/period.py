"""Words of a question that mean days relative to the day it is asked on."""

import re
from calendar import monthrange
from datetime import date, timedelta

from qa.records import Period

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBERS = {
    word: number
    for number, word in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), start=1)
} | {"a": 1, "an": 1, "couple of": 2, "few": 3}
_NUMBER = r"(?P<number>\d{1,3}|a couple of|a few|an?|" + "|".join(list(_NUMBERS)[:12]) + ")"
_UNIT = r"(?P<unit>day|week|month|year)s?"

_DAY = re.compile(r"\b(?P<day>today|tonight|yesterday|this morning|this afternoon|this evening|last night)\b", re.I)
_WEEKDAY = re.compile(rf"\b(?P<which>last|this|on)\s+(?P<weekday>{'|'.join(_WEEKDAYS)})\b", re.I)
_AGO = re.compile(rf"\b{_NUMBER}\s+{_UNIT}\s+ago\b", re.I)
_PAST = re.compile(rf"\b(?:in|over|during|within)\s+the\s+(?:past|last)\s+(?:{_NUMBER}\s+)?{_UNIT}\b", re.I)
_CALENDAR = re.compile(r"\b(?P<which>this|last|past|previous|current)\s+(?P<unit>week|month|year|weekend)\b", re.I)


def find_period(question: str, asked_on: date) -> Period | None:
    """The first relative date in a question, resolved; None when there is none.

    Weeks begin on Monday. "This week" ends on the day of asking, because an archive knows nothing later.
    """
    readers = (
        (_DAY, _read_day),
        (_AGO, _read_ago),
        (_PAST, _read_past),
        (_WEEKDAY, _read_weekday),
        (_CALENDAR, _read_calendar),
    )
    found = [(match.start(), match, read) for pattern, read in readers if (match := pattern.search(question))]
    if not found:
        return None
    _, match, read = min(found, key=lambda item: (item[0], -len(item[1].group())))
    try:
        first, last = read(match, asked_on)
    except (OverflowError, ValueError):  # "900 years ago"
        return None
    return Period(match.group(), first, last)


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
    if unit == "day":
        day = today - timedelta(days=number)
        return day, day
    if unit == "week":
        monday = today - timedelta(days=today.weekday() + 7 * number)
        return monday, monday + timedelta(days=6)
    if unit == "month":
        return _month(*_months_before(today, number))
    return date(today.year - number, 1, 1), date(today.year - number, 12, 31)


def _read_past(match: re.Match[str], today: date) -> tuple[date, date]:
    number = _number(match["number"] or "1")
    days = {"day": 1, "week": 7, "month": 30, "year": 365}[match["unit"].lower()]
    return today - timedelta(days=number * days), today


def _read_calendar(match: re.Match[str], today: date) -> tuple[date, date]:
    past = match["which"].lower() in ("last", "past", "previous")
    unit = match["unit"].lower()
    monday = today - timedelta(days=today.weekday())
    if unit == "week":
        return (monday - timedelta(days=7), monday - timedelta(days=1)) if past else (monday, today)
    if unit == "weekend":
        # "Last weekend" asked on a Sunday is the one before.
        sunday = monday - timedelta(days=1) if past or today.weekday() < 5 else monday + timedelta(days=6)
        return sunday - timedelta(days=1), sunday
    if unit == "month":
        first, last = _month(*_months_before(today, 1 if past else 0))
        return first, min(last, today)
    year = today.year - 1 if past else today.year
    return date(year, 1, 1), min(date(year, 12, 31), today)


def _number(words: str) -> int:
    lowered = words.lower()
    if lowered.isdigit():
        return int(lowered)
    return _NUMBERS[lowered.removeprefix("a ")] if lowered != "a" else 1


def _months_before(day: date, months: int) -> tuple[int, int]:
    index = day.year * 12 + day.month - 1 - months
    return index // 12, index % 12 + 1


def _month(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])
