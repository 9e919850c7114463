"""Which names in an article are persons', as far as the article's own words show it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from eval.question_words import NO_FIRST_NAMES, NO_SURNAMES
from index.words import FUNCTION_WORDS
from qa.places import COUNTRIES, STATES

NAME_WORD = r"[A-Z][\w’'-]*[a-z][\w’'-]*"
NAME = rf"{NAME_WORD}(?: [A-Z]\.)?(?: (?:{NAME_WORD}|de|van|von|der|bin|al)){{0,3}}"
_FULL = re.compile(rf"(?<![\w’'-])(?P<first>{NAME_WORD}) (?:[A-Z]\. )?(?P<last>{NAME_WORD})(?![\w-])")
# What follows a surname that stands alone for a person; institutions say and have things too, so "says" isn't among it.
_PERSONAL = r"(?:, \d{1,2},|, who\b| (?:said|told|added|recalled|died|resigned|tweeted|was (?:born|arrested|charged)))"
_AGED = re.compile(rf"(?P<first>{NAME_WORD}) (?:[A-Z]\. )?(?P<last>{NAME_WORD}), \d{{1,2}},")
_TITLE = (
    r"(?:[Pp]resident|Sen\.|Rep\.|Gov\.|Mayor|Justice|Judge|[Cc]oach|[Aa]ctor|[Aa]ctress|[Ss]inger|[Dd]irector|Minister|Dr\.|Mr\.|"
    r"Mrs\.|Ms\.|CEO|quarterback|Chancellor|Senator|Chief|Secretary|Prince|Princess|Governor|pitcher|striker|lawyer|attorney)"
)
_TITLED = re.compile(rf"\b{_TITLE} (?P<first>{NAME_WORD}) (?:[A-Z]\. )?(?P<last>{NAME_WORD})")
# At the beginning of a sentence any word has a capital.
_IN_A_SENTENCE = re.compile(rf"(?<=[a-z,] )({NAME_WORD}?)(?:['’]s)?(?![\w’'-])")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class People:
    """Persons by surname, each with the full name that the article gives; `names` are all words of names."""

    by_surname: Mapping[str, str]
    names: frozenset[str]

    def answers(self, name: str) -> tuple[str, ...]:
        """The full name and the surname of the person meant; nothing where it isn't known to be one's."""
        words = _bare(name).split()
        full = self.by_surname.get(words[-1]) if words else None
        if full is None or (len(words) > 1 and words[0] != full.split()[0]):
            return ()
        return (full, words[-1])

    def titled(self, name: str) -> tuple[str, ...]:
        """The same of "Senate Majority Leader Ann Roe" and "former mayor Ann Roe"."""
        words = name.split()
        if len(words) < 3 or any(re.search(r"[,’']|^(?:and|of|in|for|the|by|with)$", word) for word in words[:-2]):
            return ()
        return self.answers(" ".join(words[-2:]))


def people_in(text: str) -> People:
    """The persons of an article: full names whose surname also stands alone and does what persons do."""
    flat = _SPACE.sub(" ", text)
    sure = {match["last"] for pattern in (_AGED, _TITLED) for match in pattern.finditer(flat)}
    found: dict[str, str] = {}
    several: set[str] = set()
    for match in _FULL.finditer(flat):
        first, last = match["first"], _bare(match["last"])
        if not _may_be_person(first.lower(), last.lower()):
            continue
        if found.get(last, first).split()[0] != first:
            several.add(last)  # two of one name: which of them is meant can't be told
        elif last in sure or _stands_alone(flat, last):
            found[last] = _bare(match[0])
    small = frozenset(re.findall(r"[a-z][\w’'-]+", flat))
    # "Prices" in a heading is no name where "prices" stands elsewhere.
    names = frozenset(match[1] for match in _IN_A_SENTENCE.finditer(flat) if match[1].lower() not in small)
    return People({last: full for last, full in found.items() if last not in several}, names)


def _bare(name: str) -> str:
    """Without the "'s" of what is somebody's."""
    return re.sub("['’]s?$", "", name)


def _may_be_person(first: str, last: str) -> bool:
    return not (
        first.endswith(("'s", "’s"))
        or last in NO_SURNAMES | FUNCTION_WORDS
        or first in NO_FIRST_NAMES | NO_SURNAMES | FUNCTION_WORDS
        or first in COUNTRIES
        or first in STATES
    )


def _stands_alone(flat: str, last: str) -> bool:
    return re.search(rf"(?:[.,] |\b[a-z]+ ){re.escape(last)}{_PERSONAL}", flat) is not None
