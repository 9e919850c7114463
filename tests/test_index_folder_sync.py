"""A folder kept in step: additions, changes, moves and removals; what can't be read is never taken for removed."""

import json
import os
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.archive import Archive
from index.build import add_articles, remove_articles
from index.folder_sync import FolderSync
from index.urls import url_key
from tests.documents import make_zip
from tests.support import FakeEmbedder


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


@pytest.fixture
def news(tmp_path: Path) -> Path:
    (tmp_path / "news" / "sub").mkdir(parents=True)
    for name in ("a", "b", "sub/c"):
        (tmp_path / "news" / f"{name}.txt").write_text(f"Text of {name}.")
    return tmp_path / "news"


def sync(archive: Archive, *folders: Path) -> FolderSync:
    """Everything but removals, as the command does it."""
    syncing = FolderSync(archive, folders)
    add_articles(archive, FakeEmbedder(), syncing.articles())
    return syncing


def changes(syncing: FolderSync, folder: Path) -> set[tuple[str, str]]:
    return {(kind, source.removeprefix(f"{folder}/")) for kind, source in syncing.changes if kind != "unchanged"}


def test_additions_changes_moves_and_removals(archive: Archive, news: Path) -> None:
    first = sync(archive, news)
    assert changes(first, news) == {("added", "a.txt"), ("added", "b.txt"), ("added", "sub/c.txt")}
    assert first.gone().articles == ()
    (news / "a.txt").unlink()
    (news / "b.txt").write_text("Other text.")
    (news / "sub" / "c.txt").rename(news / "d.txt")
    (news / "e.txt").write_text("Text of e.")
    for again in (FolderSync(archive, [news]), None):
        if again is not None:  # only looked at: nothing is written
            list(again.articles())
            assert archive.article_count() == 3
        else:
            again = sync(archive, news)
        assert changes(again, news) == {("changed", "b.txt"), ("moved", "d.txt"), ("added", "e.txt")}
        gone = again.gone()
        assert [(archive.article(info.article_id).text, gone.known) for info in gone.articles] == [("Text of a.", 3)]
        assert not gone.many
    remove_articles(archive, [info.article_id for info in gone.articles])
    last = sync(archive, news)
    assert {kind for kind, _ in last.changes} == {"unchanged"}
    assert last.gone().articles == ()


def test_of_two_copies_with_different_texts_the_first_stands(archive: Archive, news: Path) -> None:
    for name, text in (("m.md", "The ferry sails."), ("n.md", "The ferry sails, we hear.")):
        (news / name).write_text(f"---\nurl: https://veldtimes.example/ferry\n---\n\n{text}")
    assert changes(sync(archive, news), news) == {("added", f"{n}.txt") for n in ("a", "b", "sub/c")} | {
        ("added", "m.md")
    }
    again = sync(archive, news)
    assert {kind for kind, _ in again.changes} == {"unchanged"}
    assert len(again.changes) == 5
    (news / "m.md").unlink()
    last = sync(archive, news)
    assert changes(last, news) == {("changed", "n.md")}
    assert last.gone().articles == ()


def test_an_empty_folder_in_the_place_of_a_full_one_removes_nothing_unasked(archive: Archive, news: Path) -> None:
    sync(archive, news)
    for path in news.rglob("*.txt"):
        path.unlink()
    (news / "new.txt").write_text("Something else.")
    (news / "newer.txt").write_text("Something else again.")
    (news / "newest.txt").write_text("And again.")
    (news / "latest.txt").write_text("And once more.")
    gone = sync(archive, news).gone()
    assert (len(gone.articles), gone.known, gone.many) == (3, 3, True)


def test_a_folder_that_is_not_there_removes_nothing(archive: Archive, news: Path) -> None:
    sync(archive, news)
    news.rename(news.with_name("elsewhere"))
    syncing = sync(archive, news)
    assert syncing.gone().articles == ()
    assert [item.reason for item in syncing.skipped] == ["no such file or folder: check the path"]


def test_what_cannot_be_read_is_still_there(archive: Archive, news: Path) -> None:
    lines = [json.dumps({"text": f"Line {number}."}) for number in range(3)]
    (news / "d.jsonl").write_text("\n".join(lines))
    (news / "e.zip").write_bytes(make_zip({"x.txt": b"Text of x.", "y.txt": b"Text of y."}))
    sync(archive, news)
    assert archive.article_count() == 8
    (news / "a.txt").write_bytes(b"\x7fELF\0\0")
    (news / "d.jsonl").write_text("\n".join([lines[0], "{broken", lines[2]]))
    (news / "e.zip").write_bytes(b"PK broken")
    syncing = sync(archive, news)
    assert len(syncing.skipped) == 3
    assert syncing.gone().articles == ()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_without_permission_is_still_there(archive: Archive, news: Path) -> None:
    sync(archive, news)
    (news / "sub").chmod(0)
    try:
        assert sync(archive, news).gone().articles == ()
    finally:
        (news / "sub").chmod(0o700)


