"""The stock peer's index, with LlamaIndex, Chroma and the embedding model as they are."""

import io
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from eval.bench_build import FINISHED, SETTINGS, StockBuild, build_stock
from eval.bench_records import RetrievedText
from eval.bench_stock import StockIndex, StockModel, make_splitter, peer_settings, require_peer, split, texts_to_embed
from index.archive import Archive
from index.embedding import load_embedder
from index.errors import BadInputError
from index.records import Article
from index.settings import DEFAULT_MODEL
from tests.support import FakeEmbedder, made_up_articles, make_archive, make_article

IDENTITY = FakeEmbedder().identity
QUESTION = "sito wayeza fugu"
CHILD = """
import sys
from pathlib import Path
from rich.console import Console
from eval.bench_build import build_stock
from eval.bench_stock import StockModel
from index.archive import Archive
from index.embedding import load_embedder
from index.settings import DEFAULT_MODEL
from tests.support import FakeEmbedder
load_embedder(DEFAULT_MODEL, "float32")
archive, folder = map(Path, sys.argv[1:])
build_stock(folder, StockModel(DEFAULT_MODEL), FakeEmbedder().identity, Archive(archive), Console(stderr=True))
"""


@pytest.fixture(scope="module")
def model() -> StockModel:
    load_embedder(DEFAULT_MODEL, "float32")  # says that no hub is to be asked
    return StockModel(DEFAULT_MODEL)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = make_archive(tmp_path / "archive", made_up_articles(40, sentences=2))
    yield made
    made.close()


def build(folder: Path, model: StockModel, archive: Archive, said: io.StringIO | None = None) -> StockBuild:
    return build_stock(folder, model, IDENTITY, archive, Console(file=said or io.StringIO(), width=500))


def finished_ids(folder: Path) -> list[str]:
    return [json.loads(line)["article_id"] for line in (folder / FINISHED).read_text(encoding="utf-8").splitlines()]


def found_in(folder: Path, model: StockModel, archive: Archive) -> tuple[RetrievedText, ...]:
    built = build(folder, model, archive)
    with closing(built.index):
        assert built.articles == archive.article_count()
        return built.index.retrieve(QUESTION, 5)


def test_every_article_goes_in_once(tmp_path: Path, model: StockModel, archive: Archive) -> None:
    folder = tmp_path / "stock"
    first = found_in(folder, model, archive)
    assert len(first) == 5
    ids = finished_ids(folder)
    assert sorted(ids) == sorted(info.article_id for info in archive.infos())
    assert found_in(folder, model, archive) == first
    assert finished_ids(folder) == ids


def test_a_build_that_is_killed_goes_on_where_it_stopped(tmp_path: Path, model: StockModel, archive: Archive) -> None:
    folder = tmp_path / "stock"
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(archive.folder), str(folder)],
        cwd=Path(__file__).parent.parent,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stderr=subprocess.DEVNULL,
    )
    while child.poll() is None and not ((folder / FINISHED).exists() and finished_ids(folder)):
        time.sleep(0.002)
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    before = finished_ids(folder)
    assert 0 < len(before) < archive.article_count()
    said = io.StringIO()
    built = build(folder, model, archive, said)
    with closing(built.index):
        resumed = built.index.retrieve(QUESTION, 5)
    if "built again" not in said.getvalue():  # a kill can leave Chroma unreadable, and then that is the way on
        assert finished_ids(folder)[: len(before)] == before
    assert len(set(finished_ids(folder))) == built.articles == archive.article_count()
    assert resumed == found_in(tmp_path / "at once", model, archive)


def test_a_line_cut_short_is_an_article_not_finished(tmp_path: Path, model: StockModel, archive: Archive) -> None:
    folder = tmp_path / "stock"
    first = found_in(folder, model, archive)
    path = folder / FINISHED
    path.write_bytes(path.read_bytes()[:-10])
    assert found_in(folder, model, archive) == first
    assert len(set(finished_ids(folder))) == archive.article_count()


def spoil_database(folder: Path, model: StockModel) -> None:
    (folder / "chroma-1" / "chroma.sqlite3").write_bytes(b"no database")


def lose_nodes(folder: Path, model: StockModel) -> None:
    import chromadb

    client = chromadb.PersistentClient(str(folder / "chroma-1"))
    collection = client.get_collection("articles", embedding_function=None)
    collection.delete(ids=collection.get(include=[])["ids"][:3])
    client.close()  # type: ignore[attr-defined]


def lose_folder(folder: Path, model: StockModel) -> None:
    (folder / "chroma-1").rename(folder / "elsewhere")


