"""PDF files: lines joined to paragraphs, stated fields, and files that give no text."""

import io
from collections.abc import Iterator

import pytest
from pypdf import PdfReader, PdfWriter

from index.extraction import Extractor, UnreadableError
from index.pdf import read_pdf, text_of_pages
from tests.documents import PROSE, make_pdf


@pytest.fixture(scope="module")
def extractor() -> Iterator[Extractor]:
    with Extractor() as started:
        yield started


def test_text_title_and_no_date_of_the_file(extractor: Extractor) -> None:
    lines = [
        "Ferry to Skerra gets a second cross-",
        "ing from the first of June, the harbour office",
        "said on Monday.",
    ]
    text, fields = read_pdf(extractor, make_pdf([lines], "Ferry to Skerra (again)"))
    assert text == "Ferry to Skerra gets a second crossing from the first of June, the harbour office said on Monday."
    assert fields.title == "Ferry to Skerra (again)"
    assert fields.published is None


@pytest.mark.parametrize("title", ["Microsoft Word - ferry.docx", "Untitled-1", "ferry_final.indd", "Document1"])
def test_what_programs_put_as_title_is_none(extractor: Extractor, title: str) -> None:
    assert read_pdf(extractor, make_pdf([PROSE], title))[1].title is None


def test_an_empty_password_opens_a_file_and_another_does_not(extractor: Extractor) -> None:
    def encrypted(password: str) -> bytes:
        writer = PdfWriter(PdfReader(io.BytesIO(make_pdf([PROSE]))))
        writer.encrypt(password, "owner", algorithm="RC4-128")
        written = io.BytesIO()
        writer.write(written)
        return written.getvalue()

    assert "twice a day" in read_pdf(extractor, encrypted(""))[0]
    with pytest.raises(UnreadableError, match="protected by a password: save a copy without one"):
        read_pdf(extractor, encrypted("secret"))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (make_pdf([[]]), "no text in the PDF"),
        (b"%PDF-1.4\nnothing else", "the PDF is damaged"),
        (make_pdf([PROSE])[:150], "the PDF is damaged"),
    ],
)
def test_files_without_text(extractor: Extractor, data: bytes, message: str) -> None:
    with pytest.raises(UnreadableError, match=message):
        read_pdf(extractor, data)


def test_running_heads_and_page_numbers_are_left_out_and_sentences_go_on_over_pages() -> None:
    pages = [
        f"VELD TIMES  {number}\nThe council voted on the wall, which will stand by\nthe river at {number} and\n{number}"
        for number in range(1, 5)
    ]
    text = text_of_pages(pages)
    assert "VELD TIMES" not in text
    assert text.startswith("The council voted on the wall, which will stand by the river at 1 and The council")
    assert "\n" not in text


def test_paragraphs_end_at_blank_lines_and_after_short_last_lines() -> None:
    page = (
        "The first paragraph is set in lines of about this length, and\n"
        "it ends here.\n"
        "The second paragraph follows it with no blank line between, and\n"
        "goes on for two lines.\n"
        "\n"
        "The third."
    )
    assert len(text_of_pages([page]).split("\n\n")) == 3


def test_what_cannot_be_stored_is_replaced() -> None:
    assert text_of_pages(["a\0b \ud800 c"]) == "a\ufffdb \ufffd c"


def test_compounds_keep_their_hyphen_before_a_capital_and_inside_a_line() -> None:
    assert text_of_pages(["A state-run firm in the Franco-\nGerman talks."]) == (
        "A state-run firm in the Franco- German talks."
    )
