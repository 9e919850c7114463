"""Does a question lean on the turns before it? Rules over its words.

It does with a pronoun, "there" or "that one" for what it doesn't name itself ("When was he born?"), with something
left out ("Why?", "What about Cray?"), and as a correction ("No, the 2021 one"). It may with hardly a word that names
anything, and with a phrase such as "the strike" for what was spoken of.
"""

import re
from collections.abc import Sequence
from typing import Literal

from index.words import FUNCTION_WORDS, words
from qa.mentions import (
    AUXILIARIES,
    PREPOSITIONS,
    QUESTION_WORDS,
    Gender,
    Mention,
    Token,
    is_name,
    mentions,
    tokens,
)
from qa.question import stems

# How a question leans; of the last two it isn't certain that it does.
Sign = Literal["correction", "left out", "exchanged", "pronoun", "continued", "short", "same subject"]
UNCERTAIN: frozenset[Sign] = frozenset(("short", "same subject"))
FEW_WORDS = 3

HE = frozenset("he him his himself".split())
SHE = frozenset("she her hers herself".split())
THEY = frozenset("they them their theirs themselves".split())
IT = frozenset("it its itself".split())
PRONOUNS = HE | SHE | THEY | IT
_POSSESSIVES = frozenset("his her its their".split())
_SUBJECTS = frozenset("he she they it".split())
_THAT = frozenset("that this those these".split())

# With these alone a question names nothing.
_EMPTY = frozenset(
    "anyone anybody someone somebody anything something everyone nobody else happen happened happening happens mean "
    "please okay ok well really exactly sorry thanks altogether total say said come came go going went way one ones "
    "thing things year month day time date number many much most least first last get got give gave take took make "
    "kind sort far long often old big".split()
)
_TIMES = frozenset(
    "week month year day morning afternoon evening night weekend season summer winter spring autumn fall time quarter "
    "decade century monday tuesday wednesday thursday friday saturday sunday january february march april may june "
    "july august september october november december past".split()
)
# Shared with news of anything.
_GENERAL = stems(
    "country state city town people company government week year new day past man woman high report police nearly "
    "accord world recent announce know"
)
_BEFORE_ITS_NAME = frozenset("if when while after before although though since as once because despite by".split())
_COMMANDS = frozenset("tell give show explain describe list name".split())
_TAKEN = frozenset("took made saw won lost gave".split())

_NEW_TOPIC = re.compile(
    r"(?:(?:and |but |now |ok(?:ay)?,? )?(?:something else|(?:another|new|different) (?:question|topic|thing|subject)|"
    r"on another (?:note|subject|topic)|by the way|changing the subject))\b",
    re.I,
)
_CORRECTION = re.compile(
    r"(?:no|nope|not that(?: one)?|sorry|wait|actually|i mean(?:t)?)\b[\s,:;.–—-]*"
    r"(?:(?:i )?(?:mean|meant|was asking about)\b[\s,:]*)?",
    re.I,
)
_OPENING = re.compile(r"(?:and|but|so|or|then|also|okay|ok)\b[\s,]*", re.I)
_WHAT_ABOUT = re.compile(
    r"(?:(?:and|but|so|or|ok(?:ay)?)\b[\s,]*)?(?:what about|how about|what of|and|but|or|same for)\b[\s,]*", re.I
)
# "It" that stands for nothing: "is it true that", "how long does it take to", "was it the mayor who".
_GRAMMATICAL_IT = re.compile(
    r"\b(?:is|was|be) it (?:(?:[\w’']+ ){0,5}?(?:to|that|who)|(?:\w+ ){0,2}?(?:if|when|until)|(?:\w+ ){1,2}?for)\b \w|"
    r"\bit (?:\w+ ){1,4}?that\b|\bit (?:takes?|took|costs?|means?) (?:\w+ ){0,4}?to\b|"
    r"\bit (?:be |is |was )?(?:rain|snow|true\b|possible\b)|\btime is it\b",
    re.I,
)
_THAT_ONE = re.compile(
    r"\b(?:this|that|the (?:\w+ )?)(?:one|ones)\b|\bthe (?:other|same|latter|former|second one|first one)\b", re.I
)
YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")


