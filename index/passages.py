"""Sentences are gathered into passages: what is embedded and searched."""

import math
from collections.abc import Sequence

from index.records import ArticleInfo, Passage, Sentence

PASSAGES_VERSION = "1"
WORDS_PER_PASSAGE = 100


def make_passages(sentences: Sequence[Sentence], words_per_passage: int = WORDS_PER_PASSAGE) -> tuple[Passage, ...]:
    """Runs of whole sentences of near-equal length, about `words_per_passage` words each.

    The article's words are shared out evenly over as many passages as are needed, so that no article ends in a
    scrap too short to say what it is about.
    """
    lengths = [len(sentence.text.split()) for sentence in sentences]
    total = sum(lengths)
    if not sentences:
        return ()
    passages = max(1, math.ceil(total / words_per_passage))
    runs: list[list[Sentence]] = [[] for _ in range(passages)]
    words_before = 0
    for sentence, length in zip(sentences, lengths, strict=True):
        middle = words_before + length / 2
        runs[min(passages - 1, int(middle * passages / max(1, total)))].append(sentence)
        words_before += length
    return tuple(Passage(tuple(run)) for run in runs if run)


def text_to_embed(info: ArticleInfo, passage: Passage) -> str:
    """The passage with its article's title and date before it, which its own words often leave out."""
    head = [part for part in (info.title, written_date(info)) if part]
    return "\n".join([*head, passage.text])


def written_date(info: ArticleInfo) -> str:
    """The publication date as people write it in questions ("Tuesday 3 April 2018"); empty when it isn't known."""
    day = info.published
    return f"{day:%A} {day.day} {day:%B %Y}" if day else ""
