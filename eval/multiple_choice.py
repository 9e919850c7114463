"""Answers multiple-choice questions from what the reader makes of their choices, for the eval alone.

Choices are compared by a conditional logit (McFadden 1974) over `choice_evidence`; "None of the above" is one more
choice, with a constant in place of evidence.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from eval.choice_evidence import FEATURE_NAMES, Evidence, Features, all_options, read_choices
from eval.datasets import NONE_OF_THE_ABOVE
from eval.records import ChoiceScores, EvalQuestion
from index.errors import ModelError
from index.search import HybridSearch
from qa.reader import Reader

WEIGHTS_FILE = "multiple_choice_weights.json"


@dataclass(frozen=True, slots=True)
class ChoiceWeights:
    """As `copydesk train multiple-choice` fits them: one weight a feature, for questions without and with "None of the
    above", and for the latter what it has in place of evidence.
    """

    choose: tuple[float, ...]
    choose_with_none: tuple[float, ...]
    none: float


class MultipleChoiceAnswerer:
    """Chooses among a question's choices by its own articles, or the whole archive."""

    def __init__(self, search: HybridSearch, reader: Reader, weights: ChoiceWeights) -> None:
        self._search = search
        self._reader = reader
        self._weights = weights

    def scores(self, question: EvalQuestion) -> ChoiceScores | None:
        """How well the question's choices are told apart; None for a question without choices."""
        if question.choices is None or not question.choices.options:
            return None
        return judge(question, read_choices(self._search, self._reader, question), self._weights)


def judge(question: EvalQuestion, evidence: Evidence | None, weights: ChoiceWeights) -> ChoiceScores | None:
    """Each way to choose against the right choice. Without evidence the chance of choosing blindly counts, and with
    "None of the above" among the choices that is chosen.
    """
    given = question.choices
    if given is None or not given.options:
        return None
    chance = 1 / len(given.options)
    named = [0] * len(all_options(question)) if evidence is None else list(evidence.named)
    right = chance if evidence is None else float(choose(question, evidence.features, weights) == given.right)
    most_named = _chance_of_most_named(named[: len(given.options)], given.right)
    asked = question.choices_with_none
    if asked is None:
        return ChoiceScores(right, most_named, chance)
    none = asked.options.index(NONE_OF_THE_ABOVE)
    picked = none if evidence is None else choose_with_none(question, evidence.features, weights)
    # Named half a time, "None of the above" wins where no other is named at all.
    beside_none = [0.5 if place is None else named[place] for place in places_with_none(question)]
    return ChoiceScores(
        right=right,
        most_named=most_named,
        chance=chance,
        right_with_none=float(picked == asked.right),
        most_named_with_none=_chance_of_most_named(beside_none, asked.right),
        always_none=float(asked.right == none),
        chance_with_none=1 / len(asked.options),
    )


def choose(question: EvalQuestion, features: Features, weights: ChoiceWeights) -> int:
    """The place of the likeliest of the question's choices."""
    count = 0 if question.choices is None else len(question.choices.options)
    return int(np.argmax(features[:count] @ np.asarray(weights.choose)))


def choose_with_none(question: EvalQuestion, features: Features, weights: ChoiceWeights) -> int:
    """The same with "None of the above" among the choices."""
    utilities = features @ np.asarray(weights.choose_with_none)
    found = [weights.none if place is None else float(utilities[place]) for place in places_with_none(question)]
    return int(np.argmax(found))


def places_with_none(question: EvalQuestion) -> list[int | None]:
    """For each choice offered beside "None of the above" its place in `all_options`; None for that one."""
    options = () if question.choices_with_none is None else question.choices_with_none.options
    everything = all_options(question)
    return [None if option == NONE_OF_THE_ABOVE else everything.index(option) for option in options]


def _chance_of_most_named(counts: Sequence[float], right: int) -> float:
    """1 when the choice named most often is right; where several are, the chance to draw it among them."""
    most = [place for place, count in enumerate(counts) if count == max(counts)]
    return (right in most) / len(most)


def load_weights(path: Path | None = None) -> ChoiceWeights:
    """The weights in a file, or those that ship with copydesk. Raises ModelError when they don't fit this code."""
    source = files("eval").joinpath(WEIGHTS_FILE) if path is None else path
    return read_weights(source.read_text(encoding="utf-8"))


def read_weights(raw: str) -> ChoiceWeights:
    """Weights as `copydesk train multiple-choice` writes them. Raises ModelError when they don't fit this code."""
    mend = "run 'copydesk train multiple-choice', or reinstall copydesk"
    try:
        fields: dict[str, Any] = json.loads(raw)
        names = tuple(fields["features"])
        weights = ChoiceWeights(
            tuple(float(weight) for weight in fields["choose"]),
            tuple(float(weight) for weight in fields["choose_with_none"]),
            float(fields["none"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{WEIGHTS_FILE} can't be read ({error}): {mend}") from error
    if names != FEATURE_NAMES or {len(weights.choose), len(weights.choose_with_none)} != {len(FEATURE_NAMES)}:
        raise ModelError(f"{WEIGHTS_FILE} was fitted on other features: {mend}")
    if not np.isfinite([*weights.choose, *weights.choose_with_none, weights.none]).all():
        raise ModelError(f"{WEIGHTS_FILE} holds weights that are no numbers: {mend}")
    return weights
