"""Trains a network of ours over a list of items: seeded, in steps of about as many tokens, with a log, going on where
it was stopped.
"""

import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from index.errors import BadInputError

# The heads start from nothing and learn this many times as fast as the encoder.
HEADS_FASTER = 6
WARM_UP = 0.05
TOKENS_PER_STEP = 4096
SORTED_TOGETHER = 512
CHECKPOINT_EVERY = 100
FROZEN_LAYERS = 2
STATE, LOG = "state.pt", "log.jsonl"

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Size:
    """What an item costs: rows of a batch, and the tokens of its longest row."""

    rows: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Task(Generic[Item]):
    """What is learned: the items in the order of training, what each costs, and the losses of some of them.

    `told` is a hash of all that the training rests on but the model that it begins with.
    """

    items: Sequence[Item]
    size: Callable[[Item], Size]
    losses: Callable[[Sequence[Item]], dict[str, Tensor]]
    told: str


def train(
    model: nn.Module,
    task: Task[Item],
    folder: Path,
    seed: int,
    learning_rate: float,
    advance: Callable[[int, int], object] = lambda step, steps: None,
) -> None:
    """One pass over the items, in steps of about TOKENS_PER_STEP tokens.

    Every CHECKPOINT_EVERY steps the state is written to the folder; a state found there is taken up. Raises
    BadInputError when that is the state of another training.
    """
    _freeze(model)
    steps = _steps([task.size(item) for item in task.items], seed)
    optimizer = torch.optim.AdamW(_parameters(model, learning_rate), weight_decay=0.01)
    rates = [group["lr"] for group in optimizer.param_groups]
    done = _resume(folder, model, optimizer, task.told)
    model.train()
    began = time.monotonic()
    for step in range(done, len(steps)):
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * _schedule(step, len(steps))
        batch = [task.items[place] for place in steps[step]]
        losses = task.losses(batch)
        sum(losses.values(), torch.zeros(())).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        _log(folder, step, len(batch), losses, time.monotonic() - began)
        advance(step + 1, len(steps))
        if (step + 1) % CHECKPOINT_EVERY == 0 or step + 1 == len(steps):
            _save(folder, model, optimizer, step + 1, task.told)
    model.eval()


def _freeze(model: nn.Module) -> None:
    """The word vectors and the lowest layers stay as they are: less to learn, to ship and to compute. What a model
    has beside its encoder is learned, even where the encoder uses it too.
    """
    encoder: Any = model.encoder
    for part in (encoder.embeddings, *encoder.encoder.layer[:FROZEN_LAYERS]):
        part.requires_grad_(False)
    for name, part in model.named_children():
        if name != "encoder":
            part.requires_grad_(True)


def trained_parameters(model: nn.Module) -> dict[str, Tensor]:
    """What training may change."""
    return {name: value for name, value in model.named_parameters() if value.requires_grad}


def _parameters(model: nn.Module, learning_rate: float) -> list[dict[str, Any]]:
    trained = trained_parameters(model)
    encoder = [value for name, value in trained.items() if name.startswith("encoder.")]
    heads = [value for name, value in trained.items() if not name.startswith("encoder.")]
    return [{"params": encoder, "lr": learning_rate}, {"params": heads, "lr": HEADS_FASTER * learning_rate}]


def _schedule(step: int, steps: int) -> float:
    warm_up = max(1, int(WARM_UP * steps))
    return (step + 1) / warm_up if step < warm_up else max(0.02, (steps - step) / (steps - warm_up))


def _steps(sizes: Sequence[Size], seed: int) -> list[list[int]]:
    """The places of each step's items: of like length, about TOKENS_PER_STEP tokens with the padding."""
    lot = random.Random(seed)
    steps: list[list[int]] = []
    for first in range(0, len(sizes), SORTED_TOGETHER):
        places = sorted(range(first, min(first + SORTED_TOGETHER, len(sizes))), key=lambda place: sizes[place].tokens)
        chunk: list[list[int]] = [[]]
        rows = 0
        for place in places:
            if chunk[-1] and (rows + sizes[place].rows) * sizes[place].tokens > TOKENS_PER_STEP:
                chunk.append([])
                rows = 0
            chunk[-1].append(place)
            rows += sizes[place].rows
        lot.shuffle(chunk)
        steps += chunk
    return steps


def has_bf16() -> bool:
    """Whether this processor has instructions that make training in bfloat16 faster."""
    return bool(torch.cpu.get_capabilities().get("avx512_bf16") or torch.cpu.get_capabilities().get("amx_bf16"))


def _log(folder: Path, step: int, items: int, losses: dict[str, Tensor], seconds: float) -> None:
    line = {"step": step, "groups": items, "seconds": round(seconds, 1)}
    line |= {name: round(float(loss.detach()), 4) for name, loss in losses.items()}
    with (folder / LOG).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def _save(folder: Path, model: nn.Module, optimizer: torch.optim.Optimizer, done: int, told: str) -> None:
    temporary = folder / (STATE + ".part")
    state = {"model": trained_parameters(model), "optimizer": optimizer.state_dict(), "done": done, "training": told}
    torch.save(state, temporary)
    temporary.replace(folder / STATE)


def _resume(folder: Path, model: nn.Module, optimizer: torch.optim.Optimizer, told: str) -> int:
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


def save_weights(model: nn.Module, path: Path) -> None:
    """What training changed, in bfloat16: half the size, and what most CPUs here run in."""
    trained = trained_parameters(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: value.detach().to(torch.bfloat16).contiguous() for name, value in trained.items()}, path)


def average_weights(model: nn.Module, before: Path, share: float) -> None:
    """Make of what training changed the mean of it, with this share, and of the weights that were saved before."""
    earlier = load_file(before)
    with torch.no_grad():
        for name, value in trained_parameters(model).items():
            value.copy_(share * value + (1 - share) * earlier[name].float())
