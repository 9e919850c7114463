"""Four writers over a set of questions: asked one after the other, kept as they come, and measured in the end."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console

from eval import store
from eval.aggregate import ALL
from eval.asking import Dialogues
from eval.confidence import Interval, median_interval, ratio_interval
from eval.records import EvalQuestion, MetricValue, QuestionSet
from eval.run import progress_bars, require_a_set, settings_of
from eval.score_answers import answer_parts
from eval.writers import LIAR, WRITERS, AllWriters, AskedOfAll, Writer, asked_from_json, asked_to_json, failed
from eval.written_sentences import SHARES, WRITTEN_METRICS, Part, written_parts
from index.errors import BadInputError, CopydeskError
from qa.assistant import Assistant

SCHEMA_VERSION = "writers 1"
LINES = "writers.jsonl"
LATENCY, SENTENCES, LIES = "latency_p50_ms", "sentences_per_answer", "lies_shown"
_JUDGED = ("groundedness", "citation_recall", "citation_precision", "citation_coverage", "citation_validity")
METRICS: tuple[str, ...] = (
    *_JUDGED,
    "contradicted",
    "answer_in_text",
    "answer_f1",
    "refused",
    "refusal_recall",
    "wrongly_refused",
    SENTENCES,
    *WRITTEN_METRICS,
    LIES,
    LATENCY,
)
# What is counted behind a gate, by the field of WrittenSentences.
_COUNTED = {
    "by the model": "total",
    **{field: field for field in SHARES.values()},
    "answers quoted instead": "quoted_instead",
    "marks astray": "astray",
}
# So many questions in a row with an error that its user can mend: it is not the questions' fault.
_HOPELESS = 5


def run_writers(
    assistant: Assistant,
    writers: AllWriters,
    question_set: QuestionSet,
    out: Path,
    *,
    asked: Mapping[str, object],
    seed: int = 0,
    console: Console | None = None,
) -> dict[str, Any]:
    """Ask every question of all writers, keep the answers in `out`, return the metrics.

    A folder made with other settings is refused (BadInputError). What is there already is not asked again; failed
    questions are. A CopydeskError on every question, or on five in a row, is raised, but for a BadInputError: that a
    question can't be asked is its own failure.
    """
    require_a_set(question_set)
    store.claim(out, settings_of(assistant.archive, question_set, {**asked, "seed": seed, "writers": list(WRITERS)}))
    log = _Log(out / LINES)
    done = log.resume()
    dialogues = Dialogues(assistant, (*question_set.dialogues, *question_set.questions))
    waiting = [question for question in question_set.questions if question.question_id not in done]
    hopeless, in_a_row = min(_HOPELESS, len(question_set.questions)), 0
    with progress_bars(console) as progress:
        task = progress.add_task("questions", total=len(question_set.questions), completed=len(done))
        for question in waiting:
            one, cause = _ask(writers, dialogues, question)
            log.append(one)
            done[question.question_id] = one
            if not isinstance(cause, BadInputError):
                in_a_row = in_a_row + 1 if isinstance(cause, CopydeskError) else 0
            if in_a_row == hopeless and cause is not None:
                raise cause
            progress.advance(task)
    every = [done[question.question_id] for question in question_set.questions]
    document = document_of(question_set.name, {**asked, "seed": seed}, every, seed)
    store.write_whole(out / store.METRICS, store.dump(document, indent=2) + "\n")
    return document


def _ask(writers: AllWriters, dialogues: Dialogues, question: EvalQuestion) -> tuple[AskedOfAll, Exception | None]:
    try:
        one, quoted = writers.ask(question, dialogues.before(question))
        dialogues.add(question, quoted)
        store.dump(asked_to_json(one)).encode("utf-8")  # half a character is this question's failure, and shows here
    except Exception as error:  # a crash on one question of hundreds is a result of its own, and is counted as one
        return failed(question, error), error
    return one, None


class _Log:
    """writers.jsonl: a line a question, as they come."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def resume(self) -> dict[str, AskedOfAll]:
        """The answers so far, by question. A last line cut short, and questions that failed, are dropped."""
        if not self._path.exists():
            return {}
        raw = self._path.read_bytes()
        whole = raw[: raw.rfind(b"\n") + 1].splitlines(keepends=True)
        found = {}
        kept = []
        for number, line in enumerate(whole, start=1):
            one = _read(line, f"{self._path}:{number}")
            if one.error is None and one.question_id not in found:
                found[one.question_id] = one
                kept.append(line)
        if b"".join(kept) != raw:
            temporary = self._path.with_name(self._path.name + ".part")
            temporary.write_bytes(b"".join(kept))
            temporary.replace(self._path)
        return found

    def append(self, one: AskedOfAll) -> None:
        with self._path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(store.dump(asked_to_json(one)) + "\n")


