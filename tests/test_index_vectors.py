"""The vector index over real Chroma: what is beyond it, generations, damage and repair, readers in other processes."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from support import FakeEmbedder, made_up_articles, make_archive, make_article

from index.archive import Archive
from index.build import add_articles, reindex, remove_articles
from index.check import check_stores
from index.embedding import Vectors
from index.errors import SearchError
from index.generations import require_whole
from index.records import Article, Filters
from index.vectors import CHROMA_FOLDER, VectorIndex, current_generation, indexed_ids, sync_vectors
from index.writer import writing

HERE = Path(__file__).parent
FERRY = make_article("The ferry to Brannock was late.", "https://news.example/ferry")
TRAM = make_article("The tram to Marn was early.", "https://news.example/tram")
SAVED = 2_300  # passages; enough for it to save its graph


def vector_for(text: str) -> Vectors:
    return np.asarray(FakeEmbedder().embed([text])[0], dtype=np.float32)


def write_without_chroma(archive: Archive, articles: list[Article]) -> None:
    """Commit articles as `add_articles` does, and leave Chroma behind, as a killed writer would."""
    with pytest.MonkeyPatch.context() as patched:

        def killed(*_: object) -> None:
            raise KeyboardInterrupt

        patched.setattr("index.build.sync_vectors", killed)
        with pytest.raises(KeyboardInterrupt):
            add_articles(archive, FakeEmbedder(), articles)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with closing(make_archive(tmp_path / "archive", [FERRY, *made_up_articles(30)])) as archive:
        yield archive


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive whose Chroma has saved its graph; to be copied, not changed."""
    folder = tmp_path_factory.mktemp("saved") / "archive"
    with closing(make_archive(folder, made_up_articles(SAVED // 5, sentences=35))) as archive:
        assert archive.passage_count() >= SAVED
        assert next((folder / CHROMA_FOLDER).glob("*/*/index_metadata.pickle"), None)
    return folder


@pytest.fixture
def own_copy(saved: Path, tmp_path: Path) -> Iterator[Archive]:
    shutil.copytree(saved, tmp_path / "copy")
    with closing(Archive(tmp_path / "copy")) as archive:
        yield archive


def texts(archive: Archive, hits: list[tuple[int, float]]) -> list[str]:
    stored = archive.passages([key for key, _ in hits])
    return [stored[key].passage.text for key, _ in hits]


# Beyond the present generation


def test_articles_are_found_from_the_moment_they_are_committed(archive: Archive) -> None:
    with closing(Archive(archive.folder)) as reader, closing(VectorIndex(reader)) as vectors:
        vector = vector_for(TRAM.text)
        assert TRAM.text not in texts(reader, vectors.search(vector, 10, Filters()))
        write_without_chroma(archive, [TRAM])
        generation = current_generation(reader)
        hits = vectors.search(vector, 10, Filters())
        assert texts(reader, hits)[0] == TRAM.text
        assert hits[0][0] > generation.last_key
        with writing(archive) as writer:
            assert sync_vectors(writer).written == 1
        assert current_generation(reader).last_key == hits[0][0]
        again = vectors.search(vector, 10, Filters())
        assert [key for key, _ in again] == [key for key, _ in hits]
        assert np.allclose([cosine for _, cosine in again], [cosine for _, cosine in hits], atol=1e-3)


def test_removed_and_replaced_articles_are_gone_at_once(archive: Archive) -> None:
    with closing(Archive(archive.folder)) as reader, closing(VectorIndex(reader)) as vectors:
        vector = vector_for(FERRY.text)
        assert texts(reader, vectors.search(vector, 1, Filters())) == [FERRY.text]
        write_without_chroma(archive, [make_article("It never came.", "https://news.example/ferry")])
        hits = vectors.search(vector, 1_000, Filters())
        assert len(hits) == reader.passage_count()
        assert FERRY.text not in texts(reader, hits)
        with writing(archive) as writer, writer.transaction():
            writer.remove(FERRY.article_id, datetime.now(UTC))
        hits = vectors.search(vector, 1_000, Filters())
        assert len(hits) == reader.passage_count() == len({key for key, _ in hits})


def test_a_passage_whose_metadata_changed_is_found_once_and_by_its_new_metadata(archive: Archive) -> None:
    write_without_chroma(
        archive, [Article(replace(FERRY.info, outlet="B Post", published=date(2026, 1, 1)), FERRY.text)]
    )
    with closing(VectorIndex(archive)) as vectors:
        vector = vector_for(FERRY.text)
        for filters in (Filters(), Filters(outlets=("B Post",)), Filters(published_to=date(2026, 1, 1))):
            found = texts(archive, vectors.search(vector, 1_000, filters))
            assert found.count(FERRY.text) == 1


def test_ranks_beyond_chroma_are_those_of_an_exact_search(tmp_path: Path) -> None:
    with closing(Archive(tmp_path / "archive")) as archive, closing(VectorIndex(archive)) as vectors:
        write_without_chroma(archive, made_up_articles(100))
        keys, stored = archive.vectors_after(0)
        for text in ("ba ce", "Difogu haceba.", archive.passages([int(keys[7])])[int(keys[7])].passage.text):
            vector = vector_for(text)
            expected = sorted(zip(keys.tolist(), (stored @ vector).tolist(), strict=True), key=lambda hit: -hit[1])[:10]
            assert [cosine for _, cosine in vectors.search(vector, 10, Filters())] == pytest.approx(
                [cosine for _, cosine in expected]
            )


def outlet_of(number: int) -> str:
    return "Rare" if number % 50 == 0 else f"Wire {number % 3}"


def test_chroma_finds_what_an_exact_search_finds(tmp_path: Path) -> None:
    """Recall of the ten nearest, with and without a filter, of a graph that was built in one go and then added to."""
    articles = [
        Article(replace(article.info, outlet=outlet_of(number)), article.text)
        for number, article in enumerate(made_up_articles(600, sentences=16))
    ]
    with (
        closing(make_archive(tmp_path / "archive", articles[:400])) as archive,
        closing(VectorIndex(archive)) as vectors,
    ):
        add_articles(archive, FakeEmbedder(), articles[400:])
        add_articles(
            archive, FakeEmbedder(), [make_article("Changed.", f"https://news.example/{n}") for n in range(30)]
        )
        assert len(archive.keys_after(current_generation(archive).last_key)) == 0
        keys, stored = archive.vectors_after(0)
        for filters in (Filters(), Filters(outlets=("Rare",)), Filters(outlets=("Wire 1", "Rare"))):
            allowed = np.isin(keys, archive.keys_after(0, filters))
            expected = found = 0
            for text in [article.text[:200] for article in articles[::20]]:
                cosines = np.where(allowed, stored @ vector_for(text), -2.0)
                nearest = {int(keys[i]) for i in np.argsort(-cosines)[: min(10, int(allowed.sum()))]}
                expected += len(nearest)
                found += len(nearest & {key for key, _ in vectors.search(vector_for(text), 10, filters)})
            assert found >= 0.95 * expected, filters


# Generations


def test_bringing_in_step_twice_makes_one_generation(archive: Archive) -> None:
    before = current_generation(archive)
    with writing(archive) as writer:
        report = sync_vectors(writer)
    assert (report.written, report.removed, report.repaired) == (0, 0, None)
    assert current_generation(archive) == before


def test_only_the_present_generation_and_the_one_before_are_kept(archive: Archive) -> None:
    for number in range(4):
        before = current_generation(archive).name
        add_articles(archive, FakeEmbedder(), [make_article(f"Number {number}.", f"https://news.example/n{number}")])
        kept = {path.name for path in (archive.folder / CHROMA_FOLDER).iterdir()}
        assert kept == {before, current_generation(archive).name}
    assert check_stores(archive) == []


def test_leftovers_of_a_killed_writer_are_cleared_and_their_names_not_used(archive: Archive) -> None:
    leftover = archive.folder / CHROMA_FOLDER / "000777"
    leftover.mkdir()
    (leftover / "chroma.sqlite3").write_bytes(b"half")
    add_articles(archive, FakeEmbedder(), [TRAM])
    assert current_generation(archive).name == "000778"
    assert not leftover.exists()


def test_a_generation_that_cannot_be_written_leaves_the_one_before_in_use(archive: Archive) -> None:
    """A file stands where the next generation's folder should be made."""
    before = current_generation(archive)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("index.vectors.next_name", lambda *_: "blocked")
        (archive.folder / CHROMA_FOLDER / "blocked").write_text("a file")
        with pytest.raises(SearchError, match="the articles are safe") as caught:
            add_articles(archive, FakeEmbedder(), [TRAM])
        assert "\n" not in str(caught.value)
    assert current_generation(archive) == before
    with closing(VectorIndex(archive)) as vectors:
        assert texts(archive, vectors.search(vector_for(TRAM.text), 1, Filters())) == [TRAM.text]
    add_articles(archive, FakeEmbedder(), [])
    assert check_stores(archive) == []


def test_many_threads_search_while_generations_swap(archive: Archive) -> None:
    with closing(VectorIndex(archive)) as vectors, ThreadPoolExecutor(4) as pool:
        vector = vector_for(FERRY.text)

        def search(_: int) -> list[str]:
            return texts(archive, vectors.search(vector, 3, Filters()))

        for number in range(4):
            results = pool.map(search, range(24))
            add_articles(
                archive, FakeEmbedder(), [make_article(f"Number {number}.", f"https://news.example/n{number}")]
            )
            assert all(found[0] == FERRY.text for found in results)


def test_a_search_starts_again_when_its_generation_is_cleared_away(archive: Archive) -> None:
    """What was in the tail of the lost generation is in the new one: it must not be counted twice."""
    with closing(VectorIndex(archive)) as vectors:
        write_without_chroma(archive, [TRAM])
        stale = current_generation(archive)
        with writing(archive) as writer:
            sync_vectors(writer)
        shutil.rmtree(archive.folder / CHROMA_FOLDER / stale.name)
        with pytest.MonkeyPatch.context() as patched:
            answers = iter([stale])
            patched.setattr("index.vectors.current_generation", lambda a: next(answers, current_generation(a)))
            hits = vectors.search(vector_for(TRAM.text), 1_000, Filters())
        assert len(hits) == len({key for key, _ in hits}) == archive.passage_count()


# Damage


def delete_folder(generation: Path) -> None:
    shutil.rmtree(generation)


def delete_database(generation: Path) -> None:
    (generation / "chroma.sqlite3").unlink()


def garble_database(generation: Path) -> None:
    (generation / "chroma.sqlite3").write_bytes(b"garbage " * 1000)


def delete_graph(generation: Path) -> None:
    for saved in generation.glob("*/index_metadata.pickle"):
        shutil.rmtree(saved.parent)


def delete_graph_metadata(generation: Path) -> None:
    for saved in generation.glob("*/index_metadata.pickle"):
        saved.unlink()


def cut_graph_header(generation: Path) -> None:
    """Chroma crashes the process on this one."""
    for file in generation.glob("*/header.bin"):
        file.write_bytes(file.read_bytes()[:10])


def cut_graph_in_half(generation: Path) -> None:
    for file in generation.glob("*/data_level0.bin"):
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def blank_graph(generation: Path) -> None:
    """As long as before, and nothing in it: found out only by asking."""
    for file in generation.glob("*/data_level0.bin"):
        file.write_bytes(bytes(file.stat().st_size))


DAMAGES = [
    delete_folder,
    delete_database,
    garble_database,
    delete_graph,
    delete_graph_metadata,
    cut_graph_header,
    cut_graph_in_half,
    blank_graph,
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_an_error_to_readers_and_mended_without_embedding(
    own_copy: Archive, damage: Callable[[Path], None]
) -> None:
    damage(own_copy.folder / CHROMA_FOLDER / current_generation(own_copy).name)
    with closing(VectorIndex(own_copy)) as vectors:
        with pytest.raises(SearchError, match=r"Chroma.*copydesk reindex") as caught:
            vectors.search(vector_for("ba ce"), 5, Filters())
        assert "\n" not in str(caught.value)
        assert len(check_stores(own_copy)) == 1
        embedder = FakeEmbedder()
        report = add_articles(own_copy, embedder, [])
        assert embedder.calls == 0
        assert report.sync.written == own_copy.passage_count()
        assert "could not be read" in (report.sync.repaired or "")
        assert len(vectors.search(vector_for("ba ce"), 5, Filters())) == 5
    assert check_stores(own_copy) == []


def test_reindexing_mends_damage_too(archive: Archive) -> None:
    garble_database(archive.folder / CHROMA_FOLDER / current_generation(archive).name)
    embedder = FakeEmbedder()
    reindex(archive, embedder)
    assert embedder.calls == 0
    assert check_stores(archive) == []


def test_removing_mends_damage_too(archive: Archive) -> None:
    delete_folder(archive.folder / CHROMA_FOLDER / current_generation(archive).name)
    remove_articles(archive, [FERRY.article_id])
    assert check_stores(archive) == []
    assert len(indexed_ids(archive)) == archive.passage_count()


def test_readers_change_no_file_that_is_sealed(own_copy: Archive) -> None:
    generation = own_copy.folder / CHROMA_FOLDER / current_generation(own_copy).name
    for _ in range(2):
        with closing(VectorIndex(own_copy)) as vectors:
            vectors.search(vector_for("ba ce"), 5, Filters())
        require_whole(generation)


# Other processes

READER = """
import sys
from contextlib import closing
from pathlib import Path
from support import FakeEmbedder
from index.archive import Archive
from index.records import Filters
from index.vectors import VectorIndex, current_generation

with closing(Archive(Path(sys.argv[1]))) as archive, closing(VectorIndex(archive)) as vectors:
    for line in sys.stdin:
        vector = FakeEmbedder().embed([line.strip()])[0]
        hits = vectors.search(vector, 3, Filters())
        text = archive.passages([hits[0][0]])[hits[0][0]].passage.text
        print(current_generation(archive).name, len(hits), text, flush=True)
"""


@pytest.fixture
def reader(archive: Archive) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", READER, str(archive.folder)],
        env={"PYTHONPATH": f"{HERE}:{HERE.parent}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(60) == 0


def ask(reader: subprocess.Popen[str], question: str) -> str:
    """The generation a reader in another process answered from, how many hits it had, and the first one's text."""
    assert reader.stdin is not None
    assert reader.stdout is not None
    reader.stdin.write(question + "\n")
    reader.stdin.flush()
    return reader.stdout.readline().strip()


def test_a_reader_in_another_process_sees_five_additions(archive: Archive, reader: subprocess.Popen[str]) -> None:
    for number in range(5):
        text = f"Zeppelin{number} arrived at Marn."
        add_articles(archive, FakeEmbedder(), [make_article(text, f"https://news.example/zeppelin{number}")])
        assert ask(reader, text) == f"{current_generation(archive).name} 3 {text}"
    remove_articles(archive, [FERRY.article_id])
    assert FERRY.text not in ask(reader, FERRY.text)


def test_a_reader_that_lags_generations_behind_recovers(archive: Archive, reader: subprocess.Popen[str]) -> None:
    first = current_generation(archive).name
    assert ask(reader, FERRY.text) == f"{first} 3 {FERRY.text}"
    for number in range(3):
        add_articles(archive, FakeEmbedder(), [make_article(f"Number {number}.", f"https://news.example/n{number}")])
    assert not (archive.folder / CHROMA_FOLDER / first).exists()
    assert ask(reader, FERRY.text) == f"{current_generation(archive).name} 3 {FERRY.text}"
