"""Which article is it? Where articles were read from, and which of those in the archive a newly read one is.

An article is the same as one in the archive
- when its URL is, but for what doesn't matter in a URL (`index.urls.url_key`);
- without a URL, when its file is: the same path, or the same text where the file that it came from is no longer there,
  that is, where it has moved; the same text where it comes from no file that could be looked for (an upload).
Of what one run reads of the same article the first stands: two spellings of a URL with different texts would else
replace each other at every run.
"""

import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from index.archive import Archive
from index.records import Article, ArticleInfo, article_id_for
from index.urls import is_web_address, url_key

# Ends the note of where an article was last, when another stands there now: a line of a file, most often. Without it
# nobody could tell that the article is gone from its folder.
_FORMER = "#formerly-"


@dataclass(frozen=True, slots=True)
class Resolved:
    """An article under the id that the archive has for it, and what this run has read of the same one before, if it
    has: that stands, and this is left out.
    """

    article: Article
    first: ArticleInfo | None = None


class Sources:
    """What an archive knows of where its articles come from. Reads it all once, so make one for many articles."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._by_url: dict[str, str] = {}
        self._by_text: defaultdict[str, list[str]] = defaultdict(list)
        self._infos: dict[str, ArticleInfo] = {}
        for info in archive.infos():
            self._note(info)
        self._before = dict(self._infos)
        self._read: dict[str, ArticleInfo] = {}
        self._article_of: dict[str, str] = archive.sources()
        self._sources_of: defaultdict[str, set[str]] = defaultdict(set)
        for source, article_id in self._article_of.items():
            self._sources_of[article_id].add(source)
        self._changes: dict[str, str | None] = {}

    def known(self, article_id: str) -> ArticleInfo | None:
        """The article as it is now, what has been resolved since included."""
        return self._infos.get(article_id)

    def known_before(self, article_id: str) -> ArticleInfo | None:
        """The article as the archive has it, whatever has been resolved since."""
        return self._before.get(article_id)

    def article_at(self, source: str | None) -> str | None:
        """The id of the article that was last read from there."""
        return self._article_of.get(source) if source is not None else None

    def resolve(self, article: Article) -> Resolved:
        """The article under the id that the archive has for it, its own where it is new. Each is asked about once."""
        found = self._find(article)
        if (
            found is None and article.article_id in self._infos
        ):  # that article has moved, and this one has its place now
            found = article_id_for(f"{article.source}#{article.version}")
        info = article.info if found is None else replace(article.info, article_id=found)
        first = self._read.get(info.article_id)
        if first is None:
            self._read[info.article_id] = info
            self._note(info)
        if article.source is not None and self._article_of.get(article.source) != info.article_id:
            self._remember(article.source, info.article_id)
        return Resolved(replace(article, info=info), first)

    def take_changes(self) -> dict[str, str | None]:
        """Source → article id, None for one that is gone, for what has changed since the last call."""
        changes, self._changes = self._changes, {}
        return changes

    def below(self, folder: Path) -> dict[str, str]:
        """Source → article id, for the articles of the archive that came from this folder or its subfolders."""
        root = os.path.join(str(folder), "")  # noqa: PTH118  "/" has its slash already
        return {
            source: article_id
            for source, article_id in self._article_of.items()
            if source.startswith(root) and article_id in self._infos
        }

    def others_of(self, article_id: str, sources: Iterable[str]) -> set[str]:
        """The sources of an article apart from these."""
        return self._sources_of[article_id] - set(sources)

    def _find(self, article: Article) -> str | None:
        info = article.info
        if info.url is not None and (same := self._by_url.get(url_key(info.url))):
            return same
        from_there = self._infos.get(self._article_of.get(article.source or "", ""))
        if from_there is not None and (from_there.url is None or info.url is None):
            return from_there.article_id
        taken = self._sources_of[info.article_id] and not self._has_moved(info.article_id)
        if info.article_id in self._infos and (info.url is not None or not taken):
            return info.article_id
        if info.url is not None:
            return None
        if article.source is None:  # an upload: nothing but its text tells what it is
            return next(
                (same for same in self._by_text[info.version] if self._infos[same].version == info.version), None
            )
        return self._moved(info)

    def _moved(self, info: ArticleInfo) -> str | None:
        """The article of this text whose files are gone; they are forgotten, as it has moved."""
        for article_id in self._by_text[info.version]:
            if self._infos[article_id].version == info.version and self._has_moved(article_id):
                for source in self._sources_of.pop(article_id):
                    del self._article_of[source]
                    self._changes[source] = None
                return article_id
        return None

    def _has_moved(self, article_id: str) -> bool:
        """Are all the files gone that this article came from? Of one without a record that can't be told."""
        sources = self._sources_of[article_id]
        return bool(sources) and not any(is_there(source) for source in sources)

    def _note(self, info: ArticleInfo) -> None:
        self._infos[info.article_id] = info
        if info.url is not None:
            self._by_url[url_key(info.url)] = info.article_id
        elif info.article_id not in self._by_text[info.version]:
            self._by_text[info.version].append(info.article_id)

    def _remember(self, source: str, article_id: str) -> None:
        before = self._article_of.get(source)
        if before is not None:
            self._sources_of[before].discard(source)
            if not self._sources_of[before] and not is_web_address(source):
                self._link(f"{source}{_FORMER}{before}", before)
        self._link(source, article_id)
        for former in [other for other in self._sources_of[article_id] if _is_former(other)]:
            self._sources_of[article_id].discard(former)
            del self._article_of[former]
            self._changes[former] = None

    def _link(self, source: str, article_id: str) -> None:
        self._article_of[source] = self._changes[source] = article_id
        self._sources_of[article_id].add(source)


def _is_former(source: str) -> bool:
    return _FORMER in source and source.rpartition(_FORMER)[2].isalnum()


def is_there(source: str) -> bool:
    """Is there still a file, or a web page as far as can be told, where an article was read from?

    Of a line in a file, or a member of a zip file, the file counts; where another article stands now, it is not.
    """
    if _is_former(source):
        return False
    if is_web_address(source):
        return True
    path = Path(source)
    if os.path.lexists(path) or os.path.lexists(source.rpartition(":")[0] or source):
        return True
    return any(parent.suffix.lower() == ".zip" and parent.is_file() for parent in path.parents)
