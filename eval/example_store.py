"""Keeps what was read for a question set, so that the next fit or table need not read it again."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from eval.choice_examples import PASSAGES_READ, Example
from qa.evidence import FEATURE_NAMES

_FIELDS = ("features", "answers", "passage_of", "telling", "without")


def store_path(folder: Path, *told: str) -> Path:
    """Where the examples are kept that rest on what is told: another question, archive or reader, another file."""
    digest = sha256("\0".join([*FEATURE_NAMES, str(PASSAGES_READ), *told]).encode("utf-8", "replace")).hexdigest()
    return folder / f"examples-{digest[:16]}.npz"


def save_examples(path: Path, examples: Sequence[Example]) -> None:
    """Write them whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {f"{name}-{n}": getattr(one, name) for n, one in enumerate(examples) for name in _FIELDS}
    part = path.with_suffix(".part.npz")
    np.savez_compressed(part, unanswerable=np.asarray([one.unanswerable for one in examples], dtype=bool), **arrays)
    part.replace(path)


def load_examples(path: Path) -> list[Example] | None:
    """What was saved there; None where nothing was, or what is there can't be read."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            flags = [bool(flag) for flag in stored["unanswerable"]]
            return [_example(stored, number, flag) for number, flag in enumerate(flags)]
    except (OSError, KeyError, ValueError, EOFError, BadZipFile):
        return None


def _example(stored: Mapping[str, Any], number: int, unanswerable: bool) -> Example:
    features, answers, passage_of, telling, without = (stored[f"{name}-{number}"] for name in _FIELDS)
    return Example(features, answers, passage_of, telling, without, unanswerable)
