"""What speaks for each choice of a multiple-choice question, as numbers."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eval.choice_text import Tokens, joined, namings, places_named, times_named, token_f1, tokens
from eval.datasets import NONE_OF_THE_ABOVE
from eval.records import EvalQuestion
from index.archive import StoredPassage
from index.embedding import Vectors
from index.records import Filters, RetrievedPassage
from index.search import HybridSearch, Query
from index.words import FUNCTION_WORDS
from qa.evidence import AskedQuestion
from qa.period import find_period
from qa.question import stems
from qa.reader import Reader, TokenLogits

FEATURE_NAMES = (
    "named",  # log(1 + how often the choice is named in the given articles)
    "last_word_named",  # the same for the last word of a name
    "articles_naming",  # log(1 + in how many articles)
    "is_named",  # 1 when it is
    "is_read",  # 1 when a sentence that was read names it
    "best_sentence",  # the highest reader's logit of a sentence that names it
    "best_passage",  # the highest of such a sentence's passage
    "best_span",  # how sure the reader is of just its words as the answer, at best
    "best_covering",  # the best sentence by the share of the choice's words it holds and its logit
    "coverage",  # the highest share of the choice's words in a sentence
    "namings_by_passage",  # log(1 + the sentences that name it, weighted by how likely their passage answers)
    "namings_by_sentence",  # the same, by how likely the sentence itself answers
    "coverings_by_sentence",  # the same, with the square of the share of its words held
    "spans_alike",  # mean likeness (token F1) to the reader's short answers, weighted by how sure it is of them
    "best_span_alike",  # the highest likeness to one, times how sure the reader is
    "cosine",  # of the embedding of question and choice with the nearest passage's
    "three_cosines",  # mean of the three nearest
    "in_title",  # 1 when an article's title names it
    "asked_words",  # 1 when it shares a word with the question
    "length",  # log(1 + its words)
    "figures",  # 1 when it holds a figure
)
PASSAGES_READ = 16
POOL = 50  # passages to look in where no articles are given
_SURE_SPANS = 40
_NEVER = {"best_sentence": -9.0, "best_passage": -8.0, "best_span": -14.0, "best_covering": -3.0}

Features = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Read:
    """A sentence that was read, with the logits that it and its passage answer."""

    text: str
    haystack: str
    stems: frozenset[str]
    logit: float
    passage: float
    number: int
    span: tuple[Tokens, float] | None
    logits: TokenLogits | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Of one question: the features of its `all_options`, shape (options, len(FEATURE_NAMES)), and how often each is
    named.
    """

    features: Features
    named: tuple[int, ...]


def all_options(question: EvalQuestion) -> tuple[str, ...]:
    """The question's choices, then what is offered beside "None of the above" and isn't among them (misspelt, say)."""
    given = () if question.choices is None else question.choices.options
    others = () if question.choices_with_none is None else question.choices_with_none.options
    return (*given, *(one for one in others if one not in given and one != NONE_OF_THE_ABOVE))


def read_choices(search: HybridSearch, reader: Reader, question: EvalQuestion) -> Evidence | None:
    """What speaks for each of the question's choices; None where there is no choice or no article to look in."""
    if question.choices is None:
        return None
    options = all_options(question)
    filters = Filters(article_ids=question.article_ids)
    if question.article_ids is not None and not search.archive.count_matching(filters):
        return None
    found = search.search(Query(question.question, filters, POOL))
    pool = _pool(search, question, filters, found)
    if not pool:
        return None
    vectors = search.embedder.embed([f"{question.question} {option}" for option in options])
    cosines = np.asarray(np.stack([stored.vector for stored in pool]) @ vectors.T, dtype=np.float64)
    texts = [joined(tokens(stored.passage.text)) for stored in pool]
    passages = _to_read(found, pool, texts, cosines, options)
    asked = AskedQuestion(question.question, question.asked_on, find_period(question.question, question.asked_on))
    read = _sentences(reader, asked, passages)
    named = tuple(sum(times_named(text, namings(option)) for text in texts) for option in options)
    rows = [
        _features(question.question, option, pool, texts, read, cosines[:, number])
        for number, option in enumerate(options)
    ]
    return Evidence(np.asarray(rows, dtype=np.float64), named)


def _pool(
    search: HybridSearch, question: EvalQuestion, filters: Filters, found: Sequence[RetrievedPassage]
) -> list[StoredPassage]:
    archive = search.archive
    if question.article_ids is not None:
        keys = archive.keys_after(0, filters).tolist()
    else:
        keys = list(archive.keys_of([one.passage.passage_id for one in found]).values())
    return list(archive.passages(keys).values())


def _to_read(
    found: Sequence[RetrievedPassage],
    pool: Sequence[StoredPassage],
    texts: Sequence[str],
    cosines: Vectors | Features,
    options: Sequence[str],
) -> list[RetrievedPassage]:
    """The first passages found, as an answer is read from; for each choice that none of them names, of those that do
    the nearest to the question with it.
    """
    passages = list(found[:PASSAGES_READ])
    there = {one.passage.passage_id for one in passages}
    for number, option in enumerate(options):
        ways = namings(option)
        order = np.argsort(-cosines[:, number], kind="stable").tolist()
        naming = [pool[place] for place in order if times_named(texts[place], ways)]
        if naming and there.isdisjoint(stored.passage.passage_id for stored in naming):
            nearest = naming[0]
            there.add(nearest.passage.passage_id)
            passages.append(RetrievedPassage(nearest.passage, nearest.article, 0.0, len(passages) + 1, "dense"))
    return passages


