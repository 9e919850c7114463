"""`copydesk eval`: measure the answers from the command line."""

from contextlib import nullcontext
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from ui.agreement_cli import agreement_command
from ui.bench_cli import bench_command
from ui.bench_reading_cli import bench_reading_command
from ui.checker_cli import checker_command
from ui.eval_compare_cli import (
    compare_command,
    errors_exit_with_2,
    finish_with_gates,
    gate_command,
    hits_command,
)
from ui.evidence_cli import ablate_command, refusal_command
from ui.feedback_cli import from_feedback_command
from ui.new_cli import new_command
from ui.options import archive_option, llm_option, reader_options
from ui.power_cli import power_command
from ui.score_cli import score_command
from ui.writers_cli import label_command, writers_command

if TYPE_CHECKING:
    from collections.abc import Callable

    from eval.cost_meter import CostMeter
    from eval.records import ChoiceScores, EvalQuestion
    from qa.assistant import Assistant
    from qa.settings import AnswerSettings, Settings


@click.group("eval", context_settings={"help_option_names": ["-h", "--help"]})
def eval_group() -> None:
    """Measure how well questions are answered and how true the citations are."""


@eval_group.command("run")
@click.option(
    "--dataset",
    required=True,
    metavar="NAME_OR_PATH",
    help="golden (or one half: golden:frozen, golden:open), realtimeqa:FOLDER, or a .jsonl file of questions.",
)
@click.option(
    "--setting",
    type=click.Choice(["given", "archive"]),
    default="archive",
    show_default=True,
    help="Use each question's given articles only, or search the whole archive.",
)
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Where results are kept.")
@click.option("--limit", type=click.IntRange(min=1), help="Ask only this many questions, drawn by the seed.")
@click.option("--seed", type=int, default=0, show_default=True, help="For the draw and for the intervals.")
@click.option(
    "--ids", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Ask only the questions listed there."
)
@click.option(
    "--asked-on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day of questions that carry no date. Without it: today.",
)
@click.option("--search", type=click.Choice(["hybrid", "dense", "lexical"]), help="How passages are found.")
@click.option("--sentence-choice", metavar="NAME", help="How sentences are chosen: evidence or similarity.")
@click.option(
    "--passages-read",
    type=click.IntRange(min=1, max=50),
    help="How many passages are read sentence by sentence. Default: 20.",
)
@click.option("--stop-when-clear", is_flag=True, help="Read fewer passages where the first ones are clear.")
@reader_options
@llm_option
@click.option(
    "--only", type=click.Choice(["failing"]), help="Ask only the questions that went wrong in the run that --of names."
)
@click.option("--of", "earlier", type=click.Path(file_okay=False, path_type=Path), help="A finished run, for --only.")
@click.option("--no-cache", is_flag=True, help="Ask even what was asked before with everything the same.")
@click.option("--gates", type=click.Path(dir_okay=False, path_type=Path), help="A TOML file of gates to check then.")
@archive_option
def run_command(
    dataset: str,
    setting: Literal["given", "archive"],
    out: Path,
    limit: int | None,
    seed: int,
    ids: Path | None,
    asked_on: datetime | None,
    archive: Path | None,
    search: str | None,
    sentence_choice: str | None,
    passages_read: int | None,
    stop_when_clear: bool,
    reader: str | None,
    reader_threshold: float | None,
    llm: str | None,
    only: str | None,
    earlier: Path | None,
    no_cache: bool,
    gates: Path | None,
) -> None:
    """Ask every question of a set; write answers.jsonl, metrics.json, summary.md and report.html.

    Where a right answer is known, a question is also asked without refusing: what comes of that stands under
    "forced:". A follow-up is also asked as one question that stands alone: "whole:".

    A run that was stopped goes on where it stopped, and what was asked before with the very same archive, models,
    settings and code is remembered. A data set that brings its articles has them added first, to
    --archive or to an archive of its own in the cache folder.

    With --gates the exit code is 0 when all gates passed, 1 when one failed, 2 for anything that went wrong.
    """
    from time import perf_counter

    from rich.console import Console

    from eval.aggregate import ALL
    from eval.datasets import load_question_set
    from eval.failing import keep_failing
    from eval.finished import read_run
    from eval.gates import load_gates, require_slices
    from eval.html_report import write_report
    from eval.page import run_page
    from eval.run import run_eval
    from qa.assistant import open_assistant
    from qa.settings import load_settings
    from ui.opening import prepare_for_questions
    from ui.question_archive import add_question_articles, answer_cache, hold_gold_to, own_archive

    began = perf_counter()
    if (only is None) != (earlier is None):
        raise click.UsageError("--only and --of belong together: --only failing --of RUN")
    with nullcontext() if gates is None else errors_exit_with_2():
        wanted = None if gates is None else load_gates(gates)
        question_set = load_question_set(
            dataset,
            setting,
            limit=limit,
            seed=seed,
            ids_file=ids,
            default_asked_on=None if asked_on is None else asked_on.date(),
        )
        if earlier is not None:
            question_set = keep_failing(question_set, read_run(earlier))
        if wanted is not None:
            require_slices(wanted, (ALL, *sorted({name for one in question_set.questions for name in one.slices})))
        settings = load_settings(
            archive or own_archive(question_set),
            search,
            sentence_choice,
            passages_read,
            reader=reader,
            reader_threshold=reader_threshold,
            stop_when_clear=stop_when_clear,
            llm=llm,
        )
        console = Console(stderr=True)
        add_question_articles(question_set, settings.index, console)
        prepare_for_questions(settings.index)
        hold_gold_to(settings.index.archive, question_set)
        assistant = open_assistant(settings)
        cache = None if no_cache or not _remembers(settings.answer) else answer_cache()
        run_eval(
            assistant,
            question_set,
            out,
            asked={
                "setting": setting,
                "limit": limit,
                "ids": None if ids is None else ids.name,
                "only": only,
                **asdict(settings.answer),
                "reader_sha256": _reader_hash(settings.answer),
                "precision": settings.index.precision,
            },
            seed=seed,
            console=console,
            choose=_choose(assistant, settings),
            cache=cache,
            meter=_meter(assistant, began),
        )
        if cache is not None and cache.trouble is not None:
            console.print(f"answers couldn't be remembered or recalled: {cache.trouble}", markup=False)
        write_report(out)
        click.echo(run_page(out), nl=False)
        if wanted is not None:
            finish_with_gates(out, wanted)


