"""One answer against its question: what was found, cited and right."""

from typing import Protocol

from eval.answer_metrics import exact_match, f1, first_rank, scorable_answers
from eval.records import EvalQuestion, QuestionScores
from index.records import Article
from qa.records import Answer, AnswerSentence, Citation


class ArticleSource(Protocol):
    """Where the cited articles are read again, to check the citations against the stored text."""

    def article(self, article_id: str, version: str | None = None) -> Article: ...

    def versions(self, article_id: str) -> list[str]: ...


def score_answer(question: EvalQuestion, answer: Answer, source: ArticleSource) -> QuestionScores:
    """The scores of one answer. A cited sentence counts by the quote of its first citation."""
    gold = scorable_answers(question.gold_answers)
    quotes = [sentence.citations[0].quote for sentence in answer.sentences if sentence.citations]
    short = answer.short_answer
    return QuestionScores(
        has_gold=bool(gold),
        passages=len(answer.passages),
        gold_passage_rank=first_rank([found.passage.text for found in answer.passages], gold),
        gold_sentence_rank=first_rank(quotes, gold),
        short_answer_given=short is not None,
        exact_match=exact_match(short, gold) if short is not None and gold else None,
        f1=f1(short, gold) if short is not None and gold else None,
        citations=sum(len(sentence.citations) for sentence in answer.sentences),
        valid_citations=sum(_valid_citations(sentence, source) for sentence in answer.sentences),
        cited_words=tuple(len(quote.split()) for quote in quotes),
    )


def _valid_citations(sentence: AnswerSentence, source: ArticleSource) -> int:
    return sum(
        is_valid_citation(citation, source) and (number > 0 or citation.quote == sentence.text)
        for number, citation in enumerate(sentence.citations)
    )


def is_valid_citation(citation: Citation, source: ArticleSource) -> bool:
    """Whether the quote, which must not be empty, is what its article's stored version holds at those characters."""
    article_id, version = citation.sentence.article_id, citation.sentence.version
    if version not in source.versions(article_id):
        return False
    quote = citation.quote
    return bool(quote) and source.article(article_id, version).text[citation.quote_start : citation.quote_end] == quote
