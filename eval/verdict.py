"""How a check of a run ends, and the exit code that says the same."""

from typing import Literal

Verdict = Literal["no regression", "regression", "gates passed", "gate failed"]


def exit_code(verdict: Verdict) -> int:
    """0 when all is well, 1 for a regression or a failed gate. (2 is for a check that could not be made.)"""
    return 0 if verdict in ("no regression", "gates passed") else 1
