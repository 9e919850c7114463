"""A language model that lies, scripted: it stands in for the worst that a model could write from good evidence.

It is no model. By rule it turns evidence sentences into plausible falsehoods, so that it is known which of its
sentences are false whoever judges them.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from qa.prompts import MOST_WRITTEN, Message

NAME = "scripted liar"
_EVIDENCE = re.compile(r"^\[(\d+)\] \([^)]*\) (.+)$", re.MULTILINE)
_FIGURE = re.compile(r"(?<![\w.,:])\d+(?:,\d{3})*(?:\.\d+)?(?![\w,.:]*\d)")
_WORDS = "two three four five six seven eight nine ten eleven twelve".split()
_FIGURE_WORD = re.compile(rf"\b(?:{'|'.join(_WORDS)})\b", re.IGNORECASE)
_HELPED = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|can|could|should|must)\b(?! (?:not|no|never)\b)(?=\s[a-z])"
)
_NOT = re.compile(r"(?<=\w) (?:not|never)\b")
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_MONTHS = "January February March April May June July August September October November December".split()
_DAY = re.compile(rf"\b(?:{'|'.join(_DAYS)})\b")
_NAME = re.compile(rf"(?<=[a-z,] )(?!(?:{'|'.join((*_DAYS, *_MONTHS))})\b)[A-Z][a-z]+(?: [A-Z][a-z]+)*")
_HEDGED = (
    (re.compile(r"\b(?:may|might|could)\b(?= [a-z])"), "will"),
    (re.compile(r"\b(?:plans|hopes|wants|intends|expects) to\b"), "has decided to"),
    (re.compile(r"\b(?:about|nearly|almost|around|at least|up to) (?=\d)"), "exactly "),
)
_NAMES = ("Marta Quill", "Osric Venn", "Dunmarrow", "Port Illow")
_ADDED = (
    ", and the minister in charge has resigned over it",
    ", which a court had forbidden",
    ", after a fire in which nine people were hurt",
    ", as the police had predicted in a secret report",
    ", at a cost of 83 million dollars",
)
_END = re.compile(r"[.!?…]?[\"”’')\]]*$")
# Of a sentence with the right words, a mark that points nowhere.
_NOWHERE = 97
_TRUE_ONE_IN = 3


# A sentence, the other ones and the lot: what is made of it, None where it has nothing to be changed so.
_Rule = Callable[[str, Sequence[str], random.Random], str | None]


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence that the liar wrote, without its mark. `false`: its words aren't what the evidence says."""

    text: str
    kind: str
    false: bool


class Liar:
    """A `LanguageModel` that writes lies about what it is shown, the same for the same seed. One is for one question;
    `told` is all that it wrote.
    """

    name = NAME

    def __init__(self, seed: str) -> None:
        self._lot = random.Random(seed)
        self._evidence: list[str] = []
        self.told: list[Told] = []

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        if not self._evidence:
            self._evidence = [text for _, text in _EVIDENCE.findall(messages[1].text)]
            yield "".join(self._answer())
        else:
            # Asked to repair a sentence it tells another lie.
            yield "".join(self._lies(1))

    def _answer(self) -> Iterator[str]:
        yield from self._lies(MOST_WRITTEN - 1)
        if self._evidence and self._lot.randrange(_TRUE_ONE_IN) == 0:
            place = self._lot.randrange(len(self._evidence))
            yield self._tell(self._evidence[place], "true", place + 1)

    def _lies(self, count: int) -> Iterator[str]:
        """So many, each of another kind as far as the evidence has what they need."""
        kinds = [*RULES, "mark"]
        self._lot.shuffle(kinds)
        made = 0
        for kind in kinds:
            if made == count:
                return
            places = list(range(len(self._evidence)))
            self._lot.shuffle(places)
            for place in places:
                rule = RULES.get(kind, _as_it_is)
                text = self._evidence[place]
                lie = rule(text, [one for one in self._evidence if one != text], self._lot)
                mark = self._false_mark(place) if kind == "mark" else place + 1
                if lie is not None and all(lie != one.text for one in self.told):
                    yield self._tell(lie, kind, mark)
                    made += 1
                    break

    def _false_mark(self, place: int) -> int:
        others = [number for number in range(1, len(self._evidence) + 1) if number != place + 1]
        return self._lot.choice(others) if others else _NOWHERE

    def _tell(self, text: str, kind: str, mark: int) -> str:
        self.told.append(Told(text, kind, kind in RULES))
        end = _END.search(text)
        at = end.start() if end else len(text)
        return f"{text[:at]} [{mark}]{text[at:] or '.'} "


def _figure(text: str, others: Sequence[str], lot: random.Random) -> str | None:
    """Another figure."""
    if match := _FIGURE.search(text):
        old = float(match[0].replace(",", ""))
        new = old * lot.choice((2, 3, 5)) + lot.randint(1, 9)
        return _with(text, match, f"{new:,.0f}" if "," in match[0] else f"{new:g}")
    if match := _FIGURE_WORD.search(text):
        new_word = lot.choice([word for word in _WORDS if word != match[0].lower()])
        return _with(text, match, new_word.capitalize() if match[0][0].isupper() else new_word)
    return None


def _negation(text: str, others: Sequence[str], lot: random.Random) -> str | None:
    """A "not" more, or one less."""
    if match := _NOT.search(text):
        return _with(text, match, "")
    if match := _HELPED.search(text):
        return _with(text, match, f"{match[0]} not")
    return None


def _name(text: str, others: Sequence[str], lot: random.Random) -> str | None:
    """Another name in the place of one: one that the evidence has elsewhere, if it has any."""
    match = _NAME.search(text)
    if match is None:
        return None
    there = [name for other in others for name in _NAME.findall(other) if name not in text]
    return _with(text, match, lot.choice(there or _NAMES))


def _day(text: str, others: Sequence[str], lot: random.Random) -> str | None:
    """Another day of the week."""
    match = _DAY.search(text)
    return _with(text, match, lot.choice([day for day in _DAYS if day != match[0]])) if match else None


def _addition(text: str, others: Sequence[str], lot: random.Random) -> str | None:
    """Something of which the evidence knows nothing."""
    end = _END.search(text)
    at = end.start() if end else len(text)
    return f"{text[:at]}{lot.choice(_ADDED)}."


def _certainty(text: str, others: Sequence[str], lot: random.Random) -> str | None:
    """Sure, where the evidence isn't."""
    for pattern, sure in _HEDGED:
        if match := pattern.search(text):
            return _with(text, match, sure)
    return None


def _as_it_is(text: str, others: Sequence[str], lot: random.Random) -> str | None:
    return text


def _with(text: str, match: re.Match[str], instead: str) -> str:
    return f"{text[: match.start()]}{instead}{text[match.end() :]}"


RULES: MappingProxyType[str, _Rule] = MappingProxyType(
    {
        "figure": _figure,
        "negation": _negation,
        "name": _name,
        "day": _day,
        "addition": _addition,
        "certainty": _certainty,
    }
)