def _remembers(settings: "AnswerSettings") -> bool:
    """Whether answers can be kept for another run: not those of a server, whose model may change under its name."""
    return settings.llm in (None, "embedded")


def _choose(assistant: "Assistant", settings: "Settings") -> "Callable[[EvalQuestion], ChoiceScores | None]":
    """How choices are compared: only by the readings that its weights were fitted on, those of a reader of ours."""
    from eval.multiple_choice import WEIGHTS_FILE, MultipleChoiceAnswerer, load_weights
    from qa.reader import load_reader
    from qa.readers import find_reader

    source = find_reader(settings.answer.reader)
    if settings.answer.sentence_choice == "similarity" or source.kind == "cross-encoder":
        return lambda question: None
    own = None if source.folder is None else source.folder / WEIGHTS_FILE
    weights = load_weights(own if own is not None and own.is_file() else None)
    reader = load_reader(settings.index.precision, source.folder)
    return MultipleChoiceAnswerer(assistant.search, reader, weights).scores


def _meter(assistant: "Assistant", began: float) -> "CostMeter":
    """Measures the run by embedding words of the archive's first passages."""
    from eval.cost_meter import PASSAGES, WORDS, CostMeter

    archive = assistant.archive
    first = archive.passages(archive.keys_after(0)[: PASSAGES * WORDS // 20].tolist()).values()
    words = " ".join(one.passage.text for one in first).split()
    return CostMeter(assistant.embedder.embed, words, began)


def _reader_hash(settings: "AnswerSettings") -> str | None:
    """Which weights read; None where nothing is read."""
    from qa.readers import find_reader

    return None if settings.sentence_choice == "similarity" else find_reader(settings.reader).weights_sha256


@eval_group.command("show")
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--judged",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file of judged hits. Default: those that come with copydesk.",
)
def show_command(out: Path, judged: Path | None) -> None:
    """Print the summary of a finished run kept in OUT."""
    from eval.judged import SHIPPED_JUDGEMENTS
    from eval.page import run_page

    click.echo(run_page(out, judged or SHIPPED_JUDGEMENTS), nl=False)


@eval_group.command("report")
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the page to this file. Default: report.html in OUT.",
)
def report_command(out: Path, output: Path | None) -> None:
    """Write the finished run in OUT as one page to read: numbers, plots and every answer.

    The page is one HTML file that loads nothing from anywhere. 'eval run' writes it too.
    """
    from eval.html_report import write_report
    from index.errors import BadInputError

    try:
        click.echo(write_report(out, output))
    except OSError as error:
        raise BadInputError(f"{output or out}: can't be written ({error.strerror or error})") from error


@eval_group.command("near-copies", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("articles", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
def near_copies_command(articles: tuple[Path, ...]) -> None:
    """How well near-copies are told, over the pairs of real articles that a language model labelled.

    ARTICLES are the files that hold them: RealTime QA's articles.jsonl.gz of train-2022 and of dev-2023. Printed are
    precision and recall with 95 % intervals, on the pairs that the thresholds were fitted on and on the rest.
    """
    from eval.near_copy_pairs import labelled_pairs, score_pairs, told_near

    pairs = labelled_pairs()
    told = dict(zip(pairs, told_near(articles, pairs), strict=True))
    for name, part in (("fitted on", True), ("held out", False)):
        chosen = [pair for pair in pairs if pair.fitted_on is part]
        scores = score_pairs(chosen, [told[pair] for pair in chosen])
        shares = "  ".join(
            f"{value.name} {_share(value.value)} [{_share(value.low)}–{_share(value.high)}] n={value.n}"
            for value in (scores.precision, scores.recall)
        )
        click.echo(f"{name + ':':11}{scores.pairs} pairs  {shares}")


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


for command in (
    ablate_command,
    agreement_command,
    bench_command,
    bench_reading_command,
    checker_command,
    compare_command,
    from_feedback_command,
    gate_command,
    hits_command,
    label_command,
    new_command,
    power_command,
    refusal_command,
    score_command,
    writers_command,
):
    eval_group.add_command(command)
