"""`copydesk ask`: one question, or a file of them."""

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from index.records import ArticleInfo, Filters
from ui.opening import prepare_for_questions
from ui.options import archive_option, as_day, filter_options, llm_option, make_filters, reader_options

if TYPE_CHECKING:
    from qa.assistant import Assistant
    from qa.records import Answer, Citation, Generation
    from qa.settings import Settings


@click.command()
@click.argument("question", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the answer as one JSON object.")
@click.option("--asked-on", type=click.DateTime(["%Y-%m-%d"]), help="The day 'last week' counts from. Default: today.")
@click.option("--search", type=click.Choice(["hybrid", "dense", "lexical"]), help="How passages are found.")
@click.option(
    "--batch",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Answer the questions of a .jsonl file: {question, and if you like question_id, asked_on, dialogue} a line.",
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Where --batch writes its answers.")
@reader_options
@llm_option
@filter_options
@archive_option
def ask(
    question: str | None,
    as_json: bool,
    asked_on: datetime | None,
    search: str | None,
    reader: str | None,
    reader_threshold: float | None,
    llm: str | None,
    batch: Path | None,
    out: Path | None,
    outlets: tuple[str, ...],
    first: datetime | None,
    last: datetime | None,
    archive: Path | None,
) -> None:
    """Answer QUESTION from the articles, or say that they don't answer it.

    With --batch, many questions with the models loaded once; a run that was stopped goes on where it stopped.
    """
    from qa.settings import load_settings

    if (question is None) == (batch is None):
        raise click.UsageError("give either a QUESTION or --batch FILE")
    if (batch is None) != (out is None):
        raise click.UsageError("--batch and --out go together")
    filters = make_filters(outlets, first, last)
    assistant = _open(load_settings(archive, search, reader=reader, reader_threshold=reader_threshold, llm=llm))
    if batch is not None and out is not None:
        from ui.batch import answer_batch

        answer_batch(assistant, batch, out, asked_on=as_day(asked_on), filters=filters)
    elif question is not None:
        _answer_one(assistant, question, asked_on, filters, as_json)


def _open(settings: "Settings") -> "Assistant":
    from rich.console import Console

    from qa.assistant import open_assistant

    prepare_for_questions(settings.index)
    with Console(stderr=True).status("Loading the models …"):
        return open_assistant(settings)


def _answer_one(
    assistant: "Assistant", question: str, asked_on: datetime | None, filters: Filters, as_json: bool
) -> None:
    answer = assistant.ask(question, asked_on=as_day(asked_on), filters=filters)
    if as_json:
        from qa.serialize import answer_to_json

        click.echo(json.dumps(answer_to_json(answer), ensure_ascii=False, allow_nan=False))
    else:
        click.echo(as_text(answer))


def as_text(answer: "Answer") -> str:
    """An answer for the terminal: sentences with numbered marks, then what each number stands for."""
    lines: list[str] = []
    if answer.understood_as is not None:
        lines.append(f"(understood as: {answer.understood_as})")
    if answer.period is not None:
        lines.append(f"(“{answer.period.words}” read as {answer.period.first} to {answer.period.last})")
    if answer.undated_left_out:
        lines.append(f"({answer.undated_left_out} undated articles left out by the date filter)")
    if answer.short_answer:
        lines += [answer.short_answer, ""]
    if answer.generation is not None:
        lines += [*_about_generation(answer.generation), ""]
    citations: list[Citation] = []
    for sentence in answer.sentences:
        marks = "".join(
            f"[{number}]" for number in range(len(citations) + 1, len(citations) + 1 + len(sentence.citations))
        )
        citations += sentence.citations
        sources, articles = answer.source_count(sentence), len(sentence.citations)
        copies = f" ({sources} source{'s' if sources > 1 else ''}, {articles} articles)" if sources < articles else ""
        lines.append(f"{sentence.text} {marks}{copies}")
    if answer.refusal is not None:
        lines.append(answer.refusal.message)
        citations = list(answer.refusal.nearest)
        if citations:
            lines += ["", "Closest, but not an answer:"]
            lines += [f"[{number}] {' '.join(c.quote.split())}" for number, c in enumerate(citations, start=1)]
    if citations:
        lines.append("")
        lines += [f"[{number}] {_source(citation)}" for number, citation in enumerate(citations, start=1)]
    return "\n".join(lines)


def _about_generation(generation: "Generation") -> list[str]:
    """Who wrote the answer, and how much of what was written isn't in it."""
    lines = [f"(written by {generation.model}, each sentence checked)"] if generation.used else []
    lines += [f"({generation.note})"] if generation.note else []
    fates = Counter(removed.fate for removed in generation.removed)
    if fates:
        told = ", ".join(f"{count} {fate}" for fate, count in sorted(fates.items()))
        lines.append(f"(of what was written, {told}: --json shows what and why)")
    return lines


def _source(citation: "Citation") -> str:
    info: ArticleInfo = citation.article
    parts = [info.outlet, info.published.isoformat() if info.published else None, info.title or info.url]
    named = ", ".join(" ".join(part.split()) for part in parts if part)
    return f"{named or 'untitled'} ({info.article_id}, characters {citation.quote_start}–{citation.quote_end})"
