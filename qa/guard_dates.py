"""Dates of a claim against those of its evidence: days, weekdays, months, years and words like "last week".

What is relative or lacks its year is resolved against the day the article appeared. "Monday" and "2 April" are the
same where that Monday was the 2nd; a month or a year is borne out by a day within it, a day isn't by its month.
"""

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from qa.guard_words import Fault, Text, around, beside, searchable, shown
from qa.period import find_period

Precision = Literal["day", "span", "month", "year", "decade"]
Days = tuple[date, date]

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAY = r"(?P<{}>mon|tues|wednes|thurs|fri|satur|sun)days?"
_MONTH = (
    r"(?P<{}>jan(?:uary|\.)?|feb(?:ruary|\.)?|march|mar\.?|april|apr\.?|may|june|jun\.|july|jul\.|aug(?:ust|\.)?"
    r"|sept(?:ember|\.)?|sep\.?|oct(?:ober|\.)?|nov(?:ember|\.)?|dec(?:ember|\.)?)"
)
_DAY = r"(?P<{}>3[01]|[12]?\d)(?:st|nd|rd|th)?(?![\d,.]\d|\d|\s?(?:%|percent|per cent|million|billion))"
_YEAR = r"(?P<{}>1[5-9]\d\d|20\d\d|21\d0)(?![\d,.]\d|\d|\s?(?:%|percent|per cent|million|billion))"
_UNIT = r"(?:day|night|week|weekend|month|year|decade)"
_COUNT = r"(?:\d{1,3}|an?|(?:a )?couple(?: of)?|(?:a )?few|several|one|two|three|four|five|six|seven|eight|nine|ten)"

_DATE = re.compile(
    rf"\b(?:{_WEEKDAY.format('w1')},?\s+)?{_MONTH.format('m1')}\s+(?:the\s+)?{_DAY.format('d1')}"
    rf"(?:\s?[-–]\s?{_DAY.format('d1b')})?(?:,?\s+{_YEAR.format('y1')})?"
    rf"|\b(?:{_WEEKDAY.format('w2')},?\s+)?(?:the\s+)?(?:{_DAY.format('d2a')}\s?(?:-|–|to|and)\s?)?"
    rf"{_DAY.format('d2')}\s+(?:of\s+)?{_MONTH.format('m2')}"
    rf"(?:,?\s+{_YEAR.format('y2')})?(?!\w)"
    r"|\b(?P<iso>\d{4}-\d{2}-\d{2})(?![\d-])"
    rf"|\b{_MONTH.format('m3')}(?:\s+of)?,?\s+{_YEAR.format('y3')}"
    rf"|\b(?:(?P<way>last|this|next|the following|the previous)\s+)?{_WEEKDAY.format('w4')}\b"
    rf"|(?<!half )(?<!usa )\b(?P<relative>today|tonight|this morning|this afternoon|this evening|yesterday"
    r"|last night|tomorrow"
    rf"|{_COUNT}\s+{_UNIT}s?\s+ago|(?:last|past|previous|this(?:\s+past)?|current|next)\s+(?:week|weekend|month|year))\b"
    r"|\b(?P<decade>(?:1[5-9]|20)\d0)['’]?s\b|(?<!\w)['’](?P<short>[2-9]0)s\b"
    r"|\b(?P<century>1[5-9]|2[01])(?:th|st) century\b"
    rf"|(?:(?<![\w$€£.,#-])|(?<=mid-)|(?<=pre-)|(?<=late-)|(?<=early-))(?<!No\. )"
    rf"{_YEAR.format('y5')}(?:[-–](?P<to>\d\d(?:\d\d)?)\b)?(?!-year|['’]?s\b|-\w)"
    rf"|(?<![\w-])(?P<before>(?:in|of|since|by|until|till|through|early|late|mid|during|last|next|this|from|to|and|every"
    rf"|before|after)[\s-]+)?(?>{_MONTH.format('m6')})(?![\w-]|,?\s+(?:the\s+)?\d)",
    re.I,
)
# Where a date may begin, by its first three letters: everything else needn't be tried.
_TOKEN = re.compile(r"[^\W\d_]+|\d+|['’](?=\d)")
_BEGINNINGS = frozenset((*_WEEKDAYS, *_MONTHS)) | frozenset(
    word[:3]
    for word in "today tonight this yesterday last tomorrow past previous current next the following a an couple few "
    "several one two three four five six seven eight nine ten in of since by until till through early late mid during "
    "from to and every before after".split()
)
# A word that makes the four figures before it a count.
_COUNTED = re.compile(
    r"\s+(?:people|men|women|children|dollars|pounds|euros|miles|feet|meters|metres|kilometers|kilometres|acres|troops"
    r"|soldiers|jobs|workers|employees|students|homes|customers|calories|points|votes|cases|deaths|times|degrees|flights"
    r"|tons|tonnes|cars|vehicles|square|years|days|hours|minutes|pages|square)\b",
    re.I,
)
_ABOUT = re.compile(r"\b(?:more than|over|about|around|nearly|almost|roughly|at least|some|up to|fewer than)\s+$", re.I)
_WITHOUT_PUBLISHED = date(2000, 6, 14)
_NEAR = timedelta(days=1)
_WEEK = timedelta(days=7)
_CLOSE = timedelta(days=10)
_SHARED_FOR_CLASH = 3


