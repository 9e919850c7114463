"""`copydesk feed`: feeds that are followed."""

from pathlib import Path

import click

from index.files import visible
from index.locking import Patience
from index.settings import settings_from
from ui.add_cli import add_with_progress, open_for_adding, say_report
from ui.opening import open_archive, say, wait_option
from ui.options import archive_option
from ui.render import counted

_private_option = click.option(
    "--allow-private", is_flag=True, help="Fetch from this machine and its own network, too."
)


@click.group("feed")
def feed_group() -> None:
    """Follow RSS and Atom feeds: `feed sync` adds what is new in them."""


@feed_group.command("add")
@click.argument("urls", nargs=-1, required=True, metavar="URL…")
@_private_option
@archive_option
def add_feed(urls: tuple[str, ...], allow_private: bool, archive: Path | None) -> None:
    """Follow feeds. Their articles come with the next `copydesk feed sync`."""
    from index.extraction import Extractor, UnreadableError
    from index.feeds import Feed, follow_feed, read_feed
    from index.fetching import Fetcher, FetchError

    folder = open_archive(settings_from(archive=archive).archive, create=True).folder
    failed = 0
    with Fetcher(allow_private) as fetcher, Extractor() as extractor:
        for url in urls:
            try:
                read, entries = read_feed(Feed(url), fetcher, extractor)
            except (FetchError, UnreadableError) as error:
                say(f"skipped {visible(url)}: {visible(str(error))}")
                failed += 1
                continue
            is_new = follow_feed(folder, Feed(url, read.title))
            name = read.title or visible(url)
            click.echo(
                f"{'following' if is_new else 'already following'} {name}: {counted(len(entries), 'article')} in it"
            )
    if failed:
        raise SystemExit(1)


@feed_group.command("list")
@archive_option
def list_feeds(archive: Path | None) -> None:
    """List the feeds that are followed, and when each was last synced."""
    from index.feeds import load_feeds

    folder = open_archive(settings_from(archive=archive).archive).folder
    feeds = load_feeds(folder)
    for feed in feeds:
        click.echo(f"{feed.url}  {feed.title or '–'}  {feed.synced_at or 'never synced'}")
    say(f"{counted(len(feeds), 'feed')} in {folder}")


@feed_group.command("remove")
@click.argument("urls", nargs=-1, required=True, metavar="URL…")
@archive_option
def remove_feeds(urls: tuple[str, ...], archive: Path | None) -> None:
    """Follow feeds no longer. The articles that came from them stay."""
    from index.feeds import remove_feed

    folder = open_archive(settings_from(archive=archive).archive).folder
    for url in urls:
        remove_feed(folder, url)
        click.echo(f"no longer following {visible(url)}")


@feed_group.command("sync")
@click.argument("urls", nargs=-1, metavar="[URL…]")
@_private_option
@wait_option
@archive_option
def sync_feeds(urls: tuple[str, ...], allow_private: bool, patience: Patience, archive: Path | None) -> None:
    """Add what is new in the feeds that are followed, or in these of them.

    A feed that has not changed is not read again, and an article only when the feed says that it has changed. What a
    site's robots.txt keeps programs from is left out; a page that can't be read is tried three times in all. The exit
    code is 1 when anything was skipped.
    """
    from index.extraction import Extractor
    from index.feeds import FeedReading, find_feed, load_feeds, renew_feed
    from index.fetching import Fetcher
    from index.robots import PoliteFetcher

    folder = open_archive(settings_from(archive=archive).archive, create=True).folder
    followed = load_feeds(folder)
    chosen = tuple(find_feed(followed, url, folder) for url in urls) or followed
    if not chosen:
        say("No feeds are followed: 'copydesk feed add URL' follows one.")
        return
    opened, embedder = open_for_adding(archive)
    with Fetcher(allow_private) as fetcher, Extractor() as extractor:
        reading = FeedReading(PoliteFetcher(fetcher), extractor)
        report = add_with_progress(opened, embedder, reading.articles(chosen), None, patience)
    # Only now are their articles safe.
    for feed in reading.read:
        renew_feed(folder, feed)
    say_report(report, opened)
