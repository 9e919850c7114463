"""Running the command line inside a test, with everything real but the model's weights."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

import index.embedding
import qa.assistant
from tests.support import FakeEmbedder
from ui.cli import main


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


Command = Callable[..., Ran]


def use_fake_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(name: str = "", precision: str = "auto") -> FakeEmbedder:
        return FakeEmbedder()

    monkeypatch.setattr(index.embedding, "load_embedder", load)
    monkeypatch.setattr(qa.assistant, "load_embedder", load)


def run_command(capsys: pytest.CaptureFixture[str], *arguments: object) -> Ran:
    """The command's exit code and output. No traceback may come out of it."""
    code: object = 0
    try:
        main([str(argument) for argument in arguments])
    except SystemExit as stopped:
        code = stopped.code
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    assert isinstance(code, int)
    return Ran(code, captured.out, captured.err)
