"""Questions that their passage no longer answers: one name, date or figure of them exchanged for another."""

import random
import re
from collections.abc import Iterator, Sequence

from eval.answer_metrics import contains_answer
from eval.reader_data import Example, Group

_MONTHS = "January February March April May June July August September October November December".split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_PARTS = re.compile(
    rf"\b(?:(?P<month>{'|'.join(_MONTHS)})|(?P<day>{'|'.join(_DAYS)})|(?P<year>(?:1[5-9]|20)\d\d)|"
    r"(?P<figure>\d+(?:[.,]\d+)*)|(?P<name>[A-Z][\w’'-]*[a-z][\w’'-]*(?: [A-Z][\w’'-]*[a-z][\w’'-]*)*))\b"
)
_KINDS = ("month", "day", "year", "figure", "name")


def with_false_premises(groups: Sequence[Group], seed: int) -> Iterator[Group]:
    """Each group whose question names something that its first passage holds, followed by that passage under a
    question that names something else of the same kind. The other comes from the group's further passages, which are
    about the like, and the first doesn't hold it: nothing there answers.
    """
    lot = random.Random(seed)
    for group in groups:
        changed = _changed(group, lot)
        if changed is not None:
            yield group
            yield (Example(changed, group[0].head, group[0].sentences),)


def _changed(group: Group, lot: random.Random) -> str | None:
    told, text = group[0], _text(group[0])
    # The first word is capital by its place, whatever it is.
    parts = [
        match for match in _PARTS.finditer(told.question) if match.start() > 0 and contains_answer(text, match.group())
    ]
    if not parts or not told.relevant:
        return None
    match = lot.choice(parts)
    others = sorted({other for example in group[1:] for other in _like(match, example)})
    others = [other for other in others if not contains_answer(f"{text} {told.question}", other)]
    if not others:
        return None
    return told.question[: match.start()] + lot.choice(others) + told.question[match.end() :]


def _like(match: re.Match[str], example: Example) -> Iterator[str]:
    """What an example's sentences name of the same kind, in about as many words; not at a sentence's beginning."""
    for sentence in example.sentences:
        for other in _PARTS.finditer(sentence):
            words = len(other.group().split()) - len(match.group().split())
            if other.start() > 0 and _kind(other) == _kind(match) and abs(words) <= 1:
                yield other.group()


def _kind(match: re.Match[str]) -> str:
    return next(kind for kind in _KINDS if match.group(kind))


def _text(example: Example) -> str:
    return " ".join([example.head, *example.sentences])
