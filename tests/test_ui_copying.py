"""An answer as Markdown: its footnotes, and what an article says reads literally in it."""

from dataclasses import replace
from datetime import date

from tests.page_support import HOSTILE, cite, make_answer, make_article, supported
from ui.copying import answer_to_markdown


def test_an_answer_is_copied_with_its_sources_as_footnotes() -> None:
    wire = make_article(
        "4,200 people left.", "A title", outlet="A Wire", published=date(2026, 11, 9), url="https://a.example/x?b=1&c=2"
    )
    file = make_article("Most came back.", url="/home/me/article.txt")
    first, second = cite(wire, 0, 18), cite(file, 0, 15)
    answer = make_answer(supported("4,200 people left.", first), supported("Most came back.", second, first))
    assert answer_to_markdown(replace(answer, short_answer="4,200")) == (
        "**4,200** people left.[^1]\n\n"
        "Most came back.[^2][^1]\n\n"
        "As of 9 November 2026.\n\n"
        "[^1]: A title, A Wire, 9 November 2026, <https://a.example/x?b=1&c=2>\n"
        "[^2]: Most came back., undated\n"
    )


def test_a_short_answer_that_stands_in_no_sentence_comes_first() -> None:
    answer = replace(make_answer(supported("It left.", cite(make_article("It left."), 0, 8))), short_answer="yes")
    assert answer_to_markdown(answer).startswith("**yes**\n\nIt left.[^1]\n\n")


def test_what_an_article_says_is_no_markdown() -> None:
    article = make_article("x", HOSTILE, outlet="- a\n# b", url="https://a.example/<b>")
    for text in ("1. One", "- One", "+ One", "# One", "> One", "One\n\n# Two", HOSTILE):
        first, *_, notes = answer_to_markdown(make_answer(supported(text, cite(article, 0, 1)))).split("\n\n")
        assert first.replace("\\", "") == f"{' '.join(text.split())}[^1]"
        assert not first.startswith(("- ", "+ ", "# ", "> ", "1. "))
        assert notes.count("\n") == 1
        assert "<script" not in first.replace("\\<", "")
        assert notes.endswith("undated, \n") or "a.example" in notes
