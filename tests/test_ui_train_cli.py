"""`copydesk train reader`: what is wrong with its data is one line."""

import gzip
import json
from pathlib import Path

import pytest

import eval.reader_recipe as recipe
from tests.test_ui_cli import Command, copydesk

__all__ = ["copydesk"]  # the fixture


def files_of(folder: Path) -> list[Path]:
    return [folder / name for name in recipe._FILES]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with every file, each of its kind and without any question."""
    folder = tmp_path / "data"
    for path in files_of(folder):
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"data": []}) if path.name.endswith(".json.gz") else ""
        path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return folder


def test_a_folder_without_the_data(copydesk: Command, tmp_path: Path) -> None:
    ran = copydesk("train", "reader", "--data", tmp_path, "--out", tmp_path / "out")
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert ran.err.startswith(f"copydesk: {files_of(tmp_path)[0]}: not there; the folder must hold reader-train/")
    assert not (tmp_path / "out").exists()


def test_whichever_file_is_missing_is_named(copydesk: Command, data: Path) -> None:
    for path in files_of(data):
        content = path.read_bytes()
        path.unlink()
        ran = copydesk("train", "reader", "--data", data, "--out", data / "out")
        assert (ran.code, ran.err.count("\n")) == (1, 1)
        assert f"{path}: not there" in ran.err
        path.write_bytes(content)


def test_a_damaged_file_is_named(copydesk: Command, data: Path) -> None:
    damaged = data / "reader-train" / "squadshifts-new_wiki_v1.0.json.gz"
    damaged.write_bytes(damaged.read_bytes()[:-12])
    ran = copydesk("train", "reader", "--data", data, "--out", data / "out")
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert f"{damaged}: not the training data it should be" in ran.err


def test_too_few_questions_to_train_on(copydesk: Command, data: Path) -> None:
    ran = copydesk("train", "reader", "--data", data, "--out", data / "out")
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "too few questions" in ran.err


def test_a_folder_that_is_not_there_is_wrong_usage(copydesk: Command, tmp_path: Path) -> None:
    ran = copydesk("train", "reader", "--data", tmp_path / "nowhere", "--out", tmp_path / "out")
    assert ran.code == 2
    assert str(tmp_path / "nowhere") in ran.err
