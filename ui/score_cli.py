"""`copydesk eval score`: the answers of any system, judged as copydesk's own are."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ui.options import judge_options

if TYPE_CHECKING:
    from eval.records import MetricValue
    from eval.score_answers import ScoredAnswer


@click.command("score", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("answers", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="A folder for metrics and verdicts.")
@judge_options
@click.option("--seed", type=int, default=0, show_default=True, help="For the intervals.")
def score_command(answers: Path, out: Path | None, judge: str, folder: Path | None, seed: int) -> None:
    """Score the answers of any system: does what each sentence cites support it?

    ANSWERS has a JSON object a line: question_id, question, text (the answer, with marks such as [1]; "" where the
    system abstained), passages (texts, or objects with text, title and date) and, where known, answers (the right
    ones). A file that 'copydesk ask --batch' wrote can be scored too.
    """
    from eval.foreign_answers import load_answers
    from eval.judges import load_judge
    from eval.score_answers import metric_values, score_answer
    from ui.progress import counting

    loaded = load_answers(answers)
    chosen = load_judge(judge, folder)
    scored = []
    with counting("answers", len(loaded)) as advance:
        for answer in loaded:
            scored.append(score_answer(answer, chosen))
            advance(1)
    values = metric_values(scored, seed)
    for line in _told(scored, values, judge):
        click.echo(line)
    if out is not None:
        _write(out, scored, values, judge)


def _told(scored: "Sequence[ScoredAnswer]", values: "Sequence[MetricValue]", judge: str) -> list[str]:
    from eval.layout import table
    from ui.render import counted

    sentences = sum(len(one.judged) for one in scored)
    rows = [(value.name, _interval(value), str(value.n), str(value.unscorable)) for value in values]
    return [
        f"{counted(len(scored), 'answer')}, {counted(sentences, 'sentence')}",
        "",
        *table(("metric", "value", "n", "unscorable"), rows),
        "",
        f"The judge ({judge}) errs itself: 'copydesk eval agreement' says how often. To copydesk's checker, a sentence",
        "that quotes what it cites is supported by definition. Intervals: 95 %, answers resampled. n counts sentences,",
        "citations or answers; unscorable answers are those a metric says nothing about.",
    ]


def _interval(value: "MetricValue") -> str:
    if value.value is None or value.low is None or value.high is None:
        return "-"
    return f"{100 * value.value:.1f} % [{100 * value.low:.1f}, {100 * value.high:.1f}]"


def _write(out: Path, scored: "Sequence[ScoredAnswer]", values: "Sequence[MetricValue]", judge: str) -> None:
    from index.errors import BadInputError

    lines = [json.dumps(_line(one), ensure_ascii=False) for one in scored]
    document = {"judge": judge, "answers": len(scored), "metrics": [asdict(value) for value in values]}
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / "verdicts.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        (out / "metrics.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise BadInputError(f"{out}: can't be written to ({error.strerror or error})") from error


def _line(scored: "ScoredAnswer") -> dict[str, object]:
    sentences = [
        {"text": statement.text, "cites": [place + 1 for place in statement.cited], **asdict(verdict), **asdict(judged)}
        for statement, verdict, judged in zip(scored.answer.statements, scored.verdicts, scored.judged, strict=True)
    ]
    return {"question_id": scored.answer.question_id, "sentences": sentences}
