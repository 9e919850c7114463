"""Files in, articles out: real files of every format, and a table of bad ones among good ones."""

import gzip
import json
import os
import shutil
from datetime import date
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import jsonl, loaders
from index.loaders import MAX_ARTICLE_CHARACTERS, Skipped, count_articles, load_paths, sample_paths
from index.records import Article, article_id_for, version_of


def load(*paths: Path) -> tuple[list[Article], list[Skipped]]:
    items = list(load_paths(paths))
    return [item for item in items if isinstance(item, Article)], [item for item in items if isinstance(item, Skipped)]


def only(path: Path) -> Article:
    articles, skipped = load(path)
    assert not skipped
    assert len(articles) == 1
    return articles[0]


def line(**fields: object) -> str:
    return json.dumps(fields) + "\n"


# Formats


def test_a_text_file_is_stored_as_it_came(tmp_path: Path) -> None:
    text = "  First line.\r\n\r\nCurly “quotes”, a no-break space\u00a0here.\rOld Mac line.\u2028Another.\n\n"
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode())
    article = only(path)
    assert article.text == text
    assert article.article_id == article_id_for(str(path.resolve()))
    assert article.version == version_of(text)
    assert article.info.url is None


@given(st.text(min_size=1).filter(lambda text: text.strip() and "\0" not in text and text[0] != "\ufeff"))
def test_any_text_comes_back_identical(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("text") / "a.txt"
    path.write_bytes(text.encode())
    assert only(path).text == text


def test_front_matter_gives_the_fields_and_stays_in_the_text(tmp_path: Path) -> None:
    text = dedent("""\
        ---
        title: "Ferry: the last crossing"
        outlet: Veld Times
        authors: [Odette Marchbank, Perrin Askew]
        published: 2026-03-04
        url: https://veldtimes.example/ferry
        ---

        # Another heading

        The ferry made its last crossing on Wednesday.
        """)
    path = tmp_path / "a.md"
    path.write_text(text)
    article = only(path)
    assert article.text == text
    assert article.info.title == "Ferry: the last crossing"
    assert article.info.outlet == "Veld Times"
    assert article.info.authors == ("Odette Marchbank", "Perrin Askew")
    assert article.info.published == date(2026, 3, 4)
    assert article.article_id == article_id_for("https://veldtimes.example/ferry")


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "A.JSONL"])
def test_jsonl(tmp_path: Path, name: str) -> None:
    lines = line(
        url="https://www.usatoday.com/story/news/2023/01/05/ferry/1/",
        title="Ferry stops",
        authors=["Odette Marchbank", "Perrin Askew"],
        published="2023/01/05",
        text="One.\n\nTwo\u2028three.",
        unknown={"a": [1]},
    ) + line(
        url="https://veldtimes.example/b", outlet="Veld Times", authors="By Ilse Varnholt", published=None, text="B"
    )
    path = tmp_path / name
    path.write_bytes(gzip.compress(lines.encode()) if name.endswith("gz") else lines.encode())
    (first, second), skipped = load(path)
    assert not skipped
    assert first.text == "One.\n\nTwo\u2028three."
    assert first.article_id == article_id_for("https://www.usatoday.com/story/news/2023/01/05/ferry/1/")
    assert first.info.outlet == "USA TODAY"
    assert first.info.authors == ("Odette Marchbank", "Perrin Askew")
    assert first.info.published == date(2023, 1, 5)
    assert second.info.outlet == "Veld Times"
    assert second.info.authors == ("Ilse Varnholt",)
    assert second.info.published is None
    assert count_articles([path]) == 2


