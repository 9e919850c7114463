"""The grounding checker's network: what it takes in and gives out. The only file, with its trainer, that knows its
tensors.

One pass reads the claim against sentences of evidence. One head says what they make of the whole claim, as in natural
language inference (Bowman et al., EMNLP 2015); another, for each of its tokens, whether the evidence bears it out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from qa.claim_match import FOUND, KINDS, OF_CLAIM, OTHER, match_claim
from qa.reader_model import HEAD_TOKENS, MOST_TOKENS, new_encoder, readable

CLAIM_TOKENS = 96
SUPPORTED, UNSUPPORTED, CONTRADICTED = range(3)


@dataclass(frozen=True, slots=True)
class EncodedClaim:
    """A claim with its evidence; `kinds` tells of each token how it matches the other side (qa/claim_match.py). The
    claim's tokens are those from 1 to `claim_end`; `starts` and `ends` are the characters of the claim that each of
    them covers.
    """

    ids: list[int]
    kinds: list[int]
    claim_end: int
    starts: list[int]
    ends: list[int]


@dataclass(frozen=True, slots=True)
class ClaimBatch:
    """Tensors of shape (batch, longest): `kinds` is how a token matches the other side, `mask` and `claim` are 1 for
    real tokens and for those of the claim.
    """

    ids: Tensor
    kinds: Tensor
    mask: Tensor
    claim: Tensor


@dataclass(frozen=True, slots=True)
class ClaimOutputs:
    """Logits: `verdicts` (batch, 3) for SUPPORTED, UNSUPPORTED and CONTRADICTED; `faults` (batch, longest), above 0
    where a token of the claim is likelier not borne out.
    """

    verdicts: Tensor
    faults: Tensor


class ClaimModel(nn.Module):
    """A BERT encoder with a verdict head and a token head. Its two types of tokens, those of the claim and those of
    the evidence, become as many as there are kinds of match.
    """

    def __init__(self, encoder: Any, hidden: int) -> None:
        super().__init__()
        self.match = _match_vectors(encoder.embeddings.token_type_embeddings)
        encoder.embeddings.token_type_embeddings = self.match
        self.encoder = encoder
        self.verdict_head = nn.Sequential(nn.Linear(3 * hidden, hidden), nn.GELU(), nn.Linear(hidden, 3))
        self.fault_head = nn.Linear(hidden, 1)

    def forward(self, batch: ClaimBatch) -> ClaimOutputs:
        states = self.encoder(
            input_ids=batch.ids, token_type_ids=batch.kinds, attention_mask=batch.mask
        ).last_hidden_state
        members = batch.claim.unsqueeze(-1).to(states.dtype)
        mean = (states * members).sum(dim=1) / members.sum(dim=1).clamp(min=1)
        highest = states.masked_fill(members == 0, -1e4).amax(dim=1)
        return ClaimOutputs(
            verdicts=self.verdict_head(torch.cat([states[:, 0], mean, highest], dim=-1)),
            faults=self.fault_head(states).squeeze(-1),
        )


def _match_vectors(types: nn.Embedding) -> nn.Embedding:
    """One vector for each kind of match, at first that of its side."""
    vectors = nn.Embedding(KINDS, types.embedding_dim, dtype=types.weight.dtype)
    with torch.no_grad():
        vectors.weight[:OF_CLAIM] = types.weight[0]
        vectors.weight[OF_CLAIM:] = types.weight[1]
    return vectors


def new_claim_model(folder: str, dtype: torch.dtype) -> ClaimModel:
    """The encoder of a sentence-transformers folder under heads not trained yet."""
    encoder = new_encoder(folder)
    return ClaimModel(encoder, encoder.config.hidden_size).to(dtype)


def encode_claims(tokenizer: Any, pairs: Sequence[tuple[str, str, Sequence[str]]]) -> list[EncodedClaim]:
    """Claims, each with its evidence's head (title and date, may be empty) and sentences.

    A claim longer than CLAIM_TOKENS, a head longer than HEAD_TOKENS and evidence beyond MOST_TOKENS in all are cut.
    """
    texts = [readable(text) for claim, head, sentences in pairs for text in (claim, head, " ".join(sentences))]
    if not texts:
        return []
    pieces = tokenizer(texts, add_special_tokens=False, return_offsets_mapping=True)
    first, between = tokenizer.cls_token_id, tokenizer.sep_token_id
    encoded = []
    for place in range(0, len(texts), 3):
        claim, head, evidence = pieces["input_ids"][place : place + 3]
        offsets = pieces["offset_mapping"][place][:CLAIM_TOKENS]
        opening = [first, *claim[:CLAIM_TOKENS], between, *head[:HEAD_TOKENS]]
        ids = [*opening, *evidence[: MOST_TOKENS - 1 - len(opening)], between]
        marks = match_claim(*texts[place : place + 3])
        of_claim, of_head, of_evidence = (
            [mark.at(start) for start, _ in spans]
            for mark, spans in zip(marks, pieces["offset_mapping"][place : place + 3], strict=True)
        )
        kinds = [FOUND, *of_claim[:CLAIM_TOKENS], FOUND, *of_head[:HEAD_TOKENS], *of_evidence]
        encoded.append(
            EncodedClaim(
                ids=ids,
                kinds=[*kinds[: len(ids) - 1], OTHER],
                claim_end=1 + len(offsets),
                starts=[start for start, _ in offsets],
                ends=[end for _, end in offsets],
            )
        )
    return encoded


def collate_claims(encoded: Sequence[EncodedClaim], pad: int) -> ClaimBatch:
    """Padded to the longest of them."""
    longest = max(len(one.ids) for one in encoded)
    places = torch.arange(longest)
    lengths = torch.tensor([[len(one.ids)] for one in encoded])
    ends = torch.tensor([[one.claim_end] for one in encoded])
    mask = (places < lengths).long()
    return ClaimBatch(
        ids=torch.tensor([one.ids + [pad] * (longest - len(one.ids)) for one in encoded]),
        kinds=torch.tensor([one.kinds + [OTHER] * (longest - len(one.kinds)) for one in encoded]),
        mask=mask,
        claim=((places >= 1) & (places < ends)).long(),
    )
