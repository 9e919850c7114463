"""`copydesk eval run` killed again and again: what comes of it is what an undisturbed run gives.

`make test-slow` kills the real program twenty times.
"""

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

QUESTIONS = [
    ("wall", "What will the flood wall cost?", ["46 million crowns"]),
    ("bell", "How much does the bell weigh?", ["212 kilograms"]),
    ("why", "Why will nobody ring the bell?", ["the crack could spread"]),
    ("chess", "Who won the chess tournament in Reykjavik?", []),
]
KILLS = 20

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL on this platform")


def start(questions: Path, archive: Path, out: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-c", "from ui.cli import main; main()", "--archive", str(archive), "eval", "run"]
    options = ["--dataset", str(questions), "--asked-on", "2026-04-20", "--out", str(out), "--no-cache"]
    return subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def finish(running: "subprocess.Popen[bytes]") -> None:
    _, errors = running.communicate(timeout=300)
    assert running.returncode == 0, errors.decode()


def answers(out: Path) -> list[dict[str, Any]]:
    """Whole lines, without what differs from one time to the next: the milliseconds."""
    path = out / "answers.jsonl"
    whole = (
        [line for line in path.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")] if path.exists() else []
    )
    return [{name: value for name, value in json.loads(line).items() if name != "timings"} for line in whole]


def kill_in_the_middle(running: "subprocess.Popen[bytes]", out: Path, before: int, lot: random.Random) -> None:
    """Kill it at a random moment after it has answered one more question, or before, while it still loads."""
    wanted = before + lot.choice((0, 1, 1, 1))
    while running.poll() is None and len(answers(out)) < wanted:
        time.sleep(0.01)
    time.sleep(lot.uniform(0, 1.5))
    running.send_signal(signal.SIGKILL)
    running.communicate(timeout=60)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_run_that_is_killed_twenty_times_gives_what_an_undisturbed_one_does(tmp_path: Path) -> None:
    questions, archive = tmp_path / "veld.jsonl", tmp_path / "archive"
    lines = [
        {"question_id": f"{name}-{number}", "question": question, "answers": gold}
        for number in range(KILLS // 2)
        for name, question, gold in QUESTIONS
    ]
    questions.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    samples = Path(__file__).parents[1] / "index" / "samples"
    added = [sys.executable, "-c", "from ui.cli import main; main()", "--archive", str(archive), "add", str(samples)]
    subprocess.run(added, check=True, capture_output=True)
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    finish(start(questions, archive, undisturbed))

    lot = random.Random(20260420)
    for _ in range(KILLS):
        before = answers(killed)
        kill_in_the_middle(start(questions, archive, killed), killed, len(before), lot)
        after = answers(killed)
        assert after[: len(before)] == before, "what was answered is neither lost nor asked again"
    finish(start(questions, archive, killed))
    assert answers(killed) == answers(undisturbed)
    assert (killed / "metrics.json").read_bytes() == (undisturbed / "metrics.json").read_bytes()
