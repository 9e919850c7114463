"""Finds the figures of a text: how much, of what, exactly or about."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from index.words import FUNCTION_WORDS
from qa.guard_dates import find_dates
from qa.guard_units import CURRENCIES, ORDINALS, SCALES, SHARES, SIGNS, SMALL, SQUARE, TENS, UNIT_OF, WHOLES
from qa.guard_words import searchable
from qa.question import stem

Bound = Literal["exact", "about", "over", "least", "under", "most", "near"]


@dataclass(frozen=True, slots=True)
class Amount:
    """A figure: `value` in the dimension's base unit (seconds, metres, grams, per cent, ...), `raw` as written.

    `unit` is the unit's name or, of a count, the stem of the word behind; `per` the span of time it is a rate of.
    """

    value: float
    raw: float
    dimension: str
    unit: str
    bound: Bound
    start: int
    end: int
    per: str = ""
    vague: bool = False
    pair: tuple[float, ...] = ()
    loose: bool = False  # known to a claim checked against it, but not held against a claim


def _any(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+"
_PLAIN = rf"(?:{_any(TENS)})(?:[\s-](?:{_any([w for w in SMALL if 1 <= SMALL[w] <= 9])})\b)?|(?:{_any(SMALL)})"
_SCALE = r"(?:hundred|thousand|million|billion|trillion|dozen|mln|mn|bn|tn|trn|[mbk](?=[\s.,;:)\]?!\"'’”-]|$))"
_WORDED = (
    rf"(?:an?\s+|half(?:\s+an?\s+|[\s-])|(?:{_PLAIN})\s+and\s+a\s+half\s+|(?:{_PLAIN})[\s-])?"
    rf"\b(?:hundred|thousand|million|billion|trillion|dozen)\b"
    rf"(?:(?:,?\s+and\s+|,?\s+)(?:(?:{_PLAIN})\b)(?:\s+(?:hundred|thousand|million)\b)?)*"
)
_TIME = "minute|hour|day|week|month|year|decade|century"
_FIGURE = re.compile(
    rf"(?P<clock>(?<![\w.:])(?P<hour>1[0-2]|0?[1-9])(?:[:.](?P<minute>[0-5]\d))?\s?(?P<half>[ap])\.?m\b\.?"
    rf"|(?<![\w.:])(?P<hour24>[01]?\d|2[0-3]):(?P<minute24>[0-5]\d)(?![\d:])|\b(?P<noon>noon|midday|midnight)\b)"
    rf"|(?P<score>(?<![\w.,$€£-])(?P<one>\d{{1,3}})\s?[-–]\s?(?P<other>\d{{1,3}})(?![\w%.,-]*\d|[\s-]*(?:%|per|year|month|day|"
    rf"hour|minute|week|mile|m\b|k\b|million|billion|degree|people)))"
    rf"|\b(?P<ratio>(?P<part>\d{{1,3}}|{_any(SMALL)})\s+(?:[^\W\d]+\s+){{0,2}}?(?:in|out\s+of)\s+(?:every\s+)?(?P<whole>\d{{1,3}}(?![\d,.]\d)|{_PLAIN}|hundred)\b)"
    rf"(?!\s+(?:{_any(UNIT_OF)})\b|\s*[%:])"
    rf"|(?P<twice>\b(?:twice|thrice|doubled?|doubling|tripled?|tripling|quadrupled?|halved|halving|twofold|threefold)\b)"
    rf"|\b(?P<share>(?P<top>an?|one|two|three|four|five|seven)[\s-](?P<bottom>{_any(SHARES)})(?P<many>s?))\b"
    rf"|\bhalf(?:\s+an?|-an?)?[\s-](?P<half_span>{_TIME})\b"
    rf"|\b(?P<half_of>half)\b(?=\s+(?:of|the|its|their|his|her|as|all|an?\s+(?:percentage|point|mile|dozen|degree))\b)"
    rf"(?!\s+an?\s+(?:hundred|thousand|million|billion))"
    rf"|\b(?P<single>(?:an?|another|first|next|past|last|previous|coming)\s+(?P<span>{_TIME}))\b"
    rf"|\b(?P<ordinal>(?:(?P<tens>{_any(TENS)})[\s-])?(?P<unit_ordinal>{_any(ORDINALS)})|(?P<digit_ordinal>\d{{1,3}}(?:,\d{{3}})?)(?:st|nd|rd|th))\b"
    rf"|(?P<ages>(?<![\w.,'’])(?P<age>[2-9]0)s\b)"
    rf"|(?:(?P<cur>(?:US|A|C|NZ|HK)?\$|[€£¥])\s?)?(?P<number>(?<![\w.,])(?<![A-Za-z]-)(?:{_DIGITS})(?=\D|$)|\b(?:{_WORDED})|\b(?:{_PLAIN})\b)"
    rf"(?P<half2>\s+and\s+a\s+half)?(?:[\s-]?(?P<scale>{_SCALE})\b)?(?P<sign>[½⅓¼¾⅔])?"
    rf"|\b(?P<vague>dozens|hundreds|thousands|millions|billions|trillions)\b"
    rf"|(?P<alone>[½⅓¼¾⅔])",
    re.I,
)
_UNIT_AFTER = re.compile(
    rf"(?:(?P<square>[\s-]*(?:square|sq\.?)[\s-])|[\s-]*)(?:fiscal\s+|calendar\s+|whole\s+|full\s+|straight\s+|consecutive\s+|"
    rf"more\s+|additional\s+|further\s+|us\s+|u\.s\.\s+)?"
    rf"(?P<unit>percentage[\s-]points?|per\s+cent|basis[\s-]points?|miles\s+(?:per|an)\s+hour|kilomet(?:er|re)s\s+(?:per|an)\s+hour|"
    rf"year-olds?|years?[\s-]old|{_any(re.escape(name) for name in UNIT_OF)})(?![^\W_])",
    re.I,
)
_OF_A_WHOLE = re.compile(
    rf"\s+(?:of\s+)?an?\s+(?:(?P<point>(?:percentage\s+)?point)|(?P<whole>hundred|thousand|million|billion|dozen|mile|degree|{_TIME}))\b",
    re.I,
)
_TIMES_AFTER = re.compile(
    r"(?:\s+times\s+(?:as|more|the|higher|larger|bigger|greater|that|its|what|faster)\b|-?fold\b)", re.I
)
_PER_AFTER = re.compile(
    r"(?:\s+(?:\w+\s+){0,2}?(?:an?|per|each|every)\s+(?P<per>second|minute|hour|day|night|week|month|year)\b"
    r"|\s+(?P<ly>hourly|daily|weekly|monthly|yearly|annually)\b)",
    re.I,
)
_BORROW = re.compile(r"\s?(?:-|–|to|and|or)\s?(?=[$€£¥\w])", re.I)
_BEFORE = re.compile(
    r"(?:(?P<over>(?:no |not |never )?(?:more than|over|above|greater than|larger than|higher than|longer than"
    r"|upwards? of|in excess of|exceed(?:s|ed|ing)?|surpass(?:es|ed|ing)?|topp(?:ed|ing)|just over|just above|north of"
    r"|beyond))"
    r"|(?P<least>at least|(?:no|not) (?:less|fewer) than|a minimum of|as few as)"
    r"|(?P<under>(?:less|fewer|lower|smaller|shorter|younger) than|under|below|short of)"
    r"|(?P<most>up to|at most|a maximum of|within|as (?:many|much|high|long) as)"
    r"|(?P<near>nearly|almost|close to|just under|just below|approaching|not quite|just short of|near(?:ing)?)"
    r"|(?P<about>about|around|roughly|approximately|some|approx\.?|an estimated|estimated|circa|~))"
    r"\s*(?:an?\s+|the\s+|another\s+)?$",
    re.I,
)
_AFTER = re.compile(
    r"(?P<over>\s?\+|-odd\b|-plus\b|\s+plus\b|\s+(?:[\w'’]+\s+){0,2}?or\s+(?:more|above|over|older|higher|later)\b)"
    r"|(?P<under>\s+(?:[\w'’]+\s+){0,2}?or\s+(?:less|fewer|under|younger|lower)\b)"
    r"|(?P<about>\s+(?:[\w'’]+\s+)?or\s+so\b|-ish\b)",
    re.I,
)
# "5G", "3D": no unit.
_NO_UNIT = re.compile(r"[A-BD-EG-Z]\b")
_OTHERS = re.compile(r"\s+others?\b", re.I)
_NOUN = re.compile(r"[\s-]+(?:of\s+(?:the\s+)?|more\s+|other\s+)?(?P<noun>[^\W\d_]+)")
_FACTORS = {"doub": 2.0, "twic": 2.0, "twof": 2.0, "trip": 3.0, "thri": 3.0, "thre": 3.0, "quad": 4.0, "halv": 0.5}
_VAGUE = {"dozens": 12.0, "hundreds": 1e2, "thousands": 1e3, "millions": 1e6, "billions": 1e9, "trillions": 1e12}
_LABEL = re.compile(r"(?:\b[A-Z][\w&]*|\bNo\.|#)\s?$")


# Where a figure may begin: everything else needn't be tried.
_TOKEN = re.compile(r"[^\W\d_]+|\d+|[$€£¥½⅓¼¾⅔]|\.(?=\d)")
_BEGINNINGS = frozenset(
    (*SMALL, *TENS, *SCALES, *ORDINALS, *_VAGUE, *SIGNS, *CURRENCIES, *"a an half us c nz hk noon midday".split())
) | frozenset("midnight twice thrice double doubled doubling triple tripled tripling quadruple quadrupled".split())
_BEGINNINGS |= frozenset("another next past last previous coming halved halving twofold threefold .".split())


@lru_cache(4096)
def find_amounts(text: str) -> tuple[Amount, ...]:
    """The figures of a text in order; those of dates are left out."""
    return tuple(_find(searchable(text)))


def _find(text: str) -> Iterator[Amount]:
    taken: tuple[tuple[int, int], ...] | None = None
    end = 0
    for token in _TOKEN.finditer(text):
        written = token.group()
        if token.start() < end or not (written[0].isdigit() or written.lower() in _BEGINNINGS):
            continue
        match = _FIGURE.match(text, token.start())
        if not match:
            continue
        if taken is None:
            taken = tuple(
                (when.start, when.end) for when in find_dates(text, None) if _dated(text, when.start, when.end)
            )
        if any(start < match.end() and match.start() < stop for start, stop in taken):
            continue
        found = tuple(_amounts(match))
        end = max(match.end(), *(amount.end for amount in found)) if found else end
        yield from found


def _dated(text: str, start: int, end: int) -> bool:
    """Whether a date that begins with a letter holds figures: "May 3", not "two days ago" or "Monday"."""
    return any(letter.isdigit() for letter in text[start:end]) and not text[start:end].lower().endswith("ago")


def _amounts(match: re.Match[str]) -> Iterator[Amount]:
    groups = match.groupdict()
    for name, reader in _READERS:
        if groups[name]:
            yield from reader(match)
            return
    yield from _number(match)


def _score(match: re.Match[str]) -> Iterator[Amount]:
    low, high = sorted((float(match["one"]), float(match["other"])))
    yield _make(match, low, "score", "", pair=(low, high))


def _ratio(match: re.Match[str]) -> Iterator[Amount]:
    """ "One in five": a share; its numbers are also kept, because "won 5 in 8" may be no ratio at all."""
    part, whole = _plain(match["part"]), _plain(match["whole"])
    if part < whole and whole in WHOLES:
        yield _make(match, 100 * part / whole, "percent", "share", raw=part)
    for name, value in (("part", part), ("whole", whole)):
        if value > 1:
            yield _make(match, value, "count", "", start=match.start(name), end=match.end(name), loose=True)


def _multiple(match: re.Match[str]) -> Iterator[Amount]:
    yield _make(match, _FACTORS[match["twice"][:4].lower()], "multiple", "")


def _vague(match: re.Match[str]) -> Iterator[Amount]:
    """ "Dozens", "in her 80s"."""
    value = float(match["age"]) if match["age"] else _VAGUE[match["vague"].lower()]
    yield _make(match, value, "count", "", vague=True)


def _make(
    match: re.Match[str],
    value: float,
    dimension: str,
    unit: str,
    *,
    raw: float | None = None,
    start: int | None = None,
    end: int | None = None,
    per: str = "",
    vague: bool = False,
    pair: tuple[float, ...] = (),
    loose: bool = False,
) -> Amount:
    start = match.start() if start is None else start
    end = end or match.end()
    bound = _bound(match.string, start, end)
    return Amount(value, value if raw is None else raw, dimension, unit, bound, start, end, per, vague, pair, loose)


def _bound(text: str, start: int, end: int) -> Bound:
    before = _BEFORE.search(text[max(0, start - 24) : start])
    if before and before.lastgroup:
        if before.lastgroup == "over" and before["over"].lower().startswith(("no ", "not ", "never ")):
            return "most"
        return before.lastgroup  # type: ignore[return-value]
    after = _AFTER.match(text, end)
    if after and after.lastgroup:
        return {"over": "least", "under": "most", "about": "about"}[after.lastgroup]  # type: ignore[return-value]
    return "exact"


def _clock(match: re.Match[str]) -> Iterator[Amount]:
    """Minutes since midnight."""
    if match["noon"]:
        minutes = 0 if match["noon"].lower() == "midnight" else 720
    elif match["hour24"]:
        minutes = 60 * int(match["hour24"]) + int(match["minute24"])
    else:
        hour = int(match["hour"]) % 12 + (12 if match["half"].lower() == "p" else 0)
        minutes = 60 * hour + int(match["minute"] or 0)
    yield _make(match, minutes, "clock", "")


def _single(match: re.Match[str]) -> Iterator[Amount]:
    """ "A week": bears "seven days" out."""
    name, dimension, size = UNIT_OF[match["span"].lower()]
    yield _make(match, size, dimension, name, raw=1.0, loose=True)


def _half_span(match: re.Match[str]) -> Iterator[Amount]:
    """ "Half an hour", "half-hour"."""
    name, dimension, size = UNIT_OF[match["half_span"].lower()]
    yield _make(match, 0.5 * size, dimension, name, raw=0.5)


def _share(match: re.Match[str]) -> Iterator[Amount]:
    """ "A third of", "two thirds", "half the": per cent. "A third term" is an ordinal."""
    if match["alone"]:
        yield _make(match, 100 * SIGNS[match["alone"]], "percent", "share")
        return
    if match["half_of"]:
        part = 0.5
    else:
        bottom = SHARES[match["bottom"].lower()]
        top = 1 if match["top"].lower() in ("a", "an", "one") else SMALL[match["top"].lower()]
        following = match.string[match.end() : match.end() + 12].lower().lstrip(" -")
        of_it = following.startswith(("of ", "more", "fewer", "less", "were ", "are ", "had ", "have "))
        if top > bottom or not (match["many"] or top > 1 or match["top"].lower() == "one" or of_it):
            return
        part = top / bottom
    yield _part(match, part)


def _part(match: re.Match[str], part: float) -> Amount:
    """A share in per cent; of a point, a century or a million what it comes to."""
    whole = _OF_A_WHOLE.match(match.string, match.end())
    if not whole:
        return _make(match, 100 * part, "percent", "share")
    if whole["point"]:
        return _make(match, part, "percent", "%", end=whole.end())
    name = whole["whole"].lower()
    if name in SCALES:
        return _make(match, part * SCALES[name], "count", "", end=whole.end())
    unit, dimension, size = UNIT_OF[name]
    return _make(match, part * size, dimension, unit, raw=part, end=whole.end())


def _ordinal(match: re.Match[str]) -> Iterator[Amount]:
    if match["digit_ordinal"]:
        value = float(match["digit_ordinal"].replace(",", ""))
    else:
        value = float(ORDINALS[match["unit_ordinal"].lower()] + TENS.get((match["tens"] or "").lower(), 0))
    unit = _noun(match.string, match.end())
    # "30 seconds" comes by as a number; "a second later" and "the second" are too often no rank.
    if value > 2 or match["digit_ordinal"]:
        yield _make(match, value, "ordinal", unit)


def _number(match: re.Match[str]) -> Iterator[Amount]:
    number = match["number"].lower().strip()
    value = _value(number)
    if value is None:
        return
    scale = (match["scale"] or "").lower()
    value = (value + (0.5 if match["half2"] else 0.0) + SIGNS.get(match["sign"] or "", 0.0)) * SCALES.get(scale, 1.0)
    text, end = match.string, match.end()
    unit = None if _NO_UNIT.match(text, end) else _UNIT_AFTER.match(text, end) or _borrowed(text, end)
    per = _PER_AFTER.match(text, unit.end() if unit else end)
    rate = (per["per"] or per["ly"] or "").lower() if per else ""
    rate = {"annually": "year", "yearly": "year", "monthly": "month", "weekly": "week", "daily": "day"}.get(rate, rate)
    if match["cur"]:
        yield _make(match, value, "money", CURRENCIES[match["cur"][-1]], raw=value, per=rate)
    elif _TIMES_AFTER.match(text, end):
        yield _make(match, value, "multiple", "")
    elif unit:
        name, dimension, size = _named_unit(unit)
        last = unit.end() if unit.start() == end else end
        yield _make(match, value * size, dimension, name, raw=value, end=last, per=rate, vague=number in SCALES)
    elif number in SCALES:  # "several million"
        yield _make(match, value, "count", "", vague=True)
    elif number not in ("one", "zero") and not _joined(text, end):
        yield _make(match, value, "count", _noun(text, end), per=rate)
        if _OTHERS.match(text, end):  # with the one they are other than
            yield _make(match, value + 1, "count", _noun(text, end), loose=True)


def _joined(text: str, end: int) -> bool:
    """Whether letters follow at once: "3D", "5G", "2nd"."""
    return text[end : end + 1].isalpha()


def _named_unit(match: re.Match[str]) -> tuple[str, str, float]:
    written = " ".join(match["unit"].lower().split())
    if written.startswith(("percentage", "per cent")):
        return "%", "percent", 1.0
    if written.startswith("basis"):
        return "%", "percent", 0.01
    if " hour" in written:
        return ("mph", "speed", 1.609) if written.startswith("mile") else ("kph", "speed", 1.0)
    if "old" in written:
        return UNIT_OF["year"]
    name, dimension, size = UNIT_OF[written]
    if match["square"] and name in SQUARE:
        return "square " + name, *SQUARE[name]
    return name, dimension, size


def _borrowed(text: str, end: int) -> re.Match[str] | None:
    """The unit of "30 to 40 per cent" for the 30."""
    between = _BORROW.match(text, end)
    if not between:
        return None
    following = re.compile(rf"(?:{_DIGITS}|{_PLAIN})(?:\s?(?:{_SCALE}))?", re.I).match(text, between.end())
    return _UNIT_AFTER.match(text, following.end()) if following else None


def _noun(text: str, end: int) -> str:
    """The stem of the word that a count counts."""
    found = _NOUN.match(text, end)
    if not found or found["noun"].lower() in FUNCTION_WORDS:
        return ""
    return stem(found["noun"].lower())


def _plain(word: str) -> float:
    return _value(word.lower()) or 0.0


_READERS: tuple[tuple[str, Callable[[re.Match[str]], Iterator[Amount]]], ...] = (
    ("clock", _clock),
    ("score", _score),
    ("ratio", _ratio),
    ("twice", _multiple),
    ("share", _share),
    ("half_span", _half_span),
    ("half_of", _share),
    ("single", _single),
    ("alone", _share),
    ("ordinal", _ordinal),
    ("ages", _vague),
    ("vague", _vague),
)


def _value(number: str) -> float | None:
    """What digits or words come to: "1,600", "two and a half million", "one hundred and five"."""
    bare = number.replace(",", "")
    if re.fullmatch(r"\d*\.?\d+", bare):
        return float(bare)
    total, current = 0.0, 0.0
    for word in re.split(r"[\s-]+", bare):
        if word in ("and", ""):
            continue
        if word in ("a", "an"):
            current = current or 1.0
        elif word == "half":
            current = 0.5 if current in (0.0,) else current + 0.5
        elif word in SMALL:
            current += SMALL[word]
        elif word in TENS:
            current += TENS[word]
        elif word in ("hundred", "dozen"):
            current = (current or 1.0) * SCALES[word]
        elif word in SCALES:
            total += (current or 1.0) * SCALES[word]
            current = 0.0
        else:
            return None
    return total + current
