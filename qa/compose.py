"""The extractive answer: whole sentences, quoted, each with every source that says the same."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.words import FUNCTION_WORDS, words
from qa.context import leans
from qa.orders import gives_orders
from qa.question import asks_for_words, kind_of, stems
from qa.records import AnswerSentence, Citation, ScoredSentence, Verdict
from qa.sameness import gist, same_statement

MOST_SENTENCES = 3
MOST_FOR_SEVERAL = 5
# A further sentence is quoted when it is at least this likely to answer, relative to the best.
SHARE_OF_BEST = 0.6
SHARE_FOR_SEVERAL = 0.5
# A sentence repeats another when so much of what it tells beyond the question is in that one already.
REPEATED = 0.7
# Below this the reader's short answers shared less than half of their words with the right one (headlines of 2022).
SURE_OF_SPAN = 2.0

NOT_CHECKED = Verdict("not checked", None)
NEEDED = "quoted because the next sentence leans on it"
# Between two sentences that stand together there is at most an empty line.
_WIDEST_GAP = 4
_SPACE = re.compile(r"\s+")
_FIGURE = re.compile(r"[-−–$€£¥]?\d[\d.,:]*[%‰°]?")
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|neither|nor|without|may|might|could|would|should|must|if)\b|n['’]t\b", re.I
)


@dataclass(frozen=True, slots=True)
class _Group:
    """Sentences that say the same; the first is the best."""

    members: tuple[ScoredSentence, ...]

    @property
    def best(self) -> ScoredSentence:
        return self.members[0]


def compose(
    question: str, ranked: Sequence[ScoredSentence], *, exactly: int | None = None
) -> tuple[AnswerSentence, ...]:
    """The few sentences of the ranked ones that together answer, near-copies gathered under the best of them.

    One fact takes at most three, best first; a question that it takes several sentences to answer gets up to five in an
    order that reads as an answer. None repeats another. A sentence that leans on the one before it brings that one
    along, marked as `context`. With `exactly`, that many are given best first whatever their scores (fewer only when
    there are none left), and the context besides.
    """
    groups = _gather_copies(ranked)
    if not groups:
        return ()
    several = exactly is None and kind_of(question) == "several sentences"
    share = SHARE_FOR_SEVERAL if several else SHARE_OF_BEST
    least = 0.0 if exactly is not None else share * groups[0].best.score
    chosen = _without_repetition(question, groups, least, exactly or (MOST_FOR_SEVERAL if several else MOST_SENTENCES))
    if exactly is not None and len(chosen) < exactly:
        chosen += [group for group in groups if group not in chosen][: exactly - len(chosen)]
    return tuple(_with_context(_in_reading_order(chosen) if several else chosen, groups))


def _without_repetition(question: str, groups: Sequence[_Group], least: float, most: int) -> list[_Group]:
    """The best groups of which each tells something that those before it don't."""
    asked = stems(question)
    chosen: list[_Group] = []
    for group in groups:
        if len(chosen) == most or group.best.score < least:
            break
        text = group.best.citation.quote
        if not any(_repeats(text, other.best.citation.quote, asked) for other in chosen):
            chosen.append(group)
    return chosen


def _repeats(text: str, other: str, asked: frozenset[str]) -> bool:
    """Whether a sentence tells less than the other, and hardly anything beyond the question that the other doesn't.

    Another figure or an added "not" or "may" is something else, and so are the same words put together differently.
    """
    if _figures(text) - _figures(other) or _NEGATION.findall(text) != _NEGATION.findall(other):
        return False
    own, others = stems(text), stems(other)
    new = own - asked
    return len(own) < len(others) and len(new & others) >= REPEATED * len(new)


def _figures(text: str) -> set[str]:
    return set(_FIGURE.findall(text))


