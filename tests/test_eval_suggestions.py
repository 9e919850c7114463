"""Suggested questions: the rules by example, what they must leave alone, and the draw over an archive."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import make_archive, make_article

from eval.answer_metrics import contains_answer
from eval.plain_gold import require_gold
from eval.question_people import NAME, People, people_in
from eval.question_rules import drafts
from eval.records import GoldQuote, Span
from eval.suggestions import Suggestion, suggest
from index.archive import Archive
from index.records import Filters, article_id_for

PEOPLE = People({"Brandt": "Ida Brandt"}, frozenset({"Ida", "Brandt", "Corvane", "Marn", "Harrow", "Veldstrom"}))

MADE = [
    ("Ida Brandt opened the Harrow Ford flood wall on Monday.", "Who opened the Harrow Ford flood wall?", "Ida Brandt"),
    (
        "Mayor Ida Brandt, 51, opened the flood wall at Harrow Ford, which cost a fortune.",
        "Who opened the flood wall at Harrow Ford?",
        "Ida Brandt",
    ),
    (
        "In 2019, Brandt founded a choir for Harrow Ford dockers.",
        "Who founded a choir for Harrow Ford dockers in 2019?",
        "Ida Brandt",
    ),
    ("Ida Brandt, 51, grows pears.", None, None),
    ("Ida Brandt, 51, grows pears behind an old barn.", "How old is Ida Brandt?", "51"),
    (
        "Ida Brandt, the mayor of Harrow Ford, said she was glad.",
        "Who is the mayor of Harrow Ford?",
        "Ida Brandt",
    ),
    (
        "More than 3,400 visitors came to Marn for the spring fair of Harrow Ford.",
        "How many visitors came to Marn for the spring fair of Harrow Ford?",
        "More than 3,400",
    ),
    (
        "Corvane will cut 410 jobs in Dunmere by the end of 2027.",
        "How many jobs will Corvane cut in Dunmere by the end of 2027?",
        "410",
    ),
    (
        "Veldstrom paid $3.5 million for new pylons across Tarn Moor.",
        "How much did Veldstrom pay for new pylons across Tarn Moor?",
        "$3.5 million",
    ),
    (
        "About 60% of Harrow Ford voters support another bridge over River Veld.",
        None,  # "another" leans on what was said of bridges before
        None,
    ),
    (
        "About 60% of Harrow Ford voters support a bridge over River Veld.",
        "What percentage of Harrow Ford voters support a bridge over River Veld?",
        "About 60%",
    ),
    (
        "Veldstrom bought Merrin Gas Works in 1998.",
        "In which year did Veldstrom buy Merrin Gas Works?",
        "1998",
    ),
    ("Fewer than 40% of hospitals lack beds in Marn, Corvane, Dunmere and Sallow.", None, None),  # half a list
    ("About 85% of the Harrow Ford deaths have been among old people, and many were men.", None, None),
    ("By comparison, Corvane cut 410 jobs in Dunmere in 1994.", None, None),
    ("Harrow Ford’s old mill, restored in 1994, drew 3,400 visitors.", None, None),
    ("Ida Brandt urged dockers – she named Ann Roe – to leave Harrow Ford at once.", None, None),
    (
        "Ida Brandt took a bus to Harrow Ford Tuesday morning to visit Corvane yards.",
        "Who took a bus to Harrow Ford to visit Corvane yards?",
        "Ida Brandt",
    ),
    ("Brandt was born in Port Merrin.", "Where was Ida Brandt born?", "Port Merrin"),
]


@pytest.mark.parametrize(("sentence", "question", "answer"), MADE, ids=[sentence for sentence, *_ in MADE])
def test_what_the_rules_make(sentence: str, question: str | None, answer: str | None) -> None:
    made = {draft.question: draft.answers[0] for draft in drafts(sentence, PEOPLE)}
    if question is None:
        assert made == {}
    else:
        assert made.get(question) == answer, made


@pytest.mark.parametrize(
    "sentence",
    [
        "",
        " \n\t",
        ".",
        "...",
        "No verb here at all, Ida Brandt and the Harrow Ford flood wall.",
        "Ida Brandt said the Harrow Ford flood wall was finished.",
        "Ida Brandt told visitors “it opened the Harrow Ford flood wall”.",
        "She opened the Harrow Ford flood wall on Monday.",
        "Ida Brandt signed it on Monday in Harrow Ford town hall.",
        "Ida Brandt signed the bill on Monday in town.",
        "Ida Brandt won.",
        "Who opened the Harrow Ford flood wall?",
        "Ida Brandt открыла новую стену в Harrow Ford on Monday morning.",
        "市長 Ida Brandt opened the Harrow Ford flood wall.",
        "The company paid $3.5 million for new pylons across Tarn Moor.",
        "Three people were arrested on Monday after a fight.",
        "After Ida Brandt opened the Harrow Ford flood wall in 2019.",
        "Ida Brandt opened the Harrow Ford flood wall " + "and " * 2000 + "left.",
        "Ida Brandt " + "(" * 3000 + ".",
        "\ud800 Ida Brandt opened the Harrow Ford flood wall.",
    ],
)
def test_what_they_leave_alone(sentence: str) -> None:
    assert drafts(sentence, PEOPLE) == []


def test_a_person_is_told_by_the_article_and_two_of_one_name_are_not() -> None:
    text = "Ida Brandt came. Brandt said no. Harrow Ford is far. Ann Roe left. Tom Roe, 51, stayed. Ukraine Roe."
    assert people_in(text).by_surname == {"Brandt": "Ida Brandt"}
    assert people_in("").by_surname == {}


_WORDS = st.sampled_from(
    "Ida Brandt Harrow Ford the a of in on at by 2019 410 $3 million 60% people jobs were was has paid cut opened won "
    "which who and , . ( – ' \" ! Monday He born Corvane, 51, more than About said \u202e \u0000 ß 市".split(" ")
)


@given(st.one_of(st.text(), st.lists(_WORDS, max_size=30).map(lambda words: " ".join(words) + ".")))
def test_no_text_breaks_the_rules_and_every_answer_is_in_the_sentence_or_a_name(text: str) -> None:
    people = people_in(text)
    for draft in drafts(text, PEOPLE):
        assert draft.question.endswith("?")
        assert draft.answers
        assert draft.answers[-1] in " ".join(text.split())
    assert all(" " in name for name in people.by_surname.values())
    assert NAME


FLOOD = make_article(
    "Rain fell for days. Ida Brandt opened the Harrow Ford flood wall on Monday.\n\nNobody was hurt. Brandt said so.",
    "https://veld.example/flood",
    title="Wall keeps Veld out",
    outlet="Veld Post",
    published=date(2026, 3, 2),
)
SAME = make_article(
    "Much happened. Ida Brandt opened the Harrow Ford flood wall last week.", "https://veld.example/same", title="Week"
)
OTHER = make_article(
    "Much happened. Ann Roe opened the Harrow Ford flood wall last year.", "https://veld.example/other", title="Year"
)


def made_of(folder: Path, *articles: object, seed: int = 0, filters: Filters = Filters()) -> list[Suggestion]:
    archive = make_archive(folder / "archive", articles)  # type: ignore[arg-type]
    try:
        found = list(suggest(archive, filters, seed))
        for one in found:
            quotes = [GoldQuote("", "", g.url, Span(article_id_for(g.url), g.start, g.end), g.quote) for g in one.gold]
            require_gold(quotes, archive)
            assert any(contains_answer(archive.article(one.article.article_id).text, text) for text in one.answers)
        return found
    finally:
        archive.close()


def test_a_suggestion_has_its_sentence_as_gold(tmp_path: Path) -> None:
    (one,) = made_of(tmp_path, FLOOD)
    assert (one.question, one.answers) == ("Who opened the Harrow Ford flood wall?", ("Ida Brandt", "Brandt"))
    assert one.before == "Rain fell for days."
    assert [gold.quote for gold in one.gold] == ["Ida Brandt opened the Harrow Ford flood wall on Monday."]


def test_a_sentence_elsewhere_that_says_the_same_is_gold_too(tmp_path: Path) -> None:
    (one,) = made_of(tmp_path, FLOOD, SAME)
    assert [gold.url for gold in one.gold] == ["https://veld.example/flood", "https://veld.example/same"]


def test_a_question_that_another_sentence_answers_otherwise_is_not_suggested(tmp_path: Path) -> None:
    assert made_of(tmp_path, FLOOD, OTHER) == []


def test_a_question_whose_answer_is_in_the_title_is_not_suggested(tmp_path: Path) -> None:
    told = make_article(FLOOD.text, "https://veld.example/flood", title="Brandt opens Harrow Ford flood wall")
    assert made_of(tmp_path, told) == []


def news(number: int) -> object:
    place = f"Port {chr(65 + number)}{'abcdefghij'[number]}ton"
    text = (
        f"Corvane paid ${number + 2} million for new cranes in {place}. More than {number + 3},400 visitors came to "
        f"{place} for a fair of many dockers. At least {number + 20} lorries brought steel to {place} for Corvane."
    )
    return make_article(text, f"https://veld.example/{number}", title="News", published=date(2026, 3, 1 + number))


def test_the_seed_draws_over_the_articles_before_it_takes_a_second_of_one(tmp_path: Path) -> None:
    articles = [news(number) for number in range(6)]
    first = made_of(tmp_path, *articles)
    assert len({one.article.article_id for one in first[:6]}) == 6
    assert len(first) > 6
    assert len({one.question_id for one in first}) == len(first)
    again = made_of(tmp_path, *articles)
    assert [one.question_id for one in again] == [one.question_id for one in first]
    other = made_of(tmp_path, *articles, seed=1)
    assert {one.question_id for one in other} == {one.question_id for one in first}
    assert [one.question_id for one in other] != [one.question_id for one in first]


def test_filters_and_other_languages(tmp_path: Path) -> None:
    german = make_article(
        "Der Rat tagte lange und beschloss nichts. Die Mauer ist fertig und steht. Ida Brandt opened Harrow Ford.",
        "https://veld.example/de",
    )
    assert made_of(tmp_path, FLOOD, german, filters=Filters(outlets=("Veld Post",)))
    assert made_of(tmp_path, FLOOD, filters=Filters(outlets=("Marn Times",))) == []


def test_an_article_without_an_address_is_named_by_its_file(tmp_path: Path) -> None:
    from support import FakeEmbedder

    from index.build import add_articles
    from index.loaders import load_paths

    path = tmp_path / "flood.txt"
    path.write_text(FLOOD.text, encoding="utf-8")
    archive = Archive(tmp_path / "archive")
    add_articles(archive, FakeEmbedder(), load_paths([path]))
    (one,) = suggest(archive)
    assert one.gold[0].url == str(path)
    archive.close()
