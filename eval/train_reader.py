"""Trains the reader (qa/reader_model.py): seeded, with a log, going on where it was stopped.

A group is one question with one or more passages. Sentences and answer spans are normalised over all the passages of
their group, which makes their scores comparable between passages (Clark and Gardner, ACL 2018).
"""

import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional

from eval.reader_data import Example, Group
from index.errors import BadInputError
from qa.reader_model import OUTSIDE, Batch, Encoded, Outputs, ReaderModel, collate, encode

# The heads start from nothing and learn this many times as fast as the encoder.
HEADS_FASTER = 6
WARM_UP = 0.05
TOKENS_PER_STEP = 4096
SORTED_TOGETHER = 512
CHECKPOINT_EVERY = 100
FROZEN_LAYERS = 2
STATE, LOG = "state.pt", "log.jsonl"


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
    """One pass over the groups in the order given, in steps of about TOKENS_PER_STEP tokens.

    Every CHECKPOINT_EVERY steps the state is written to the folder; a state found there is taken up. Raises
    BadInputError when that is the state of another training.
    """
    _freeze(model)
    told = fingerprint(groups, seed, learning_rate)
    steps = _steps(groups, seed)
    optimizer = torch.optim.AdamW(_parameters(model, learning_rate), weight_decay=0.01)
    rates = [group["lr"] for group in optimizer.param_groups]
    done = _resume(folder, model, optimizer, told)
    model.train()
    began = time.monotonic()
    for step in range(done, len(steps)):
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * _schedule(step, len(steps))
        batch = [groups[place] for place in steps[step]]
        losses = _losses(model, tokenizer, batch)
        sum(losses.values(), torch.zeros(())).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        _log(folder, step, batch, losses, time.monotonic() - began)
        advance(step + 1, len(steps))
        if (step + 1) % CHECKPOINT_EVERY == 0 or step + 1 == len(steps):
            _save(folder, model, optimizer, step + 1, told)
    model.eval()


def _freeze(model: ReaderModel) -> None:
    """The word vectors and the lowest layers stay as they are: less to learn, to ship and to compute."""
    encoder: Any = model.encoder
    for part in (encoder.embeddings, *encoder.encoder.layer[:FROZEN_LAYERS]):
        part.requires_grad_(False)


def trained_parameters(model: ReaderModel) -> dict[str, Tensor]:
    """What training may change."""
    return {name: value for name, value in model.named_parameters() if value.requires_grad}


def _parameters(model: ReaderModel, learning_rate: float) -> list[dict[str, Any]]:
    trained = trained_parameters(model)
    encoder = [value for name, value in trained.items() if name.startswith("encoder.")]
    heads = [value for name, value in trained.items() if not name.startswith("encoder.")]
    return [{"params": encoder, "lr": learning_rate}, {"params": heads, "lr": HEADS_FASTER * learning_rate}]


def _schedule(step: int, steps: int) -> float:
    warm_up = max(1, int(WARM_UP * steps))
    return (step + 1) / warm_up if step < warm_up else max(0.02, (steps - step) / (steps - warm_up))


def _steps(groups: Sequence[Group], seed: int) -> list[list[int]]:
    """The places of each step's groups: of like length, about TOKENS_PER_STEP tokens with the padding."""
    lot = random.Random(seed)
    lengths = [max(map(_length, group)) for group in groups]
    steps: list[list[int]] = []
    for first in range(0, len(groups), SORTED_TOGETHER):
        places = sorted(range(first, min(first + SORTED_TOGETHER, len(groups))), key=lambda place: lengths[place])
        chunk: list[list[int]] = [[]]
        rows = 0
        for place in places:
            if chunk[-1] and (rows + len(groups[place])) * lengths[place] > TOKENS_PER_STEP:
                chunk.append([])
                rows = 0
            chunk[-1].append(place)
            rows += len(groups[place])
        lot.shuffle(chunk)
        steps += chunk
    return steps


def _length(example: Example) -> int:
    """About how many tokens the example has: English news has some 4.4 characters a token."""
    return int((len(example.question) + len(example.head) + sum(map(len, example.sentences))) / 4.4) + 4


def _losses(model: ReaderModel, tokenizer: Any, groups: Sequence[Group]) -> dict[str, Tensor]:
    examples = [example for group in groups for example in group]
    encoded = [encode(tokenizer, one.question, [(one.head, one.sentences)])[0] for one in examples]
    batch = collate(encoded, tokenizer.pad_token_id)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=_has_bf16()):
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


def _has_bf16() -> bool:
    return bool(torch.cpu.get_capabilities().get("avx512_bf16") or torch.cpu.get_capabilities().get("amx_bf16"))


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


def _log(folder: Path, step: int, batch: Sequence[Group], losses: dict[str, Tensor], seconds: float) -> None:
    line = {"step": step, "groups": len(batch), "seconds": round(seconds, 1)}
    line |= {name: round(float(loss.detach()), 4) for name, loss in losses.items()}
    with (folder / LOG).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def fingerprint(groups: Sequence[Group], seed: int, learning_rate: float) -> str:
    """A hash of all that a training rests on but the model that it begins with."""
    digest = sha256(repr((seed, learning_rate, TOKENS_PER_STEP, SORTED_TOGETHER)).encode())
    for group in groups:
        for one in group:
            marks = (sorted(one.relevant), sorted(one.ignored), one.span)
            digest.update(repr((one.question, one.head, one.sentences, marks)).encode("utf-8", "replace"))
    return digest.hexdigest()


def _save(folder: Path, model: ReaderModel, optimizer: torch.optim.Optimizer, done: int, told: str) -> None:
    temporary = folder / (STATE + ".part")
    state = {"model": trained_parameters(model), "optimizer": optimizer.state_dict(), "done": done, "training": told}
    torch.save(state, temporary)
    temporary.replace(folder / STATE)


def _resume(folder: Path, model: ReaderModel, optimizer: torch.optim.Optimizer, told: str) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / STATE).exists():
        return 0
    state = torch.load(folder / STATE, weights_only=True)
    if state.get("training") != told:
        raise BadInputError(
            f"{folder / STATE} belongs to a training with other data, seed or settings: delete {folder}, or give "
            "another folder"
        )
    model.load_state_dict(state["model"], strict=False)
    optimizer.load_state_dict(state["optimizer"])
    return int(state["done"])


def save_weights(model: ReaderModel, path: Path) -> None:
    """What training changed, in bfloat16: half the size, and what most CPUs here run in."""
    trained = trained_parameters(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: value.detach().to(torch.bfloat16).contiguous() for name, value in trained.items()}, path)
