"""Articles go into the archive: split, embedded, stored, and the vector index brought in step."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Literal, Protocol

from index.archive import Archive, text_version
from index.embedding import Embedder, EmbedderIdentity, Vectors
from index.errors import ArchiveBusyError, BadInputError
from index.furniture import find_furniture
from index.language import language_of
from index.loaders import Skipped
from index.locking import Patience
from index.near_copy_groups import group_near_copies
from index.passages import make_passages, text_to_embed
from index.records import Article, ArticleInfo
from index.sentences import split_sentences
from index.sources import Resolved, Sources
from index.vectors import SyncReport, passages_behind, sync_vectors
from index.writer import ArchiveWriter, PreparedArticle, writing

# Articles and passages embedded and committed at a time: enough to sort by length, little enough to lose to a kill.
PASSAGES_PER_COMMIT = 256
Outcome = Literal["added", "updated", "unchanged", "skipped"]


class Progress(Protocol):
    """Told what happens, so that a command can show it."""

    def article(self, outcome: Outcome, passages: int) -> None: ...

    def vectors(self, done: int, total: int) -> None: ...


class NoProgress:
    """Shows nothing."""

    def article(self, outcome: Outcome, passages: int) -> None:
        pass

    def vectors(self, done: int, total: int) -> None:
        pass


@dataclass(frozen=True, slots=True)
class AddReport:
    """What became of the articles. Of the `passages` written, `reused` took a vector that was there already.

    `left_out` are those that came before in the same run with another text, which stands; they count as unchanged.
    `behind` is how many passages an earlier, interrupted command had left for `sync` to bring in step.
    """

    added: int
    updated: int
    unchanged: int
    skipped: tuple[Skipped, ...]
    passages: int
    reused: int
    sync: SyncReport
    behind: int = 0
    left_out: tuple[ArticleInfo, ...] = ()


@dataclass(slots=True)
class _Tally:
    """Counts while a run goes on."""

    outcomes: dict[Outcome, int] = field(default_factory=lambda: {"added": 0, "updated": 0, "unchanged": 0})
    skipped: list[Skipped] = field(default_factory=list)
    left_out: list[ArticleInfo] = field(default_factory=list)
    passages: int = 0
    reused: int = 0
    behind: int = 0

    def report(self, sync: SyncReport) -> AddReport:
        counts = (self.outcomes["added"], self.outcomes["updated"], self.outcomes["unchanged"])
        skipped, left_out = tuple(self.skipped), tuple(self.left_out)
        return AddReport(*counts, skipped, self.passages, self.reused, sync, self.behind, left_out)


@dataclass(frozen=True, slots=True)
class _Change:
    outcome: Outcome
    prepared: PreparedArticle


@dataclass(frozen=True, slots=True)
class _Run:
    """Articles on their way in. `sources` knows where they were read from; None where that stays as it is."""

    writer: ArchiveWriter
    embedder: Embedder
    tally: _Tally
    progress: Progress
    sources: Sources | None = None


def add_articles(
    archive: Archive,
    embedder: Embedder,
    articles: Iterable[Article | Skipped],
    progress: Progress | None = None,
    patience: Patience = Patience(),
) -> AddReport:
    """Add articles, or bring them up to date; what hasn't changed is left alone, and of what is the same article the
    first stands.

    Raises ArchiveBusyError, ManifestMismatchError, and ArchiveError when the disk can't take them; what was
    committed before stays, and the next run goes on from there.
    """
    progress = progress or NoProgress()
    tally = _Tally()

    def outcome_of(article: Article) -> Outcome:
        stored = writer.known(article.article_id)
        return "added" if stored is None else "unchanged" if stored == article.info else "updated"

    with writing(archive, patience) as writer:
        # Only now: another process may have reindexed while this one waited for the lock.
        archive.require_match(embedder.identity)
        with writer.transaction():
            writer.record_identity(embedder.identity)
        tally.behind = passages_behind(archive)
        sources = Sources(archive)
        resolved = (sources.resolve(item) if isinstance(item, Article) else item for item in articles)
        _write_all(_Run(writer, embedder, tally, progress, sources), resolved, outcome_of)
        return tally.report(sync_vectors(writer, progress.vectors))


def remove_articles(archive: Archive, article_ids: Sequence[str], patience: Patience = Patience()) -> None:
    """Take articles out; for 30 days `put_back` undoes it.

    Raises ArchiveError, and removes none, when one of them isn't there.
    """
    moment = datetime.now(UTC)
    with writing(archive, patience) as writer:
        with writer.transaction():
            for article_id in article_ids:
                writer.remove(article_id, moment)
            group_near_copies(archive)
        # Halfway through a reindexing the vectors may be of two models; its end brings Chroma in step.
        if not archive.manifest().get("reindexing"):
            sync_vectors(writer)


def put_back(
    archive: Archive,
    embedder: Embedder,
    article_ids: Sequence[str],
    progress: Progress | None = None,
    patience: Patience = Patience(),
) -> AddReport:
    """Put removed articles back as they were, with their older versions and the vectors kept of them.

    Raises ArchiveError, and puts none back, when one of them isn't kept.
    """
    progress = progress or NoProgress()
    tally = _Tally()
    with writing(archive, patience) as writer:
        archive.require_match(embedder.identity)
        articles = [Resolved(writer.removed_article(article_id)) for article_id in dict.fromkeys(article_ids)]
        _write_all(_Run(writer, embedder, tally, progress), articles, lambda _: "added")
        return tally.report(sync_vectors(writer, progress.vectors))


def delete_for_good(archive: Archive, article_ids: Sequence[str], patience: Patience = Patience()) -> int:
    """Delete what is kept of these removed articles, so that nothing can put them back; returns how many they were."""
    with writing(archive, patience) as writer:
        return writer.purge(datetime.now(UTC), article_ids)


def reindex(
    archive: Archive, embedder: Embedder, progress: Progress | None = None, patience: Patience = Patience()
) -> AddReport:
    """Split every article again, embed what model or splitter have changed, and rebuild both search indexes.

    Where neither has changed, readers notice nothing until it is done. Otherwise they are refused; an interrupted run
    goes on where it stopped, because vectors whose text and model are the same are used again.
    """
    progress = progress or NoProgress()
    with writing(archive, patience) as writer:
        if is_built_with(archive, embedder.identity):
            return _rebuild(writer, embedder, progress)
        return _change_over(writer, embedder, progress)


def resume_reindexing(
    archive: Archive, embedder: Embedder, progress: Progress | None = None, say: Callable[[], None] = lambda: None
) -> AddReport | None:
    """Finish a reindexing to this embedder's model that was interrupted, having said so; None where there is none.

    Nothing is done while another process writes: it may be the one that reindexes.
    """
    with suppress(ArchiveBusyError), writing(archive, Patience(0)) as writer:
        if archive.manifest().get("reindexing_weights") == embedder.identity.weights_sha256:
            say()
            return _change_over(writer, embedder, progress or NoProgress())
    return None


def is_built_with(archive: Archive, identity: EmbedderIdentity) -> bool:
    """Whether the archive's passages and vectors are all of this model and of the splitter as it is."""
    manifest = archive.manifest()
    built_with = (manifest.get("weights_sha256"), manifest.get("text_version"), manifest.get("reindexing"))
    return built_with == (identity.weights_sha256, text_version(), None)


