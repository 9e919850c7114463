"""One answer against its question: what was found, cited and right."""

from typing import Protocol

from eval.answer_metrics import exact_match, f1, first_rank, scorable_answers
from eval.citation_metrics import JudgedStatement, citation_precision, citation_recall, contradicted
from eval.gold_metrics import first_gold_passage, pieces_cited, sentences_on_gold
from eval.records import EvalQuestion, QuestionScores, Span
from index.records import Article
from qa.records import Answer, AnswerSentence, Citation


class ArticleSource(Protocol):
    """Where the cited articles are read again, to check the citations against the stored text."""

    def article(self, article_id: str, version: str | None = None) -> Article: ...

    def versions(self, article_id: str) -> list[str]: ...


def score_answer(question: EvalQuestion, answer: Answer, source: ArticleSource) -> QuestionScores:
    """The scores of one answer.

    By string match a cited sentence counts by the quote of its first citation, by gold sentences with all of them. One
    that is only there because the next leans on it has no rank of its own; it counts for all else.
    Passages are judged by gold sentences where they are known, else by string match.
    """
    gold = scorable_answers(question.gold_answers)
    quotable = gold if question.quotable else ()
    quotes = [sentence.citations[0].quote for sentence in answer.sentences if sentence.citations]
    answering = [one.citations[0].quote for one in answer.sentences if one.citations and not one.context]
    cited = [[_span(citation) for citation in sentence.citations] for sentence in answer.sentences]
    pieces = question.gold or ()
    short = answer.short_answer
    checked = [one for one in answer.sentences if one.verdict.label != "not checked"]
    judged = [_judged(one) for one in checked]
    # Of a written sentence's citations the verdict is on all together: what one of several is worth isn't known.
    useful, judged_citations = citation_precision(
        [_judged(one) for one in checked if not one.written or len(one.citations) == 1]
    )
    return QuestionScores(
        has_gold=bool(quotable),
        passages=len(answer.passages),
        gold_passage_rank=_gold_passage_rank(question, answer, quotable),
        gold_sentence_rank=first_rank(answering, quotable),
        short_answer_given=short is not None,
        exact_match=exact_match(short, gold) if short is not None and gold else None,
        f1=f1(short, gold) if short is not None and gold else None,
        citations=sum(len(sentence.citations) for sentence in answer.sentences),
        valid_citations=sum(_valid_citations(sentence, source) for sentence in answer.sentences),
        cited_words=tuple(len(quote.split()) for quote in quotes),
        gold_pieces=None if question.gold is None else len(question.gold),
        pieces_cited=pieces_cited(pieces, [span for spans in cited for span in spans]),
        sentences=len(answer.sentences),
        sentences_on_gold=sentences_on_gold(pieces, cited),
        judged_sentences=len(judged),
        supported_sentences=int(citation_recall(judged)[0]),
        contradicted_sentences=int(contradicted(judged)[0]),
        useful_citations=int(useful),
        judged_citations=judged_citations,
    )


def _judged(sentence: AnswerSentence) -> JudgedStatement:
    """What the verdict that came with the answer says. Each citation quotes all of its sentence, so that what they
    support together each supports alone.
    """
    supported = sentence.verdict.label == "supported"
    each = (supported,) * len(sentence.citations)
    others = supported and len(each) > 1
    return JudgedStatement(supported, sentence.verdict.label == "contradicted", supported, each, (others,) * len(each))


def gold_in_given(question: EvalQuestion, source: ArticleSource) -> bool | None:
    """Whether a gold answer stands in the articles that the question may use: who could have found it. None where it
    may use any, or has no gold answer to look for.
    """
    gold = scorable_answers(question.gold_answers)
    if question.article_ids is None or not gold or not question.quotable:
        return None
    there = [source.article(one) for one in question.article_ids if source.versions(one)]
    texts = [f"{article.info.title or ''}\n{article.text}" for article in there]
    return first_rank(texts, gold) is not None


def _gold_passage_rank(question: EvalQuestion, answer: Answer, gold: tuple[str, ...]) -> int | None:
    passages = [found.passage for found in answer.passages]
    if question.gold is None:
        return first_rank([passage.text for passage in passages], gold)
    spans = [Span(passage.article_id, passage.start, passage.end) for passage in passages]
    return first_gold_passage(question.gold, spans)


def _span(citation: Citation) -> Span:
    return Span(citation.sentence.article_id, citation.quote_start, citation.quote_end)


def _valid_citations(sentence: AnswerSentence, source: ArticleSource) -> int:
    return sum(
        is_valid_citation(citation, source) and (number > 0 or sentence.written or citation.quote == sentence.text)
        for number, citation in enumerate(sentence.citations)
    )


def is_valid_citation(citation: Citation, source: ArticleSource) -> bool:
    """Whether the quote, which must not be empty, is what its article's stored version holds at those characters."""
    article_id, version = citation.sentence.article_id, citation.sentence.version
    if version not in source.versions(article_id):
        return False
    quote = citation.quote
    return bool(quote) and source.article(article_id, version).text[citation.quote_start : citation.quote_end] == quote
