"""A run of the eval killed at any moment: going on gives what an uninterrupted run gives.

In the gate a stand-in answers, killed at every single write and a few times from outside; `make test-slow` kills the
real program twenty times, with its models over the sample articles.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from eval.golden_set import load_golden
from eval.records import EvalQuestion, QuestionSet
from eval.run import run_eval
from eval.store import read_metrics
from index.archive import Archive
from index.build import add_articles
from index.embedding import load_embedder
from index.loaders import load_paths, sample_paths
from qa.records import Answer
from tests.eval_support import ARTICLES, DAY, REFUSED, FakeAnswerer, answered
from tests.support import make_archive

HERE = Path(__file__).parent
# What comes out the same each time. timings.jsonl, cost.json and summary.md, which tells the cost, don't.
WITHOUT_TIMES = ("answers.jsonl", "metrics.json", "settings.json")

KINDS: tuple[Answer, ...] = (answered("flood", 0, short="4.2 metres"), answered("fair", 1, 0), REFUSED)
QUESTIONS = tuple(
    EvalQuestion(f"q{n}", f"Question {n}?", DAY, ("4.2 metres",), slices=(f"slice {n % 2}",)) for n in range(12)
)
ANSWERS: dict[str, Answer | BaseException] = {
    question.question: KINDS[place % len(KINDS)] for place, question in enumerate(QUESTIONS)
}
FEW = QuestionSet("few", QUESTIONS[:3])

# Each question is written down before it is asked. argv: archive, out, log.
STAND_IN = """
import sys, time
from pathlib import Path
from eval.records import QuestionSet
from eval.run import run_eval
from index.archive import Archive
from tests.eval_support import FakeAnswerer
from tests.test_eval_kills import ANSWERS, QUESTIONS

class Slow(FakeAnswerer):
    def ask(self, question, *, forced=False, **rest):
        if not forced:
            with Path(sys.argv[3]).open("a") as log:
                print(question, file=log)
            time.sleep(0.05)
        return super().ask(question, forced=forced, **rest)

run_eval(Slow(Archive(Path(sys.argv[1])), ANSWERS), QuestionSet("many", QUESTIONS), Path(sys.argv[2]), asked={})
"""
# argv: log, then the command line's own.
REAL = """
import sys
from pathlib import Path
from qa.assistant import Assistant

ask, log = Assistant.ask, Path(sys.argv.pop(1))

def logged(self, question, *, forced=False, **rest):
    if not forced:
        with log.open("a") as file:
            print(question, file=file)
    return ask(self, question, forced=forced, **rest)

