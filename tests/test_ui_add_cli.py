"""`copydesk add` with web addresses and --sync, and `copydesk feed`, against a server on this machine."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from index.archive import Archive
from index.feeds import load_feeds
from tests.command_line import Command, run_command, use_fake_weights
from tests.documents import make_page
from tests.web_server import Reply, WebServer, web_server

HTML = {"Content-Type": "text/html"}
GERMAN = (
    "Die Fähre nach Skerra fährt ab dem ersten Juni zweimal am Tag, sagte das Hafenamt am Montag. Sie kostet mehr. "
)


@pytest.fixture
def copydesk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    use_fake_weights(monkeypatch)
    monkeypatch.setenv("COPYDESK_ARCHIVE", str(tmp_path / "archive"))
    return partial(run_command, capsys)


@pytest.fixture
def server() -> Iterator[WebServer]:
    with web_server({"/ferry": Reply(make_page(), headers=HTML)}) as started:
        yield started


@pytest.fixture
def news(tmp_path: Path) -> Path:
    (tmp_path / "news").mkdir()
    for name in ("a", "b", "c"):
        (tmp_path / "news" / f"{name}.txt").write_text(f"Text of {name}.")
    return tmp_path / "news"


# Web addresses


def test_a_page_is_added_and_found_by_its_address(copydesk: Command, server: WebServer, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Text.")
    added = copydesk("add", "--allow-private", f"{server.url}/ferry#top", tmp_path / "a.txt")
    assert (added.code, added.out.split(" (")[0]) == (0, "2 added, 0 updated, 0 unchanged, 0 skipped")
    again = copydesk("add", "--allow-private", f"{server.url}/ferry")
    assert again.out.startswith("0 added, 0 updated, 1 unchanged")
    assert "twice a day" in copydesk("show", f"{server.url}/ferry?utm_source=x").out


def test_private_addresses_need_a_flag_and_a_good_file_is_added_all_the_same(
    copydesk: Command, server: WebServer, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("Text.")
    added = copydesk("add", f"{server.url}/ferry", "ftp://a.example/x", tmp_path / "a.txt")
    assert added.code == 1
    assert added.out.startswith("1 added, 0 updated, 0 unchanged, 2 skipped")
    first, second = added.err.splitlines()
    assert first == (
        f"skipped {server.url}/ferry: 127.0.0.1 is an address of this machine or its own network: "
        "--allow-private fetches it all the same"
    )
    assert (
        second
        == "skipped ftp://a.example/x: only http and https addresses are fetched: save the page, and add the file"
    )
    assert server.asked == []


def test_an_article_in_another_language_is_marked(copydesk: Command, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(GERMAN * 2)
    copydesk("add", tmp_path / "a.txt")
    assert "(German: not quoted)" in copydesk("list").out
    (info,) = Archive(tmp_path / "archive").infos()
    assert "language:  German" in copydesk("show", info.article_id).out


def test_the_first_of_two_texts_of_one_article_stands_and_that_is_said(copydesk: Command, tmp_path: Path) -> None:
    url = "https://veldtimes.example/ferry"
    lines = [f'{{"url": "{url}{end}", "text": "The ferry sails{end}."}}' for end in ("", "/", "?utm_source=x")]
    (tmp_path / "news.jsonl").write_text("\n".join(lines))
    added = copydesk("add", tmp_path / "news.jsonl")
    assert (added.code, added.out.split(" (")[0]) == (0, "1 added, 0 updated, 2 unchanged, 0 skipped")
    assert added.err == (
        f"2 left out, as the same article had come with another text before, which stands: {url}/ and others\n"
    )
    again = copydesk("add", tmp_path / "news.jsonl")
    assert again.out.startswith("0 added, 0 updated, 3 unchanged")
    assert copydesk("show", url).out.endswith("\nThe ferry sails.\n")


# Folders kept in step


def test_sync_adds_changes_moves_and_removes(copydesk: Command, news: Path) -> None:
    first = copydesk("add", "--sync", news)
    assert (first.code, first.out.splitlines()[-1]) == (
        0,
        "3 added, 0 changed, 0 moved, 0 removed, 0 unchanged, 0 skipped",
    )
    (news / "a.txt").write_text("Other text of a.")
    (news / "b.txt").unlink()
    (news / "c.txt").rename(news / "d.txt")
    (news / "e.txt").write_text("Text of e.")
    dry = copydesk("add", "--sync", "--dry-run", news)
    wet = copydesk("add", "--sync", news)
    expected = [f"changed  {news}/a.txt", f"moved    {news}/d.txt", f"added    {news}/e.txt"]
    counts = "1 added, 1 changed, 1 moved, 1 removed, 0 unchanged, 0 skipped"
    assert dry.out.splitlines()[:3] == wet.out.splitlines()[:3] == expected
    assert dry.out.splitlines()[3].startswith("removed  ")
    assert dry.out.splitlines()[4] == f"{counts} (dry run: nothing was changed)"
    assert wet.out.splitlines()[4] == counts
    assert copydesk("add", "--sync", news).out == "0 added, 0 changed, 0 moved, 0 removed, 3 unchanged, 0 skipped\n"
    assert copydesk("check").code == 0


def test_more_than_half_is_removed_only_when_asked_for(copydesk: Command, news: Path) -> None:
    copydesk("add", "--sync", news)
    (news / "a.txt").unlink()
    (news / "b.txt").unlink()
    for flags in (("--dry-run",), ()):
        refused = copydesk("add", "--sync", *flags, news)
        assert refused.code == 1
        assert "2 of the 3 articles that came from there are no longer there" in refused.err
        assert len(copydesk("list").out.splitlines()) == 3
    done = copydesk("add", "--sync", "--yes", news)
    assert (done.code, len(copydesk("list").out.splitlines())) == (0, 1)


def test_sync_of_what_is_no_folder(copydesk: Command, news: Path) -> None:
    copydesk("add", "--sync", news)
    assert copydesk("add", "--sync", news / "a.txt").code == 2
    assert copydesk("add", "--sync", "https://a.example/").code == 2
    assert copydesk("add", "--dry-run", news).code == 2
    gone = copydesk("add", "--sync", news.with_name("gone"))
    assert gone.code == 1
    assert "no such file or folder" in gone.err
    assert len(copydesk("list").out.splitlines()) == 3


# Feeds


def rss(*paths: str) -> Reply:
    items = "".join(f"<item><title>T {path}</title><link>{path}</link></item>" for path in paths)
    body = f'<rss version="2.0"><channel><title>Veld Times</title>{items}</channel></rss>'.encode()
    return Reply(body, headers={"Content-Type": "application/rss+xml", "ETag": f'"{len(paths)}"'})


def test_a_feed_is_followed_synced_and_removed(copydesk: Command, server: WebServer, tmp_path: Path) -> None:
    server.pages["/robots.txt"] = Reply(b"User-agent: *\nDisallow:\n")
    url = f"{server.url}/feed"
    server.pages["/feed"] = rss("/ferry", "/gone")
    private = "--allow-private"
    followed = copydesk("feed", "add", private, url)
    assert (followed.code, followed.out) == (0, "following Veld Times: 2 articles in it\n")
    assert copydesk("feed", "add", private, url).out.startswith("already following Veld Times")
    synced = copydesk("feed", "sync", private)
    assert (synced.code, synced.out.split(" (")[0]) == (1, "1 added, 0 updated, 0 unchanged, 1 skipped")
    assert synced.err.startswith(f"skipped {server.url}/gone: the server answers 404")
    server.pages["/gone"] = Reply(
        make_page(("The bridge of Marn was opened on Monday by the mayor of the town.",) * 3), headers=HTML
    )
    assert copydesk("feed", "sync", private, url).out.startswith("1 added, 0 updated, 0 unchanged, 0 skipped")
    asked = len(server.asked)
    assert copydesk("feed", "sync", private).out.startswith("0 added, 0 updated, 0 unchanged, 0 skipped")
    assert server.paths()[asked:] == ["/feed"]
    listed = copydesk("feed", "list")
    assert listed.out.startswith(f"{url}  Veld Times  20")
    assert copydesk("feed", "remove", url).out == f"no longer following {url}\n"
    assert copydesk("feed", "sync").err.startswith("No feeds are followed")
    assert load_feeds(tmp_path / "archive") == ()
    assert Archive(tmp_path / "archive").article_count() == 2


def test_feeds_that_cannot_be_followed(copydesk: Command, server: WebServer) -> None:
    added = copydesk("feed", "add", "--allow-private", f"{server.url}/ferry", f"{server.url}/none")
    assert added.code == 1
    assert "this is no RSS or Atom feed" in added.err.splitlines()[0]
    assert "the server answers 404" in added.err.splitlines()[1]
    refused = copydesk("feed", "add", f"{server.url}/feed")
    assert "--allow-private" in refused.err
    assert copydesk("feed", "remove", "https://a.example/rss").code == 1
    assert copydesk("feed", "list").out == ""