@dataclass(frozen=True, slots=True)
class When:
    """A date in a text: what it may mean (first and last day of each reading) and its characters."""

    precision: Precision
    readings: tuple[Days, ...]
    written: tuple[int | None, int | None, int | None]  # year, month, day where they are named
    start: int
    end: int
    weekday: str = ""  # its first three letters, where it is named


@lru_cache(4096)
def find_dates(text: str, published: date | None) -> tuple[When, ...]:
    """The dates of a text in order; without a day of publication relative ones are comparable among themselves."""
    return tuple(_read_all(searchable(text), published or _WITHOUT_PUBLISHED))


def _read_all(text: str, today: date) -> Iterator[When]:
    end = 0
    for token in _TOKEN.finditer(text):
        if token.start() < end or not (token.group()[0] in "0123456789'’" or token.group()[:3].lower() in _BEGINNINGS):
            continue
        match = _DATE.match(text, token.start())
        if not match:
            continue
        try:
            found = _read(match, today)
        except (ValueError, OverflowError):
            continue
        if found:
            end = match.end()
            yield found


def _read(match: re.Match[str], today: date) -> When | None:
    if match["iso"]:
        day = date.fromisoformat(match["iso"])
        return _when(match, "day", [(day, day)], (day.year, day.month, day.day))
    month = match["m1"] or match["m2"]
    # "By the 18 may knock": the verb.
    if month == "may" and match["m2"] and not match["y2"] and not match.string.islower():
        return None
    if month:
        return _read_day(match, _month_number(month), int(match["d1"] or match["d2"]), today)
    if match["m3"]:
        year, number = int(match["y3"]), _month_number(match["m3"])
        return _when(match, "month", [_month(year, number)], (year, number, None))
    if match["w4"]:
        return _read_weekday(match, today)
    if match["relative"]:
        return _read_relative(match, today)
    if match["decade"] or match["short"] or match["century"]:
        return _read_decade(match)
    if match["y5"]:
        return _read_year(match)
    return _read_month(match, today)


def _when(
    match: re.Match[str], precision: Precision, readings: list[Days], written: tuple[int | None, int | None, int | None]
) -> When:
    start = match.start() + len(match["before"] or "")
    weekday = (match["w1"] or match["w2"] or match["w4"] or "")[:3].lower()
    return When(precision, tuple(readings), written, start, match.end(), weekday)


def _read_day(match: re.Match[str], month: int, day: int, today: date) -> When:
    year = match["y1"] or match["y2"]
    years = [int(year)] if year else [today.year, today.year - 1, today.year + 1]
    last = int(match["d1b"] or day)
    day = int(match["d2a"] or day)
    readings = []
    for one in years:
        length = monthrange(one, month)[1]
        if 1 <= day <= length and day <= last <= length:
            readings.append((date(one, month, day), date(one, month, last)))
    if not readings:
        raise ValueError("no such day")
    return _when(match, "day", readings, (int(year) if year else None, month, day))


def _read_weekday(match: re.Match[str], today: date) -> When:
    back = (today.weekday() - _WEEKDAYS.index(match["w4"][:3].lower())) % 7
    day = today - timedelta(days=back)
    way = (match["way"] or "").lower()
    days = [day - _WEEK, day] if way == "last" else [day, day + _WEEK]
    if way in ("the following", "the previous"):
        days = [day - _WEEK, day, day + _WEEK]
    return _when(match, "day", [(one, one) for one in days], (None, None, None))


def _read_decade(match: re.Match[str]) -> When:
    """The 1950s, the '50s and the 19th century; the 1900s may be ten years or a hundred."""
    if match["century"]:
        year, years = 100 * (int(match["century"]) - 1), 101
    else:
        year = int(match["decade"] or "19" + match["short"])
        years = 100 if year % 100 == 0 else 10
    return _when(match, "decade", [(date(year, 1, 1), date(year + years - 1, 12, 31))], (None, None, None))


def _read_relative(match: re.Match[str], today: date) -> When | None:
    words = " ".join(match["relative"].lower().split())
    if words == "tomorrow":
        return _when(match, "day", [(today + _NEAR, today + _NEAR)], (None, None, None))
    if words.startswith("next"):
        return _when(match, "span", [_next(words.split()[1], today)], (None, None, None))
    # A weekend or week "ago" is counted in weeks.
    found = find_period(words.replace("nights ago", "days ago"), today)
    if found is None:
        return None
    long = (found.last - found.first).days
    precision: Precision = "day" if long <= 1 else "span" if long < 28 else "month" if long < 32 else "year"
    last = found.last
    if words.startswith(("this", "current")):
        last = _next_end(words.split()[-1], today)
    return _when(match, precision, [(found.first, max(found.last, last))], (None, None, None))


