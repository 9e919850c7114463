"""Fields found in front matter, also where it is no YAML; the other lines of a header are in test_index_metadata.py."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article_header import fields_from_front_matter
from index.metadata import Fields

TODAY = date(2026, 6, 1)
PROSE = (
    "The stone bridge over the Veld was closed on Wednesday after a storm loosened part of its railing, the town said."
)


def test_front_matter() -> None:
    text = (
        "---\r\ntitle: 'Ferry: last crossing'\r\nsource: Veld Times\r\nauthor: Jane Doe\r\ndate: 2026-02-31\r\n---\r\nX"
    )
    fields, start = fields_from_front_matter(text, TODAY)
    assert fields == Fields(title="Ferry: last crossing", outlet="Veld Times", authors=("Jane Doe",))
    assert text[start:] == "X"


def test_front_matter_that_is_no_yaml_is_read_line_by_line() -> None:
    block = (
        "title: Ferry: the last crossing\nweather: fog: thick\noutlet: Veld Times\nauthors: [Jane Doe, 'Ann Poe']\n"
        "published: 2026-03-04 # first edition\nurl: https://veld.example/ferry#top\n"
    )
    whole = Fields(
        url="https://veld.example/ferry#top",
        title="Ferry: the last crossing",
        outlet="Veld Times",
        authors=("Jane Doe", "Ann Poe"),
        published=date(2026, 3, 4),
    )
    for text in (f"---\n{block}---\nX", f"---\n{block}---\nX".replace("\n", "\r\n")):
        fields, start = fields_from_front_matter(text, TODAY)
        assert fields == whole
        assert text[start:] == "X"


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        ("title: Ferry aground: nine hurt", "Ferry aground: nine hurt"),
        ("Title: Ferry aground:", "Ferry aground:"),
        ("title: Ferry aground: nine hurt\n  in the snow\n# a note", "Ferry aground: nine hurt in the snow"),
        ("title: Ferry aground: boat #2 is lost", "Ferry aground: boat #2 is lost"),
        ("outlet: Veld: North\ntitle: Boat #2 is lost", "Boat #2 is lost"),
        ("outlet: Veld: North\ntitle: 'Boat #2 isn''t lost' # a note", "Boat #2 isn't lost"),
        ("outlet: Veld: North\ntitle: >\n  Boat lost:\n  nine hurt", "Boat lost: nine hurt"),
        ('title: "Ferry aground: nine hurt', "Ferry aground: nine hurt"),
        ('title: Ferry aground: nine hurt"', "Ferry aground: nine hurt"),
        ("title: 'It's over: the town's ferry is lost'", "It's over: the town's ferry is lost"),
        ("title: 'It's over: the town's ferry is lost", "It's over: the town's ferry is lost"),
        ('title: "The "last" ferry: lost"', 'The "last" ferry: lost'),
        ('title: "Yes": the town says "no"', '"Yes": the town says "no"'),
        ('title: "Last" ferry lost', '"Last" ferry lost'),
        ("title: [Live] Ferry aground", "[Live] Ferry aground"),
        ("title: @ferry says sorry", "@ferry says sorry"),
    ],
)
def test_title_in_front_matter_that_is_no_yaml(lines: str, title: str) -> None:
    fields, _ = fields_from_front_matter(f"---\n{lines}\nauthors: [Jane Doe]\n---\nX", TODAY)
    assert (fields.title, fields.authors) == (title, ("Jane Doe",))


@pytest.mark.parametrize(
    ("lines", "authors"),
    [
        ("authors: []", ()),
        ("authors:", ()),
        ("authors: [Jane Doe]", ("Jane Doe",)),
        ("authors: [\"Doe, Jane\", 'Ann O''Hara']", ("Doe, Jane", "Ann O'Hara")),
        ("authors: [Jane Doe,\n  Ann Poe]", ("Jane Doe", "Ann Poe")),
        ("authors: [Jane Doe, 'Ann O'Hara']", ("Jane Doe", "Ann O'Hara")),
        ('authors: [Jane Doe, "Ann Poe', ("Jane Doe", "Ann Poe")),
        ("authors:\n- Jane Doe\n- Ann Poe", ("Jane Doe", "Ann Poe")),
        ("authors:\n  - Jane Doe\n  - 'Ann Poe' # staff", ("Jane Doe", "Ann Poe")),
        ("authors:\n  - Jane Doe\n  - 'Ann Poe\n  - Bea Wren-Poe", ("Jane Doe", "Ann Poe", "Bea Wren-Poe")),
        ("author: Jane Doe and Ann Poe", ("Jane Doe", "Ann Poe")),
        ('author: "Jane Doe', ("Jane Doe",)),
    ],
)
def test_authors_in_front_matter_that_is_no_yaml(lines: str, authors: tuple[str, ...]) -> None:
    text = f"---\noutlet: Veld Times: North\n{lines}\npublished: '2026-03-04\n---\nX"
    fields, start = fields_from_front_matter(text, TODAY)
    assert fields == Fields(outlet="Veld Times: North", authors=authors, published=date(2026, 3, 4))
    assert text[start:] == "X"


def test_front_matter_with_an_escape_beyond_unicode() -> None:
    fields, _ = fields_from_front_matter('---\nauthor: Jane Doe\ntitle: "\\UFFFFFFFF"\n---\nX', TODAY)
    assert fields == Fields(title="\\UFFFFFFFF", authors=("Jane Doe",))


@given(
    st.lists(
        st.sampled_from([*"\n\n\"'[]{}:#-|>&*!%@,\\\t~? ", "\ntitle:", "\nauthors: ", " - ", "date:", "a b", "\r"])
    )
)
def test_any_block_of_front_matter_can_be_read(pieces: list[str]) -> None:
    text = f"---\n{''.join(pieces)}\n---\nX"
    fields, start = fields_from_front_matter(text, TODAY)
    assert start > 0 or fields == Fields()


@pytest.mark.parametrize(
    "text",
    [
        f"---\n{PROSE}\n---\n",
        "---\ntitle: never closed",
        "---\n- a\n- b\n---\nX",
        "---\nweather: fine\n---\nX",
        " ---\ntitle: a\n---\n",
        "---\n" + "[" * 15_000 + "\n---\nX",
        "---\n" + "title: x\n" * 5_000 + "---\nX",
        "---\n? [a]\n: b\n---\nX",
        "",
    ],
)
def test_no_front_matter(text: str) -> None:
    assert fields_from_front_matter(text, TODAY) == (Fields(), 0)


def test_front_matter_of_nested_aliases_stays_small() -> None:
    levels = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 30))
    fields, _ = fields_from_front_matter(f"---\nl0: &l0 lol\n{levels}title: *l29\n---\nX", TODAY)
    assert fields == Fields()
