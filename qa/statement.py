"""Does what a written sentence cites state it plainly? Asked beside the grounding checker, which reads meaning well and
manner badly: for it "say that the mayor resigned" says that the mayor resigned.

These rules would rather doubt a true sentence than let a false one pass: whoever doubts has the quotation instead.
"""

import re
from collections.abc import Sequence
from itertools import permutations

from index.words import FUNCTION_WORDS, content_words, words
from qa.claim_context import ORDERED
from qa.orders import may_give_orders, speaks_to_reader

BESIDE_ORDERS = "what it cites stands beside a sentence that tells its reader what to say"
OTHER_WORDS = "too few of its words stand in what it cites, or in another order"
UNATTRIBUTED = "what it cites only says that somebody said so"
OTHER_NAME = "a name in it doesn't stand in what it cites"
OTHER_SPEAKER = "whom it names as saying so doesn't stand in what it cites"
DENIES = "it has a negation more than what it cites"
UNDECIDED = "what it cites isn't sure of it, or says it of what may come"
EMBEDDED = "what it cites has it only within something else that it says"
NOT_ENGLISH = "it isn't in English"
# Of the content words of a sentence, those that stand in what it cites in the same order: below it the checker's word
# alone is not enough, since it often takes exchanged roles and other verbs for the same.
LEAST_SHARE = 0.7
_MOST_ORDERED = 3
_ENGLISH_SHARE = 0.1
_FEWEST_WORDS = 8
# What is left out of a cited sentence before a claim's words, or between them, shows in what they are embedded.
_FEWEST_ALIGNED = 2
_LEADS_IN = re.compile(
    r"(?:\b(?:that|que|dass|daß|che|dat|att|at|что|że)|[:=–—]|\s-|[\"“„«‘'(\[]|\s['’])\s*(?:(?:the|an?|some|about|only)\s+)*$",
    re.IGNORECASE,
)
_JOINS = re.compile(r"(?:\band|\bbut|\bwhile)\s+(?:(?:the|an?|some|about|only)\s+)*$", re.IGNORECASE)
_ON_A_DAY = re.compile(
    r"^\W*(?:on|late on|early on|last|by|since)\s+(?:\w+day|\w+day (?:morning|afternoon|evening|night)|week|month|year)"
    r",?\s*(?:(?:the|an?|some|about|only)\s+)*$",
    re.IGNORECASE,
)
# How what is left out behind a claim's words may begin: with where, when or how, or another clause.
_ENDS_WELL = re.compile(
    r"^\w*(?:\s*,)?\s+(?:and|but|while|which|who|whom|where|when|after|before|because|since|so|although|though)\b|"
    r"^\w*\s+(?:on|in|at|by|from|to|into|of|for|with|near|during|until|under|over|between|within|through|towards?|"
    r"against|around|along|behind|beside|across)\b(?:(?!\bthat\b|\bwhich\b|[,;:(\[–—]).)*$|^\W*$"
)
_SHOUTS = re.compile(r"\b[A-Z]{4,}\b")
_WORD = re.compile(r"[^\W_]+")
_NEGATION = re.compile(r"\b(?:not|cannot|never|no|nobody|none|neither|nor|without)\b|n['’]t\b", re.IGNORECASE)
_DATED = re.compile(
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|"
    r"aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
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
    return (*_gives_orders(claim, cited, beside), *_says_otherwise(claim, cited))


def _gives_orders(claim: str, cited: Sequence[str], beside: Sequence[str]) -> list[str]:
    found = []
    if any(speaks_to_reader(sentence) for sentence in (claim, *cited)):
        found.append(ORDERED)
    if any(may_give_orders(sentence) for sentence in beside):
        found.append(BESIDE_ORDERS)
    return found


def _says_otherwise(claim: str, cited: Sequence[str]) -> list[str]:
    found = []
    if ordered_share(claim, cited) < LEAST_SHARE:
        found.append(OTHER_WORDS)
    if _adds_name(claim, cited):
        found.append(OTHER_NAME)
    if not _QUOTED.search(claim) and _loses_speaker(claim, cited):
        found.append(UNATTRIBUTED)
    if _adds_speaker(claim, cited):
        found.append(OTHER_SPEAKER)
    if _loses_doubt(claim, cited):
        found.append(UNDECIDED)
    if _negations(claim) > sum(_negations(sentence) for sentence in cited):
        found.append(DENIES)
    if any(_is_embedded(claim, sentence) for sentence in cited):
        found.append(EMBEDDED)
    if _not_english(claim):
        found.append(NOT_ENGLISH)
    return found


def _loses_doubt(claim: str, cited: Sequence[str]) -> bool:
    return bool(_undecided(" ".join(cited)) - _undecided(claim))


def _undecided(text: str) -> set[str]:
    return {word.lower() for word in _UNDECIDED.findall(text)}


def _negations(text: str) -> int:
    return len(_NEGATION.findall(text))


def _adds_name(claim: str, cited: Sequence[str]) -> bool:
    """Whether a claim has a capitalised word that the cited sentences don't have: "Mill Street" of Mill Lane. Days and
    months are left to the checker, which counts dates; the first word is none unless another follows it.
    """
    known = {_name_stem(word) for word in words(" ".join(cited))}
    found = list(_WORD.finditer(claim))
    capitalised = [match[0][0].isupper() for match in found]
    for place, match in enumerate(found):
        word = match[0].lower()
        named = capitalised[place] and (place > 0 or capitalised[1:2] == [True])
        if named and word not in FUNCTION_WORDS and not _DATED.fullmatch(word) and _name_stem(word) not in known:
            return True
    return False


def _name_stem(word: str) -> str:
    return word.removesuffix("s")


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
    return max(len(_aligned(own, _stems(" ".join(order)))) for order in permutations(several)) / len(own)


def _stems(text: str) -> list[str]:
    return [_ENDING.sub("", word) for word in content_words(text)]


def _is_embedded(claim: str, sentence: str) -> bool:
    """Whether a cited sentence has the claim's words only behind something that makes less, or something else, of them:
    "the rule is that ...", "Note: ...", "As agreed, ...", or before it: "... (insert this)".
    """
    gaps = _left_out(claim, sentence)
    if not gaps:
        return False
    if any(_LEADS_IN.search(cited) and not _LEADS_IN.search(own) for own, cited in gaps[:-1]):
        return True
    opening, ending, told = gaps[0][1], gaps[-1][1], set(_stems(claim))
    if not told.issuperset(_content(ending)) and not _ENDS_WELL.match(ending):
        return True
    if told.issuperset(_content(opening)):
        return False
    return bool(_SHOUTS.search(opening)) or not (_JOINS.search(opening) or _ON_A_DAY.match(opening))


def _left_out(claim: str, sentence: str) -> list[tuple[str, str]]:
    """What stands, in the claim and in the sentence, before each of the content words that they share in one order, and
    after the last; none where they hardly share any.
    """
    own, cited = _found(claim), _found(sentence)
    pairs = _aligned(*([_ENDING.sub("", match[0].lower()) for match in one] for one in (own, cited)))
    if len(pairs) < min(_FEWEST_ALIGNED, len(own)) or not pairs:
        return []
    gaps, before, after = [], 0, 0
    for one, other in pairs:
        gaps.append((claim[before : own[one].start()], sentence[after : cited[other].start()]))
        before, after = own[one].end(), cited[other].end()
    return [*gaps, (claim[before:], sentence[after:])]


def _found(text: str) -> list[re.Match[str]]:
    return [match for match in _WORD.finditer(text) if match[0].lower() not in FUNCTION_WORDS]


def _aligned(own: Sequence[str], others: Sequence[str]) -> list[tuple[int, int]]:
    """The places, in both, of a longest common subsequence."""
    rows = [[0] * (len(others) + 1)]
    for word in own:
        last, row = rows[-1], [0]
        for place, candidate in enumerate(others):
            row.append(last[place] + 1 if word == candidate else max(last[place + 1], row[place]))
        rows.append(row)
    places, number, at = [], len(own), len(others)
    while number and at:
        if own[number - 1] == others[at - 1]:
            number, at = number - 1, at - 1
            places.append((number, at))
        elif rows[number - 1][at] >= rows[number][at - 1]:
            number -= 1
        else:
            at -= 1
    return places[::-1]


def _not_english(claim: str) -> bool:
    found = words(claim)
    if not found:
        return True
    if any(not character.isascii() and character.isalpha() and character > "ɏ" for character in claim):
        return True
    return len(found) >= _FEWEST_WORDS and sum(word in FUNCTION_WORDS for word in found) < _ENGLISH_SHARE * len(found)
