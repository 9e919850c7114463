"""check finds what is wrong, and nothing where nothing is."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support import FakeEmbedder, made_up_articles, make_archive, make_article

from index.archive import Archive
from index.build import add_articles, reindex
from index.check import check_article, check_stores
from index.vectors import CHROMA_FOLDER, current_generation
from index.writer import writing

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection

TEXT = "The ferry to Brannock was late. Nobody minded.It was warm.\n\nSource: A Wire"
FERRY = make_article(TEXT, "https://news.example/ferry", title="Ferry late")


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with closing(make_archive(tmp_path / "archive", [FERRY, *made_up_articles(5)])) as archive:
        yield archive


@contextmanager
def chroma(archive: Archive) -> Iterator["Collection"]:
    """The present generation's collection, to be tampered with."""
    import chromadb
    from chromadb.config import Settings

    folder = archive.folder / CHROMA_FOLDER / current_generation(archive).name
    with chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False)) as client:
        yield client.get_collection("passages", embedding_function=None)


def one_problem(archive: Archive) -> str:
    (problem,) = check_stores(archive)
    assert "\n" not in problem
    return problem


def test_a_clean_archive_has_no_problems(archive: Archive) -> None:
    assert check_article(archive, FERRY.article_id) == (3, [])
    assert check_stores(archive) == []


def test_an_empty_archive_has_no_problems(tmp_path: Path) -> None:
    with closing(Archive(tmp_path / "empty")) as archive:
        assert check_stores(archive) == []


@pytest.mark.parametrize("position", [0, 1, 2])
@pytest.mark.parametrize("by", [-1, 1])
def test_a_sentence_moved_by_one_character_is_found(archive: Archive, position: int, by: int) -> None:
    """The second sentence has no space behind it: that it has moved can be seen in the full-text index alone."""
    archive.connection.execute(
        "UPDATE sentences SET start_char = start_char + ?, end_char = end_char + ? "
        "WHERE article_id = ? AND position = ?",
        [by, by, FERRY.article_id, position],
    )
    found = check_article(archive, FERRY.article_id)[1] + check_stores(archive)
    assert any("full-text index differs" in problem for problem in found)
    if position != 1 or by < 0:
        assert len(found) >= 2
    reindex(archive, FakeEmbedder())
    assert check_article(archive, FERRY.article_id)[1] + check_stores(archive) == []


def test_a_sentence_over_the_one_before_is_found(archive: Archive) -> None:
    archive.connection.execute(
        "UPDATE sentences SET start_char = start_char - 5 WHERE article_id = ? AND position = 1", [FERRY.article_id]
    )
    (problem,) = check_article(archive, FERRY.article_id)[1]
    assert "over the sentence before" in problem


def test_a_sentence_in_furniture_is_found(archive: Archive) -> None:
    archive.connection.execute(
        "INSERT INTO furniture VALUES (?, ?, ?, 'caption')", [FERRY.article_id, TEXT.index("Nobody"), TEXT.index("It")]
    )
    (problem,) = check_article(archive, FERRY.article_id)[1]
    assert "sentence 1" in problem
    assert "furniture" in problem


def test_a_text_that_is_not_its_version_is_found(archive: Archive) -> None:
    archive.connection.execute(
        "UPDATE versions SET text = replace(text, 'late', 'fast') WHERE article_id = ?", [FERRY.article_id]
    )
    (problem,) = check_article(archive, FERRY.article_id)[1]
    assert f"not that of version {FERRY.version}" in problem
    assert "full-text index differs from the articles in 1 passages" in one_problem(archive)


def test_a_lost_sentence_is_found(archive: Archive) -> None:
    archive.connection.execute("DELETE FROM sentences WHERE article_id = ?", [FERRY.article_id])
    assert "has no sentences" in one_problem(archive)


def test_a_deleted_row_of_the_full_text_index_is_found(archive: Archive) -> None:
    archive.connection.execute("DELETE FROM passages_fts WHERE rowid = (SELECT min(rowid) FROM passages_fts)")
    problems = check_stores(archive)
    assert any("differs from the articles in 1 passages" in problem for problem in problems)
    assert any("(-1)" in problem for problem in problems)


def test_a_row_too_many_in_the_full_text_index_is_found(archive: Archive) -> None:
    archive.connection.execute("INSERT INTO passages_fts (rowid, body) VALUES (9999, 'never written')")
    assert "(+1)" in one_problem(archive)


def test_a_full_text_index_that_is_gone_is_found(archive: Archive) -> None:
    archive.connection.execute("DROP TABLE passages_fts")
    assert any("full-text index can't be checked" in problem for problem in check_stores(archive))


def test_a_title_that_the_full_text_index_does_not_have_is_found(archive: Archive) -> None:
    archive.connection.execute("UPDATE versions SET title = 'Another' WHERE article_id = ?", [FERRY.article_id])
    assert "differs from the articles in 1 passages" in one_problem(archive)


def test_a_passage_missing_from_chroma_is_found(archive: Archive) -> None:
    passage_id = archive.connection.execute("SELECT passage_id FROM passages LIMIT 1").fetchone()[0]
    with chroma(archive) as collection:
        collection.delete(ids=[passage_id])
    assert "instead of" in one_problem(archive)
    add_articles(archive, FakeEmbedder(), [])
    assert check_stores(archive) == []


def test_a_passage_too_many_in_chroma_is_found(archive: Archive) -> None:
    with chroma(archive) as collection:
        collection.add(ids=["extra"], embeddings=[[1.0] * 64], metadatas=[{"outlet": "", "published": 0}])
    assert "Chroma holds 1 passages that the archive doesn't" in one_problem(archive)
    reindex(archive, FakeEmbedder())
    assert check_stores(archive) == []


def test_one_passage_in_place_of_another_in_chroma_is_found(archive: Archive) -> None:
    passage_id = archive.connection.execute("SELECT passage_id FROM passages LIMIT 1").fetchone()[0]
    with chroma(archive) as collection:
        collection.delete(ids=[passage_id])
        collection.add(ids=["extra"], embeddings=[[1.0] * 64], metadatas=[{"outlet": "", "published": 0}])
    problems = check_stores(archive)
    assert any("lacks 1 passages" in problem or "it finds" in problem for problem in problems)


def test_passages_that_wait_for_chroma_are_said_to_be_found_all_the_same(archive: Archive) -> None:
    """A writer that was killed after its commit: a new title leaves the passage's id as it was."""
    from index.build import prepare

    retitled = make_article(TEXT, "https://news.example/ferry", title="Ferry on time")
    prepared = prepare(retitled, FakeEmbedder().identity)
    with writing(archive) as writer, writer.transaction():
        writer.put(prepared, list(FakeEmbedder().embed([passage.text for passage in prepared.passages])))
    assert "1 passages are not in Chroma yet: they are found all the same" in one_problem(archive)
    add_articles(archive, FakeEmbedder(), [])
    assert check_stores(archive) == []
