"""Fields found in URLs and the lines of an article; and what must not be taken for one."""

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article_header import TextForm, fields_from_front_matter, fields_from_text
from index.dates import parse_date
from index.metadata import (
    Fields,
    clean_authors,
    clean_field,
    clean_url,
    complete_fields,
    fields_from_record,
    is_name,
    known_outlet,
    outlet_of_url,
)

TODAY = date(2026, 6, 1)
PROSE = (
    "The stone bridge over the Veld was closed on Wednesday after a storm loosened part of its railing, the town said."
)


def found(text: str, form: TextForm = "plain") -> Fields:
    return fields_from_text(text, form, TODAY)


# Outlets


@pytest.mark.parametrize(
    ("url", "outlet"),
    [
        ("https://www.cnn.com/2022/11/13/us/story/index.html", "CNN"),
        ("https://edition.cnn.com/2022/11/13/story", "CNN"),
        ("https://www.usatoday.com/story/1/", "USA TODAY"),
        ("https://www.theweek.co.uk/x", "The Week"),
        ("https://www.bbc.co.uk/news/1", "BBC"),
        ("https://WWW.BBC.COM:443/news/1", "BBC"),
        ("https://apnews.com/article/1", "AP"),
        ("https://notcnn.com/a", "notcnn.com"),
        ("https://cnn.com.veldtimes.example/a", "veldtimes.example"),
        ("https://www.news.veldtimes.example/a", "veldtimes.example"),
        ("https://www.veldtimes.co.uk/a", "veldtimes.co.uk"),
        ("https://valley.blogspot.com/a", "valley.blogspot.com"),
        ("http://127.0.0.1:8000/a", None),
        ("http://[::1]/a", None),
        ("http://localhost/a", None),
    ],
)
def test_outlet_of_url(url: str, outlet: str | None) -> None:
    assert outlet_of_url(url) == outlet


@pytest.mark.parametrize(
    ("text", "outlet"),
    [
        (f"{PROSE}\n\nSource: AA", "AA"),
        (f"{PROSE}\n\nSource: TRT World and agencies\n", "TRT World"),
        (f"{PROSE}\n\nSource: Veld Health Department", None),
        (f"{PROSE}\n\nSource: AA\n\n{PROSE}", None),
        (f"CNN —\n\n{PROSE}", "CNN"),
        (f"London/Paris CNN Business — {PROSE}", "CNN"),
        (f"HARROW FORD (Reuters) - {PROSE}", "Reuters"),
        (f"She left CNN — and later the town — for good. {PROSE}", None),
        (f"{PROSE} He told CNN — twice.", None),
    ],
)
def test_outlet_of_text(text: str, outlet: str | None) -> None:
    assert found(text).outlet == outlet


def test_known_outlets_are_found_without_regard_to_case() -> None:
    assert known_outlet("usa today") == "USA TODAY"
    assert known_outlet("Nobody's Gazette") is None


# Authors


@pytest.mark.parametrize(
    ("line", "authors"),
    [
        ("By Jane Doe", ("Jane Doe",)),
        ("By Jane Doe and John Q. Roe", ("Jane Doe", "John Q. Roe")),
        ("By Jane Doe, John Roe and Ann Poe, CNN", ("Jane Doe", "John Roe", "Ann Poe")),
        ("BY JANE DOE", ("JANE DOE",)),
        ("By Ursula van der Veld, Special for USA TODAY", ("Ursula van der Veld",)),
        ("By Omar al-Sorrel and Seán O’Tarn | 3 March 2026", ("Omar al-Sorrel", "Seán O’Tarn")),
        ("By Associated Press", ()),
        ("By the numbers", ()),
        ("By 2021, the town had a new bridge.", ()),
        ("By Monday", ()),
    ],
)
def test_byline(line: str, authors: tuple[str, ...]) -> None:
    assert found(f"Bridge closes after a storm\n\n{line}\n\n{PROSE}").authors == authors


def test_a_byline_below_the_prose_is_that_of_something_else() -> None:
    assert found(f"{PROSE}\n\nBy Jane Doe\n\n{PROSE}").authors == ()