def _next(unit: str, today: date) -> Days:
    monday = today - timedelta(days=today.weekday()) + _WEEK
    if unit == "weekend":
        return monday - timedelta(days=2), monday + timedelta(days=6)
    if unit == "week":
        return monday, monday + timedelta(days=6)
    if unit == "month":
        return _month(today.year + today.month // 12, today.month % 12 + 1)
    return date(today.year + 1, 1, 1), date(today.year + 1, 12, 31)


def _next_end(unit: str, today: date) -> date:
    """The last day of the week, month or year that is going on."""
    if unit == "month":
        return _month(today.year, today.month)[1]
    if unit == "year":
        return date(today.year, 12, 31)
    return today + timedelta(days=6 - today.weekday())


def _read_year(match: re.Match[str]) -> When | None:
    text = match.string
    if _COUNTED.match(text, match.end()) or _ABOUT.search(text[max(0, match.start() - 12) : match.start()]):
        return None
    year = int(match["y5"])
    readings = [(date(year, 1, 1), date(year, 12, 31))]
    if match["to"]:
        last = int(match["y5"][: 4 - len(match["to"])] + match["to"])
        readings.append((date(last, 1, 1), date(last, 12, 31)))
    return _when(match, "year", readings, (year, None, None))


def _read_month(match: re.Match[str], today: date) -> When | None:
    name = match["m6"]
    # "May" and "march" are verbs too, "Mar." and "Dec." rarely stand alone.
    temporal = match["before"] is not None and _temporal(match["before"])
    if (name.lower() == "may" or name == "march") and not temporal:
        return None
    if len(name) < 4 and name.lower() != "may":
        return None
    month = _month_number(name)
    readings = [_month(year, month) for year in (today.year, today.year - 1, today.year + 1)]
    return _when(match, "month", readings, (None, month, None))


def _temporal(before: str) -> bool:
    return before.strip(" -\t\n").lower() not in ("to", "and")


def _month_number(name: str) -> int:
    return _MONTHS.index(name[:3].lower()) + 1


def _month(year: int, month: int) -> Days:
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def date_faults(claim: Text, evidence: Sequence[Text], published: date | None, context: str) -> Iterator[Fault]:
    """The claim's dates that the evidence contradicts or doesn't give."""
    said = [(text, when) for text in evidence for when in find_dates(text.text, published)]
    known = [*(when for _, when in said), *find_dates(context, published)]
    for when in find_dates(claim.text, published):
        if any(_borne_out(when, other) for other in known):
            continue
        own = shown(claim.text, when.start, when.end)
        clash = next(((text, other) for text, other in said if _same_role(claim, when, text, other)), None)
        if clash:
            other = shown(clash[0].text, clash[1].start, clash[1].end)
            yield Fault("date", True, f"the article says {other}, the sentence says {own}", when.start, when.end)
        elif not _is_day_of_article(when, published) and not _is_limit(claim, when):
            yield Fault("date", False, f"the article doesn't say {own} of this", when.start, when.end)


def _borne_out(claim: When, said: When) -> bool:
    # "Monday, 2 December" against "Friday, 2 December".
    if claim.weekday and said.weekday and claim.weekday != said.weekday:
        return False
    if _named_alike(claim, said):
        return True
    return any(_within(one, other) for one in said.readings for other in claim.readings)


def _named_alike(claim: When, said: When) -> bool:
    """Both name a month or day, and nothing that both name differs."""
    pairs = list(zip(claim.written, said.written, strict=True))
    named = any(one is not None and one == other for one, other in pairs[1:])
    finer = all(other is not None or one is None for one, other in pairs[1:])
    return named and finer and all(one is None or other is None or one == other for one, other in pairs)


def _within(said: Days, claim: Days) -> bool:
    """Whether the day said lies in the claim's, or the claim's in a said one not much longer."""
    if claim[0] <= said[0] and said[1] <= claim[1]:
        return True
    return said[0] <= claim[0] and claim[1] <= said[1] and said[1] - said[0] <= _CLOSE


def _is_day_of_article(when: When, published: date | None) -> bool:
    if published is None:
        return False
    near = (published - 3 * _NEAR, published + _NEAR)
    return any(first <= near[1] and near[0] <= last for first, last in when.readings)


def _is_limit(claim: Text, when: When) -> bool:
    """ "Before February" may be said of what happens in January."""
    place = claim.place_at(when.start)
    return when.precision in ("month", "year") and place > 0 and claim.words[place - 1].folded in ("before", "after")


def _same_role(claim: Text, when: When, evidence: Text, said: When) -> bool:
    """Whether both dates are of the same kind and stand between the same words."""
    alike = when.precision == said.precision or {when.precision, said.precision} <= {"span", "month", "year"}
    if not alike:
        return False
    shared = around(claim, when.start, when.end) & around(evidence, said.start, said.end, 8)
    if len(shared) >= _SHARED_FOR_CLASH:
        return True
    own, other = beside(claim, when.start, when.end), beside(evidence, said.start, said.end)
    return len(shared) >= 1 and own == other
