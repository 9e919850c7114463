"""Trains the grounding checker's network (qa/claim_model.py) and measures it on claims kept aside."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from eval import trainer
from eval.claim_data import ClaimExample, ClaimGroup
from eval.trainer import TOKENS_PER_STEP, Size, Task, has_bf16
from qa.claim_model import (
    CONTRADICTED,
    SUPPORTED,
    UNSUPPORTED,
    ClaimModel,
    EncodedClaim,
    collate_claims,
    encode_claims,
)

FAULTS_WEIGHT = 0.5
# How much of the loss is asked back from telling "says otherwise" from "doesn't say".
CLASH_WEIGHT = 0.3
# How much is asked for the difference between a true claim and its false twin, beside each of them by itself.
TWINS_WEIGHT = 0.5
AT_A_TIME = 32


@dataclass(frozen=True, slots=True)
class CheckerHeldOut:
    """Measured on claims not trained on: of `claims`, `supported` are; `auroc` tells them from the others."""

    claims: int
    supported: int
    auroc: float
    balanced_accuracy: float


def train(
    model: ClaimModel,
    tokenizer: Any,
    groups: Sequence[ClaimGroup],
    folder: Path,
    seed: int,
    learning_rate: float,
    advance: Callable[[int, int], object] = lambda step, steps: None,
) -> None:
    """One pass over the groups in the order given (eval/trainer.py): a claim by itself, or a true one and its false
    twin, which are then also told from one another.
    """
    task = Task(
        groups,
        lambda group: Size(len(group), max(map(_length, group))),
        lambda some: _losses(model, tokenizer, some),
        _fingerprint([one for group in groups for one in group], seed, learning_rate),
    )
    trainer.train(model, task, folder, seed, learning_rate, advance)


def _length(example: ClaimExample) -> int:
    """About how many tokens the example has: English news has some 4.4 characters a token."""
    return int((len(example.claim) + len(example.head) + sum(map(len, example.evidence))) / 4.4) + 4


def _fingerprint(examples: Sequence[ClaimExample], seed: int, learning_rate: float) -> str:
    digest = sha256(repr((seed, learning_rate, TOKENS_PER_STEP)).encode())
    for one in examples:
        digest.update(repr(one).encode("utf-8", "replace"))
    return digest.hexdigest()


def encoded(tokenizer: Any, examples: Sequence[ClaimExample]) -> list[EncodedClaim]:
    """What the network takes in of each example."""
    return encode_claims(tokenizer, [(one.claim, one.head, one.evidence) for one in examples])


def _losses(model: ClaimModel, tokenizer: Any, groups: Sequence[ClaimGroup]) -> dict[str, Tensor]:
    examples = [one for group in groups for one in group]
    tokens = encoded(tokenizer, examples)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=has_bf16()):
        raw = model(collate_claims(tokens, tokenizer.pad_token_id))
    verdicts, faults = raw.verdicts.float(), raw.faults.float()
    return {
        "verdict": _verdict_loss(verdicts, examples),
        "clash": CLASH_WEIGHT * _clash_loss(verdicts, examples),
        "faults": FAULTS_WEIGHT * _fault_loss(faults, tokens, examples),
        "twins": TWINS_WEIGHT * _twins_loss(verdicts, groups),
    }


def _verdict_loss(verdicts: Tensor, examples: Sequence[ClaimExample]) -> Tensor:
    """Supported against the two others together."""
    return functional.binary_cross_entropy_with_logits(
        support_logits(verdicts), torch.tensor([float(one.supported) for one in examples])
    )


def support_logits(verdicts: Tensor) -> Tensor:
    """The log odds that a claim is supported, shape (batch,), from logits of shape (batch, 3)."""
    return verdicts[:, SUPPORTED] - torch.logsumexp(verdicts[:, [UNSUPPORTED, CONTRADICTED]], dim=1)


def _clash_loss(verdicts: Tensor, examples: Sequence[ClaimExample]) -> Tensor:
    """Of the claims that aren't supported and where it is known: contradicted or merely not said."""
    rows = [row for row, one in enumerate(examples) if not one.supported and one.clash is not None]
    if not rows:
        return verdicts.sum() * 0
    between = verdicts[rows, CONTRADICTED] - verdicts[rows, UNSUPPORTED]
    return functional.binary_cross_entropy_with_logits(
        between, torch.tensor([float(bool(examples[row].clash)) for row in rows])
    )


def _twins_loss(verdicts: Tensor, groups: Sequence[ClaimGroup]) -> Tensor:
    """Of each pair: the true claim's log odds should be the higher ones (the logistic loss of their difference, as in
    RankNet, Burges et al. 2005).
    """
    ends = np.cumsum([len(group) for group in groups])
    pairs = [int(end) for end, group in zip(ends, groups, strict=True) if len(group) > 1]
    if not pairs:
        return verdicts.sum() * 0
    odds = support_logits(verdicts)
    true, false = odds[[end - 2 for end in pairs]], odds[[end - 1 for end in pairs]]
    return functional.softplus(false - true).mean()


def _fault_loss(faults: Tensor, tokens: Sequence[EncodedClaim], examples: Sequence[ClaimExample]) -> Tensor:
    """Each token of the claims whose faults are marked: whether it is one."""
    wanted, counted = torch.zeros_like(faults), torch.zeros_like(faults)
    for row, (one, example) in enumerate(zip(tokens, examples, strict=True)):
        if example.faults is None:
            continue
        for place, (start, end) in enumerate(zip(one.starts, one.ends, strict=True), start=1):
            counted[row, place] = 1.0
            wanted[row, place] = float(any(start < last and first < end for first, last in example.faults))
    losses = functional.binary_cross_entropy_with_logits(faults, wanted, weight=counted, reduction="sum")
    return losses / counted.sum().clamp(min=1)


def support_scores(model: ClaimModel, tokenizer: Any, examples: Sequence[ClaimExample]) -> list[float]:
    """The log odds that each claim is supported."""
    order = sorted(range(len(examples)), key=lambda place: _length(examples[place]))
    found = [0.0] * len(examples)
    for first in range(0, len(order), AT_A_TIME):
        places = order[first : first + AT_A_TIME]
        batch = collate_claims(encoded(tokenizer, [examples[place] for place in places]), tokenizer.pad_token_id)
        with torch.inference_mode():
            logits = support_logits(model(batch).verdicts.float()).tolist()
        for place, logit in zip(places, logits, strict=True):
            found[place] = logit
    return found


def measure(model: ClaimModel, tokenizer: Any, examples: Sequence[ClaimExample]) -> CheckerHeldOut:
    """How well the model does on claims that it wasn't trained on, at log odds of 0."""
    from sklearn.metrics import balanced_accuracy_score, roc_auc_score

    right = np.array([one.supported for one in examples])
    scores = np.array(support_scores(model, tokenizer, examples))
    return CheckerHeldOut(
        claims=len(examples),
        supported=int(right.sum()),
        auroc=float(roc_auc_score(right, scores)),
        balanced_accuracy=float(balanced_accuracy_score(right, scores > 0)),
    )
