"""Quoted sentences: what counts as the same statement, how many are given, and whose characters are cited."""

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.records import Article, Sentence
from qa.compose import MOST_SENTENCES, SURE_OF_SPAN, compose, distinct, quoted_text, short_answer
from qa.records import Citation, ScoredSentence, Span
from qa.sameness import same_statement
from tests.support import make_article

ASKED = "How much does the bell weigh?"


def scored(article: Article, quote: str, score: float) -> ScoredSentence:
    start = article.text.index(quote)
    sentence = Sentence(article.article_id, article.version, 0, start, start + len(quote), quote)
    return ScoredSentence(Citation(sentence, article.info, start, start + len(quote)), score, 0.5)


def ranked(*sentences: tuple[str, float]) -> list[ScoredSentence]:
    return [
        scored(make_article(text, f"https://news.example/{number}"), text, score)
        for number, (text, score) in enumerate(sentences)
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("He voted for the wall.", "He voted against the wall."),
        ("It cost $90 million.", "It cost 0 million."),
        ("It cost $90 million.", "It cost $19 million."),
        ("It cost $90 million.", "It cost €90 million."),
        ("It cost $90 million.", "It cost $90 billion."),
        ("About 1,600 died.", "About 1,900 died."),
        ("Prices rose 1.5%.", "Prices rose 15%."),
        ("Prices rose 5%.", "Prices rose 5."),
        ("It was -5 degrees.", "It was 5 degrees."),
        ("It was −5 degrees.", "It was 5 degrees."),
        ("The gate is safe.", "The gate is not safe."),
        ("The gate isn't safe.", "The gate is safe."),
        ("He has cancer.", "He had cancer."),
        ("The wall fell.", "The wall fell?"),
        ("Rennick thanked Thorel.", "Thorel thanked Rennick."),
        ("***", "---"),
    ],
)
def test_what_says_something_else_is_never_merged(one: str, other: str) -> None:
    assert not same_statement(one, other)
    assert len(compose(ASKED, ranked((one, 0.9), (other, 0.9)))) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("“The wall fell,” he said.", '"The wall fell", he says.'),
        ("The  wall\u00a0fell\non Monday.", "The wall fell on Monday."),
        ("He said that the wall fell.", "He said the wall fell."),
        ("The wall isn’t safe.", "The wall isn't safe."),
        ("The caf\u00e9 closed.", "The cafe\u0301 closed."),
        ("“Did it fall?”", '"Did it fall?"'),
    ],
)
def test_wire_copies_are_one_sentence_with_all_their_sources(one: str, other: str) -> None:
    first = make_article(f"Some lead.\n\n{one} More.", "https://one.example/a")
    second = make_article(f"{other} Something else.", "https://two.example/a")
    (sentence,) = compose(ASKED, [scored(first, one, 0.9), scored(second, other, 0.1)])
    assert [citation.article.url for citation in sentence.citations] == [first.info.url, second.info.url]
    for citation, article in zip(sentence.citations, (first, second), strict=True):
        assert citation.quote == article.text[citation.quote_start : citation.quote_end]
    assert sentence.citations[1].quote == other
    assert sentence.text == " ".join(one.split())


def test_an_article_that_says_the_same_twice_is_cited_once() -> None:
    article = make_article("It fell. It fell again. It fell.")
    again = article.text.rindex("It fell.")
    twice = Sentence(article.article_id, article.version, 2, again, again + 8, "It fell.")
    both = [scored(article, "It fell.", 0.9), ScoredSentence(Citation(twice, article.info, again, again + 8), 0.8, 0.5)]
    (sentence,) = compose(ASKED, both)
    assert len(sentence.citations) == 1
    assert len(distinct(both)) == 1


def test_twenty_copies_leave_room_for_another_sentence() -> None:
    copies = [(f"“The wall fell”, {'said' if n % 2 else 'says'} the mayor.", 0.9) for n in range(20)]
    first, second = compose(ASKED, ranked(*copies, ("Nobody was hurt.", 0.8)))
    assert len(first.citations) == 20
    assert second.text == "Nobody was hurt."


def test_further_sentences_must_be_nearly_as_good_as_the_best() -> None:
    answers = compose(ASKED, ranked(("One is best.", 0.5), ("Two is near.", 0.3), ("Three is far.", 0.29)))
    assert [sentence.text for sentence in answers] == ["One is best.", "Two is near."]


