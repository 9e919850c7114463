"""`copydesk eval agreement`: how far a judge agrees with labels by hand."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ui.options import judge_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eval.citation_pairs import Agreement, CitationPair
    from eval.confidence import Interval
    from qa.records import Verdict


@click.command("agreement", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("articles", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@judge_options
@click.option("--misses", is_flag=True, help="Print each statement on which the judge and both labellings differ.")
@click.option("--seed", type=int, default=0, show_default=True, help="For the intervals.")
def agreement_command(articles: tuple[Path, ...], judge: str, folder: Path | None, misses: bool, seed: int) -> None:
    """How far a judge of citations agrees with labels by hand, and those with each other.

    ARTICLES are the files with the articles that the statements cite: RealTime QA's articles.jsonl.gz of dev-2023.
    """
    from eval.citation_pairs import agreement, evidence_of, judged, labelled_pairs
    from eval.judges import load_judge
    from ui.progress import counting

    pairs = labelled_pairs()
    evidence = evidence_of(articles, pairs)
    chosen = load_judge(judge, folder)
    with counting("statements", len(pairs)) as advance:
        verdicts = judged(pairs, evidence, chosen, advance)
    for line in _told(agreement(pairs, verdicts, seed), judge):
        click.echo(line)
    if misses:
        for line in _misses(pairs, verdicts):
            click.echo(line)


def _told(found: "Agreement", judge: str) -> list[str]:
    return [
        f"{found.pairs} statements with what they cite; both labellings call {found.unsupported} of them not supported",
        f"the two labellings agree on  {_share(found.readings)}, Cohen's kappa {_number(found.readings_kappa)}",
        f"the judge ({judge}), on the {found.agreed} they agree on: balanced accuracy {_share(found.judge)}, "
        f"Cohen's kappa {_number(found.judge_kappa)}",
        "95 % intervals in brackets, articles resampled.",
    ]


def _misses(pairs: "Sequence[CitationPair]", verdicts: "Sequence[Verdict]") -> list[str]:
    lines = []
    for pair, verdict in zip(pairs, verdicts, strict=True):
        told = verdict.label == "supported"
        if pair.supported == (not told, not told):
            lines += ["", f"{pair.pair_id} ({pair.written_as}, {pair.fault}): {pair.statement}"]
            lines += [f"  labelled {' and '.join(pair.labels)}; the judge: {verdict.label}"]
            lines += [f"  - {reason}" for reason in verdict.reasons]
    return lines


def _share(found: "Interval") -> str:
    if found.value is None or found.low is None or found.high is None:
        return "not measured"
    return f"{100 * found.value:.1f} % [{100 * found.low:.1f}, {100 * found.high:.1f}]"


def _number(found: "Interval") -> str:
    if found.value is None or found.low is None or found.high is None:
        return "not measured"
    return f"{found.value:.2f} [{found.low:.2f}, {found.high:.2f}]"
