"""How the cited sentences say a thing: what makes the same words mean less than they seem to.

A question asks, an order orders, a quotation is somebody's, a sentence that the next one takes back no longer stands,
and "he denied it" says nothing without the sentence before.
"""

import re
from collections.abc import Sequence

from qa.context import leans
from qa.orders import gives_orders

ASKED = "the article asks this, it doesn't say it"
QUOTED = "the article quotes this from somebody, it doesn't say it itself"
TAKEN_BACK = "the article takes it back in the next sentence"
ORDERED = "what is cited tells its reader what to say, it states nothing"
LEANS = "whom or what it speaks of stands in the sentence before"
_QUESTION = re.compile(r"\?[\"”’']?\s*$")
_TAKES_BACK = re.compile(
    r"^(?:but |however, |yet )?(?:"
    r"(?:this|that|it|which|the (?:claim|report|statement|story|rumou?r|allegation|figure|number)s?)"
    r"(?: later| since)? (?:is|was|were|are|ha(?:s|ve)(?: since| later| now)? been|turned out to be|proved(?: to be)?)"
    r"(?: later| since| flatly| simply)?(?:(?: not|n['’]t)(?: quite)? (?:true|so|correct|right|the case)|"
    r" (?:false|untrue|wrong|denied|disputed|incorrect|fake|a hoax|corrected|retracted|withdrawn))\b(?! that)|"
    r"[^.,;]{2,60} (?:denied|denies|rejected|disputed|retracted|withdrew|dismissed) "
    r"(?:this|that|it|the (?:claim|report|statement|story|rumou?r|allegation|charge|accusation)s?)\b)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
_IN_QUOTES = re.compile(r"[“\"][^”\"]*(?:[”\"]|$)")
_SPEAKING = re.compile(
    r"\b(?:said|says|say|told|tells|according to|claim(?:s|ed)?|argue[sd]?|wrote|writes|quot\w+|insist\w*|believe[sd]?|"
    r"think[s]?|thought|call(?:s|ed)|describe[sd]?|warn(?:s|ed)|add(?:s|ed)|announce[sd]?|ask(?:s|ed)?)\b",
    re.IGNORECASE,
)


def said_how(claim: str, sentences: Sequence[str], before: str = "", after: str = "") -> tuple[str, ...]:
    """What is to be said of a claim whose words stand in the sentences, for the reader; nothing where they stand
    plainly. `before` and `after` are the article's sentences right before and after the cited ones.
    """
    found = []
    if any(gives_orders(sentence) for sentence in sentences):
        found.append(ORDERED)
    if all(_QUESTION.search(sentence) for sentence in sentences):
        found.append(ASKED)
    if all(_only_quotation(sentence) for sentence in sentences) and not _attributed(claim):
        found.append(QUOTED)
    if after and _TAKES_BACK.match(after.strip()) and not _TAKES_BACK.match(claim):
        found.append(TAKEN_BACK)
    if before and len(sentences) == 1 and _same_opening(claim, sentences[0]) and leans(claim):
        found.append(LEANS)
    return tuple(found)


def _only_quotation(sentence: str) -> bool:
    """Somebody's words, and nothing outside the quotation marks but who says them."""
    return bool(_IN_QUOTES.search(sentence)) and not _WORD.search(_IN_QUOTES.sub("", sentence))


def _attributed(claim: str) -> bool:
    return bool(_SPEAKING.search(claim)) or bool(_IN_QUOTES.search(claim))


def _same_opening(claim: str, sentence: str) -> bool:
    return claim.split()[:2] == sentence.split()[:2]
