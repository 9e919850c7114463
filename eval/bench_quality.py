"""Which system brings the gold within fewer retrieved words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from eval.aggregate import ALL
from eval.answer_metrics import scorable_answers
from eval.bench_budget import words_until_answer, words_until_sentence
from eval.bench_records import RetrievedText, Retriever, words_to_search
from eval.confidence import mean_interval
from eval.paired import paired_difference
from eval.records import EvalQuestion
from eval.scoring import ArticleSource
from index.search import HybridSearch, SearchMode
from qa.period import find_period

OURS, LEXICAL, DENSE, STOCK = "copydesk", "copydesk, words alone", "copydesk, vectors alone", "stock"
# Enough texts to fill several budgets: 50 passages of 100 words of ours.
TEXTS = 50


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """How many retrieved words each system needed, None where its texts lack the gold; `words` is None without gold."""

    question_id: str
    slices: tuple[str, ...]
    words: Mapping[str, int | None] | None


class OwnRetriever:
    """What answering retrieves: search, and the days that the question means preferred."""

    def __init__(self, search: HybridSearch, mode: SearchMode = "hybrid") -> None:
        self._search = search
        self._mode: SearchMode = mode

    def retrieve(self, question: EvalQuestion) -> tuple[RetrievedText, ...]:
        from qa.retrieval import ArchiveRetriever, PeriodPostprocessor, retrieve

        asked = words_to_search(question)
        retriever = ArchiveRetriever(self._search, limit=TEXTS, mode=self._mode)
        preferred = PeriodPostprocessor(period=find_period(asked, question.asked_on))
        found = retrieve(asked, retriever, [preferred])
        return tuple(RetrievedText(one.passage.article_id, one.passage.text) for one in found)


def search_all(
    questions: Sequence[EvalQuestion],
    systems: Mapping[str, Retriever],
    source: ArticleSource,
    advance: Callable[[], None] = lambda: None,
) -> list[QuestionResult]:
    """Put every question that has gold to every system."""
    results = []
    for question in questions:
        words: dict[str, int | None] | None = None
        if _has_gold(question):
            words = {
                name: _words_until_gold(question, system.retrieve(question), source) for name, system in systems.items()
            }
        results.append(QuestionResult(question.question_id, question.slices, words))
        advance()
    return results


def _has_gold(question: EvalQuestion) -> bool:
    return bool(scorable_answers(question.gold_answers) if question.gold is None else question.gold)


def _words_until_gold(question: EvalQuestion, texts: Sequence[RetrievedText], source: ArticleSource) -> int | None:
    """By gold sentences where they are known, any one of them, else by the gold answer."""
    if question.gold is None:
        return words_until_answer([text.text for text in texts], question.gold_answers)
    spans = [span for piece in question.gold for span in piece]
    gold = [
        RetrievedText(span.article_id, source.article(span.article_id).text[span.start : span.end]) for span in spans
    ]
    return words_until_sentence(texts, gold)


def quality(results: Sequence[QuestionResult], words: int, seed: int) -> dict[str, Any]:
    """The share of questions whose gold stands in so many words, and in half, twice and four times as many."""
    slices = (ALL, *sorted({name for result in results for name in result.slices}))
    members = {name: [one for one in results if name == ALL or name in one.slices] for name in slices}
    budgets = sorted({max(1, words // 2), words, 2 * words, 4 * words})
    return {
        "words": words,
        "budgets": budgets,
        "shares": [
            share
            for name in slices
            for budget in budgets
            for share in _shares(members[name], {"slice": name, "words": budget}, budget, seed)
        ],
        "differences": [
            {"slice": name, "words": budget, "a": STOCK, "b": OURS, **_difference(members[name], budget, seed)}
            for name in slices
            for budget in budgets
        ],
    }


def _shares(
    results: Sequence[QuestionResult], labels: Mapping[str, object], budget: int, seed: int
) -> list[dict[str, Any]]:
    known = [result.words for result in results if result.words is not None]
    shares = []
    for system in dict.fromkeys(name for words in known for name in words):
        interval = mean_interval([_found(words[system], budget) for words in known], seed)
        shares.append({**labels, "system": system, **asdict(interval), "unscorable": len(results) - len(known)})
    return shares


def _difference(results: Sequence[QuestionResult], budget: int, seed: int) -> dict[str, Any]:
    """Ours less stock, and on how many questions only one of them has the gold."""
    known = [result.words for result in results if result.words is not None]
    stock, ours = ([(_found(words[system], budget), 1) for words in known] for system in (STOCK, OURS))
    return {
        **asdict(paired_difference(stock, ours, seed)),
        "only_a": sum(a > b for (a, _), (b, _) in zip(stock, ours, strict=True)),
        "only_b": sum(b > a for (a, _), (b, _) in zip(stock, ours, strict=True)),
    }


def _found(needed: int | None, budget: int) -> float:
    return float(needed is not None and needed <= budget)
