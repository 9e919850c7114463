"""Furniture: what belongs to the page is labelled, and prose that looks a little like it is not."""

import os
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.furniture import find_furniture
from index.records import FurnitureKind

DATA = os.environ.get("COPYDESK_DATA")
needs_data = pytest.mark.skipif(not DATA, reason="COPYDESK_DATA is not set: the seed article is not here")

PROSE = "The council met on Monday and voted for the bridge."
MORE_PROSE = "Work on it is to begin in the spring of next year."


def labels(text: str, title: str | None = None) -> list[tuple[FurnitureKind, str]]:
    return [(item.kind, text[item.start : item.end]) for item in find_furniture(text, title)]


def between(line: str) -> list[tuple[FurnitureKind, str]]:
    """The labels in an article that has the line between two paragraphs."""
    return labels(f"{PROSE} It did.\n\n{PROSE}\n\n{line}\n\n{MORE_PROSE}\n\n{PROSE} That was all.")


@needs_data
def test_the_seed_article() -> None:
    (path,) = (Path(str(DATA)) / "seed").glob("*.txt")
    text = path.read_text(encoding="utf-8")
    found = find_furniture(text, None)
    assert [(text.count("\n", 0, item.start) + 1, item.kind) for item in found] == [
        (3, "caption"),
        (4, "caption"),
        (16, "heading"),
        (28, "heading"),
        (50, "heading"),
        (60, "caption"),
        (61, "caption"),
        (69, "source_line"),
    ]
    lines = text.split("\n")
    assert all(text[item.start : item.end] == lines[text.count("\n", 0, item.start)].strip() for item in found)


@pytest.mark.parametrize("credit", ["", " (AFP)", " (Jo Lee/Reuters)", " (AP Photo/Jo Lee)", " (Herald/Lee)"])
def test_a_caption_that_stands_twice(credit: str) -> None:
    caption = "People queue for bread in the old town"
    first, second = caption.replace("for", "for "), caption.replace(" in", "\u00a0in") + credit
    text = f"{PROSE}\n\n{first}\n{second}\n\n{MORE_PROSE}"
    assert [kind for kind, _ in labels(text)] == ["caption", "caption"]


def test_of_a_repeated_paragraph_one_stays() -> None:
    assert labels(f"{PROSE}\n\n{PROSE}\n\n{MORE_PROSE}") == [("caption", PROSE)]


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("heading", "A new crisis"),
        ("heading", "Court decries ‘show trial’"),
        ("heading", "What happens next?"),
        ("heading", "How the 2022 vote went"),
        ("heading", "## Background"),
        ("caption", "A bridge over the river in May. Jo Lee/Getty Images"),
        ("caption", "A bridge over the river in May. (AFP)"),
        ("caption", "Rain is forecast for the whole of the coast. CNN Weather"),
        ("caption", "![A bridge](bridge.jpg)"),
        ("credit", "Jo Lee/AFP/Getty Images"),
        ("credit", "(Reuters)"),
        ("credit", "Photo: Jo Lee"),
        ("source_line", "Source: AA"),
        ("share", "Share on Facebook"),
        ("share", "Share this article"),
        ("share", "Copy link"),
        ("share", "Print"),
        ("share", "Follow Jo Lee on Twitter: @jolee."),
        ("share", "Contact reporter Jo Lee at jo@example.com."),
        ("link", "More:Council votes for the bridge, again"),
        ("link", "READ MORE: Council votes for the bridge"),
        ("link", "Related: Council votes for the bridge"),
        ("link", "The mayor:Council leader after the vote: 'We did it'"),
        ("link", "Read More"),
        ("link", "Video Ad Feedback See the bridge 01:07 - Source: CNN"),
        ("byline", "– Jo Lee and Ann Poe"),
        ("byline", "Contributing: Jo Lee, The Associated Press"),
    ],
)
def test_lines_of_the_page(kind: FurnitureKind, line: str) -> None:
    assert between(line) == [(kind, line)]


