"""Names of a claim against those of its evidence.

A name is known by its capitals, but compared without them; a text without capitals is searched for places and for
words that take the place of a part of a name. A surname stands for the whole name, initials for what they abbreviate,
a nationality for the country.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.words import FUNCTION_WORDS
from qa.guard_aliases import ALIASES, HOME, PEOPLES, PLACES
from qa.guard_words import Fault, Text, Word, around, beside, shown

# Written with a capital, but not what a name is told by.
_EMPTY = frozenset(
    "mr mrs ms miss dr sir dame lord lady president vice prime minister premier chancellor senator sen rep "
    "congressman congresswoman governor gov mayor judge justice king queen prince princess pope bishop professor prof "
    "captain sergeant officer detective general colonel lieutenant secretary director chief coach chairman chairwoman "
    "ceo jr sr ii iii iv st the monday tuesday wednesday thursday friday saturday sunday january february march april "
    "may june july august september october november december spring summer autumn fall winter day street avenue road "
    "county city state university college school department company inc corp ltd co group party house council "
    "committee association agency bureau office court police church river lake mount island islands bay park airport "
    "hospital team north south east west northern southern eastern western central new old saint great covid i am pm "
    "et gmt bst yes no ok tv phd mba md us-led attorney district chair spokesman spokeswoman spokesperson super board "
    "center centre institute society league cup series game games world national international american federal "
    "republican democrat democratic congress government senate parliament bill act law".split()
)
# What stands before a name at the beginning of a sentence.
_OPENERS = frozenset(
    "neither both like unlike while when after before since although though even only no not former then once one two "
    "three four five six seven eight nine ten unless until because despite under over near around inside outside among "
    "between against every each any some many most few all another what who where why how if that this these those "
    "without within beyond behind beside besides whether rather either yet still perhaps today back home next last "
    "first black white young old new late whereas given per".split()
)
_NUMERALS = frozenset("ii iii iv vi vii viii ix".split())
_LONGEST_ALIAS = 3
_HEADLINE = 0.7
_FEWEST_WORDS = 5
_SHARED_FOR_CLASH = 3
_SIMILAR_FROM = 5
_SURELY, _CLEARLY = 4.0, 2.0


@dataclass(frozen=True, slots=True)
class _Known:
    """What evidence and context name: words, their stems, things that aliases mean, initials of names."""

    folded: frozenset[str]
    stems: frozenset[str]
    things: frozenset[str]
    initials: frozenset[str]
    names: frozenset[str]  # words written with a capital within a sentence


def name_faults(claim: Text, evidence: Sequence[Text], context: Text) -> Iterator[Fault]:
    """The claim's names that neither evidence nor context has; a clash where another name stands there."""
    known, either = _known(evidence), _known([*evidence, context])
    runs = _placed_runs(claim) if _without_capitals(claim) else _runs(claim, either)
    for first, last in runs:
        missing = [place for place in range(first, last) if not _has(claim, place, first, last, known)]
        missing = [place for place in missing if claim.words[place].folded not in _EMPTY or last - first == 1]
        if not missing:
            other = next(_other_given_name(claim, first, last, evidence), None) or _exchanged(
                claim, first, last, evidence
            )
            yield from [other] if other else []
            continue
        if all(claim.words[place].folded in _EMPTY for place in missing):
            continue
        start, end = claim.words[first].start, claim.words[last - 1].end
        name = shown(claim.text, start, end).removesuffix("'s").removesuffix("’s")
        rival = _rival(claim, first, last, evidence)
        if rival:
            yield Fault("name", True, f"the article says {rival}, the sentence says {name}", start, end)
        elif not all(_has(claim, place, first, last, either) for place in missing) and not _is_told(
            claim, first, last, either
        ):
            yield Fault("name", False, f"the article doesn't name {name} here", start, end)


