"""Figures of a claim against those of its evidence, with their units.

Digits, words, fractions, percentages, money, measures, spans of time, ages, ordinals, times of the day, scores. A
rounded figure is borne out where it is rounded honestly: "about 130,000" and "more than 130,000" by 133,695.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from index.words import FUNCTION_WORDS
from qa.guard_alignment import align
from qa.guard_amounts import Amount, find_amounts
from qa.guard_dates import find_dates
from qa.guard_words import Fault, Text, Word, around, beside, shown

# Up to here a count may be a count of things that the evidence lists.
_COUNTABLE = 12
# So large that money is meant where nothing else is counted: "the two-million offer".
_LARGE = 1000
_ROUNDED = 0.07
# How much more "more than" may stand for, and where the figure is a round one.
_LOOSE, _LOOSER = 1.2, 1.4
_SLIGHTLY = 0.025
_SHARED_FOR_CLASH = 3
_CLEARLY = 2.5
_ALIKE = 0.7
_SPANS = frozenset(
    "second seconds minute minutes hour hours day days week weeks month months year years decade decades hourly daily "
    "weekly monthly yearly annual annually centuries".split()
)
# The spans that stand for one another: "each year" and "annually".
_SPAN_OF = {"annual": "year", "annually": "year", "yearly": "year", "monthly": "month", "weekly": "week"} | {
    "daily": "day",
    "hourly": "hour",
    "centuries": "century",
}
_LABEL = re.compile(
    r"\b(?P<name>[A-Z][A-Za-z]{1,14})[- ](?P<number>\d{1,4})\b"
    r"(?![,.:]\d|[-–]\d|\s?(?:%|percent|per cent|million|billion|people|a\.m|p\.m|years?|days?|points?))"
)
_NO_LABELS = FUNCTION_WORDS | frozenset(
    "nearly almost around up with least roughly another last first next since aged age top between january february "
    "march april june july august september october november december jan feb mar apr jun jul aug sept sep oct nov dec "
    "monday tuesday wednesday thursday friday saturday sunday at on just".split()
)
_EXPLICIT = frozenset(("percent", "money", "time", "length", "weight", "area", "volume", "speed", "clock", "score"))

_Said = tuple[Text, Amount]


def number_faults(claim: Text, evidence: Sequence[Text], published: date | None, context: Text) -> Iterator[Fault]:
    """The claim's figures that the evidence contradicts or doesn't give."""
    said = [(text, amount) for text in evidence for amount in find_amounts(text.text)]
    known = [amount for _, amount in said]
    named = find_amounts(context.text)
    dated = any(find_dates(text.text, published) for text in evidence)
    for amount in find_amounts(claim.text):
        fault = _fault(claim, amount, said, known, named, dated)
        if fault:
            yield fault
    yield from _labels(claim, evidence)
    yield from _bare_units(claim, evidence)


def _labels(claim: Text, evidence: Sequence[Text]) -> Iterator[Fault]:
    """ "Game 6", "COVID-19": the number that is part of a name."""
    for match in _LABEL.finditer(claim.text):
        name, number = match["name"].lower(), match["number"]
        if name in _NO_LABELS:
            continue
        others = [
            other["number"]
            for text in evidence
            for other in _LABEL.finditer(text.text)
            if other["name"].lower() == name
        ]
        if others and number not in others:
            start, end = match.span()
            reason = f"the article says {match['name']} {others[0]}, the sentence says {match['name']} {number}"
            yield Fault("number", True, reason, start, end)


def _bare_units(claim: Text, evidence: Sequence[Text]) -> Iterator[Fault]:
    """ "Within hours" for "within minutes": another unit between the same words."""
    for alignment in align(claim, evidence)[:1]:
        for place, other in alignment.exchanged():
            own = claim.words[place]
            said = alignment.sentence.words[other]
            differ = own.folded in _SPANS and said.folded in _SPANS and _span(own) != _span(said)
            # Where a figure goes with one of them, the figures tell.
            if differ and (_in_figure(claim, own) or _in_figure(alignment.sentence, said)):
                continue
            if differ and alignment.likeness(place) >= _ALIKE:
                reason = f"the article says “{said.text}”, the sentence says “{own.text}”"
                yield Fault("number", True, reason, own.start, own.end)


def _span(word: Word) -> str:
    return _SPAN_OF.get(word.folded, word.stem)


def _in_figure(text: Text, word: Word) -> bool:
    figures = (one for one in find_amounts(text.text) if not one.loose)
    return any(one.start <= word.start and word.end <= one.end for one in figures)


def _fault(
    claim: Text, amount: Amount, said: Sequence[_Said], known: Sequence[Amount], named: Sequence[Amount], dated: bool
) -> Fault | None:
    start, end = amount.start, amount.end
    own = shown(claim.text, start, end)
    if amount.loose:
        return None
    agreeing = [one for one in said if agrees(amount, one[1])]
    derived = not agreeing and _derived(amount, known)
    rival = _rival(claim, amount, agreeing, said, derived)
    if rival:
        other = shown(rival[0].text, rival[1].start, rival[1].end)
        return Fault("number", True, f"the article says {other}, the sentence says {own}", start, end)
    if agreeing or derived or any(agrees(amount, one) for one in named):
        return None
    if _may_be_counted(claim, amount, known, dated):
        return None
    return Fault("number", False, f"the article doesn't say {own} of this", start, end)


def agrees(claim: Amount, said: Amount) -> bool:
    """Whether what the evidence says bears the claim's figure out."""
    if claim.vague or said.vague:
        return _vaguely(claim, said)
    if claim.per and said.per and claim.per != said.per:
        return False
    if not _comparable(claim, said):
        return False
    if claim.dimension == "score" or said.dimension == "score":
        return (
            claim.pair == said.pair
            if claim.pair and said.pair
            else {*claim.pair, claim.value} >= {said.value} or (claim.value in said.pair)
        )
    if claim.dimension != said.dimension:
        claim, said = _as_written(claim), _as_written(said)
    if _equal(claim.value, said.value):
        return not _opposed(claim.bound, said.bound)
    return _rounds(claim, said)