def test_aliases_of_json_fields(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(line(source="Veld Times", author="Ilse Varnholt", date="2026-03-04", body="The text."))
    article = only(path)
    assert (article.text, article.info.outlet, article.info.authors) == ("The text.", "Veld Times", ("Ilse Varnholt",))
    assert article.info.published == date(2026, 3, 4)


def test_records_without_url_are_named_by_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(line(text="One.") + line(text="Two.") + line(url="record-7", text="Three."))
    articles, _ = load(path)
    assert [article.article_id for article in articles] == [
        article_id_for(f"{path.resolve()}:1"),
        article_id_for(f"{path.resolve()}:2"),
        article_id_for("record-7"),
    ]
    assert articles[2].info.url is None


def test_a_script_address_is_no_url(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(line(url="javascript:alert(1)", text="One."))
    assert only(path).info.url is None


def test_lone_surrogates_become_replacement_characters_of_the_same_length(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a \\ud800 b \\ud83d\\ude00 c", "title": "t \\udc00 u"}\n')
    article = only(path)
    assert article.text == "a \ufffd b 😀 c"
    assert article.info.title is not None
    article.info.title.encode("utf-8")


def test_jsonl_in_utf_16(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes((line(text="Grüße.") + line(text="Zwei.")).encode("utf-16"))
    assert [article.text for article in load(path)[0]] == ["Grüße.", "Zwei."]


# What can't be read

GOOD = line(text="A good article.").encode()
BOMB = gzip.compress(b'{"text": "' + b"a" * (jsonl.MAX_LINE_CHARACTERS + 5_000_000) + b'"}\n' + GOOD)

HOSTILE: list[tuple[str, bytes, str, str]] = [
    ("empty.txt", b"", "", "empty file"),
    ("empty.html", b"", "", "empty file"),
    ("empty.jsonl", b"", "", "empty file"),
    ("empty.jsonl.gz", gzip.compress(b""), "", "empty file"),
    ("blank.txt", " \n\u00a0\r\n\t".encode(), "", "nothing but white space"),
    ("nul.txt", b"\x7fELF\0\0\0\0text", "", "contains NUL bytes: not a text file"),
    ("rubbish.txt", bytes(range(1, 256)) * 4, "", "not text in any known encoding, a binary file? Save its text"),
    ("half.txt", "\ufeffabc".encode("utf-16")[2:-1], "", "begins as UTF-16 but is not valid UTF-16: save it as UTF-8"),
    ("long.txt", b"a" * (MAX_ARTICLE_CHARACTERS + 1), "", "longer than 2,000,000 characters: split it into articles"),
    ("longer.txt", b"a" * (4 * MAX_ARTICLE_CHARACTERS + 5), "", "longer than 2,000,000 characters"),
    ("long.html", b"<p>" * 4_000_000, "", "longer than 10,000,000 bytes: save its text as .txt"),
    ("nothing.html", b"<html><body></body></html>", "", "no article text found in the page"),
    ("deep.html", b"<html><body>" + b"<div>" * 100_000 + b"text", "", "no article text found in the page"),
    ("binary.html", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "", "contains NUL bytes: not a text file"),
    ("json.jsonl", b'{"text": "a\n' + GOOD, ":1", "not valid JSON at column 10: unterminated string"),
    ("deep.jsonl", b"[" * 200_000 + b"\n" + GOOD, ":1", "not valid JSON"),
    ("number.jsonl", b"1" * 10_000 + b"\n" + GOOD, ":1", "not valid JSON"),
    ("list.jsonl", b'["text"]\n' + GOOD, ":1", "not a JSON object"),
    ("no-text.jsonl", b'{"title": "t"}\n' + GOOD, ":1", 'no "text" field'),
    ("null.jsonl", b'{"text": null}\n' + GOOD, ":1", 'no "text" field'),
    ("empty-text.jsonl", b'{"text": " "}\n' + GOOD, ":1", "nothing but white space"),
    ("number-text.jsonl", b'{"text": 7}\n' + GOOD, ":1", '"text" is not a string'),
    ("nul-text.jsonl", b'{"text": "a\\u0000b"}\n' + GOOD, ":1", "the text contains NUL characters"),
    ("bytes.jsonl", b'{"text": "caf\xe9"}\n' + GOOD, ":1", "not valid UTF-8"),
    (
        "long.jsonl",
        line(text="a" * (MAX_ARTICLE_CHARACTERS + 1)).encode() + GOOD,
        ":1",
        "longer than 2,000,000 characters: split it into articles",
    ),
    ("cut.jsonl.gz", gzip.compress(GOOD + os.urandom(5_000).hex().encode())[:-100], ":", "the file is truncated"),
    ("fake.jsonl.gz", GOOD, ":1", "not valid gzip"),
    ("bomb.jsonl.gz", BOMB, ":1", "longer than 2,000,000 characters: split it into articles"),
    ("blanks.jsonl.gz", gzip.compress(b"\n" * 5_000_000), ":1000", "1,000 unreadable lines in a row"),
]


@pytest.mark.parametrize(("name", "data", "place", "reason"), HOSTILE, ids=[case[0] for case in HOSTILE])
def test_bad_input_is_skipped_with_one_clear_line(
    tmp_path: Path, name: str, data: bytes, place: str, reason: str
) -> None:
    bad, good = tmp_path / name, tmp_path / "zz-good.txt"
    bad.write_bytes(data)
    good.write_text("A good article.")
    articles, skipped = load(tmp_path)
    assert articles[-1].article_id == article_id_for(str(good.resolve()))
    assert len(skipped) == 1
    assert skipped[0].where.startswith(f"{bad}{place}")
    assert reason in skipped[0].reason
    assert "\n" not in skipped[0].reason
    # The good line after a bad one is loaded too.
    assert len(articles) == 1 + (data.endswith(GOOD) and name != "fake.jsonl.gz") + (data in (BOMB,)) + ("cut" in name)


def test_paths_that_are_no_article_files(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(b"PK")
    (tmp_path / "none").mkdir()
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere.txt")
    (tmp_path / "good.txt").write_text("A good article.")
    names = ["missing.txt", "a.docx", "none", "pipe.txt", "gone.txt", "good.txt"]
    articles, skipped = load(*(tmp_path / name for name in names), Path("/dev/null"), Path("a\0b"))
    assert len(articles) == 1
    assert [item.reason for item in skipped] == [
        "no such file or folder: check the path",
        "not a type that is read: save it as one of .txt, .md, .html, .htm, .pdf, .jsonl, .jsonl.gz, .zip",
        "no article files in this folder: name another",
        "not a regular file: save what it holds as one",
        "no such file or folder: check the path",
        "not a regular file: save what it holds as one",
        "can't be read: embedded null byte",
    ]


def test_folders_are_read_sorted_without_hidden_and_other_files(tmp_path: Path) -> None:
    for name in ("b/2.txt", "b/1.md", "a.txt", "c.TXT", ".hidden.txt", ".git/x.txt", "b/notes.docx", "b/.x/y.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"Text of {name}.")
    articles, skipped = load(tmp_path)
    assert [article.text for article in articles] == [
        "Text of a.txt.",
        "Text of b/1.md.",
        "Text of b/2.txt.",
        "Text of c.TXT.",
    ]
    assert not skipped
    assert count_articles([tmp_path]) == 4


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.txt").write_text("A.")
    (tmp_path / "sub" / "up").symlink_to(tmp_path)
    (tmp_path / "self.txt").symlink_to(tmp_path / "self.txt")
    articles, skipped = load(tmp_path)
    assert len(articles) == 1
    assert [item.where for item in skipped] == [str(tmp_path / "self.txt")]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_files_without_permission(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("A.")
    path.chmod(0)
    reason = "permission denied: make it readable (chmod u+r) or run as its owner"
    assert load(path) == ([], [Skipped(str(path), reason)])


def test_a_file_that_vanishes_while_loading(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt", "c.txt"):
        (tmp_path / name).write_text(name)
    items = load_paths([tmp_path])
    next(items)
    (tmp_path / "b.txt").unlink()
    rest = list(items)
    assert rest[0] == Skipped(str(tmp_path / "b.txt"), "no such file or folder: check the path")
    assert isinstance(rest[1], Article)


def test_a_folder_that_vanishes_while_loading(tmp_path: Path) -> None:
    for name in ("a.txt", "b/c.txt", "d.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    items = load_paths([tmp_path])
    next(items)
    shutil.rmtree(tmp_path / "b")
    rest = list(items)
    assert rest[0] == Skipped(str(tmp_path / "b"), "no such file or folder: check the path")
    assert isinstance(rest[1], Article)


def test_a_file_name_that_is_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.txt")
    path.write_bytes(b"")
    (skipped,) = load(tmp_path)[1]
    assert skipped.where.encode("utf-8").endswith("caf\ufffd.txt".encode())


def test_loading_is_lazy(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(line(text="One.") + line(text="Two."))
    items = load_paths([path, tmp_path / "later.txt"])
    assert isinstance(next(items), Article)
    (tmp_path / "later.txt").write_text("Written after loading began.")
    assert len(list(items)) == 2


def test_counting_counts_bad_files_too(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A.")
    (tmp_path / "b.jsonl.gz").write_bytes(b"no gzip")
    (tmp_path / "c.jsonl").write_text(line(text="One.") + line(text="Two.").rstrip())
    assert count_articles([tmp_path, tmp_path / "missing"]) == 5


def test_counting_gives_up_on_huge_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loaders, "MAX_COUNTED_BYTES", 1_000)
    path = tmp_path / "a.jsonl"
    path.write_text(line(text="One.") * 200)
    assert count_articles([path]) is None


# Real and sample articles


def test_the_samples_load_with_every_field() -> None:
    articles, skipped = load(*sample_paths())
    assert not skipped
    assert len(articles) == 55
    assert [article.info.published for article in articles].count(None) == 1
    assert [bool(article.info.authors) for article in articles].count(True) > 40
    for article in articles:
        info = article.info
        assert info.title
        assert info.outlet
        assert info.url is not None
        assert ".example/" in info.url
        assert 250 <= len(article.text.split()) <= 700


def data_folder() -> Path:
    folder = os.environ.get("COPYDESK_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("COPYDESK_DATA names no folder with the real articles")
    return Path(folder)


def test_the_seed_article(tmp_path: Path) -> None:
    (path,) = (data_folder() / "seed").glob("*.txt")
    article = only(path)
    assert article.text == path.read_bytes().decode()
    assert article.info.title is None
    assert article.info.outlet == "AA"
    assert article.info.authors == ()
    assert article.info.published is None


def test_realtime_qa_articles(tmp_path: Path) -> None:
    source = data_folder() / "realtimeqa" / "dev-2023" / "articles.jsonl.gz"
    with gzip.open(source, "rt", encoding="utf-8") as file:
        lines = [next(file) for _ in range(50)]
    path = tmp_path / "first.jsonl.gz"
    path.write_bytes(gzip.compress("".join(lines).encode()))
    articles, skipped = load(path)
    assert not skipped
    assert count_articles([path]) == 50
    for given_line, article in zip(lines, articles, strict=True):
        record = json.loads(given_line)
        assert article.text == record["text"]
        assert article.article_id == article_id_for(record["url"])
        assert article.info.published == date(*map(int, record["published"].split("/")))
        assert article.info.outlet in {"USA TODAY", "CNN", "The Week"}
