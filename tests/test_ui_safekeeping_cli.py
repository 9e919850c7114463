"""removed, undo, backup, restore and doctor on the command line; archives that aren't there; a second writer."""

import json
import re
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from index.archive import Archive
from index.build import reindex
from index.embedding import Vectors
from index.locking import writer_lock
from index.schema import DATABASE_NAME
from index.settings import settings_from
from index.vectors import CHROMA_FOLDER
from tests.command_line import Command, run_command, use_fake_weights
from tests.schemas import make_older
from tests.support import FakeEmbedder, made_up_text
from ui.opening import prepare_for_questions

BELL = "A bronze bell was found under the bridge. It weighs 212 kilograms.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    news = tmp_path / "news"
    news.mkdir()
    (news / "bell.txt").write_text(BELL, encoding="utf-8")
    (news / "flood.txt").write_text("The river rose to nine metres. Forty people fled.\n", encoding="utf-8")
    return news


@pytest.fixture
def copydesk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    use_fake_weights(monkeypatch)
    monkeypatch.setenv("COPYDESK_ARCHIVE", str(tmp_path / "archive"))
    monkeypatch.setenv("COPYDESK_CONVERSATIONS", str(tmp_path / "conversations.sqlite3"))
    return lambda *arguments: run_command(capsys, *arguments)


def listed(copydesk: Command) -> list[str]:
    return sorted(line.split()[0] for line in copydesk("list").out.splitlines())


def test_a_removal_is_undone_as_a_whole_or_by_name(copydesk: Command, folder: Path) -> None:
    copydesk("add", folder)
    before = listed(copydesk)
    copydesk("remove", *before)
    assert listed(copydesk) == []
    assert len(copydesk("removed").out.splitlines()) == 2
    back = copydesk("undo")
    assert back.code == 0
    assert back.out.count("put back ") == 2
    assert "0 of 2 passages embedded again" in back.err
    assert listed(copydesk) == before
    copydesk("remove", before[0])
    copydesk("remove", before[1])
    assert copydesk("undo", before[0][:8]).out.startswith(f"put back {before[0]}")
    assert listed(copydesk) == before[:1]
    assert copydesk("undo").out.startswith(f"put back {before[1]}")
    nothing = copydesk("undo")
    assert (nothing.code, nothing.err.count("\n")) == (1, 1)
    assert copydesk("check").code == 0


def test_a_removed_article_goes_by_the_names_that_it_had_in_the_archive(copydesk: Command, folder: Path) -> None:
    line = {"url": "https://news.example/lamp", "text": "The lighthouse has a new lamp. It is bright."}
    (folder / "wire.jsonl").write_text(json.dumps(line), encoding="utf-8")
    copydesk("add", folder)
    before = listed(copydesk)
    copydesk("remove", folder / "bell.txt", "http://www.news.example/lamp/")
    assert copydesk("undo", folder / "bell.txt").code == 0
    assert copydesk("undo", "http://www.news.example/lamp/").code == 0
    assert listed(copydesk) == before


def test_after_thirty_days_nothing_is_offered_that_cannot_be_put_back(
    copydesk: Command, folder: Path, tmp_path: Path
) -> None:
    copydesk("add", folder)
    first, second = listed(copydesk)
    copydesk("remove", first)
    removed_at = (datetime.now(UTC) - timedelta(days=31)).isoformat()
    with closing(sqlite3.connect(tmp_path / "archive" / DATABASE_NAME)) as connection, connection:
        connection.execute("UPDATE removed_articles SET removed_at = ?", [removed_at])
    assert copydesk("removed").out == ""
    assert "in the last 30 days" in copydesk("undo").err
    copydesk("remove", second)  # the next writer deletes the text
    with closing(sqlite3.connect(tmp_path / "archive" / DATABASE_NAME)) as connection:
        assert connection.execute("SELECT article_id FROM versions").fetchall() == [(second,)]


def test_a_damaged_vector_index_is_told_in_words_of_its_own(copydesk: Command, folder: Path, tmp_path: Path) -> None:
    copydesk("add", folder)
    (seal,) = (tmp_path / "archive" / CHROMA_FOLDER).glob("*/sealed.json")
    seal.write_text("{", encoding="utf-8")
    assert "its file sealed.json is damaged: 'copydesk doctor --repair'" in copydesk("doctor").out


