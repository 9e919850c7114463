"""Which sentences of a text a claim should be checked against: those that together hold the most of its words."""

import math
import re
from collections import Counter
from collections.abc import Sequence

from index.words import content_words
from qa.context import leans

MOST_SENTENCES = 5
MOST_WORDS = 200
# A further sentence must add this share of the claim's words, rare ones counting more: each one read besides is one
# more that the checker can mistake for what is meant.
LEAST_GAIN = 0.08
_ENDING = re.compile(r"(?<=\w{3})(?:ing|ed|es|s)$")


def choose_evidence(claim: str, sentences: Sequence[str]) -> tuple[int, ...]:
    """The places of the sentences that a checker should read, in the text's order: greedily those that add the most
    of the claim's words, each with the one before it where it leans on that; at least one, where there is any.
    """
    chosen = greedy_cover(claim, sentences, MOST_SENTENCES, LEAST_GAIN)
    leaning = [place - 1 for place in chosen if place and leans(sentences[place])]
    return within_words(sentences, [*chosen, *leaning])


def greedy_cover(claim: str, sentences: Sequence[str], most: int, least_gain: float) -> list[int]:
    """Places of up to `most` sentences, best first: each adds at least that share, by weight, of the claim's words that
    stand anywhere in them; the first whatever it adds.
    """
    words = [content_stems(sentence) for sentence in sentences]
    counts = Counter(word for one in words for word in one)
    wanted = {word: math.log1p(len(sentences) / (1 + counts[word])) for word in content_stems(claim) if counts[word]}
    chosen: list[int] = []
    missing = dict(wanted)
    while len(chosen) < min(most, len(sentences)):
        gains = [
            (sum(missing.get(word, 0.25 * wanted.get(word, 0.0)) for word in one) / (1 + 0.01 * len(one)), -place)
            for place, one in enumerate(words)
            if place not in chosen
        ]
        gain, place = max(gains)
        new = sum(missing.get(word, 0.0) for word in words[-place])
        if chosen and (gain <= 0 or new < least_gain * sum(wanted.values())):
            break
        chosen.append(-place)
        for word in words[-place]:
            missing.pop(word, None)
    return chosen


def content_stems(text: str) -> set[str]:
    """Its content words without the endings of plurals and tenses."""
    return {_ENDING.sub("", word) for word in content_words(text)}


def within_words(sentences: Sequence[str], places: Sequence[int]) -> tuple[int, ...]:
    """Of places, best first, those that MOST_WORDS leave room for, in the text's order; at least one."""
    kept: list[int] = []
    room = MOST_WORDS
    for place in places:
        words = len(sentences[place].split()) if place >= 0 else 0
        if place >= 0 and place not in kept and (words <= room or not kept):
            kept.append(place)
            room -= words
    return tuple(sorted(kept))