def _known(texts: Sequence[Text]) -> _Known:
    words = [word for text in texts for word in text.words]
    names: set[str] = set()
    initials: set[str] = set()
    things: set[str] = set()
    for text in texts:
        plain = _without_capitals(text)
        names.update(word.folded for word in text.words if word.capital and not word.opens and not plain)
        for first, last in _capital_runs(text):
            for begin in range(first, last - 1):
                initials.add("".join(word.folded[0] for word in text.words[begin:last] if word.capital))
        things.update(thing for found in _things(text) for thing in found[2])
    folded = frozenset(part for word in words for part in (word.folded, *word.folded.split("'")))
    return _Known(
        folded, frozenset(word.stem for word in words), frozenset(things), frozenset(initials), frozenset(names)
    )


def _things(text: Text) -> Iterator[tuple[int, int, frozenset[str]]]:
    """Where aliases stand, and what they mean."""
    folded = [word.folded for word in text.words]
    for place in range(len(folded)):
        for length in range(min(_LONGEST_ALIAS, len(folded) - place), 0, -1):
            meant = ALIASES.get(" ".join(folded[place : place + length]))
            if meant:
                yield place, place + length, meant


def _without_capitals(text: Text) -> bool:
    """Whether capitals tell nothing: there are none, or nearly every word has one."""
    carrying = [word for word in text.words if word.carries and word.text[0].isalpha()]
    if len(carrying) < _FEWEST_WORDS:
        return text.text.islower()
    if text.text[:1].islower() and not any(word.capital for word in text.words[1:]):
        return True
    return sum(word.capital for word in carrying) >= _HEADLINE * len(carrying)


def _capital_runs(text: Text) -> Iterator[tuple[int, int]]:
    """Runs of words with capitals, "of" and "and" within them taken in."""
    place = 0
    while place < len(text.words):
        end = place
        while end < len(text.words) and text.words[end].capital and (end == place or _joined(text, end)):
            end += 1
            if (
                end + 1 < len(text.words)
                and text.words[end].folded in ("of", "for", "the", "and")
                and (text.words[end + 1].capital and _joined(text, end) and _joined(text, end + 1))
            ):
                end += 1
        yield from [(place, end)] if end > place else []
        place = max(end, place + 1)


def _joined(text: Text, place: int) -> bool:
    """Whether only white space or a hyphen parts a word from the one before."""
    return text.text[text.words[place - 1].end : text.words[place].start] in (" ", "-", "  ", " & ", "'", ". ")


def _runs(claim: Text, known: _Known) -> Iterator[tuple[int, int]]:
    """The claim's names: runs of capitals; a sentence's first word only where something else shows a name."""
    for first, last in _capital_runs(claim):
        begin = first
        while begin < last and (
            claim.words[begin].folded in FUNCTION_WORDS
            or (claim.words[begin].opens and not _opening_name(claim, begin, last, known))
        ):
            begin += 1
        while last > begin and claim.words[last - 1].folded in FUNCTION_WORDS:
            last -= 1
        if begin < last and not _within_quotes(claim, begin, last):
            yield from _parts(claim, begin, last)


def _parts(claim: Text, first: int, last: int) -> Iterator[tuple[int, int]]:
    """ "France and Germany" are two names, "Johnson and Johnson" too."""
    begin = first
    for place in range(first, last):
        if claim.words[place].folded in ("and", "the", "for") or (
            place > begin and claim.words[place - 1].text.endswith(("'s", "’s"))
        ):
            if place > begin:
                yield begin, place
            begin = place if claim.words[place].capital else place + 1
    if begin < last:
        yield begin, last


def _opening_name(claim: Text, place: int, last: int, known: _Known) -> bool:
    word = claim.words[place]
    if word.folded in FUNCTION_WORDS:
        return False
    if word.folded in known.names or word.folded in PLACES or word.folded in ALIASES:
        return True
    if last - place == 2 and claim.words[last - 1].folded in known.names and _may_be_given(word.folded, known):
        return True
    whose = word.text.endswith(("'s", "’s")) and not word.folded.endswith(("men", "ren", "people"))
    return whose and word.folded not in known.folded


