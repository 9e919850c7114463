"""What the page is written with: whatever an article or a person says shows as it is and never runs."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from html import unescape

import pytest
from hypothesis import given

from tests.page_support import HOSTILE, any_text, cite, make_article, parsed, shown, strip_tags
from ui import render


@given(any_text)
def test_escaped_text_has_no_markup_left_and_reads_back(text: str) -> None:
    for escaped in (render.escape_text(text), render.escape_markdown(text)):
        assert not set("<>\"'") & set(escaped)
        assert "&" not in re.sub(r"&(?:amp|lt|gt|quot|#x27|#\d+);", "", escaped)
    assert unescape(render.escape_text(text)) == shown(text)
    assert unescape(render.escape_markdown(text)) == render.one_line(text)


@given(any_text)
def test_chat_text_holds_nothing_that_markdown_reads(text: str) -> None:
    escaped = render.escape_markdown(text)
    without_references = re.sub(r"&#\d+;", "", escaped)
    assert not re.search(r"[!-/:-@\[-`{-~]", without_references)
    assert "\n" not in escaped
    assert "\r" not in escaped


def test_a_hostile_question_shows_literally() -> None:
    assert unescape(render.render_question(HOSTILE)) == HOSTILE
    assert parsed(render.render_question(HOSTILE)).tags == []


def test_an_anchor_carries_the_quote_not_its_sentence() -> None:
    citation = cite(make_article("They said: we won."), 0, 18)
    anchor = render.anchor_of(replace(citation, quote_start=11, quote_end=17))
    assert (anchor.start, anchor.end) == (11, 17)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "a.b.1",
        "a.b.1.2.3",
        "a.b.-1.2",
        "a.b.1.x",
        "a.b.1.2\n",
        "A.b.1.2",
        "../x.b.1.2",
        f"a.b.1.{'9' * 30}",
        "a.b.١.٢",
    ],
)
def test_what_is_no_anchor_is_not_read_as_one(text: str) -> None:
    assert render.parse_anchor(text) is None


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2026, 11, 9), date(2026, 11, 9), "9 November 2026"),
        (date(2026, 11, 9), date(2026, 11, 15), "9–15 November 2026"),
        (date(2026, 10, 28), date(2026, 11, 3), "28 October – 3 November 2026"),
        (date(2025, 12, 29), date(2026, 1, 4), "29 December 2025 – 4 January 2026"),
    ],
)
def test_days_name_each_part_once(first: date, last: date, expected: str) -> None:
    assert render.format_days(first, last) == expected


def test_the_empty_states_say_what_to_do() -> None:
    assert "copydesk add PATH" in render.render_welcome(0)
    assert "copydesk add" not in render.render_welcome(3)
    assert "1 article from 1 outlet" in strip_tags(render.render_archive_line(1, 1))
    assert "2,388 articles" in strip_tags(render.render_archive_line(2388, 0))


@pytest.mark.parametrize(
    "render_message",
    [render.render_error, render.render_archive_error, render.render_status],
)
def test_messages_are_escaped(render_message: Callable[[str], str]) -> None:
    html = render_message(HOSTILE)
    assert HOSTILE in strip_tags(html)
    assert not {"script", "img", "b"} & set(parsed(html).tags)
