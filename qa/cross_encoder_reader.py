"""Any cross-encoder as the reader: sentence-transformers' CrossEncoder with one output behind the `Reader` protocol."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from index.embedding import precision_dtype
from index.errors import ModelError
from index.records import RetrievedPassage
from qa.choice import ScoredEvidence
from qa.evidence import AskedQuestion, Features, distinct_citations
from qa.reader import UNREAD, Reader, Reading, head_of
from qa.records import ScoredSentence

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

BATCH_SIZE = 16
# Sentences cost more than passages to read one by one: only those of the best passages are.
PASSAGES_BY_SENTENCE = 5


class CrossEncoderReader:
    """A `Reader` over a cross-encoder that was trained to rank texts: it finds no short answers.

    It reads each passage below its article's title and date, then each sentence of the best PASSAGES_BY_SENTENCE of
    them likewise; the others' sentences stay UNREAD. It remembers what it read for the last question.
    """

    def __init__(self, model: "CrossEncoder", name: str) -> None:
        self._model = model
        self._name = name
        self._last: tuple[str, dict[str, float]] = ("", {})

    def read(self, question: str, passages: Sequence[RetrievedPassage]) -> list[Reading]:
        logits = self._logits(question, [_headed(one, one.passage.text) for one in passages])
        best = set(np.argsort(-logits, kind="stable")[:PASSAGES_BY_SENTENCE].tolist())
        texts = [
            [_headed(one, sentence.text) for sentence in one.passage.sentences] if place in best else []
            for place, one in enumerate(passages)
        ]
        sentences = iter(self._logits(question, [text for of_one in texts for text in of_one]).tolist())
        return [
            Reading(
                float(logits[place]),
                tuple(next(sentences) if place in best else UNREAD for _ in one.passage.sentences),
                (None,) * len(one.passage.sentences),
            )
            for place, one in enumerate(passages)
        ]

    def _logits(self, question: str, texts: Sequence[str]) -> Features:
        """Shape (len(texts),)."""
        asked, known = self._last
        found = dict(known) if asked == question else {}
        new = [text for text in dict.fromkeys(texts) if text not in found]
        found |= zip(new, self._predicted(question, new).tolist(), strict=True)
        self._last = (question, found)
        return np.asarray([found[text] for text in texts], dtype=np.float64)

    def _predicted(self, question: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        if not texts:
            return np.zeros(0, dtype=np.float32)
        import torch

        # A lone surrogate is no text to the tokenizer.
        pairs = [(_readable(question), _readable(text)) for text in texts]
        try:
            logits = self._model.predict(
                pairs, batch_size=BATCH_SIZE, show_progress_bar=False, activation_fn=torch.nn.Identity()
            )
        except Exception as error:  # torch and the tokenizer raise RuntimeError, TypeError, MemoryError, ...
            raise ModelError(f"the reader {self._name} failed: {error}") from error
        return np.asarray(logits, dtype=np.float32).reshape(len(texts))


class LogitScorer:
    """Ranks sentences by what a reader says and nothing else: the mean of the sentence's and its passage's logit.

    Whether anything answers is the sigmoid of the best such mean, and `threshold` is a setting: no weights are fitted.
    """

    def __init__(self, reader: Reader, threshold: float) -> None:
        self._reader = reader
        self.threshold = threshold

    def score(self, question: AskedQuestion, passages: Sequence[RetrievedPassage]) -> ScoredEvidence:
        readings = self._reader.read(question.text, passages)
        scored: dict[tuple[str, int], tuple[float, float]] = {}
        for found, reading in zip(passages, readings, strict=True):
            for sentence, logit in zip(found.passage.sentences, reading.sentences, strict=True):
                mean = _sigmoid((logit + reading.passage) / 2)
                scored.setdefault((sentence.article_id, sentence.start), (mean, found.cosine or 0.0))
        ranked = [
            ScoredSentence(citation, *scored[citation.sentence.article_id, citation.sentence.start])
            for citation in distinct_citations(passages)
        ]
        order = np.argsort([-reading.passage for reading in readings], kind="stable")
        best_first = tuple(sorted(ranked, key=lambda one: -one.score))
        answerable = best_first[0].score if best_first else 0.0
        likeness = max((one.likeness for one in ranked), default=0.0)
        return ScoredEvidence(best_first, answerable, likeness, tuple(passages[place] for place in order))


def load_cross_encoder(name: str, folder: Path | None, precision: str) -> CrossEncoderReader:
    """The cross-encoder in a folder. Raises ModelError for what is none, or has more than one output."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from sentence_transformers import CrossEncoder
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        model = CrossEncoder(str(folder or name), device="cpu", model_kwargs={"dtype": precision_dtype(precision)})
    except Exception as error:  # the library raises OSError, ValueError and its own types
        raise ModelError(f"the reader {name} can't be loaded: {str(error).strip().splitlines()[0]}") from error
    if model.num_labels != 1:
        raise ModelError(f"the reader {name} has {model.num_labels} outputs: choose a cross-encoder with one, a ranker")
    return CrossEncoderReader(model, name)


def _headed(found: RetrievedPassage, text: str) -> str:
    head = head_of(found.article)
    return f"{head}. {text}" if head else text


def _readable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _sigmoid(logit: float) -> float:
    return float(1.0 / (1.0 + np.exp(-np.clip(logit, -50, 50))))