@pytest.mark.parametrize(
    ("value", "authors"),
    [
        (["Jane Doe", " Jane  Doe ", "", None, 7, "John Roe"], ("Jane Doe", "John Roe")),
        ("By Jane Doe, John Roe and Ann Poe", ("Jane Doe", "John Roe", "Ann Poe")),
        ("Jane Doe; John Roe", ("Jane Doe", "John Roe")),
        ("Doe, Jane", ("Doe, Jane",)),
        ("Anderson Brandy", ("Anderson Brandy",)),
        (["Jane Doe John Roe", "Jane Doe", "John Roe", "Ann Poe"], ("Jane Doe", "John Roe", "Ann Poe")),
        (None, ()),
        ({"name": "Jane"}, ()),
        (b"Jane Doe", ()),
    ],
)
def test_clean_authors(value: object, authors: tuple[str, ...]) -> None:
    assert clean_authors(value) == authors


def test_names_are_told_from_organisations() -> None:
    assert is_name("Jane Doe")
    assert is_name("Maren d'Oldacre")
    assert not is_name("Veld Valley News")
    assert not is_name("jane doe")
    assert not is_name("Jane")


# Dates


@pytest.mark.parametrize(
    "text",
    [
        "2018-04-03",
        "2018/04/03",
        "2018/4/3",
        "20180403",
        "2018-04-03T23:30:00+03:00",
        "2018-04-03 10:15:00 UTC",
        "2018-04-03T10:15:00.123Z",
        "April 3, 2018",
        "Apr. 3 2018",
        "Tuesday, April 3rd, 2018",
        "3 April 2018",
        "3rd of April, 2018",
        "Tue, 03 Apr 2018 10:00:00 GMT",
        "Tue, 03 Apr 2018 10:00:00 +0000",
        "April 3, 2018 at 10:15 a.m. ET",
        "10:15 AM EST, April 3, 2018",
        "  april 3,\u00a02018 ",
    ],
)
def test_dates_as_they_are_written(text: str) -> None:
    assert parse_date(text, TODAY) == date(2018, 4, 3)


@pytest.mark.parametrize(
    "value",
    [
        "03/04/2018",
        "2018",
        "April 2018",
        "April 3",
        "2018-13-45",
        "2018-02-30",
        "1234-05-06",
        "2030-01-01",
        "yesterday",
        "",
        "null",
        "in April 3, 2018",
        "1" * 100000,
        None,
        20180403,
        1500000000.0,
        True,
        ["2018-04-03"],
    ],
)
def test_no_dates(value: object) -> None:
    assert parse_date(value, TODAY) is None


def test_dates_and_datetimes_as_values() -> None:
    late = datetime(2018, 4, 3, 23, 30, tzinfo=timezone(timedelta(hours=3)))
    assert parse_date(late, TODAY) == date(2018, 4, 3)
    assert parse_date(date(2018, 4, 3), TODAY) == date(2018, 4, 3)
    assert parse_date(date(9999, 1, 1), TODAY) is None


@pytest.mark.parametrize(
    ("lines", "day"),
    [
        ("Bridge closes after a storm\n\nApril 3, 2018", date(2018, 4, 3)),
        ("By Jane Doe | 3 April 2018", date(2018, 4, 3)),
        ("Published 2023-02-01", date(2023, 2, 1)),
        ("Published: 10:15 a.m. ET Feb. 1, 2023", date(2023, 2, 1)),
        ("Updated 2 February 2023\nPublished 1 February 2023", date(2023, 2, 1)),
        ("Last updated: 2 February 2023", date(2023, 2, 2)),
        ("April 3, 2018", None),  # the first line of all: a diary's
        ("What happened when\n\nApril 3, 2018\n\nApril 9, 2018", None),
        ("Updated boosters available next month", None),
        ("On April 3, 2018 the town voted.", None),
    ],
)
def test_date_lines(lines: str, day: date | None) -> None:
    assert found(f"{lines}\n\n{PROSE}").published == day


def test_a_date_below_the_prose_is_not_the_publication_date() -> None:
    assert found(f"{PROSE}\n\nPublished 2023-02-01\n\n{PROSE}").published is None


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://veldtimes.example/2022/04/27/bridge", date(2022, 4, 27)),
        ("https://veldtimes.example/world/2022/apr/27/bridge", date(2022, 4, 27)),
        ("https://veldtimes.example/2022/04/27", date(2022, 4, 27)),
        ("https://veldtimes.example/2022/13/27/bridge", None),
        ("https://veldtimes.example/2022/04/bridge", None),
        ("https://veldtimes.example/bridge?d=/2022/04/27/", None),
        ("https://veldtimes.example/2042/04/27/bridge", None),
    ],
)
def test_date_in_url(url: str, day: date | None) -> None:
    assert complete_fields(Fields(url=url), today=TODAY).published == day


