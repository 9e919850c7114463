"""Figures of a claim against those of its evidence, with their units.

Digits, words, fractions, percentages, money, measures, spans of time, ages, ordinals, times of the day, scores. A
rounded figure is borne out where it is rounded honestly: "about 130,000" and "more than 130,000" by 133,695.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from qa.guard_amounts import Amount, find_amounts
from qa.guard_dates import find_dates
from qa.guard_words import Fault, Text, around, beside, shown

# Up to here a count may be a count of things that the evidence lists.
_COUNTABLE = 12
_ROUNDED = 0.07
_LOOSE = 1.35
_SLIGHTLY = 0.025
_SHARED_FOR_CLASH = 3
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


def _fault(
    claim: Text, amount: Amount, said: Sequence[_Said], known: Sequence[Amount], named: Sequence[Amount], dated: bool
) -> Fault | None:
    start, end = amount.start, amount.end
    own = shown(claim.text, start, end)
    agreeing = [one for one in said if agrees(amount, one[1])]
    rival = _rival(claim, amount, agreeing, said)
    if rival:
        other = shown(rival[0].text, rival[1].start, rival[1].end)
        return Fault("number", True, f"the article says {other}, the sentence says {own}", start, end)
    if agreeing or any(agrees(amount, one) for one in named) or _derived(amount, known):
        return None
    if _may_be_counted(amount, dated):
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
        return claim.pair == said.pair or claim.value in said.pair
    if _equal(claim.value, said.value):
        return not _opposed(claim.bound, said.bound)
    return _rounds(claim, said)


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
        return "score" in (one, other) and "count" in (one, other)
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
        return 1 - 1e-9 <= ratio <= _LOOSE and said.bound not in ("under", "most")
    if claim.bound in ("under", "most"):
        return 1 / _LOOSE <= ratio <= 1 + 1e-9 and said.bound not in ("over", "least")
    if claim.bound == "near":
        return 1 - 2 * _ROUNDED <= ratio <= 1 + 1e-9
    if claim.bound == "about":
        return abs(ratio - 1) <= _ROUNDED or _is_rounding(claim, said, 0.2)
    return abs(ratio - 1) <= _SLIGHTLY and _is_rounding(claim, said, _SLIGHTLY)


def _is_rounding(claim: Amount, said: Amount, most: float) -> bool:
    """Whether the figure said, cut to the claim's significant digits, is the claim's."""
    digits = max(1, len(f"{claim.value:.10g}".replace(".", "").strip("0")))
    own = max(1, len(f"{said.value:.10g}".replace(".", "").strip("0")))
    rounded = float(f"{said.value:.{digits}g}")
    return digits < own and abs(rounded / claim.value - 1) < 1e-6 and abs(said.value / claim.value - 1) <= most


def _derived(amount: Amount, known: Sequence[Amount]) -> bool:
    """Whether the figure is a sum, a difference, a ratio or a share of figures said."""
    values = sorted({one.value for one in known if one.dimension == amount.dimension and not one.vague})[:12]
    if amount.dimension == "percent" and any(_near(amount, 100 - value) for value in values):
        return True
    others: dict[str, set[float]] = {}
    for one in known:
        if not one.vague and one.value > 0:
            others.setdefault(one.dimension, set()).add(one.value)
    if amount.dimension in ("percent", "multiple") and any(
        _near(amount, scale * low / high)
        for group in others.values()
        for low in sorted(group)[:10]
        for high in sorted(group)[:10]
        if low != high
        for scale in ((100,) if amount.dimension == "percent" else (1,))
    ):
        return True
    if len(values) < 2 and amount.dimension != "count":
        return False
    sums = [one + other for one in values for other in values] + [
        abs(one - other) for one in values for other in values if one != other
    ]
    return any(_near(amount, value) for value in sums)


def _near(amount: Amount, value: float) -> bool:
    if value <= 0:
        return False
    ratio = value / amount.value if amount.value else 0.0
    if amount.bound in ("over", "least"):
        return 1 - 1e-9 <= ratio <= 1.2
    if amount.bound in ("under", "most", "near"):
        return 0.8 <= ratio <= 1 + 1e-9
    return abs(ratio - 1) <= (_ROUNDED if amount.bound == "about" else 0.01)


def _rival(claim: Text, amount: Amount, agreeing: Sequence[_Said], said: Sequence[_Said]) -> _Said | None:
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
    needed = _SHARED_FOR_CLASH + (2.5 if agreeing else 0.0)
    return found[1] if found[0] >= needed and found[0] >= best + 2 else None


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
    if amount.unit and amount.unit == other.unit and amount.dimension != "count":
        score += 0.5
    if _equal(amount.raw, other.raw) and amount.dimension in _EXPLICIT:
        score += 1.5
    return score


def _may_be_counted(amount: Amount, dated: bool) -> bool:
    """Whether a figure that isn't said may still be right: counted, or worked out from days."""
    if amount.vague or amount.dimension in ("multiple", "score"):
        return True
    if amount.dimension == "time":
        return dated or amount.raw <= 2
    if amount.dimension in ("count", "ordinal"):
        return amount.raw <= _COUNTABLE and amount.raw == int(amount.raw)
    return False