def test_members_of_a_zip_file_and_lines_go_one_by_one(archive: Archive, news: Path) -> None:
    (news / "d.jsonl").write_text('{"text": "One."}\n{"text": "Two."}\n')
    (news / "e.zip").write_bytes(make_zip({"x.txt": b"Text of x.", "y.txt": b"Text of y."}))
    sync(archive, news)
    (news / "d.jsonl").write_text('{"text": "One."}\n')
    (news / "e.zip").write_bytes(make_zip({"y.txt": b"Text of y."}))
    gone = sync(archive, news).gone()
    assert {archive.article(info.article_id).text for info in gone.articles} == {"Two.", "Text of x."}


def write_lines(path: Path, *names: str) -> None:
    lines = [{"url": f"https://veldtimes.example/{name}", "text": f"Text of {name}."} for name in names]
    path.write_text("\n".join(json.dumps(line) for line in lines))


@pytest.mark.parametrize("interrupted", [False, True])
def test_an_article_whose_line_another_has_taken_is_gone(archive: Archive, news: Path, interrupted: bool) -> None:
    lines = news / "d.jsonl"
    write_lines(lines, "ferry", "bridge", "frog")
    sync(archive, news)
    write_lines(lines, "bridge", "bell", "frog")
    looked_at = FolderSync(archive, [news])
    list(looked_at.articles())
    assert [info.url for info in looked_at.gone().articles] == ["https://veldtimes.example/ferry"]
    if interrupted:  # after the articles, before the removals
        sync(archive, news)
        assert archive.article_count() == 7
    last = sync(archive, news)
    assert [info.url for info in last.gone().articles] == ["https://veldtimes.example/ferry"]
    # One that comes back in another place isn't gone any more.
    write_lines(lines, "bridge", "bell", "frog", "ferry")
    again = sync(archive, news)
    assert again.gone().articles == ()
    assert not [source for source in archive.sources() if "formerly" in source]


line = st.tuples(
    st.sampled_from("abcd"), st.sampled_from(["", "/", "?utm_source=x"]), st.sampled_from(["One.", "Two."])
)


@given(states=st.lists(st.lists(line, max_size=5), min_size=1, max_size=3))
@settings(deadline=None, max_examples=12)
def test_in_the_end_the_archive_holds_what_the_folder_does(
    tmp_path_factory: pytest.TempPathFactory, states: list[list[tuple[str, str, str]]]
) -> None:
    folder = tmp_path_factory.mktemp("step")
    (folder / "news").mkdir()
    (folder / "news" / "always.txt").write_text("Always here.")
    with closing(Archive(folder / "archive")) as archive:
        for state in states:
            lines = [{"url": f"https://veldtimes.example/{name}{end}", "text": text} for name, end, text in state]
            (folder / "news" / "x.jsonl").write_text("\n".join(json.dumps(line) for line in lines) or "\n")
            gone = sync(archive, folder / "news").gone().articles
            remove_articles(archive, [info.article_id for info in gone])
            first_texts = {url_key(f"https://veldtimes.example/{name}"): text for name, _, text in reversed(state)}
            held = [archive.article(info.article_id) for info in archive.infos() if info.url]
            assert {url_key(str(article.info.url)): article.text for article in held} == first_texts
            assert len(held) == len(first_texts)


def test_a_file_that_holds_another_article_now(archive: Archive, news: Path) -> None:
    (news / "latest.md").write_text("---\nurl: https://veldtimes.example/ferry\n---\n\nThe ferry sails.")
    sync(archive, news)
    (news / "latest.md").write_text("---\nurl: https://veldtimes.example/bridge\n---\n\nThe bridge is closed.")
    assert [info.url for info in sync(archive, news).gone().articles] == ["https://veldtimes.example/ferry"]


def test_an_article_that_is_also_elsewhere_stays(archive: Archive, news: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    for folder in (news, tmp_path / "other"):
        (folder / "ferry.md").write_text("---\nurl: https://veldtimes.example/ferry\n---\n\nThe ferry sails.")
        sync(archive, folder)
    (news / "ferry.md").unlink()
    assert sync(archive, news).gone().articles == ()
    (tmp_path / "other" / "ferry.md").unlink()
    assert len(sync(archive, news).gone().articles) == 1


def test_other_folders_are_left_alone(archive: Archive, news: Path, tmp_path: Path) -> None:
    (tmp_path / "news2").mkdir()
    (tmp_path / "news2" / "z.txt").write_text("Text of z.")
    sync(archive, news, tmp_path / "news2")
    (tmp_path / "news2" / "z.txt").unlink()
    assert sync(archive, news).gone().articles == ()
    assert len(sync(archive, news, tmp_path / "news2").gone().articles) == 1