def test_removed_for_good_nothing_is_left_of_the_text(copydesk: Command, folder: Path, tmp_path: Path) -> None:
    copydesk("add", folder)
    first, second = listed(copydesk)
    copydesk("remove", first)
    assert copydesk("remove", "--for-good", first, second).out.count("deleted ") == 2
    assert copydesk("removed").out == ""
    with closing(sqlite3.connect(tmp_path / "archive" / DATABASE_NAME)) as connection:
        for table in ("versions", "removed_articles", "removed_vectors", "passages", "sentences", "sources"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


class KilledEmbedder(FakeEmbedder):
    """Stops as a kill would, once it has embedded one group of passages."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        if self.calls:
            raise KeyboardInterrupt
        return super().embed(texts)


@pytest.fixture
def halfway(copydesk: Command, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An archive whose reindexing to the model that COPYDESK_EMBEDDING_MODEL names was interrupted."""

    def load(name: str, precision: str = "auto") -> FakeEmbedder:
        return FakeEmbedder(name)

    (folder / "many.jsonl").write_text("\n".join(json.dumps({"text": made_up_text(n, 30)}) for n in range(80)))
    copydesk("add", folder)
    with closing(Archive(tmp_path / "archive")) as archive, pytest.raises(KeyboardInterrupt):
        reindex(archive, KilledEmbedder("newer"))
    monkeypatch.setattr("index.embedding.load_embedder", load)
    monkeypatch.setenv("COPYDESK_EMBEDDING_MODEL", "newer")
    return tmp_path / "archive"


GOES_ON = "An earlier 'copydesk reindex' to fake-newer was interrupted: going on with it.\n"


def test_an_interrupted_reindexing_is_finished_by_the_next_add(
    copydesk: Command, halfway: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "reindexing was interrupted" in copydesk("doctor").out
    added = copydesk("add", folder)
    assert (added.code, added.err) == (0, GOES_ON)
    assert added.out.startswith("0 added, 0 updated, 82 unchanged")
    assert copydesk("check").code == copydesk("doctor").code == 0
    assert copydesk("add", folder).err == ""


def test_and_by_what_comes_before_a_question(
    copydesk: Command, halfway: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare_for_questions(settings_from())
    assert capsys.readouterr().err == GOES_ON
    with closing(Archive(halfway)) as archive:
        archive.require_match(FakeEmbedder("newer").identity)
    assert copydesk("check").code == 0


def test_with_another_model_set_or_a_writer_at_work_the_next_command_says_what_to_do(
    copydesk: Command, halfway: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writer_lock(halfway):
        waiting = copydesk("add", "--wait", 0, folder)
    assert (waiting.code, waiting.err.count("\n")) == (1, 1)
    assert "another copydesk command is writing" in waiting.err
    monkeypatch.setenv("COPYDESK_EMBEDDING_MODEL", "third")
    added = copydesk("add", folder)
    assert (added.code, added.err.count("\n")) == (1, 1)
    assert "set COPYDESK_EMBEDDING_MODEL=fake-newer to go on, or run 'copydesk reindex'" in added.err


def test_after_thirty_days_it_is_deleted(copydesk: Command, folder: Path, tmp_path: Path) -> None:
    copydesk("add", folder)
    first, second = listed(copydesk)
    copydesk("remove", first)
    with closing(sqlite3.connect(tmp_path / "archive" / DATABASE_NAME)) as connection, connection:
        connection.execute("UPDATE removed_articles SET removed_at = '2001-01-01T00:00:00+00:00'")
    copydesk("remove", second)
    assert [line.split()[4] for line in copydesk("removed").out.splitlines()] == [second]
    with closing(sqlite3.connect(tmp_path / "archive" / DATABASE_NAME)) as connection:
        assert connection.execute("SELECT article_id FROM versions").fetchall() == [(second,)]


def test_what_has_changed_is_shown(copydesk: Command, folder: Path) -> None:
    copydesk("add", folder)
    (folder / "bell.txt").write_text(BELL.replace("212", "213"), encoding="utf-8")
    copydesk("add", folder)
    shown = copydesk("show", folder / "bell.txt", "--diff")
    assert "It weighs [-212-]{+213+} kilograms." in shown.out
    first = copydesk("show", folder / "bell.txt", "--versions").out.split()[0]
    assert copydesk("show", folder / "bell.txt", "--version", first, "--diff").out == shown.out
    assert "nothing to compare" in copydesk("show", folder / "flood.txt", "--diff").err


def test_backup_and_restore(copydesk: Command, folder: Path, tmp_path: Path) -> None:
    copydesk("add", folder)
    before = listed(copydesk)
    assert copydesk("backup", tmp_path / "saved.sqlite3").out.startswith("2 articles written to ")
    copydesk("remove", "--for-good", *before)
    refused = copydesk("restore", tmp_path / "saved.sqlite3")
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert "--replace" in refused.err
    assert copydesk("restore", tmp_path / "saved.sqlite3", "--replace").out.startswith("2 articles restored to ")
    assert listed(copydesk) == before
    assert copydesk("check").code == 0


def test_doctor_names_mends_and_says_when_all_is_well(copydesk: Command, folder: Path, tmp_path: Path) -> None:
    copydesk("add", folder)
    assert copydesk("doctor").out == f"{tmp_path / 'archive'} is healthy.\n"
    shutil.rmtree(tmp_path / "archive" / CHROMA_FOLDER)
    found = copydesk("doctor")
    assert found.code == 1
    assert "missing or empty" in found.out
    mended = copydesk("doctor", "--repair")
    assert mended.code == 0
    assert "rebuilt from the stored vectors" in mended.out
    assert copydesk("doctor").code == 0


def test_the_next_question_mends_the_vector_index_and_says_so_in_a_line(
    copydesk: Command, folder: Path, tmp_path: Path
) -> None:
    copydesk("add", folder)
    shutil.rmtree(tmp_path / "archive" / CHROMA_FOLDER)
    asked = copydesk("ask", "How much does the bell weigh?")
    assert asked.code == 0
    assert len([line for line in asked.err.splitlines() if "rebuilt from the stored vectors" in line]) == 1
    assert copydesk("doctor").code == 0


def test_an_older_archive_is_brought_up_to_date_and_that_is_said_once(
    copydesk: Command, folder: Path, tmp_path: Path
) -> None:
    copydesk("add", folder)
    make_older(tmp_path / "archive", 1)
    assert "from schema 1" in copydesk("list").err
    assert "from schema 1" not in copydesk("list").err


@pytest.mark.parametrize(
    "command",
    [
        ("list",),
        ("show", "x"),
        ("ask", "Who?"),
        ("check",),
        ("remove", "x"),
        ("removed",),
        ("undo",),
        ("reindex",),
        ("backup", "x.sqlite3"),
        ("chat", "--port", "1"),
        ("eval", "run", "--dataset", "QUESTIONS", "--out", "OUT"),
    ],
)
def test_a_mistyped_archive_is_said_and_not_made(
    copydesk: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "QUESTIONS").write_text('{"question_id": "1", "question": "Who?", "gold_answers": ["me"]}\n')
    ran = copydesk("--archive", tmp_path / "mistyped", *command)
    assert ran.code == 1
    assert re.search("there is no archive in .*mistyped.*copydesk add", ran.err.splitlines()[-1])
    assert not (tmp_path / "mistyped").exists()


def test_a_second_writer_waits_as_long_as_it_is_told(copydesk: Command, folder: Path, tmp_path: Path) -> None:
    copydesk("add", folder)
    with writer_lock(tmp_path / "archive"):
        ran = copydesk("add", folder, "--wait", "0.2")
        assert ran.code == 1
        assert "waiting up to 0.2 s" in ran.err
        assert "another copydesk command is writing" in ran.err.splitlines()[-1]
        assert "waiting" not in copydesk("remove", "--wait", "0", listed(copydesk)[0]).err
        assert len(listed(copydesk)) == 2
    assert copydesk("add", folder, "--wait", "0").code == 0
    with closing(Archive(tmp_path / "archive")) as archive:
        assert archive.article_count() == 2
