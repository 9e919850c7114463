"""The reader: a small model of our own that reads a question against passages and says which sentences answer, and
with which words.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from index.embedding import packaged_model, precision_dtype
from index.errors import ModelError
from index.passages import written_date
from index.records import ArticleInfo, RetrievedPassage
from qa.records import Span

if TYPE_CHECKING:
    from qa.reader_model import Batch, Encoded, Outputs, ReaderModel

WEIGHTS_FILE = "reader.safetensors"
MOST_SPAN_TOKENS = 16
# The logit of a sentence that stood beyond what was read.
UNREAD = -12.0


@dataclass(frozen=True, slots=True, eq=False)
class TokenLogits:
    """What the span head says of each token of a passage, arrays of one length: the sentence that it belongs to, the
    characters that it covers there, and the logits that the answer begins and ends with it; `nowhere` is the logit
    that there is none.
    """

    sentence_of: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    begins: npt.NDArray[np.float32]
    finishes: npt.NDArray[np.float32]
    nowhere: float

    def span_score(self, sentence: int, start: int, end: int) -> float | None:
        """How sure the reader is that just these characters of a sentence answer, as `Span.score`; None where none of
        them was read.
        """
        within = np.flatnonzero((self.sentence_of == sentence) & (self.ends > start) & (self.starts < end))
        return float(self.begins[within[0]] + self.finishes[within[-1]]) - self.nowhere if len(within) else None


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader makes of one passage: the logit that it answers, and each sentence's logit and best span.

    `tokens` are there where the reader looks for the words of an answer.
    """

    passage: float
    sentences: tuple[float, ...]
    spans: tuple[Span | None, ...]
    tokens: TokenLogits | None = field(default=None, compare=False, repr=False)


class Reader(Protocol):
    """Reads a question against passages."""

    def read(self, question: str, passages: Sequence[RetrievedPassage]) -> list[Reading]:
        """One reading for each passage, in their order."""
        ...


def head_of(info: ArticleInfo) -> str:
    """What is read above a passage: its article's title and date."""
    return ". ".join(part for part in (info.title, written_date(info)) if part)


# A passage, and what is read above it.
_Key = tuple[str, str]


def _key(found: RetrievedPassage) -> _Key:
    return found.passage.passage_id, head_of(found.article)


class CrossReader:
    """A `Reader` that passes question and passage through one encoder together.

    It remembers what it read for the last question, which is often asked again at once: forced, or without a filter.
    """

    def __init__(self, model: "ReaderModel", tokenizer: Any) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._last: tuple[str, dict[_Key, Reading]] = ("", {})

    def read(self, question: str, passages: Sequence[RetrievedPassage]) -> list[Reading]:
        asked, known = self._last
        readings = dict(known) if asked == question else {}
        new = {_key(one): one for one in passages if _key(one) not in readings}
        readings |= zip(new, self._read(question, list(new.values())), strict=True)
        self._last = (question, readings)
        return [readings[_key(one)] for one in passages]

    def _read(self, question: str, passages: Sequence[RetrievedPassage]) -> list[Reading]:
        from index.minilm import by_length
        from qa.reader_model import collate, encode

        texts = [(head_of(one.article), [s.text for s in one.passage.sentences]) for one in passages]
        encoded = encode(self._tokenizer, question, texts)
        readings: dict[int, Reading] = {}
        for places in by_length([len(one.ids) for one in encoded]):
            batch = collate([encoded[place] for place in places], self._tokenizer.pad_token_id)
            outputs = self._run(batch)
            for row, place in enumerate(places):
                readings[place] = _reading(outputs, row, encoded[place])
        return [readings[place] for place in range(len(encoded))]

    def _run(self, batch: "Batch") -> "Outputs":
        import torch

        try:
            with torch.inference_mode():
                return self._model(batch)  # type: ignore[no-any-return]
        except Exception as error:  # torch raises RuntimeError, MemoryError, ...
            raise ModelError(f"the reader failed: {error}") from error


