"""What goes wrong with files, pages and feeds: each gives one line (what, where, what to do) and harms nothing else.

The command is run on a few of them at a time, among good ones. Everything is real but the embedding model's weights.
"""

import gzip
import io
import json
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from index.archive import Archive
from index.check import check_article, check_stores
from tests.command_line import Command, run_command, use_fake_weights
from tests.documents import PROSE, make_page, make_pdf, make_zip
from tests.web_server import Reply, web_server

GOOD = "A good article stands here."
LINE = json.dumps({"text": "A good line.", "url": "https://veldtimes.example/line"}).encode() + b"\n"
AT_A_TIME = 16


@dataclass(frozen=True, slots=True)
class Bad:
    """A kind of bad input: a file's name and content, or how to make it; what is said; whether good parts are added."""

    kind: str
    name: str
    content: bytes | Callable[[Path], object]
    said: str
    place: str = ""
    good: int = 0


def encrypted_pdf() -> bytes:
    writer = PdfWriter(PdfReader(io.BytesIO(make_pdf([PROSE]))))
    writer.encrypt("secret", algorithm="RC4-128")
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def pdf_bomb() -> bytes:
    """A content stream that unpacks to 200 MB."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b"q " * 5_000_000) for _ in range(20)) + packer.flush()
    plain = make_pdf([["x"]])
    start, end = plain.index(b"4 0 obj"), plain.index(b"5 0 obj")
    body = b"4 0 obj\n<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream\nendobj\n" % (len(packed), packed)
    return plain[:start] + body + plain[end:]


def pdf_that_refers_to_itself() -> bytes:
    return make_pdf([PROSE]).replace(b"/Kids [5 0 R]", b"/Kids [2 0 R]")


def zip_bomb() -> bytes:
    return make_zip({f"{number}.txt": bytes(60_000_000) for number in range(2)})


def zip_of(*members: tuple[str, bytes], flag: int = 0, mode: int = 0) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name, data in members:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            file.writestr(info, data)
    written = bytearray(packed.getvalue())
    if flag:
        written[written.index(b"PK\x01\x02") + 8] |= flag
    return bytes(written)


def zip_with_wrong_checksum() -> bytes:
    written = bytearray(make_zip({"a.txt": b"Some text."}))
    written[written.index(b"PK\x01\x02") + 16] ^= 0xFF
    return bytes(written)


def zip_packed_unknown() -> bytes:
    written = bytearray(make_zip({"a.txt": b"Some text."}))
    struct.pack_into("<H", written, written.index(b"PK\x01\x02") + 10, 97)
    struct.pack_into("<H", written, 8, 97)
    return bytes(written)


def huge_file(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(50_000_000)


def link_in_a_circle(path: Path) -> None:
    path.symlink_to(path)


FILES = [
    Bad("empty text", "empty.txt", b"", "empty file"),
    Bad("empty page", "empty.html", b"", "empty file"),
    Bad("empty PDF", "empty.pdf", b"", "empty file"),
    Bad("empty jsonl", "empty.jsonl", b"", "empty file"),
    Bad("empty zip", "empty.zip", b"", "empty file"),
    Bad("empty gzip", "empty.jsonl.gz", gzip.compress(b""), "empty file"),
    Bad("white space only", "blank.txt", " \n\u00a0\r\n\t".encode(), "nothing but white space"),
    Bad("mark of byte order only", "mark.txt", b"\xef\xbb\xbf", "nothing but white space"),
    Bad("program", "program.txt", b"\x7fELF\x02\x01\x01\0\0\0", "contains NUL bytes"),
    Bad("NUL in the middle", "nul.md", b"Text with a \0 in it.", "contains NUL bytes"),
    Bad("binary without NULs", "binary.txt", bytes(range(1, 256)) * 4, "not text in any known encoding"),
    Bad("UTF-16 cut in two", "half.txt", "\ufeffabc".encode("utf-16")[2:-1], "begins as UTF-16 but is not valid"),
    Bad("broken UTF-32", "utf32.txt", b"\xff\xfe\0\0abc", "begins as UTF-32 but is not valid"),
    Bad("NUL in UTF-16", "nul16.txt", "a\0b".encode("utf-16"), "contains NUL characters"),
    Bad("PDF called text", "pdf.txt", make_pdf([PROSE]), "its content is that of a .pdf file: rename it"),
    Bad("zip called text", "zip.md", make_zip({"a.txt": b"x"}), "its content is that of a .zip file: rename it"),
    Bad("gzip called page", "gzip.html", gzip.compress(make_page()), "its content is that of a .jsonl.gz file"),
    Bad("zip called PDF", "zip.pdf", make_zip({"a.txt": b"x"}), "its content is that of a .zip file"),
    Bad("text called gzip", "text.jsonl.gz", LINE, "not valid gzip", ":1"),
    Bad("text called zip", "text.zip", b"Just text.", "not a whole zip file: pack it anew"),
    Bad("text called PDF", "text.pdf", b"Just text.", "the PDF is damaged"),
    Bad("2 MB article", "long.txt", b"a " * 1_000_001, "longer than 2,000,000 characters: split it"),
    Bad("50 MB article", "huge.txt", huge_file, "longer than 2,000,000 characters: split it"),
    Bad("10 MB page", "long.html", b"<p>" * 3_400_000, "longer than 10,000,000 bytes: save its text"),
    Bad("page without article", "nothing.html", b"<html><body></body></html>", "no article text found in the page"),
    Bad("page of scripts", "scripts.html", b"<html><script>var a = 'text';</script></html>", "no article text found"),
    Bad("page nested deeply", "deep.html", b"<html><body>" + b"<div>" * 100_000 + b"x", "no article text found"),
    Bad("picture called page", "picture.html", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "contains NUL bytes"),
    Bad("PDF with a password", "locked.pdf", encrypted_pdf(), "protected by a password: save a copy without one"),
    Bad("PDF without text", "scan.pdf", make_pdf([[], []]), "no text in the PDF, only pictures of pages"),
    Bad("PDF cut off", "cut.pdf", make_pdf([PROSE])[:120], "the PDF is damaged"),
    Bad("PDF of nonsense", "nonsense.pdf", b"%PDF-1.7\n" + bytes(range(256)), "the PDF is damaged"),
    Bad("PDF in a circle", "circle.pdf", pdf_that_refers_to_itself(), "the PDF"),
    Bad("PDF bomb", "bomb.pdf", pdf_bomb(), "PDF"),
    Bad("broken JSON line", "broken.jsonl", b'{"text": "a\n' + LINE, "not valid JSON at column 10", ":1", 1),
    Bad("JSON list", "list.jsonl", b'["text"]\n' + LINE, "not a JSON object", ":1", 1),
    Bad("JSON number of 10,000 digits", "digits.jsonl", b"1" * 10_000 + b"\n" + LINE, "not valid JSON", ":1", 1),
    Bad("JSON nested deeply", "deep.jsonl", b"[" * 200_000 + b"\n" + LINE, "not valid JSON", ":1", 1),
    Bad("JSON without text", "no-text.jsonl", b'{"title": "t"}\n' + LINE, 'no "text" field', ":1", 1),
    Bad("JSON text no text", "number.jsonl", b'{"text": 7}\n' + LINE, '"text" is not a string', ":1", 1),
    Bad("JSON text blank", "blank.jsonl", b'{"text": " "}\n' + LINE, "nothing but white space", ":1", 1),
    Bad("JSON text with NUL", "nul.jsonl", b'{"text": "a\\u0000b"}\n' + LINE, "contains NUL characters", ":1", 1),
    Bad("JSON not UTF-8", "latin.jsonl", b'{"text": "caf\xe9"}\n' + LINE, "not valid UTF-8", ":1", 1),
    Bad("line of 27 MB", "line.jsonl", b'{"text": "' + b"a" * 27_000_000 + b'"}\n' + LINE, "longer than", ":1", 1),
    Bad("1,000 blank lines", "blanks.jsonl", b"\n" * 5_000, "1,000 unreadable lines in a row", ":1000"),
    Bad(
        "gzip cut off",
        "cut.jsonl.gz",
        gzip.compress(LINE + os.urandom(9_000).hex().encode())[:-900],
        "the file is truncated",
        ":",
        1,
    ),
    Bad("gzip bomb", "bomb.jsonl.gz", gzip.compress(b"\n" * 9_000_000), "1,000 unreadable lines in a row", ":1000"),
    Bad("gzip with a wrong checksum", "crc.jsonl.gz", gzip.compress(LINE)[:-8] + bytes(8), "not valid gzip", ":2", 1),
    Bad("zip cut off", "cut.zip", make_zip({"a.txt": b"Text."})[:-30], "not a whole zip file"),
    Bad("zip bomb", "bomb.zip", zip_bomb(), "unpacks to 120,000,000 bytes, too much for its size"),
    Bad(
        "zip that names a place outside",
        "slip.zip",
        zip_of(("../../slip.txt", b"x")),
        "points outside",
        "/../../slip.txt",
    ),
    Bad("zip with an absolute name", "absolute.zip", zip_of(("/etc/x.txt", b"x")), "points outside", "//etc/x.txt"),
    Bad(
        "zip in a zip", "nested.zip", make_zip({"in.zip": make_zip({"a.txt": b"x"})}), "a zip file in a zip", "/in.zip"
    ),
    Bad("zip with a password", "locked.zip", zip_of(("a.txt", b"x"), flag=1), "protected by a password", "/a.txt"),
    Bad("zip with a wrong checksum", "crc.zip", zip_with_wrong_checksum(), "damaged in the zip file", "/a.txt"),
    Bad("zip packed in an unknown way", "method.zip", zip_packed_unknown(), "packed in a way", "/a.txt"),
    Bad(
        "zip with a link", "link.zip", zip_of(("a.txt", b"/etc/passwd"), mode=0o120777), "a link, not a file", "/a.txt"
    ),
    Bad("zip without articles", "other.zip", make_zip({"a.docx": b"x"}), "no article files in this zip file"),
    Bad("zip with one bad file", "mixed.zip", make_zip({"a.txt": b"", "b.txt": b"Good."}), "empty file", "/a.txt", 1),
    Bad("unknown type", "notes.docx", b"PK", "not a type that is read: save it as one of .txt"),
    Bad("no extension", "notes", b"Text.", "not a type that is read"),
    Bad("missing file", "missing.txt", lambda path: None, "no such file or folder: check the path"),
    Bad("empty folder", "folder", lambda path: path.mkdir(), "no article files in this folder"),
    Bad("folder called text", "folder.txt", lambda path: path.mkdir(), "no article files in this folder"),
    Bad("pipe", "pipe.txt", lambda path: os.mkfifo(path), "not a regular file"),
    Bad("link to nowhere", "gone.txt", lambda path: path.symlink_to(path.with_name("nowhere")), "no such file"),
    Bad("link to a device", "device.txt", lambda path: path.symlink_to("/dev/zero"), "not a regular file"),
    Bad("link to itself", "self.txt", link_in_a_circle, "ymbolic link"),
    Bad("line break in the name", "line\nbreak.txt", b"", "empty file"),
    Bad("reversed name", "\u202etxt.exe.txt", b"", "empty file"),
    Bad("terminal codes in the name", "\x1b[31mred.txt", b"", "empty file"),
    Bad("name that is not UTF-8", os.fsdecode(b"caf\xe9.txt"), b"", "empty file"),
    Bad("name that is too long", "a" * 300 + ".txt", lambda path: None, "ile name too long"),
]
WEB: list[tuple[str, Reply, str]] = [
    ("missing page", Reply(status=404), "the server answers 404"),
    ("page behind a login", Reply(status=401), "it asks for a password"),
    ("broken server", Reply(status=500), "try again later"),
    ("page of another type", Reply(b"\0\1", headers={"Content-Type": "image/png"}), "no page, PDF or text"),
    ("feed as an article", Reply(b"<rss></rss>", headers={"Content-Type": "text/xml"}), "this is a feed"),
    ("redirect in a circle", Reply(status=302, headers={"Location": "/5"}), "redirects more than 5 times"),
    ("redirect to a file", Reply(status=302, headers={"Location": "file:///etc/passwd"}), "only http and https"),
    ("broken gzip", Reply(b"no gzip at all", headers={"Content-Encoding": "gzip"}), "its compression is damaged"),
    ("empty page", Reply(headers={"Content-Type": "text/html"}), "the page is empty"),
    ("page without article", Reply(b"<html></html>", headers={"Content-Type": "text/html"}), "no article text found"),
]
FEEDS: list[tuple[str, bytes, str]] = [
    (
        "outside entity",
        b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss version="2.0"></rss>',
        "declares entities of its own",
    ),
    (
        "billion laughs",
        b'<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><rss version="2.0"></rss>',
        "declares entities of its own",
    ),
    ("page as a feed", make_page(), "this is no RSS or Atom feed"),
    ("nothing as a feed", b"", "this is no RSS or Atom feed"),
    ("binary as a feed", bytes(range(256)), "this is no RSS or Atom feed"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bad")


@pytest.fixture
def copydesk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    use_fake_weights(monkeypatch)
    monkeypatch.setenv("COPYDESK_ARCHIVE", str(tmp_path / "archive"))
    return partial(run_command, capsys)


def make(bad: Bad, folder: Path) -> Path:
    path = folder / bad.name
    if isinstance(bad.content, bytes):
        path.write_bytes(bad.content)
    else:
        bad.content(path)
    return path


def groups() -> Iterator[list[Bad]]:
    kinds = iter(FILES)
    while group := list(islice(kinds, AT_A_TIME)):
        yield group


def assert_in_order(archive: Archive) -> None:
    """Nothing in the archive is harmed."""
    assert [problem for info in archive.infos() for problem in check_article(archive, info.article_id)[1]] == []
    assert check_stores(archive) == []


def test_there_are_at_least_sixty_kinds() -> None:
    kinds = [bad.kind for bad in FILES]
    assert len(set(kinds)) == len(kinds)
    assert len(FILES) + len(WEB) + len(FEEDS) >= 60


@pytest.mark.parametrize("group", list(groups()), ids=lambda group: f"{group[0].kind} to {group[-1].kind}")
def test_each_bad_file_gives_one_line_and_the_good_ones_are_added(
    copydesk: Command, tmp_path: Path, folder: Path, group: list[Bad]
) -> None:
    first, last = tmp_path / "first.txt", tmp_path / "last.txt"
    for path in (first, last):
        path.write_text(f"{GOOD} {path.name}")
    paths = [make(bad, folder) for bad in group]
    ran = copydesk("add", first, *paths, last)
    lines = ran.err.splitlines()
    assert len(lines) == len(group), ran.err
    for bad, path, line in zip(group, paths, lines, strict=True):
        shown = os.fsencode(path).decode("utf-8", "replace")
        shown = re.sub(r"[^ -~é\ufffd]", lambda match: match[0].encode("unicode_escape").decode(), shown)
        assert line.startswith(f"skipped {shown}{bad.place}"), bad.kind
        assert bad.said in line.removeprefix(f"skipped {shown}"), bad.kind
        assert line.isprintable(), bad.kind
    assert ran.code == 1
    archive = Archive(tmp_path / "archive")
    texts = [archive.article(info.article_id).text for info in archive.infos()]
    assert {f"{GOOD} first.txt", f"{GOOD} last.txt"} <= set(texts)
    # The good line stands in several files; it is one article, as it has one URL.
    assert len(texts) == 2 + (1 if any(bad.good and bad.kind != "zip with one bad file" for bad in group) else 0) + any(
        bad.kind == "zip with one bad file" for bad in group
    )
    assert_in_order(archive)


def test_a_whole_folder_of_bad_files_among_good_ones(copydesk: Command, tmp_path: Path) -> None:
    news = tmp_path / "news"
    deep = news.joinpath(*["deep"] * 100)
    deep.mkdir(parents=True)
    (deep / "good.txt").write_text(GOOD)
    (news / "again").symlink_to(news)
    (news / "empty.txt").touch()
    (news / "self.txt").symlink_to(news / "self.txt")
    (news / "notes.docx").touch()
    os.mkfifo(news / "pipe.txt")
    ran = copydesk("add", news)
    assert (ran.code, ran.out.split(" (")[0]) == (1, "1 added, 0 updated, 0 unchanged, 3 skipped")
    assert len(ran.err.splitlines()) == 3


def test_bad_fields_of_good_articles_are_left_out(copydesk: Command, tmp_path: Path) -> None:
    """Hostile or impossible fields are no reason to lose the text: it is added without them, or they are made plain."""
    fields: list[Mapping[str, object]] = [
        {"published": "9999-12-31"},
        {"published": "0000-00-00"},
        {"published": "31/02/2023"},
        {"published": 20230101},
        {"published": {"year": 2023}},
        {"url": "javascript:alert(1)"},
        {"url": ["https://a.example/"]},
        {"title": "<script>alert(1)</script>"},
        {"title": "a\x1b[31m\nb\u202e"},
        {"title": "t" * 100_000},
        {"title": 7, "outlet": None, "authors": [1, None, {"a": 1}]},
        {"authors": "x" * 100_000},
        {"text": "Lone \ud800 surrogate."},
    ]
    lines = [json.dumps({"text": f"Text {number}.", **given}) for number, given in enumerate(fields)]
    (tmp_path / "a.jsonl").write_text("\n".join([*lines, lines[0]]))
    ran = copydesk("add", tmp_path / "a.jsonl")
    assert (ran.code, ran.err) == (0, "")
    archive = Archive(tmp_path / "archive")
    infos = archive.infos()
    assert len(infos) == len(fields) + 1
    assert all(info.published is None and info.url is None for info in infos)
    titles = {info.title for info in infos} - {None}
    assert titles == {"<script>alert(1)</script>", "a [31m b"}
    assert copydesk("list").out.isprintable() or "\x1b" not in copydesk("list").out
    assert date.today().isoformat() not in copydesk("list").out
    assert_in_order(archive)


def test_the_same_record_again_and_a_duplicate_url(copydesk: Command, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(LINE + LINE.replace(b"good", b"better") + LINE)
    ran = copydesk("add", tmp_path / "a.jsonl")
    assert (ran.code, ran.out.split(" (")[0]) == (0, "1 added, 0 updated, 2 unchanged, 0 skipped")
    assert Archive(tmp_path / "archive").article_count() == 1


def test_each_bad_page_gives_one_line(copydesk: Command, tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text(GOOD)
    with web_server({f"/{number}": reply for number, (_, reply, _) in enumerate(WEB)}) as server:
        urls = [f"{server.url}/{number}" for number in range(len(WEB))]
        ran = copydesk("add", "--allow-private", *urls, tmp_path / "good.txt")
    assert ran.code == 1
    assert ran.out.startswith(f"1 added, 0 updated, 0 unchanged, {len(WEB)} skipped")
    for url, (kind, _, said), line in zip(urls, WEB, ran.err.splitlines(), strict=True):
        assert line.startswith(f"skipped {url}: "), kind
        assert said in line, kind


def test_each_bad_feed_gives_one_line(copydesk: Command) -> None:
    with web_server({f"/{number}": Reply(body) for number, (_, body, _) in enumerate(FEEDS)}) as server:
        urls = [f"{server.url}/{number}" for number in range(len(FEEDS))]
        ran = copydesk("feed", "add", "--allow-private", *urls)
    assert ran.code == 1
    for url, (kind, _, said), line in zip(urls, FEEDS, ran.err.splitlines(), strict=True):
        assert line.startswith(f"skipped {url}: "), kind
        assert said in line, kind
    assert copydesk("feed", "list").out == ""


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_files_and_folders_without_permission(copydesk: Command, tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text(GOOD)
    (tmp_path / "file.txt").write_text(GOOD)
    (tmp_path / "folder").mkdir()
    (tmp_path / "file.txt").chmod(0)
    (tmp_path / "folder").chmod(0)
    try:
        ran = copydesk("add", *(tmp_path / name for name in ("file.txt", "folder", "good.txt")))
    finally:
        (tmp_path / "folder").chmod(0o700)
    assert ran.out.startswith("1 added, 0 updated, 0 unchanged, ")
    assert ran.err.count("permission denied") == 2
