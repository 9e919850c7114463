"""MiniLM in bfloat16, for CPUs with instructions for it.

The general implementation spends a third of its time beside the matrix products that bfloat16 makes faster: attention
over heads of 32 numbers, which plain batched products do better, copies, and padding. This one computes the same, for
this one architecture: BERT (Devlin et al., NAACL 2019); and for texts the mean of its last layer (Reimers & Gurevych,
EMNLP 2019).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn.functional import gelu, layer_norm, linear

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# So many tokens at a time: enough for the matrix products, little enough for the processor's cache.
TOKENS_AT_A_TIME = 768
_PADDING = -1e4  # what is added to a weight of attention that must be nothing

_Affine = tuple[Tensor, Tensor]


class _Layer:
    """One transformer layer's weights; those of query, key and value as one matrix, the query's scaled beforehand."""

    def __init__(self, weights: Mapping[str, Tensor], layer: str, scale: float) -> None:
        def both(name: str) -> _Affine:
            return weights[f"{layer}.{name}.weight"], weights[f"{layer}.{name}.bias"]

        query, key, value = (both(f"attention.self.{name}") for name in ("query", "key", "value"))
        # In float32 first, lest the scaling be rounded away.
        scaled = [(part.float() * scale).to(part.dtype) for part in query]
        self.query_key_value: _Affine = (
            torch.cat([scaled[0], key[0], value[0]]),
            torch.cat([scaled[1], key[1], value[1]]),
        )
        self.attended = both("attention.output.dense")
        self.attended_norm = both("attention.output.LayerNorm")
        self.up = both("intermediate.dense")
        self.down = both("output.dense")
        self.down_norm = both("output.LayerNorm")


class Encoder:
    """A BERT encoder's weights, as loaded, behind a forward pass of our own. `weights` are those of transformers'
    BertModel by their names, `config` is its configuration.
    """

    def __init__(self, weights: Mapping[str, Tensor], config: Any) -> None:
        self.width: int = config.hidden_size
        self._heads: int = config.num_attention_heads
        self._epsilon: float = config.layer_norm_eps
        self._words = weights["embeddings.word_embeddings.weight"]
        kinds = weights["embeddings.token_type_embeddings.weight"]
        # By type and place: the vector that says which of two texts a token is of, and where in the whole.
        self._places = weights["embeddings.position_embeddings.weight"] + kinds[:, None]
        self._norm: _Affine = (weights["embeddings.LayerNorm.weight"], weights["embeddings.LayerNorm.bias"])
        scale = (self.width // self._heads) ** -0.5
        self._layers = [_Layer(weights, f"encoder.layer.{number}", scale) for number in range(config.num_hidden_layers)]

    def states(self, ids: Tensor, types: Tensor, real: Tensor) -> Tensor:
        """The last layer's vector of each token, shape (texts, tokens, width), from the tokens' ids, their types (of
        the first text or the second) and whether each is one at all, shape (texts, tokens).
        """
        texts, longest = ids.shape
        embedded = self._words[ids] + self._places[types, torch.arange(longest)]
        hidden = self._normed(embedded, self._norm).view(-1, self.width)
        padding = self._padding(real)
        for layer in self._layers:
            attended = linear(self._attention(hidden, layer, texts, padding), *layer.attended)
            hidden = self._normed(attended + hidden, layer.attended_norm)
            raised = gelu(linear(hidden, *layer.up))
            hidden = self._normed(linear(raised, *layer.down) + hidden, layer.down_norm)
        return hidden.view(texts, longest, -1)

    def _padding(self, real: Tensor) -> Tensor:
        """What is added to attention, shape (texts * heads, 1, tokens)."""
        added = torch.zeros(real.shape, dtype=self._words.dtype).masked_fill_(~real, _PADDING)
        return added.repeat_interleave(self._heads, 0)[:, None]

    def _attention(self, hidden: Tensor, layer: _Layer, texts: int, padding: Tensor) -> Tensor:
        """Shape (texts * tokens, width), in and out."""
        tokens = padding.shape[-1]
        apart = linear(hidden, *layer.query_key_value).view(texts, tokens, 3, self._heads, -1)
        query, key, value = apart.permute(2, 0, 3, 1, 4).reshape(3, texts * self._heads, tokens, -1).unbind(0)
        weights = torch.baddbmm(padding.expand(-1, tokens, -1), query, key.transpose(1, 2)).softmax(dim=-1)
        heads = torch.bmm(weights, value).view(texts, self._heads, tokens, -1)
        return heads.transpose(1, 2).reshape(texts * tokens, self.width)

    def _normed(self, values: Tensor, weights: _Affine) -> Tensor:
        return layer_norm(values, (self.width,), *weights, self._epsilon)


class MiniLM:
    """The packaged model, as loaded in bfloat16, as an encoder of texts."""

    def __init__(self, model: "SentenceTransformer") -> None:
        first = model[0]
        weights = {name.removeprefix("model."): parameter.detach() for name, parameter in first.named_parameters()}
        self._encoder = Encoder(weights, first.get_submodule("model").config)
        self._tokenizer = model.tokenizer
        self._most_tokens = model.max_seq_length

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """The mean of each text's token vectors, shape (len(texts), width); not normalised."""
        tokens = self._tokenizer(list(texts), truncation=True, max_length=self._most_tokens)["input_ids"]
        found = np.zeros((len(texts), self._encoder.width), dtype=np.float32)
        for places in by_length([len(one) for one in tokens]):
            with torch.inference_mode():
                found[places] = self._means([tokens[place] for place in places]).numpy()
        return found

    def _means(self, batch: Sequence[Sequence[int]]) -> Tensor:
        lengths = torch.tensor([len(one) for one in batch])
        longest = int(lengths.max())
        ids = torch.tensor([[*one, *(longest - len(one)) * [0]] for one in batch])
        real = torch.arange(longest) < lengths[:, None]
        vectors = self._encoder.states(ids, torch.zeros_like(ids), real).float() * real[..., None]
        return vectors.sum(dim=1) / lengths[:, None]


def by_length(lengths: Sequence[int]) -> Iterator[list[int]]:
    """The places of texts in batches of at most TOKENS_AT_A_TIME, the longest first: those of like length go
    together, so that little is padded.
    """
    waiting = sorted(range(len(lengths)), key=lambda place: (-lengths[place], place))
    while waiting:
        count = max(1, TOKENS_AT_A_TIME // max(1, lengths[waiting[0]]))
        yield waiting[:count]
        waiting = waiting[count:]
