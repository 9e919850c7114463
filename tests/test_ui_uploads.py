"""Articles dropped onto the chat: one line for each file, and no trace of the folder they passed through."""

from pathlib import Path

import pytest

from index.archive import Archive
from index.errors import ModelError
from tests.documents import PROSE, make_pdf, make_zip
from tests.support import FakeEmbedder
from ui.adding import Item, render_items
from ui.editing import Editor
from ui.uploads import describe_upload


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


def drop(archive: Archive, folder: Path, **files: bytes) -> list[Item]:
    paths = []
    for name, data in files.items():
        path = folder / name.replace("_", ".")
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(data)
        paths.append(path)
    *_, last = Editor(archive, FakeEmbedder).add_files(paths)
    return list(last)


def test_each_file_gets_its_own_result(archive: Archive, tmp_path: Path) -> None:
    packed = make_zip({"x.txt": b"Text of x.", "y.txt": b"", "z.md": b"Text of z."})
    results = drop(
        archive, tmp_path / "1", a_txt=b"Text of a.", b_pdf=make_pdf([PROSE]), c_txt=b"", d_zip=packed, e_docx=b"PK"
    )
    assert [(file.name, file.state) for file in results] == [
        ("a.txt", "good"),
        ("b.pdf", "good"),
        ("c.txt", "bad"),
        ("d.zip", "partly"),
        ("e.docx", "bad"),
    ]
    assert results[0].message == "added"
    assert results[2].message == "empty file: remove it, or save the article again"
    assert results[3].message == "2 added, skipped 1: y.txt: empty file: remove it, or save the article again"
    assert results[4].message.startswith("not a type that is read: save it as one of .txt")
    assert not any(str(tmp_path) in file.message for file in results)
    assert archive.sources() == {}


def test_the_same_file_again_is_already_there_and_another_of_its_name_is_another(
    archive: Archive, tmp_path: Path
) -> None:
    assert drop(archive, tmp_path / "1", a_txt=b"Text of a.")[0].message == "added"
    assert drop(archive, tmp_path / "2", a_txt=b"Text of a.")[0].message == "already there"
    assert drop(archive, tmp_path / "3", b_txt=b"Text of a.")[0].message == "already there"
    assert drop(archive, tmp_path / "4", a_txt=b"Other text.")[0].message == "added"
    url = b"---\nurl: https://veldtimes.example/ferry\n---\n\nThe ferry sails"
    assert drop(archive, tmp_path / "5", c_md=url)[0].message == "added"
    assert drop(archive, tmp_path / "6", d_md=url + b" again.")[0].message == "1 updated"
    assert archive.article_count() == 3


def test_progress_is_told_file_by_file(archive: Archive, tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(name)
    states = [
        [file.state for file in files]
        for files in Editor(archive, FakeEmbedder).add_files([tmp_path / "a.txt", tmp_path / "b.txt"])
    ]
    assert states == [["reading", "waiting"], ["good", "waiting"], ["good", "reading"], ["good", "good"]]


def test_what_the_user_can_mend_is_said_of_each_file(archive: Archive, tmp_path: Path) -> None:
    def no_model() -> FakeEmbedder:
        raise ModelError("the weights are damaged: reinstall that package")

    (tmp_path / "a.txt").write_text("Text.")
    *_, last = Editor(archive, no_model).add_files([tmp_path / "a.txt"])
    assert last == (Item("a.txt", "bad", "the weights are damaged: reinstall that package"),)


def test_nothing_dropped() -> None:
    assert render_items(()) == ""
    assert ".pdf" in describe_upload()


def test_names_and_messages_are_data() -> None:
    hostile = "<img src=x onerror=alert(1)>\"'&"
    html = render_items([Item(hostile, "bad", hostile), Item("b", "waiting", "waiting")])
    assert "<img" not in html
    assert "1 of 2 done" in html