@pytest.mark.parametrize(
    "line",
    [
        "It failed.",
        "He asked: why?",
        "“Nobody knew.”",
        "CARDINALS 4, BREWERS 1",
        "Final score: Chiefs 38, Eagles 35",
        "1. Finland",
        "• Population: 12,700,000",
        "Our rating: False",
        "Editor’s note: An earlier version of this article gave a wrong date.",
        "Myth:The bridge was built by the Romans in a year",
        "The mayor said:“I will sign it tomorrow, and nobody will stop me.”",
        "Dover:A meeting of the council set for Monday has been moved, the city said. It is now on Friday, 5 May.",
        "NATO — of which the country is a member — agreed.",
        "The picture was bought by Getty Images.",
        "The police force is known by its initials (AFP).",
        "The film comes from CNN Films (CNN and Warner Bros. have one owner)",
        "Watch out for: Statements from the mayor on the bridge",
        "but nobody answered",
        "The bridge cost $4 million",
        "Read more books, she said.",
        "Follow the river north for an hour.",
    ],
)
def test_prose_is_left_alone(line: str) -> None:
    assert between(line) == []


def test_lists_and_verses_are_no_headings() -> None:
    assert labels(f"{PROSE}\n\nAlabama\n\nAlaska\n\nArizona\n\n{MORE_PROSE}") == []
    assert labels(f"{PROSE}\n\nThe river runs\nand never tires\nof running\n\n{MORE_PROSE}") == []


def test_speakers_in_a_transcript_are_no_headings() -> None:
    assert labels("\n\n".join([PROSE, "LEE", MORE_PROSE] * 3)) == []


def test_a_name_under_a_quotation_says_whose_it_is() -> None:
    assert between(f"“{PROSE}”\n\n— Jo Lee") == []


@pytest.mark.parametrize(
    ("dateline", "text"),
    [
        ("CNN —", f"CNN —\n\n{PROSE}"),
        ("London/Paris CNN Business —", f"London/Paris CNN Business — {PROSE}"),
        ("New York (CNN Business)", f"New York (CNN Business) {PROSE}"),
        ("MUNCIE, Ind. —", f"MUNCIE, Ind. — {PROSE}"),
        ("DENVER (AP) —", f"DENVER (AP) — {PROSE}"),
        ("WASHINGTON –", f"WASHINGTON – {PROSE}"),
    ],
)
def test_datelines_are_only_their_own_characters(dateline: str, text: str) -> None:
    assert labels(text) == [("dateline", dateline)]


@pytest.mark.parametrize(
    "top",
    [
        ["Jo Lee", "USA TODAY"],
        ["Jo Lee", "Special to USA TODAY"],
        ["JO LEE and Ann Poe", "The Arizona Republic"],
        ["AP"],
        ["By Jo Lee"],
    ],
)
def test_bylines_at_the_top(top: list[str]) -> None:
    assert labels("\n\n".join([*top, PROSE, MORE_PROSE])) == [("byline", line) for line in top]


def test_the_title_where_the_text_repeats_it() -> None:
    title = "Council votes for the new bridge"
    assert labels(f"{title}\n\n{PROSE}", title) == [("title", title)]
    assert labels(f"{title}\n\n{PROSE}", "Council votes for the new ...") == [("title", title)]
    assert labels(f"{title}\n\n{PROSE}", f"{title} | CNN") == [("title", title)]
    assert labels(f"{PROSE}\n\n{MORE_PROSE}", title) == []


def test_markdown() -> None:
    front = "---\ntitle: Bridge\ndate: 2024-05-01\n---"
    assert labels(f"{front}\n\n# Bridge\n\n{PROSE}") == [("front_matter", front), ("title", "# Bridge")]
    assert labels(f"---\n\n{PROSE}\n\n{MORE_PROSE}") == []


def test_a_summary_by_a_machine_ends_with_its_bullets() -> None:
    summary = ["AI-assisted summary", "• The council voted for the bridge.", "• Work begins in spring."]
    assert labels("\n\n".join([*summary, PROSE, MORE_PROSE])) == [("summary", line) for line in summary]


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.text(),
        st.lists(
            st.sampled_from(
                [PROSE, "A heading", "CNN — ", "---", "\n", "\n\n", "\r\n", "\u2028", "(AFP)", "More:a", " "]
            )
        ).map("".join),
    ),
    st.none() | st.text(max_size=20),
)
def test_spans_lie_in_the_text_sorted_and_apart(text: str, title: str | None) -> None:
    found = find_furniture(text, title)
    assert all(0 <= item.start < item.end <= len(text) for item in found)
    assert all(one.end <= other.start for one, other in pairwise(found))


# A pattern that looked at the rest of the text again from every line would take hours here.
@pytest.mark.parametrize("unit", ["a", "word ", "A heading\n\n", "(", "CNN — ", "More:", "---\n", "He went.\n\n"])
def test_two_megabytes_in_one_go(unit: str) -> None:
    text = unit * (2_000_000 // len(unit))
    assert all(item.end <= len(text) for item in find_furniture(text, unit))
