"""Judging answers by string match, after SQuAD (Rajpurkar et al., EMNLP 2016, evaluate-v1.1.py).

The normalisation is SQuAD's, widened to what news type-setters use: curly quotes, typographic hyphens and invisible
characters go the way of their ASCII forms; a dash or an ellipsis between words parts them. A hyphen joins, as in
SQuAD: "10-year" is the one token "10year", so "10" is not in it.
"""

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Sequence

_ARTICLES = frozenset({"a", "an", "the"})
_ASCII_PUNCTUATION = frozenset(string.punctuation)
_WORD_BREAKS = re.compile("[\u2014\u2015\u2026]|--+|\\.\\.+")


def answer_tokens(text: str) -> tuple[str, ...]:
    """The SQuAD-normalised tokens: lower case, without punctuation, articles and white space."""
    spaced = _WORD_BREAKS.sub(" ", unicodedata.normalize("NFC", text).lower())
    kept = spaced.translate(_DROPPED)
    return tuple(token for token in kept.split() if token not in _ARTICLES)


class _Dropped(dict[int, str]):
    """For str.translate: what becomes of each code point, found out when it first comes up."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        self[code] = "" if _is_dropped(character) else character
        return self[code]


def _is_dropped(character: str) -> bool:
    if character.isascii():
        return character in _ASCII_PUNCTUATION
    category = unicodedata.category(character)
    return category == "Cf" or category.startswith("P")


_DROPPED = _Dropped()


def scorable_answers(gold_answers: Sequence[str]) -> tuple[str, ...]:
    """The gold answers of which something is left to look for after normalisation ("The" or "%" leave nothing)."""
    return tuple(gold for gold in gold_answers if answer_tokens(gold))


def contains_answer(text: str, gold: str) -> bool:
    """Whether the gold answer's tokens stand in the text as consecutive whole tokens; never for an empty gold."""
    wanted = answer_tokens(gold)
    return bool(wanted) and f" {' '.join(wanted)} " in f" {' '.join(answer_tokens(text))} "


def first_rank(texts: Sequence[str], gold_answers: Sequence[str]) -> int | None:
    """The rank, from 1, of the first text that contains any of the gold answers."""
    wanted = [f" {' '.join(answer_tokens(gold))} " for gold in scorable_answers(gold_answers)]
    if not wanted:
        return None
    for rank, text in enumerate(texts, start=1):
        haystack = f" {' '.join(answer_tokens(text))} "
        if any(needle in haystack for needle in wanted):
            return rank
    return None


def answer_in_cited(gold_sentence_rank: int | None, k: int) -> float:
    """1.0 when one of the first `k` cited sentences contains the gold answer, else 0.0."""
    return float(gold_sentence_rank is not None and gold_sentence_rank <= k)


def exact_match(prediction: str, gold_answers: Sequence[str]) -> float:
    """1.0 when the normalised prediction equals one of the normalised gold answers, else 0.0."""
    predicted = answer_tokens(prediction)
    return float(any(predicted == answer_tokens(gold) for gold in scorable_answers(gold_answers)))


def f1(prediction: str, gold_answers: Sequence[str]) -> float:
    """The best token F1 of the prediction against any gold answer; tokens count as often as they occur."""
    predicted = Counter(answer_tokens(prediction))
    return max((_f1_of(predicted, Counter(answer_tokens(gold))) for gold in gold_answers), default=0.0)


def _f1_of(predicted: Counter[str], gold: Counter[str]) -> float:
    common = (predicted & gold).total()
    return 2 * common / (predicted.total() + gold.total()) if common else 0.0
