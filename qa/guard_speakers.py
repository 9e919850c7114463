"""Modality and attribution: what may be is no fact yet, and what somebody alleges is that person's word.

Rules are trusted with little here: only where the claim repeats the evidence's words nearly one by one.
"""

import re
from collections.abc import Iterator, Sequence

from qa.guard_alignment import Alignment, align
from qa.guard_words import Fault, Text, fold

_PERHAPS = re.compile(
    r"\b(?:may|might|could|can|would|should|must|perhaps|possibl[ey]|probabl[ey]|potential(?:ly)?|likely|unlikely|expect\w*|"
    r"plan(?:s|ned|ning)?|aim\w*|hop(?:e|es|ed|ing)|intend\w*|propos\w+|consider\w*|if|unless|whether|risk\w*|chance|able|"
    r"seek\w*|want\w*|set to|threat\w*|danger|fear\w*|possibility|think\w*|believ\w*|feel\w*|suggest\w*|conceivabl\w+|"
    r"perhaps|apparent\w*|hints?|signs?|up to|eligible|allow\w*|permit\w*|let|lets|free to|right|option\w*|in case)\b",
    re.I,
)
_ALLEGED = re.compile(
    r"\b(?:alleg\w+|claim(?:s|ed|ing)?|accus\w+|reported(?:ly)?|suspect\w*|purported\w*|supposed\w*|rumou?r\w*|apparent\w*|"
    r"unconfirmed|believed to|thought to|according to|sa(?:y|id|ys|ying)|told|insist\w*|argu\w+|charge[sd]?|contend\w*|"
    r"assert\w*|maintain\w*|den(?:y|ies|ied)|suit|lawsuit|complaint|if|whether)\b",
    re.I,
)
_ONLY_ALLEGED = re.compile(
    r"\b(?:alleged(?:ly)?|allegations?|accus(?:es|ed|ing)|reportedly|purported(?:ly)?|supposedly|rumou?red|claims|claimed)\b",
    re.I,
)
_SAYS = (
    r"(?:sa(?:ys|id)|told|tells|adds|added|argue[sd]|insist(?:s|ed)|claim(?:s|ed)|warn(?:s|ed)|note[sd]|wrote|writes|tweeted"
    r"|explain(?:s|ed))"
)
_SPEAKER = re.compile(
    rf"(?:(?P<before>[A-Z][\w’'-]+)\s+{_SAYS}\b"
    rf"|\b(?:said|says|wrote|added|argued|tweeted)\s+(?:(?:[A-Z][\w’'-]+|Dr\.|Mr\.|Ms\.)\s+)*(?P<after>(?!\w+day\b)[A-Z][\w’'-]+)\b)"
)
_ALIKE = 0.75


def speaker_faults(claim: Text, evidence: Sequence[Text]) -> Iterator[Fault]:
    """What the claim makes certain, or says by itself, or has another say."""
    for alignment in align(claim, evidence)[:1]:
        yield from _certainty(alignment)
        yield from _own_word(alignment)
        yield from _other_speaker(alignment, evidence)


def _share(alignment: Alignment) -> float:
    carrying = [place for place, word in enumerate(alignment.claim.words) if word.carries]
    return sum(place in alignment.places for place in carrying) / len(carrying) if carrying else 0.0


def _certainty(alignment: Alignment) -> Iterator[Fault]:
    """ "May close" in the evidence, "will close" or "has closed" in the claim."""
    claim, sentence = alignment.claim, alignment.sentence
    if _PERHAPS.search(claim.text):
        return
    back = {there: here for here, there in alignment.places.items()}
    for place, word in enumerate(sentence.words):
        if word.text not in ("may", "might", "could") or place in back:
            continue
        head = next((at for at in range(place + 1, min(place + 4, len(sentence.words))) if at in back), None)
        if head is None or not sentence.words[head].carries:
            continue
        here = back[head]
        if alignment.likeness(here) >= _ALIKE:
            start, end = claim.words[max(0, here - 1)].start, claim.words[here].end
            yield Fault(
                "modality", False, f"the article says it {word.folded}, the sentence says it as a fact", start, end
            )
            return


def _own_word(alignment: Alignment) -> Iterator[Fault]:
    """What the evidence calls alleged, said as a fact."""
    found = _ONLY_ALLEGED.search(alignment.sentence.text)
    if not found or _ALLEGED.search(alignment.claim.text) or _PERHAPS.search(alignment.claim.text):
        return
    if _share(alignment) >= _ALIKE:
        words = alignment.claim.words
        reason = f"the article only says “{found.group().lower()}”, the sentence says it as a fact"
        yield Fault("attribution", False, reason, words[0].start, words[-1].end)


def _other_speaker(alignment: Alignment, evidence: Sequence[Text]) -> Iterator[Fault]:
    """The claim's speaker isn't the one to whom the evidence gives the same words."""
    own = _SPEAKER.search(alignment.claim.text)
    other = _SPEAKER.search(alignment.sentence.text)
    if not own or not other or _share(alignment) < _ALIKE:
        return
    group = "before" if own["before"] else "after"
    speaker, theirs = own[group], other["before"] or other["after"]
    speakers = {
        fold(name) for text in evidence for match in _SPEAKER.finditer(text.text) for name in match.groups() if name
    }
    if fold(speaker) in speakers or fold(speaker) not in {word.folded for text in evidence for word in text.words}:
        return
    start, end = own.span(group)
    yield Fault(
        "attribution", True, f"the article has {theirs} say this, the sentence has {speaker} say it", start, end
    )
