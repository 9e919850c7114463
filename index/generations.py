"""Folders that are made anew rather than changed: numbered, copied, sealed when whole, cleared when out of use."""

import json
import os
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

SEAL = "sealed.json"


def next_name(folder: Path, present: str) -> str:
    """A name that no generation has or had a moment ago: Chroma remembers open folders by their path."""
    numbers = [int(path.name) for path in folder.glob("*") if path.name.isdigit()] if folder.is_dir() else []
    numbers.append(int(present or "0"))
    return f"{max(numbers) + 1:06d}"


def copy_generation(source: Path, target: Path) -> None:
    """Copy a generation that readers may have open: opening one writes a row into Chroma's own SQLite file."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.sqlite3*", SEAL))
    for path in source.glob("*.sqlite3"):
        with closing(sqlite3.connect(path)) as old, closing(sqlite3.connect(target / path.name)) as new:
            old.backup(new)


def seal(generation: Path) -> None:
    """Bring a finished generation to the disk and write down how long its saved graph files are."""
    sizes: dict[str, int] = {}
    for saved in generation.glob("*/index_metadata.pickle"):  # without it Chroma reads none of the files beside it
        sizes |= {str(path.relative_to(generation)): path.stat().st_size for path in saved.parent.iterdir()}
    (generation / SEAL).write_text(json.dumps(sizes), encoding="utf-8")
    for path in generation.rglob("*"):
        if path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())


def require_whole(generation: Path) -> None:
    """Raise OSError for a graph file that is missing or cut short: opening it would crash the process."""
    if not any(generation.glob("*.sqlite3")):  # Chroma would make an empty database there and say nothing
        raise FileNotFoundError("it is missing or empty")
    sizes = _sealed_sizes(generation)
    for name, size in sizes.items():
        path = generation / name
        if not path.is_file():
            raise FileNotFoundError(f"its file {name} is missing")
        if path.stat().st_size != size:
            raise OSError(f"its file {name} has {path.stat().st_size} bytes instead of {size}")


def _sealed_sizes(generation: Path) -> dict[str, int]:
    """File name → size, as `seal` wrote them; none of a generation made before there was a seal."""
    path = generation / SEAL
    if not path.exists():
        return {}
    try:
        sizes: dict[str, int] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:  # UnicodeDecodeError among them
        raise OSError(f"its file {SEAL} is damaged") from error
    return sizes


def clear_generations(folder: Path, keep: Sequence[str]) -> None:
    """The generation before stays for readers that are still in it; older ones, and unfinished ones, go."""
    for path in folder.iterdir():
        if path.name not in keep:
            shutil.rmtree(path, ignore_errors=True)
