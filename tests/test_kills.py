"""`copydesk add` killed at any moment: nothing that was there is lost, and the next command repairs the rest by itself.

In the gate a few kills of a process with a stand-in for the model's weights; `make test-slow` kills the real program
fifty times.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from support import FakeEmbedder, made_up_articles, made_up_text, make_archive

from index.archive import Archive
from index.check import check_article, check_stores
from index.embedding import Embedder, load_embedder
from index.records import Article, Filters
from index.settings import IndexSettings
from index.vectors import CHROMA_FOLDER, VectorIndex
from ui.opening import prepare_for_questions

HERE = Path(__file__).parent
LARGEST_FILE = 200_000_000  # bytes; a Chroma that was killed has been seen to write 75 GB
# Enough passages for Chroma to save its graph, so that it can be killed while it does.
ARTICLES, SENTENCES = 300, 60
STAND_IN = """
import sys
import index.embedding
from support import FakeEmbedder
index.embedding.load_embedder = lambda *_, **__: FakeEmbedder()
from ui.cli import main
main(sys.argv[1:])
"""

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL on this platform")


@dataclass(frozen=True)
class Program:
    """How to run copydesk, and the embedder that it runs with."""

    command: Sequence[str]
    embedder: Embedder


def limit_files() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))


def write_news(folder: Path, attempt: int) -> None:
    """Fifteen articles that have changed since the last attempt, and a hundred that are new."""
    changed = [(f"https://news.example/{n}", f"Version {attempt} of {n}. It rained.") for n in range(15)]
    new = [(f"https://news.example/{attempt}/{n}", made_up_text(1_000 * attempt + n, 16)) for n in range(100)]
    lines = [json.dumps({"url": url, "text": text}) for url, text in changed + new]
    (folder / "news.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def kill_once(program: Program, archive: Archive, news: Path, chance: random.Random, moment: str) -> dict[str, Article]:
    """Start adding and kill it; returns the articles that any reader could have seen just before."""
    environment = {**os.environ, "PYTHONPATH": f"{HERE}:{HERE.parent}", "OMP_NUM_THREADS": "1"}
    command = [*program.command, "--archive", str(archive.folder), "add", str(news)]
    before, generations = archive.data_version(), generation_folders(archive)
    wanted = chance.randint(1, 3)
    running = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=limit_files
    )
    try:
        while running.poll() is None:
            commits = archive.data_version() - before
            if {
                "at the start": True,
                "between commits": commits >= wanted,
                "in Chroma": generation_folders(archive) != generations,
            }[moment]:
                break
            time.sleep(0.02)
        time.sleep(chance.random() * {"at the start": 3.0, "between commits": 0.3, "in Chroma": 1.0}[moment])
        seen = {info.article_id: archive.article(info.article_id) for info in archive.infos()}
    finally:
        running.kill()
        running.wait()
    return seen


def generation_folders(archive: Archive) -> list[str]:
    return sorted(path.name for path in (archive.folder / CHROMA_FOLDER).glob("*"))


def show_that_kills_lose_nothing(
    program: Program, folder: Path, kills: int, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(4)
    (folder / "news").mkdir()
    repaired = 0
    with closing(make_archive(folder / "archive", made_up_articles(ARTICLES, SENTENCES), program.embedder)) as archive:
        assert any((archive.folder / CHROMA_FOLDER).glob("*/*/index_metadata.pickle"))
        for attempt in range(kills):
            write_news(folder / "news", attempt)
            moment = ("in Chroma", "between commits", "in Chroma", "at the start")[attempt % 4]
            seen = kill_once(program, archive, folder / "news", chance, moment)
            after = {info.article_id: archive.article(info.article_id) for info in archive.infos()}
            assert seen.keys() <= after.keys()
            assert all(after[key] == seen[key] or archive.versions(key)[-1] != seen[key].version for key in seen)
            # Found before anything is repaired,
            with closing(VectorIndex(archive)) as vectors:
                hits = vectors.search(program.embedder.embed(["It rained."])[0], 10, Filters())
                assert len(archive.passages([key for key, _ in hits])) == 10
            # and repaired by the next command, whichever it is, which says so in one line.
            prepare_for_questions(IndexSettings(archive.folder))
            said = capsys.readouterr().err
            assert said.count("\n") == bool(said)
            repaired += "from the stored vectors" in said
            assert check_stores(archive) == []
        problems = [line for info in archive.infos() for line in check_article(archive, info.article_id)[1]]
        assert problems == []
    assert repaired >= kills // 4


@pytest.mark.timeout(1800)  # half a minute of work, but mostly starts of processes, which a busy machine drags out
def test_killed_at_any_moment(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    show_that_kills_lose_nothing(
        Program([sys.executable, "-c", STAND_IN], FakeEmbedder()), tmp_path, kills=8, capsys=capsys
    )


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_the_real_program_killed_at_fifty_moments(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = Path(sys.executable).with_name("copydesk")
    show_that_kills_lose_nothing(Program([str(program)], load_embedder()), tmp_path, kills=50, capsys=capsys)
