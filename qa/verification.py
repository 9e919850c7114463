"""The gate before an answer is shown: each of its sentences is checked against exactly what it cites."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from index.archive import Archive
from qa.compose import NEEDED
from qa.grounding import Evidence, GroundingChecker
from qa.reader import head_of
from qa.records import AnswerSentence, Citation, Verdict


def verified(
    sentences: Sequence[AnswerSentence], archive: Archive, checker: GroundingChecker
) -> Iterator[AnswerSentence]:
    """The sentences, one after the other, with the checker's verdicts on them. What a sentence leans on isn't missing
    where the answer's sentence before it says it.
    """
    articles = {sentence.citations[0].sentence.article_id for sentence in sentences}
    texts = {article_id: archive.sentence_texts(article_id) for article_id in articles}
    for place, sentence in enumerate(sentences):
        cited = sentence.citations[0].sentence
        current = archive.is_current(cited.article_id, cited.version)
        around = texts[cited.article_id] if current else []
        shown = sentences[place - 1].citations if place else ()
        (verdict,) = checker.check_all([(sentence.text, _evidence(sentence.citations, shown, around))])
        yield replace(sentence, verdict=_with_place(verdict, sentence))


def check_written(claim: str, citations: Sequence[Citation], archive: Archive, checker: GroundingChecker) -> Verdict:
    """The checker's verdict on a sentence in a language model's own words against all that it cites, at least one."""
    return checker.check_all([(claim, evidence_of(citations, archive))])[0]


def evidence_of(citations: Sequence[Citation], archive: Archive, shown: Sequence[Citation] = ()) -> Evidence:
    """What a sentence is checked against that rests on these citations, at least one. `shown` are those of the answer's
    sentence before it: what it leans on isn't missing where that one says it.
    """
    return _evidence(citations, shown, sentences_around(citations[0], archive))


def sentences_around(citation: Citation, archive: Archive) -> list[str]:
    """All the sentences of the article that is cited; none where it has changed since."""
    cited = citation.sentence
    return archive.sentence_texts(cited.article_id) if archive.is_current(cited.article_id, cited.version) else []


def _evidence(citations: Sequence[Citation], shown: Sequence[Citation], around: Sequence[str]) -> Evidence:
    first = citations[0]
    place = first.sentence.position
    said_before = any(_right_before(one, first) for one in shown)
    return Evidence(
        sentences=tuple(dict.fromkeys(" ".join(citation.quote.split()) for citation in citations)),
        head=head_of(first.article),
        before="" if said_before or not 0 < place <= len(around) else around[place - 1],
        after=around[place + 1] if place + 1 < len(around) else "",
        published=first.article.published,
    )


def _right_before(one: Citation, other: Citation) -> bool:
    sentence, following = one.sentence, other.sentence
    return (sentence.article_id, sentence.version) == (following.article_id, following.version) and (
        sentence.position == following.position - 1
    )


def _with_place(verdict: Verdict, sentence: AnswerSentence) -> Verdict:
    """The verdict, and why a sentence that doesn't answer stands in the answer."""
    return replace(verdict, reasons=(*verdict.reasons, NEEDED)) if sentence.context else verdict
