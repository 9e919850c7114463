"""Which sentences of a text a claim should be checked against: those that together hold the most of its words."""

import math
import re
from collections import Counter
from collections.abc import Sequence

from index.words import content_words

# The sentences chosen, and how many more may come for the sake of what they lean on.
MOST_SENTENCES = 4
MOST_WORDS = 170
_ENDING = re.compile(r"(?<=\w{3})(?:ing|ed|es|s)$")


def choose_evidence(claim: str, sentences: Sequence[str], most: int = MOST_SENTENCES) -> tuple[int, ...]:
    """The places of the sentences that a checker should read, in the text's order: greedily those that add the most
    of the claim's words, rare ones counting more; each with the sentence before it where there is room.
    """
    words = [_stems(sentence) for sentence in sentences]
    counts = Counter(word for one in words for word in one)
    wanted = {word: math.log1p(len(sentences) / (1 + counts[word])) for word in _stems(claim)}
    chosen: list[int] = []
    missing = dict(wanted)
    while len(chosen) < min(most, len(sentences)):
        gains = [
            (sum(missing.get(word, 0.25 * wanted.get(word, 0.0)) for word in one) / (1 + 0.01 * len(one)), -place)
            for place, one in enumerate(words)
            if place not in chosen
        ]
        gain, place = max(gains)
        if gain <= 0 and chosen:
            break
        chosen.append(-place)
        for word in words[-place]:
            missing.pop(word, None)
    return _with_neighbours(chosen, sentences)


def _stems(text: str) -> set[str]:
    """Its content words without the endings of plurals and tenses."""
    return {_ENDING.sub("", word) for word in content_words(text)}


def _with_neighbours(chosen: Sequence[int], sentences: Sequence[str]) -> tuple[int, ...]:
    """The chosen ones, best first, then the ones before them, as far as MOST_WORDS go; at least one."""
    kept: list[int] = []
    room = MOST_WORDS
    for place in (*chosen, *(place - 1 for place in chosen)):
        words = len(sentences[place].split()) if place >= 0 else 0
        if place >= 0 and place not in kept and (words <= room or not kept):
            kept.append(place)
            room -= words
    return tuple(sorted(kept))
