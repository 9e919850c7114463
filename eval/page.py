"""The page of a finished run, from its folder."""

from pathlib import Path

from eval.finished import read_run
from eval.judged import SHIPPED_JUDGEMENTS, judged_notes, read_judgements
from eval.report import summary
from eval.store import read_metrics


def run_page(out: Path, judgements: Path = SHIPPED_JUDGEMENTS) -> str:
    """The summary, with what the judgements of its hits say. Raises BadInputError where one can't be read."""
    document = read_metrics(out)
    return summary(document, judged_notes(read_run(out), read_judgements(judgements)))