Assistant.ask = logged
from ui.cli import main
main(sys.argv[1:])
"""


class Killed(BaseException):
    """Nothing catches it, as nothing catches SIGKILL."""


class DiesWriting:
    """Counts what is written, renamed and removed, and dies at one of those: before it, after it, or halfway."""

    def __init__(self, at: int | None = None, how: str = "before") -> None:
        self.at, self.how, self.count = at, how, 0

    def install(self, patch: pytest.MonkeyPatch) -> None:
        for name in ("write_text", "write_bytes", "replace", "unlink"):
            patch.setattr(Path, name, self._dying(name, getattr(Path, name)))
        opened = Path.open

        def open_dying(path: Path, mode: str = "r", *args: Any, **options: Any) -> Any:
            file = opened(path, mode, *args, **options)
            if mode == "a":
                file.write = self._dying("write", file.write)
            return file

        patch.setattr(Path, "open", open_dying)

    def _dying(self, name: str, true: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            self.count += 1
            if self.count - 1 != self.at:
                return true(*args, **options)
            if self.how == "after":
                true(*args, **options)
            elif self.how == "halfway" and name.startswith("write"):
                *path, content = args
                true(*path, content[: len(content) // 2], **options)
            raise Killed

        return call


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    opened = make_archive(tmp_path_factory.mktemp("archive"), ARTICLES.values())
    yield opened
    opened.close()


def test_killed_at_every_write(archive: Archive, tmp_path: Path) -> None:
    counting = DiesWriting()
    with pytest.MonkeyPatch.context() as patch:
        counting.install(patch)
        run_eval(FakeAnswerer(archive, ANSWERS), FEW, tmp_path / "whole", asked={})
    # Two for each question, two for each file that is written whole, and one makes an old metrics.json go.
    assert counting.count == 2 * len(FEW.questions) + 2 * 4 + 1
    for at in range(counting.count):
        for how in ("before", "halfway", "after"):
            out = tmp_path / f"{how} {at}"
            first, again = FakeAnswerer(archive, ANSWERS), FakeAnswerer(archive, ANSWERS)
            with pytest.MonkeyPatch.context() as patch:
                DiesWriting(at, how).install(patch)
                with pytest.raises(Killed):
                    run_eval(first, FEW, out, asked={})
            if (out / "metrics.json").exists():
                read_metrics(out)  # with its cost
            run_eval(again, FEW, out, asked={})
            assert len(first.questions) + len(again.questions) <= len(FEW.questions) + 1, (at, how)
            for name in (*WITHOUT_TIMES, "timings.jsonl"):  # these answers say themselves how long they took
                assert (out / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), (at, how, name)


@pytest.mark.parametrize("cut", [1, 25, -1])
def test_times_that_were_lost_cost_nothing_else(archive: Archive, tmp_path: Path, cut: int) -> None:
    out, whole = tmp_path / "out", tmp_path / "whole"
    for folder in (out, whole):
        run_eval(FakeAnswerer(archive, ANSWERS), FEW, folder, asked={})
    lines = (out / "timings.jsonl").read_bytes().splitlines(keepends=True)
    (out / "timings.jsonl").write_bytes(lines[0] + b"\x00 no line\n" + lines[1][:cut])
    (out / "answers.jsonl").write_bytes(b"".join((out / "answers.jsonl").read_bytes().splitlines(keepends=True)[:2]))
    document = run_eval(FakeAnswerer(archive, ANSWERS), FEW, out, asked={})
    assert [json.loads(line)["question_id"] for line in (out / "timings.jsonl").read_text().splitlines()] == (
        ["q0", "q1", "q2"] if cut == -1 else ["q0", "q2"]
    )
    assert document["cost"]["timings"]["total"]["n"] == (3 if cut == -1 else 2)
    for name in WITHOUT_TIMES:
        assert (out / name).read_bytes() == (whole / name).read_bytes()


def test_a_run_with_questions_left_is_no_finished_one(archive: Archive, tmp_path: Path) -> None:
    out = tmp_path / "out"
    failing: dict[str, Answer | BaseException] = {**ANSWERS, "Question 1?": RuntimeError("out of luck")}
    run_eval(FakeAnswerer(archive, failing), FEW, out, asked={})
    with pytest.raises(KeyboardInterrupt):
        run_eval(FakeAnswerer(archive, {**ANSWERS, "Question 1?": KeyboardInterrupt()}), FEW, out, asked={})
    assert not (out / "metrics.json").exists()


@dataclass(frozen=True)
class Program:
    """How to run the eval into a folder. `longest` seconds are about what a question takes."""

    command: Sequence[str]
    out: Path
    log: Path
    questions: int
    longest: float

    def start(self) -> "subprocess.Popen[bytes]":
        environment = {**os.environ, "PYTHONPATH": f"{HERE.parent}:{HERE}"}
        return subprocess.Popen(self.command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def asked(self) -> list[str]:
        return self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []

    def answered(self) -> list[str]:
        path = self.out / "answers.jsonl"
        lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
        return [json.loads(line)["question"] for line in lines if line.endswith(b"\n")]

    def finish(self) -> None:
        running = self.start()
        said = running.communicate()[1].decode(errors="replace")
        assert running.returncode == 0, said[-2000:]


def kill_once(program: Program, chance: random.Random, *, at_the_end: bool) -> bool:
    """Start the run and kill it; False where it was done before."""
    before, wanted = len(program.asked()), chance.choice((0, 1, 1, 2))
    running = program.start()
    try:
        while running.poll() is None:
            done = len(program.answered())
            if done == program.questions if at_the_end else len(program.asked()) - before >= wanted:
                break
            time.sleep(0.005)
        time.sleep(chance.random() * program.longest)
        return running.poll() is None
    finally:
        running.kill()
        running.communicate()


def show_that_kills_change_nothing(program: Program, whole: Path, kills: int) -> None:
    chance = random.Random(9)
    done = 0
    for attempt in range(3 * kills):
        if done == kills:
            break
        asked_before = len(program.asked())
        done += kill_once(program, chance, at_the_end=done >= kills - max(1, kills // 5))
        # Whatever was asked is written down, but for what was being asked.
        missing = set(program.asked()[asked_before:-1]) - set(program.answered())
        assert not missing, (attempt, missing)
    program.finish()
    assert done >= kills * 3 // 4, "hardly any kill came before the end: this showed nothing"
    assert len(set(program.asked())) == program.questions
    assert len(program.asked()) <= program.questions + done
    for name in WITHOUT_TIMES:
        assert (program.out / name).read_bytes() == (whole / name).read_bytes(), name
    times = [json.loads(line) for line in (program.out / "timings.jsonl").read_text(encoding="utf-8").splitlines()]
    answers = [json.loads(line) for line in (program.out / "answers.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [one["question_id"] for one in times] == [one["question_id"] for one in answers]
    assert all("total" in one["timings"] for one in times)


needs_kill = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL on this platform")


@needs_kill
def test_killed_from_outside(archive: Archive, tmp_path: Path) -> None:
    command = [sys.executable, "-c", STAND_IN, str(archive.folder)]
    whole, out, log = tmp_path / "whole", tmp_path / "out", tmp_path / "log"
    Program([*command, str(whole), str(tmp_path / "other log")], whole, log, len(QUESTIONS), 0.1).finish()
    program = Program([*command, str(out), str(log)], out, log, len(QUESTIONS), 0.1)
    show_that_kills_change_nothing(program, whole, kills=5)


@needs_kill
@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_the_real_program_killed_at_twenty_moments(tmp_path: Path) -> None:
    with closing(Archive(tmp_path / "archive")) as made:
        add_articles(made, load_embedder(), load_paths(sample_paths()))
    questions = [one for one in load_golden("golden:open").questions if one.dialogue is None][:40]
    lines = [
        {"question_id": one.question_id, "question": one.question, "answers": list(one.gold_answers)}
        for one in questions
    ]
    dataset = tmp_path / "few.jsonl"
    dataset.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")

    def command(out: Path, log: Path, *options: str) -> list[str]:
        run = ["eval", "run", "--dataset", str(dataset), "--asked-on", "2026-04-20", "--out", str(out), *options]
        return [sys.executable, "-c", REAL, str(log), *run, "--archive", str(tmp_path / "archive")]

    whole, out, log = tmp_path / "whole", tmp_path / "out", tmp_path / "log"
    other = tmp_path / "other log"
    Program(command(whole, other, "--no-cache"), whole, other, len(questions), 2.0).finish()
    show_that_kills_change_nothing(Program(command(out, log), out, log, len(questions), 2.0), whole, kills=20)
