"""What a run costs: its time as a multiple of the time to embed passages, measured in between, on the same machine in
the same minutes. A time alone says little on a machine that does other things, too.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import numpy.typing as npt

PASSAGES, WORDS = 30, 100
EVERY = 25  # questions between two measurements


@dataclass(frozen=True, slots=True)
class RunCost:
    """`seconds` for `questions` asked, without the embedding in between; `per_question` is the time of one as a
    multiple of embedding a passage of 100 words, None where no question was asked.
    """

    seconds: float
    questions: int
    seconds_per_passage: float
    per_question: float | None


class CostMeter:
    """Measures from when it is made. `embed` takes texts; `words` are the words of real articles to embed."""

    def __init__(
        self,
        embed: Callable[[Sequence[str]], npt.NDArray[np.float32]],
        words: Sequence[str],
        began: float | None = None,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self._clock = clock
        self._began = clock() if began is None else began
        self._embed = embed
        self._passages = passages_of(words)
        self._measured: list[float] = []
        self._spent = 0.0
        self._questions = 0

    def asked(self) -> None:
        """One more question was asked; now and then, embedding is timed."""
        if self._questions % EVERY == 0:
            self._measure()
        self._questions += 1

    def cost(self) -> RunCost:
        """What the questions cost so far."""
        seconds = self._clock() - self._began - self._spent
        if not self._measured:
            self._measure()
        # The mean and not the median: what slowed the questions down for a while is to count here, too.
        each = sum(self._measured) / len(self._measured) / PASSAGES
        return RunCost(seconds, self._questions, each, seconds / self._questions / each if self._questions else None)

    def _measure(self) -> None:
        began = self._clock()
        if not self._measured:
            self._embed(self._passages)  # the first time is slower
        timed = self._clock()
        self._embed(self._passages)
        ended = self._clock()
        self._measured.append(ended - timed)
        self._spent += ended - began


def passages_of(words: Sequence[str]) -> list[str]:
    """Thirty texts of 100 words each; from too few words, the same again."""
    if not words:
        words = ("word",)
    long = [words[place % len(words)] for place in range(PASSAGES * WORDS)]
    return [" ".join(long[start : start + WORDS]) for start in range(0, len(long), WORDS)]
