"""`copydesk eval refusal` and `copydesk eval ablate`: the choice of evidence, part by part."""

from pathlib import Path
from typing import Literal

import click

from ui.options import archive_option

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_KEPT = click.Path(file_okay=False, path_type=Path)
_READER_HELP = "A folder that 'copydesk train reader' made. Without it: the reader that ships."


@click.command("refusal", context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--dataset", required=True, metavar="NAME_OR_PATH", help="Questions with gold answers.")
@click.option("--ids", type=_FILE, help="Only these questions.")
@click.option("--reader", type=_FOLDER, help=_READER_HELP)
@click.option("--kept", type=_KEPT, help="Keep what was read in this folder, and use what is there.")
@click.option("--seed", type=int, default=0, show_default=True, help="For the intervals.")
@archive_option
def refusal_command(
    dataset: str, ids: Path | None, reader: Path | None, kept: Path | None, seed: int, archive: Path | None
) -> None:
    """How well refusal tells questions as they are from the same ones without the articles that answer them.

    Left out are the articles given for a question and every one that holds its answer. Printed are the area under
    the ROC curve, the calibration error with its reliability diagram ("|" predicted, "o" observed), and the shares
    refused at the threshold that ships. The archive must hold the articles.
    """
    from eval.ablation import outcomes
    from eval.datasets import load_question_set
    from eval.evidence_report import refusal_text
    from qa.choice import load_weights
    from ui.reading import read_examples

    # Where articles are given for a question, they are among those left out.
    setting: Literal["given", "archive"] = "given" if dataset.startswith("realtimeqa:") else "archive"
    questions = load_question_set(dataset, setting, ids_file=ids).questions
    weights = load_weights()
    found = outcomes(read_examples(questions, archive, reader, kept, "questions"), weights)
    click.echo(refusal_text(found, weights.threshold, seed), nl=False)


@click.command("ablate", context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--fit", "fit_folder", required=True, type=_FOLDER, help="The RealTime QA folder that is fitted on.")
@click.option("--fit-archive", required=True, type=_FOLDER, help="An archive that holds its articles.")
@click.option("--on", "on_folder", required=True, type=_FOLDER, help="The RealTime QA folder that is measured on.")
@click.option(
    "--reader",
    "readers",
    multiple=True,
    metavar="NAME=FOLDER",
    help="A reader to compare with the one that ships, such as that of training's first pass. Several times.",
)
@click.option("--kept", required=True, type=_KEPT, help="Keep what was read in this folder, and use what is there.")
@click.option("--seed", type=int, default=0, show_default=True, help="For the intervals.")
@archive_option
def ablate_command(
    fit_folder: Path,
    fit_archive: Path,
    on_folder: Path,
    readers: tuple[str, ...],
    kept: Path,
    seed: int,
    archive: Path | None,
) -> None:
    """What each part of sentence choice brings: a table over the headline questions of --on.

    Each row fits the weights anew on the headline questions of --fit and on the questions written on its held-out
    articles, with a part of the evidence left out. The last rows are fitted on the headline questions alone: with the
    reader that ships, and with each other one.
    """
    from eval.ablation import leave_out_each_part, outcomes, table
    from eval.datasets import load_question_set
    from eval.evidence_report import ablation_text
    from eval.fit_choice import fit
    from ui.reading import read_examples

    named = dict(_named(one) for one in readers)
    quiz = load_question_set(f"realtimeqa:{fit_folder}", "given", ids_file=fit_folder / "headline_ids.txt").questions
    written = load_question_set(f"written:{fit_folder}").questions
    measured = load_question_set(f"realtimeqa:{on_folder}", "given", ids_file=on_folder / "headline_ids.txt").questions
    from_quiz = read_examples(quiz, fit_archive, None, kept, "headlines")
    fitted_on = [*from_quiz, *read_examples(written, fit_archive, None, kept, "written questions", leave_out=False)]
    asked = read_examples(measured, archive, None, kept, "measured")
    runs = {"as it ships": outcomes(asked, fit(fitted_on))}
    runs |= leave_out_each_part(fitted_on, asked)
    runs["fitted on headlines alone"] = outcomes(asked, fit(from_quiz))
    for name, folder in named.items():
        own = fit(read_examples(quiz, fit_archive, folder, kept, f"{name}: fitted on"))
        runs[name] = outcomes(read_examples(measured, archive, folder, kept, f"{name}: measured"), own)
    click.echo(ablation_text(table(runs, seed)), nl=False)


def _named(text: str) -> tuple[str, Path]:
    name, separator, folder = text.partition("=")
    if not separator or not Path(folder).is_dir():
        raise click.UsageError(f"--reader {text!r}: give a name and a folder, such as first-pass=out/pass-1")
    return name, Path(folder)
