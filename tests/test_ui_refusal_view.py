"""Refusals: each kind reads differently and leads on."""

import re
from dataclasses import replace
from datetime import date
from html import unescape
from urllib.parse import unquote

import pytest
from hypothesis import given

from index.records import Filters
from qa.records import Answer, Period, Refusal, RefusalReason
from tests.page_support import HOSTILE, REASONS, any_text, cite, make_answer, make_article, parsed
from ui import render
from ui.answer_view import render_answer
from ui.refusal_view import Again, parse_again, ways_on


def test_the_four_refusals_read_differently_and_each_shows_a_way_on() -> None:
    messages = [render_answer(make_answer(refusal=Refusal(reason, "As it is."))) for reason in REASONS]
    assert len(set(messages)) == len(REASONS)
    assert all('class="cd-way-on"' in message and "cd-nearest" not in message for message in messages)
    assert len({re.findall(r'cd-way-on">(.*?)</p>', message)[0] for message in messages}) == len(REASONS)


def test_a_refusals_nearest_sentences_are_shown_as_no_answer_and_open_their_article() -> None:
    citation = cite(make_article("Near <b>it</b>."), 0, 15)
    html = render_answer(make_answer(refusal=Refusal("not_answered", "No.", (citation,))))
    assert "Closest, but not an answer" in html
    assert f'<a href="#s-{render.anchor_of(citation)}">' in html
    assert "Near <b>it</b>." in unescape(html)
    assert "<b>" not in html


def refused(
    reason: RefusalReason, question: str = "Who?", *, near: bool = False, filters: Filters = Filters()
) -> Answer:
    nearest = (cite(make_article("Near it."), 0, 8),) if near else ()
    answer = make_answer(refusal=Refusal(reason, "No.", nearest))
    return replace(answer, question=question, filters=filters)


def words(answer: Answer) -> list[str]:
    return [way for way, _ in ways_on(answer)]


@given(any_text)
def test_a_question_to_be_asked_again_reads_back(question: str) -> None:
    sendable = question.encode("utf-8", "replace").decode()
    assert parse_again(str(Again(question, "dates"))) == Again(sendable, "dates")


@pytest.mark.parametrize("text", ["", "again-", "again-dates", "again-all.Who", "rephrase.Who", "Again-dates.Who"])
def test_what_is_no_question_to_be_asked_again_is_not_read_as_one(text: str) -> None:
    assert parse_again(text) is None


def test_filters_can_be_dropped_alone_and_together() -> None:
    dated, of_outlet = Filters(published_from=date(2026, 1, 1)), Filters(outlets=("A Wire",))
    both = Filters(outlets=("A Wire",), published_to=date(2026, 1, 1))
    change = "Change the filters"
    assert words(refused("filters_left_nothing", filters=dated)) == ["Drop the date filter and ask again", change]
    assert words(refused("filters_left_nothing", filters=of_outlet)) == ["Drop the outlet filter and ask again", change]
    assert words(refused("filters_left_nothing", filters=both))[-2:] == ["Drop both and ask again", change]
    assert words(refused("not_answered", filters=dated))[0] == "Drop the date filter and ask again"
    assert words(refused("empty_archive", filters=dated)) == ["Add articles"]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How old is the inspector who warned Harrow Ford?", "Ask “What happened with Harrow Ford?”"),
        ("Who is the mayor in Harrow Ford?", "Ask “What happened in Harrow Ford?”"),
        ("What is Ann Roe's age?", "Ask “What happened with Ann Roe?”"),
    ],
)
def test_a_question_on_something_named_can_be_asked_more_broadly(question: str, expected: str) -> None:
    assert expected in words(refused("not_answered", question, near=True))
    assert expected not in words(refused("nothing_relevant", question))


def test_nothing_broader_is_offered_where_nothing_is_named_or_it_was_asked() -> None:
    for question in ("Who?", "Which of them left?", "What happened in Harrow Ford?"):
        assert words(refused("not_answered", question, near=True)) == ["Rephrase the question"]


def test_the_days_that_were_read_can_be_left_out() -> None:
    answer = replace(
        refused("nothing_relevant", "Who won the race last week?"),
        period=Period("last week", date(2026, 1, 1), date(2026, 1, 7)),
    )
    assert ("Ask without “last week”", str(Again("Who won the race?"))) in ways_on(answer)
    assert words(answer)[-1] == "Add articles"


def test_a_hostile_question_is_taken_along_and_runs_nowhere() -> None:
    html = render_answer(refused("nothing_relevant", HOSTILE, filters=Filters(published_from=date(2026, 1, 1))))
    links = [value or "" for name, value in parsed(html).attributes if name == "href"]
    assert all(re.fullmatch(r"#[\w.%~-]+", link) for link in links)
    assert HOSTILE in [unquote(link.partition(".")[2]) for link in links]
    assert not {"script", "img", "b"} & set(parsed(html).tags)