def sign_of(question: str, earlier: str) -> Sign | None:
    """What shows that a question leans on the turn before it; None where nothing does.

    `earlier` is what that turn said: its question and what was quoted in answer.
    """
    if _NEW_TOPIC.match(question):
        return None
    return _certain_sign(question) or _uncertain_sign(question, earlier)


def _certain_sign(question: str) -> Sign | None:
    named_things = content(question)
    corrects = _CORRECTION.match(question) is not None
    if corrects and not _names_it_itself(question):
        return "correction"
    if not named_things:
        return "left out"
    if _WHAT_ABOUT.match(question) and _is_fragment(without_opening(question)):
        return "exchanged"
    leaning = leaning_words(question)
    # "How did they find out that …": they may be anybody.
    if leaning and not (len(named_things) > FEW_WORDS and all(token.lower == "they" for token in leaning)):
        return "pronoun"
    if len(named_things) <= FEW_WORDS and (_that_decision(question) or _THAT_ONE.search(question)):
        return "pronoun"
    if _OPENING.match(question) and len(named_things) <= 2 * FEW_WORDS:
        return "continued"
    return None


def _uncertain_sign(question: str, earlier: str) -> Sign | None:
    if YEAR.search(question) or any(is_name(token, place == 0) for place, token in enumerate(tokens(question))):
        return None
    named_things, own = content(question), mentions(question)
    if len(named_things) < FEW_WORDS and not any(one.text.lower().startswith("the ") for one in own):
        return "short"
    if len(named_things) <= FEW_WORDS and _bare_definites(own) & stems(earlier):
        return "same subject"
    return None


def without_opening(question: str) -> str:
    """The question without "And", "What about" or "No, I mean" before it."""
    corrected = _CORRECTION.match(question)
    rest = question[corrected.end() :] if corrected else question
    about = _WHAT_ABOUT.match(rest)
    return rest[about.end() :] if about else rest


def content(text: str) -> frozenset[str]:
    """The stems of the words that name something."""
    kept = [word for word in words(text) if word not in FUNCTION_WORDS and word not in _EMPTY and len(word) > 1]
    return stems(" ".join(kept)) if kept else frozenset()


def _names_it_itself(question: str) -> bool:
    """ "No, I mean the old bridge. When was that built?" """
    return len(_sentences(question)) > 1 and any(not mention.attribute for mention in mentions(question))


def _is_fragment(text: str) -> bool:
    """Nothing to be seen of a clause: "Cray?", "the second day?", "in the reservoir?"."""
    found = words(text)
    return len(found) <= 6 and not any(word in AUXILIARIES or word in QUESTION_WORDS for word in found)


def _sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.?!])\s+", text.strip()) if words(part)]


def _bare_definites(own: Sequence[Mention]) -> frozenset[str]:
    """The stems of "the strike", "the second count": phrases that leave it to earlier turns which one is meant."""
    phrases = [mention.text for mention in own if mention.text.lower().startswith("the ") and not mention.named]
    short = " ".join(phrase for phrase in phrases if len(phrase.split()) <= FEW_WORDS)
    return stems(short) - _GENERAL if short else frozenset()


def leaning_words(question: str) -> list[Token]:
    """The pronouns, "that" and "there" that stand for something which the question itself doesn't name."""
    found = tokens(question)
    if not found or _tells_first(question, found):
        return []
    own = [mention for mention in mentions(question) if mention.text.split()[0].lower() not in _THAT]
    grammatical = [match.span() for match in _GRAMMATICAL_IT.finditer(question)]
    return [
        token
        for place, token in enumerate(found)
        if _leans(found, place, own)
        and not (token.lower == "it" and any(start <= token.start < end for start, end in grammatical))
    ]


def _tells_first(question: str, found: Sequence[Token]) -> bool:
    """Whether it says what it is about: "A priest was accused after he set up what?", "The fair is on. Is it full?"."""
    if len(_sentences(question)) > 1:
        return any(len(content(sentence)) >= FEW_WORDS - 1 for sentence in _sentences(question)[:-1])
    opens = QUESTION_WORDS | AUXILIARIES | PREPOSITIONS | PRONOUNS | _THAT | _BEFORE_ITS_NAME | _COMMANDS
    if found[0].lower in opens or _OPENING.match(question) or _CORRECTION.match(question):
        return False
    return len(content(question)) >= FEW_WORDS


