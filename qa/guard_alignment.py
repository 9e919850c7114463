"""Which words of a claim are which of a sentence: the ground on which opposites and negations are compared."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from index.words import FUNCTION_WORDS
from qa.guard_words import Text

# Sentences with less of the claim's content words aren't aligned with it.
_LEAST_SHARED = 0.5
_MOST_SENTENCES = 2
# Function words that have an opposite.
_LIMITS = frozenset(FUNCTION_WORDS) - frozenset("a an the".split())


@dataclass(frozen=True, slots=True)
class Alignment:
    """A claim and one sentence; `places` maps the claim's words to the sentence's, in order."""

    claim: Text
    sentence: Text
    places: dict[int, int]

    def likeness(self, place: int, reach: int = 3) -> float:
        """The share of the content words near a place of the claim that the sentence has."""
        near: list[int] = []
        for step in (-1, 1):
            at, count = place + step, 0
            while 0 <= at < len(self.claim.words) and count < reach:
                if self.claim.words[at].carries:
                    near.append(at)
                    count += 1
                at += step
        return sum(one in self.places for one in near) / len(near) if near else 0.0

    def exchanged(self) -> Iterator[tuple[int, int]]:
        """Words that stand for one another: a claim's word and one of the sentence's in the same gap of shared ones."""
        taken = set(self.places.values())
        for place, word in enumerate(self.claim.words):
            if place in self.places or not (word.carries or word.folded in _LIMITS):
                continue
            low, high = self._gap(place)
            yield from ((place, at) for at in range(low, high) if at not in taken)

    def _gap(self, place: int) -> tuple[int, int]:
        """The sentence's words between the shared ones that are nearest to a place of the claim."""
        before = max((own for own in self.places if own < place), default=-1)
        after = min((own for own in self.places if own > place), default=-1)
        if before >= 0:
            low = self.places[before] + 1
        else:
            low = max(0, self.places[after] - 4) if after >= 0 else 0
        return low, self.places[after] if after >= 0 else min(len(self.sentence.words), low + 4)


def align(claim: Text, evidence: Sequence[Text]) -> tuple[Alignment, ...]:
    """The claim aligned with the one or two sentences that have the most of its content words."""
    wanted = {word.stem for word in claim.words if word.carries}
    if len(wanted) < 3:
        return ()
    shares = sorted(
        (
            (len(wanted & {word.stem for word in text.words}) / len(wanted), -number)
            for number, text in enumerate(evidence)
        ),
        reverse=True,
    )
    return tuple(
        _align(claim, evidence[-number]) for share, number in shares[:_MOST_SENTENCES] if share >= _LEAST_SHARED
    )


def _align(claim: Text, sentence: Text) -> Alignment:
    matcher = SequenceMatcher(
        None, [word.stem for word in claim.words], [word.stem for word in sentence.words], autojunk=False
    )
    places = {block.a + step: block.b + step for block in matcher.get_matching_blocks() for step in range(block.size)}
    # A lone "the" or "of" between others is chance.
    kept = {
        own: other
        for own, other in places.items()
        if claim.words[own].folded not in FUNCTION_WORDS
        or places.get(own - 1) == other - 1
        or places.get(own + 1) == other + 1
    }
    return Alignment(claim, sentence, kept)