def _sentences(reader: Reader, asked: AskedQuestion, passages: Sequence[RetrievedPassage]) -> list[_Read]:
    """The distinct sentences read."""
    found: dict[str, _Read] = {}
    for one, reading in zip(passages, reader.read(asked.text, passages), strict=True):
        for number, sentence in enumerate(one.passage.sentences):
            if sentence.text in found:
                continue
            span = reading.spans[number]
            words = None if span is None else (tokens(sentence.text[span.start : span.end]), span.score)
            found[sentence.text] = _Read(
                text=sentence.text,
                haystack=joined(tokens(sentence.text)),
                stems=stems(sentence.text),
                logit=reading.sentences[number],
                passage=reading.passage,
                number=number,
                span=words,
                logits=reading.tokens,
            )
    return list(found.values())


def _features(
    question: str,
    option: str,
    pool: Sequence[StoredPassage],
    texts: Sequence[str],
    read: Sequence[_Read],
    cosines: Features,
) -> list[float]:
    ways = namings(option)
    titles = {stored.article.article_id: joined(tokens(stored.article.title or "")) for stored in pool}
    counts = [times_named(text, ways) for text in texts]
    named = sum(counts) + sum(times_named(title, ways) for title in titles.values())
    last = _last_word(option, question)
    articles = {stored.article.article_id for stored, count in zip(pool, counts, strict=True) if count}
    nearest = np.sort(cosines)[::-1]
    return [
        math.log1p(named),
        math.log1p(named if last is None else sum(times_named(text, (last,)) for text in texts)),
        math.log1p(len(articles)),
        float(named > 0),
        *_reader_features(ways, read),
        *_covering_features(option, question, ways, read),
        *_span_features(ways, read),
        float(nearest[0]),
        float(nearest[:3].mean()),
        float(any(times_named(title, ways) for title in titles.values())),
        float(bool(set(tokens(option)) & set(tokens(question)))),
        math.log1p(len(tokens(option))),
        float(any(character.isdigit() for character in option)),
    ]


def _last_word(option: str, question: str) -> Tokens | None:
    """The last word of a name of several, by which it may be named alone."""
    content = [token for token in tokens(option) if token not in FUNCTION_WORDS]
    if len(content) < 2 or len(content[-1]) < 3 or content[-1] in tokens(question):
        return None
    return (content[-1],)


def _reader_features(ways: Sequence[Tokens], read: Sequence[_Read]) -> list[float]:
    """is_read, best_sentence, best_passage, best_span."""
    naming = [one for one in read if times_named(one.haystack, ways)]
    spans = [score for one in naming for score in _span_scores(one, ways)]
    return [
        float(bool(naming)),
        max((one.logit for one in naming), default=_NEVER["best_sentence"]),
        max((one.passage for one in naming), default=_NEVER["best_passage"]),
        max(spans, default=_NEVER["best_span"]),
    ]


def _span_scores(one: _Read, ways: Sequence[Tokens]) -> Iterator[float]:
    if one.logits is not None:
        for start, end in places_named(one.text, ways):
            score = one.logits.span_score(one.number, start, end)
            if score is not None:
                yield score


def _covering_features(option: str, question: str, ways: Sequence[Tokens], read: Sequence[_Read]) -> list[float]:
    """best_covering, coverage, namings_by_passage, namings_by_sentence, coverings_by_sentence."""
    wanted = stems(option) - stems(question)
    naming = [bool(times_named(one.haystack, ways)) for one in read]
    shares = [
        len(wanted & one.stems) / len(wanted) if wanted else float(named)
        for one, named in zip(read, naming, strict=True)
    ]
    covering = [(share, one) for share, one in zip(shares, read, strict=True) if share]
    naming_read = [one for one, named in zip(read, naming, strict=True) if named]
    return [
        max((2 * share + one.logit / 4 for share, one in covering), default=_NEVER["best_covering"]),
        max(shares, default=0.0),
        math.log1p(sum(_sigmoid(one.passage) for one in naming_read)),
        math.log1p(sum(_sigmoid(one.logit) for one in naming_read)),
        math.log1p(sum(share**2 * _sigmoid(one.logit) for share, one in covering)),
    ]


def _span_features(ways: Sequence[Tokens], read: Sequence[_Read]) -> list[float]:
    """spans_alike, best_span_alike."""
    spans = sorted((one.span for one in read if one.span is not None), key=lambda span: -span[1])[:_SURE_SPANS]
    if not spans or not ways:
        return [0.0, 0.0]
    weights = np.exp(np.asarray([score for _, score in spans]) - spans[0][1])
    likenesses = np.asarray([token_f1(words, ways[0]) for words, _ in spans])
    sure = np.asarray([_sigmoid(score / 2) for _, score in spans])
    return [float(weights @ likenesses / weights.sum()), float((likenesses * sure).max())]


def _sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, logit))))