def test_exactly_so_many_for_measuring() -> None:
    sentences = ranked(*((f"Number {n} is here.", 1 / (n + 1) ** 3) for n in range(9)))
    assert len(compose(ASKED, sentences, exactly=3)) == 3
    assert len(compose(ASKED, sentences[:2], exactly=3)) == 2
    assert len(compose(ASKED, sentences)) == 1
    assert compose(ASKED, []) == () == compose(ASKED, [], exactly=3)


def test_a_composed_sentence_is_not_checked_yet() -> None:
    (sentence,) = compose(ASKED, ranked(("The wall fell.", 0.1)))
    assert (sentence.verdict.label, sentence.verdict.score) == ("not checked", None)


WEIGHS = "It weighs 212\n  kilograms, he said."


def best_with(span: Span | None) -> ScoredSentence:
    """A sentence that doesn't open its article, so that its span's offsets are not the article's."""
    return replace(scored(make_article(f"A bell was found. {WEIGHS}"), WEIGHS, 0.9), span=span)


def test_the_words_of_the_best_sentence_are_the_short_answer() -> None:
    start = WEIGHS.index("212")
    end = WEIGHS.index(",")
    assert short_answer(ASKED, best_with(Span(start, end, 9.0))) == "212 kilograms"
    assert short_answer(ASKED, best_with(Span(start - 1, end, 9.0))) == "212 kilograms"
    assert short_answer(ASKED, best_with(Span(0, len(WEIGHS), 9.0))) == "It weighs 212 kilograms, he said."


def test_no_short_answer_where_the_reader_is_not_sure_or_no_few_words_answer() -> None:
    sure, unsure = Span(10, 13, 9.0), Span(10, 13, -0.1)
    assert short_answer(ASKED, best_with(unsure)) is None
    assert short_answer("Why is it so heavy?", best_with(sure)) is None
    assert short_answer("Is it heavy?", best_with(sure)) is None
    for question, span in ((ASKED, unsure), ("Why is it so heavy?", sure)):
        assert short_answer(question, best_with(span), forced=True) == "212"


def test_how_sure_the_reader_must_be() -> None:
    assert short_answer(ASKED, best_with(Span(10, 13, SURE_OF_SPAN))) == "212"
    assert short_answer(ASKED, best_with(Span(10, 13, SURE_OF_SPAN - 0.01))) is None


def test_a_pronoun_is_no_short_answer() -> None:
    he = WEIGHS.index("he said")
    assert short_answer(ASKED, best_with(Span(he, he + 2, 9.0))) is None
    assert short_answer(ASKED, best_with(Span(he, he + 2, 9.0)), forced=True) is None


def test_no_short_answer_without_words() -> None:
    for forced in (False, True):
        assert short_answer(ASKED, best_with(None), forced=forced) is None
        blank = WEIGHS.index("\n")
        assert short_answer(ASKED, best_with(Span(blank, blank + 3, 9.0)), forced=forced) is None
        assert short_answer(ASKED, best_with(Span(5, 5, 9.0)), forced=forced) is None