def _may_be_given(word: str, known: _Known) -> bool:
    """Whether a word before a surname may be a first name: "Paul Brook", but not "Neither Brook"."""
    return word not in known.folded and word not in _OPENERS and not word.endswith(("ing", "ed", "ly", "s"))


def _within_quotes(claim: Text, first: int, last: int) -> bool:
    """Whether a quotation begins right before: the guard of quotations sees to it."""
    before = claim.text[max(0, claim.words[first].start - 1) : claim.words[first].start]
    return before in ("“", '"', "‘")


def _placed_runs(claim: Text) -> Iterator[tuple[int, int]]:
    """In a claim whose capitals tell nothing: the places it names."""
    folded = [word.folded for word in claim.words]
    place = 0
    while place < len(folded):
        length = next(
            (
                size
                for size in (3, 2, 1)
                if " ".join(folded[place : place + size]) in PLACES and place + size <= len(folded)
            ),
            0,
        )
        if length:
            yield place, place + length
        place += max(length, 1)


def _has(claim: Text, place: int, first: int, last: int, known: _Known) -> bool:
    word = claim.words[place]
    if word.folded in known.folded or word.stem in known.stems or word.folded in FUNCTION_WORDS:
        return True
    if word.folded.isdigit() or word.folded in _NUMERALS or len(word.folded) == 1:
        return True
    if any(begin <= place < end and meant & known.things for begin, end, meant in _things(claim)):
        return True
    run = "".join(one.folded[0] for one in claim.words[first:last] if one.capital)
    if len(run) > 1 and (run in known.folded or run in known.initials):
        return True
    if _without_s(word).isupper() and word.folded in known.initials:
        return True
    given = place < last - 1 and claim.words[last - 1].folded in known.folded
    # A first name, a middle name or the kind of place ("Lake ...") before what is named.
    if given and claim.words[last - 1].folded not in _EMPTY:
        return True
    return any(_similar(word.folded, other) for other in known.names if other[0] == word.folded[0])


def _without_s(word: Word) -> str:
    return word.text.removesuffix("'s").removesuffix("’s")


def _similar(one: str, other: str) -> bool:
    """Two spellings of a name, or a name and the word for its people."""
    short, long = sorted((one, other), key=len)
    if len(short) < _SIMILAR_FROM:
        return len(short) == _SIMILAR_FROM - 1 and long.startswith(short) and len(long) - len(short) <= 3
    if long.startswith(short[:-1]) and len(long) - len(short) <= 4:
        return True
    if len(long) - len(short) > 2 or one[:2] != other[:2]:
        return False
    return _distance(one, other, 2 if len(short) > 7 else 1) <= (2 if len(short) > 7 else 1)


def _distance(one: str, other: str, most: int) -> int:
    """Edits between two words, at most `most` + 1."""
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        before, row[0] = row[0], number
        for place, against in enumerate(other, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (letter != against))
        if min(row) > most:
            return most + 1
    return row[-1]


def _is_told(claim: Text, first: int, last: int, known: _Known) -> bool:
    """Whether a name says what readers know: home, or somebody's nation or people where no other one is named."""
    name = " ".join(word.folded for word in claim.words[first:last])
    return name in HOME or (name in PEOPLES and not PEOPLES & known.folded)


def _other_given_name(claim: Text, first: int, last: int, evidence: Sequence[Text]) -> Iterator[Fault]:
    """A first name that the evidence gives to nobody of this surname, where it gives another one."""
    if last - first != 2:
        return
    given, surname = claim.words[first], claim.words[last - 1]
    if given.folded in _EMPTY or surname.folded in _EMPTY or len(given.folded) == 1:
        return
    before = [
        text.words[place - 1]
        for text in evidence
        for place, word in enumerate(text.words)
        if place and word.folded == surname.folded and word.capital and _joined(text, place)
    ]
    others = [
        word
        for word in before
        if word.capital and word.folded not in _EMPTY and word.folded not in FUNCTION_WORDS and len(word.folded) > 1
    ]
    if any(word.folded == given.folded or _similar(word.folded, given.folded) for word in before):
        return
    if any(word.folded == given.folded for text in evidence for word in text.words):
        return
    if others and len(others) == len(before):
        yield Fault(
            "name",
            True,
            f"the article says {others[0].text} {surname.text}, the sentence says {given.text} {surname.text}",
            given.start,
            surname.end,
        )


