"""What each part of sentence choice brings: the same questions with a part left out and the weights fitted anew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from eval.calibration import auroc_interval
from eval.choice_examples import Example
from eval.confidence import Interval, mean_interval
from eval.fit_choice import answerable_probabilities, fit, passage_order, sentence_order
from eval.paired import Difference, paired_difference
from qa.choice import ChoiceWeights
from qa.evidence import FEATURE_NAMES, Features

# What is left out, and the features that it consists of.
PARTS: Mapping[str, tuple[str, ...]] = {
    "the reader": ("reader_sentence", "reader_passage", "reader_span"),
    "the reader's short answers": ("reader_span",),
    "the search's ranks": ("passage_cosine", "reciprocal_rank", "found_by_both"),
    "shared words and names": ("coverage", "context_coverage", "passage_coverage", "name_coverage"),
    "the sentence's form": ("answer_type", "scrap", "asks", "novelty"),
    "dates": ("within_days", "within_weeks", "within_months", "in_period"),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question, answered without refusing: whether the best sentence, one of the best three, and one of the best
    five passages answer; and the probability of an answer, as asked and with the answering articles left out.
    """

    best: bool
    best_three: bool
    passage_in_five: bool
    answerable: float
    answerable_without: float


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table; `difference` is that of `best_three` from the first row, over the same questions."""

    name: str
    best: Interval
    best_three: Interval
    passage_in_five: Interval
    auroc: Interval
    difference: Difference


def outcomes(examples: Sequence[Example], weights: ChoiceWeights) -> tuple[Outcome, ...]:
    """What the weights make of each answerable question."""
    return tuple(_outcome(example, weights) for example in examples if not example.unanswerable)


def _outcome(example: Example, weights: ChoiceWeights) -> Outcome:
    sentences = sentence_order(example, weights)
    passages = passage_order(example, weights)
    answering = set(example.passage_of[example.answers].tolist())
    as_asked, without = answerable_probabilities([example.features, example.without], weights)
    return Outcome(
        best=bool(example.answers[sentences[:1]].any()),
        best_three=bool(example.answers[sentences[:3]].any()),
        passage_in_five=bool(answering & set(passages[:5])),
        answerable=as_asked,
        answerable_without=without,
    )


def without_features(examples: Sequence[Example], names: Sequence[str]) -> list[Example]:
    """The examples with these features at 0 throughout, which leaves nothing to weigh."""
    kept = np.asarray([name not in names for name in FEATURE_NAMES], dtype=np.float64)

    def blanked(features: Features) -> Features:
        return features * kept

    return [replace(one, features=blanked(one.features), without=blanked(one.without)) for one in examples]


def table(runs: Mapping[str, Sequence[Outcome]], seed: int) -> tuple[Row, ...]:
    """A row for each named run over the same questions, in the mapping's order."""
    first = next(iter(runs.values()))
    return tuple(_row(name, found, first, seed) for name, found in runs.items())


def _row(name: str, found: Sequence[Outcome], first: Sequence[Outcome], seed: int) -> Row:
    return Row(
        name,
        mean_interval([float(one.best) for one in found], seed),
        mean_interval([float(one.best_three) for one in found], seed),
        mean_interval([float(one.passage_in_five) for one in found], seed),
        auroc_interval([one.answerable for one in found], [one.answerable_without for one in found], seed, paired=True),
        paired_difference(
            [(float(one.best_three), 1) for one in first], [(float(one.best_three), 1) for one in found], seed
        ),
    )


def leave_out_each_part(fitted_on: Sequence[Example], asked: Sequence[Example]) -> dict[str, tuple[Outcome, ...]]:
    """The outcomes of `asked` without each part in turn, the weights fitted on `fitted_on` without it."""
    return {
        f"without {part}": outcomes(without_features(asked, names), fit(without_features(fitted_on, names)))
        for part, names in PARTS.items()
    }
