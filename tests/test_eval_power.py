"""Drawn pairs of runs, put through the comparison that real ones go through."""

import pytest
from click.testing import CliRunner

from eval.directions import JUDGED_METRICS
from eval.power import Scenario, simulate
from ui.cli import cli


def test_a_great_drop_is_flagged_whichever_metric_it_is_in_and_none_is_not() -> None:
    pairs = len(JUDGED_METRICS)
    great = simulate(Scenario(400, 0.2, 0.15), pairs, seed=1)
    assert (great.flagged, great.wrongly) == (pairs, 0)
    assert simulate(Scenario(400, 0.2, 0.0), pairs, seed=1).flagged <= 1


def test_the_same_arguments_give_the_same_counts() -> None:
    told: list[int] = []
    scenario = Scenario(200, 0.1, 0.05)
    assert simulate(scenario, 6, seed=3, advance=told.append) == simulate(scenario, 6, seed=3)
    assert sum(told) == 6


@pytest.mark.parametrize(("discordance", "drop"), [(0.04, 0.05), (1.2, 0.05), (0.1, -0.1)])
def test_a_drop_that_cannot_be_is_refused(discordance: float, drop: float) -> None:
    with pytest.raises(ValueError, match="at least as many"):
        Scenario(100, discordance, drop)


def test_the_command_prints_a_row_for_each_discordance() -> None:
    options = ["--questions", "50", "--pairs", "2", "--discordance", "10", "--discordance", "20"]
    result = CliRunner().invoke(cli, ["eval", "power", *options])
    assert result.exit_code == 0, result.output
    assert [
        line.split("|")[1].strip()
        for line in result.stdout.splitlines()
        if line.startswith("| 1") or line.startswith("| 2")
    ] == ["10 %", "20 %"]
    assert CliRunner().invoke(cli, ["eval", "power", "--discordance", "2"]).exit_code == 2
