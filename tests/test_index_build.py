"""Adding, changing, removing and reindexing, over real SQLite and real Chroma. Only the model's weights are fake."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from support import FakeEmbedder, made_up_articles, make_archive, make_article

from index.archive import Archive
from index.build import AddReport, add_articles, put_back, reindex, remove_articles
from index.check import check_article, check_stores
from index.embedding import Vectors
from index.errors import ArchiveError, ManifestMismatchError
from index.loaders import Skipped
from index.records import Article, Filters
from index.schema import DATABASE_NAME
from index.search import HybridSearch, Query, SearchMode
from index.vectors import VectorIndex, current_generation

FERRY = make_article("The ferry to Brannock was late. Nobody minded.", "https://news.example/ferry", title="Harbour")
FAIR = make_article("The spring fair drew 3,400 visitors.", "https://news.example/fair", title="Fair")


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with closing(make_archive(tmp_path / "archive", [FERRY, FAIR])) as archive:
        yield archive


def counts(report: AddReport) -> tuple[int, int, int, int]:
    return report.added, report.updated, report.unchanged, len(report.skipped)


def content(archive: Archive) -> dict[str, list[object]]:
    """Every row of the archive but for the number of its changes."""
    tables = ("versions", "articles", "furniture", "sentences", "passages", "passages_fts", "removed_passages")
    rows: dict[str, list[object]] = {t: archive.connection.execute(f"SELECT * FROM {t}").fetchall() for t in tables}
    return rows | {"manifest": sorted(item for item in archive.manifest().items() if item[0] != "changes")}


def problems(archive: Archive) -> list[str]:
    found = [problem for info in archive.infos() for problem in check_article(archive, info.article_id)[1]]
    return found + check_stores(archive)


def found_by(archive: Archive, question: str, mode: SearchMode) -> list[str]:
    """The texts of the passages a search finds."""
    with closing(VectorIndex(archive)) as vectors:
        search = HybridSearch(archive, vectors, FakeEmbedder())
        return [hit.passage.text for hit in search.search(Query(question, mode=mode))]


def test_adding_again_changes_nothing(archive: Archive) -> None:
    before = content(archive)
    embedder = FakeEmbedder()
    report = add_articles(archive, embedder, [FERRY, FAIR])
    assert counts(report) == (0, 0, 2, 0)
    assert (report.passages, report.sync.written, report.sync.removed, report.sync.repaired) == (0, 0, 0, None)
    assert embedder.calls == 0
    assert content(archive) == before
    assert [path.name for path in (archive.folder / "chroma").iterdir()] == [current_generation(archive).name]


def test_a_changed_text_replaces_the_old_one_in_both_searches(archive: Archive) -> None:
    changed = make_article("The tram to Marn was early.", "https://news.example/ferry", title="Harbour")
    assert counts(add_articles(archive, FakeEmbedder(), [changed])) == (0, 1, 0, 0)
    assert found_by(archive, "ferry Brannock", "lexical") == []
    assert changed.text in found_by(archive, "tram Marn", "lexical")
    dense = found_by(archive, "ferry Brannock", "dense")
    assert FERRY.text not in dense
    assert changed.text in dense
    assert archive.article(FERRY.article_id, FERRY.version).text == FERRY.text
    assert problems(archive) == []


def test_a_text_that_changes_back_is_its_old_version_again(archive: Archive) -> None:
    changed = make_article("The tram to Marn was early.", "https://news.example/ferry", title="Harbour")
    add_articles(archive, FakeEmbedder(), [changed])
    assert counts(add_articles(archive, FakeEmbedder(), [FERRY])) == (0, 1, 0, 0)
    assert archive.article(FERRY.article_id) == FERRY
    assert len(archive.versions(FERRY.article_id)) == 2
    assert found_by(archive, "ferry", "lexical") == [FERRY.text]
    assert problems(archive) == []


def test_a_new_title_alone_is_an_update_without_a_new_version(archive: Archive) -> None:
    retitled = Article(replace(FERRY.info, title="Timetables"), FERRY.text)
    assert counts(add_articles(archive, FakeEmbedder(), [retitled])) == (0, 1, 0, 0)
    assert archive.versions(FERRY.article_id) == [FERRY.version]
    assert found_by(archive, "timetables", "lexical") == [FERRY.text]
    assert found_by(archive, "timetables", "dense")[0] == FERRY.text
    assert found_by(archive, "harbour", "lexical") == []
    assert problems(archive) == []


def test_a_new_outlet_alone_needs_no_embedding(archive: Archive) -> None:
    moved = Article(replace(FERRY.info, outlet="B Post"), FERRY.text)
    embedder = FakeEmbedder()
    report = add_articles(archive, embedder, [moved])
    assert counts(report) == (0, 1, 0, 0)
    assert (embedder.calls, report.reused) == (0, 1)
    with closing(VectorIndex(archive)) as vectors:
        vector = embedder.embed([FERRY.text])[0]
        assert len(vectors.search(vector, 5, Filters(outlets=("B Post",)))) == 1
    assert problems(archive) == []


def test_the_same_article_twice_in_one_run(tmp_path: Path) -> None:
    later = make_article("It never came.", "https://news.example/ferry")
    with closing(Archive(tmp_path / "archive")) as archive:
        report = add_articles(archive, FakeEmbedder(), [FERRY, FERRY, FAIR, later, later])
        assert counts(report) == (2, 0, 3, 0)
        assert report.left_out == (later.info, later.info)
        assert archive.article(FERRY.article_id).text == FERRY.text
        assert archive.article_count() == 2
        assert problems(archive) == []


def test_what_was_skipped_is_reported_and_the_rest_goes_in(tmp_path: Path) -> None:
    skipped = Skipped("here:3", "no text")
    with closing(Archive(tmp_path / "archive")) as archive:
        report = add_articles(archive, FakeEmbedder(), [FERRY, skipped, FAIR])
        assert counts(report) == (2, 0, 0, 1)
        assert report.skipped == (skipped,)


def test_progress_is_told_of_every_article_and_of_the_vectors(tmp_path: Path) -> None:
    class Recorder:
        def __init__(self) -> None:
            self.articles: list[tuple[str, int]] = []
            self.vectors_seen: list[tuple[int, int]] = []

        def article(self, outcome: str, passages: int) -> None:
            self.articles.append((outcome, passages))

        def vectors(self, done: int, total: int) -> None:
            self.vectors_seen.append((done, total))

    recorder = Recorder()
    with closing(Archive(tmp_path / "archive")) as archive:
        add_articles(archive, FakeEmbedder(), [FERRY, Skipped("x", "y"), FERRY, FAIR], recorder)
    assert sorted(recorder.articles) == [("added", 1), ("added", 1), ("skipped", 0), ("unchanged", 0)]
    assert recorder.vectors_seen == [(2, 2)]


def test_an_article_of_furniture_alone_is_stored_without_passages(tmp_path: Path) -> None:
    with closing(make_archive(tmp_path / "archive", [make_article("Source: AA"), FAIR])) as archive:
        assert (archive.article_count(), archive.passage_count()) == (2, 1)
        assert problems(archive) == []


def test_articles_that_come_in_are_committed_a_group_at_a_time(tmp_path: Path) -> None:
    """Whoever interrupts a long run keeps what was committed, and the next run goes on from there."""
    articles = made_up_articles(150)

    def interrupted() -> Iterator[Article]:
        yield from articles[:130]
        raise KeyboardInterrupt

    with closing(Archive(tmp_path / "archive")) as archive:
        with pytest.raises(KeyboardInterrupt):
            add_articles(archive, FakeEmbedder(), interrupted())
        committed = archive.article_count()
        assert 0 < committed < 130
        embedder = FakeEmbedder()
        report = add_articles(archive, embedder, articles)
        assert counts(report) == (150 - committed, 0, committed, 0)
        assert embedder.calls == report.passages
        assert problems(archive) == []


# Taking out


def test_a_removed_article_is_gone_with_all_its_versions(archive: Archive) -> None:
    add_articles(archive, FakeEmbedder(), [make_article("It never came.", "https://news.example/ferry")])
    remove_articles(archive, [FERRY.article_id])
    assert archive.versions(FERRY.article_id) == []
    for mode in ("lexical", "dense"):
        assert found_by(archive, "it never came", mode) in ([], [FAIR.text])
    assert problems(archive) == []


def test_removing_what_is_not_there_removes_nothing(archive: Archive) -> None:
    before = content(archive)
    with pytest.raises(ArchiveError, match="there is no article"):
        remove_articles(archive, [FERRY.article_id, "f" * 16])
    assert content(archive) == before


def test_the_last_article_can_be_removed_and_another_added(archive: Archive) -> None:
    remove_articles(archive, [FERRY.article_id, FAIR.article_id])
    assert (archive.article_count(), archive.passage_count()) == (0, 0)
    assert found_by(archive, "ferry", "dense") == []
    assert problems(archive) == []
    add_articles(archive, FakeEmbedder(), [FERRY])
    assert found_by(archive, "ferry", "dense") == [FERRY.text]
    assert problems(archive) == []


# Reindexing


def test_reindexing_uses_vectors_again_where_model_and_text_are_the_same(archive: Archive) -> None:
    embedder = FakeEmbedder()
    report = reindex(archive, embedder)
    assert (report.updated, report.passages, report.reused, embedder.calls) == (2, 2, 2, 0)
    assert problems(archive) == []


def test_readers_find_the_same_all_the_while_that_an_archive_is_reindexed(archive: Archive) -> None:
    add_articles(archive, FakeEmbedder(), made_up_articles(20))
    with closing(Archive(archive.folder)) as reader:
        asked = [("ferry", "dense"), ("ferry", "lexical"), ("ferry Marn", "hybrid")]
        before = [found_by(reader, question, mode) for question, mode in asked]  # type: ignore[arg-type]
        seen: list[bool] = []

        class Asking:
            def article(self, outcome: str, passages: int) -> None:
                if passages and len(seen) < 5:
                    self.ask()

            def vectors(self, done: int, total: int) -> None:
                self.ask()

            def ask(self) -> None:
                now = [found_by(reader, question, mode) for question, mode in asked]  # type: ignore[arg-type]
                seen.append([set(found) for found in now] == [set(found) for found in before])

        reindex(archive, FakeEmbedder(), Asking())
        assert seen == [True] * 6
    assert problems(archive) == []


def test_a_reindexing_that_fails_halfway_leaves_the_archive_as_it_was(archive: Archive) -> None:
    before = content(archive)

    class Failing:
        def article(self, outcome: str, passages: int) -> None:
            raise KeyboardInterrupt

        def vectors(self, done: int, total: int) -> None:
            pass

    with pytest.raises(KeyboardInterrupt):
        reindex(archive, FakeEmbedder(), Failing())
    assert content(archive) == before
    assert problems(archive) == []


def test_a_removed_article_comes_back_with_its_versions_and_without_embedding(archive: Archive) -> None:
    early = make_article("The ferry to Brannock was early.", "https://news.example/ferry", title="Harbour")
    add_articles(archive, FakeEmbedder(), [early])
    remove_articles(archive, [FERRY.article_id])
    assert archive.versions(FERRY.article_id) == []
    with pytest.raises(ArchiveError, match="there is no version"):
        archive.article(FERRY.article_id, FERRY.version)
    embedder = FakeEmbedder()
    report = put_back(archive, embedder, [FERRY.article_id])
    assert (report.added, report.reused, embedder.calls) == (1, 1, 0)
    assert archive.article(FERRY.article_id) == early
    assert archive.article(FERRY.article_id, FERRY.version) == FERRY
    assert archive.removed() == []
    assert found_by(archive, "ferry", "dense")[0] == early.text
    assert problems(archive) == []
    with pytest.raises(ArchiveError, match="copydesk removed"):
        put_back(archive, embedder, [FERRY.article_id])


def test_a_removed_article_that_is_added_again_is_whole(archive: Archive) -> None:
    remove_articles(archive, [FERRY.article_id])
    embedder = FakeEmbedder()
    assert counts(add_articles(archive, embedder, [FERRY])) == (1, 0, 0, 0)
    assert embedder.calls == 0
    assert archive.removed() == []
    assert problems(archive) == []


def test_another_model_is_refused_and_reindexing_changes_to_it(archive: Archive) -> None:
    other = FakeEmbedder("other weights", dimension=32)
    with pytest.raises(ManifestMismatchError, match="copydesk reindex"):
        add_articles(archive, other, [FERRY])
    with pytest.raises(ManifestMismatchError, match="copydesk reindex"), closing(VectorIndex(archive)) as vectors:
        HybridSearch(archive, vectors, other).search(Query("ferry"))
    report = reindex(archive, other)
    assert (report.reused, other.calls) == (0, 2)
    assert archive.vectors_after(0)[1].shape == (2, 32)
    assert counts(add_articles(archive, other, [FERRY])) == (0, 0, 1, 0)
    with closing(VectorIndex(archive)) as vectors:
        assert HybridSearch(archive, vectors, other).search(Query("ferry"))[0].passage.text == FERRY.text
    with pytest.raises(ManifestMismatchError, match="COPYDESK_EMBEDDING_MODEL=fake-other weights"):
        add_articles(archive, FakeEmbedder(), [FERRY])
    assert problems(archive) == []


def test_another_splitter_is_refused_and_reindexing_changes_to_it(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.archive.SPLITTER_VERSION", "another")
    with pytest.raises(ManifestMismatchError, match="another sentence splitter"):
        add_articles(archive, FakeEmbedder(), [FERRY])
    embedder = FakeEmbedder()
    reindex(archive, embedder)
    assert embedder.calls == 0
    assert counts(add_articles(archive, embedder, [FERRY])) == (0, 0, 1, 0)


class FailingEmbedder(FakeEmbedder):
    """Fails once it has embedded so many texts, as a killed process would."""

    def __init__(self, after: int) -> None:
        super().__init__("other weights", dimension=32)
        self.after = after

    def embed(self, texts: list[str]) -> Vectors:  # type: ignore[override]
        if self.calls + len(texts) > self.after:
            raise KeyboardInterrupt
        return super().embed(texts)


def test_an_interrupted_reindexing_is_refused_to_all_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    articles = made_up_articles(200)
    with closing(make_archive(tmp_path / "archive", articles)) as archive:
        passages = archive.passage_count()
        failing = FailingEmbedder(after=passages - 1)
        with pytest.raises(KeyboardInterrupt):
            reindex(archive, failing)
        assert failing.calls > 0

        for embedder in (FakeEmbedder(), FakeEmbedder("other weights", dimension=32)):
            with pytest.raises(ManifestMismatchError, match="copydesk reindex"):
                add_articles(archive, embedder, [FERRY])
            with pytest.raises(ManifestMismatchError, match="copydesk reindex"), closing(VectorIndex(archive)) as index:
                HybridSearch(archive, index, embedder).search(Query("ferry"))
        remove_articles(archive, [articles[0].article_id])

        other = FakeEmbedder("other weights", dimension=32)
        report = reindex(archive, other)
        assert 0 < report.reused <= failing.calls
        assert other.calls == report.passages - report.reused
        assert other.calls < passages - failing.calls + 10
        assert problems(archive) == []


def test_reindexing_renews_a_full_text_index_that_is_gone(archive: Archive) -> None:
    archive.connection.execute("DROP TABLE passages_fts")
    with pytest.raises(ArchiveError, match="passages_fts"):
        add_articles(archive, FakeEmbedder(), [make_article("It rained.", "https://news.example/rain")])
    reindex(archive, FakeEmbedder())
    assert found_by(archive, "ferry", "lexical") == [FERRY.text]
    assert problems(archive) == []


# A full disk


def test_a_full_disk_is_said_in_one_line_and_leaves_the_archive_whole(tmp_path: Path) -> None:
    """SQLite itself refuses to grow its file: the error that a full disk gives, at a moment of our choosing."""
    articles = made_up_articles(400)
    with closing(make_archive(tmp_path / "archive", articles[:20])) as archive:
        before = content(archive)
        pages = archive.connection.execute("PRAGMA page_count").fetchone()[0]
        archive.connection.execute(f"PRAGMA max_page_count = {pages + 20}")
        with pytest.raises(ArchiveError, match="what was written before is safe") as caught:
            add_articles(archive, FakeEmbedder(), articles)
        assert "full" in str(caught.value)
        assert content(archive) == before
        archive.connection.execute("PRAGMA max_page_count = 1000000")
        report = add_articles(archive, FakeEmbedder(), articles)
        assert counts(report) == (380, 0, 20, 0)
        assert problems(archive) == []


def test_an_archive_copied_elsewhere_works_there(archive: Archive, tmp_path: Path) -> None:
    import shutil

    archive.close()
    shutil.copytree(archive.folder, tmp_path / "copy")
    with closing(Archive(tmp_path / "copy")) as copy:
        assert found_by(copy, "ferry", "dense")[0] == FERRY.text
        assert counts(add_articles(copy, FakeEmbedder(), [FERRY])) == (0, 0, 1, 0)
        assert problems(copy) == []
    with closing(sqlite3.connect(tmp_path / "copy" / DATABASE_NAME)) as connection:
        assert connection.execute("SELECT count(*) FROM articles").fetchone() == (2,)


def test_dates_and_authors_survive_an_update(archive: Archive) -> None:
    dated = Article(replace(FERRY.info, published=date(2026, 2, 28), authors=("Zoë Ångström",)), FERRY.text)
    add_articles(archive, FakeEmbedder(), [dated])
    assert archive.article(FERRY.article_id).info == dated.info
    assert found_by(archive, "Saturday 28 February 2026", "lexical") == [FERRY.text]