def _reading(outputs: "Outputs", row: int, encoded: "Encoded") -> Reading:
    starts, ends = outputs.starts[row].float().numpy(), outputs.ends[row].float().numpy()
    members = np.asarray(encoded.sentence_of)
    logits = outputs.sentences[row].float().tolist()
    sentences, spans = [], []
    for number in range(encoded.sentences):
        tokens = np.flatnonzero(members == number)
        sentences.append(float(logits[number]) if len(tokens) else UNREAD)
        spans.append(_best_span(starts, ends, tokens, encoded))
    read = len(encoded.ids)
    logits_of_tokens = TokenLogits(
        sentence_of=members,
        starts=np.asarray(encoded.starts),
        ends=np.asarray(encoded.ends),
        begins=starts[:read],
        finishes=ends[:read],
        nowhere=float(starts[0] + ends[0]),
    )
    return Reading(float(outputs.passage[row]), tuple(sentences), tuple(spans), logits_of_tokens)


def _best_span(
    starts: npt.NDArray[np.float32], ends: npt.NDArray[np.float32], tokens: npt.NDArray[np.int64], encoded: "Encoded"
) -> Span | None:
    """The likeliest run of at most MOST_SPAN_TOKENS of a sentence's tokens, against the answer not being here."""
    if not len(tokens):
        return None
    scores = starts[tokens][:, np.newaxis] + ends[tokens][np.newaxis, :]
    allowed = np.triu(np.ones_like(scores, dtype=bool)) & ~np.triu(np.ones_like(scores, dtype=bool), MOST_SPAN_TOKENS)
    scores = np.where(allowed, scores, -np.inf)
    first, last = np.unravel_index(int(scores.argmax()), scores.shape)
    nowhere = float(starts[0] + ends[0])
    return Span(encoded.starts[tokens[first]], encoded.ends[tokens[last]], float(scores[first, last]) - nowhere)


@lru_cache(maxsize=2)
def load_reader(precision: str = "auto", folder: Path | None = None) -> CrossReader:
    """The reader that ships with copydesk, or one that `copydesk train reader` left in a folder.

    Only what training changed is stored; the rest is the embedding model's. Raises ModelError when either is missing
    or they don't fit.
    """
    from qa.reader_model import FastEncoder, new_model

    source = files("qa").joinpath(WEIGHTS_FILE) if folder is None else folder / WEIGHTS_FILE
    base, dtype = prepare_model(), precision_dtype(precision)
    model = new_model(base, precision_dtype("float32"))
    take_weights(model, source, "reader")
    model = model.to(dtype).eval()
    if str(dtype) == "torch.bfloat16":
        model.encoder = FastEncoder(model.encoder)
    return CrossReader(model, load_tokenizer(base))


def prepare_model() -> str:
    """The folder of the embedding model, which ours are trained on; the libraries are told to stay off the network."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    return str(packaged_model())


def load_tokenizer(base: str) -> Any:
    """The tokenizer of the embedding model."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(base)


def take_weights(model: Any, source: Traversable, name: str) -> None:
    """Put stored weights into a network whose encoder is as it came. Raises ModelError when they can't be read or are
    of another network.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        trained = load(source.read_bytes())
        unknown = model.load_state_dict({name: value.float() for name, value in trained.items()}, strict=False)
    except (OSError, RuntimeError, SafetensorError) as error:
        raise ModelError(f"the {name}'s weights {source} can't be used ({error}): reinstall copydesk") from error
    untrained = [name for name in unknown.missing_keys if not name.startswith("encoder.")]
    if unknown.unexpected_keys or untrained:
        raise ModelError(f"the {name}'s weights {source} are of another model: reinstall copydesk")


def shipped_reader_encoder(base: str) -> Any:
    """The encoder of the reader that ships, in float32: what the checker's training begins with."""
    from qa.reader_model import new_model

    model = new_model(base, precision_dtype("float32"))
    take_weights(model, files("qa").joinpath(WEIGHTS_FILE), "reader")
    return model.encoder
