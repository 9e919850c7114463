"""Claims made from sentences by rule, to train the grounding checker: some that the sentence still supports, and some
with one thing changed that it then doesn't say.
"""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import SequenceMatcher

MONTHS = "January February March April May June July August September October November December".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
NAME = re.compile(r"(?<![.!?:“\"] )(?<!^)\b[A-Z][\w’'-]*[a-z][\w’'-]*(?: (?:of |de |al-)?[A-Z][\w’'-]*[a-z][\w’'-]*)*")
_OPENING_NAME = re.compile(r"^(?P<name>[A-Z][a-zé]+(?: [A-Z][\w’'-]+){1,2})(?= [a-z])")
_FIGURE = re.compile(r"(?<![\w.,])\d+(?:,\d{3})*(?:\.\d+)?(?![\w,]*\d)")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_DATED = re.compile(rf"\b(?:{'|'.join(MONTHS + DAYS)})\b")
_SPOKEN = "said|says|told reporters|added|announced|reported|noted|explained|warned|argued|confirmed"
_TRAILING_SPEAKER = re.compile(
    rf"^(?P<what>[A-Z][^“”\"]+?),? (?P<who>[A-Z][^,.“”\"]{{2,50}}) (?P<verb>{_SPOKEN})"
    r"(?: on [A-Z]\w+| in a statement)?\.$"
)
_QUOTED = re.compile(
    rf"^[“\"](?P<what>[A-Z][^“”\"]+?),?[”\"] (?P<who>[A-Z][^,.“”\"]{{2,50}}) (?P<verb>{_SPOKEN})[^“”\"]{{0,60}}\.$"
)
_LEADING_SPEAKER = re.compile(
    rf"^(?P<who>[A-Z][^,.“”\"]{{2,50}}) (?P<verb>{_SPOKEN})(?: that)? (?P<what>[a-z][^“”\"]+)\.$"
)
_SAID_WHEN = re.compile(r"(?:last|this|in|on|at|during|earlier|late|to) ")
_FIRST_PERSON = re.compile(r"\b(?:I|we|We|my|My|our|Our|us|me|you|You|your|I['’]\w+|we['’]\w+|We['’]\w+)\b")
_ASIDE = re.compile(
    r",? \([^()]*\)|, (?:who|which|whose|where|a|an|the) [^,.]{4,70},(?= [a-z])| [–—] [^–—]{4,80} [–—] "
)
_OPENER = re.compile(
    r"^(?:However|Meanwhile|In (?:the|a|an) [^,]{3,40}|On [A-Z]\w+|In \d{4}|Still|But|And|For [^,]{3,30}),? "
)
_TAIL = re.compile(
    r",? (?:because|while|after|as|which|where|when|although|adding|including|according to)\b[^“”\"]{8,}\.$"
)
_HELPERS = "is are was were has had will would can could should may might must did does do have".split()
_HELPED = re.compile(rf"\b(?P<helper>{'|'.join(_HELPERS)}) (?!not\b)(?=[a-z])")
_DENIED = re.compile(r"\b(?P<helper>" + "|".join(_HELPERS) + r")(?:n['’]t| not)\b|\bnever (?=[a-z])")
_MAYBE = re.compile(
    r"\b(?:may|might|could|would)\b(?! not| have)|\b(?:plans?|expects?|hopes?|wants?|intends?) to\b|"
    r"\b(?:is|are) expected to\b"
)
_HEDGE = re.compile(
    r"\b(?:allegedly|reportedly|about|nearly|almost|around|up to|at least|possibly|probably|likely|some|apparently) "
)

