"""`copydesk eval compare`, `eval gate` and `eval hits`: what comes after a run."""

import json
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

import click

from eval.verdict import Verdict, exit_code
from index.errors import CopydeskError
from ui.options import archive_option

if TYPE_CHECKING:
    from eval.gates import Gates

_RUN_FOLDER = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)


class CheckError(click.ClickException):
    """A check that could not be made: exit code 2, because 1 says that it was made and failed."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"copydesk: {' '.join(self.message.split())}", file=file, err=file is None)


@contextmanager
def errors_exit_with_2() -> Iterator[None]:
    """Within it, whatever goes wrong ends with exit code 2; Python's own and the other commands' is 1."""
    try:
        yield
    except click.ClickException:
        raise
    except BrokenPipeError:
        # Who reads our output is gone, and the verdict may not have been read. Python would complain again at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(2)
    except CopydeskError as error:
        raise CheckError(str(error)) from error
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise CheckError(f"{where}{error.strerror or error}") from error
    except Exception as error:
        traceback.print_exc()
        raise CheckError(
            f"this should not happen ({type(error).__name__}): please report it with the lines above"
        ) from error


def finish(text: str, verdict: Verdict) -> NoReturn:
    """Print a text whose last line is the verdict, and exit with the code that says the same."""
    click.echo(text, nl=False)
    sys.exit(exit_code(verdict))


@click.command("compare")
@click.argument("a", type=_RUN_FOLDER)
@click.argument("b", type=_RUN_FOLDER)
@click.option("--slice", "slice_name", default="all", show_default=True, help="Compare over this slice only.")
@click.option("--gates", type=_FILE, help="A TOML file of gates that B must pass too.")
@click.option("--seed", type=int, default=0, show_default=True, help="For the intervals and the tests.")
@click.option("--json", "json_file", type=_FILE, help="Write the whole comparison to this file too.")
@click.option("--html", "html_file", type=_FILE, help="Write it as a page to read, with both answers, to this file.")
def compare_command(
    a: Path, b: Path, slice_name: str, gates: Path | None, seed: int, json_file: Path | None, html_file: Path | None
) -> NoReturn:
    """Compare run B with run A, over the same questions.

    Exit code 0: no regression; 1: a regression or a failed gate; 2: it could not be checked. The last line printed,
    "verdict: …", says the same.
    """
    from eval.compare import compare
    from eval.compare_report import comparison_json, comparison_text
    from eval.finished import read_run
    from eval.gates import load_gates
    from eval.store import write_whole

    with errors_exit_with_2():
        wanted = None if gates is None else load_gates(gates)
        run_a, run_b = read_run(a), read_run(b)
        comparison = compare(run_a, run_b, slice_name=slice_name, seed=seed, gates=wanted)
        text = comparison_text(comparison)
        if json_file is not None:
            json_file.write_text(comparison_json(comparison), encoding="utf-8", newline="\n")
        if html_file is not None:
            from eval.html_compare import comparison_page

            write_whole(html_file, comparison_page(comparison, run_a, run_b))
        finish(text, comparison.verdict)


@click.command("gate")
@click.argument("out", type=_RUN_FOLDER)
@click.option("--gates", type=_FILE, required=True, help="A TOML file of gates.")
def gate_command(out: Path, gates: Path) -> NoReturn:
    """Check the finished run in OUT against a file of gates.

    Exit code 0: all passed; 1: one failed; 2: it could not be checked.
    """
    from eval.gates import load_gates

    with errors_exit_with_2():
        finish_with_gates(out, load_gates(gates))


def finish_with_gates(out: Path, gates: "Gates") -> NoReturn:
    """Check a run, print each gate and the verdict, and exit with the code that says the same."""
    from eval.compare_report import gates_text
    from eval.finished import read_run
    from eval.gates import check_gates, gates_verdict

    checks = check_gates(gates, read_run(out))
    finish(gates_text(checks), gates_verdict(checks))


@click.command("hits")
@click.argument("out", type=_RUN_FOLDER)
@click.option("--unjudged", is_flag=True, help="Leave out those that were judged already.")
@click.option("--slice", "slice_name", default="all", show_default=True, help="Hits of this slice only.")
@click.option("--limit", type=click.IntRange(min=1), help="Only this many, drawn by the seed.")
@click.option("--seed", type=int, default=0, show_default=True, help="For the draw.")
@click.option("--judged", type=_FILE, help="A file of judgements. Default: those that come with copydesk.")
@archive_option
def hits_command(
    out: Path,
    unjudged: bool,
    slice_name: str,
    limit: int | None,
    seed: int,
    judged: Path | None,
    archive: Path | None,
) -> None:
    """Print the hits of the run in OUT for a person to judge, one JSON object a line.

    A hit is a first cited sentence in which the gold answer was found: the articles say it, or it stands there by
    luck. What a line has under "judgement", with "verdict" set to right or lucky and "judge" to who says so, is a
    line for a file of judgements. The articles are read from the archive of the run, or from --archive.
    """
    from eval.finished import read_run
    from eval.hits_to_judge import draw, hit_to_json
    from eval.judged import SHIPPED_JUDGEMENTS, hits_of, read_judgements
    from eval.judged import unjudged as leave_out_judged
    from ui.opening import open_archive

    run = read_run(out)
    hits = hits_of(run, slice_name)
    if unjudged:
        hits = leave_out_judged(hits, read_judgements(judged or SHIPPED_JUDGEMENTS))
    if limit is not None:
        hits = draw(hits, limit, seed)
    source = open_archive(archive or Path(run.settings["archive"]["folder"]))
    try:
        for hit in hits:
            click.echo(json.dumps(hit_to_json(hit, run, source), ensure_ascii=False))
    finally:
        source.close()
