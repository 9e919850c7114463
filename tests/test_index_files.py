"""Finding files, in zip files too: good ones among members that can't or must not be read."""

import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest

from index import files
from index.files import Skipped, visible
from index.loaders import count_articles, load_paths
from index.records import Article, article_id_for
from tests.documents import PROSE, make_page, make_pdf, make_zip

LINE = json.dumps({"text": "A line.", "url": "https://veldtimes.example/line"}).encode() + b"\n"


def load(path: Path) -> tuple[dict[str, Article], dict[str, str]]:
    """Articles by source and reasons by place, both without the path of the zip file."""
    items = list(load_paths([path]))
    articles = {str(i.source).removeprefix(f"{path}/"): i for i in items if isinstance(i, Article)}
    return articles, {i.where.removeprefix(f"{path}/"): i.reason for i in items if isinstance(i, Skipped)}


def test_every_type_is_read_out_of_a_zip_file(tmp_path: Path) -> None:
    path = tmp_path / "news.zip"
    members = {
        "b/a.md": b"# A ferry sails\n\nThe text.",
        "a.txt": b"Text.",
        "c.html": make_page(),
        "d.pdf": make_pdf([PROSE]),
        "e.jsonl": LINE,
        "f.jsonl.gz": gzip.compress(LINE.replace(b"line", b"other")),
        ".hidden.txt": b"no",
        "__MACOSX/a.txt": b"no",
        "notes.docx": b"no",
    }
    path.write_bytes(make_zip(members))
    articles, skipped = load(path)
    assert list(articles) == ["a.txt", "b/a.md", "c.html", "d.pdf", "e.jsonl:1", "f.jsonl.gz:1"]
    assert skipped == {}
    assert articles["a.txt"].article_id == article_id_for(f"{path}/a.txt")
    assert articles["b/a.md"].info.title == "A ferry sails"
    assert "twice a day" in articles["d.pdf"].text
    assert articles["e.jsonl:1"].article_id == article_id_for("https://veldtimes.example/line")
    assert count_articles([tmp_path]) == 6


def test_members_that_are_not_read_leave_the_others_alone(tmp_path: Path) -> None:
    path = tmp_path / "news.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for name, data in {
            "../../etc/slip.txt": b"Text.",
            "/abs.txt": b"Text.",
            "C:\\dir\\win.txt": b"Text.",
            "inner.zip": make_zip({"a.txt": b"Text."}),
            "empty.txt": b"",
            "good.txt": b"Text.",
        }.items():
            packed.writestr(zipfile.ZipInfo(name), data)
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = 0o120777 << 16
        packed.writestr(link, "/etc/passwd")
        with pytest.warns(UserWarning, match="Duplicate name"):
            packed.writestr("good.txt", b"Other.")
    articles, skipped = load(path)
    assert list(articles) == ["good.txt"]
    assert skipped == {
        "../../etc/slip.txt": "its name in the zip file points outside of it: pack it anew with plain names",
        "/abs.txt": "its name in the zip file points outside of it: pack it anew with plain names",
        "C:/dir/win.txt": "its name in the zip file points outside of it: pack it anew with plain names",
        "inner.zip": "a zip file in a zip file: unpack the outer one, and add what is in it",
        "empty.txt": "empty file: remove it, or save the article again",
        "link.txt": "a link, not a file: pack the file itself",
        "good.txt": "stands twice in the zip file: give one of the two another name",
    }


def test_an_encrypted_member_and_one_with_a_wrong_checksum(tmp_path: Path) -> None:
    data = bytearray(make_zip({"a.txt": b"Some text.", "b.txt": b"Other text.", "c.txt": b"Good."}))
    start = data.index(b"PK\x01\x02")
    data[start + 8] |= 1  # a.txt: the flag of encryption
    second = data.index(b"PK\x01\x02", start + 1)
    data[second + 16] ^= 0xFF  # b.txt: its checksum
    path = tmp_path / "news.zip"
    path.write_bytes(data)
    articles, skipped = load(path)
    assert list(articles) == ["c.txt"]
    assert skipped == {
        "a.txt": "protected by a password: unpack it, and add the files",
        "b.txt": "damaged in the zip file, or packed in a way that isn't read: pack it anew",
    }


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "ZIP_BYTES_TRUSTED", 1_000_000)
    path = tmp_path / "bomb.zip"
    path.write_bytes(make_zip({f"{number}.txt": b"a" * 300_000 for number in range(4)}))
    articles, skipped = load(path)
    assert articles == {}
    assert skipped == {str(path): "unpacks to 1,200,000 bytes, too much for its size: unpack it, and add the files"}


def test_a_member_unpacks_to_no_more_than_the_directory_says(tmp_path: Path) -> None:
    data = bytearray(make_zip({"a.txt": b"word " * 1_000_000}))
    start = data.index(b"PK\x01\x02")
    data[start + 24 : start + 28] = (1_000).to_bytes(4, "little")
    path = tmp_path / "lies.zip"
    path.write_bytes(data)
    articles, skipped = load(path)
    assert [len(article.text) for article in articles.values()] in ([], [1_000])
    assert articles or skipped


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty file: remove it"),
        (b"PK\x03\x04 and no more", "not a whole zip file: pack it anew (file is not a zip file)"),
        (make_zip({"a.txt": b"Text."})[:-30], "not a whole zip file: pack it anew (file is not a zip file)"),
        (make_zip({}), "no article files in this zip file: name another"),
        (make_zip({"notes.docx": b"no"}), "no article files in this zip file: name another"),
    ],
)
def test_broken_zip_files(tmp_path: Path, data: bytes, reason: str) -> None:
    path = tmp_path / "broken.zip"
    path.write_bytes(data)
    assert load(path) == ({}, {str(path): reason})


def test_too_many_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_ZIP_MEMBERS", 3)
    path = tmp_path / "many.zip"
    path.write_bytes(make_zip({f"{number}.txt": b"Text." for number in range(4)}))
    assert load(path)[1] == {str(path): "more than 3 files in the zip file: split it"}


def test_files_with_another_types_content_say_what_to_rename_them_to(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(make_pdf([PROSE]))
    (tmp_path / "b.md").write_bytes(make_zip({"a.txt": b"Text."}))
    (tmp_path / "c.pdf").write_bytes(gzip.compress(b"text"))
    reasons = load(tmp_path)[1]
    assert reasons["a.txt"] == "its content is that of a .pdf file: rename it to .pdf"
    assert reasons["b.md"] == "its content is that of a .zip file: rename it to .zip"
    assert reasons["c.pdf"] == "its content is that of a .jsonl.gz file: rename it to .jsonl.gz"


def test_what_would_disturb_a_terminal_is_shown_as_its_escape() -> None:
    assert visible("a\nb\x1b[31m\u202etxt.exe é") == "a\\nb\\x1b[31m\\u202etxt.exe é"


def test_a_zip_file_is_read_lazily(tmp_path: Path) -> None:
    path = tmp_path / "news.zip"
    path.write_bytes(make_zip({"a.txt": b"A.", "b.txt": b"B."}))
    items = load_paths([path])
    first = next(items)
    assert isinstance(first, Article)
    assert first.text == "A."
    items.close()  # type: ignore[attr-defined]
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as packed:
        assert packed.testzip() is None
