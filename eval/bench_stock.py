"""The stock peer: LlamaIndex's VectorStoreIndex over Chroma, with the settings that both have by default.

The only file that knows its packages. Articles are split by SentenceSplitter (nodes of 1,024 tokens, 200 of them
shared with the next), embedded by HuggingFaceEmbedding in batches of 10, and stored in a persistent Chroma collection.
Title and date are the documents' metadata, which LlamaIndex puts before each node's text when it embeds it.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from eval.bench_records import RetrievedText
from index.embedding import Vectors, model_location
from index.errors import CopydeskError
from index.records import Article

if TYPE_CHECKING:
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.core.schema import BaseNode

COLLECTION = "articles"
_MODULES = ("llama_index.embeddings.huggingface", "llama_index.vector_stores.chroma")
PACKAGES = ("llama-index-core", "llama-index-vector-stores-chroma", "llama-index-embeddings-huggingface", "chromadb")
# Nodes that must be found by their own vectors, and the share that may be missed: the graph is an approximation.
_PROBES, _PROBES_MISSED = 32, 0.1


class MissingPeerError(CopydeskError):
    """The packages of the stock peer are not installed."""


def require_peer() -> None:
    """Raise MissingPeerError, with the line that installs it, unless the stock peer is there."""
    # Only looked up: imported before our embedder is loaded, they would ask the model hub for files at home here.
    missing = [name for name in _MODULES if not _is_there(name)]
    if missing:
        raise MissingPeerError(
            f"the bench compares with LlamaIndex's own packages, and {' and '.join(missing)} can't be found: "
            "in a clone of copydesk, run pip install --constraint constraints.txt '.[bench]'"
        )


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # not even the package that it would be in
        return False


class StockModel:
    """The embedding model as LlamaIndex loads it: float32, on the CPU like ours."""

    def __init__(self, name: str) -> None:
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding
        from transformers import AutoTokenizer

        location = model_location(name)
        self.embedding = HuggingFaceEmbedding(model_name=location, device="cpu")
        self._tokenizer = AutoTokenizer.from_pretrained(location)

    @property
    def most_tokens(self) -> int:
        """How many tokens of a text the model reads."""
        return int(self.embedding.max_length)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), dimension)."""
        return np.array(self.embedding.get_text_embedding_batch(list(texts)), dtype=np.float32)

    def tokens_read(self, texts: Sequence[str]) -> int:
        """How many tokens the model reads of these texts, those that mark start and end among them."""
        if not texts:
            return 0
        encoded = self._tokenizer(list(texts), truncation=True, max_length=self.most_tokens)
        return sum(len(ids) for ids in encoded["input_ids"])


class StockIndex:
    """One Chroma folder, open in this process."""

    def __init__(self, folder: Path, model: StockModel) -> None:
        import chromadb
        from chromadb.config import Settings
        from llama_index.core import VectorStoreIndex
        from llama_index.vector_stores.chroma import ChromaVectorStore

        self._splitter = make_splitter()
        self._client = chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
        try:
            self._collection = self._client.get_or_create_collection(COLLECTION, embedding_function=None)
            store = ChromaVectorStore(chroma_collection=self._collection)
            self._index = VectorStoreIndex.from_vector_store(store, embed_model=model.embedding)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._client.close()  # type: ignore[attr-defined]

    def add(self, articles: Sequence[Article]) -> list[list[str]]:
        """Split, embed and store; the ids of each article's nodes. What is there already stays as it is."""
        nodes = [split(self._splitter, article) for article in articles]
        self._index.insert_nodes([node for of_one in nodes for node in of_one])
        return [[node.node_id for node in of_one] for of_one in nodes]

    def retrieve(self, question: str, limit: int | None = None) -> tuple[RetrievedText, ...]:
        """The texts of the nearest nodes, best first: `limit` of them, or as many as LlamaIndex takes by default."""
        options: dict[str, Any] = {} if limit is None else {"similarity_top_k": limit}
        found = self._index.as_retriever(**options).retrieve(question)
        return tuple(RetrievedText(node.node.ref_doc_id or "", node.node.get_content()) for node in found)

    def require_whole(self, node_ids: Sequence[str]) -> None:
        """Raise ValueError, or whatever Chroma raises, unless it holds these nodes and finds a sample of them."""
        counted = self._collection.count()
        if counted < len(node_ids):
            raise ValueError(f"it holds {counted} nodes instead of {len(node_ids)}")
        if not node_ids:
            return
        places = np.unique(np.linspace(0, len(node_ids) - 1, min(_PROBES, len(node_ids))).astype(int))
        vectors = self._collection.get(ids=[node_ids[place] for place in places], include=["embeddings"])["embeddings"]
        if vectors is None or len(vectors) < len(places):
            raise ValueError("vectors are missing")
        distances = self._collection.query(query_embeddings=vectors, n_results=1, include=["distances"])["distances"]
        found = sum(bool(row) and row[0] < 0.01 for row in distances or [])
        if found < (1 - _PROBES_MISSED) * len(places):
            raise ValueError(f"of {len(places)} nodes looked up by their own vectors it finds {found}")


def make_splitter() -> "SentenceSplitter":
    """LlamaIndex's splitter with its defaults; only the ids are ours, so that a node has the same one each time."""
    from llama_index.core.node_parser import SentenceSplitter

    with _bundled_data():
        splitter = SentenceSplitter(id_func=lambda number, document: f"{document.node_id}-{number}")
        splitter.split_text("This loads. What it needs.")
    return splitter


def split(splitter: "SentenceSplitter", article: Article) -> "list[BaseNode]":
    """An article's nodes."""
    from llama_index.core import Document

    info = article.info
    published = info.published.isoformat() if info.published else None
    known = {name: value for name, value in (("title", info.title), ("published", published)) if value}
    return splitter.get_nodes_from_documents([Document(id_=article.article_id, text=article.text, metadata=known)])


def texts_to_embed(splitter: "SentenceSplitter", article: Article) -> list[str]:
    """What the stock peer embeds of an article: each node's text with the metadata before it."""
    from llama_index.core.schema import MetadataMode

    return [node.get_content(metadata_mode=MetadataMode.EMBED) for node in split(splitter, article)]


def peer_settings(model: StockModel) -> dict[str, object]:
    """What the peer is made of, for the report and to tell whether an index can be gone on with."""
    splitter = make_splitter()
    return {
        "splitter": type(splitter).__name__,
        "chunk_size": splitter.chunk_size,
        "chunk_overlap": splitter.chunk_overlap,
        "tokens_read": model.most_tokens,
        "packages": {name: metadata.version(name) for name in PACKAGES},
    }


@contextmanager
def _bundled_data() -> Iterator[None]:
    """Have LlamaIndex use the word lists it carries: told of another folder, it downloads them into that."""
    hidden = {name: os.environ.pop(name) for name in ("NLTK_DATA", "TIKTOKEN_CACHE_DIR") if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(hidden)
