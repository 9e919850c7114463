"""Sentences: offsets that always hold, breaks where a reader would put them, long sentences cut at clauses."""

import os
import random
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from measure_splitters import breaks_of, count, labelled_paragraphs, read_articles, total

from index.clauses import HARD_LIMIT_WORDS, MAX_WORDS, MIN_PIECE_WORDS, cut_at_clauses
from index.furniture import find_furniture
from index.records import Article, ArticleInfo, Furniture, Sentence, version_of
from index.sentences import sentence_spans, split_sentences

DATA = os.environ.get("COPYDESK_DATA")
needs_data = pytest.mark.skipif(not DATA, reason="COPYDESK_DATA is not set: the labelled articles are not here")


def article(text: str) -> Article:
    return Article(ArticleInfo("an-article", version_of(text), None, None, None, (), None), text)


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


def check_invariants(text: str, furniture: tuple[Furniture, ...], found: tuple[Sentence, ...]) -> None:
    for position, sentence in enumerate(found):
        assert text[sentence.start : sentence.end] == sentence.text
        assert sentence.position == position
        assert sentence.text == sentence.text.strip()
        assert any(map(str.isalnum, sentence.text))
    assert all(one.end <= other.start for one, other in pairwise(found))
    covered = sorted([(s.start, s.end) for s in found] + [(f.start, f.end) for f in furniture])
    assert all(one[1] <= other[0] for one, other in pairwise(covered))


PIECES = st.sampled_from(
    "He said. |“Why?” |the U.S. |\r\n|\n\n|\u00a0|\u2028|\u202e|… |?!|3.5 |😀|CNN —|, and then they went|; | – "
    "|'|(|)|word |\x85|\u200b|e\u0301|\x00|\t|\"".split("|")
)


@st.composite
def texts_with_furniture(draw: st.DrawFn) -> tuple[str, tuple[Furniture, ...]]:
    text = draw(st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=80).map("".join)))
    edges = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)))
    spans = zip(edges[::2], edges[1::2], strict=False)
    return text, tuple(Furniture(start, end, "caption") for start, end in spans)


@settings(max_examples=300, deadline=None)
@given(texts_with_furniture())
def test_offsets_hold_for_any_text(case: tuple[str, tuple[Furniture, ...]]) -> None:
    text, furniture = case
    check_invariants(text, furniture, split_sentences(article(text), furniture))


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(), st.lists(PIECES, max_size=80).map("".join)))
def test_nothing_with_a_letter_or_digit_is_left_out(text: str) -> None:
    found = split_sentences(article(text), ())
    inside = {at for sentence in found for at in range(sentence.start, sentence.end)}
    assert {at for at, character in enumerate(text) if character.isalnum()} <= inside


@pytest.mark.parametrize(
    "expected",
    [
        ["Lt. Gov. Ann Lee met Lt. Gen. J. K. Rowe of the U.S. Army on Jan. 6.", "They spoke for 3.5 hours."],
        ["He lives in the U.S.", "On Friday he leaves."],
        ["The show is at 7 p.m. Monday.", "The bar closes at 2 a.m.", "The doors open at six."],
        ["“Is it over?” she asked.", "“Not yet.”"],
        ["“Is it over?” Lt. Col. James Poe asked.", "“No!” Ann Lee replied."],
        ["She asked, “Can I help?”", "He answered, “No, thank you.”"],
        ["The court overturned Roe v. Wade.", "(It had stood since 1973.)", "Protests followed."],
        ["The stock fell last week.", "Acme Inc. and Smith Bros. of St. Louis did not comment."],
        ["Yahoo! News and the band Panic! at the Disco were there.", "No. 1 seed Iga won."],
        ["She came for the series.", "Starr did not."],
        ["Reserve a pass at the park.", "'That was new,' he said."],
        ["Write to jo.brown@example.com or see www.example.com for more.", "It is free."],
        ["“We waited ... then it came,” he said.", "It did."],
    ],
)
def test_breaks_in_running_text(expected: list[str]) -> None:
    assert sentences(" ".join(expected)) == expected


def test_a_break_without_a_space_is_found_but_not_inside_an_address() -> None:
    assert sentences("They sat in the park.Visitors came.") == ["They sat in the park.", "Visitors came."]
    assert sentences("Write to jo.brown@News.com or will.I.am today.") == [
        "Write to jo.brown@News.com or will.I.am today."
    ]


def test_lines_are_sentences_of_their_own_unless_the_text_is_wrapped() -> None:
    assert sentences("Barren expanse\n\nThe town is small.\nIt is old") == [
        "Barren expanse",
        "The town is small.",
        "It is old",
    ]
    wrapped = (
        "The town council met on Monday evening to discuss the plan that\n"
        "had been put forward by the mayor of Paris in the spring of last\n"
        "year. It was rejected."
    )
    assert len(sentences(wrapped)) == 2


