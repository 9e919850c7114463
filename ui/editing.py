"""What the page may do to the archive: add files, web addresses and feeds, remove articles and put them back."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from index.archive import Archive
from index.files import Skipped, visible
from index.records import Article
from index.urls import is_web_address
from ui.adding import Item, item_of, one_by_one
from ui.uploads import load_upload

if TYPE_CHECKING:
    from index.embedding import Embedder
    from index.extraction import Extractor
    from index.feeds import Feed
    from index.fetching import Fetcher


@dataclass(frozen=True, slots=True)
class Editor:
    """Changes an archive. `embedder` loads the model, which may take seconds the first time; `allow_private` lets
    addresses of this machine and its own network be fetched.
    """

    archive: Archive
    embedder: "Callable[[], Embedder]"
    allow_private: bool = False

    def add_files(self, paths: Sequence[Path]) -> Iterator[tuple[Item, ...]]:
        """Add the articles of these uploaded files; after each step, what is known of every one of them."""
        names = [visible(path.name) for path in paths]
        yield from one_by_one(names, lambda number: self._add(names[number], load_upload(paths[number])))

    def add_addresses(self, addresses: Sequence[str]) -> Iterator[tuple[Item, ...]]:
        """Fetch and add the articles at these web addresses."""
        from index.web_articles import load_url

        names = [visible(address) for address in addresses]
        with ExitStack() as stack:
            fetcher, extractor = self._fetching(stack)

            def work(number: int) -> Item:
                if not is_web_address(addresses[number]):
                    return Item(names[number], "bad", "only http and https addresses are fetched: drop the file")
                return self._add(names[number], [load_url(addresses[number], fetcher, extractor)])

            yield from one_by_one(names, work)

    def follow(self, addresses: Sequence[str]) -> Iterator[tuple[Item, ...]]:
        """Put the feeds at these addresses on the archive's list; their articles come with the next sync."""
        from index.extraction import UnreadableError
        from index.feeds import Feed, follow_feed, read_feed
        from index.fetching import FetchError

        names = [visible(address) for address in addresses]
        with ExitStack() as stack:
            fetcher, extractor = self._fetching(stack)

            def work(number: int) -> Item:
                try:
                    read, entries = read_feed(Feed(addresses[number]), fetcher, extractor)
                except (FetchError, UnreadableError) as error:
                    return Item(names[number], "bad", visible(str(error)))
                new = follow_feed(self.archive.folder, Feed(addresses[number], read.title))
                count = f"{len(entries)} article{'' if len(entries) == 1 else 's'} in it"
                followed = "followed from now on" if new else "followed already"
                return Item(visible(read.title or addresses[number]), "good", f"{followed}, {count}")

            yield from one_by_one(names, work)

    def sync(self) -> Iterator[tuple[Item, ...]]:
        """Add what is new in the feeds that are followed, keeping to each site's robots.txt."""
        from index.feeds import FeedReading, renew_feed
        from index.robots import PoliteFetcher

        feeds = self.feeds()
        names = [visible(feed.title or feed.url) for feed in feeds]
        with ExitStack() as stack:
            fetcher, extractor = self._fetching(stack)
            polite = PoliteFetcher(fetcher)

            def work(number: int) -> Item:
                reading = FeedReading(polite, extractor)
                item = self._add(names[number], reading.articles([feeds[number]]))
                for read in reading.read:  # only now are its articles safe
                    renew_feed(self.archive.folder, read)
                return item

            yield from one_by_one(names, work)

    def feeds(self) -> "tuple[Feed, ...]":
        """The feeds that are followed. Raises ArchiveError."""
        from index.feeds import load_feeds

        return load_feeds(self.archive.folder)

    def stop_following(self, address: str) -> None:
        """Take a feed from the list; its articles stay. Raises BadInputError and ArchiveError."""
        from index.feeds import remove_feed

        remove_feed(self.archive.folder, address)

    def remove(self, article_id: str) -> None:
        """Take an article out; `put_back` undoes it for 30 days. Raises ArchiveError."""
        from index.build import remove_articles

        remove_articles(self.archive, [article_id])

    def put_back(self, article_id: str) -> None:
        """Put a removed article back with all its versions. Raises ArchiveError and ModelError."""
        from index.build import put_back

        put_back(self.archive, self.embedder(), [article_id])

    def _add(self, name: str, articles: Iterable[Article | Skipped]) -> Item:
        from index.build import add_articles

        return item_of(add_articles(self.archive, self.embedder(), articles), name)

    def _fetching(self, stack: ExitStack) -> "tuple[Fetcher, Extractor]":
        from index.extraction import Extractor
        from index.fetching import Fetcher

        return stack.enter_context(Fetcher(self.allow_private)), stack.enter_context(Extractor())
