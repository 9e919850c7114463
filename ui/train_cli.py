"""`copydesk train`: fit what copydesk ships, from data that anyone can get."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from ui.options import archive_option


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


@train_group.command("reader")
@click.option(
    "--data",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder with reader-train/ and realtimeqa/train-2022/.",
)
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Where weights are kept.")
@click.option("--seed", type=int, default=0, show_default=True, help="For the draws and the order of training.")
def reader_command(data: Path, out: Path, seed: int) -> None:
    """Train the reader: about an hour and a half on two cores. Goes on where it was stopped."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    from eval.reader_recipe import load_training_data, train_reader

    console = Console(stderr=True)
    with console.status("reading the data: some minutes"):
        loaded = load_training_data(data, seed)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TextColumn("time left"), TimeRemainingColumn(), console=console) as progress:
        tasks = {name: progress.add_task(name, total=None) for name in ("pass 1", "pass 2", "pass 3")}
        train_reader(loaded, out, seed, lambda name, step, of: progress.update(tasks[name], completed=step, total=of))
    click.echo(f"wrote {out / 'reader.safetensors'} and {out / 'MODEL_CARD.md'}")


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
