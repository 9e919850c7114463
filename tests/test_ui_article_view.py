"""The panel shows an article character by character, marks exactly what is cited, and never runs anything of it."""

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.records import Article, Furniture
from tests.page_support import HOSTILE, any_text, make_article, parsed, shown, strip_tags
from ui import render
from ui.article_view import render_article, render_evidence_error, render_no_evidence
from ui.render import Anchor


def article_text(html: str) -> str:
    match = re.search(r'<div class="cd-text" dir="auto">(.*)</div><p class="cd-back-line">', html, re.DOTALL)
    assert match is not None
    return match[1]


def marked(html: str) -> str:
    match = re.search(r'<mark id="quote"[^>]*>(.*)</mark>', html, re.DOTALL)
    assert match is not None
    return match[1]


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


@given(
    articles_with_spans(),
    st.none() | any_text,
    st.lists(st.tuples(st.integers(0, 220), st.integers(0, 220), st.booleans()), max_size=5),
)
def test_the_panel_holds_the_articles_text_and_marks_exactly_the_quote(
    drawn: tuple[Article, Anchor, tuple[Furniture, ...]], newer_text: str | None, cited: list[tuple[int, int, bool]]
) -> None:
    article, anchor, furniture = drawn
    newer = None if newer_text is None else make_article(newer_text)
    others = [Anchor(anchor.article_id if here else "b", anchor.version, *span) for *span, here in cited]
    html = render_article(article, anchor, furniture, newer=newer, cited=(anchor, *others))
    assert strip_tags(article_text(html)) == shown(article.text)
    assert strip_tags(marked(html)) == shown(article.text[anchor.start : anchor.end])
    allowed = {"article", "header", "h2", "bdi", "p", "span", "div", "mark", "a"}
    if others:
        allowed |= {"nav", "button", "kbd"}
    if newer is not None:
        allowed |= {"details", "summary", "del", "ins"}
    assert set(parsed(html).tags) <= allowed


@pytest.mark.parametrize("url", ["https://news.example.org/a?b=1&c=%22", "http://example.org"])
def test_web_links_open_apart_and_tell_nothing(url: str) -> None:
    html = render_article(make_article("x", url=url), Anchor("a", "b", 0, 1), ())
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
    html = render_article(make_article("x", url=url), Anchor("a", "b", 0, 1), ())
    assert [value for name, value in parsed(html).attributes if name == "href"] == ["#conversation"]
    assert render.one_line(url) in strip_tags(html)


def test_furniture_is_dimmed_inside_and_around_the_quote() -> None:
    text = "Caption. The quote, (AFP) here. Source: X"
    furniture = (Furniture(0, 8, "caption"), Furniture(20, 25, "credit"), Furniture(32, 41, "source_line"))
    html = render_article(make_article(text), Anchor("a", "b", 9, 31), furniture)
    spans = re.findall(r'<span class="cd-furniture cd-(\w+)">([^<]*)</span>', article_text(html))
    assert spans == [("caption", "Caption."), ("credit", "(AFP)"), ("source_line", "Source: X")]
    assert strip_tags(marked(html)) == "The quote, (AFP) here."


def test_what_has_changed_since_is_shown_and_escaped() -> None:
    old, new = (
        make_article("It cost <b>90</b> million. So they said."),
        make_article("It cost <i>0</i> million. So they said."),
    )
    html = render_article(old, Anchor("a", "b", 0, 7), (), newer=new)
    shown = html.split('<div class="cd-changes" dir="auto">', 1)[1].split("</div>", 1)[0]
    assert "<del>90</del><ins>0</ins>" in shown.replace("</del><ins>", "</del><ins>")
    assert "<b>" not in html
    assert "<i>" not in html
    assert "The article has changed since" in html
    assert "The article has changed since" not in render_article(old, Anchor("a", "b", 0, 7), ())