# Words that a news writer exchanges freely, and words whose exchange turns the meaning.
_SAME = [
    pair.split("/")
    for pair in (
        "bought/purchased began/started said/stated about/around killed/slain helped/assisted tried/attempted "
        "needs/requires big/large ended/finished got/received showed/revealed asked/requested home/house buy/purchase "
        "job/position workers/employees company/firm nearly/almost many/numerous often/frequently quickly/rapidly "
        "begin/start help/assist increase/rise police/officers film/movie physician/doctor lawyer/attorney "
        "children/kids automobile/car said/announced picked/selected quit/resigned firms/companies near/close|to "
        "purchase/buy across/throughout also/additionally however/yet huge/enormous important/crucial show/reveal "
        "country/nation month|ago/four|weeks|ago before/prior|to during/in|the|course|of because/since "
        "allowed/permitted stopped/halted "
        "banned/barred died/passed|away hurt/injured sick/ill wealthy/rich deal/agreement "
        "plan/scheme meeting/gathering called/named vote/ballot opened/launched won/secured leader/head whole/entire"
    ).split()
]
_OPPOSITE = [
    pair.split("/")
    for pair in (
        "more/fewer more/less higher/lower rose/fell increased/decreased increase/decrease rise/fall won/lost win/lose "
        "before/after first/last most/least largest/smallest biggest/smallest best/worst oldest/youngest older/younger "
        "accepted/rejected approved/rejected supported/opposed support/oppose allowed/banned agreed/refused "
        "confirmed/denied admitted/denied arrived/left opened/closed open/closed began/ended start/end gained/lost "
        "bought/sold buy/sell hired/fired arrested/released guilty/innocent alive/dead born/died up/down above/below "
        "over/under public/private legal/illegal safe/dangerous early/late earlier/later north/south east/west "
        "northern/southern eastern/western left/right inside/outside same/different strong/weak faster/slower "
        "success/failure succeeded/failed praised/criticized praised/condemned friend/enemy ally/rival male/female "
        "man/woman men/women "
        "son/daughter brother/sister father/mother husband/wife morning/evening "
        "summer/winter "
        "all/some every/one always/never many/few majority/minority cheaper/dearer improved/worsened better/worse "
        "lifted/imposed raised/lowered raised/cut expanded/shrank joined/left entered/left found/lost passed/failed "
        "employer/employee teacher/student victim/attacker lent/borrowed attacked/defended domestic/foreign"
    ).split()
]
_UNITS = [
    group.split("/")
    for group in (
        "million/billion/thousand hundred/thousand percent/percentage|points miles/kilometers miles/feet "
        "days/weeks/months/years hours/days/minutes pounds/tons dollars/euros daily/weekly/monthly"
    ).split()
]
_WORD = re.compile(r"(?<![\w’'-])[A-Za-z]+(?![\w’'-])")
_IN_QUOTES = re.compile(r"[“\"][^”\"]*(?:[”\"]|$)")
_SMALL = "zero one two three four five six seven eight nine ten eleven twelve".split()
_FORMATS = (
    (r"(\d+(?:\.\d+)?) million\b", r"\1m"),
    (r"(\d+(?:\.\d+)?) billion\b", r"\1bn"),
    (r"\$(\d+(?:\.\d+)?) (million|billion)\b", r"\1 \2 dollars"),
    (r"(\d+(?:\.\d+)?)%", r"\1 percent"),
    (r"(\d+(?:\.\d+)?) (?:percent|per cent)\b", r"\1%"),
    (r"\b(\d{1,3}),(\d{3})\b(?!,)", r"\1\2"),
    (r"(?<![\d.,$£€])(\d{1,3}),000\b(?!,)", r"\1 thousand"),
    (r"(?<![\d.,$£€])\b(\d{1,3})(\d{3}) (?=people|workers|students|homes|jobs|miles)", r"\1,\2 "),
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim made by rule. `changed` are the characters that are new in a false one; of a true one there are none.

    `clash`: the sentence says otherwise, rather than nothing about it; None where that can't be told.
    """

    text: str
    kind: str
    true: bool
    changed: tuple[tuple[int, int], ...] = ()
    clash: bool | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """What a sentence stands among: the sentence before it, others of its article, and its article's day."""

    before: str
    others: tuple[str, ...]
    published: date | None


def difference(true: str, false: str) -> tuple[tuple[int, int], ...]:
    """The characters of the words of `false` that `true` hasn't at their place; beside a word left out, the next."""
    words = [(match.start(), match.end()) for match in re.finditer(r"\S+", false)]
    matcher = SequenceMatcher(None, true.split(), false.split(), autojunk=False)
    found = []
    for kind, _, _, first, last in matcher.get_opcodes():
        if kind != "equal" and words:
            last = max(last, first + 1)
            found += words[min(first, len(words) - 1) : last]
    return tuple(found)


def true_claims(sentence: str, around: Around, lot: random.Random) -> list[Claim]:
    """The sentence as it is, and what rules make of it that it still supports."""
    plain = " ".join(sentence.split())
    made = [("verbatim", plain)]
    for kind, rule in (("compress", _compressed), ("reported", _reported), ("synonyms", _synonyms)):
        other = rule(plain, lot)
        if other:
            made.append((kind, other))
    for kind, other in (
        ("number-format", _other_format(plain, lot)),
        ("date-format", _worked_out(plain, around.published)),
        ("pronoun", _with_name(plain, around.before)),
    ):
        if other:
            made.append((kind, other))
    twice = _compressed(_synonyms(plain, lot) or plain, lot)
    if twice:
        made.append(("compress", twice))
    return [Claim(text, kind, True) for kind, text in made if len(text.split()) >= 5]


def false_claims(true: str, around: Around, lot: random.Random) -> list[Claim]:
    """A claim with one thing changed, in each way that it allows. `true` is what the evidence supports."""
    made = []
    for kind, clash, rule in _FALSE:
        other = rule(true, around, lot)
        if other and other != true:
            made.append(Claim(other, kind, False, difference(true, other), clash))
    return made


def _compressed(text: str, lot: random.Random) -> str | None:
    """Without an aside, an opening or a trailing clause."""
    rules = [_ASIDE, _OPENER, _TAIL]
    lot.shuffle(rules)
    for rule in rules:
        shorter = rule.sub("." if rule is _TAIL else " " if rule is _ASIDE else "", text, count=1)
        shorter = re.sub(r" (?=[,.;])|,(?=\.)", "", " ".join(shorter.split()))
        if shorter != text and len(shorter.split()) >= 6 and not re.search(r"\b(?:if|unless|not)\b", shorter[-25:]):
            return shorter[0].upper() + shorter[1:]
    return None


def _reported(text: str, lot: random.Random) -> str | None:
    """What somebody said, told the other way round."""
    match = _QUOTED.match(text) or _TRAILING_SPEAKER.match(text)
    if match and not _FIRST_PERSON.search(match["what"]):
        what, who = match["what"], match["who"]
        lower = what if NAME.match(f" {what}", 1) or what.split()[0].isupper() else what[0].lower() + what[1:]
        return lot.choice((f"{who} {match['verb']} that {lower}.", f"According to {_after_comma(who)}, {lower}."))
    match = _LEADING_SPEAKER.match(text)
    if match and not _FIRST_PERSON.search(match["what"]) and not _SAID_WHEN.match(match["what"]):
        what, who = match["what"], match["who"]
        return lot.choice(
            (f"{what[0].upper()}{what[1:]}, {_after_comma(who)} said.", f"According to {_after_comma(who)}, {what}.")
        )
    return None


def _after_comma(who: str) -> str:
    return re.sub(r"^(?:The|A|An|His|Her|Their|He|She|They|It|One|Some)\b", lambda first: first[0].lower(), who)


def _exchange(text: str, groups: Sequence[Sequence[str]], lot: random.Random, most: int) -> str | None:
    """Up to `most` words exchanged for others of their group."""
    of: dict[str, list[str]] = {}
    for group in groups:
        for word in group:
            of.setdefault(word.replace("|", " "), []).extend(one.replace("|", " ") for one in group if one != word)
    places = [
        match
        for match in _WORD.finditer(text)
        if match.group().lower() in of and (match.group().islower() or match.start() == 0) and not _quoted(text, match)
    ]
    if not places:
        return None
    for match in sorted(lot.sample(places, min(most, len(places))), key=lambda one: -one.start()):
        other = lot.choice(of[match.group().lower()])
        other = other.capitalize() if match.group()[0].isupper() else other
        text = text[: match.start()] + other + text[match.end() :]
    return text


def _quoted(text: str, match: re.Match[str]) -> bool:
    return any(one.start() <= match.start() < one.end() for one in _IN_QUOTES.finditer(text))


def _synonyms(text: str, lot: random.Random) -> str | None:
    return _exchange(text, [group for group in _SAME if "rise" not in group], lot, 3)


def _other_format(text: str, lot: random.Random) -> str | None:
    """A number, or all of one kind, written another way."""
    ways = [changed for pattern, other in _FORMATS if (changed := re.sub(pattern, other, text)) != text]
    for number, word in enumerate(_SMALL[2:], start=2):
        ways.append(re.sub(rf"\b{word}\b(?! of| hundred| thousand|-)", str(number), text))
        ways.append(re.sub(rf"(?<![\w.,:$£€-]){number}(?= [a-z])", word, text))
    ways = [changed for changed in ways if changed != text]
    return lot.choice(ways) if ways else None


def _worked_out(text: str, published: date | None) -> str | None:
    """A weekday as the day of the month that it was."""
    match = re.search(rf"\bon ({'|'.join(DAYS)})\b(?!,? (?:\d|[A-Z][a-z]{{2,8}}\.? \d))", text)
    if match is None or published is None:
        return None
    day = published - timedelta(days=(published.weekday() - DAYS.index(match[1])) % 7)
    return text[: match.start()] + f"on {MONTHS[day.month - 1]} {day.day}" + text[match.end() :]


def _with_name(text: str, before: str) -> str | None:
    """A pronoun at the beginning as the name that the sentence before begins with."""
    match = _OPENING_NAME.match(before)
    if match is None or not re.match(r"(?:He|She) ", text) or len(NAME.findall(before)) > 1:
        return None
    return f"{match['name']} {text.split(' ', 1)[1]}"


def _names(text: str) -> list[re.Match[str]]:
    found = [match for match in NAME.finditer(text) if not _DATED.search(match.group())]
    opening = _OPENING_NAME.match(text)
    return [opening, *found] if opening else found


def _other_name(text: str, around: Around, lot: random.Random) -> str | None:
    names = _names(text)
    if not names:
        return None
    match = lot.choice(names)
    own = set(text.lower().split())
    others = sorted(
        {
            one.group()
            for other in around.others
            for one in NAME.finditer(other)
            if not _DATED.search(one.group())
            and not own & set(one.group().lower().split())
            and abs(len(one.group().split()) - len(match.group().split())) <= 1
        }
    )
    return text[: match.start()] + lot.choice(others) + text[match.end() :] if others else None


def _swapped_names(text: str, around: Around, lot: random.Random) -> str | None:
    """Two names changed round, unless they merely stand side by side."""
    names = _names(text)
    pairs = [
        (one, other)
        for place, one in enumerate(names)
        for other in names[place + 1 :]
        if not re.fullmatch(r",? (?:and|or|with|&) |, ", text[one.end() : other.start()])
        and one.end() < other.start()
        and one.group() != other.group()
    ]
    if not pairs:
        return None
    one, other = lot.choice(pairs)
    middle = text[one.end() : other.start()]
    return text[: one.start()] + other.group() + middle + one.group() + text[other.end() :]


def _other_number(text: str, around: Around, lot: random.Random) -> str | None:
    figures = [match for match in _FIGURE.finditer(text) if not _YEAR.fullmatch(match.group())]
    if not figures:
        return _other_small(text, lot)
    match = lot.choice(figures)
    others = {one.group() for other in around.others for one in _FIGURE.finditer(other)} - {match.group()}
    near = sorted(other for other in others if not _YEAR.fullmatch(other) and len(other) <= len(match.group()) + 2)
    if near and lot.random() < 0.5:
        other = lot.choice(near)
    else:
        other = _nudged(match.group(), lot)
    return None if other in text else text[: match.start()] + other + text[match.end() :]


def _nudged(figure: str, lot: random.Random) -> str:
    """A number of like size: one of its digits is another."""
    places = [place for place, letter in enumerate(figure) if letter.isdigit()]
    place = lot.choice(places[:2])
    digits = [str(digit) for digit in range(1, 10) if str(digit) != figure[place]]
    return figure[:place] + lot.choice(digits) + figure[place + 1 :]


def _other_small(text: str, lot: random.Random) -> str | None:
    found = [match for match in re.finditer(r"\b[a-z]+\b", text) if match.group() in _SMALL[2:]]
    if not found:
        return None
    match = lot.choice(found)
    return text[: match.start()] + lot.choice([w for w in _SMALL[2:] if w != match.group()]) + text[match.end() :]


def _other_unit(text: str, around: Around, lot: random.Random) -> str | None:
    return _exchange(text, _UNITS, lot, 1)


def _other_date(text: str, around: Around, lot: random.Random) -> str | None:
    places = [*_DATED.finditer(text), *_YEAR.finditer(text)]
    if not places:
        return None
    match = lot.choice(places)
    word = match.group()
    if word.isdigit():
        other = str(int(word) + lot.choice((-10, -3, -2, -1, 1, 2, 3)))
    else:
        other = lot.choice([one for one in (MONTHS if word in MONTHS else DAYS) if one != word])
    return text[: match.start()] + other + text[match.end() :]


def _negated(text: str, around: Around, lot: random.Random) -> str | None:
    denied = list(_DENIED.finditer(text))
    if denied:
        match = lot.choice(denied)
        helper = match["helper"] or ""
        return (
            text[: match.start()] + helper + text[match.end() :].lstrip()
            if not helper
            else (text[: match.start()] + helper + text[match.end() :])
        )
    helped = list(_HELPED.finditer(text))
    if not helped:
        return None
    match = lot.choice(helped)
    return text[: match.end()] + "not " + text[match.end() :]


def _opposite(text: str, around: Around, lot: random.Random) -> str | None:
    return _exchange(text, _OPPOSITE, lot, 1)


def _certain(text: str, around: Around, lot: random.Random) -> str | None:
    found = list(_MAYBE.finditer(text))
    if not found:
        return None
    match = lot.choice(found)
    return text[: match.start()] + "will" + text[match.end() :]


def _unhedged(text: str, around: Around, lot: random.Random) -> str | None:
    """All of them, or exactly so many, where the sentence says "some" or "about"."""
    found = list(_HEDGE.finditer(text))
    if not found:
        return None
    match = lot.choice(found)
    instead = {"some": "all ", "about": "exactly ", "around": "exactly ", "likely": "certainly "}
    return text[: match.start()] + instead.get(match.group().strip(), "") + text[match.end() :]


def _other_speaker(text: str, around: Around, lot: random.Random) -> str | None:
    match = re.search(
        rf"(?:According to (?P<a>[A-Z][^,]{{2,50}}),)|(?P<b>[A-Z][\w .’'-]{{2,40}}) (?:{_SPOKEN})\b", text
    )
    if match is None:
        return None
    who = match["a"] or match["b"]
    speakers = sorted(
        {
            one["who"]
            for other in around.others
            for form in (_TRAILING_SPEAKER, _QUOTED, _LEADING_SPEAKER)
            if (one := form.match(other))
            and one["who"].lower() not in text.lower()
            and who.lower() not in one["who"].lower()
        }
        - {"He", "She", "They", "It"}
    )
    return text.replace(who, lot.choice(speakers), 1) if speakers else None


def _with_addition(text: str, around: Around, lot: random.Random) -> str | None:
    """With a trailing clause of another sentence, which says it of something else."""
    tails = [
        match.group().rstrip(".")
        for other in around.others
        for match in re.finditer(r",? (?:because of|after|in|during|despite|for|at|to|with) [^,.“”\"]{8,60}\.$", other)
        if not set(match.group().lower().split()[-2:]) <= set(text.lower().split())
    ]
    return f"{text.rstrip('.')}{lot.choice(tails)}." if tails and text.endswith(".") else None


def _joined(text: str, around: Around, lot: random.Random) -> str | None:
    """Its beginning with the end of another sentence that has the same helping verb."""
    match = lot.choice(list(_HELPED.finditer(text)) or [None])
    if match is None or match.start() < 10:
        return None
    ends = [
        other[one.end() :]
        for other in around.others
        for one in _HELPED.finditer(other)
        if one["helper"] == match["helper"] and 4 <= len(other[one.end() :].split()) <= 20
    ]
    return text[: match.end()] + lot.choice(ends) if ends else None


_Rule = Callable[[str, Around, random.Random], str | None]
# How a claim is made false, and whether its evidence then says otherwise.
_FALSE: tuple[tuple[str, bool | None, _Rule], ...] = (
    ("name", None, _other_name),
    ("role", True, _swapped_names),
    ("number", True, _other_number),
    ("unit", True, _other_unit),
    ("date", True, _other_date),
    ("negation", True, _negated),
    ("opposite", True, _opposite),
    ("modality", False, _certain),
    ("hedge", False, _unhedged),
    ("attribution", None, _other_speaker),
    ("added", False, _with_addition),
    ("mixed", False, _joined),
)
