"""The extractive answer: whole sentences, quoted, each with every source that says the same."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from index.words import FUNCTION_WORDS, words
from qa.question import asks_for_words
from qa.records import AnswerSentence, Citation, ScoredSentence, Verdict

MOST_SENTENCES = 3
# A further sentence is quoted when it is at least this likely to answer, relative to the best.
SHARE_OF_BEST = 0.6
# Below this the reader's short answers shared less than half of their words with the right one (headlines of 2022).
SURE_OF_SPAN = 2.0

# Words that may differ between two sentences that say the same. Everything else may not: "voted for" and "voted
# against", "he has" and "he had", "$90", "€90" and "-90" differ by little and say different things.
_EMPTY_WORDS = frozenset("a an the that also said says s".split())
_TOKEN = re.compile(r"(?:(?<!\w)[-−–])?[$€£¥]?\d+(?:[.,:]\d+)*[%‰°]?|[^\W_]+")
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
    groups = _gather_copies(ranked)
    if not groups:
        return ()
    if exactly is not None:
        chosen = groups[:exactly]
    else:
        least = SHARE_OF_BEST * groups[0].members[0].score
        chosen = [group for group in groups[:MOST_SENTENCES] if group.members[0].score >= least]
    return tuple(_quote(group) for group in chosen)


def short_answer(question: str, best: ScoredSentence, *, forced: bool = False) -> str | None:
    """The words of the best sentence that answer a who, when, where, which, what or how many; None for questions that
    no few words answer, and where the reader isn't sure (unless `forced`).
    """
    if best.span is None or (not forced and (best.span.score < SURE_OF_SPAN or not asks_for_words(question))):
        return None
    found = _SPACE.sub(" ", best.citation.quote[best.span.start : best.span.end]).strip()
    # "He" is no answer to "who".
    return found if set(words(found)) - FUNCTION_WORDS else None


def _quote(group: _Group) -> AnswerSentence:
    citations = tuple(member.citation for member in group.members)
    return AnswerSentence(quoted_text(citations[0]), citations, Verdict("supported", 1.0, (VERBATIM,)))


def quoted_text(citation: Citation) -> str:
    """The cited characters as a sentence of an answer: line breaks and runs of white space become single spaces."""
    return _SPACE.sub(" ", citation.quote).strip()


def same_statement(one: str, other: str) -> bool:
    """Whether two sentences have the same words in the same order, but for articles, "that", "said" and the like.

    Quotation marks, other punctuation and white space may differ; signs, currencies and a question mark may not.
    """
    return _bare(one) == _bare(other)


def _bare(text: str) -> tuple[str, ...]:
    tokens = _TOKEN.findall(unicodedata.normalize("NFC", text).lower())
    kept = [token for token in tokens if token not in _EMPTY_WORDS] or [text]
    return (*kept, "?") if text.rstrip("\"'”’) ").endswith("?") else tuple(kept)


def distinct(ranked: Sequence[ScoredSentence]) -> tuple[ScoredSentence, ...]:
    """The ranked sentences without those that say the same as a better one."""
    return tuple(group.members[0] for group in _gather_copies(ranked))


def _gather_copies(ranked: Sequence[ScoredSentence]) -> list[_Group]:
    """Groups in the order of their best members; an article that says the same twice counts once."""
    groups: dict[tuple[str, ...], dict[str, ScoredSentence]] = {}
    for scored in ranked:
        sentence = scored.citation.sentence
        groups.setdefault(_bare(sentence.text), {}).setdefault(sentence.article_id, scored)
    return [_Group(tuple(members.values())) for members in groups.values()]