# Titles


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (f"Bridge closes after a storm\n\n{PROSE}", "Bridge closes after a storm"),
        (f"\r\n Bridge closes after a storm \r\n\r\n{PROSE}\r\n", "Bridge closes after a storm"),
        (f"U.S. and Veld sign a treaty\n\nBy Jane Doe\n\n3 March 2026\n\n{PROSE}", "U.S. and Veld sign a treaty"),
        (f"Mayor: ‘The bridge is “safe”’\n\n{PROSE}", "Mayor: ‘The bridge is “safe”’"),
        (f"{PROSE}\n\n{PROSE}", None),
        (f"Bridge closes after a storm\n{PROSE}", None),  # no blank line: perhaps a list
        ("Bridge closes after a storm", None),
        ("Bridge closes after a storm\n\nWork to take two weeks\n\nBuses stop", None),  # no prose
        (f"CNN —\n\n{PROSE}", None),
        (f"Odette Marchbank and Perrin Askew\n\n{PROSE}", None),
        (f"Odette Marchbank, USA TODAY\n\n{PROSE}", None),
        (f"Tuesday, April 3, 2018\n\n{PROSE}", None),
        (f"Who closed the old bridge?\n\n{PROSE}", None),
        (f"“I guess we stepped up.”\n\n{PROSE}", None),
        (f"The claim: The old bridge was never safe\n\n{PROSE}", None),
        (f"Opinion\n\n{PROSE}", None),
    ],
)
def test_title_of_plain_text(text: str, title: str | None) -> None:
    assert found(text).title == title


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (f"# Bridge closes after a storm\n\n{PROSE}", "Bridge closes after a storm"),
        (f"\n# Why it closed? ##\n{PROSE}", "Why it closed?"),
        (f"Bridge closes\n=====\n\n{PROSE}", "Bridge closes"),
        (f"## A section\n\n{PROSE}", None),
        (f"{PROSE}\n\n# A later heading\n\n{PROSE}", None),
        (f"#hashtag\n\n{PROSE}", None),
    ],
)
def test_title_of_markdown(text: str, title: str | None) -> None:
    assert found(text, "markdown").title == title


def test_a_json_text_has_no_headline_of_its_own() -> None:
    assert found(f"Bridge closes after a storm\n\n{PROSE}", "field").title is None


# Cleaning and order


@pytest.mark.parametrize("value", [None, 7, "", " \n\t", "x" * 1_001, ["title"]])
def test_no_field(value: object) -> None:
    assert clean_field(value) is None


def test_a_field_is_one_printable_line() -> None:
    assert clean_field(" Bridge\r\n closes\u202e\x00 \ud800 today ") == "Bridge closes today"


@pytest.mark.parametrize(
    "value",
    [
        "javascript:alert(1)",
        "ftp://a.example/",
        "//a.example/b",
        "/b",
        "https://",
        "https://[bad/",
        "https://a b.example/",
        "https://a.example/\u202e",
        "https://a.example/" + "x" * 5000,
        None,
        7,
    ],
)
def test_no_web_address(value: object) -> None:
    assert clean_url(value) is None


def test_what_the_source_says_comes_before_url_and_text() -> None:
    url = "https://www.cnn.com/2022/04/27/bridge"
    text = Fields(title="From the text", outlet="AP", authors=("Ann Poe",), published=date(2022, 4, 30))
    record = fields_from_record({"url": url, "outlet": "Veld Times", "published": "2022-04-28"}, TODAY)
    assert complete_fields(record, text, today=TODAY) == Fields(
        url=url, title="From the text", outlet="Veld Times", authors=("Ann Poe",), published=date(2022, 4, 28)
    )
    bare = complete_fields(Fields(url=url), text, today=TODAY)
    assert (bare.outlet, bare.published) == ("CNN", date(2022, 4, 27))


@given(st.text(), st.sampled_from(["plain", "markdown", "field"]))
def test_any_text_gives_storable_fields(text: str, form: TextForm) -> None:
    front, start = fields_from_front_matter(text, TODAY)
    fields = complete_fields(front, fields_from_text(text, form, TODAY, start), today=TODAY)
    for value in (fields.title, fields.outlet, *fields.authors):
        if value is not None:
            assert value == value.strip() != ""
            value.encode("utf-8")


@pytest.mark.parametrize(
    "unit", ["By Jane Doe, ", "CNN ", "A", "Ab ", "--- ", "Source: ", ", ", "al-", "\n", " | ", "a.\n"]
)
def test_long_runs_of_anything_end(unit: str) -> None:
    for form in ("plain", "markdown", "field"):
        fields_from_text(unit * (1_000_000 // len(unit)), form, TODAY)  # type: ignore[arg-type]
