"""How long each stage of an answer took."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Stopwatch:
    """Adds up milliseconds by stage, and tells `began` of each as it begins."""

    def __init__(self, began: Callable[[str], object] = lambda name: None) -> None:
        self._began = began
        self._started = time.perf_counter()
        self._stages: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self._began(name)
        started = time.perf_counter()
        self._stages.setdefault(name, 0.0)
        try:
            yield
        finally:
            self._stages[name] += 1000 * (time.perf_counter() - started)

    def timings(self) -> dict[str, float]:
        """Milliseconds by stage, in the order the stages began, and "total" since the stopwatch was made."""
        return {**self._stages, "total": 1000 * (time.perf_counter() - self._started)}
