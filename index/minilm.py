"""MiniLM in bfloat16, for CPUs with instructions for it.

The general implementation spends a third of its time beside the matrix products that bfloat16 makes faster: attention
over heads of 32 numbers, which plain batched products do better, copies, and padding. This one computes the same, for
this one architecture: BERT (Devlin et al., NAACL 2019), the mean of its last layer (Reimers & Gurevych, EMNLP 2019).
"""

from collections.abc import Mapping, Sequence
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


class MiniLM:
    """The packaged model's weights, as loaded in bfloat16, behind a forward pass of our own."""

    def __init__(self, model: "SentenceTransformer") -> None:
        first = model[0]
        weights = {name.removeprefix("model."): parameter.detach() for name, parameter in first.named_parameters()}
        config: Any = first.get_submodule("model").config
        self._tokenizer = model.tokenizer
        self._most_tokens = model.max_seq_length
        self._heads: int = config.num_attention_heads
        self._width: int = config.hidden_size
        self._epsilon: float = config.layer_norm_eps
        self._words = weights["embeddings.word_embeddings.weight"]
        kind = weights["embeddings.token_type_embeddings.weight"][0]
        self._places = weights["embeddings.position_embeddings.weight"] + kind
        self._norm: _Affine = (weights["embeddings.LayerNorm.weight"], weights["embeddings.LayerNorm.bias"])
        scale = (self._width // self._heads) ** -0.5
        self._layers = [_Layer(weights, f"encoder.layer.{number}", scale) for number in range(config.num_hidden_layers)]

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """The mean of each text's token vectors, shape (len(texts), width); not normalised."""
        tokens = self._tokenizer(list(texts), truncation=True, max_length=self._most_tokens)["input_ids"]
        found = np.zeros((len(texts), self._width), dtype=np.float32)
        # Texts of like length go together, so that little is padded.
        waiting = sorted(range(len(texts)), key=lambda place: (-len(tokens[place]), place))
        while waiting:
            count = max(1, TOKENS_AT_A_TIME // len(tokens[waiting[0]]))
            places, waiting = waiting[:count], waiting[count:]
            with torch.inference_mode():
                found[places] = self._means([tokens[place] for place in places]).numpy()
        return found

    def _means(self, batch: Sequence[Sequence[int]]) -> Tensor:
        lengths = torch.tensor([len(one) for one in batch])
        longest = int(lengths.max())
        ids = torch.tensor([[*one, *(longest - len(one)) * [0]] for one in batch])
        real = torch.arange(longest) < lengths[:, None]
        hidden = self._normed(self._words[ids] + self._places[:longest], self._norm).view(-1, self._width)
        padding = self._padding(real)
        for layer in self._layers:
            attended = linear(self._attention(hidden, layer, len(batch), padding), *layer.attended)
            hidden = self._normed(attended + hidden, layer.attended_norm)
            raised = gelu(linear(hidden, *layer.up))
            hidden = self._normed(linear(raised, *layer.down) + hidden, layer.down_norm)
        vectors = hidden.view(len(batch), longest, -1).float() * real[..., None]
        return vectors.sum(dim=1) / lengths[:, None]

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
        return heads.transpose(1, 2).reshape(texts * tokens, self._width)

    def _normed(self, values: Tensor, weights: _Affine) -> Tensor:
        return layer_norm(values, (self._width,), *weights, self._epsilon)
