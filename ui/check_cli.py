"""`copydesk check-claim`: is a claim supported by an article, or by sentences of a file?"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eval.lines import Line, read_lines
from index.errors import BadInputError
from ui.options import archive_option, find_article

if TYPE_CHECKING:
    from qa.grounding import Evidence
    from qa.records import Verdict

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
# A kill loses at most so many verdicts.
AT_A_TIME = 64


@click.command("check-claim")
@click.argument("claim", required=False)
@click.option("--article", help="The article to check it against: id, the beginning of an id, URL or file.")
@click.option("--file", "file", type=_FILE, help="A text file to check it against; needs no archive.")
@click.option("--date", "published", type=click.DateTime(["%Y-%m-%d"]), help="With --file: the day of the text.")
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as one JSON object.")
@click.option(
    "--batch",
    type=_FILE,
    help="Check the claims of a .jsonl file: {id, evidence: a text or a list of sentences, claim, date if you like}.",
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Where --batch writes its verdicts.")
@archive_option
def check_claim(
    claim: str | None,
    article: str | None,
    file: Path | None,
    published: datetime | None,
    as_json: bool,
    batch: Path | None,
    out: Path | None,
    archive: Path | None,
) -> None:
    """Say whether CLAIM is supported, in part, contradicted or not supported, how sure that is, and why.

    Of a long text, the sentences that hold most of the claim's words are looked at; they are printed with the verdict.
    With --batch, many claims; a run that was stopped goes on where it stopped.
    """
    if (claim is None) == (batch is None):
        raise click.UsageError("give either a CLAIM or --batch FILE")
    if batch is not None:
        if out is None or article or file:
            raise click.UsageError("--batch goes with --out, and without --article and --file")
        _check_batch(batch, out)
        return
    if (article is None) == (file is None):
        raise click.UsageError("say what to check it against: --article or --file")
    if claim is None or not claim.strip():
        raise BadInputError("the claim is empty: give a sentence")
    evidence = _of_file(claim, file, published) if file is not None else _of_article(claim, str(article), archive)
    verdict = _checked([(claim, evidence)])[0]
    if as_json:
        click.echo(json.dumps({**asdict(verdict), "evidence": evidence.sentences}, ensure_ascii=False))
    else:
        click.echo(_told(verdict, evidence), nl=False)


def _of_file(claim: str, file: Path, published: datetime | None) -> "Evidence":
    from index.decoding import UndecodableError, decode
    from qa.claim_source import article_of, evidence_for, sentences_of

    try:
        text = decode(file.read_bytes())
    except (OSError, UndecodableError) as error:
        raise BadInputError(f"{file}: {error}") from error
    if not text.strip():
        raise BadInputError(f"{file}: there is no text in it")
    article = article_of(text, published.date() if published else None)
    return evidence_for(claim, sentences_of(article), article.info)


def _of_article(claim: str, name: str, folder: Path | None) -> "Evidence":
    from index.settings import settings_from
    from qa.claim_source import evidence_for, sentences_of
    from ui.opening import open_archive

    archive = open_archive(settings_from(archive=folder).archive)
    try:
        article = archive.article(find_article(archive, name))
    finally:
        archive.close()
    return evidence_for(claim, sentences_of(article), article.info)


def _checked(pairs: "Sequence[tuple[str, Evidence]]") -> "list[Verdict]":
    from qa.grounding import load_checker

    return load_checker().check_all(pairs)


def _told(verdict: "Verdict", evidence: "Evidence") -> str:
    sure = "" if verdict.score is None else f" ({verdict.score:.2f})"
    lines = [f"{verdict.label}{sure}", *(f"- {reason}" for reason in verdict.reasons), "", "Checked against:"]
    return "\n".join([*lines, *(f"  {sentence}" for sentence in evidence.sentences)]) + "\n"


@dataclass(frozen=True, slots=True)
class _Pair:
    """One line of a batch file."""

    name: str
    claim: str
    evidence: "Evidence"


def _check_batch(batch: Path, out: Path) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    pairs = list(_read_pairs(batch))
    done = _finished(out)
    waiting = [pair for pair in pairs if pair.name not in done]
    console = Console(stderr=True)
    columns = (TextColumn("claims"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with (
        Progress(*columns, console=console, disable=not console.is_terminal) as bars,
        out.open("a", encoding="utf-8") as lines,
    ):
        task = bars.add_task("", total=len(pairs), completed=len(pairs) - len(waiting))
        for first in range(0, len(waiting), AT_A_TIME):
            chunk = waiting[first : first + AT_A_TIME]
            verdicts = _checked([(pair.claim, pair.evidence) for pair in chunk])
            for pair, verdict in zip(chunk, verdicts, strict=True):
                lines.write(json.dumps({"id": pair.name, **asdict(verdict)}, ensure_ascii=False) + "\n")
            lines.flush()
            bars.advance(task, len(chunk))
    console.print(f"{len(pairs)} claims, {len(waiting)} checked now, all in {out}", markup=False)


def _read_pairs(path: Path) -> Iterator[_Pair]:
    from qa.claim_source import article_of, evidence_for, sentences_of

    seen: set[str] = set()
    for line in read_lines(path):
        name, claim = _name(line), line.text("claim")
        if name in seen:
            raise BadInputError(f"{line.where}: the id {name} stands twice")
        seen.add(name)
        published = line.day("date") if line.has("date") else None
        listed = isinstance(line.fields.get("evidence"), list)
        told = line.texts("evidence") if listed else ()
        article = article_of(" ".join(told) if listed else line.text("evidence"), published)
        yield _Pair(name, claim, evidence_for(claim, told or sentences_of(article), article.info))


def _name(line: Line) -> str:
    value = line.fields.get("id")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return line.text("id")


def _finished(out: Path) -> set[str]:
    """The claims already checked; cuts off a last line that a kill left unfinished."""
    if not out.exists():
        return set()
    text = out.read_bytes()
    whole = text[: text.rfind(b"\n") + 1]
    if whole != text:
        out.write_bytes(whole)
    return {_name(line) for line in read_lines(out)} if whole.strip() else set()
