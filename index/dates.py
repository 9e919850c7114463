"""Publication dates as news sites, feeds and people write them.

A date is taken as it is written, in the zone it is written in. What is ambiguous (03/04/2018), incomplete (a year,
"April 8"), impossible or more than a year ahead is no date.
"""

import re
from datetime import date, datetime, timedelta

EARLIEST_YEAR = 1600

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_CLOCK = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?"
_ZONE = r"(?:[A-Z]{2,4}|[+-]\d{2}:?\d{2}|Z)"
_TIME = rf"(?:(?:at\s+)?{_CLOCK}\s*(?:[ap]\.?m\.?)?(?:\s*\(?{_ZONE}\)?)?)"
_AFTER = rf"(?:[,\s]+(?:at\s+)?{_TIME})?"

_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        # 2023-02-01, 2023/02/01, 2023-02-01T10:00:00+01:00
        rf"(?P<year>\d{{4}})(?P<separator>[-/.])(?P<number>\d{{1,2}})(?P=separator)(?P<day>\d{{1,2}})(?:[T\s]+{_CLOCK}\S*(?:\s*{_ZONE})?)?",
        r"(?P<year>\d{4})(?P<number>\d{2})(?P<day>\d{2})",
        # April 3, 2018; Apr. 3rd 2018; 10:15 a.m. ET, April 3, 2018
        rf"(?:{_TIME},?\s+)?{_WEEKDAY}{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}}){_AFTER}",
        # 3 April 2018; Tue, 03 Apr 2018 10:00:00 GMT; 3rd of April, 2018
        rf"(?:{_TIME},?\s+)?{_WEEKDAY}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?\s+{_MONTH},?\s+(?P<year>\d{{4}}){_AFTER}",
    )
)
_LONGEST = 80

_LABEL = re.compile(
    r"(?P<label>(?:first |originally )?(?:published|posted)|(?:last )?updated|date)(?: on| at)?\s*:?\s+", re.IGNORECASE
)
_URL_PATH = re.compile(r"/((?:1[6-9]|2\d)\d{2})/(\d{1,2}|[a-z]{3})/(\d{1,2})(?=/|$)", re.IGNORECASE)


def parse_date(value: object, today: date) -> date | None:
    """The day that a field's value names, or None. Takes text, a `date` or a `datetime`."""
    if isinstance(value, datetime):
        return _sensible(value.date(), today)
    if isinstance(value, date):
        return _sensible(value, today)
    if not isinstance(value, str):
        return None
    text = " ".join(value[: _LONGEST + 1].split())
    if len(text) > _LONGEST:
        return None
    for form in _FORMS:
        if match := form.fullmatch(text):
            return _sensible(_date_from(match), today)
    return None


def date_in_line(line: str, today: date) -> tuple[date, str] | None:
    """The date of a line that is nothing but a date, with its label in lower case ("" without one).

    Labels are "published", "posted", "updated" and the like: "Published 2 p.m. ET April 3, 2018".
    """
    line = line.strip()
    label = _LABEL.match(line)
    found = parse_date(line[label.end() :] if label else line, today)
    return (found, label["label"].lower() if label else "") if found else None


def date_in_url(path: str, today: date) -> date | None:
    """The date in a URL's path: /2022/04/27/ or /2022/apr/27/."""
    for year, month, day in _URL_PATH.findall(path):
        number = _month_number(month) if month.isalpha() else int(month)
        if found := _sensible(_date(int(year), number, int(day)), today):
            return found
    return None


def _date_from(match: re.Match[str]) -> date | None:
    groups = match.groupdict()
    month = int(groups["number"]) if groups.get("number") else _month_number(groups["month"])
    return _date(int(groups["year"]), month, int(groups["day"]))


def _month_number(name: str) -> int:
    short = name[:3].lower()
    return _MONTHS.index(short) + 1 if short in _MONTHS else 0


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _sensible(day: date | None, today: date) -> date | None:
    if day is None or day.year < EARLIEST_YEAR or day > today + timedelta(days=366):
        return None
    return day
