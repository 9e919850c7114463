"""From a text, or its sentences, to the evidence that a claim should be checked against."""

import re
from collections.abc import Sequence
from datetime import date

from index.furniture import find_furniture
from index.records import Article, ArticleInfo
from index.sentences import split_sentences
from qa.claim_evidence import MOST_WORDS, choose_evidence
from qa.grounding import Evidence
from qa.reader import head_of

# What a text looks like whose words were parted for a program: "$ 800, 000", "a 14 - year - old".
_PARTED = re.compile(r"[$£€] \d|\d - (?:year|month|week|day|hour|time|foot|mile|point|minute)\b|` `|(?<=\s)`(?=\w)")
_HYPHEN, _HYPHEN_PARTED = re.compile(r"\w-\w"), re.compile(r"[^\W\d_] - [^\W\d_]")
_TOGETHER = (
    (re.compile(r"(?<![\d,])(\d{1,3}), (?=\d{3}(?!\d))"), r"\1,"),
    (re.compile(r"(?<=,\d{3}), (?=\d{3}(?!\d))"), ","),
    (re.compile(r"(?<=\d)\. (?=\d)"), "."),
    (re.compile(r"([$£€]) (?=\d)"), r"\1"),
    (re.compile(r"(?<=\w) - (?=\w)"), "-"),
)


# So many hyphened words, all of them parted, tell that a text is such a one.
_LEAST_HYPHENS = 3


def put_together(text: str) -> str:
    """A text whose figures and hyphened words were parted by spaces, as such collections of news are, without these;
    any other text as it is.
    """
    hyphens_parted = not _HYPHEN.search(text) and len(_HYPHEN_PARTED.findall(text)) >= _LEAST_HYPHENS
    if not hyphens_parted and not _PARTED.search(text):
        return text
    for pattern, instead in _TOGETHER:
        text = pattern.sub(instead, text)
    return text


def article_of(text: str, published: date | None = None, title: str | None = None) -> Article:
    """A text that is in no archive, as an article."""
    return Article(ArticleInfo("text", "1", None, title, None, (), published), put_together(text))


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