def test_stray_marks_belong_to_the_sentence_before_and_marks_alone_are_none() -> None:
    assert sentences("He left. ...") == ["He left. ..."]
    assert sentences("***\n\n— \n\n“”") == []


def test_furniture_is_left_out_in_the_middle_of_a_line_too() -> None:
    text = "LONDON — The council met. Read More It adjourned."
    furniture = (Furniture(0, 8, "dateline"), Furniture(26, 35, "link"))
    found = split_sentences(article(text), furniture)
    assert [sentence.text for sentence in found] == ["The council met.", "It adjourned."]


LONG = (
    "The council, which had met every week since the flood of the previous spring, voted by a narrow margin to close "
    "the old bridge to all traffic until its piers had been inspected, but the mayor said that she would not sign the "
    "order before the engineers had told her in writing how long the repairs were going to take."
)


def test_a_long_sentence_is_cut_at_its_best_clause() -> None:
    pieces = [LONG[start:end] for start, end in cut_at_clauses(LONG, 0, len(LONG))]
    assert "".join(pieces) == LONG
    assert len(pieces) == 2
    assert pieces[1].startswith("but the mayor")


def test_a_sentence_of_45_words_stays_whole() -> None:
    text = ", and ".join(["one two"] * 15)
    assert len(text.split()) == MAX_WORDS - 1
    assert list(cut_at_clauses(text, 0, len(text))) == [(0, len(text))]


def test_a_cut_keeps_quotation_marks_and_brackets_whole_where_it_can() -> None:
    quoted = "“" + "we went there, and we saw it, and we came back again, " * 2 + "but it had gone”"
    after = "the judge then closed the hearing and thanked all those present."
    text = f"The witness told the court on Tuesday that {quoted}; {after}"
    pieces = [text[start:end] for start, end in cut_at_clauses(text, 0, len(text))]
    assert [piece.count("“") - piece.count("”") for piece in pieces] == [0] * len(pieces)
    assert pieces[-1].startswith("the judge then")


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(["word", "word,", "and", "but", "“word", "word”", "– ", "word;", "(word", "word)"]),
        max_size=400,
    )
)
def test_pieces_cover_the_sentence_and_are_neither_tiny_nor_huge(words: list[str]) -> None:
    text = " ".join(words)
    pieces = list(cut_at_clauses(text, 0, len(text)))
    assert "".join(text[start:end] for start, end in pieces) == text
    lengths = [len(text[start:end].split()) for start, end in pieces]
    assert max(lengths) <= HARD_LIMIT_WORDS
    assert len(pieces) == 1 or min(lengths) >= MIN_PIECE_WORDS


def test_words_without_any_punctuation_are_cut_between_words() -> None:
    text = " ".join(["word"] * 5000)
    found = split_sentences(article(text), ())
    assert " ".join(sentence.text for sentence in found) == text
    assert max(len(sentence.text.split()) for sentence in found) <= HARD_LIMIT_WORDS


# A step that looked at the whole line again for every mark in it would take hours here.
@pytest.mark.parametrize("unit", ["a", "?!", '."', "a, and b ", "(a", "\n \x0b", "he.He"])
def test_two_megabytes_in_one_go(unit: str) -> None:
    text = unit * (2_000_000 // len(unit))
    found = split_sentences(article(text), ())
    assert sum(map(len, (sentence.text for sentence in found))) <= len(text)
    assert bool(found) == any(map(str.isalnum, unit))


@pytest.mark.parametrize("unit", ["He went. ", "1. ", "a\n"])
def test_many_short_sentences(unit: str) -> None:
    assert len(split_sentences(article(unit * 50_000), ())) >= 49_000


@needs_data
def test_the_labelled_boundaries() -> None:
    paragraphs = labelled_paragraphs(Path(str(DATA)))
    counts = total([count(breaks_of(sentence_spans, p.text), p.breaks) for p in paragraphs])
    assert counts.right + counts.missed >= 300
    assert counts.precision >= 0.985
    assert counts.recall >= 0.965


@needs_data
def test_offsets_hold_in_real_articles() -> None:
    texts = random.Random(1).sample(sorted(read_articles(Path(str(DATA)), "dev-2023").values()), 150)
    lengths: list[int] = []
    for text in texts:
        furniture = find_furniture(text, None)
        found = split_sentences(article(text), furniture)
        check_invariants(text, furniture, found)
        lengths.extend(len(sentence.text.split()) for sentence in found)
    assert sum(lengths) / len(lengths) <= 30
    assert max(lengths) <= HARD_LIMIT_WORDS
