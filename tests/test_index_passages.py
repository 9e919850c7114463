"""Passages: runs of whole sentences of about 100 words; title and date go with them, never into them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.passages import make_passages, text_to_embed
from index.records import ArticleInfo, Sentence

INFO = ArticleInfo("a" * 16, "b" * 16, None, "Ferry late", None, (), date(2018, 4, 3))


def sentences(lengths: list[int]) -> tuple[Sentence, ...]:
    """Sentences of so many words each, one after the other."""
    made: list[Sentence] = []
    start = 0
    for position, length in enumerate(lengths):
        text = " ".join(["word"] * length) + "."
        made.append(Sentence("a" * 16, "b" * 16, position, start, start + len(text), text))
        start += len(text) + 1
    return tuple(made)


def words_in(passages: tuple[tuple[Sentence, ...], ...]) -> list[int]:
    return [sum(len(sentence.text.split()) for sentence in run) for run in passages]


@given(st.lists(st.integers(1, 60), max_size=80))
def test_every_sentence_is_in_exactly_one_passage_in_order(lengths: list[int]) -> None:
    given_sentences = sentences(lengths)
    passages = make_passages(given_sentences)
    assert tuple(sentence for passage in passages for sentence in passage.sentences) == given_sentences
    assert all(passage.sentences for passage in passages)


@given(st.lists(st.integers(5, 45), min_size=1, max_size=80))
def test_passages_are_about_a_hundred_words(lengths: list[int]) -> None:
    found = words_in(tuple(passage.sentences for passage in make_passages(sentences(lengths))))
    assert max(found) <= 100 + 45
    # No scrap at the end: with several passages each has its share of the words, give or take a sentence.
    share = sum(lengths) / len(found)
    assert all(share - 45 <= words <= share + 45 for words in found)


def test_words_are_shared_out_evenly() -> None:
    """220 words are three passages of about 73, not 100 + 100 + 20: 8 + 7 + 7 sentences by their middles."""
    found = words_in(tuple(passage.sentences for passage in make_passages(sentences([10] * 22))))
    assert found == [70, 80, 70]


def test_no_sentences_no_passages() -> None:
    assert make_passages(()) == ()


def test_a_passage_is_named_by_its_article_version_and_sentences() -> None:
    first, second = make_passages(sentences([60, 60]))
    assert first.passage_id == f"{'a' * 16}-{'b' * 16}-0-0"
    assert second.passage_id == f"{'a' * 16}-{'b' * 16}-1-1"
    assert (second.start, second.end) == (second.sentences[0].start, second.sentences[-1].end)
    assert [passage.passage_id for passage in make_passages(sentences([60, 60]))] == [
        first.passage_id,
        second.passage_id,
    ]


def test_title_and_date_are_embedded_with_a_passage_but_not_part_of_it() -> None:
    passage = make_passages(sentences([3]))[0]
    assert text_to_embed(INFO, passage) == "Ferry late\nTuesday 3 April 2018\nword word word."
    assert passage.text == "word word word."


@pytest.mark.parametrize(
    ("title", "published", "expected"),
    [
        (None, None, "word word word."),
        ("Ferry late", None, "Ferry late\nword word word."),
        (None, date(2023, 12, 31), "Sunday 31 December 2023\nword word word."),
    ],
)
def test_what_is_not_known_is_left_out(title: str | None, published: date | None, expected: str) -> None:
    info = ArticleInfo("a" * 16, "b" * 16, None, title, None, (), published)
    assert text_to_embed(info, make_passages(sentences([3]))[0]) == expected
