"""What the chat shows is the articles' text, character by character, and never anything that runs."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from index.records import Article, ArticleInfo, Filters, Furniture, Sentence, article_id_for, version_of
from qa.records import Answer, AnswerSentence, Citation, Period, Refusal, RefusalReason, Verdict
from ui import render
from ui.render import Anchor

HOSTILE = (
    "**x** <script>alert(1)</script> [a](javascript:alert(1)) ![](http://x.invalid/y.png) $$x$$ &amp; | # - 1. "
    "\"q\" 'q' `c` ~~s~~ _u_ www.x.invalid me@x.invalid http://x.invalid ${alert(1)} {{value}} "
    "<img src=x onerror=alert(1)>"
)
REASONS: tuple[RefusalReason, ...] = (
    "empty_archive",
    "nothing_relevant",
    "not_answered",
    "filters_left_nothing",
    "unsupported_language",
)
any_text = st.text(max_size=200) | st.text(
    alphabet="<>&\"'`*_[]()!#|$\\{}\r\n\t ab1.\u202e\u2067\u2069\u00a0", max_size=200
)


def make_article(text: str, title: str | None = None, **fields: object) -> Article:
    info = ArticleInfo(article_id_for(text), version_of(text), None, title, None, (), None)
    return Article(replace(info, **fields), text)  # type: ignore[arg-type]


def cite(article: Article, start: int, end: int) -> Citation:
    sentence = Sentence(article.article_id, article.version, 0, start, end, article.text[start:end])
    return Citation(sentence, article.info, start, end)


def make_answer(*sentences: AnswerSentence, refusal: Refusal | None = None) -> Answer:
    return Answer("Who?", date(2026, 11, 16), sentences, None, refusal, ())


def supported(text: str, *citations: Citation) -> AnswerSentence:
    return AnswerSentence(text, citations, Verdict("supported", 1.0))


def shown(text: str) -> str:
    """Text as HTML can carry it: U+0000 and surrogates can't be written there."""
    return re.sub("[\x00\ud800-\udfff]", "\ufffd", text)


def strip_tags(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


def article_text(html: str) -> str:
    match = re.search(r'<div class="cd-text" dir="auto">(.*)</div><p class="cd-back-line">', html, re.DOTALL)
    assert match is not None
    return match[1]


def marked(html: str) -> str:
    match = re.search(r'<mark id="quote"[^>]*>(.*)</mark>', html, re.DOTALL)
    assert match is not None
    return match[1]


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.extend(attrs)


def parsed(html: str) -> _Tags:
    parser = _Tags()
    parser.feed(html)
    parser.close()
    return parser


@st.composite
def articles_with_spans(draw: st.DrawFn) -> tuple[Article, Anchor, tuple[Furniture, ...]]:
    text = draw(any_text.filter(bool))
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6, unique=True)))
    kinds = draw(st.lists(st.sampled_from(("front_matter", "title", "caption")), min_size=3, max_size=3))
    furniture = tuple(Furniture(*span) for span in zip(cuts[::2], cuts[1::2], kinds, strict=False))
    start = draw(st.integers(0, len(text) - 1))
    end = draw(st.integers(start + 1, len(text)))
    article = make_article(text, draw(st.none() | any_text), url=draw(st.none() | any_text), outlet=draw(any_text))
    return article, Anchor(article.article_id, article.version, start, end), furniture


@given(articles_with_spans(), st.none() | any_text)
def test_the_panel_holds_the_articles_text_and_marks_exactly_the_quote(
    drawn: tuple[Article, Anchor, tuple[Furniture, ...]], newer_text: str | None
) -> None:
    article, anchor, furniture = drawn
    newer = None if newer_text is None else make_article(newer_text)
    html = render.render_article(article, anchor, furniture, newer=newer)
    assert strip_tags(article_text(html)) == shown(article.text)
    assert strip_tags(marked(html)) == shown(article.text[anchor.start : anchor.end])
    allowed = {"article", "header", "h2", "bdi", "p", "span", "div", "mark", "a"}
    if newer is not None:
        allowed |= {"details", "summary", "del", "ins"}
    assert set(parsed(html).tags) <= allowed


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


@given(any_text, any_text, any_text)
def test_a_hostile_answer_brings_no_tag_of_its_own(quote: str, title: str, outlet: str) -> None:
    assume(quote)
    article = make_article(quote, title, outlet=outlet)
    html = render.render_answer(
        replace(
            make_answer(supported(quote, cite(article, 0, len(quote)))),
            short_answer=quote,
            filters=Filters(outlets=(outlet,)),
            period=Period(title, date(2026, 1, 1), date(2026, 1, 2)),
        )
    )
    tags = parsed(html)
    assert set(tags.tags) <= {"div", "p", "a", "ol", "li", "span"}
    assert {name for name, _ in tags.attributes} <= {"class", "href", "title"}
    assert all(value and value.startswith("#s-") for name, value in tags.attributes if name == "href")
    assert "\n" not in html


