"""The reader's network: what it takes in and gives out. The only file, with its trainer, that knows its tensors.

One pass reads the question against a whole passage with its article's title and date, so that every sentence is judged
with its neighbours at hand. Three heads share the encoder: does the passage answer, does each sentence, and where do
the words of the answer begin and end (Devlin et al., NAACL 2019, section 4.2, for the last).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

QUESTION_TOKENS = 64
HEAD_TOKENS = 48
MOST_TOKENS = 320
# The question, the title and the date: tokens of no sentence.
OUTSIDE = -1


@dataclass(frozen=True, slots=True)
class Encoded:
    """One question with one passage. `sentence_of` gives each token's sentence, `starts` and `ends` the characters
    that it covers in that sentence's text; all four lists are of one length.
    """

    ids: list[int]
    types: list[int]
    sentence_of: list[int]
    starts: list[int]
    ends: list[int]
    sentences: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Tensors of shape (batch, longest); `mask` is 1 for real tokens, `sentence_of` OUTSIDE for tokens of none."""

    ids: Tensor
    types: Tensor
    mask: Tensor
    sentence_of: Tensor
    sentences: int


@dataclass(frozen=True, slots=True)
class Outputs:
    """Logits: `passage` (batch,), `sentences` (batch, most sentences), `starts` and `ends` (batch, longest).

    A sentence that isn't there, or of which no token was read, has a meaningless logit.
    """

    passage: Tensor
    sentences: Tensor
    starts: Tensor
    ends: Tensor


class ReaderModel(nn.Module):
    """A BERT encoder with a passage head, a sentence head and a span head."""

    def __init__(self, encoder: nn.Module, hidden: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.passage_head = nn.Sequential(nn.Linear(hidden, hidden), nn.GELU(), nn.Linear(hidden, 1))
        self.sentence_head = nn.Sequential(nn.Linear(2 * hidden, hidden), nn.GELU(), nn.Linear(hidden, 1))
        self.span_head = nn.Linear(hidden, 2)

    def forward(self, batch: Batch) -> Outputs:
        states = self.encoder(
            input_ids=batch.ids, token_type_ids=batch.types, attention_mask=batch.mask
        ).last_hidden_state
        whole = states[:, 0]
        pooled = _mean_by_sentence(states, batch.sentence_of, batch.sentences)
        beside = whole.unsqueeze(1).expand(-1, batch.sentences, -1)
        spans = self.span_head(states)
        return Outputs(
            passage=self.passage_head(whole).squeeze(-1),
            sentences=self.sentence_head(torch.cat([pooled, beside], dim=-1)).squeeze(-1),
            starts=spans[..., 0],
            ends=spans[..., 1],
        )


class FastEncoder(nn.Module):
    """The encoder without gradients, several times as fast where it is in bfloat16 (index/minilm.py)."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        from index.minilm import Encoder

        self._encoder = Encoder({name: value.detach() for name, value in encoder.named_parameters()}, encoder.config)

    def forward(self, input_ids: Tensor, token_type_ids: Tensor, attention_mask: Tensor) -> "States":
        return States(self._encoder.states(input_ids, token_type_ids, attention_mask.bool()))


@dataclass(frozen=True, slots=True)
class States:
    """What the reader wants of an encoder's outcome: shape (batch, longest, hidden)."""

    last_hidden_state: Tensor


def _mean_by_sentence(states: Tensor, sentence_of: Tensor, sentences: int) -> Tensor:
    """The mean state of each sentence's tokens, shape (batch, sentences, hidden); zero for a sentence without any."""
    members = sentence_of.unsqueeze(1) == torch.arange(sentences).view(1, -1, 1)
    weights = members.to(states.dtype)
    return weights @ states / weights.sum(dim=-1, keepdim=True).clamp(min=1)


def new_model(folder: str, dtype: torch.dtype) -> ReaderModel:
    """The encoder of a sentence-transformers folder under heads not trained yet."""
    encoder = new_encoder(folder)
    return ReaderModel(encoder, encoder.config.hidden_size).to(dtype)


def new_encoder(folder: str) -> Any:
    """The BERT encoder of a sentence-transformers folder, in float32. Attention is spelled out ("eager"): at these
    lengths PyTorch's fused kernel is the slower one on a CPU.
    """
    from transformers import AutoModel
    from transformers.utils import logging

    # The folder holds a pooling layer that isn't used here, of which the library would tell at length.
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    return AutoModel.from_pretrained(
        folder,
        dtype=torch.float32,
        attn_implementation="eager",
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        add_pooling_layer=False,
    )


def encode(tokenizer: Any, question: str, passages: Sequence[tuple[str, Sequence[str]]]) -> list[Encoded]:
    """The question with each passage, which is its head (title and date, may be empty) and its sentences."""
    asked = tokenizer(readable(question), add_special_tokens=False, truncation=True, max_length=QUESTION_TOKENS)[
        "input_ids"
    ]
    texts = [readable(text) for head, sentences in passages for text in (head, *sentences)]
    if not texts:
        return []
    pieces = tokenizer(texts, add_special_tokens=False, return_offsets_mapping=True)
    ids, offsets = iter(pieces["input_ids"]), iter(pieces["offset_mapping"])
    first, between = tokenizer.cls_token_id, tokenizer.sep_token_id
    encoded = []
    for _, sentences in passages:
        head = next(ids)[:HEAD_TOKENS]
        next(offsets)
        read = [(next(ids), next(offsets)) for _ in sentences]
        encoded.append(_joined([first, *asked, between], head, read, between))
    return encoded


def readable(text: str) -> str:
    """The text with a "?" for each lone surrogate, which is no text to the tokenizer; every offset stays."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _joined(
    opening: list[int], head: list[int], sentences: Sequence[tuple[list[int], list[tuple[int, int]]]], between: int
) -> Encoded:
    ids = [*opening, *head]
    types = [0] * len(opening) + [1] * len(head)
    sentence_of, starts, ends = ([value] * len(ids) for value in (OUTSIDE, 0, 0))
    for number, (tokens, places) in enumerate(sentences):
        room = MOST_TOKENS - 1 - len(ids)
        for token, (start, end) in zip(tokens[:room], places[:room], strict=True):
            ids.append(token)
            types.append(1)
            sentence_of.append(number)
            starts.append(start)
            ends.append(end)
    return Encoded([*ids, between], [*types, 1], [*sentence_of, OUTSIDE], [*starts, 0], [*ends, 0], len(sentences))


def collate(encoded: Sequence[Encoded], pad: int) -> Batch:
    """Padded to the longest of them."""
    longest = max(len(one.ids) for one in encoded)

    def padded(lists: Sequence[list[int]], value: int) -> Tensor:
        return torch.tensor([row + [value] * (longest - len(row)) for row in lists])

    return Batch(
        ids=padded([one.ids for one in encoded], pad),
        types=padded([one.types for one in encoded], 0),
        mask=padded([[1] * len(one.ids) for one in encoded], 0),
        sentence_of=padded([one.sentence_of for one in encoded], OUTSIDE),
        sentences=max(1, *(one.sentences for one in encoded)),
    )
