"""Claims with exchangeable parts: many readings of one written sentence, true ones and, with one part exchanged, false
ones that are like them in everything else.

In a pattern stand braces: "The council {approved/backed|!rejected|?paid for} it". Before the first bar are wordings
that the evidence supports, parted by slashes; after each bar is one that it doesn't: "!" where it says otherwise, "?"
where it doesn't say so.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from eval.claim_data import HELD_OUT_ONE_IN, ClaimArticle, ClaimExample, other_evidence, place_in, view_of
from eval.lines import read_lines
from index.errors import BadInputError
from index.records import article_id_for

FILES = ("news_patterns.jsonl", "more_news_patterns.jsonl", "further_news_patterns.jsonl", "twin_news_patterns.jsonl")
_SLOT = re.compile(r"\{([^{}]*)\}")
_STRAY = re.compile(r"[{}|]")
HEADED, BARE_END, AGAINST_OTHERS = 0.8, 0.1, 0.2


@dataclass(frozen=True, slots=True)
class FalsePart:
    """A wording that the evidence doesn't bear out; `clash`: it says otherwise."""

    text: str
    clash: bool


@dataclass(frozen=True, slots=True)
class Slot:
    """An exchangeable part: wordings that are true, at least one, and such as are not."""

    true: tuple[str, ...]
    false: tuple[FalsePart, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence made of a pattern; `fault` are the characters of its false part, None where it has none."""

    text: str
    fault: tuple[int, int] | None = None
    clash: bool | None = None


@dataclass(frozen=True, slots=True)
class ClaimPattern:
    """A sentence with slots on one version of an article: `plain` are the texts around the slots, one more than these;
    `evidence` the characters of the article that it rests on, none where it sums up the whole of it.
    """

    plain: tuple[str, ...]
    slots: tuple[Slot, ...]
    article_id: str
    version: str
    evidence: tuple[tuple[int, int], ...]

    @property
    def held_out(self) -> bool:
        """Whether its article is one of those kept for thresholds and calibration."""
        return int(self.article_id, 16) % HELD_OUT_ONE_IN == 0

    def true_reading(self, lot: random.Random) -> Reading:
        """All slots with true wordings."""
        return self._read([lot.choice(slot.true) for slot in self.slots])

    def false_readings(self, lot: random.Random, most: int) -> list[Reading]:
        """Up to so many readings, each with another false part in one slot."""
        parts = [(number, part) for number, slot in enumerate(self.slots) for part in slot.false]
        found = []
        for number, part in lot.sample(parts, min(most, len(parts))):
            chosen = [lot.choice(slot.true) for slot in self.slots]
            chosen[number] = part.text
            found.append(self._read(chosen, number, part.clash))
        return found

    def twins(self, lot: random.Random, most: int) -> list[tuple[Reading, Reading]]:
        """Up to so many pairs of a true reading and the same one with another false part in one slot."""
        parts = [(number, part) for number, slot in enumerate(self.slots) for part in slot.false]
        found = []
        for number, part in lot.sample(parts, min(most, len(parts))):
            chosen = [lot.choice(slot.true) for slot in self.slots]
            exchanged = [*chosen[:number], part.text, *chosen[number + 1 :]]
            found.append((self._read(chosen), self._read(exchanged, number, part.clash)))
        return found

    def _read(self, chosen: Sequence[str], wrong: int | None = None, clash: bool | None = None) -> Reading:
        text, fault = "", None
        for number, plain in enumerate(self.plain):
            text = _join(text, plain)
            if number < len(chosen):
                begins = len(text)
                text = _join(text, chosen[number])
                fault = (min(begins, len(text)), len(text)) if number == wrong else fault
        if text[:1].islower() and self.plain[0][:1] == "" and not _all_lower(self):
            text = text[0].upper() + text[1:]
        return Reading(text, _word_at(text, fault) if fault else None, clash)


def _join(text: str, more: str) -> str:
    """The texts with one space where either brings one, none before a comma or at the beginning."""
    if not text or text.endswith(" "):
        more = more.lstrip()
    if re.match(r"[ ]?[,.;:]", more):
        return text.rstrip() + more.lstrip()
    return text + more


def _all_lower(pattern: ClaimPattern) -> bool:
    told = (*pattern.plain, *(wording for slot in pattern.slots for wording in slot.true))
    return not any(letter.isupper() for text in told for letter in text)


def _word_at(text: str, fault: tuple[int, int]) -> tuple[int, int]:
    """The characters themselves; of a part that is nothing the word that stands where it is missing."""
    start, end = fault
    start += len(text[start:end]) - len(text[start:end].lstrip())
    if text[start:end].strip():
        return start, start + len(text[start:end].rstrip())
    words = [match.span() for match in re.finditer(r"\S+", text)]
    return next((word for word in words if word[1] > start), words[-1])


def read_pattern(text: str, where: str) -> tuple[tuple[str, ...], tuple[Slot, ...]]:
    """The texts around the slots, and the slots. Raises BadInputError, naming the place, where it isn't one."""
    plain = tuple(_SLOT.split(text)[::2])
    slots = tuple(_slot(inner, where) for inner in _SLOT.findall(text))
    if not any(slot.false for slot in slots) or any(_STRAY.search(one) for one in plain):
        raise BadInputError(f"{where}: {text!r} needs braces with true and false wordings between bars")
    return plain, slots


def _slot(inner: str, where: str) -> Slot:
    true, *false = inner.split("|")
    if any(part[:1] not in ("!", "?") for part in false):
        raise BadInputError(f"{where}: {inner!r} needs ! or ? after each bar, before a false wording")
    return Slot(tuple(true.split("/")), tuple(FalsePart(part[1:], part[0] == "!") for part in false))


def load_patterns(names: Sequence[str] = FILES) -> tuple[ClaimPattern, ...]:
    """All of some files of eval/training, in their order."""
    found = []
    for name in names:
        for line in read_lines(Path(str(files("eval").joinpath("training", name)))):
            plain, slots = read_pattern(line.text("pattern"), line.where)
            places = tuple(place_in(value, line.where) for value in line.values("evidence", "lists of characters"))
            article_id = article_id_for(line.text("article"))
            found.append(ClaimPattern(plain, slots, article_id, line.text("version"), places))
    return tuple(found)


def pattern_examples(
    patterns: Sequence[ClaimPattern], articles: Sequence[ClaimArticle], seed: int, readings: int
) -> Iterator[ClaimExample]:
    """Up to `readings` true and as many false ones of each pattern, each with what it was written on, with the
    neighbours of that besides, or with what the checker would choose from the whole article; now and then a true one
    against other sentences. A pattern whose article isn't there in its version is left out.
    """
    lot = random.Random(seed)
    for pattern, found, own in _placed(patterns, articles):
        false = pattern.false_readings(lot, readings)
        true = {reading.text: reading for reading in (pattern.true_reading(lot) for _ in false)}
        for reading in (*true.values(), *false):
            yield _example(reading, found, view_of(reading.text, own, found, lot), lot)
        if own and lot.random() < AGAINST_OTHERS:
            evidence = other_evidence(reading.text, own, found)
            if evidence:
                text = pattern.true_reading(lot).text
                yield ClaimExample(text, found.head, evidence, False, False, None, "elsewhere")


def twin_examples(
    patterns: Sequence[ClaimPattern], articles: Sequence[ClaimArticle], seed: int, most: int
) -> Iterator[tuple[ClaimExample, ClaimExample]]:
    """Up to `most` pairs of each pattern, a true reading and a false one that differ in one part and are shown with the
    same sentences. A pattern whose article isn't there in its version is left out.
    """
    lot = random.Random(seed)
    for pattern, found, own in _placed(patterns, articles):
        for twins in pattern.twins(lot, most):
            view = view_of(lot.choice(twins).text, own, found, lot)
            style = lot.random()
            true, false = (_example(twin, found, view, random.Random(style)) for twin in twins)
            yield true, false


def _placed(
    patterns: Sequence[ClaimPattern], articles: Sequence[ClaimArticle]
) -> Iterator[tuple[ClaimPattern, ClaimArticle, list[int]]]:
    """Each pattern with its article and the places of the sentences it rests on, none where it sums up the whole."""
    by_id = {one.article.article_id: one for one in articles}
    for pattern in patterns:
        found = by_id.get(pattern.article_id)
        if found is None or found.article.version != pattern.version:
            continue
        own = [number for number, s in enumerate(found.sentences) if (s.start, s.end) in pattern.evidence]
        if own or not pattern.evidence:
            yield pattern, found, own


def _example(reading: Reading, article: ClaimArticle, view: Sequence[int], lot: random.Random) -> ClaimExample:
    text = reading.text.rstrip(".") if lot.random() < BARE_END else reading.text
    return ClaimExample(
        claim=text,
        head=article.head if lot.random() < HEADED else "",
        evidence=tuple(article.sentences[number].text for number in view),
        supported=reading.fault is None,
        clash=reading.clash,
        faults=(reading.fault,) if reading.fault else (),
        kind="pattern",
    )
