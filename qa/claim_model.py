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

from qa.reader_model import HEAD_TOKENS, MOST_TOKENS, new_encoder, readable

CLAIM_TOKENS = 96
SUPPORTED, UNSUPPORTED, CONTRADICTED = range(3)


@dataclass(frozen=True, slots=True)
class EncodedClaim:
    """A claim with its evidence. The claim's tokens are those from 1 to `claim_end`; `starts` and `ends` are the
    characters of the claim that each of them covers.
    """

    ids: list[int]
    claim_end: int
    starts: list[int]
    ends: list[int]


@dataclass(frozen=True, slots=True)
class ClaimBatch:
    """Tensors of shape (batch, longest): `types` is 0 for the claim and 1 for the evidence, `mask` and `claim` are 1
    for real tokens and for those of the claim.
    """

    ids: Tensor
    types: Tensor
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
    """A BERT encoder with a verdict head and a token head."""

    def __init__(self, encoder: nn.Module, hidden: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.verdict_head = nn.Sequential(nn.Linear(3 * hidden, hidden), nn.GELU(), nn.Linear(hidden, 3))
        self.fault_head = nn.Linear(hidden, 1)

    def forward(self, batch: ClaimBatch) -> ClaimOutputs:
        states = self.encoder(
            input_ids=batch.ids, token_type_ids=batch.types, attention_mask=batch.mask
        ).last_hidden_state
        members = batch.claim.unsqueeze(-1).to(states.dtype)
        mean = (states * members).sum(dim=1) / members.sum(dim=1).clamp(min=1)
        highest = states.masked_fill(members == 0, -1e4).amax(dim=1)
        return ClaimOutputs(
            verdicts=self.verdict_head(torch.cat([states[:, 0], mean, highest], dim=-1)),
            faults=self.fault_head(states).squeeze(-1),
        )


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
        encoded.append(EncodedClaim(ids, 1 + len(offsets), [s for s, _ in offsets], [e for _, e in offsets]))
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
        types=mask * (places > ends).long(),
        mask=mask,
        claim=((places >= 1) & (places < ends)).long(),
    )
