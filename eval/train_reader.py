"""Trains the reader (qa/reader_model.py): seeded, with a log, going on where it was stopped.

A group is one question with one or more passages. Sentences and answer spans are normalised over all the passages of
their group, which makes their scores comparable between passages (Clark and Gardner, ACL 2018).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from eval import trainer
from eval.reader_data import Example, Group
from eval.trainer import SORTED_TOGETHER, TOKENS_PER_STEP, Size, Task, has_bf16
from qa.reader_model import OUTSIDE, Batch, Encoded, Outputs, ReaderModel, collate, encode


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Measured on examples not trained on. `best_sentence` and `exact_span` are shares of the `answered` passages;
    `passage_auroc` tells passages that answer from those that don't.
    """

    examples: int
    answered: int
    best_sentence: float
    exact_span: float
    passage_auroc: float


def train(
    model: ReaderModel,
    tokenizer: Any,
    groups: Sequence[Group],
    folder: Path,
    seed: int,
    learning_rate: float,
    advance: Callable[[int, int], object] = lambda step, steps: None,
) -> None:
    """One pass over the groups in the order given (eval/trainer.py)."""
    task = Task(
        groups,
        lambda group: Size(len(group), max(map(_length, group))),
        lambda some: _losses(model, tokenizer, some),
        fingerprint(groups, seed, learning_rate),
    )
    trainer.train(model, task, folder, seed, learning_rate, advance)


def _length(example: Example) -> int:
    """About how many tokens the example has: English news has some 4.4 characters a token."""
    return int((len(example.question) + len(example.head) + sum(map(len, example.sentences))) / 4.4) + 4


def _losses(model: ReaderModel, tokenizer: Any, groups: Sequence[Group]) -> dict[str, Tensor]:
    examples = [example for group in groups for example in group]
    encoded = [encode(tokenizer, one.question, [(one.head, one.sentences)])[0] for one in examples]
    batch = collate(encoded, tokenizer.pad_token_id)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=has_bf16()):
        raw = model(batch)
    outputs = Outputs(raw.passage.float(), raw.sentences.float(), raw.starts.float(), raw.ends.float())
    answers = torch.tensor([float(bool(one.relevant)) for one in examples])
    labels, counted = _sentence_labels(outputs.sentences, examples)
    rows = _rows(groups)
    spans = [_span_target(one, example) for one, example in zip(encoded, examples, strict=True)]
    return {
        "passage": functional.binary_cross_entropy_with_logits(outputs.passage, answers),
        "sentence": _each_sentence(outputs.sentences, labels, counted),
        "best": sum((_marginal(outputs.sentences[of], labels[of], counted[of]) for of in rows), torch.zeros(()))
        / len(groups),
        "span": _span_loss(outputs, batch, spans),
        "best span": _best_span_loss(outputs, batch, spans, rows) / len(groups),
    }


def _rows(groups: Sequence[Group]) -> list[slice]:
    """Which rows of the batch each group has."""
    found, first = [], 0
    for group in groups:
        found.append(slice(first, first + len(group)))
        first += len(group)
    return found


def _sentence_labels(logits: Tensor, examples: Sequence[Example]) -> tuple[Tensor, Tensor]:
    """1 for each sentence that answers, and 1 for each that counts at all."""
    labels, counted = torch.zeros_like(logits), torch.zeros_like(logits)
    for row, one in enumerate(examples):
        for number in range(len(one.sentences)):
            labels[row, number] = float(number in one.relevant)
            counted[row, number] = float(number not in one.ignored)
    return labels * counted, counted


def _each_sentence(logits: Tensor, labels: Tensor, counted: Tensor) -> Tensor:
    return functional.binary_cross_entropy_with_logits(logits, labels, weight=counted, reduction="sum") / counted.sum()


def _marginal(logits: Tensor, right: Tensor, counted: Tensor) -> Tensor:
    """Minus the log of the share of probability that the right ones get among all that count; 0 without any right."""
    if not bool((right > 0).any()):
        return torch.zeros(())
    against = logits.masked_fill(counted == 0, -1e4)
    chosen = against.masked_fill(right == 0, -1e4)
    return torch.logsumexp(against.flatten(), 0) - torch.logsumexp(chosen.flatten(), 0)


