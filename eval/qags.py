"""QAGS: summaries of news articles, of each of whose sentences people said whether the article supports it (Wang et
al., ACL 2020). For reporting only: nothing is fitted on it.
"""

import gzip
import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from eval.confidence import RESAMPLES
from index.embedding import Embedder
from index.errors import BadInputError
from index.records import ArticleInfo
from index.words import words
from qa.claim_source import article_of, evidence_for, sentences_of
from qa.grounding import CrossChecker

_INFO = ArticleInfo("text", "1", None, None, None, (), None)


@dataclass(frozen=True, slots=True)
class JudgedSummary:
    """An article's sentences, a summary's sentences, and whether most people said yes to each of these."""

    article: tuple[str, ...]
    sentences: tuple[str, ...]
    supported: tuple[bool, ...]

    @property
    def good(self) -> bool:
        return all(self.supported)


def load_qags(path: Path) -> tuple[JudgedSummary, ...]:
    """The summaries of a QAGS file (.jsonl or .jsonl.gz). Raises BadInputError, naming it, for anything else."""
    try:
        read = path.read_bytes()
        text = (gzip.decompress(read) if path.suffix == ".gz" else read).decode("utf-8")
        return tuple(_summary(json.loads(line)) for line in text.splitlines() if line.strip())
    except (OSError, EOFError, zlib.error, ValueError, LookupError, TypeError) as error:
        raise BadInputError(f"{path}: no QAGS file ({error})") from error


def _summary(row: dict[str, list[dict[str, list[dict[str, str]]]]]) -> JudgedSummary:
    told = row["summary_sentences"]
    votes = [[one["response"] == "yes" for one in sentence["responses"]] for sentence in told]
    return JudgedSummary(
        article=sentences_of(article_of(str(row["article"]))),
        sentences=tuple(str(sentence["sentence"]) for sentence in told),
        supported=tuple(2 * sum(yes) > len(yes) for yes in votes),
    )


Scorer = Callable[[JudgedSummary], list[float]]


def checker_scores(checker: CrossChecker, network_alone: bool = False) -> Scorer:
    """How sure the checker is of each sentence, on evidence that it chooses itself."""

    def score(summary: JudgedSummary) -> list[float]:
        pairs = [(one, evidence_for(one, summary.article, _INFO)) for one in summary.sentences]
        if network_alone:
            return [checker.rule.probability(one) for one in checker.judge(pairs)]
        return [verdict.score or 0.0 for verdict in checker.check_all(pairs)]

    return score


def ngram_precision(length: int) -> Scorer:
    """The share of a sentence's runs of so many words that stand in the article."""

    def score(summary: JudgedSummary) -> list[float]:
        known = _runs(words(" ".join(summary.article)), length)
        return [_share(_runs(words(one), length), known) for one in summary.sentences]

    return score


def _runs(tokens: Sequence[str], length: int) -> set[tuple[str, ...]]:
    return set(zip(*(tokens[start:] for start in range(length)), strict=False))


def _share(own: set[tuple[str, ...]], known: set[tuple[str, ...]]) -> float:
    return len(own & known) / len(own) if own else 1.0


def rouge_l(summary: JudgedSummary) -> list[float]:
    """ROUGE-L (Lin, 2004; F with equal weights) of each sentence with the article's sentence that it is best for."""
    article = [words(sentence) for sentence in summary.article]
    return [max((_rouge_l(words(one), other) for other in article), default=0.0) for one in summary.sentences]


def _rouge_l(one: Sequence[str], other: Sequence[str]) -> float:
    if not one or not other:
        return 0.0
    row = [0] * (len(other) + 1)
    for word in one:
        diagonal = 0
        for place, against in enumerate(other, start=1):
            above = row[place]
            row[place] = diagonal + 1 if word == against else max(above, row[place - 1])
            diagonal = above
    return 2 * row[-1] / (len(one) + len(other))


def cosine(embedder: Embedder) -> Scorer:
    """The cosine of each sentence's embedding with that of the article's nearest sentence."""

    def score(summary: JudgedSummary) -> list[float]:
        vectors = embedder.embed([*summary.article, *summary.sentences])
        article, told = vectors[: len(summary.article)], vectors[len(summary.article) :]
        return [float(value) for value in (told @ article.T).max(axis=1)]

    return score


@dataclass(frozen=True, slots=True)
class Auroc:
    """The area under the ROC curve of each way of scoring, its 95 % interval, and how far the first is ahead."""

    name: str
    value: float
    low: float
    high: float
    behind: tuple[float, float, float] | None


def compare_scorers(
    summaries: Sequence[JudgedSummary], scorers: Sequence[tuple[str, Scorer]], seed: int
) -> list[Auroc]:
    """Each scorer's AUROC between good summaries and others, by the mean score of their sentences; whole summaries are
    resampled, the same ones for each scorer.
    """
    from sklearn.metrics import roc_auc_score

    good = np.array([summary.good for summary in summaries])
    scores = [np.array([float(np.mean(scorer(one))) for one in summaries]) for _, scorer in scorers]
    generator = np.random.default_rng(seed)
    draws = [generator.integers(0, len(good), len(good)) for _ in range(RESAMPLES)]
    usable = [drawn for drawn in draws if 0 < good[drawn].sum() < len(drawn)]
    areas = [np.array([roc_auc_score(good[drawn], values[drawn]) for drawn in usable]) for values in scores]
    wholes = [float(roc_auc_score(good, values)) for values in scores]
    return [
        Auroc(name, whole, *_interval(area), None if place == 0 else (wholes[0] - whole, *_interval(areas[0] - area)))
        for place, ((name, _), whole, area) in enumerate(zip(scorers, wholes, areas, strict=True))
    ]


def _interval(values: npt.NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)
