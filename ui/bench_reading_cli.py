"""`copydesk eval bench-reading`: what it brings and costs to read more passages, or to stop early."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from ui.options import archive_option


@click.command("bench-reading", context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--dataset", required=True, metavar="NAME_OR_PATH", help="realtimeqa:FOLDER, or a .jsonl file.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The numbers, as JSON.")
@click.option(
    "--ids", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Ask only the questions listed there."
)
@click.option("--limit", type=click.IntRange(min=1), help="Ask only this many questions, drawn by the seed.")
@click.option("--seed", type=int, default=0, show_default=True, help="For the draw and for the intervals.")
@click.option(
    "--fit",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Fit on these questions when to stop, and write it to this file: qa/stop_rule.json is what ships.",
)
@archive_option
def bench_reading_command(
    dataset: str, out: Path, ids: Path | None, limit: int | None, seed: int, fit: Path | None, archive: Path | None
) -> None:
    """Read 5, 10, 16, 20 and 50 passages for each question, and in rounds until the evidence is clear.

    The whole archive is searched. Printed are how often the gold answer is cited, and reading's time as a multiple of
    embedding 50 passages.
    """
    from rich.console import Console
    from rich.progress import track

    from eval.bench_reading import fit_rule, page, read_all, reading_table
    from eval.datasets import load_question_set
    from eval.store import dump, write_whole
    from qa.assistant import open_assistant
    from qa.readers import find_reader, load_scorer
    from qa.rounds import load_rule
    from qa.settings import load_settings
    from ui.question_archive import add_question_articles, hold_gold_to, own_archive

    question_set = load_question_set(dataset, "archive", limit=limit, seed=seed, ids_file=ids)
    settings = load_settings(archive or own_archive(question_set))
    console = Console(stderr=True)
    add_question_articles(question_set, settings.index, console)
    hold_gold_to(settings.index.archive, question_set)
    assistant = open_assistant(settings)
    source = find_reader(settings.answer.reader)
    scorer = load_scorer(source, settings.index.precision, settings.answer.reader_threshold)
    questions = question_set.questions
    steps = iter(track(range(len(questions)), "questions", console=console, disable=not console.is_terminal))
    found = read_all(assistant.search, scorer, questions, load_rule(), lambda: next(steps))
    document = {"dataset": question_set.name, "reader_sha256": source.weights_sha256, **reading_table(found, seed)}
    write_whole(out, dump({**document, "questions": [asdict(one) for one in found]}, indent=1) + "\n")
    click.echo(page(document), nl=False)
    if fit is not None:
        rule = fit_rule(found)
        fitted = {**asdict(rule), "fitted_on": {"dataset": question_set.name, "questions": len(found)}}
        write_whole(fit, json.dumps(fitted, indent=1) + "\n")
        click.echo(f"wrote {fit}: answerable {rule.answerable}, margin {rule.margin}")
