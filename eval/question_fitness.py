"""Whether a question can be asked by itself: it says what it is about, and few articles could answer it."""

import re

from eval.question_clauses import MONTH, UNFIT, WEEKDAY
from eval.question_words import BOUND, LEANING, UNIQUE
from index.words import FUNCTION_WORDS

LONGEST_QUESTION = 26  # words
# Names and long words that a question needs, at least.
FEWEST_WORDS = 5
_MAY_BE_SHARED = frozenset("the of and in at million billion thousand percent about more than over least to a".split())
_DEFINITE = re.compile(r"\b[Tt]he (?=(?P<words>[a-z][\w’'-]*(?: [a-z][\w’'-]*)*)(?P<after> [A-Z\d]|.?))")
_LINKS = frozenset("of for that who between among".split())
_BEFORE_NAME = re.compile(rf"(?:[\w’'-]+ ){{1,2}}(?:in|at|of|from|against|for) (?!{MONTH}|{WEEKDAY})[A-Z]")
_VAGUE = re.compile(r"Who (?:is|was|has been) (?:an?|one|in|at|on|among|already|referring)\b")
_DATE = re.compile(rf"{MONTH}|{WEEKDAY}")


def stands_alone(question: str, answers: tuple[str, ...], *, asks_who: bool) -> bool:
    """Whether no word of it leans on something else, it isn't too long, and doesn't hold its answer."""
    bare = question.rstrip("?")
    words = frozenset(bare.lower().split())
    if len(bare.split()) > LONGEST_QUESTION or LEANING.search(question) or UNFIT.search(bare):
        return False
    # "Who announced that he", "How much did Ann Roe pay for her": the name comes first.
    bound = BOUND.search(question)
    if bound and not asks_who and not re.search(r" [A-Z]", question[: bound.start()]):
        return False
    return not any(frozenset(answer.lower().split()) & words - _MAY_BE_SHARED for answer in answers)


def is_specific(question: str, fewest: int = FEWEST_WORDS) -> bool:
    """Whether few articles could answer it: it names something, and says more of that."""
    words = [word.strip(",?") for word in question.split()[1:]]
    names = [word for word in words if word[:1].isupper() and not _DATE.match(word)]
    content = [word for word in words if len(word) > 3 and word != "year" and word not in FUNCTION_WORDS]
    enough = len(content) + (len(names) > 1) >= fewest
    return bool(names) and enough and not _VAGUE.match(question) and not has_bare_definite(question)


def has_bare_definite(question: str) -> bool:
    """Whether it has a phrase such as "the bill" that leaves to earlier sentences which one is meant."""
    for match in _DEFINITE.finditer(question):
        words = match["words"].split()
        if words[0] in UNIQUE or words[0].endswith("est"):
            continue
        link = next((n for n, word in enumerate(words) if word in _LINKS), len(words))
        says_which = link <= 3 and link < len(words) - (not match["after"].strip())
        if not says_which and not _BEFORE_NAME.match(match["words"] + match["after"]):
            return True
    return False
