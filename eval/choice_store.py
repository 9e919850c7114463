"""Keeps what was read for multiple-choice questions, a line a question, so that a fit need not read it again."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from eval import choice_evidence
from eval.choice_evidence import Evidence, all_options
from eval.records import EvalQuestion


class ChoiceStore:
    """A file for all that rests on what is told and on how choices are read: another archive, reader or code, another
    file. Without a folder, nothing.
    """

    def __init__(self, folder: Path | None, *told: str) -> None:
        self._path: Path | None = None
        self._lines: dict[str, dict[str, Any] | None] = {}
        if folder is not None:
            everything = [Path(choice_evidence.__file__).read_text(encoding="utf-8"), *told]
            digest = sha256("\0".join(everything).encode("utf-8", "replace")).hexdigest()
            folder.mkdir(parents=True, exist_ok=True)
            self._path = folder / f"choices-{digest[:16]}.jsonl"
            self._lines = _read(self._path)

    def find(self, question: EvalQuestion) -> tuple[bool, Evidence | None]:
        """Whether the question is known, and what was found for it."""
        key = _key(question)
        line = self._lines.get(key)
        if line is None:
            return key in self._lines, None
        return True, Evidence(np.asarray(line["features"], dtype=np.float64), tuple(line["named"]))

    def add(self, question: EvalQuestion, evidence: Evidence | None) -> None:
        if self._path is None:
            return
        found = None if evidence is None else {"features": evidence.features.tolist(), "named": evidence.named}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([_key(question), found], allow_nan=False) + "\n")


def _key(question: EvalQuestion) -> str:
    told = [question.question_id, question.question, *all_options(question), *(question.article_ids or ())]
    return sha256("\0".join(told).encode("utf-8", "replace")).hexdigest()


def _read(path: Path) -> dict[str, dict[str, Any] | None]:
    """What is there; a line that was cut short is left out."""
    found: dict[str, dict[str, Any] | None] = {}
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                key, evidence = json.loads(line)
            except ValueError:
                continue
            found[key] = evidence
    return found