def _rebuild(writer: ArchiveWriter, embedder: Embedder, progress: Progress) -> AddReport:
    """Everything that is derived once more, in one transaction: nothing is embedded, so little is lost to a kill."""
    tally = _Tally()
    with writer.transaction():
        writer.renew_full_text()
        for article_id in writer.article_ids():
            change = _Change("updated", prepare(writer.archive.article(article_id), embedder.identity))
            vectors, reused = _vectors_for(writer, embedder, [change])
            writer.put(change.prepared, [vectors[digest] for digest in change.prepared.digests])
            _count(change, reused, tally, progress)
        group_near_copies(writer.archive)
        writer.set_manifest(generation_last_key=None, generation=None)
    return tally.report(sync_vectors(writer, progress.vectors))


def _change_over(writer: ArchiveWriter, embedder: Embedder, progress: Progress) -> AddReport:
    """To another model or splitter, a group of passages at a time."""
    archive, tally = writer.archive, _Tally()
    with writer.transaction():
        writer.set_manifest(
            reindexing=embedder.identity.name,
            reindexing_weights=embedder.identity.weights_sha256,
            generation=None,
            generation_last_key=None,
        )
        writer.renew_full_text()
    stored = (Resolved(archive.article(article_id)) for article_id in writer.article_ids())
    _write_all(_Run(writer, embedder, tally, progress), stored, lambda _: "updated")
    with writer.transaction():
        writer.record_identity(embedder.identity)
    report = tally.report(sync_vectors(writer, progress.vectors))
    with writer.transaction():
        writer.set_manifest(reindexing=None, reindexing_weights=None)
    return report


