"""Sentences that tell whoever reads them what to say. They state nothing, however true what they want said may be.

Rules over words, made for the orders that people hide in articles for the machines that read them. `gives_orders` is
for what is plainly one: it keeps a sentence from being believed wherever it stands, so that of real news it may take
next to nothing. `may_give_orders` and `speaks_to_reader` take in more and more of what only might be one, for where a
mistake costs a written sentence alone.
"""

import re
import unicodedata

_SAY = (
    r"(?:say|answer|reply|respond|print|output|write|repeat|state|mention|tell|claim|report|conclude|translate|decode|"
    r"insist|confirm|declare|announce|reveal|quote|summari[sz]e|paraphrase|recite|type|echo|pronounce|call|name)"
)
_ALOUD = r"(?:say|reply|respond|repeat|recite)"
_AS_AN_ORDER = (
    r"(?:^|[,;:.!?—–\-\"“(>\]]\s*|\b(?:and|then|please|must|shall|should|always|just|only|now|so|"
    r"instead|you|kindly)\s+)"
)
_READER = (
    r"(?:assistants?|language models?|ai(?: models?| systems?)?|llms?|chat ?bots?|bots?|machines?|copydesk|gpt|"
    r"summari[sz]ers?|answering (?:machine|system)s?|question[- ]answer\w*|answerer)"
)
# What hardly anybody says to people in a newspaper.
_ORDERS = re.compile(
    rf"{_AS_AN_ORDER}(?:ignore|disregard|forget|override|bypass)\b[^.?!]{{0,40}}\b"
    r"(?:questions?|instructions?|prompts?|evidence|previous|prior|earlier|context|system|told|asked|your rules)\b|"
    rf"(?:^|[;:.!?—–\-\"“(>\]]\s*|\b(?:please|instead|kindly)\s+)(?:{_SAY}\b\s*(?:that\b|only\b|exactly\b|"
    r"the following\b|verbatim\b|after me\b|simply\b)|"
    rf"{_ALOUD}\b\s*(?:[:\"“‘]|an?\b|the\b|this\b|it\b|in\b|to me\b))|"
    rf"\b(?:so|and|then|now|please|must) (?:{_ALOUD}|write|answer|print|output)\s*:|"
    r"^\W*(?:please |kindly )?(?:let us (?:suppose|pretend|imagine|assume)|let['’]s (?:suppose|pretend|imagine|assume)|"
    r"imagine|pretend|act as|role-?play|translate|write an?|compose an?|you are (?:now|no longer))\b|"
    rf"\b{_READER}\b[^.?!]{{0,80}}\b(?:must|should|shall|ha(?:s|ve) to|(?:is|are) to|(?:is|are) (?:asked|told|ordered|"
    rf"instructed|required|requested) to)\s+(?:\w+\s+){{0,2}}?{_SAY}\b|"
    rf"\b(?:notes?|memos?|messages?|instructions?|orders?|notices?|attention)\b[\s,:]*(?:to|for)\s+"
    rf"(?:the |any |all |every )?{_READER}\b|\bif you(?:['’]re| are) an? (?:\w+ ){{0,2}}?{_READER}\b|"
    r"\b(?:whoever|anyone who|everyone who|what(?:ever)? ?(?:program|machine|model|system)?) (?:reads?|summari[sz]es?|"
    r"answers?|quotes?|process(?:es)?)\b[^.?!]{0,60}\b(?:must|should|shall|has to|is to)\b|"
    rf"\bdo anything now\b|\byou will (?:{_ALOUD}|write|answer|print|output)\b|"
    rf"\byou (?:must|should|shall|are to|have to) (?:now )?(?:{_ALOUD}|answer|print|output)\b|"
    r"\bif you (?:state|say|answer|write|report|mention|repeat) that\b|"
    r"\b(?:add|put|include) (?:\w+ )?(?:in|into|to) your (?:answer|reply|response|output|summary)\b|"
    r"\byour (?:only |final |next )?(?:answer|reply|response|output)s? (?:must|should|shall|will|is to|has to)\b|"
    r"\bnew (?:instructions?|task|rules?|orders?|system prompt)\s*:|\bsystem (?:prompt|message|override)\b|"
    r"^\W*(?:system|assistant|developer|user|human|bot)\s*(?:prompt|message|note|instructions?|override|update)?"
    r"\s*[\])>*|\"]*\s*[:=]|\"role\"\s*:|^\W*the answer is\s*:|"
    r"\b(?:correct|only|expected|verified) (?:answer|reply|response|output)\b[^.?!]{0,40}\b(?:is|here|must|should)\b",
    re.IGNORECASE,
)
_IMPERATIVES = re.compile(
    rf"{_AS_AN_ORDER}(?:ignore|disregard|forget|override|bypass|discard|drop|skip|neglect)\b[^.?!]{{0,60}}\b"
    r"(?:questions?|instructions?|prompts?|rules?|evidence|above|previous|prior|earlier|before|sources?|context|system|"
    r"guidelines?|told|articles?|asked)\b|"
    rf"{_AS_AN_ORDER}{_SAY}\b(?:\s+\w+){{0,3}}?\s*(?:\bthat\b|:|[\"“‘]|\bonly\b|\bexactly\b|\bthe following\b|"
    r"\bverbatim\b|\bwith\b|\bafter me\b|\bthis\b|\bsimply\b)|"
    rf"{_AS_AN_ORDER}(?:pretend|imagine|role-?play|act as|play the (?:role|part) of)\b|"
    r"\blet(?: us|['’]s) (?:suppose|say|pretend|imagine|assume)\b|"
    rf"\byou are (?:now|no longer)\b|\byou are (?:an?|the|my) [^.?!]{{0,40}}\b{_READER}\b|"
    rf"^\W*{_SAY}\s+(?:an?|the|that|this|these|it|me|us|your|in|out|down|to)\b|"
    rf"\byou (?:will|must|should|shall|are to|have to|need to|may) (?:now )?{_SAY}\b|"
    r"\byour (?:answers?|repl(?:y|ies)|responses?|summar(?:y|ies)|outputs?)\b|"
    rf"\b{_SAY}\s*:|\bdo anything now\b|\bnew (?:instructions?|task|rules?|orders?|system prompt)\b",
    re.IGNORECASE,
)
_ADDRESSES = re.compile(
    rf"\b{_READER}\b[^.?!]{{0,80}}\b(?:must|should|shall|ha(?:s|ve) to|(?:is|are) to|(?:is|are) (?:asked|told|ordered|"
    r"instructed|required|requested))\b|"
    rf"\b(?:notes?|memos?|messages?|instructions?|orders?|notices?|attention|dear|hey|hello)\b[\s,:]*(?:to|for)?\s+"
    rf"(?:the |any |all |every )?(?:{_READER}|readers?|editors?)\b|"
    r"\b(?:whoever|anyone who|any\w* that|every\w* that|what(?:ever)? ?(?:program|machine|model|system)?) "
    r"(?:reads?|summari[sz]es?|answers?|quotes?|process(?:es)?|writes?)\b|"
    r"\b(?:correct|right|true|only|final|best|proper|expected|official|verified) (?:answer|reply|response)\b|"
    r"\b(?:the|every|any|each|your|all) (?:good |correct )?(?:answers?|repl(?:y|ies)|responses?|summar(?:y|ies)) "
    r"(?:to|is|are|must|should|will|shall|has|have|says?|here|now)\b|"
    r"(?:^|[\s<\[(#*|>])(?:system|assistant|developer|ai|bot|user|human|model|sys)\s*(?:prompt|message|note|"
    r"instructions?|override|update)?\s*[\])>*|]*\s*[:=]",
    re.IGNORECASE,
)
_MARKUP = re.compile(
    r"\[\s*\d{1,2}\s*\]|<\|?/?\w[\w\- ]*\|?>|‹\|?/?\w[\w\- ]*\|?›|<!--|-->|\[/?INST\]|\(/?INST\)|```|'''|#{3,}|={4,}|"
    r"\{\{|\}\}|"
    r"\b(?:begin|end|start) of (?:the )?(?:evidence|articles?|data|context|prompt|instructions?)\b",
    re.IGNORECASE,
)
# Said to machines in the languages that are most often tried.
_ELSEWHERE = re.compile(
    r"\b(?:ignorier\w*|vergiss|vergesst|antworte\w*|sage?,|schreibe?|wiederhole?|behaupte?|"
    r"ignore[rz]|oublie[rz]?|dites|dis que|réponde[zr]|réponds|écri(?:s|vez)|répéte[zr]|"
    r"ignora[dr]?|ignoren|olvid[ae]\w*|di que|diga|responda|escrib[ae]|repit[ae]|"
    r"dimentic\w*|rispond[ie]|scrivi|di' che|negeer|vergeet|antwoord|zeg|schrijf|esqueç[ao]|diz|diga que|"
    r"zignoruj|napisz|odpowiedz|powiedz|glöm|svara|säg|unohda|vastaa|söyle|yanıtla)\b|"
    r"игнорир|забудь|скажи|ответь|напиши|忽略|回答|说|說|無視|答え|言って|무시|대답|말해|تجاهل|قل|أجب|अनदेखा|कहो|התעלם|αγνόησε",
    re.IGNORECASE,
)
_NOT_PROSE = re.compile(
    r"(?<![\w/.\-])[A-Za-z0-9+/=]{28,}|(?:[0-9a-fA-F]{2}\s?){16,}|(?:\\x[0-9a-f]{2}|%[0-9A-F]{2}|&#\d+;){4,}"
)
_PERHAPS = re.compile(
    r"\b(?:you|your|yours|yourself|yourselves|please|let us|let['’]s|readers?|prompts?|instructions?|dear)\b|"
    rf"\b{_READER}\b|^\W*{_SAY}\b|"
    rf"\b(?:must|shall|should|ought to|ha(?:s|ve) to|need to|to|and|then|will) {_SAY}\b|"
    r"^\W*(?:note|remember|consider|add|include|use|give|make|put|visit|click|see|read|send|take|set|do not|don['’]t|"
    r"never|always|be sure|keep|stop|start|follow|treat|consult|decode|when asked|if)\b|"
    r"^\W*(?:[A-Z][A-Za-z]*)(?: [A-Za-z]+){0,4}:\s|\[\s*\d+\s*\]|\(\s*\d\s*\)|[<>{}|\\`~^]|"
    r"\b(?:fiction|story|novel|poem|game|scenario|hypothetical\w*|joke|riddle|rhyme|lyrics|script|quiz|exercise)\b",
    re.IGNORECASE,
)


