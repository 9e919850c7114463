"""`copydesk eval writers` and `copydesk eval label`: who writes the answers, measured and labelled by hand."""

import json
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path

import click

from ui.options import archive_option, judge_options, llm_option_with

_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command("writers", context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--dataset", default="golden:open", show_default=True, metavar="NAME_OR_PATH", help="As of 'eval run'.")
@click.option("--out", required=True, type=_FOLDER, help="Where answers and metrics are kept.")
@click.option("--limit", type=click.IntRange(min=1), help="Ask only this many questions, drawn by the seed.")
@click.option("--seed", type=int, default=0, show_default=True, help="For the draw, the lies and the intervals.")
@click.option(
    "--asked-on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day of questions that carry no date. Without it: today.",
)
@llm_option_with("embedded", "The model to measure: ollama:NAME, openai-compatible:URL#MODEL or embedded (weak).")
@judge_options
@archive_option
def writers_command(
    dataset: str,
    out: Path,
    limit: int | None,
    seed: int,
    asked_on: datetime | None,
    llm: str,
    judge: str,
    folder: Path | None,
    archive: Path | None,
) -> None:
    """Have each question answered four times, and compare: quoted; written by a language model and shown as it came;
    the same behind the gate; and by a scripted liar behind the gate.

    What is shown as it came is only measured: neither 'ask' nor 'chat' ever shows it. The liar is no model but a script
    that turns the evidence into falsehoods. A run that was stopped goes on where it stopped.
    """
    from rich.console import Console

    from eval.datasets import load_question_set
    from eval.judges import load_judge
    from eval.writers import AllWriters
    from eval.writers_report import writers_text
    from eval.writers_run import run_writers
    from qa.assistant import open_assistant
    from qa.llm import open_llm, parse_llm
    from qa.readers import find_reader
    from qa.settings import load_settings
    from ui.opening import prepare_for_questions
    from ui.question_archive import add_question_articles, hold_gold_to, own_archive

    day = None if asked_on is None else asked_on.date()
    question_set = load_question_set(dataset, limit=limit, seed=seed, default_asked_on=day)
    settings = load_settings(archive or own_archive(question_set))
    # The environment may set a language model: the first writer has none.
    settings = replace(settings, answer=replace(settings.answer, llm=None))
    chosen = load_judge(judge, folder)
    model = open_llm(parse_llm(llm))
    console = Console(stderr=True)
    add_question_articles(question_set, settings.index, console)
    prepare_for_questions(settings.index)
    hold_gold_to(settings.index.archive, question_set)
    assistant = open_assistant(settings)
    document = run_writers(
        assistant,
        AllWriters(assistant, model, chosen, seed),
        question_set,
        out,
        asked={
            "limit": limit,
            **asdict(settings.answer),
            "llm": llm,
            "judge": judge,
            "checker": None if folder is None else str(folder),
            "reader_sha256": find_reader(settings.answer.reader).weights_sha256,
            "precision": settings.index.precision,
        },
        seed=seed,
        console=console,
    )
    click.echo(writers_text(document), nl=False)


@click.command("label", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("out", type=_FOLDER)
@click.option("--count", type=click.IntRange(min=1), default=200, show_default=True, help="How many sentences to draw.")
@click.option("--seed", type=int, default=0, show_default=True, help="For the draw.")
@click.option(
    "--labels",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Read the labels from this file, and print what they come to.",
)
def label_command(out: Path, count: int, seed: int, labels: Path | None) -> None:
    """Print sentences of the run of 'eval writers' in OUT for a person to label, one JSON object a line.

    Each has the question, the sentence and what it cites, and neither who wrote it nor what a judge found. At least
    half are shown by a writer behind the gate, those in a model's words first. Set "label" to "supported" or "not
    supported" and "judge" to who says so, and give the file to --labels.
    """
    from eval.hand_labels import draw, read_labels, sentences_to_label, shares, shares_text, still_open, to_json
    from eval.lines import read_lines
    from eval.writers_run import read_asked

    sentences = sentences_to_label(read_asked(out))
    if labels is None:
        for one in draw(sentences, count, seed):
            click.echo(json.dumps(to_json(one), ensure_ascii=False))
        return
    lines = list(read_lines(labels))
    found = read_labels(lines, sentences)
    click.echo(shares_text(shares(sentences, found), len(found), still_open(lines)), nl=False)