def test_a_citation_is_numbered_once_and_its_anchor_reads_back() -> None:
    article = make_article("One here. Two there.", "A title", outlet="A Wire", published=date(2026, 11, 9))
    first, second = cite(article, 0, 9), cite(article, 10, 20)
    html = render.render_answer(make_answer(supported("a", first), supported("b", second, first)))
    marks = re.findall(r'<a class="cd-mark" href="#s-([^"]+)"[^>]*>(\d+)</a>', html)
    assert [number for _, number in marks] == ["1", "2", "1"]
    assert [render.parse_anchor(anchor) for anchor, _ in marks] == [
        render.anchor_of(citation) for citation in (first, second, first)
    ]
    assert html.count("<li>") == 2
    assert "A title A Wire, 9 November 2026" in strip_tags(html)


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


def test_the_four_refusals_read_differently_and_each_shows_a_way_on() -> None:
    messages = [render.render_answer(make_answer(refusal=Refusal(reason, "As it is."))) for reason in REASONS]
    assert len(set(messages)) == len(REASONS)
    assert all('class="cd-way-on"' in message and "cd-nearest" not in message for message in messages)
    assert len({re.findall(r'cd-way-on">(.*?)</p>', message)[0] for message in messages}) == len(REASONS)


def test_a_refusals_nearest_sentences_are_shown_as_no_answer_and_open_their_article() -> None:
    citation = cite(make_article("Near <b>it</b>."), 0, 15)
    html = render.render_answer(make_answer(refusal=Refusal("not_answered", "No.", (citation,))))
    assert "Closest, but not an answer" in html
    assert f'<a href="#s-{render.anchor_of(citation)}">' in html
    assert "Near <b>it</b>." in unescape(html)
    assert "<b>" not in html


def test_what_a_follow_up_was_understood_as_is_told_and_escaped() -> None:
    html = render.render_answer(replace(make_answer(supported("x")), understood_as=f"Why? ({HOSTILE})"))
    assert f"Understood as: Why? ({HOSTILE})" in strip_tags(html)
    assert not {"script", "img", "b"} & set(parsed(html).tags)
    assert "Understood" not in render.render_answer(make_answer(supported("x")))


def test_filters_period_and_undated_articles_are_told() -> None:
    answer = replace(
        make_answer(supported("x")),
        period=Period("last week", date(2026, 11, 9), date(2026, 11, 15)),
        filters=Filters(
            outlets=("A Wire", "B & Co"), published_from=date(2026, 10, 28), published_to=date(2026, 11, 3)
        ),
        undated_left_out=2,
    )
    text = strip_tags(render.render_answer(answer))
    assert "“last week” read as 9–15 November 2026" in text
    assert "only A Wire, B & Co" in text
    assert "published 28 October – 3 November 2026" in text
    assert "2 undated articles left out" in text


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


@pytest.mark.parametrize("url", ["https://news.example.org/a?b=1&c=%22", "http://example.org"])
def test_web_links_open_apart_and_tell_nothing(url: str) -> None:
    html = render.render_article(make_article("x", url=url), Anchor("a", "b", 0, 1), ())
    attributes = parsed(html).attributes
    assert ("href", url) in attributes
    assert ("rel", "noopener noreferrer") in attributes
    assert ("target", "_blank") in attributes


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        "/home/me/article.txt",
        "https://",
        "https://[",
        "https://exam\u202eple.org",
        'https://x.invalid/" onclick="alert(1)',
    ],
)
def test_anything_but_a_web_address_is_shown_and_not_linked(url: str) -> None:
    html = render.render_article(make_article("x", url=url), Anchor("a", "b", 0, 1), ())
    assert [value for name, value in parsed(html).attributes if name == "href"] == ["#conversation"]
    assert render.one_line(url) in strip_tags(html)


def test_furniture_is_dimmed_inside_and_around_the_quote() -> None:
    text = "Caption. The quote, (AFP) here. Source: X"
    furniture = (Furniture(0, 8, "caption"), Furniture(20, 25, "credit"), Furniture(32, 41, "source_line"))
    html = render.render_article(make_article(text), Anchor("a", "b", 9, 31), furniture)
    spans = re.findall(r'<span class="cd-furniture cd-(\w+)">([^<]*)</span>', article_text(html))
    assert spans == [("caption", "Caption."), ("credit", "(AFP)"), ("source_line", "Source: X")]
    assert strip_tags(marked(html)) == "The quote, (AFP) here."


