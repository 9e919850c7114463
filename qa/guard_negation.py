"""Negation: where the claim denies what the evidence says, or says what the evidence denies.

Judged only between words that both share: "not", "refused to" or "without" before a shared word in one and not in the
other, or an opposite ("rose", "fell") amid shared words. Two such differences cancel out. A claim that but for its
"not" has no word of its own is judged whatever the order of words ("was not approved", "approved the wall").
"""

from collections.abc import Iterator, Sequence

from qa.guard_alignment import Alignment, align
from qa.guard_opposites import opposite
from qa.guard_words import Fault, Text, Word
from qa.question import stem

_NEGATORS = frozenset(
    "not no never none nobody nothing neither nor cannot without hardly barely scarcely dont doesnt didnt isnt arent "
    "wasnt werent hasnt havent hadnt wont wouldnt cant couldnt shouldnt aint unable".split()
)
_REFUSALS = frozenset(
    stem(word) for word in "refuse fail decline deny reject lack avoid stop prevent bar forbid prohibit".split()
)
# What makes the negator before it no denial: "not only", "no longer" is one, "no doubt" isn't.
_HARMLESS_AFTER = frozenset("only just doubt less fewer more later matter necessarily least until".split())
# Words that a claim may have of its own and still say nothing more than the sentence.
_LIGHT = frozenset(
    "a an the it its this that these those he she they him her them his their do does did have has had is are was were "
    "be been being will would by".split()
)
_REACH = 5
_ALIKE = 0.7
_BREAKS = frozenset(",;:.?!—–")


def negation_faults(claim: Text, evidence: Sequence[Text]) -> Iterator[Fault]:
    """At most one fault: a negation or an opposite that stands against the evidence's."""
    for alignment in align(claim, evidence):
        fault = _fault(alignment)
        if fault:
            yield fault
            return
    yield from _bare_denial(claim, evidence)


def _bare_denial(claim: Text, evidence: Sequence[Text]) -> Iterator[Fault]:
    """A claim with one "not" and otherwise nothing that a sentence without any denial doesn't have."""
    denied = _denied(claim)
    if len(denied) != 1 or sum(_is_negator(word) for word in claim.words) != 1:
        return
    ((negator, head),) = denied
    word = claim.words[negator]
    rest = {one.stem for one in claim.words if one is not word and one.folded not in _LIGHT}
    carried = sum(one.carries for one in claim.words if one is not word)
    for sentence in evidence:
        denies = any(_is_negator(one) or one.stem in _REFUSALS for one in sentence.words)
        if carried > 1 and not denies and rest <= {one.stem for one in sentence.words}:
            told = f"the sentence says “{word.text}” of “{claim.words[head].text}”, the article doesn't"
            yield Fault("negation", True, told, word.start, word.end)
            return


def _fault(alignment: Alignment) -> Fault | None:
    flips = [*_negations(alignment), *_opposites(alignment)]
    if len(flips) != 1:
        return None
    place, reason = flips[0]
    word = alignment.claim.words[place]
    return Fault("negation", True, reason, word.start, word.end)


def _negations(alignment: Alignment) -> Iterator[tuple[int, str]]:
    """Shared words that stand under a negator in one of the two only."""
    own, other = _denied(alignment.claim), _denied(alignment.sentence)
    back = {there: here for here, there in alignment.places.items()}
    seen: set[int] = set()
    for negator, head in own:
        there = alignment.places.get(head)
        if there is None or negator in alignment.places or alignment.likeness(head) < _ALIKE:
            continue
        if any(at == there for _, at in other) or _near_negator(alignment.sentence, there):
            continue
        if head not in seen:
            seen.add(head)
            word = alignment.claim.words[negator].text
            yield negator, f"the sentence says “{word}” of “{alignment.claim.words[head].text}”, the article doesn't"
    for negator, head in other:
        here = back.get(head)
        if here is None or negator in back or alignment.likeness(here) < _ALIKE:
            continue
        if any(at == here for _, at in own) or _near_negator(alignment.claim, here):
            continue
        if here not in seen:
            seen.add(here)
            word = alignment.sentence.words[negator].text
            yield here, f"the article says “{word}” of “{alignment.claim.words[here].text}”, the sentence doesn't"


def _denied(text: Text) -> list[tuple[int, int]]:
    """Each negator's place and that of the first content word under it."""
    found: list[tuple[int, int]] = []
    for place in range(len(text.words)):
        if not _denies(text, place):
            continue
        for at in range(place + 1, min(place + 1 + _REACH, len(text.words))):
            if _breaks(text, at):
                break
            if text.words[at].carries and text.words[at].folded not in _NEGATORS:
                found.append((place, at))
                break
    return found


def _denies(text: Text, place: int) -> bool:
    word = text.words[place]
    following = text.words[place + 1].folded if place + 1 < len(text.words) else ""
    if _is_negator(word):
        whether = place > 0 and text.words[place - 1].folded == "or"
        return following not in _HARMLESS_AFTER and not whether
    return (word.stem in _REFUSALS or word.folded == "yet") and following == "to"


def _is_negator(word: Word) -> bool:
    return word.folded.replace("'", "") in _NEGATORS or word.folded.endswith("n't")


def _near_negator(text: Text, place: int) -> bool:
    """Whether any word of denial stands shortly before, or right behind, in the same clause."""
    for at in range(place, max(-1, place - _REACH - 3), -1):
        if at != place and (_is_negator(text.words[at]) or text.words[at].stem in _REFUSALS):
            return True
        if _breaks(text, at):
            break
    after = text.words[place + 1 : place + 3]
    return any(_is_negator(word) for word in after)


def _breaks(text: Text, place: int) -> bool:
    """Whether a clause ends right before a word."""
    if place == 0:
        return False
    between = text.text[text.words[place - 1].end : text.words[place].start]
    return any(mark in between for mark in _BREAKS)


def _opposites(alignment: Alignment) -> Iterator[tuple[int, str]]:
    """Words of the claim that the sentence doesn't have, where it has their opposite in the same place."""
    seen: set[int] = set()
    for place, at in alignment.exchanged():
        word, other = alignment.claim.words[place], alignment.sentence.words[at]
        if place in seen or not opposite(word.folded, other.folded) or alignment.likeness(place) < _ALIKE:
            continue
        # "Not alive" for "dead"; and what denies has been seen as a negation.
        if _near_negator(alignment.claim, place) != _near_negator(alignment.sentence, at):
            continue
        if _denies(alignment.claim, place) or _denies(alignment.sentence, at):
            continue
        seen.add(place)
        yield place, f"the article says “{other.text}”, the sentence says “{word.text}”"
