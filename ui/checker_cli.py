"""`copydesk eval checker`: is the grounding checker right?"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from eval.checker_cases import Judged
    from qa.grounding import CrossChecker

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
COST_ROUNDS = 15


@click.command("checker", context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--checker", "folder", type=_FOLDER, help="A folder that 'copydesk train checker' made.")
@click.option("--qags", type=_FILE, help="A QAGS file of judged summaries, to be measured on too.")
@click.option("--cost", is_flag=True, help="Measure what checking an answer costs, too.")
@click.option("--misses", is_flag=True, help="List the cases that were judged wrongly.")
@click.option("--seed", type=int, default=0, show_default=True, help="For the intervals.")
def checker_command(folder: Path | None, qags: Path | None, cost: bool, misses: bool, seed: int) -> None:
    """How well the grounding checker tells supported claims from others.

    On the adversarial set over the sample articles, by kind; with --qags, on summaries that people judged, beside
    what word overlap and embeddings make of the same. The checker chooses its evidence there itself.
    """
    from eval.checker_cases import cases_table, judge_cases, summarise
    from eval.claim_cases import load_cases
    from qa.grounding import load_checker
    from ui.progress import counting

    checker = load_checker(folder=folder)
    cases = load_cases()
    with counting("claims", len(cases)) as advance:
        judged = judge_cases(cases, checker, advance)
    for line in cases_table(summarise(judged, seed)):
        click.echo(line)
    if misses:
        for line in _misses(judged):
            click.echo(line)
    if qags is not None:
        for line in _on_qags(checker, qags, seed):
            click.echo(line)
    if cost:
        click.echo(_cost(checker, judged))


def _misses(judged: "Sequence[Judged]") -> Iterator[str]:
    yield "\njudged wrongly:"
    for one in judged:
        if one.passed != one.case.is_true:
            reasons = "; ".join(one.verdict.reasons)
            yield f"{one.case.case_id} {one.case.kind} is {one.case.label}, judged {one.verdict.label} ({reasons})"
            yield f"    {one.case.claim}"


def _on_qags(checker: "CrossChecker", path: Path, seed: int) -> Iterator[str]:
    from eval.qags import checker_scores, compare_scorers, cosine, load_qags, ngram_precision, rouge_l
    from index.embedding import load_embedder
    from index.settings import settings_from

    settings = settings_from()
    summaries = load_qags(path)
    scorers = [
        ("checker", checker_scores(checker)),
        ("its network alone", checker_scores(checker, network_alone=True)),
        *((f"{length}-gram precision", ngram_precision(length)) for length in (1, 2, 3)),
        ("ROUGE-L, best sentence", rouge_l),
        ("embedding cosine", cosine(load_embedder(settings.embedding_model, settings.precision))),
    ]
    yield f"\n{path.name}: {len(summaries)} summaries, of which {sum(one.good for one in summaries)} are good"
    yield f"{'scored by':24} {'AUROC':>22} {'the checker is ahead by':>30}"
    for one in compare_scorers(summaries, scorers, seed):
        area = f"{one.value:.3f} [{one.low:.3f}, {one.high:.3f}]"
        ahead = "" if one.behind is None else "{:+.3f} [{:+.3f}, {:+.3f}]".format(*one.behind)
        yield f"{one.name:24} {area:>22} {ahead:>30}"


def _cost(checker: "CrossChecker", judged: "Sequence[Judged]") -> str:
    from eval.checker_cases import pairs_of
    from eval.checker_cost import cost_ratio
    from index.embedding import load_embedder
    from index.settings import settings_from

    settings = settings_from()
    embedder = load_embedder(settings.embedding_model, settings.precision)
    texts = list(dict.fromkeys(one.case.article.text for one in judged))
    ratio = cost_ratio(checker, pairs_of([one.case for one in judged]), embedder, texts, COST_ROUNDS)
    return f"\nchecking an answer of four sentences takes {ratio:.2f} of embedding 50 passages of 100 words"
