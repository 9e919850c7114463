"""From a text, or its sentences, to the evidence that a claim should be checked against."""

from collections.abc import Sequence
from datetime import date

from index.furniture import find_furniture
from index.records import Article, ArticleInfo
from index.sentences import split_sentences
from qa.claim_evidence import MOST_WORDS, choose_evidence
from qa.grounding import Evidence
from qa.reader import head_of


def article_of(text: str, published: date | None = None, title: str | None = None) -> Article:
    """A text that is in no archive, as an article."""
    return Article(ArticleInfo("text", "1", None, title, None, (), published), text)


def sentences_of(article: Article) -> tuple[str, ...]:
    """The sentences of an article's prose, white space made single spaces; those of all its text where none is."""
    furniture = find_furniture(article.text, article.info.title)
    found = split_sentences(article, furniture) or split_sentences(article, ())
    return tuple(" ".join(sentence.text.split()) for sentence in found)


def evidence_for(claim: str, sentences: Sequence[str], info: ArticleInfo) -> Evidence:
    """All the sentences where they are few, else those that hold most of the claim's words."""
    words = sum(len(sentence.split()) for sentence in sentences)
    chosen = range(len(sentences)) if words <= MOST_WORDS else choose_evidence(claim, sentences)
    places = list(chosen)
    if not places:
        return Evidence((), head_of(info), published=info.published)
    first, last = places[0] - 1, places[-1] + 1
    return Evidence(
        sentences=tuple(sentences[place] for place in places),
        head=head_of(info),
        before=sentences[first] if first >= 0 else "",
        after=sentences[last] if last < len(sentences) else "",
        published=info.published,
    )
