"""One writer at a time, everything or nothing."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from support import FakeEmbedder, make_archive, make_article

from index.archive import Archive
from index.build import add_articles, prepare, reindex, remove_articles
from index.check import check_article, check_stores
from index.errors import ArchiveBusyError, ArchiveError
from index.locking import Patience
from index.writer import writing

HERE = Path(__file__).parent
FERRY = make_article("The ferry to Brannock was late. Nobody minded.", "https://news.example/ferry")


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