def _rival(claim: Text, first: int, last: int, evidence: Sequence[Text]) -> str:
    """The name that stands in the evidence where the claim has another; "" for none."""
    start, end = claim.words[first].start, claim.words[last - 1].end
    own = {word.folded for word in claim.words}
    near, edges = around(claim, start, end), beside(claim, start, end)
    best, found = 0.0, ""
    for text in evidence:
        for begin, stop in _name_runs(text):
            if any(word.folded in own for word in text.words[begin:stop]):
                continue
            left, right = text.words[begin].start, text.words[stop - 1].end
            others = beside(text, left, right)
            shared = len(near & around(text, left, right, 7))
            role = shared + (edges[0] == others[0] != "") + (edges[1] == others[1] != "")
            if shared and role > best:
                best, found = role, shown(text.text, left, right)
    return found if best >= _SHARED_FOR_CLASH + 1 else ""


def _exchanged(claim: Text, first: int, last: int, evidence: Sequence[Text]) -> Fault | None:
    """A name that the evidence has, but elsewhere: between the words around it stands another name."""
    start, end = claim.words[first].start, claim.words[last - 1].end
    near, edges = around(claim, start, end), beside(claim, start, end)
    best, rival, name = 0.0, 0.0, ""
    for text in evidence:
        for begin, stop in _name_runs(text):
            left, right = text.words[begin].start, text.words[stop - 1].end
            others = beside(text, left, right)
            sides = (edges[0] == others[0] != "") + (edges[1] == others[1] != "")
            role = len(near & around(text, left, right)) + sides
            if _one_name(claim, first, last, text, begin, stop):
                best = max(best, role)
            elif sides == 2 and role > rival:
                rival, name = role, shown(text.text, left, right)
    if rival < _SURELY or rival < best + _CLEARLY:
        return None
    said = shown(claim.text, start, end)
    return Fault("name", True, f"the article says {name} here, the sentence says {said}", start, end)


def _one_name(claim: Text, first: int, last: int, text: Text, begin: int, stop: int) -> bool:
    """Whether two runs of words may name the same: a word in both, an alias, initials."""
    own, others = claim.words[first:last], text.words[begin:stop]
    if {word.folded for word in own} & {word.folded for word in others}:
        return True
    if any(_similar(one.folded, other.folded) for one in own for other in others if one.folded[0] == other.folded[0]):
        return True
    meant, said = (
        {thing for *_, things in _things(Text("", words)) for thing in things} for words in (tuple(own), tuple(others))
    )
    short, long = sorted((own, others), key=len)
    initials = "".join(word.folded[0] for word in long if word.capital)
    abbreviated = short[0].folded
    # "CBP" for "US Customs and Border Protection".
    return bool(meant & said) or (len(abbreviated) > 1 and initials.endswith(abbreviated))


def _name_runs(text: Text) -> Iterator[tuple[int, int]]:
    if _without_capitals(text):
        yield from _placed_runs(text)
        return
    for first, last in _capital_runs(text):
        begin = first
        while begin < last and (
            text.words[begin].folded in FUNCTION_WORDS or _plain_opening(text.words[begin], last - begin)
        ):
            begin += 1
        if begin < last and not all(word.folded in _EMPTY for word in text.words[begin:last]):
            yield begin, last


def _plain_opening(word: Word, length: int) -> bool:
    return word.opens and length == 1 and word.folded not in ALIASES and word.folded not in PLACES
