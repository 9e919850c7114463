import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.gold_metrics import (
    counts_for,
    first_gold_passage,
    overlap,
    pieces_cited,
    sentences_on_gold,
    shared_content_words,
)
from eval.records import Span

FIRST, SECOND, COPY = Span("a", 0, 40), Span("a", 41, 100), Span("b", 10, 50)
# Two pieces; the first stands in two articles.
GOLD = ((FIRST, COPY), (SECOND,))
SPANS = st.builds(
    lambda article, start, length: Span(article, start, start + length),
    st.sampled_from("ab"),
    st.integers(0, 30),
    st.integers(1, 30),
)


@pytest.mark.parametrize(
    ("cited", "counts"),
    [
        (Span("a", 0, 40), True),
        (Span("a", 20, 60), True),  # 20 of 40 characters
        (Span("a", 21, 61), False),  # 19 of 40
        (Span("a", 5, 9), True),  # a quote of a few words within it
        (Span("a", 0, 4000), True),  # a quote that holds it whole
        (Span("a", 40, 41), False),
        (Span("b", 0, 40), False),
    ],
)
def test_half_of_the_shorter_must_overlap(cited: Span, counts: bool) -> None:
    assert counts_for(cited, FIRST) is counts
    assert counts_for(FIRST, cited) is counts


@given(SPANS, SPANS)
def test_overlap_is_that_of_the_sets_of_characters(one: Span, other: Span) -> None:
    def characters(span: Span) -> set[tuple[str, int]]:
        return {(span.article_id, place) for place in range(span.start, span.end)}

    assert overlap(one, other) == overlap(other, one) == len(characters(one) & characters(other))


def test_a_piece_is_cited_by_any_of_its_equivalent_sentences_and_once_only() -> None:
    assert pieces_cited(GOLD, []) == 0
    assert pieces_cited(GOLD, [COPY]) == 1
    assert pieces_cited(GOLD, [FIRST, COPY]) == 1
    assert pieces_cited(GOLD, [COPY, SECOND]) == 2
    assert pieces_cited((), [FIRST]) == 0


def test_answer_sentences_on_gold_count_by_any_of_their_citations() -> None:
    beside = Span("a", 200, 240)
    assert sentences_on_gold(GOLD, [[beside, COPY], [beside], [], [SECOND, FIRST]]) == 2
    assert sentences_on_gold((), [[FIRST]]) == 0


def test_the_first_passage_that_a_gold_sentence_stands_in() -> None:
    passages = [Span("b", 50, 90), Span("c", 0, 90), Span("a", 99, 300), Span("b", 0, 50)]
    assert first_gold_passage(GOLD, passages) == 3
    assert first_gold_passage(GOLD, passages[:2]) is None
    assert first_gold_passage((), passages) is None


def test_shared_content_words_by_hand() -> None:
    # Content words: heavy, object, pulled; "pulling" has the stem of "pulled".
    assert shared_content_words("How heavy is the object that was pulled up?", ["Pulling it took an hour."]) == 1 / 3
    # A word counts once, whichever sentence it stands in.
    assert shared_content_words("Bell, bell and river?", ["The bells rang.", "A river."]) == 1.0
    assert shared_content_words("Which bell?", []) == 0.0
    # Nothing but function words: they are all there is to share.
    assert shared_content_words("Why?", ["That is why."]) == 1.0
    assert shared_content_words("?", ["Why"]) == 0.0