def _as_written(amount: Amount) -> Amount:
    """Without its unit: "13-year-old" and "a boy of 13"."""
    return replace(amount, value=amount.raw, dimension="count", unit="")


def _vaguely(claim: Amount, said: Amount) -> bool:
    """ "Dozens", "hundreds of", "half": what they may stand for."""
    if claim.vague and said.vague:
        return claim.value == said.value
    vague, exact = (claim, said) if claim.vague else (said, claim)
    return vague.value * 0.9 <= exact.value < vague.value * 100


def _comparable(claim: Amount, said: Amount) -> bool:
    one, other = claim.dimension, said.dimension
    if one == other:
        return True
    if {one, other} & {"percent", "money", "score"}:
        bare = claim.dimension == "count" and (claim.unit in ("", "point") or claim.value >= _LARGE)
        return bare or ("score" in (one, other) and "count" in (one, other))
    return "count" in (one, other) or "ordinal" in (one, other)


def _equal(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-6 * max(abs(one), abs(other)) + 1e-9


def _opposed(claim: str, said: str) -> bool:
    return {claim, said} in ({"over", "under"}, {"least", "under"}, {"over", "most"}, {"least", "most"})


def _rounds(claim: Amount, said: Amount) -> bool:
    """Whether the claim's figure is the one said, rounded the way its own words tell."""
    if claim.value <= 0 or said.value <= 0:
        return False
    ratio = said.value / claim.value
    # Spans of time and measures are converted with small errors.
    if claim.unit != said.unit and abs(ratio - 1) <= _SLIGHTLY:
        return True
    if claim.bound in ("over", "least"):
        return 1 - 1e-9 <= ratio <= _most(claim, said) and said.bound not in ("under", "most")
    if claim.bound in ("under", "most"):
        return 1 / _most(claim, said) <= ratio <= 1 + 1e-9 and said.bound not in ("over", "least")
    if claim.bound == "near":
        return 1 - 2 * _ROUNDED <= ratio <= 1 + 1e-9
    if claim.bound == "about":
        return abs(ratio - 1) <= _ROUNDED or _is_rounding(claim, said, 0.2)
    return abs(ratio - 1) <= _SLIGHTLY and _is_rounding(claim, said, _SLIGHTLY)


def _most(claim: Amount, said: Amount) -> float:
    """How far a limit may lie from the figure said; one from another limit hardly at all."""
    digits, others = _digits(claim.raw), _digits(said.raw)
    if said.bound == claim.bound and others <= digits:
        return 1.05
    return _LOOSER if digits == 1 else _LOOSE


def _digits(value: float) -> int:
    """How many significant digits a figure has."""
    return max(1, len(f"{value:.10g}".replace(".", "").strip("0")))


def _is_rounding(claim: Amount, said: Amount, most: float) -> bool:
    """Whether the figure said, cut to the claim's significant digits, is the claim's."""
    digits, own = _digits(claim.value), _digits(said.value)
    rounded = float(f"{said.value:.{digits}g}")
    return digits < own and abs(rounded / claim.value - 1) < 1e-6 and abs(said.value / claim.value - 1) <= most


def _derived(amount: Amount, known: Sequence[Amount]) -> bool:
    """Whether the figure is a sum, difference, product, ratio or share of figures said."""
    exact = [one for one in known if not one.vague]
    values = sorted(
        {value for one in exact if _comparable(amount, one) for value in (one.pair or (_in_terms(one, amount),))}
    )[:12]
    if any(_near(amount, value) for value in _worked_out(values, exact)):
        return True
    if amount.dimension not in ("percent", "multiple"):
        return False
    scale = 100.0 if amount.dimension == "percent" else 1.0
    groups: dict[str, set[float]] = {}
    for one in exact:
        groups.setdefault(one.dimension, set()).add(one.value)
    shares = (
        scale * low / high
        for group in groups.values()
        for low in sorted(group)[:10]
        for high in sorted(group)[:10]
        if high
    )
    rests = (100 - value for value in values) if amount.dimension == "percent" else ()
    return any(_near(amount, value) for value in (*shares, *rests))


def _in_terms(said: Amount, amount: Amount) -> float:
    return said.value if said.dimension == amount.dimension else said.raw


def _worked_out(values: Sequence[float], known: Sequence[Amount]) -> Iterator[float]:
    """Sums and differences of two values, and products with a count, a doubling or a half that is said."""
    for number, one in enumerate(values):
        for other in values[number:]:
            yield one + other
            if one != other:
                yield abs(one - other)
    factors = {one.value for one in known if one.dimension == "count" and one.value <= _COUNTABLE}
    factors |= {one.value for one in known if one.dimension == "multiple"} | {2.0, 0.5}
    for one in values:
        yield from (one * factor for factor in factors)
    yield from (one.value - 1 for one in known if one.dimension == "ordinal")
    shares = {one.value / 100 for one in known if one.dimension == "percent"}
    yield from (one * share for one in values for share in shares)


def _near(amount: Amount, value: float) -> bool:
    if value <= 0:
        return False
    ratio = value / amount.value if amount.value else 0.0
    if amount.bound in ("over", "least"):
        return 1 - 1e-9 <= ratio <= 1.2
    if amount.bound in ("under", "most", "near"):
        return 0.8 <= ratio <= 1 + 1e-9
    return abs(ratio - 1) <= (_ROUNDED if amount.bound == "about" else 0.01)


def _rival(
    claim: Text, amount: Amount, agreeing: Sequence[_Said], said: Sequence[_Said], derived: bool
) -> _Said | None:
    """A figure of the evidence that stands where the claim's does and is another one."""
    best = max((_role(claim, amount, *one) for one in agreeing), default=0.0)
    found: tuple[float, _Said] | None = None
    for text, other in said:
        if agrees(amount, other) or not _same_kind(amount, other):
            continue
        role = _role(claim, amount, text, other)
        if found is None or role > found[0]:
            found = role, (text, other)
    if found is None:
        return None
    needed = _SHARED_FOR_CLASH + (1.5 if agreeing or derived else 0.0)
    return found[1] if found[0] >= needed and found[0] >= best + _CLEARLY else None


def _same_kind(amount: Amount, other: Amount) -> bool:
    if amount.vague or other.vague:
        return False
    if amount.dimension == other.dimension:
        return True
    explicit = amount.dimension in _EXPLICIT and other.dimension in _EXPLICIT
    mixed = {amount.dimension, other.dimension} & {"percent", "money"}
    return _equal(amount.raw, other.raw) and (explicit or bool(mixed))


def _role(claim: Text, amount: Amount, text: Text, other: Amount) -> float:
    """How alike the surroundings of two figures are: shared words near them, more for those right beside."""
    shared = len(around(claim, amount.start, amount.end) & around(text, other.start, other.end, 7))
    own, others = beside(claim, amount.start, amount.end), beside(text, other.start, other.end)
    score = float(min(shared, 4))
    score += 1.0 if own[1] and own[1] == others[1] else 0.0
    score += 1.0 if own[0] and own[0] == others[0] else 0.0
    score += 1.0 if own == others and all(own) else 0.0
    if amount.unit and amount.unit == other.unit and amount.dimension != "count":
        score += 0.5
    if _equal(amount.raw, other.raw) and amount.dimension in _EXPLICIT:
        score += 1.5
    return score


def _may_be_counted(claim: Text, amount: Amount, known: Sequence[Amount], dated: bool) -> bool:
    """Whether a figure that isn't said may still be right: counted, worked out from days, or said in words."""
    if amount.vague or amount.dimension in ("multiple", "score"):
        return True
    if amount.unit == "share":
        return not any(one.dimension == "percent" for one in known)
    if amount.dimension == "time":
        return dated or amount.raw <= 2
    if amount.dimension == "clock":
        # "Towards noon" for 11:37.
        return not any(letter.isdigit() for letter in claim.text[amount.start : amount.end])
    if amount.dimension in ("count", "ordinal"):
        place = claim.place_at(amount.start)
        ranked = place > 0 and claim.words[place - 1].folded == "top"
        return ranked or (amount.raw <= _COUNTABLE and amount.raw == int(amount.raw))
    return False
