"""Does what a written sentence cites state it plainly? Asked beside the grounding checker, which reads meaning well and
manner badly: for it "say that the mayor resigned" says that the mayor resigned.

These rules would rather doubt a true sentence than let a false one pass: whoever doubts has the quotation instead.
"""

import re
from collections.abc import Sequence
from itertools import permutations

from index.words import FUNCTION_WORDS, content_words, words
from qa.claim_context import ORDERED
from qa.orders import gives_orders, speaks_to_reader

BESIDE_ORDERS = "what it cites stands beside a sentence that tells its reader what to say"
OTHER_WORDS = "too few of its words stand in what it cites, or in another order"
UNATTRIBUTED = "what it cites only says that somebody said so"
OTHER_SPEAKER = "whom it names as saying so doesn't stand in what it cites"
UNDECIDED = "what it cites isn't sure of it, or says it of what may come"
NOT_ENGLISH = "it isn't in English"
# Of the content words of a sentence, those that stand in what it cites in the same order: below it the checker's word
# alone is not enough, since it often takes exchanged roles and other verbs for the same.
LEAST_SHARE = 0.7
_MOST_ORDERED = 3
_ENGLISH_SHARE = 0.1
_FEWEST_WORDS = 8
_ENDING = re.compile(r"(?<=\w{3})(?:ing|ed|es|s)$")
_SPEAKING = re.compile(
    r"\b(?:said|says|say|saying|told|tells|according to|claim(?:s|ed|ing)?|argue[sd]?|wrote|writes|insist(?:s|ed)?|"
    r"believe[sd]?|thinks?|thought|warn(?:s|ed)?|add(?:s|ed)|announce[sd]?|alleg\w+|report(?:s|ed|edly)|rumou?r\w*|"
    r"deni(?:es|ed)|den(?:y|ying)|suggest(?:s|ed)?|suspect(?:s|ed)?|accus\w+|estimate[sd]?|state[sd]|quoted|joked|"
    r"recalled|explained|describe[sd]?|called)\b",
    re.IGNORECASE,
)
_ONLY_SAID = re.compile(
    r"\b(?:alleg\w+|rumou?r\w*|reportedly|denie[sd]|deny|denying|suspect\w*|accus\w+)\b", re.IGNORECASE
)
_QUOTED = re.compile(r"[“\"„«‘][^“”\"„«»]*(?:[”\"»’]|$)")
_UNDECIDED = re.compile(
    r"\b(?:(?-i:may)|might|could|would|should|if|unless|whether|perhaps|possibl[ey]|probabl[ey]|likely|unlikely|plan(?:s|ned)?|"
    r"want(?:s|ed)?|hop(?:es?|ed|ing)|expect(?:s|ed)?|promis(?:es?|ed)|threat\w*|almost|nearly|about|around|"
    r"roughly|approximately|fear(?:s|ed)?|propos\w+|offer\w*|will|intend\w*|consider\w*|try|tried|trying|fail(?:s|ed)?|"
    r"refus\w+|seem(?:s|ed)?|appear(?:s|ed)?|at least|up to|more than|fewer than|less than|over|not|no|never)\b|"
    r"n['’]t\b",
    re.IGNORECASE,
)


def doubts(claim: str, cited: Sequence[str], beside: Sequence[str] = ()) -> tuple[str, ...]:
    """Why the cited sentences don't plainly state a claim; () where they do. `beside` are the sentences around them."""
    found = []
    if any(speaks_to_reader(sentence) for sentence in cited) or speaks_to_reader(claim):
        found.append(ORDERED)
    if any(gives_orders(sentence) for sentence in beside):
        found.append(BESIDE_ORDERS)
    if ordered_share(claim, cited) < LEAST_SHARE:
        found.append(OTHER_WORDS)
    if not _QUOTED.search(claim) and _loses_speaker(claim, cited):
        found.append(UNATTRIBUTED)
    if _adds_speaker(claim, cited):
        found.append(OTHER_SPEAKER)
    if {word.lower() for sentence in cited for word in _UNDECIDED.findall(sentence)} - {
        word.lower() for word in _UNDECIDED.findall(claim)
    }:
        found.append(UNDECIDED)
    if _not_english(claim):
        found.append(NOT_ENGLISH)
    return tuple(found)


def _loses_speaker(claim: str, cited: Sequence[str]) -> bool:
    """Whether the cited sentences tell who said it, or that it is only said, or have it only between quotation marks,
    and the claim doesn't.
    """
    if {word.lower()[:5] for sentence in cited for word in _ONLY_SAID.findall(sentence)} - {
        word.lower()[:5] for word in _ONLY_SAID.findall(claim)
    }:
        return True
    if any(_SPEAKING.search(sentence) for sentence in cited):
        return not _SPEAKING.search(claim)
    unquoted = [_QUOTED.sub(" ", sentence) for sentence in cited]
    return ordered_share(claim, unquoted) < ordered_share(claim, cited)


def _adds_speaker(claim: str, cited: Sequence[str]) -> bool:
    """Whether next to a claim's "said" or "according to" stands a word that the cited sentences don't have."""
    known = set(_stems(" ".join(cited)))
    for match in _SPEAKING.finditer(claim):
        before, after = _content(claim[: match.start()])[-1:], _content(claim[match.end() :])[:1]
        if match[0].lower().startswith("according"):
            before = []
        if any(stem not in known for stem in (*before, *after)):
            return True
    return False


def _content(text: str) -> list[str]:
    return [_ENDING.sub("", word) for word in words(text) if word not in FUNCTION_WORDS]


def ordered_share(claim: str, cited: Sequence[str]) -> float:
    """How many of a claim's content words stand in the cited sentences, in the claim's order, between 0 and 1."""
    own = _stems(claim)
    if not own or not cited:
        return 0.0
    several = cited[:_MOST_ORDERED]
    return max(_longest_common(own, _stems(" ".join(order))) for order in permutations(several)) / len(own)


def _stems(text: str) -> list[str]:
    return [_ENDING.sub("", word) for word in content_words(text)]


def _longest_common(one: Sequence[str], other: Sequence[str]) -> int:
    """The length of the longest common subsequence."""
    row = [0] * (len(other) + 1)
    for word in one:
        before = 0
        for place, candidate in enumerate(other, 1):
            before, row[place] = row[place], before + 1 if word == candidate else max(row[place], row[place - 1])
    return row[-1]


def _not_english(claim: str) -> bool:
    found = words(claim)
    if not found:
        return True
    if any(not character.isascii() and character.isalpha() and character > "ɏ" for character in claim):
        return True
    return len(found) >= _FEWEST_WORDS and sum(word in FUNCTION_WORDS for word in found) < _ENGLISH_SHARE * len(found)
