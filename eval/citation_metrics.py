"""How well what is cited supports what is said: citation recall and precision after ALCE (Gao et al., EMNLP 2023), and
what else can be told of marks (Liu et al., Findings of EMNLP 2023). Pure: whoever judges, judges before.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class JudgedStatement:
    """What was found of one sentence of an answer.

    `supported`: by all it cites together. `alone` and `without`, one for each citation: whether that one by itself, and
    all the others without it, support the sentence. `grounded`: by anything the answer was made from. `contradicted`:
    by what it cites.
    """

    supported: bool
    contradicted: bool
    grounded: bool
    alone: tuple[bool, ...]
    without: tuple[bool, ...]
    dangling: int = 0

    def __post_init__(self) -> None:
        if len(self.alone) != len(self.without):
            raise ValueError("each citation is judged alone and left out")


# A sum, and the number of units it is over.
Part = tuple[float, int]


def citation_recall(statements: Sequence[JudgedStatement]) -> Part:
    """Sentences that all their citations together support, over all sentences; one that cites nothing is a miss."""
    return float(sum(one.supported and bool(one.alone) for one in statements)), len(statements)


def citation_precision(statements: Sequence[JudgedStatement]) -> Part:
    """Citations that count for something, over all citations, dangling ones too. As in ALCE, one doesn't where the
    sentence isn't supported at all, or where it doesn't support it alone and the others do without it.
    """
    useful = sum(
        one.supported and (alone or not without)
        for one in statements
        for alone, without in zip(one.alone, one.without, strict=True)
    )
    return float(useful), sum(len(one.alone) + one.dangling for one in statements)


def citation_coverage(statements: Sequence[JudgedStatement]) -> Part:
    """Sentences that cite something that is there, over all sentences."""
    return float(sum(bool(one.alone) for one in statements)), len(statements)


def citation_validity(statements: Sequence[JudgedStatement]) -> Part:
    """Marks that point at a passage that is there, over all marks."""
    there = sum(len(one.alone) for one in statements)
    return float(there), there + sum(one.dangling for one in statements)


def groundedness(statements: Sequence[JudgedStatement]) -> Part:
    """Sentences that the passages support, whether or not they are those cited, over all sentences."""
    return float(sum(one.grounded for one in statements)), len(statements)


def contradicted(statements: Sequence[JudgedStatement]) -> Part:
    """Sentences that what they cite says otherwise about, over all sentences."""
    return float(sum(one.contradicted for one in statements)), len(statements)
