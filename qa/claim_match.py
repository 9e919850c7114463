"""Which words of a claim stand in its evidence, and how: what the checker's network is told of each token besides.

Exact matches as a feature of the reader's input are from DrQA (Chen et al., ACL 2017, section 3.2); here runs of words
and figures that are written differently count too.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qa.guard_amounts import Amount, find_amounts
from qa.guard_numbers import agrees
from qa.guard_words import Text, read

# Of the claim: not in the evidence; its stem is; so is the word beside it; so are four words in a row; a figure that
# the evidence gives, however written; one that it doesn't; only in the title or date. Of the evidence: not in the
# claim; in it; a figure of it.
NEW, FOUND, RUN, LONG_RUN, FIGURE, NO_FIGURE, IN_HEAD, OTHER, IN_CLAIM, SAME_FIGURE = range(10)
OF_CLAIM, KINDS = 7, 10
_SHORT, _LONG = 2, 4


@dataclass(frozen=True, slots=True)
class Marks:
    """The kinds of a text's characters: `kinds[n]` from `starts[n]` up to the next start."""

    starts: tuple[int, ...]
    kinds: tuple[int, ...]

    def at(self, character: int) -> int:
        """The kind of a character."""
        return self.kinds[bisect_right(self.starts, character) - 1]


def match_claim(claim: str, head: str, evidence: str) -> tuple[Marks, Marks, Marks]:
    """The marks of the claim, of the evidence's title and date, and of the evidence."""
    own, about, said = read(claim), read(head), read(evidence)
    kinds = _of_words(own, about, said)
    agreed = _figures(claim, evidence)
    for amount, given in agreed:
        for place in _places(own, amount):
            kinds[place] = FIGURE if given else NO_FIGURE
    stems = {word.stem for word in own.words}
    found = [IN_CLAIM if word.stem in stems else OTHER for word in said.words]
    for _, given in agreed:
        for amount in given:
            for place in _places(said, amount):
                found[place] = SAME_FIGURE
    titled = [IN_CLAIM if word.stem in stems else OTHER for word in about.words]
    return _marks(own, kinds, FOUND), _marks(about, titled, OTHER), _marks(said, found, OTHER)


def _of_words(claim: Text, head: Text, evidence: Text) -> list[int]:
    stems, titled = {word.stem for word in evidence.words}, {word.stem for word in head.words}
    kinds = [FOUND if word.stem in stems else IN_HEAD if word.stem in titled else NEW for word in claim.words]
    own, said = [word.folded for word in claim.words], [word.folded for word in evidence.words]
    for length, kind in ((_SHORT, RUN), (_LONG, LONG_RUN)):
        told = set(_runs(said, length))
        for place, run in enumerate(_runs(own, length)):
            if run in told:
                kinds[place : place + length] = [kind] * length
    return kinds


def _runs(words: Sequence[str], length: int) -> Iterable[tuple[str, ...]]:
    return zip(*(words[first:] for first in range(length)), strict=False)


def _figures(claim: str, evidence: str) -> list[tuple[Amount, list[Amount]]]:
    """The claim's figures, each with those of the evidence that bear it out."""
    said = find_amounts(evidence)
    return [
        (amount, [one for one in said if agrees(amount, one)]) for amount in find_amounts(claim) if not amount.loose
    ]


def _places(text: Text, amount: Amount) -> range:
    first = text.place_at(amount.start)
    last = first
    while last < len(text.words) and text.words[last].start < amount.end:
        last += 1
    return range(first, last)


def _marks(text: Text, kinds: Sequence[int], between: int) -> Marks:
    starts, found = [0], [between]
    for word, kind in zip(text.words, kinds, strict=True):
        starts += [word.start, word.end]
        found += [kind, between]
    return Marks(tuple(starts), tuple(found))