@pytest.mark.parametrize("damage", [spoil_database, lose_nodes, lose_folder])
def test_an_index_that_is_damaged_is_noticed_and_built_again(
    tmp_path: Path, model: StockModel, archive: Archive, damage: object
) -> None:
    folder = tmp_path / "stock"
    first = found_in(folder, model, archive)
    assert callable(damage)
    damage(folder, model)
    said = io.StringIO()
    built = build(folder, model, archive, said)
    with closing(built.index):
        assert built.index.retrieve(QUESTION, 5) == first
    assert "could not be read and is built again" in said.getvalue()
    assert len(finished_ids(folder)) == archive.article_count()


def test_an_index_of_other_articles_or_another_model_is_refused(
    tmp_path: Path, model: StockModel, archive: Archive
) -> None:
    folder = tmp_path / "stock"
    found_in(folder, model, archive)
    other = make_archive(tmp_path / "other", made_up_articles(39, sentences=2))
    with pytest.raises(BadInputError, match="holds 1 articles that the archive doesn't"):
        build(folder, model, other)
    other.close()
    with pytest.raises(BadInputError, match="another model: give another --out"):
        build_stock(folder, model, FakeEmbedder("others").identity, archive, Console(file=io.StringIO()))
    assert json.loads((folder / SETTINGS).read_text(encoding="utf-8"))["chunk_size"] == 1024


def test_articles_that_come_later_are_added(tmp_path: Path, model: StockModel, archive: Archive) -> None:
    folder = tmp_path / "stock"
    found_in(folder, model, archive)
    more = make_archive(tmp_path / "more", made_up_articles(41, sentences=2))
    found_in(folder, model, more)
    more.close()
    assert len(finished_ids(folder)) == 41


def test_a_file_where_the_folder_should_be_is_named(tmp_path: Path, model: StockModel, archive: Archive) -> None:
    (tmp_path / "out").write_text("", encoding="utf-8")
    with pytest.raises(BadInputError, match="give another --out"):
        build(tmp_path / "out", model, archive)


def long_article() -> Article:
    text = " ".join(f"The {number}th sentence of this article says nothing at all." for number in range(400))
    return make_article(text, title="Nothing happens")


def test_the_peer_has_the_defaults_that_the_report_tells_of(model: StockModel) -> None:
    settings = peer_settings(model)
    assert (settings["chunk_size"], settings["chunk_overlap"], settings["tokens_read"]) == (1024, 200, 256)
    article = long_article()
    splitter = make_splitter()
    nodes = split(splitter, article)
    assert len(nodes) > 3
    assert [node.node_id for node in nodes] == [f"{article.article_id}-{number}" for number in range(len(nodes))]
    assert all(node.get_content() in article.text for node in nodes)
    # Each node shares its start with the end of the one before.
    assert all(one.get_content()[-100:] in other.get_content() for one, other in itertools.pairwise(nodes))
    texts = texts_to_embed(splitter, article)
    assert all("title: Nothing happens" in text for text in texts)
    # Of a whole node of 1,024 tokens, 256 are read; the last may be shorter.
    assert model.tokens_read(texts[:-1]) == 256 * (len(texts) - 1)
    assert model.tokens_read(["hello world"]) == 4  # [CLS] hello world [SEP]
    assert model.tokens_read([]) == 0


def test_what_the_model_does_not_read_moves_no_vector(model: StockModel) -> None:
    words = " ".join(["flood"] * 300)
    vectors = model.embed([words, words + " and then the ferry sank", "the ferry sank"])
    assert np.allclose(vectors[0], vectors[1], atol=1e-5)
    assert float(vectors[0] @ vectors[2]) < 0.9


def test_the_peer_embeds_as_ours_does_in_float32(model: StockModel) -> None:
    texts = ["The ferry sails twice a day.", "Eleven houses were flooded."]
    assert np.allclose(model.embed(texts), load_embedder(DEFAULT_MODEL, "float32").embed(texts), atol=1e-5)


def test_by_default_the_peer_gives_back_two_nodes(tmp_path: Path, model: StockModel) -> None:
    with closing(StockIndex(tmp_path, model)) as index:
        index.add([make_article(f"Text {number}", f"https://veld.example/{number}") for number in range(4)])
        assert len(index.retrieve("text")) == 2
        assert len(index.retrieve("text", 3)) == 3


def test_the_peer_is_there() -> None:
    require_peer()


def test_the_splitter_downloads_no_word_lists(tmp_path: Path) -> None:
    lists = tmp_path / "lists"
    program = (
        "import os; from eval.bench_stock import make_splitter; make_splitter().split_text('One. Two.'); "
        "print(os.environ['NLTK_DATA'])"
    )
    environment = {**os.environ, "NLTK_DATA": str(lists), "TIKTOKEN_CACHE_DIR": str(lists)}
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parent.parent,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == str(lists)
    assert not lists.exists()