# First and last token of an answer; (0, 0) where the passage has none; None where nobody knows.
_Target = tuple[int, int] | None


def _span_loss(outputs: Outputs, batch: Batch, targets: Sequence[_Target]) -> Tensor:
    """Begin and end of the answer; the first token stands for "not in this passage" (Devlin et al., 2019, 4.3)."""
    outside = batch.sentence_of == OUTSIDE
    outside[:, 0] = False
    rows = [row for row, target in enumerate(targets) if target is not None]
    if not rows:
        return outputs.starts.sum() * 0
    wanted = torch.tensor([target for target in targets if target is not None])
    losses = [
        functional.cross_entropy(logits.masked_fill(outside, -1e4)[rows], wanted[:, side])
        for side, logits in enumerate((outputs.starts, outputs.ends))
    ]
    return 0.5 * (losses[0] + losses[1])


def _best_span_loss(outputs: Outputs, batch: Batch, targets: Sequence[_Target], rows: Sequence[slice]) -> Tensor:
    """Begin and end of the answer among the tokens of all the passages of a group."""
    inside = (batch.sentence_of != OUTSIDE).float()
    right = [torch.zeros_like(outputs.starts), torch.zeros_like(outputs.ends)]
    counted = inside.clone()
    for row, target in enumerate(targets):
        if target is None:  # it holds the answer somewhere, so none of its tokens is known to be wrong
            counted[row] = 0
        elif target != (0, 0):
            for side in (0, 1):
                right[side][row, target[side]] = 1.0
    total = torch.zeros(())
    for of in rows:
        for logits, wanted in zip((outputs.starts, outputs.ends), right, strict=True):
            total = total + 0.5 * _marginal(logits[of], wanted[of], counted[of])
    return total


def _span_target(encoded: Encoded, example: Example) -> _Target:
    """The answer's first and last token; the first token of all where nothing answers; None where it isn't known."""
    if not example.relevant:
        return (0, 0) if not example.ignored else None
    if example.span is None:
        return None
    sentence, start, end = example.span
    inside = [
        place
        for place, number in enumerate(encoded.sentence_of)
        if number == sentence and encoded.ends[place] > start and encoded.starts[place] < end
    ]
    return (inside[0], inside[-1]) if inside else None


def measure(model: ReaderModel, tokenizer: Any, examples: Sequence[Example]) -> HeldOut:
    """How well the model does on examples that it wasn't trained on."""
    from sklearn.metrics import roc_auc_score

    best = exact = answered = 0
    passages: list[float] = []
    for chunk in _chunks(examples, 32):
        encoded = [encode(tokenizer, one.question, [(one.head, one.sentences)])[0] for one in chunk]
        batch = collate(encoded, tokenizer.pad_token_id)
        with torch.inference_mode():
            outputs = model(batch)
        passages += outputs.passage.float().tolist()
        for row, one in enumerate(chunk):
            if one.relevant:
                answered += 1
                best += int(outputs.sentences[row, : len(one.sentences)].argmax()) in one.relevant
                target = _span_target(encoded[row], one)
                inside = batch.sentence_of[row] != OUTSIDE
                ends = tuple(
                    int(logits[row].masked_fill(~inside, -1e4).argmax()) for logits in (outputs.starts, outputs.ends)
                )
                exact += ends == target
    labels = [bool(one.relevant) for one in examples]
    return HeldOut(len(examples), answered, best / answered, exact / answered, float(roc_auc_score(labels, passages)))


def _chunks(examples: Sequence[Example], size: int) -> Iterator[Sequence[Example]]:
    for first in range(0, len(examples), size):
        yield examples[first : first + size]


def fingerprint(groups: Sequence[Group], seed: int, learning_rate: float) -> str:
    """A hash of all that a training rests on but the model that it begins with."""
    digest = sha256(repr((seed, learning_rate, TOKENS_PER_STEP, SORTED_TOGETHER)).encode())
    for group in groups:
        for one in group:
            marks = (sorted(one.relevant), sorted(one.ignored), one.span)
            digest.update(repr((one.question, one.head, one.sentences, marks)).encode("utf-8", "replace"))
    return digest.hexdigest()
