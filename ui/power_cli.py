"""`copydesk eval power`: what comparing two runs can tell."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from eval.power import Flagged


@click.command("power", context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--questions", type=click.IntRange(min=10), default=1000, show_default=True, help="Questions in each run."
)
@click.option(
    "--drop", type=click.FloatRange(0.5, 50), default=5.0, show_default=True, help="The true drop, in points."
)
@click.option(
    "--discordance",
    "discordances",
    type=click.FloatRange(1, 100),
    multiple=True,
    default=(5.0, 10.0, 15.0, 20.0),
    show_default=True,
    help="On how many questions in a hundred the runs differ; can be given several times.",
)
@click.option(
    "--pairs", type=click.IntRange(min=1), default=440, show_default=True, help="Pairs of runs drawn for each."
)
@click.option("--seed", type=int, default=0, show_default=True, help="For all that is drawn.")
def power_command(questions: int, drop: float, discordances: tuple[float, ...], pairs: int, seed: int) -> None:
    """How often 'eval compare' flags a true drop, and how often one that isn't there.

    Pairs of runs are drawn from a model and compared as real ones are: eleven metrics decide, one of them, each in
    turn, drops, and Holm's correction is made. A drop takes at least as many questions on which the runs differ.
    """
    from eval.layout import table
    from eval.power import Scenario, simulate
    from ui.progress import counting

    short = [one for one in discordances if one < drop]
    if short:
        raise click.UsageError(f"runs that differ on {short[0]:g} % of the questions can't be {drop:g} points apart")
    rows = []
    with counting("pairs of runs", 2 * pairs * len(discordances)) as advance:
        for discordance in discordances:
            dropped, same = (
                simulate(Scenario(questions, discordance / 100, change / 100), pairs, seed, advance)
                for change in (drop, 0.0)
            )
            rows.append((f"{discordance:g} %", _share(dropped), str(dropped.wrongly), _share(same)))
    header = (
        "questions that differ",
        f"a drop of {drop:g} points flagged",
        "for other metrics alone",
        "no drop flagged",
    )
    for line in table(header, rows):
        click.echo(line)
    click.echo(f"\n{questions} questions, {pairs} pairs of runs in each cell, Wilson's 95 % interval in brackets.")


def _share(found: "Flagged") -> str:
    low, high = found.interval
    value = f"{100 * found.flagged / found.pairs:.1f} %"
    return value if low is None or high is None else f"{value} [{100 * low:.1f}, {100 * high:.1f}]"
