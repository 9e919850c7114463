"""A folder kept in step: what is new in it, what has changed, and which articles are no longer there."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from index.archive import Archive
from index.files import Skipped, visible
from index.loaders import load_paths
from index.records import Article, ArticleInfo
from index.sources import Sources, is_there

Kind = Literal["added", "changed", "moved", "unchanged"]
# To remove more than this share of what came from the folders is asked about first.
REMOVED_UNASKED = 0.5


@dataclass(frozen=True, slots=True)
class Gone:
    """The articles whose files are no longer there, and how many had come from the folders before this reading."""

    articles: tuple[ArticleInfo, ...]
    known: int

    @property
    def many(self) -> bool:
        return len(self.articles) > REMOVED_UNASKED * self.known


@dataclass(slots=True)
class FolderSync:
    """Reads folders, and notes what is found in them. An item of `changes` is its kind and where it was read from."""

    archive: Archive
    folders: Sequence[Path]
    changes: list[tuple[Kind, str]] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    _seen: dict[str, str] = field(default_factory=dict)
    _known: int = 0

    def articles(self) -> Iterator[Article | Skipped]:
        """Everything in the folders, lazily; `changes` and `gone` are complete when all of it has been taken."""
        sources = Sources(self.archive)
        self._known = len(set(self._below(sources).values()))
        for item in load_paths(self.folders):
            if isinstance(item, Skipped):
                self.skipped.append(item)
            else:
                self._note(item, sources)
            yield item

    def gone(self) -> Gone:
        """The articles that came from the folders and aren't there any more; to be asked after the reading.

        What couldn't be read counts as being there, and an article that was also read from elsewhere stays.
        """
        sources = Sources(self.archive)
        below = self._below(sources)
        unread = tuple(item.source for item in self.skipped if item.source is not None)
        # Where another article was found, this one is no more.
        moved_out = {source for source, article_id in below.items() if self._seen.get(source) != article_id}
        missing = {source for source in moved_out if source in self._seen or not _is_within(source, unread)}
        kept = set(self._seen.values())
        found: dict[str, ArticleInfo] = {}
        for source in sorted(missing):
            article_id = below[source]
            info = sources.known(article_id)
            elsewhere = any(is_there(other) for other in sources.others_of(article_id, missing))
            if info is not None and article_id not in kept and not elsewhere:
                found[article_id] = info
        return Gone(tuple(found.values()), self._known)

    def _below(self, sources: Sources) -> dict[str, str]:
        folders = [folder.resolve() for folder in self.folders]
        return {source: article_id for folder in folders for source, article_id in sources.below(folder).items()}

    def _note(self, article: Article, sources: Sources) -> None:
        id_there = sources.article_at(article.source)
        resolved = sources.resolve(article)
        info = resolved.article.info
        before = sources.known_before(info.article_id)
        if article.source is not None:
            self._seen[article.source] = info.article_id
        kind: Kind
        if resolved.first is not None:
            kind = "unchanged"
        elif before is None:
            kind = "added"
        elif before != info:
            kind = "changed"
        else:
            kind = "unchanged" if article.source is None or id_there == info.article_id else "moved"
        self.changes.append((kind, visible(article.source or info.article_id)))


def _is_within(source: str, places: Iterable[str]) -> bool:
    """Is it one of these files, a line in one, or below one of these folders?"""
    return any(
        source == place or source.startswith((f"{place}:", f"{place.rstrip(os.sep)}{os.sep}")) for place in places
    )
