"""One writer at a time, everything or nothing, and what is left when a writer is killed at any moment."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from time import sleep

import pytest
from support import FakeEmbedder, made_up_articles, make_archive, make_article

from index.archive import Archive
from index.build import add_articles, prepare, reindex, remove_articles
from index.check import check_article, check_stores
from index.errors import ArchiveBusyError, ArchiveError
from index.locking import Patience
from index.records import Filters
from index.vectors import VectorIndex
from index.writer import writing

HERE = Path(__file__).parent
FERRY = make_article("The ferry to Brannock was late. Nobody minded.", "https://news.example/ferry")
KILLS = 10


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with closing(make_archive(tmp_path / "archive", [FERRY])) as archive:
        yield archive


def run(code: str, archive: Archive, *arguments: str) -> subprocess.Popen[str]:
    """Run Python code in another process, the archive's folder its first argument."""
    return subprocess.Popen(
        [sys.executable, "-c", code, str(archive.folder), *arguments],
        env={"PYTHONPATH": f"{HERE}:{HERE.parent}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def problems(archive: Archive) -> list[str]:
    found = [problem for info in archive.infos() for problem in check_article(archive, info.article_id)[1]]
    return found + check_stores(archive)


HOLD_THE_LOCK = """
import sys
from pathlib import Path
from index.archive import Archive
from index.writer import writing
with writing(Archive(Path(sys.argv[1]))):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_a_second_writer_is_told_that_the_archive_is_busy(archive: Archive) -> None:
    said: list[str] = []
    patience = Patience(0.1, said.append)
    with run(HOLD_THE_LOCK, archive) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        for write in (
            lambda: add_articles(archive, FakeEmbedder(), [FERRY], patience=patience),
            lambda: remove_articles(archive, [FERRY.article_id], patience),
            lambda: reindex(archive, FakeEmbedder(), patience=patience),
        ):
            with pytest.raises(ArchiveBusyError, match="another copydesk command is writing") as caught:
                write()
            assert "\n" not in str(caught.value)
        assert len(said) == 3
        assert all("waiting up to 0.1 s" in line for line in said)
        assert archive.article(FERRY.article_id) == FERRY
        holder.communicate("\n")
    assert add_articles(archive, FakeEmbedder(), [FERRY]).unchanged == 1


def test_a_second_writer_waits_for_the_first(archive: Archive) -> None:
    with run(HOLD_THE_LOCK, archive) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        holder.stdout.readline()

        def let_go(line: str) -> None:
            assert "waiting up to 60 s" in line
            assert holder.stdin is not None
            holder.stdin.write("\n")
            holder.stdin.flush()

        assert add_articles(archive, FakeEmbedder(), [FERRY], patience=Patience(60, let_go)).unchanged == 1
        holder.communicate()


def test_a_killed_writer_leaves_no_lock_behind(archive: Archive) -> None:
    with run(HOLD_THE_LOCK, archive) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        holder.kill()
    assert add_articles(archive, FakeEmbedder(), [FERRY]).unchanged == 1


def test_a_model_that_was_changed_while_waiting_is_refused(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the wait for the lock and the first write, the archive must be looked at again."""
    from index import build

    real = build.writing

    def writing_after_a_reindexing(opened: Archive, patience: Patience):  # type: ignore[no-untyped-def]
        monkeypatch.setattr(build, "writing", real)
        reindex(opened, FakeEmbedder("other weights"))
        return real(opened, patience)

    monkeypatch.setattr(build, "writing", writing_after_a_reindexing)
    with pytest.raises(ArchiveError, match="copydesk reindex"):
        add_articles(archive, FakeEmbedder(), [make_article("It rained.", "https://news.example/rain")])
    assert archive.article_count() == 1


def test_a_transaction_that_fails_leaves_nothing(archive: Archive) -> None:
    rain = prepare(make_article("It rained.", "https://news.example/rain"), FakeEmbedder().identity)
    before = archive.data_version()
    with writing(archive) as writer:
        with suppress(ZeroDivisionError), writer.transaction():
            writer.put(rain, list(FakeEmbedder().embed(["It rained."])))
            _ = 1 / 0
        with writer.transaction():
            assert writer.known(rain.article.article_id) is None
    assert archive.article_count() == 1
    assert archive.data_version() == before + 1
    assert problems(archive) == []


def test_a_database_error_in_a_transaction_is_one_line_about_the_archive(archive: Archive) -> None:
    with (
        writing(archive) as writer,
        pytest.raises(ArchiveError, match="can't be written") as caught,
        writer.transaction(),
    ):
        raise sqlite3.OperationalError("disk I/O error")
    assert "\n" not in str(caught.value)
    assert str(archive.folder) in str(caught.value)


def test_a_lock_that_cannot_be_made_is_an_error_about_the_folder(archive: Archive) -> None:
    (archive.folder / "writer.lock").unlink(missing_ok=True)
    (archive.folder / "writer.lock").mkdir()
    with pytest.raises(ArchiveError, match="can't be written"), writing(archive):
        pass


# Killed

ADD_MANY = """
import sys
from pathlib import Path
from support import FakeEmbedder, made_up_text, make_article
from index.archive import Archive
from index.build import add_articles

class Printer:
    def article(self, outcome, passages):
        print(outcome, flush=True)
    def vectors(self, done, total):
        print("vectors", flush=True)

archive = Archive(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
attempt = sys.argv[2]
changed = [make_article(f"Version {attempt} of {n}.", f"https://news.example/{n}") for n in range(15)]
new = [make_article(made_up_text(n, 12), f"https://news.example/{attempt}/{n}") for n in range(120)]
add_articles(archive, FakeEmbedder(), [*changed, *new], Printer())
print("done", flush=True)
"""


def test_killed_at_any_moment_the_archive_is_whole_after_the_next_addition(tmp_path: Path) -> None:
    """Killed after a random number of lines of its output and a random while: while it splits, commits, or builds.

    What the killed process said was committed must be there, and readers must find it before anything is repaired.
    """
    if not hasattr(signal, "SIGKILL"):
        pytest.skip("there is no SIGKILL on this platform")
    chance = random.Random(4)
    killed = 0
    with closing(make_archive(tmp_path / "archive", made_up_articles(60))) as archive:
        for attempt in range(KILLS):
            stored = archive.article_count()
            committed, done = kill_a_writer(archive, attempt, chance)
            killed += not done
            assert archive.article_count() >= stored + committed
            with closing(Archive(archive.folder)) as reader, closing(VectorIndex(reader)) as vectors:
                hits = vectors.search(FakeEmbedder().embed([FERRY.text])[0], 10, Filters())
                assert len(reader.passages([key for key, _ in hits])) == 10
            rain = make_article(f"It rained {attempt} times.", f"https://news.example/rain{attempt}")
            assert add_articles(archive, FakeEmbedder(), [rain]).added == 1
            assert check_stores(archive) == []
        assert problems(archive) == []
    assert killed >= KILLS // 2


def kill_a_writer(archive: Archive, attempt: int, chance: random.Random) -> tuple[int, bool]:
    """How many articles a writer said it had added before it was killed, and whether it was done before."""
    with run(ADD_MANY, archive, str(attempt)) as writer:
        assert writer.stdin is not None
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        writer.stdin.write("\n")
        writer.stdin.flush()
        lines = (0, 20, 135, 136)[attempt % 4]  # before, between and after the commits, while Chroma is built
        said = [writer.stdout.readline() for _ in range(lines)]
        sleep(chance.random() * 0.3)
        os.kill(writer.pid, signal.SIGKILL)
        said += writer.stdout.readlines()
    return said.count("added\n"), "done\n" in said
