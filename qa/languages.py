"""Articles and questions in languages that the models don't read: never quoted, and said so instead of a bad answer."""

from collections.abc import Sequence

from index.language import is_read, language_of_question
from index.records import ArticleInfo, RetrievedPassage
from index.words import content_words, words
from qa.records import Refusal
from qa.refusal import unread_articles, unread_question

_LEAST_LETTERS = 4


def refuse_question(question: str) -> Refusal | None:
    """The refusal of a question that is clearly in a language that isn't read; None for any other."""
    language = language_of_question(question)
    return unread_question(language) if language is not None else None


def split_by_language(
    passages: Sequence[RetrievedPassage],
) -> tuple[tuple[RetrievedPassage, ...], tuple[RetrievedPassage, ...]]:
    """The passages of articles that are read, and those of the others."""
    read = tuple(found for found in passages if is_read(found.article.language))
    unread = tuple(found for found in passages if not is_read(found.article.language))
    return read, unread


def refuse_for_articles(
    question: str, passages: Sequence[RetrievedPassage], unread: Sequence[RetrievedPassage], *, answered: bool
) -> Refusal | None:
    """The refusal where only articles in other languages hold what a question is about; else None.

    That is so where a word of the question stands in them and in none of the other passages found. Against an answer
    (`answered`) only a name counts: a word with a capital, and not the first.
    """
    if not unread:
        return None
    asked = _names(question) if answered else {word for word in content_words(question) if len(word) >= _LEAST_LETTERS}
    asked -= {word for found in passages for word in _words_of(found)}
    articles: dict[str, ArticleInfo] = {}
    for found in unread:
        if not passages or asked & set(_words_of(found)):
            articles.setdefault(found.article.article_id, found.article)
    return unread_articles(list(articles.values())) if articles else None


def _words_of(found: RetrievedPassage) -> list[str]:
    return words(f"{found.article.title or ''} {found.passage.text}")


def _names(question: str) -> set[str]:
    capitals = [word for word in question.split()[1:] if word.lstrip("\"'“‘(")[:1].isupper()]
    return {word for word in words(" ".join(capitals)) if len(word) >= _LEAST_LETTERS}
