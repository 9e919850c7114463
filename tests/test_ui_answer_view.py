"""An answer as a message: quoted word for word, marked, dated, checked, and never anything that runs."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from html import unescape

import pytest
from hypothesis import assume, given

from index.records import Filters
from qa.records import AnswerSentence, Generation, Period, Refusal, Removed, Verdict, VerdictLabel
from tests.page_support import HOSTILE, any_text, cite, make_answer, make_article, parsed, strip_tags, supported
from ui import render
from ui.answer_facts import short_answer_place
from ui.answer_view import VERDICT_MEANINGS, render_answer
from ui.copying import answer_to_markdown
from ui.previews import Around


@given(any_text, any_text, any_text)
def test_a_hostile_answer_brings_no_tag_of_its_own(quote: str, title: str, outlet: str) -> None:
    assume(quote)
    article = make_article(quote, title, outlet=outlet)
    citation = cite(article, 0, len(quote))
    html = render_answer(
        replace(
            make_answer(supported(quote, citation)),
            short_answer=quote[: len(quote) // 2],
            filters=Filters(outlets=(outlet,)),
            period=Period(title, date(2026, 1, 1), date(2026, 1, 2)),
        ),
        {render.anchor_of(citation): Around(title, outlet)},
    )
    tags = parsed(html)
    assert set(tags.tags) <= {
        *("div", "p", "a", "ol", "ul", "li", "span", "strong", "em", "mark", "details", "summary", "button")
    }
    assert {name for name, _ in tags.attributes} <= {"class", "href"}
    ways = ("#s-", "#again-nothing.", "#rephrase.")
    assert all(value and value.startswith(ways) for name, value in tags.attributes if name == "href")
    assert "\n" not in html


@given(any_text, any_text)
def test_what_a_language_model_wrote_is_told_and_brings_no_tag_of_its_own(text: str, reason: str) -> None:
    removed = Removed(text, "replaced", (reason,), Verdict("unsupported", 0.0), (), instead=reason)
    answer = replace(make_answer(supported("x")), generation=Generation(text, True, reason, (removed,)))
    tags = parsed(render_answer(answer))
    assert set(tags.tags) <= {"div", "p", "a", "ol", "ul", "li", "span", "em", "details", "summary", "button"}
    assert {name for name, _ in tags.attributes} <= {"class", "href"}
    assert "\n" not in render_answer(answer)


def test_what_was_written_and_is_not_shown_can_be_seen_on_demand() -> None:
    removed = (
        Removed(
            "Ninety fled.", "repaired", ("the article says forty",), Verdict("contradicted", 0.1), instead="Forty."
        ),
        Removed("The mayor fled.", "dropped", ("it cites nothing",), Verdict("unsupported", 0.0)),
    )
    html = render_answer(replace(make_answer(supported("Forty.")), generation=Generation("a:b", True, None, removed)))
    told = strip_tags(html)
    assert "Written by a:b, each sentence checked." in told
    assert "2 sentences not shown as written" in told
    assert "Ninety fled. Contradicted. The article says forty. Written anew: Forty." in told
    assert "The mayor fled. Not supported. It cites nothing. Left out." in told
    assert "<details" in html.split("Ninety")[0].rsplit("<div", 1)[1]
    quoted = Generation("a:b", False, "Nothing passed, so the articles are quoted.")
    told = strip_tags(render_answer(replace(make_answer(supported("Forty.")), generation=quoted)))
    assert "Nothing passed, so the articles are quoted." in told
    assert "Written by" not in told


def test_a_citation_is_numbered_once_and_its_anchor_reads_back() -> None:
    article = make_article("One here. Two there.", "A title", outlet="A Wire", published=date(2026, 11, 9))
    first, second = cite(article, 0, 9), cite(article, 10, 20)
    html = render_answer(make_answer(supported("a", first), supported("b", second, first)))
    marks = re.findall(r'<a class="cd-mark" href="#s-([^"]+)"[^>]*>(\d+)</a>', html)
    assert [number for _, number in marks] == ["1", "2", "1"]
    assert [render.parse_anchor(anchor) for anchor, _ in marks] == [
        render.anchor_of(citation) for citation in (first, second, first)
    ]
    assert html.count("<li><a") == 2
    assert "A title A Wire, 9 November 2026" in strip_tags(html)


def test_what_a_follow_up_was_understood_as_is_told_and_escaped() -> None:
    html = render_answer(replace(make_answer(supported("x")), understood_as=f"Why? ({HOSTILE})"))
    assert f"Understood as: Why? ({HOSTILE})" in strip_tags(html)
    assert not {"script", "img", "b"} & set(parsed(html).tags)
    assert "Understood" not in render_answer(make_answer(supported("x")))


def test_filters_period_and_undated_articles_are_told() -> None:
    answer = replace(
        make_answer(supported("x")),
        period=Period("last week", date(2026, 11, 9), date(2026, 11, 15)),
        filters=Filters(
            outlets=("A Wire", "B & Co"), published_from=date(2026, 10, 28), published_to=date(2026, 11, 3)
        ),
        undated_left_out=2,
    )
    text = strip_tags(render_answer(answer))
    assert "“last week” read as 9–15 November 2026" in text
    assert "only A Wire, B & Co" in text
    assert "published 28 October – 3 November 2026" in text
    assert "2 undated articles left out" in text


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("supported", "Supported"),
        ("partial", "Partly supported"),
        ("contradicted", "Contradicted"),
        ("unsupported", "Not supported"),
        ("not checked", "Not checked"),
    ],
)
def test_what_the_checker_found_is_told_in_words_with_its_reasons(label: VerdictLabel, name: str) -> None:
    checked = AnswerSentence("It rained.", (), Verdict(label, 0.25, (HOSTILE, "another number")))
    html = render_answer(make_answer(checked))
    assert f"<summary>{name}</summary>" in html
    assert f"cd-check-{label.replace(' ', '-')}" in html
    assert f"{VERDICT_MEANINGS[label]} Score 0.25 of 1." in strip_tags(html)
    assert html.count("<li>") == 2
    assert HOSTILE in strip_tags(html)
    unscored = replace(checked, verdict=Verdict(label, None))
    assert "Score" not in render_answer(make_answer(unscored))


@pytest.mark.parametrize(
    ("short", "texts", "place"),
    [
        ("four", ("Fourteen came, four left.",), (0, 15, 19)),
        ("C. D", ("A & B. C.\n D", "C. D"), (0, 7, 11)),
        ("(two)", ("None.", "One (two)."), (1, 4, 9)),
        ("eleven", ("It left.",), None),
        ("yes", ("It left.",), None),
    ],
)
def test_the_short_answer_is_bold_in_its_sentence_or_stands_above(
    short: str, texts: Sequence[str], place: tuple[int, int, int] | None
) -> None:
    answer = replace(make_answer(*(supported(text) for text in texts)), short_answer=short)
    html = unescape(render_answer(answer))
    assert short_answer_place(answer) == place
    assert (f'<strong class="cd-key">{short}</strong>' in html) == (place is not None)
    assert (f'<p class="cd-short">{short}</p>' in html) == (place is None)


def test_the_short_answer_is_looked_for_in_what_answers_before_what_explains() -> None:
    context = replace(supported("Ann Roe spoke."), context=True)
    answer = replace(make_answer(context, supported("It was Ann Roe.")), short_answer="Ann Roe")
    assert short_answer_place(answer) == (1, 7, 14)


def test_the_newest_source_dates_the_answer() -> None:
    days = (date(2026, 3, 9), None, date(2026, 3, 12))
    cited = [cite(make_article(f"It rained {day}.", published=day), 0, 9) for day in days]
    assert "As of 12 March 2026" in strip_tags(render_answer(make_answer(supported("It rained", *cited))))
    assert "As of" not in render_answer(make_answer(supported("It rained", cited[1])))


def test_a_preview_shows_the_sentence_between_its_neighbours() -> None:
    article = make_article("Before it. They said: we won. After it.", "A title", outlet="A Wire")
    citation = replace(cite(article, 11, 29), quote_start=22, quote_end=28)
    around = {render.anchor_of(citation): Around("Before it. " * 99, f"After it. {HOSTILE}")}
    html = render_answer(make_answer(supported("we won", citation)), around)
    preview = html[html.index('<span class="cd-preview">') :]
    assert "They said: <mark>we won</mark>." in unescape(preview).replace("&#58;", ":")
    assert strip_tags(preview).startswith("A titleA Wire, undated… ")
    assert HOSTILE[:100] in strip_tags(preview)
    assert not {"script", "img", "b"} & set(parsed(html).tags)


def test_the_copy_in_the_page_is_the_markdown_line_by_line() -> None:
    answer = make_answer(supported(HOSTILE, cite(make_article(HOSTILE), 0, 9)))
    html = render_answer(answer)
    kept = re.search(r'<span class="cd-copied">(.*?)</span>', html)
    assert kept is not None
    assert unescape(kept[1]) == answer_to_markdown(answer)
    assert "cd-copy" not in render_answer(make_answer(refusal=Refusal("not_answered", "No.")))


def test_near_copies_are_counted_as_one_source() -> None:
    one, other, third = (make_article("It rained.", url=name) for name in "abc")
    articles = [replace(a, info=replace(a.info, article_id=f"{n}" * 16)) for n, a in enumerate((one, other, third))]
    answer = make_answer(supported("It rained.", *(cite(article, 0, 10) for article in articles)))
    assert "cd-copies" not in render_answer(answer)
    copies = replace(answer, near_copies={"0" * 16: "g", "1" * 16: "g"})
    assert "2 sources, 3 articles" in render_answer(copies)
