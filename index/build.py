"""Articles go into the archive: split, embedded, stored, and the vector index brought in step."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal, Protocol

from index.archive import Archive
from index.embedding import Embedder, EmbedderIdentity, Vectors
from index.errors import BadInputError
from index.furniture import find_furniture
from index.loaders import Skipped
from index.passages import make_passages, text_to_embed
from index.records import Article
from index.sentences import split_sentences
from index.vectors import SyncReport, sync_vectors
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
    """What became of the articles. Of the `passages` written, `reused` took a vector that was there already."""

    added: int
    updated: int
    unchanged: int
    skipped: tuple[Skipped, ...]
    passages: int
    reused: int
    sync: SyncReport


@dataclass(slots=True)
class _Tally:
    """Counts while a run goes on."""

    outcomes: dict[Outcome, int] = field(default_factory=lambda: {"added": 0, "updated": 0, "unchanged": 0})
    skipped: list[Skipped] = field(default_factory=list)
    passages: int = 0
    reused: int = 0

    def report(self, sync: SyncReport) -> AddReport:
        counts = (self.outcomes["added"], self.outcomes["updated"], self.outcomes["unchanged"])
        return AddReport(*counts, tuple(self.skipped), self.passages, self.reused, sync)


@dataclass(frozen=True, slots=True)
class _Change:
    outcome: Outcome
    prepared: PreparedArticle


def add_articles(
    archive: Archive, embedder: Embedder, articles: Iterable[Article | Skipped], progress: Progress | None = None
) -> AddReport:
    """Add articles, or bring them up to date; what hasn't changed is left alone.

    Raises ArchiveBusyError, ManifestMismatchError, and ArchiveError when the disk can't take them; what was
    committed before stays, and the next run goes on from there.
    """
    progress = progress or NoProgress()
    tally = _Tally()

    def outcome_of(article: Article) -> Outcome:
        stored = writer.known(article.article_id)
        return "added" if stored is None else "unchanged" if stored == article.info else "updated"

    with writing(archive) as writer:
        # Only now: another process may have reindexed while this one waited for the lock.
        archive.require_match(embedder.identity)
        with writer.transaction():
            writer.record_identity(embedder.identity)
        _write_all(writer, embedder, articles, outcome_of, tally, progress)
        return tally.report(sync_vectors(writer, progress.vectors))


def remove_articles(archive: Archive, article_ids: Sequence[str]) -> None:
    """Take articles out. Raises ArchiveError, and removes none, when one of them isn't there."""
    with writing(archive) as writer:
        with writer.transaction():
            for article_id in article_ids:
                writer.remove(article_id)
        # Halfway through a reindexing the vectors may be of two models; its end brings Chroma in step.
        if not archive.manifest().get("reindexing"):
            sync_vectors(writer)


def reindex(archive: Archive, embedder: Embedder, progress: Progress | None = None) -> AddReport:
    """Split every article again, embed what model or splitter have changed, and rebuild both search indexes.

    Readers are refused until it is done; an interrupted run goes on where it stopped, because vectors whose text
    and model are the same are used again.
    """
    progress = progress or NoProgress()
    tally = _Tally()
    with writing(archive) as writer:
        with writer.transaction():
            writer.set_manifest(reindexing="1", generation=None, generation_last_key=None)
            writer.renew_full_text()
        stored = (archive.article(article_id) for article_id in writer.article_ids())
        _write_all(writer, embedder, stored, lambda _: "updated", tally, progress)
        with writer.transaction():
            writer.record_identity(embedder.identity)
        report = tally.report(sync_vectors(writer, progress.vectors))
        with writer.transaction():
            writer.set_manifest(reindexing=None)
        return report


def _write_all(
    writer: ArchiveWriter,
    embedder: Embedder,
    articles: Iterable[Article | Skipped],
    outcome_of: Callable[[Article], Outcome],
    tally: _Tally,
    progress: Progress,
) -> None:
    """Prepare, embed and commit what has changed, a group of passages at a time."""
    group: dict[str, _Change] = {}

    def commit() -> None:
        _commit(writer, embedder, list(group.values()), tally, progress)
        group.clear()

    for article in articles:
        if isinstance(article, Skipped):
            tally.skipped.append(article)
            progress.article("skipped", 0)
            continue
        if article.article_id in group:  # the same source twice: what has become of it is known after the commit
            commit()
        outcome = outcome_of(article)
        if outcome == "unchanged":
            tally.outcomes["unchanged"] += 1
            progress.article("unchanged", 0)
            continue
        group[article.article_id] = _Change(outcome, prepare(article, embedder.identity))
        if sum(1 + len(change.prepared.passages) for change in group.values()) >= PASSAGES_PER_COMMIT:
            commit()
    commit()


def _commit(
    writer: ArchiveWriter, embedder: Embedder, group: Sequence[_Change], tally: _Tally, progress: Progress
) -> None:
    known: dict[str, Vectors] = {}
    texts: dict[str, str] = {}
    for change in group:
        prepared = change.prepared
        known |= writer.vectors_by_digest(prepared.article.article_id)
        for digest, passage in zip(prepared.digests, prepared.passages, strict=True):
            texts[digest] = text_to_embed(prepared.article.info, passage)
    missing = [digest for digest in texts if digest not in known]
    vectors = dict(zip(missing, embedder.embed([texts[digest] for digest in missing]), strict=True)) | known
    with writer.transaction():
        for change in group:
            writer.put(change.prepared, [vectors[digest] for digest in change.prepared.digests])
    for change in group:
        passages = change.prepared.digests
        tally.outcomes[change.outcome] += 1
        tally.passages += len(passages)
        tally.reused += sum(digest in known for digest in passages)
        progress.article(change.outcome, len(passages))


def prepare(article: Article, identity: EmbedderIdentity) -> PreparedArticle:
    """Everything that is derived from an article, but for the vectors. Raises BadInputError for a text with NULs."""
    if "\0" in article.text:  # SQLite stores it, but ends there when it cuts sentences out
        raise BadInputError(f"the text of {article.info.url or article.article_id} contains NUL characters")
    furniture = find_furniture(article.text, article.info.title)
    sentences = split_sentences(article, furniture)
    passages = make_passages(sentences)
    digests = tuple(_digest(identity, text_to_embed(article.info, passage)) for passage in passages)
    return PreparedArticle(article, furniture, sentences, passages, digests)


def _digest(identity: EmbedderIdentity, text: str) -> str:
    """Names a vector by what it was made from: the model's weights and the text."""
    return sha256(f"{identity.weights_sha256}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
