"""Does a sentence lean on the one before it? Rules over its opening words, and over whose words it quotes.

"He denied it." means nothing alone, nor does a quotation whose speaker was named one sentence earlier.
"""

import re

_OPENING = r"[\s\"“”'‘’(]*(?:(?:but|and|so|yet|then|still|instead|also|now|again|even so|however|meanwhile)\b[,\s]*)*"
_AUXILIARY = (
    r"(?:is|was|were|are|has|had|have|will|would|can|could|may|might|must|should|did|does|do|isn['’]t|wasn['’]t|"
    r"weren['’]t|aren['’]t|hadn['’]t|won['’]t|didn['’]t)"
)
_VERB = rf"(?:{_AUXILIARY}|means?|meant|came|comes|left|made|makes|took|takes|led|leads|follow(?:s|ed)|happen(?:s|ed))"
_LEANS = re.compile(
    rf"{_OPENING}(?:"
    r"(?:he|she|they|him|her|his|their|theirs|hers|it|its)\b|"
    rf"(?:this|that|these|those)(?: \w+ly)? {_VERB}\b|(?:this|that)['’]s\b|"
    r"(?:the (?:former|latter|same|other|others|second|third)|both|neither|one of them|some of them|most of them|"
    r"none of them|all of them|another|others|such an?|which|so (?:did|does|do|was|were|is|are|had|has)|"
    r"nor (?:did|does|do|was|were|is|are|had|has))\b|"
    r"(?:as a result|for (?:this|that) reason|because of (?:this|that)|in (?:other words|that case)|therefore|thus|"
    r"hence|by then|by contrast|the reason|until then|since then|after that|before that)\b)",
    re.I,
)
# "It" that stands for nothing: "It is not known whether", "It rained", "It took two hours to", "It was Holm who".
_EMPTY_IT = re.compile(
    rf"{_OPENING}it (?:rain|snow|(?:takes?|took|costs?) [\w\s]{{1,30}}? to\b|(?:is|was|has been|will be|remains?) "
    r"(?:\w+[\s,]+){1,6}?(?:that|who|whether|if|to|how|why)\b)",
    re.I,
)
_SPEAKER = r"(?:he|she|they)"
_SAYS = r"(?:said|says|say|told|tells|added|adds|wrote|writes|asked|asks|explained|replied|recalled|insisted|argued)"
_SAID_BY_PRONOUN = re.compile(rf"[\"”’',]\s+(?:{_SPEAKER} {_SAYS}\b|{_SAYS} {_SPEAKER}(?=[.,;]|$))", re.I)
_QUOTED = re.compile(r"[\"“][^\"“”]*(?:[\"”]|$)")
_WORD = re.compile(r"[^\W\d_]+")
_OPENS_QUOTED = re.compile(r"\s*[\"“]")
_FEWEST_WORDS = 4


def leans(sentence: str) -> bool:
    """Whether the sentence before it is needed to know whom or what it speaks of, or whose words it quotes."""
    if _LEANS.match(sentence) and not _EMPTY_IT.match(sentence):
        return True
    if _SAID_BY_PRONOUN.search(sentence):
        return True
    if len(_WORD.findall(sentence)) < _FEWEST_WORDS:
        return True
    return _is_quotation(sentence)


def _is_quotation(sentence: str) -> bool:
    """Somebody's words and nothing else: nothing outside the quotation marks says whose they are."""
    return bool(_OPENS_QUOTED.match(sentence)) and not _WORD.search(_QUOTED.sub("", sentence))
