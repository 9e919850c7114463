"""`copydesk eval bench`: compare with a stock peer from the command line."""

from pathlib import Path

import click

from ui.options import archive_option


# Said here too: click keeps the names of the first call, which may not come through the group.
@click.command("bench", context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--dataset",
    required=True,
    metavar="NAME_OR_PATH",
    help="golden, realtimeqa:FOLDER, or a .jsonl file of questions.",
)
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Where results are kept.")
@click.option(
    "--ids", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Ask only the questions listed there."
)
@click.option("--words", type=click.IntRange(min=1), default=500, show_default=True, help="Retrieved words to look in.")
@click.option(
    "--cost-articles",
    type=click.IntRange(min=0),
    default=100,
    show_default=True,
    help="Measure costs on so many articles; 0 leaves them out.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="For the draw of articles and for the intervals.")
@archive_option
def bench_command(
    dataset: str, out: Path, ids: Path | None, words: int, cost_articles: int, seed: int, archive: Path | None
) -> None:
    """Compare with LlamaIndex over Chroma, on the same articles and questions; write bench.json and bench.md.

    Measured are how often the answer stands in the first words retrieved, and what indexing and searching cost. The
    peer's index is built below OUT first, which takes as long as embedding the articles; a run that was stopped goes on
    where it stopped. Articles are added as in `copydesk eval run`.
    """
    from rich.console import Console

    from eval.bench import BenchPlan, run_bench
    from eval.bench_report import summary
    from eval.bench_stock import require_peer
    from eval.datasets import load_question_set
    from index.settings import settings_from
    from ui.question_archive import add_question_articles, hold_gold_to, own_archive

    require_peer()
    question_set = load_question_set(dataset, "archive", seed=seed, ids_file=ids)
    settings = settings_from(archive=archive or own_archive(question_set))
    console = Console(stderr=True)
    add_question_articles(question_set, settings, console)
    hold_gold_to(settings.archive, question_set)
    document = run_bench(settings, question_set, out, BenchPlan(words, cost_articles, seed), console)
    click.echo(summary(document), nl=False)