@pytest.mark.parametrize("first_line", ["# The title", "The title"])
def test_what_the_head_shows_is_not_shown_again(first_line: str) -> None:
    text = f"---\noutlet: A Wire\n---\n\n{first_line}\n\nThe quote. The title"
    at = text.index(first_line)
    furniture = (Furniture(0, 23, "front_matter"), Furniture(at, at + len(first_line), "title"))
    anchor = Anchor("a", "b", text.index("The quote"), text.index("The quote") + 10)
    html = article_text(render_article(make_article(text, "The title"), anchor, furniture))
    assert strip_tags(html) == text
    assert strip_tags(html.partition("</span>")[2]) == "The quote. The title"
    assert html.startswith('<span hidden="">')
    other = article_text(render_article(make_article(text, "Another"), anchor, furniture))
    assert strip_tags(other.partition("</span>")[2]).startswith(first_line)


def test_offsets_are_code_points() -> None:
    text = "😀😀 naïve 👩‍👩‍👧 quote."
    start = text.index("quote")
    html = render_article(make_article(text), Anchor("a", "b", start, start + 6), ())
    assert marked(html) == "quote."


def test_an_untitled_article_goes_by_its_outlet_and_first_words() -> None:
    text = "Eleven words are enough to show that the rest is cut."
    html = render_article(make_article(text, outlet="A Wire"), Anchor("a", "b", 0, 6), (), newer=make_article("Other"))
    assert "<h2><bdi>A Wire: Eleven words are enough to show that the rest is…</bdi></h2>" in html
    assert "changed since" in html
    assert "undated" in html


def test_direction_overrides_are_shut_in_and_kept_out_of_headings() -> None:
    text = "safe \u202egnp.exe tail"
    html = render_article(make_article(text, "T\u202ei"), Anchor("a", "b", 0, 4), ())
    assert "<bdi>\u202e</bdi>" in html
    assert "<h2><bdi>Ti</bdi></h2>" in html
    assert "\u202e" not in render.escape_markdown(text)


def also(html: str) -> list[str]:
    return [strip_tags(one) for one in re.findall(r'<mark class="cd-also">(.*?)</mark>', html, re.DOTALL)]


def here(start: int, end: int) -> Anchor:
    return Anchor("a", "b", start, end)


def stepped(anchor: Anchor, cited: Sequence[Anchor]) -> str:
    article = make_article("One here. Two there. Three now.")
    info = replace(article.info, article_id="a", version="b")
    return render_article(replace(article, info=info), anchor, (), cited=cited)


def test_what_else_the_answer_cites_is_marked_faintly() -> None:
    first, second, third = here(0, 9), here(10, 20), here(21, 31)
    elsewhere, beyond = Anchor("c", "b", 21, 31), here(25, 900)
    assert also(stepped(second, (first, second, third))) == ["One here.", "Three now."]
    assert also(stepped(first, (first, elsewhere, beyond))) == []
    assert also(stepped(second, (second, here(4, 25)))) == ["here. ", " Thre"]
    assert also(stepped(first, (first, here(10, 15), here(12, 20), here(12, 20)))) == ["Two t", "here."]


def test_one_can_step_from_citation_to_citation_but_not_beyond() -> None:
    cited = (here(0, 9), here(10, 20))
    first, last = (stepped(anchor, cited) for anchor in cited)
    assert "Citation 1 of 2" in strip_tags(first)
    assert re.findall(r'data-step="(-?1)"[^>]*aria-disabled="(\w+)"', first) == [("-1", "true"), ("1", "false")]
    assert re.findall(r'data-step="(-?1)"[^>]*aria-disabled="(\w+)"', last) == [("-1", "false"), ("1", "true")]
    assert "cd-step" not in stepped(cited[0], cited[:1])
    assert "cd-step" not in stepped(here(21, 31), cited)


def test_the_panels_messages_say_what_to_do_and_are_escaped() -> None:
    assert "highlighted" in render_no_evidence()
    html = render_evidence_error(HOSTILE)
    assert HOSTILE in strip_tags(html)
    assert not {"script", "img", "b"} & set(parsed(html).tags)
