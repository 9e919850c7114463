"""Which reader reads: the one that ships, one that `copydesk train reader` made, or any cross-encoder."""

import os
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Literal

from index.embedding import weights_hash
from index.errors import ModelError
from qa.choice import WEIGHTS_FILE as CHOICE_FILE
from qa.choice import EvidenceScorer, SentenceScorer, load_weights, read_weights
from qa.reader import WEIGHTS_FILE, load_reader

SHIPPED = "copydesk"


@dataclass(frozen=True, slots=True)
class ReaderSource:
    """Where a reader's weights are; `folder` is None for the reader that ships."""

    name: str
    kind: Literal["shipped", "trained", "cross-encoder"]
    folder: Path | None
    weights_sha256: str


def find_reader(name: str) -> ReaderSource:
    """The reader of this name: "copydesk", a folder, or a cross-encoder in Hugging Face's local cache.

    Nothing is downloaded. Raises ModelError when it isn't on this machine.
    """
    if name == SHIPPED:
        raw = files("qa").joinpath(WEIGHTS_FILE).read_bytes()
        return ReaderSource(name, "shipped", None, sha256(raw).hexdigest())
    folder = Path(name).expanduser()
    if folder.is_dir():
        folder = folder.resolve()
        trained = folder / WEIGHTS_FILE
        if trained.is_file():
            return ReaderSource(name, "trained", folder, sha256(trained.read_bytes()).hexdigest())
    else:
        folder = _cached(name)
    return ReaderSource(name, "cross-encoder", folder, weights_hash(folder))


def _cached(name: str) -> Path:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.errors import LocalEntryNotFoundError as NotFoundError

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (NotFoundError, HFValidationError, OSError) as error:
        raise ModelError(
            f"the reader {name!r} is neither {SHIPPED!r}, nor a folder, nor a model in Hugging Face's cache here: "
            f"download it once with 'hf download {name}', or give its folder"
        ) from error


def load_scorer(source: ReaderSource, precision: str, threshold: float) -> SentenceScorer:
    """What weighs that reader's readings. Sentence choice was fitted on readings of ours: a trained folder may bring
    weights of its own (choice_weights.json), and a cross-encoder's logits are ranked as they are.
    """
    if source.kind != "cross-encoder":
        own = None if source.folder is None else source.folder / CHOICE_FILE
        fitted = own is not None and own.is_file()
        weights = read_weights(own.read_text(encoding="utf-8")) if own is not None and fitted else load_weights()
        return EvidenceScorer(load_reader(precision, source.folder), weights)
    from qa.cross_encoder_reader import LogitScorer, load_cross_encoder

    return LogitScorer(load_cross_encoder(source.name, source.folder, precision), threshold)