@given(st.text(min_size=1), st.data())
def test_a_short_answer_is_the_sentences_own_words(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    best = replace(scored(make_article(text), text, 0.9), span=Span(start, end, 9.0))
    answer = short_answer(ASKED, best)
    if answer is not None:
        assert re.sub(r"\s", "", answer) == re.sub(r"\s", "", text[start:end])
        assert answer in quoted_text(best.citation)


@given(st.lists(st.tuples(st.text(min_size=1), st.floats(0, 1)), min_size=1, max_size=30))
def test_any_sentences_give_a_few_and_each_is_its_articles_own(sentences: list[tuple[str, float]]) -> None:
    best_first = sorted(ranked(*sentences), key=lambda one: -one.score)
    answers = compose(ASKED, best_first)
    assert 1 <= len(answers) <= MOST_SENTENCES
    for answer in answers:
        assert answer.text == quoted_text(answer.citations[0])
        assert re.sub(r"\s", "", answer.text) == re.sub(r"\s", "", answer.citations[0].quote)
        assert len({citation.article.article_id for citation in answer.citations}) == len(answer.citations)
        assert all(same_statement(answer.citations[0].quote, citation.quote) for citation in answer.citations)


WHY = "Why did the mill close?"


def from_article(article: Article, *scores: tuple[str, float]) -> list[ScoredSentence]:
    """Sentences of one article, in the order of their scores, each with its place in the article."""
    found = []
    for number, (quote, score) in enumerate(scores):
        one = scored(article, quote, score)
        found.append(
            replace(one, citation=replace(one.citation, sentence=replace(one.citation.sentence, position=number)))
        )
    return sorted(found, key=lambda one: -one.score)


def test_several_sentences_stand_in_the_order_of_their_articles_and_days() -> None:
    later = make_article("It was sold. The roof leaked in May.", "https://b.example/b", published=date(2026, 5, 2))
    earlier = make_article("The wheel broke. Nobody bought flour.", "https://a.example/a", published=date(2026, 4, 1))
    undated = make_article("Owls nested there.", "https://c.example/c")
    found = [
        *from_article(later, ("The roof leaked in May.", 0.9)),
        *from_article(earlier, ("The wheel broke.", 0.7), ("Nobody bought flour.", 0.8)),
        *from_article(undated, ("Owls nested there.", 0.85)),
    ]
    answers = compose(WHY, sorted(found, key=lambda one: -one.score))
    assert [one.text for one in answers] == [
        "The wheel broke.",
        "Nobody bought flour.",
        "The roof leaked in May.",
        "Owls nested there.",
    ]
    assert next(one.text for one in compose("Who bought the mill?", sorted(found, key=lambda one: -one.score))) == (
        "The roof leaked in May."
    )


def test_a_sentence_that_only_repeats_a_better_one_is_left_out() -> None:
    best = "The mill at Cray closed because its old wooden wheel broke in the flood."
    found = ranked((best, 0.9), ("The wooden wheel broke in a flood.", 0.85), ("The baker had left for Sallow.", 0.8))
    assert [one.text for one in compose(WHY, found)] == [best, "The baker had left for Sallow."]
    assert len(compose(WHY, found, exactly=3)) == 3
    for other in ("The wooden wheel broke in 3 floods.", "The wooden wheel did not break in the flood."):
        assert len(compose(WHY, ranked((best, 0.9), (other, 0.85)))) == 2


def test_what_a_sentence_leans_on_comes_before_it() -> None:
    article = make_article("Ada Brook runs the mill. She sold the wheel. A man bought it.")
    found = from_article(article, ("Ada Brook runs the mill.", 0.1), ("She sold the wheel.", 0.9))
    context, answer = compose("What was sold?", found)
    assert (context.text, context.context) == ("Ada Brook runs the mill.", True)
    assert (answer.text, answer.context) == ("She sold the wheel.", False)
    assert article.text[context.citations[0].quote_start :].startswith(context.text)
    both = from_article(article, ("Ada Brook runs the mill.", 0.8), ("She sold the wheel.", 0.9))
    assert [one.context for one in compose("What was sold?", both)] == [False, False]
    assert len(compose("What was sold?", found[:1])) == 1


def test_what_does_not_stand_right_before_is_no_context() -> None:
    article = make_article("Ada Brook runs the mill.\n\nSHARE THIS\n\nShe sold the wheel.")
    found = from_article(article, ("Ada Brook runs the mill.", 0.1), ("She sold the wheel.", 0.9))
    assert [one.text for one in compose("What was sold?", found)] == ["She sold the wheel."]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Six people were hurt when the mill burned.", "6 people were hurt when the mill burned."),
        ("Turnout was 71.4 percent in all.", "Turnout was 71.4% in all."),
        ("The harbour centre was organised by Ada Brook.", "The harbor center was organized by Ada Brook."),
        ("The old mill at Cray burned down.", "The old mill at Cray burned down on Monday."),
        (
            "The mayor told reporters that the old mill at Cray burned down.",
            "The mayor said the old mill at Cray burned down.",
        ),
    ],
)
def test_small_edits_make_no_second_statement(one: str, other: str) -> None:
    assert same_statement(one, other)
    (sentence,) = compose(WHY, ranked((one, 0.9), (other, 0.8)))
    assert len(sentence.citations) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The old mill at Cray burned down on Monday.", "The old mill at Cray burned down on Tuesday."),
        ("The mayor's son left the old mill at Cray.", "The mayor left the old mill at Cray."),
        ("The mill at Cray may have burned down.", "The mill at Cray has burned down."),
        ("The mill at Cray nearly burned down.", "The mill at Cray burned down."),
        ("Six people were hurt at Cray.", "Seven people were hurt at Cray."),
        ("It burned.", "It burned on Monday."),
    ],
)
def test_an_edit_that_matters_makes_another_statement(one: str, other: str) -> None:
    assert not same_statement(one, other)
    assert not same_statement(other, one)
