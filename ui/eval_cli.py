"""`copydesk eval`: measure the answers from the command line."""

import re
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from ui.options import archive_option

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

    from eval.records import QuestionSet
    from index.settings import IndexSettings


@click.group("eval", context_settings={"help_option_names": ["-h", "--help"]})
def eval_group() -> None:
    """Measure how well questions are answered and how true the citations are."""


@eval_group.command("run")
@click.option(
    "--dataset", required=True, metavar="NAME_OR_PATH", help="realtimeqa:FOLDER, or a .jsonl file of questions."
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
@click.option("--forced/--refuse", default=False, help="Always answer, or refuse where nothing supports an answer.")
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
    forced: bool,
) -> None:
    """Ask every question of a set; write answers.jsonl, metrics.json and summary.md.

    A run that was stopped goes on where it stopped. A data set that brings its articles has them added first, to
    --archive or to an archive of its own in the cache folder.
    """
    from rich.console import Console

    from eval.datasets import load_question_set
    from eval.report import summary
    from eval.run import run_eval
    from qa.assistant import open_assistant
    from qa.settings import load_settings

    question_set = load_question_set(
        dataset,
        setting,
        limit=limit,
        seed=seed,
        ids_file=ids,
        default_asked_on=None if asked_on is None else asked_on.date(),
    )
    settings = load_settings(archive or _own_archive(question_set), search, sentence_choice, passages_read)
    console = Console(stderr=True)
    _add_articles(question_set, settings.index, console)
    document = run_eval(
        open_assistant(settings),
        question_set,
        out,
        asked={
            "setting": setting,
            "limit": limit,
            "ids": None if ids is None else ids.name,
            **asdict(settings.answer),
            "precision": settings.index.precision,
        },
        forced=forced,
        seed=seed,
        console=console,
    )
    click.echo(summary(document), nl=False)


@eval_group.command("show")
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
def show_command(out: Path) -> None:
    """Print the summary of a finished run kept in OUT."""
    from eval.report import summary
    from eval.store import read_metrics

    click.echo(summary(read_metrics(out)), nl=False)


def _own_archive(question_set: "QuestionSet") -> Path | None:
    """A cache folder for the articles that a set brings, named by their content; never the user's own archive."""
    if question_set.articles is None:
        return None
    from platformdirs import user_cache_path

    digest = sha256()
    for path in question_set.articles:
        digest.update(path.read_bytes())
    readable = re.sub(r"[^\w.-]+", "-", question_set.name)
    return user_cache_path("copydesk", appauthor=False) / "eval" / f"{readable}-{digest.hexdigest()[:8]}"


def _add_articles(question_set: "QuestionSet", settings: "IndexSettings", console: "Console") -> None:
    """Bring the set's own articles into the archive; those that are there already are left alone."""
    if question_set.articles is None:
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from index.archive import Archive
    from index.build import add_articles
    from index.embedding import load_embedder
    from index.loaders import count_articles, load_paths

    archive = Archive(settings.archive)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("time left"))
    try:
        with Progress(*columns, TimeRemainingColumn(), console=console) as progress:
            shown = _Shown(progress, count_articles(question_set.articles))
            embedder = load_embedder(settings.embedding_model, settings.precision)
            report = add_articles(archive, embedder, load_paths(question_set.articles), shown)
    finally:
        archive.close()
    console.print(
        f"articles: {report.added} added, {report.updated} updated, {report.unchanged} there already, "
        f"{len(report.skipped)} skipped"
    )
    for skipped in report.skipped[:3]:
        console.print(f"  {skipped.where}: {skipped.reason}", markup=False)


class _Shown:
    """Shows on a bar how far the articles are."""

    def __init__(self, progress: "Progress", articles: int | None) -> None:
        self._progress = progress
        self._articles = progress.add_task("articles", total=articles)
        self._vectors: TaskID | None = None

    def article(self, outcome: str, passages: int) -> None:
        self._progress.advance(self._articles)

    def vectors(self, done: int, total: int) -> None:
        if self._vectors is None:
            self._vectors = self._progress.add_task("vectors")
        self._progress.update(self._vectors, completed=done, total=total)