def _in_reading_order(groups: Sequence[_Group]) -> list[_Group]:
    """Articles by date, those without one last, and the sentences of each in its own order."""
    first_at: dict[str, int] = {}
    for place, group in enumerate(groups):
        first_at.setdefault(group.best.citation.sentence.article_id, place)

    def place_of(group: _Group) -> tuple[bool, int, int, int]:
        citation = group.best.citation
        published = citation.article.published
        day = published.toordinal() if published else 0
        return published is None, day, first_at[citation.sentence.article_id], citation.sentence.position

    return sorted(groups, key=place_of)


def _with_context(chosen: Sequence[_Group], groups: Sequence[_Group]) -> list[AnswerSentence]:
    """The chosen in their order, each that leans right behind the sentence that it leans on."""
    at = {_place(one): (group, one) for group in groups for one in group.members}
    sentences: list[AnswerSentence] = []
    given: set[int] = set()
    for group in chosen:
        before = _before(group.best, at)
        if before is not None and id(before[0]) not in given:
            given.add(id(before[0]))
            sentences.append(_quote(before[0]) if before[0] in chosen else _quote(_Group((before[1],)), context=True))
        if id(group) not in given:
            given.add(id(group))
            sentences.append(_quote(group))
    return sentences


def _before(
    scored: ScoredSentence, at: dict[tuple[str, str, int], tuple[_Group, ScoredSentence]]
) -> tuple[_Group, ScoredSentence] | None:
    """The sentence right before one that leans on it, where it was read; nothing may stand between the two."""
    if not leans(scored.citation.quote):
        return None
    article, version, position = _place(scored)
    found = at.get((article, version, position - 1))
    if found is None or not 0 <= scored.citation.sentence.start - found[1].citation.sentence.end <= _WIDEST_GAP:
        return None
    return found


def _place(scored: ScoredSentence) -> tuple[str, str, int]:
    sentence = scored.citation.sentence
    return sentence.article_id, sentence.version, sentence.position


def short_answer(question: str, best: ScoredSentence, *, forced: bool = False) -> str | None:
    """The words of the best sentence that answer a who, when, where, which, what or how many; None for questions that
    no few words answer, where the reader isn't sure (unless `forced`), and where the sentence only tells what to say.
    """
    if best.span is None or gives_orders(best.citation.quote):
        return None
    if not forced and (best.span.score < SURE_OF_SPAN or not asks_for_words(question)):
        return None
    found = _SPACE.sub(" ", best.citation.quote[best.span.start : best.span.end]).strip()
    # "He" is no answer to "who".
    return found if set(words(found)) - FUNCTION_WORDS else None


def _quote(group: _Group, *, context: bool = False) -> AnswerSentence:
    citations = tuple(member.citation for member in group.members)
    return AnswerSentence(quoted_text(citations[0]), citations, NOT_CHECKED, context)


def quoted_text(citation: Citation) -> str:
    """The cited characters as a sentence of an answer: line breaks and runs of white space become single spaces."""
    return _SPACE.sub(" ", citation.quote).strip()


def distinct(ranked: Sequence[ScoredSentence]) -> tuple[ScoredSentence, ...]:
    """The ranked sentences without those that say the same as a better one."""
    return tuple(group.best for group in _gather_copies(ranked))


def _gather_copies(ranked: Sequence[ScoredSentence]) -> list[_Group]:
    """Groups in the order of their best members; an article that says the same twice counts once."""
    groups: list[dict[str, ScoredSentence]] = []
    alike: dict[tuple[str, ...], list[dict[str, ScoredSentence]]] = {}
    for scored in ranked:
        sentence = scored.citation.sentence
        near = alike.setdefault(gist(sentence.text), [])
        for members in near:
            if same_statement(next(iter(members.values())).citation.sentence.text, sentence.text):
                members.setdefault(sentence.article_id, scored)
                break
        else:
            members = {sentence.article_id: scored}
            near.append(members)
            groups.append(members)
    return [_Group(tuple(members.values())) for members in groups]
