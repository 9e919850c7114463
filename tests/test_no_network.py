"""Nothing phones home: the commands run where every way off this machine is barred and noted."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest

from index.loaders import sample_paths
from tests.support import heed_ctrl_c

SECONDS_TO_WAIT = 180
# Python runs a module of this name before anything else, in child processes too.
BARRIER = """
import os, sys

def barred(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        host = arguments[0]
    else:
        return
    if isinstance(host, bytes):
        host = host.decode()
    if host in (None, "", "localhost", "::1", "0.0.0.0") or host.startswith("127."):
        return
    with open(os.environ["BARRIER_LOG"], "a") as log:
        log.write(f"{event} {host} by {sys.argv}\\n")
    raise OSError(f"{event} {host} is barred")

sys.addaudithook(barred)
"""
CODE = "import sys; from ui.cli import main; sys.exit(main())"
# What would keep libraries quiet whatever copydesk does.
QUIETING = re.compile(r"COPYDESK_|HF_|GRADIO_|ANONYMIZED_TELEMETRY|DO_NOT_TRACK|TRANSFORMERS_|.*_proxy$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Barred:
    """An environment whose programs can reach nothing but this machine, and the file that tells of what they tried."""

    environment: dict[str, str]
    log: Path
    folder: Path

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-c", CODE, *arguments]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments), env=self.environment, capture_output=True, text=True, check=False
        )

    def attempts(self) -> str:
        return self.log.read_text(encoding="utf-8") if self.log.exists() else ""


@pytest.fixture
def barred(tmp_path: Path) -> Barred:
    (tmp_path / "barrier").mkdir()
    (tmp_path / "barrier" / "sitecustomize.py").write_text(BARRIER, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not QUIETING.match(name)}
    environment |= {
        "PYTHONPATH": str(tmp_path / "barrier"),
        "BARRIER_LOG": str(tmp_path / "attempts.log"),
        "COPYDESK_ARCHIVE": str(tmp_path / "archive"),
        "COPYDESK_CONVERSATIONS": str(tmp_path / "conversations.sqlite3"),
        "HOME": str(tmp_path / "home"),  # no caches of a model hub
    }
    return Barred(environment, tmp_path / "attempts.log", tmp_path)


def test_the_barrier_holds(barred: Barred) -> None:
    for attempt in (
        "import socket; socket.create_connection(('192.0.2.1', 80), 1)",
        "import urllib.request; urllib.request.urlopen('http://example.org')",
        "import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', "
        "'import socket; socket.gethostbyname(\"example.org\")']))",
    ):
        done = subprocess.run(
            [sys.executable, "-c", attempt], env=barred.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode != 0
        assert "is barred" in done.stderr
    assert len(barred.attempts().splitlines()) == 3


def test_adding_and_asking_stay_on_this_machine(barred: Barred) -> None:
    page = barred.folder / "page.html"
    prose = '<p>The ferry to Skerra will sail twice a day, the harbour office said.</p><img src="http://192.0.2.1/a">'
    page.write_text(f"<html><body><article>{prose * 3}</article></body></html>", encoding="utf-8")
    added = barred.run("add", *map(str, sample_paths()), str(page))
    assert added.stdout.startswith("56 added"), added.stderr
    asked = barred.run("ask", "Why will nobody ring the bell?")
    assert "the crack could spread" in asked.stdout, asked.stderr
    assert barred.attempts() == ""


def test_starting_the_chat_stays_on_this_machine(barred: Barred) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = barred.command("chat", "--samples", "--port", str(port))
    serving = subprocess.Popen(
        command, env=barred.environment, stderr=subprocess.PIPE, text=True, preexec_fn=heed_ctrl_c
    )
    try:
        assert serving.stderr is not None
        said = []
        for line in serving.stderr:
            said.append(line)
            if "The chat is at" in line:
                break
        assert said, "the chat said nothing"
        assert "The chat is at" in said[-1], "".join(said)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=SECONDS_TO_WAIT) as page:
            html = page.read().decode()
        serving.send_signal(signal.SIGINT)
        assert serving.wait(SECONDS_TO_WAIT) == 0
    finally:
        serving.kill()
        serving.communicate()
    assert barred.attempts() == ""
    outside = re.findall(r'(?:src|href)=["\']?(?:https?:)?//(?!127\.0\.0\.1|localhost)[^"\'> ]+', html)
    assert outside == []
