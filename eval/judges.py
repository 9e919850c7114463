"""Who may judge whether a sentence is supported: copydesk's checker, a count of words, or a model for entailment."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index.errors import BadInputError, ModelError
from qa.grounding import Evidence, GroundingChecker, load_checker
from qa.question import stems
from qa.records import Verdict

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

CHECKER, WORDS = "checker", "words"
# Fitted on nothing: a baseline, to say what counting words alone is worth.
LEAST_SHARE = 0.75


def load_judge(name: str, folder: Path | None = None) -> GroundingChecker:
    """The judge of this name: "checker" (from a folder, if one is given), "words", or a cross-encoder with a label for
    entailment, by folder or by the name under which Hugging Face's cache has it. Raises ModelError for one that isn't
    here or has no such label; nothing is downloaded. Raises BadInputError for a folder with a judge not "checker".
    """
    if folder is not None and name != CHECKER:
        raise BadInputError(f"a checker's folder goes with the judge {CHECKER}, not with {name}: give one or the other")
    if name == CHECKER:
        return load_checker(folder=folder)
    if name == WORDS:
        return WordJudge()
    return _load_entailment(name)


class WordJudge:
    """Supported is what has three quarters of its content words, stemmed, in the evidence."""

    def check_all(self, pairs: Sequence[tuple[str, Evidence]]) -> list[Verdict]:
        return [self._check(claim, evidence) for claim, evidence in pairs]

    def _check(self, claim: str, evidence: Evidence) -> Verdict:
        own = stems(claim)
        there = own & stems(" ".join((evidence.head, *evidence.sentences)))
        share = len(there) / len(own) if own and evidence.sentences else 0.0
        missing = ", ".join(sorted(own - there))
        reasons = (f"not in the evidence: {missing}",) if missing else ()
        return Verdict("supported" if share >= LEAST_SHARE else "unsupported", share, reasons)


@dataclass(frozen=True, slots=True)
class _Labels:
    """Which of a model's outputs stand for what."""

    entailment: int
    contradiction: int | None


class EntailmentJudge:
    """A cross-encoder that reads evidence and claim as premise and hypothesis: its likeliest label is the verdict."""

    def __init__(self, model: "CrossEncoder", labels: _Labels) -> None:
        self._model = model
        self._labels = labels

    def check_all(self, pairs: Sequence[tuple[str, Evidence]]) -> list[Verdict]:
        if not pairs:
            return []
        texts = [(" ".join((evidence.head, *evidence.sentences)), claim) for claim, evidence in pairs]
        scores = np.asarray(self._model.predict(texts, apply_softmax=True, show_progress_bar=False), dtype=np.float64)
        return [
            self._verdict(row) if evidence.sentences else Verdict("unsupported", 0.0, ("there is no evidence",))
            for row, (_, evidence) in zip(scores, pairs, strict=True)
        ]

    def _verdict(self, row: Any) -> Verdict:
        likeliest, share = int(row.argmax()), float(row[self._labels.entailment])
        if likeliest == self._labels.entailment:
            return Verdict("supported", share)
        return Verdict("contradicted" if likeliest == self._labels.contradiction else "unsupported", share)


def _load_entailment(name: str) -> EntailmentJudge:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from sentence_transformers import CrossEncoder

    try:
        model = CrossEncoder(name, local_files_only=True)
    except Exception as error:  # whatever a folder of any content makes the library raise
        raise ModelError(
            f"the judge {name} can't be loaded ({error}): give {CHECKER}, {WORDS}, or a model for entailment that is "
            "on this machine, by its folder or its name in Hugging Face's cache"
        ) from error
    told = {str(label).lower(): int(number) for number, label in (model.config.id2label or {}).items()}
    entailment, contradiction = (_number_of(told, start) for start in ("entail", "contra"))
    if entailment is None:
        raise ModelError(f"the judge {name} has no label for entailment, only {', '.join(told)}: give another model")
    return EntailmentJudge(model, _Labels(entailment, contradiction))


def _number_of(labels: Mapping[str, int], start: str) -> int | None:
    return next((number for label, number in labels.items() if label.startswith(start)), None)
