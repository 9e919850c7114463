"""Rules that turn a sentence into a true claim and a false one of nearly the same wording.

They go by fixed phrases and formats, so that it is certain what each does to the meaning. Nothing inside quotation
marks is touched: a true claim keeps a quotation as it is.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from eval.lines import read_lines


@dataclass(frozen=True, slots=True)
class Rewritten:
    """Two claims made of one sentence; `label` is that of the false one."""

    kind: str
    label: str
    true: str
    false: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase, what says the same, and what says something else: templates of `re`, where \\1 is its first group."""

    kind: str
    label: str
    pattern: re.Pattern[str]
    same: str
    other: str


_WORDS = (
    "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty "
    "seventy eighty ninety"
).split()
_VALUES = (*range(10, 20), *range(20, 100, 10))
_UNITS_UP_TO_NINE = "one two three four five six seven eight nine".split()
_MONTHS = "January February March April May June July August September October November December".split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()

_WHOLE = re.compile(
    r"(?<![\d.,:£$/-])(?<!pylon )(?<!Gate )(?<!number )(?<!aged )(?<!aged 16 and )"
    r"\b(\d{2,3}|\d{1,3}(?:,\d{3})+)\b(?![.,:]?\d|-|th| (?:p\.m|a\.m|of (?:his|the)|and \d))"
)
_COUNTED = (
    r" (?:people|passengers|jobs|firefighters|households|names|viewers|businesses|ships|pupils|delegates|cheeses"
    r"|patients|inhabitants|crowns|votes|seats|members|children|mattresses|volunteers|pictures|voters|dockworkers)\b"
)
_BEFORE_A_TOTAL = (
    r"\b(?:with|of|and|asked|moved|away with|create|reached|covers|reaches|were|expects|hire|when|costs?) $"
)
_MILLIONS = re.compile(r"\b(\d+(?:\.\d)?) million crowns\b")
_PERCENT = re.compile(r"\b(\d+(?:\.\d)?) percent\b")
_CLOCK = re.compile(r"(?<!and )\b(\d{1,2})(?::(\d{2}))? ([ap])\.m\.(?=[ ,]|$)")
_WEEKDAY = re.compile(rf"\bon ({'|'.join(_DAYS)})(?: (morning|afternoon|evening|night))?\b(?! (?:of|from|and|\d))")
_NOT_PAST = re.compile(
    r"\b(?:will|would|have to|Correction|is|are|to be|next|last|until|by|expects?|expected|hopes?|plans?|may|might"
    r"|could|from|every|each)\b"
)
_SCALES = {
    "kilometres": (("miles", 0.621), ("metres", 1000)),
    "metres": (("feet", 3.281),),
    "centimetres": (("inches", 0.3937), ("millimetres", 10)),
    "hectares": (("acres", 2.471), ("square kilometres", 0.01)),
    "kilograms": (("pounds", 2.205), ("tonnes", 0.001)),
    "tonnes": (("kilograms", 1000),),
    "millimetres": (("centimetres", 0.1),),
}
_EXACT = (1000, 10, 0.1, 0.01, 0.001)
_MEASURE = re.compile(rf"\b(\d[\d,]*(?:\.\d)?) ({'|'.join(_SCALES)})\b(?! an hour)")


def read_phrases(path: Path) -> tuple[Phrase, ...]:
    """Those of a file of JSON lines. Raises BadInputError, naming file and line."""
    phrases = []
    for line in read_lines(path):
        kind, label, pattern, same, other = (
            line.text(field) for field in ("kind", "label", "pattern", "same", "other")
        )
        phrases.append(Phrase(kind, label, re.compile(pattern), same, other))
    return tuple(phrases)


def rewrites(text: str, published: date | None, phrases: Sequence[Phrase]) -> Iterator[Rewritten]:
    """What each rule makes of the sentence, one at most for each phrase or format."""
    yield from _phrases(text, phrases)
    for rule in (_numbers, _units, _money, _percents, _clocks):
        yield from rule(text)
    if published is not None:
        yield from _weekdays(text, published)


def is_outside_quotes(text: str, at: int) -> bool:
    """Whether the character isn't inside a quotation."""
    return text.count('"', 0, at) % 2 == 0


def _phrases(text: str, phrases: Sequence[Phrase]) -> Iterator[Rewritten]:
    for phrase in phrases:
        match = phrase.pattern.search(text)
        if match and is_outside_quotes(text, match.start()):
            true, false = (
                f"{text[: match.start()]}{match.expand(new)}{text[match.end() :]}"
                for new in (phrase.same, phrase.other)
            )
            yield Rewritten(phrase.kind, phrase.label, true, false)


def _replaced(text: str, match: re.Match[str], kind: str, true: str, false: str) -> Rewritten:
    before, after = text[: match.start()], text[match.end() :]
    return Rewritten(kind, "contradicted", f"{before}{true}{after}", f"{before}{false}{after}")


