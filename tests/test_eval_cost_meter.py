"""The arithmetic of what a run costs, by a clock that the test winds."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from eval.cost_meter import EVERY, PASSAGES, WORDS, CostMeter, passages_of


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_ratio_by_hand_without_the_embedding_in_between() -> None:
    clock = Clock()
    embedded: list[int] = []

    def embed(texts: Sequence[str]) -> npt.NDArray[np.float32]:
        embedded.append(len(texts))
        clock.now += 3.0
        return np.zeros((len(texts), 2), dtype=np.float32)

    meter = CostMeter(embed, ["word"], began=90.0, clock=clock)
    for _ in range(EVERY + 1):
        meter.asked()
        clock.now += 2.0
    cost = meter.cost()
    assert embedded == [PASSAGES] * 3  # once to warm up, then before the first question and the twenty-sixth
    assert cost.questions == EVERY + 1
    assert cost.seconds == pytest.approx(10 + 2 * (EVERY + 1))
    assert cost.seconds_per_passage == pytest.approx(3 / PASSAGES)
    assert cost.per_question == pytest.approx(cost.seconds / (EVERY + 1) / (3 / PASSAGES))


def test_a_run_that_asked_nothing_has_no_ratio() -> None:
    clock = Clock()
    cost = CostMeter(lambda texts: np.zeros((len(texts), 2), dtype=np.float32), [], clock=clock).cost()
    assert (cost.questions, cost.per_question) == (0, None)


@pytest.mark.parametrize("words", [[], ["one"], ["a", "b"] * 5000])
def test_passages_have_a_hundred_words(words: list[str]) -> None:
    assert [len(one.split()) for one in passages_of(words)] == [WORDS] * PASSAGES