def store_articles(writer: ArchiveWriter, embedder: Embedder, articles: Iterable[Article]) -> None:
    """Put articles in, whatever is there of them, and leave the vector index as it is."""
    run = _Run(writer, embedder, _Tally(), NoProgress())
    _write_all(run, (Resolved(article) for article in articles), lambda _: "added")


def _write_all(run: _Run, items: Iterable[Resolved | Skipped], outcome_of: Callable[[Article], Outcome]) -> None:
    """Prepare, embed and commit what has changed, a group of passages at a time. No article comes twice, but for those
    whose first stands.
    """
    group: list[_Change] = []
    for item in items:
        if isinstance(item, Skipped):
            run.tally.skipped.append(item)
            run.progress.article("skipped", 0)
            continue
        article, first = item.article, item.first
        outcome = "unchanged" if first is not None else outcome_of(article)
        if outcome == "unchanged":
            if first is not None and first.version != article.version:
                run.tally.left_out.append(article.info)
            run.tally.outcomes["unchanged"] += 1
            run.progress.article("unchanged", 0)
            continue
        group.append(_Change(outcome, prepare(article, run.embedder.identity)))
        if sum(1 + len(change.prepared.passages) for change in group) >= PASSAGES_PER_COMMIT:
            _commit(run, group)
            group = []
    _commit(run, group)


def _commit(run: _Run, group: Sequence[_Change]) -> None:
    """All of a group and where it was read from, or nothing of it."""
    writer = run.writer
    vectors, reused = _vectors_for(writer, run.embedder, group)
    with writer.transaction():
        for change in group:
            writer.put(change.prepared, [vectors[digest] for digest in change.prepared.digests])
        if run.sources is not None:
            writer.record_sources(run.sources.take_changes())
        group_near_copies(writer.archive)
    for change in group:
        _count(change, reused, run.tally, run.progress)


def _vectors_for(
    writer: ArchiveWriter, embedder: Embedder, group: Sequence[_Change]
) -> tuple[dict[str, Vectors], frozenset[str]]:
    """The vectors of all passages by digest, embedded where none is stored, and which of them were stored."""
    known: dict[str, Vectors] = {}
    texts: dict[str, str] = {}
    for change in group:
        prepared = change.prepared
        known |= writer.vectors_by_digest(prepared.article.article_id)
        for digest, passage in zip(prepared.digests, prepared.passages, strict=True):
            texts[digest] = text_to_embed(prepared.article.info, passage)
    missing = [digest for digest in texts if digest not in known]
    vectors = dict(zip(missing, embedder.embed([texts[digest] for digest in missing]), strict=True))
    return vectors | known, frozenset(known)


def _count(change: _Change, reused: frozenset[str], tally: _Tally, progress: Progress) -> None:
    digests = change.prepared.digests
    tally.outcomes[change.outcome] += 1
    tally.passages += len(digests)
    tally.reused += sum(digest in reused for digest in digests)
    progress.article(change.outcome, len(digests))


def prepare(article: Article, identity: EmbedderIdentity) -> PreparedArticle:
    """Everything that is derived from an article, but for the vectors. Raises BadInputError for a text with NULs."""
    if "\0" in article.text:  # SQLite stores it, but ends there when it cuts sentences out
        raise BadInputError(f"the text of {article.info.url or article.article_id} contains NUL characters")
    furniture = find_furniture(article.text, article.info.title)
    sentences = split_sentences(article, furniture)
    passages = make_passages(sentences)
    digests = tuple(_digest(identity, text_to_embed(article.info, passage)) for passage in passages)
    return PreparedArticle(article, furniture, sentences, passages, digests, language_of(article.text))


def _digest(identity: EmbedderIdentity, text: str) -> str:
    """Names a vector by what it was made from: the model's weights and the text."""
    return sha256(f"{identity.weights_sha256}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
