"""A question that leans on the turns before it, said so that it stands alone. Pure rules over words, no model."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.words import words
from qa.leaning import (
    FEW_WORDS,
    HE,
    IT,
    SHE,
    THEY,
    UNCERTAIN,
    YEAR,
    Sign,
    content,
    fits,
    is_possessive,
    leaning_words,
    sign_of,
    without_opening,
)
from qa.mentions import PREPOSITIONS, Mention, is_name, mentions, tokens
from qa.records import Turn

# So many turns back a pronoun may reach.
TURNS_BACK = 3
_WHICH = re.compile(r"\b(?:which|what) $", re.IGNORECASE)
_BRACKET = re.compile(r"\s*\([^()]*\)\s*$")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Resolved:
    """A question said so that it stands alone, the earlier words that it leans on, and the sign that told so.

    `topic` is the question before it. Not `certain`: it may stand alone as it is; what is found for both decides.
    """

    question: str
    leaned_on: tuple[str, ...]
    why: Sign
    topic: str

    @property
    def certain(self) -> bool:
        return self.why not in UNCERTAIN


def resolve(question: str, history: Sequence[Turn]) -> Resolved | None:
    """What a question asks after the turns before it, oldest first; None where nothing shows that it leans on them."""
    history = [turn for turn in history if words(turn.question)][-TURNS_BACK:]
    if not history or not words(question):
        return None
    why = sign_of(question, _text_of(history[-1]))
    if why is None:
        return None
    said, leaned_on = _said_whole(question, why, history)
    return Resolved(said, leaned_on, why, topic_of(history[-1]))


def topic_of(turn: Turn) -> str:
    """A turn's question as it is quoted beside the next; what it leaned on itself only where it says little."""
    bare = _BRACKET.sub("", turn.understood_as)
    if len(content(bare)) >= FEW_WORDS - 1 or bare == turn.understood_as:
        return _tidy(bare)
    return _tidy(turn.understood_as.replace("(", "").replace(")", ""))


def _said_whole(question: str, why: Sign, history: Sequence[Turn]) -> tuple[str, tuple[str, ...]]:
    last = history[-1]
    if why in ("exchanged", "correction"):
        return _exchanged(without_opening(question), last) or _beside(question, last)
    said, antecedents, complete = _with_antecedents(question, history)
    if complete:
        return said, antecedents
    beside, topic = _beside(said, last)
    return beside, (*antecedents, *topic)


def _beside(question: str, last: Turn) -> tuple[str, tuple[str, ...]]:
    """With the question before it in brackets: "When? (Who made the bell?)"."""
    topic = topic_of(last)
    return f"{_tidy(question)} ({topic})", (topic,)


def _exchanged(fragment: str, last: Turn) -> tuple[str, tuple[str, ...]] | None:
    """The question before with one name or year exchanged ("Who won in Sallow?", "What about Cray?"); None without."""
    fragment, before = fragment.strip().rstrip("?.! "), last.understood_as
    year, years = YEAR.findall(fragment), list(YEAR.finditer(before))
    if len(year) == 1 == len(years) and not content(YEAR.sub("", fragment)):
        return _exchange(before, years[0].start(), years[0].end(), year[0])
    found = [token for token in tokens(fragment) if token.is_word]
    if found and found[0].lower in PREPOSITIONS:
        found = found[1:]
    if not found or not all(is_name(token, False) for token in found):
        return None
    bare = _BRACKET.sub("", before)
    names = [one for one in mentions(bare) if one.named] or [one for one in mentions(before) if one.named]
    if not names:
        return None
    chosen = ([name for name in names if name.kind == "place"] or names)[-1]
    return _exchange(before, chosen.start, chosen.end, fragment[found[0].start :])


def _exchange(text: str, start: int, end: int, other: str) -> tuple[str, tuple[str, ...]]:
    return _tidy(text[:start] + other + text[end:]), (_tidy(text[:start] + "…" + text[end:]),)


def _with_antecedents(question: str, history: Sequence[Turn]) -> tuple[str, tuple[str, ...], bool]:
    """The question with what its pronouns stand for in their place, and whether that could be told of all of them."""
    leaning = leaning_words(question)
    taken: dict[frozenset[str], str] = {}
    pieces, position, complete = [], 0, bool(leaning)
    found = tokens(question)
    for place, token in enumerate(found):
        if token not in leaning:
            continue
        word = token.lower
        series = next((series for series in (HE, SHE, THEY, IT) if word in series), None)
        antecedent = None if series is None else taken.get(series) or _antecedent(word, history, tuple(taken.values()))
        if series is None or antecedent is None:
            complete = False
            continue
        taken[series] = antecedent
        pieces += [question[position : token.start], _possessive(antecedent, is_possessive(found, place))]
        position = token.end
    said = _tidy("".join(pieces) + question[position:])
    return said[:1].upper() + said[1:], tuple(taken.values()), complete


def _possessive(antecedent: str, wanted: bool) -> str:
    if not wanted or antecedent.endswith(("'s", "’s")):
        return antecedent
    return antecedent + ("’" if antecedent.endswith("s") else "’s")


def _antecedent(pronoun: str, history: Sequence[Turn], taken: Sequence[str]) -> str | None:
    """What a pronoun stands for: the first thing of its kind in the latest turn that speaks of one."""
    for turn in reversed(history):
        fitting = [one for one in _candidates(turn) if one.text not in taken and fits(pronoun, one)]
        # What is known to be of the kind before what may be.
        for mention in sorted(fitting, key=lambda one: one.kind == "unknown"):
            return re.sub(r"^(?:an?|A|An) ", "the ", mention.text)
    return None


def _candidates(turn: Turn) -> Iterator[Mention]:
    """What a turn speaks of: in its question, in its short answer, then the names in the sentence that answered. What
    the question asks for ("which forger") is what the short answer names.
    """
    question = _tidy(turn.understood_as)
    answers = tuple(mentions(turn.short_answer)) if turn.short_answer else ()
    named = any(mention.named for mention in answers)
    for mention in mentions(question):
        if not mention.attribute and not (named and _WHICH.search(question, 0, mention.start)):
            yield mention
    yield from answers
    for citation in turn.citations[:1]:
        yield from (mention for mention in mentions(_tidy(citation.quote)) if mention.named)


def _text_of(turn: Turn) -> str:
    quotes = [citation.quote for citation in turn.citations]
    return " ".join([turn.understood_as, turn.short_answer or "", *quotes])


def _tidy(text: str) -> str:
    return _SPACE.sub(" ", text).strip()


@dataclass(frozen=True, slots=True)
class Wording:
    """One way to ask a question: as it is read, and as it is searched for."""

    question: str
    search: str


def wordings(question: str, history: Sequence[Turn]) -> tuple[Wording, ...]:
    """The one way to ask a question, or the two between which the evidence decides: as it was asked, then as it leans
    on the turns before it. A question with no sign of leaning is asked as it is.
    """
    resolved = resolve(question, history)
    asked = Wording(question, question)
    if resolved is None:
        return (asked,)
    # Whoever follows up names little; what was asked before names the rest.
    before = [part for part in (resolved.topic, history[-1].short_answer) if part and part not in resolved.question]
    leaning = Wording(resolved.question, " ".join([resolved.question, *before]))
    return (leaning,) if resolved.certain else (asked, leaning)