def read_asked(out: Path) -> tuple[AskedOfAll, ...]:
    """The questions of a finished run that didn't fail. Raises BadInputError where there is none."""
    if not (out / store.METRICS).is_file() or not (out / LINES).is_file():
        raise BadInputError(f"{out} holds no finished run of 'copydesk eval writers --out {out}': make or finish it")
    lines = (out / LINES).read_bytes().splitlines()
    found = (_read(line, f"{out / LINES}:{number}") for number, line in enumerate(lines, start=1))
    return tuple(one for one in found if one.error is None)


def _read(line: bytes, where: str) -> AskedOfAll:
    try:
        return asked_from_json(json.loads(line))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInputError(f"{where}: not a line of this eval ({error}): delete it to ask again") from error


def document_of(dataset: str, asked: Mapping[str, object], every: Sequence[AskedOfAll], seed: int) -> dict[str, Any]:
    """What metrics.json holds."""
    refused = sum(one.refusal is not None for one in every)
    errors = [{"question_id": one.question_id, "error": one.error} for one in every if one.error is not None]
    return {
        "schema_version": SCHEMA_VERSION,
        "dataset": dataset,
        "asked": dict(asked),
        "counts": {
            "questions": len(every),
            "answered": len(every) - refused - len(errors),
            "refused": refused,
            "failed": len(errors),
        },
        "writers": {
            writer: {
                "metrics": [asdict(value) for value in metric_values(every, writer, seed)],
                "sentences": sentence_counts(every, writer),
            }
            for writer in WRITERS
        },
        "lies": lie_counts(every),
        "failures": errors,
    }


def metric_values(every: Sequence[AskedOfAll], writer: Writer, seed: int) -> tuple[MetricValue, ...]:
    """Every metric of one writer with its interval, questions resampled."""
    parts = [question_parts(one, writer) for one in every]
    values = []
    for name in METRICS:
        if name == LATENCY:
            times = [one.answers[writer].milliseconds for one in every if one.answers and one.refusal is None]
            values.append(_value(name, median_interval(times, seed), len(every) - len(times)))
        else:
            known = [found[name] for found in parts if name in found]
            values.append(_value(name, ratio_interval(known, seed), len(every) - len(known)))
    return tuple(values)


def _value(name: str, told: Interval, unscorable: int) -> MetricValue:
    return MetricValue(name, ALL, told.value, told.low, told.high, told.n, unscorable)


def question_parts(one: AskedOfAll, writer: Writer) -> Mapping[str, Part]:
    """What a question adds to each metric of a writer but the latency: a sum, and the number of units it is over."""
    scored = one.scored(writer)
    if scored is None or one.answers is None:
        return {}
    answer = one.answers[writer]
    parts = dict(answer_parts(scored))
    parts["refused"] = parts.pop("abstained")
    if one.answerable is not None:
        parts["wrongly_refused" if one.answerable else "refusal_recall"] = parts["refused"]
    if one.refusal is None:
        parts[SENTENCES] = (float(len(answer.sentences)), 1)
    parts |= written_parts(answer.written)
    if writer == LIAR and one.lies:
        parts[LIES] = (float(sum(lie.shown for lie in one.lies)), len(one.lies))
    return parts


def sentence_counts(every: Sequence[AskedOfAll], writer: Writer) -> dict[str, int | None]:
    """How many sentences were shown, how many of them in a model's words, and what became of those behind a gate; None
    where there is no gate.
    """
    answers = [one.answers[writer] for one in every if one.answers is not None]
    counts = [answer.written for answer in answers if answer.written is not None]
    shown = [sentence for answer in answers for sentence in answer.sentences]
    found: dict[str, int | None] = {"shown": len(shown), "shown, in a model's words": sum(s.written for s in shown)}
    for name, field in _COUNTED.items():
        found[name] = sum(getattr(one, field) for one in counts) if counts else None
    return found


def lie_counts(every: Sequence[AskedOfAll]) -> dict[str, dict[str, int]]:
    """Of each kind of lie, how many were told and how many of these shown."""
    found: dict[str, dict[str, int]] = {}
    for lie in (lie for one in every for lie in one.lies):
        counts = found.setdefault(lie.told.kind, {"told": 0, "shown": 0})
        counts["told"] += 1
        counts["shown"] += lie.shown
    return dict(sorted(found.items()))