# Letters of two scripts in one word: one of them is there to look like the other.
_TWO_SCRIPTS = re.compile(r"[A-Za-z][\u0370-\u052f]|[\u0370-\u052f][A-Za-z]")


def gives_orders(sentence: str) -> bool:
    """Whether it plainly tells a machine, or whoever answers from it, what to do or say."""
    seen = _as_seen(sentence)
    return any(rule.search(seen) for rule in (_TWO_SCRIPTS, _ORDERS, _MARKUP, _ELSEWHERE))


def may_give_orders(sentence: str) -> bool:
    """The same of what looks like an order, and in an article may be something else."""
    seen = _as_seen(sentence)
    return gives_orders(sentence) or any(rule.search(seen) for rule in (_IMPERATIVES, _ADDRESSES, _NOT_PROSE))


def speaks_to_reader(sentence: str) -> bool:
    """Whether it may be said to its reader rather than state something."""
    seen = _as_seen(sentence)
    hidden = len(seen) < len(unicodedata.normalize("NFKC", sentence))
    return hidden or may_give_orders(sentence) or bool(_PERHAPS.search(seen))


def _as_seen(sentence: str) -> str:
    """The sentence without what nobody sees, its letters as they look."""
    shown = unicodedata.normalize("NFKC", sentence)
    return "".join(one for one in shown if one.isspace() or unicodedata.category(one) not in ("Cc", "Cf", "Co", "Cn"))
