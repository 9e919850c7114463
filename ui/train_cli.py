"""`copydesk train`: fit what copydesk ships, from data that anyone can get."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ui.options import archive_option

if TYPE_CHECKING:
    from rich.console import Console


@click.group("train")
def train_group() -> None:
    """Fit the weights that ship with copydesk again."""


@train_group.command("sentence-choice")
@click.option("--dataset", required=True, metavar="realtimeqa:FOLDER", help="Questions with gold answers.")
@click.option(
    "--ids", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Only these questions of --dataset."
)
@click.option("--also", metavar="written:FOLDER", help="Further questions on the same articles, all of them.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The weights, as JSON.")
@click.option("--seed", type=int, default=0, show_default=True, help="For the five folds.")
@click.option(
    "--reader",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder that 'copydesk train reader' made. Without it: the reader that ships.",
)
@click.option(
    "--kept",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep what was read in this folder, and use what is there.",
)
@archive_option
def sentence_choice(
    dataset: str,
    ids: Path | None,
    also: str | None,
    out: Path,
    seed: int,
    reader: Path | None,
    kept: Path | None,
    archive: Path | None,
) -> None:
    """Fit which sentence answers, and when none does, on questions over an archive that holds their articles."""
    from eval.datasets import load_question_set
    from eval.fit_choice import cross_validate, fit
    from qa.evidence import FEATURE_NAMES
    from ui.reading import read_examples

    # The given articles are what must be left out to make a question unanswerable.
    questions = load_question_set(dataset, "given", ids_file=ids).questions
    examples = read_examples(questions, archive, reader, kept, "questions")
    if also is not None:
        further = load_question_set(also).questions
        questions += further
        examples += read_examples(further, archive, reader, kept, "further questions", leave_out=False)
    report = cross_validate(examples, seed)
    for name, value in asdict(report).items():
        click.echo(f"{name:30} {value:.3f}" if isinstance(value, float) else f"{name:30} {value}")
    weights = {
        "features": FEATURE_NAMES,
        **asdict(fit(examples)),
        "fitted_on": {"questions": len(questions), "used": report.n, "cross_validation": asdict(report)},
    }
    out.write_text(json.dumps(weights, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    click.echo(f"wrote {out}")


_DATA_HELP = "A folder with reader-train/ and realtimeqa/train-2022/."
_data_option = click.option(
    "--data", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path), help=_DATA_HELP
)
_out_option = click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Where weights are kept."
)
_seed_option = click.option(
    "--seed", type=int, default=0, show_default=True, help="For the draws and the order of training."
)


@train_group.command("reader")
@_data_option
@_out_option
@_seed_option
def reader_command(data: Path, out: Path, seed: int) -> None:
    """Train the reader: about an hour and a half on two cores. Goes on where it was stopped."""
    from eval.reader_recipe import load_training_data, train_reader

    with _console().status("reading the data: some minutes"):
        loaded = load_training_data(data, seed)
    with _passes("pass 1", "pass 2", "pass 3") as advance:
        train_reader(loaded, out, seed, advance)
    click.echo(f"wrote {out / 'reader.safetensors'} and {out / 'MODEL_CARD.md'}")


@train_group.command("checker")
@_data_option
@_out_option
@_seed_option
def checker_command(data: Path, out: Path, seed: int) -> None:
    """Train the grounding checker, and fit its thresholds: about an hour on two cores. Goes on where it was stopped."""
    from eval.checker_recipe import load_checker_data, train_checker

    with _console().status("reading the data: some minutes"):
        loaded = load_checker_data(data, seed)
    with _passes("pass 1", "pass 2", "pass 3") as advance:
        train_checker(loaded, out, seed, advance)
    click.echo(f"wrote {out / 'checker.safetensors'}, {out / 'checker_rule.json'} and {out / 'CHECKER_CARD.md'}")


def _console() -> "Console":
    from rich.console import Console

    return Console(stderr=True)


@contextmanager
def _passes(*names: str) -> Iterator[Callable[[str, int, int], None]]:
    """A bar for each pass of a training, and the function that moves one on: its name, steps done, steps in all."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TextColumn("time left"), TimeRemainingColumn(), console=_console()) as progress:
        tasks = {name: progress.add_task(name, total=None) for name in names}
        yield lambda name, step, of: progress.update(tasks[name], completed=step, total=of)


@train_group.command("multiple-choice")
@click.option("--dataset", required=True, metavar="realtimeqa:FOLDER", help="Questions with choices.")
@click.option(
    "--ids", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Only these questions of --dataset."
)
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The weights, as JSON.")
@click.option("--seed", type=int, default=0, show_default=True, help="For the five folds.")
@click.option(
    "--reader",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder that 'copydesk train reader' made. Without it: the reader that ships.",
)
@click.option(
    "--kept",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep what was read in this folder, and use what is there.",
)
@archive_option
def multiple_choice(
    dataset: str, ids: Path | None, out: Path, seed: int, reader: Path | None, kept: Path | None, archive: Path | None
) -> None:
    """Fit which choice of a multiple-choice question the evidence speaks for, each by its given articles."""
    from eval.choice_evidence import FEATURE_NAMES
    from eval.datasets import load_question_set
    from eval.fit_multiple_choice import cross_validate, fit
    from ui.reading import read_all_choices

    questions = load_question_set(dataset, "given", ids_file=ids).questions
    asked = read_all_choices(questions, archive, reader, kept)
    report = cross_validate(asked, seed)
    for name, value in asdict(report).items():
        click.echo(f"{name:30} {value:.3f}" if isinstance(value, float) else f"{name:30} {value}")
    weights = {
        "features": FEATURE_NAMES,
        **asdict(fit(asked)),
        "fitted_on": {"questions": len(questions), "cross_validation": asdict(report)},
    }
    out.write_text(json.dumps(weights, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    click.echo(f"wrote {out}")