def test_what_has_changed_since_is_shown_and_escaped() -> None:
    old, new = (
        make_article("It cost <b>90</b> million. So they said."),
        make_article("It cost <i>0</i> million. So they said."),
    )
    html = render.render_article(old, Anchor("a", "b", 0, 7), (), newer=new)
    shown = html.split('<div class="cd-changes" dir="auto">', 1)[1].split("</div>", 1)[0]
    assert "<del>90</del><ins>0</ins>" in shown.replace("</del><ins>", "</del><ins>")
    assert "<b>" not in html
    assert "<i>" not in html
    assert "The article has changed since" in html
    assert "The article has changed since" not in render.render_article(old, Anchor("a", "b", 0, 7), ())


@pytest.mark.parametrize("first_line", ["# The title", "The title"])
def test_what_the_head_shows_is_not_shown_again(first_line: str) -> None:
    text = f"---\noutlet: A Wire\n---\n\n{first_line}\n\nThe quote. The title"
    at = text.index(first_line)
    furniture = (Furniture(0, 23, "front_matter"), Furniture(at, at + len(first_line), "title"))
    anchor = Anchor("a", "b", text.index("The quote"), text.index("The quote") + 10)
    html = article_text(render.render_article(make_article(text, "The title"), anchor, furniture))
    assert strip_tags(html) == text
    assert strip_tags(html.partition("</span>")[2]) == "The quote. The title"
    assert html.startswith('<span hidden="">')
    other = article_text(render.render_article(make_article(text, "Another"), anchor, furniture))
    assert strip_tags(other.partition("</span>")[2]).startswith(first_line)


def test_offsets_are_code_points() -> None:
    text = "😀😀 naïve 👩‍👩‍👧 quote."
    start = text.index("quote")
    html = render.render_article(make_article(text), Anchor("a", "b", start, start + 6), ())
    assert marked(html) == "quote."


def test_an_untitled_article_goes_by_its_outlet_and_first_words() -> None:
    text = "Eleven words are enough to show that the rest is cut."
    html = render.render_article(
        make_article(text, outlet="A Wire"), Anchor("a", "b", 0, 6), (), newer=make_article("Other")
    )
    assert "<h2><bdi>A Wire: Eleven words are enough to show that the rest is…</bdi></h2>" in html
    assert "changed since" in html
    assert "undated" in html


def test_direction_overrides_are_shut_in_and_kept_out_of_headings() -> None:
    text = "safe \u202egnp.exe tail"
    html = render.render_article(make_article(text, "T\u202ei"), Anchor("a", "b", 0, 4), ())
    assert "<bdi>\u202e</bdi>" in html
    assert "<h2><bdi>Ti</bdi></h2>" in html
    assert "\u202e" not in render.escape_markdown(text)


@pytest.mark.parametrize("label", ["partial", "contradicted", "unsupported"])
def test_a_sentence_that_failed_its_check_says_so(label: str) -> None:
    doubtful = AnswerSentence("x", (), Verdict(label, 0.2))  # type: ignore[arg-type]
    assert "cd-warning" in render.render_answer(make_answer(doubtful))
    assert "cd-warning" not in render.render_answer(make_answer(supported("x")))


def test_the_empty_states_say_what_to_do() -> None:
    assert "copydesk add PATH" in render.render_welcome(0)
    assert "copydesk add" not in render.render_welcome(3)
    assert "highlighted" in render.render_no_evidence()
    assert "1 article from 1 outlet" in strip_tags(render.render_archive_line(1, 1))
    assert "2,388 articles" in strip_tags(render.render_archive_line(2388, 0))


@pytest.mark.parametrize(
    "render_message",
    [render.render_error, render.render_evidence_error, render.render_archive_error, render.render_status],
)
def test_messages_are_escaped(render_message: Callable[[str], str]) -> None:
    html = render_message(HOSTILE)
    assert HOSTILE in strip_tags(html)
    assert not {"script", "img", "b"} & set(parsed(html).tags)


def test_near_copies_are_counted_as_one_source() -> None:
    one, other, third = (make_article("It rained.", url=name) for name in "abc")
    articles = [replace(a, info=replace(a.info, article_id=f"{n}" * 16)) for n, a in enumerate((one, other, third))]
    answer = make_answer(supported("It rained.", *(cite(article, 0, 10) for article in articles)))
    assert "cd-copies" not in render.render_answer(answer)
    copies = replace(answer, near_copies={"0" * 16: "g", "1" * 16: "g"})
    assert "2 sources, 3 articles" in render.render_answer(copies)