def _found(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The first match outside quotations."""
    return next((match for match in pattern.finditer(text) if is_outside_quotes(text, match.start())), None)


def _numbers(text: str) -> Iterator[Rewritten]:
    match = _found(_WHOLE, text)
    if match is None or _is_of_a_date(text, match):
        return
    number = int(match[1].replace(",", ""))
    near = _near(number)
    if number < 100:
        yield _replaced(text, match, "number", _in_words(number), _in_words(near))
    elif number > 999:
        yield _replaced(text, match, "number", str(number), str(near))
    elif re.match(_COUNTED, text[match.end() :]) and re.search(_BEFORE_A_TOTAL, text[: match.start()]):
        yield _replaced(text, match, "number", f"a total of {number}", f"a total of {near}")


def _is_of_a_date(text: str, match: re.Match[str]) -> bool:
    months = "|".join(_MONTHS)
    return bool(
        re.match(rf" (?:{months})\b", text[match.end() :]) or re.search(rf"\b(?:{months}) $", text[: match.start()])
    )


def _near(number: int) -> int:
    """Another number that is easily taken for it: -teen and -ty, or two figures the other way round."""
    if 13 <= number <= 19:
        return number % 10 * 10
    figures = list(str(number))
    places = range(1, len(figures)) if number > 999 else range(len(figures) - 1, 0, -1)
    for at in places:
        if figures[at] != figures[at - 1] and (at > 1 or figures[at] != "0" or number < 100):
            figures[at], figures[at - 1] = figures[at - 1], figures[at]
            turned = int("".join(figures))
            return turned if turned > 9 else _a_step_from(number)
    return _a_step_from(number)


def _a_step_from(number: int) -> int:
    """One more or less in the first figure, with as many figures as before."""
    step: int = 10 ** (len(str(number)) - 1)
    return number + step if len(str(number + step)) == len(str(number)) else number - step


def _in_words(number: int) -> str:
    if number in _VALUES:
        return _WORDS[_VALUES.index(number)]
    if number < 10:
        return _UNITS_UP_TO_NINE[number - 1]
    return f"{_WORDS[_VALUES.index(number // 10 * 10)]}-{_UNITS_UP_TO_NINE[number % 10 - 1]}"


def _units(text: str) -> Iterator[Rewritten]:
    match = _found(_MEASURE, text)
    if match is None:
        return
    number, unit = float(match[1].replace(",", "")), match[2]
    rounded = not re.search(r"(?:about|to|roughly|upper|the) $", text[: match.start()])
    for other, factor in _SCALES[unit]:
        converted = number * factor
        about = "about " if rounded and factor not in _EXACT else ""
        yield _replaced(text, match, "unit", f"{about}{_written(converted)} {other}", f"{about}{match[1]} {other}")


def _written(number: float) -> str:
    if number >= 100:
        return f"{int(float(f'{number:.3g}')):,}"
    return f"{float(f'{number:.2g}'):g}" if number < 10 else f"{number:.0f}"


def _money(text: str) -> Iterator[Rewritten]:
    if match := _found(_MILLIONS, text):
        for other in (f"{match[1]}bn crowns", f"{match[1]}m dollars"):
            yield _replaced(text, match, "unit", f"{match[1]}m crowns", other)


def _percents(text: str) -> Iterator[Rewritten]:
    if match := _found(_PERCENT, text):
        whole = match[1].partition(".")[0]
        near = match[1].replace(whole, str(_near(int(whole))), 1) if len(whole) > 1 else f"{match[1]}0".replace(".", "")
        yield _replaced(text, match, "number", f"{match[1]}%", f"{near}%")


def _clocks(text: str) -> Iterator[Rewritten]:
    match = _found(_CLOCK, text)
    if match is None or not 1 <= int(match[1]) <= 11:
        return
    hour, minutes, afternoon = int(match[1]), match[2] or "00", match[3] == "p"
    stop = "." if match.end() == len(text) else ""
    true, false = f"{hour + 12 * afternoon:02d}:{minutes}{stop}", f"{hour}:{minutes} {'a' if afternoon else 'p'}.m."
    yield _replaced(text, match, "date", true, false)


def _weekdays(text: str, published: date) -> Iterator[Rewritten]:
    """A weekday of the past as a date. Only in sentences that speak of nothing to come."""
    match = _found(_WEEKDAY, text)
    if match is None or _NOT_PAST.search(text):
        return
    back = (published.weekday() - _DAYS.index(match[1])) % 7
    right = published - timedelta(days=back)
    when = {None: "on", "night": "on the night of"}.get(match[2], f"on the {match[2]} of")
    for wrong in (right - timedelta(days=7), right + timedelta(days=1), right - timedelta(days=1)):
        true, false = (f"{when} {day.day} {_MONTHS[day.month - 1]}" for day in (right, wrong))
        yield _replaced(text, match, "date", true, false)