def _leans(found: Sequence[Token], place: int, own: Sequence[Mention]) -> bool:
    word = found[place].lower
    after = found[place + 1].lower if place + 1 < len(found) else "?"
    before = found[place - 1].lower if place else ""
    if word in PRONOUNS:
        return _is_first_subject(found, place, own) or not _is_bound(found, place, own)
    if word in _THAT:
        if not after[0].isalnum():
            return True
        # "Why did that happen?"; "that" after other verbs is a conjunction more often than not.
        return before in AUXILIARIES and place <= FEW_WORDS and after not in _TIMES | {"who", "which", "of", "much"}
    # "Are there", "since then": nothing but grammar.
    return word in ("there", "then") and after in "?.,!;" and before not in AUXILIARIES | {"since"}


def _is_first_subject(found: Sequence[Token], place: int, own: Sequence[Mention]) -> bool:
    """Whether a pronoun stands right after the question's first verb: "Is he", "How much did it cost".

    What comes before can then only be what is asked for, and that a subject never means (strong crossover: Postal,
    1971).
    """
    word = found[place].lower
    if not place or word not in _SUBJECTS | _POSSESSIVES:
        return False
    head = [token.lower for token in found[:place]]
    verb = head.pop()
    if verb not in AUXILIARIES | {"what's", "who's"} or any(
        not text[0].isalnum() or text in AUXILIARIES for text in head
    ):
        return False
    if any(mention.named and mention.end <= found[place].start for mention in own):
        return False
    return not head or any(text in QUESTION_WORDS or _OPENING.fullmatch(text) for text in head)


def _is_bound(found: Sequence[Token], place: int, own: Sequence[Mention]) -> bool:
    """Whether the question names something that the pronoun can stand for."""
    word = found[place].lower
    if any(mention.end <= found[place].start and fits(word, mention) for mention in own):
        return True
    if any((one.named or found[0].lower in _BEFORE_ITS_NAME) and fits(word, one) for one in own):
        return True
    earlier = frozenset(token.lower for token in found[:place] if token.is_word)
    if word in HE | SHE:
        # "Which star announced her retirement?", "Who said he would resign?": whoever is asked for.
        is_object = word in ("him", "her") and not is_possessive(found, place)
        return not is_object and bool(earlier & {"who", "whose", "which", "what", "whom"})
    if _is_object(found, place):
        return False
    others = earlier - FUNCTION_WORDS - AUXILIARIES - QUESTION_WORDS
    if word in THEY and word != "their":
        return any(other.endswith("s") and not other.endswith("ss") for other in others)
    return bool(others)


def _is_object(found: Sequence[Token], place: int) -> bool:
    """ "Who made it?", "ask for them by May": not the subject of a clause."""
    if found[place].lower not in ("it", "them"):
        return False
    after = found[place + 1] if place + 1 < len(found) else None
    if after is None or not after.is_word or after.lower in PREPOSITIONS:
        return True
    return bool(place) and found[place - 1].lower in PREPOSITIONS


def is_possessive(found: Sequence[Token], place: int) -> bool:
    """Whether the word is "his", "her", "its" or "their" before what is had."""
    after = found[place + 1].lower if place + 1 < len(found) else "?"
    return found[place].lower in _POSSESSIVES and after[0].isalnum() and after not in PREPOSITIONS | FUNCTION_WORDS


def _that_decision(question: str) -> bool:
    """ "Who took that decision?", "after this storm?": at the end, where that can't be a conjunction."""
    found = [token.lower for token in tokens(question) if token.is_word]
    if len(found) < 3 or found[-2] not in _THAT or found[-1] in _TIMES:
        return False
    return found[-3] in PREPOSITIONS or found[-3] in _TAKEN


def fits(pronoun: str, mention: Mention) -> bool:
    """Whether a pronoun can stand for what is mentioned."""
    if pronoun in HE | SHE:
        wanted: Gender = "he" if pronoun in HE else "she"
        possible = mention.kind in ("person", "unknown") and not mention.plural
        return possible and (mention.gender or wanted) == wanted
    if pronoun in THEY:
        # "What a shop gets when they ask": any shop.
        several = mention.plural or mention.text.lower().startswith(("a ", "an "))
        return mention.kind != "date" and (several or mention.kind in ("organisation", "unknown"))
    return mention.kind not in ("date", "person") and not mention.plural
