"""The extractive answer: whole sentences, quoted, each with every source that says the same."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.words import words
from qa.records import AnswerSentence, Citation, ScoredSentence, Verdict

MOST_SENTENCES = 3
# A further sentence is quoted when it is at least this likely to answer, relative to the best.
SHARE_OF_BEST = 0.6
CANDIDATES = 12

# Words that may differ between two sentences that say the same. Everything else may not: "voted for" and "voted
# against", "1,600" and "1,900" differ by one word and say different things.
_EMPTY_WORDS = frozenset("a an the that also has have had said says s".split())
VERBATIM = "quoted word for word from the article"
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class _Group:
    """Sentences that say the same; the first is the best."""

    members: tuple[ScoredSentence, ...]


def compose(ranked: Sequence[ScoredSentence], *, exactly: int | None = None) -> tuple[AnswerSentence, ...]:
    """One to three sentences from the ranked ones, best first, near-copies gathered under the best of them.

    With `exactly`, that many sentences are given whatever their scores (fewer only when there are none left).
    """
    groups = _gather_copies(ranked[:CANDIDATES])
    if not groups:
        return ()
    if exactly is not None:
        chosen = groups[:exactly]
    else:
        least = SHARE_OF_BEST * groups[0].members[0].score
        chosen = [group for group in groups[:MOST_SENTENCES] if group.members[0].score >= least]
    return tuple(_quote(group) for group in chosen)


def _quote(group: _Group) -> AnswerSentence:
    citations = tuple(member.citation for member in group.members)
    return AnswerSentence(quoted_text(citations[0]), citations, Verdict("supported", 1.0, (VERBATIM,)))


def quoted_text(citation: Citation) -> str:
    """The cited characters as a sentence of an answer: line breaks and runs of white space become single spaces."""
    return _SPACE.sub(" ", citation.quote).strip()


def same_statement(one: str, other: str) -> bool:
    """Whether two sentences have the same words in the same order, but for articles, "that", "said" and the like."""
    return _bare(one) == _bare(other)


def _bare(text: str) -> tuple[str, ...]:
    return tuple(word for word in words(text) if word not in _EMPTY_WORDS)


def _gather_copies(ranked: Sequence[ScoredSentence]) -> list[_Group]:
    groups: dict[tuple[str, ...], list[ScoredSentence]] = {}
    for scored in ranked:
        groups.setdefault(_bare(scored.citation.quote), []).append(scored)
    return [_Group(tuple(members)) for members in groups.values()]
