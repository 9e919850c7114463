"""doctor finds and names every kind of damage, and mends what can be mended; each is a clear line to other commands."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from schemas import make_older
from support import FakeEmbedder, made_up_articles, make_archive, make_article

from index.archive import Archive
from index.build import add_articles, remove_articles
from index.check import check_article, check_stores
from index.doctor import Finding, examine, repair
from index.errors import ArchiveError
from index.mending import mend_vectors
from index.schema import DATABASE_NAME, SCHEMA_VERSION
from index.vectors import CHROMA_FOLDER

HERE = Path(__file__).parent
FERRY = make_article("The ferry to Brannock was late. Nobody minded.", "https://news.example/ferry", title="Ferry late")
EARLY = make_article("The ferry to Brannock was early.", "https://news.example/ferry", title="Ferry early")
FAIR = make_article("The spring fair drew 3,400 visitors.", "https://news.example/fair")
ARTICLES = [FERRY, FAIR, *made_up_articles(80)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive in good order with an older version and a removed article; to be copied, not changed."""
    folder = tmp_path_factory.mktemp("whole") / "archive"
    with closing(make_archive(folder, ARTICLES)) as archive:
        add_articles(archive, FakeEmbedder(), [EARLY])
        remove_articles(archive, [FAIR.article_id])
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path / "archive")
    return tmp_path / "archive"


def change(folder: Path, sql: str) -> None:
    with closing(sqlite3.connect(folder / DATABASE_NAME, isolation_level=None)) as connection:
        connection.execute(sql)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def overwrite(folder: Path, share: float, size: int) -> None:
    """Damage the database's file somewhere in the middle, as a bad disk would."""
    path = folder / DATABASE_NAME
    start = int(path.stat().st_size * share) // 4096 * 4096
    with path.open("rb+") as file:
        file.seek(start)
        file.write(os.urandom(size))


def truncate(folder: Path, share: float) -> None:
    path = folder / DATABASE_NAME
    os.truncate(path, int(path.stat().st_size * share))


def chroma_files(folder: Path, pattern: str) -> list[Path]:
    return sorted((folder / CHROMA_FOLDER).glob(pattern))


def damage_chroma(folder: Path) -> None:
    for path in chroma_files(folder, "*/chroma.sqlite3"):
        path.write_bytes(b"damaged " * 500)


def remove_chroma(folder: Path) -> None:
    shutil.rmtree(folder / CHROMA_FOLDER)


def leave_behind(folder: Path) -> None:
    """As a writer does that is killed between its commit and the end of its work on Chroma."""
    with pytest.MonkeyPatch.context() as patched, closing(Archive(folder)) as archive:
        patched.setattr("index.build.sync_vectors", lambda *_: None)
        patched.setattr("index.build._Tally.report", lambda *_: None)
        add_articles(archive, FakeEmbedder(), [make_article("It rained.", "https://news.example/rain")])


# What is damaged, how doctor names it, and whether it can be mended without a backup and without loss.
DAMAGE: dict[str, tuple[Callable[[Path], object], str, bool]] = {
    "a database cut short": (lambda folder: truncate(folder, 0.7), "is damaged", True),
    "a damaged page": (lambda folder: overwrite(folder, 0.5, 4096), "is damaged", True),
    "an older schema": (lambda folder: make_older(folder, SCHEMA_VERSION - 1), "older schema", True),
    "Chroma's folder missing": (remove_chroma, "missing or empty", True),
    "Chroma's database damaged": (damage_chroma, "Chroma's folder .* can't be used", True),
    "Chroma behind": (leave_behind, "1 passages are not in Chroma yet", True),
    "the full-text index gone": (lambda folder: change(folder, "DROP TABLE passages_fts"), "full-text index", True),
    "a row of the full-text index gone": (
        lambda folder: change(folder, "DELETE FROM passages_fts WHERE rowid = 3"),
        "full-text index differs",
        True,
    ),
    "a header that is none": (lambda folder: (folder / DATABASE_NAME).write_bytes(b"x" * 9000), "is damaged", False),
    "an empty database": (lambda folder: truncate(folder, 0), "is empty, though there is a vector index", False),
    "a missing database": (lambda folder: (folder / DATABASE_NAME).unlink(), "is missing, though there is", False),
    "a newer schema": (lambda folder: change(folder, "PRAGMA user_version = 99"), "upgrade copydesk", False),
    "another program's database": (
        lambda folder: change(folder, "PRAGMA application_id = 7"),
        "of another program",
        False,
    ),
    "an interrupted reindexing": (
        lambda folder: change(folder, "INSERT INTO manifest VALUES ('reindexing', '1')"),
        "a reindexing was interrupted.*copydesk reindex",
        False,
    ),
    "a sentence out of place": (
        lambda folder: change(folder, "UPDATE sentences SET end_char = end_char + 9999 WHERE position = 0"),
        "lies outside the text.*copydesk reindex",
        False,
    ),
    "a folder that is a file": (
        lambda folder: (shutil.rmtree(folder), folder.write_text("no folder")),
        "is a file, not an archive's folder",
        False,
    ),
    "no folder at all": (shutil.rmtree, "there is no archive in .*copydesk add", False),
}


def said(finding: Finding) -> str:
    line = f"{finding.problem}: {finding.remedy}"
    assert "\n" not in line
    assert line.count("rebuild") + line.count("run 'copydesk reindex'") <= 1  # one advice
    return line


@pytest.mark.parametrize("kind", DAMAGE)
def test_every_kind_of_damage_is_found_named_and_mended_where_it_can_be(folder: Path, kind: str) -> None:
    damage, name, mendable = DAMAGE[kind]
    damage(folder)
    findings = examine(folder)
    assert any(re.search(name, said(finding)) for finding in findings), findings
    assert any(finding.mends for finding in findings) or not mendable
    if not mendable:
        return
    done = repair(folder, findings, FakeEmbedder)
    assert done
    assert all("\n" not in line for line in done)
    assert examine(folder) == []
    with closing(Archive(folder)) as archive:
        assert archive.article_count() >= len(ARTICLES) // 2
        assert check_stores(archive) == []


def test_a_healthy_archive_has_no_findings_and_is_not_changed(folder: Path) -> None:
    before = (folder / DATABASE_NAME).read_bytes()
    names = sorted(str(path) for path in folder.rglob("*"))
    assert examine(folder) == []
    assert (folder / DATABASE_NAME).read_bytes() == before
    assert sorted(str(path) for path in folder.rglob("*")) == names


@pytest.mark.parametrize("kind", ["a header that is none", "an empty database", "a missing database"])
def test_what_is_lost_is_said_to_every_command_with_the_way_back(folder: Path, kind: str) -> None:
    """No command may make an empty archive where a full one was."""
    DAMAGE[kind][0](folder)
    for create in (True, False):
        with pytest.raises(ArchiveError, match="copydesk restore") as caught:
            Archive(folder, create=create)
        assert "\n" not in str(caught.value)


def test_nothing_to_save_is_said_and_leaves_the_file_as_it_was(folder: Path) -> None:
    (folder / DATABASE_NAME).write_bytes(b"x" * 9000)
    with pytest.raises(ArchiveError, match="copydesk restore"):
        repair(folder, examine(folder), FakeEmbedder)
    assert (folder / DATABASE_NAME).read_bytes() == b"x" * 9000
    assert sorted(path.name for path in folder.iterdir() if path.name.endswith(".part")) == []


@pytest.mark.parametrize("seed", range(3))
def test_what_a_damaged_database_still_gives_is_saved(folder: Path, seed: int) -> None:
    """Whatever is saved is whole: its text is that of its version, and it is found again."""
    with closing(Archive(folder)) as archive:
        before = {info.article_id: archive.article(info.article_id) for info in archive.infos()}
    change(folder, "VACUUM")
    overwrite(folder, 0.2 + 0.25 * seed, 3 * 4096)
    embedder = FakeEmbedder()
    findings = examine(folder)
    if not findings:
        pytest.skip("the damage hit pages that hold nothing")
    repair(folder, findings, lambda: embedder)
    assert examine(folder) == []
    with closing(Archive(folder)) as archive:
        after = {info.article_id: archive.article(info.article_id) for info in archive.infos()}
        assert len(after) >= len(before) // 2
        assert all(before[article_id] == article for article_id, article in after.items())
        assert all(check_article(archive, article_id)[1] == [] for article_id in after)
    assert list(folder.glob(f"replaced-*/{DATABASE_NAME}"))


def test_a_saved_archive_keeps_versions_vectors_and_removed_articles(folder: Path) -> None:
    truncate(folder, 0.999)  # a few pages of the full-text index, or of nothing
    embedder = FakeEmbedder()
    findings = examine(folder)
    repair(folder, findings, lambda: embedder)
    with closing(Archive(folder)) as archive:
        assert archive.article(FERRY.article_id, FERRY.version) == FERRY
        assert [removed.article for removed in archive.removed()] == [FAIR.info]
        assert embedder.calls < archive.passage_count() // 4


# What the next command mends by itself


@pytest.mark.parametrize("kind", ["Chroma's folder missing", "Chroma's database damaged", "Chroma behind"])
def test_the_next_command_mends_the_vector_index_and_says_so_in_a_line(folder: Path, kind: str) -> None:
    DAMAGE[kind][0](folder)
    with closing(Archive(folder)) as archive:
        line = mend_vectors(archive)
        assert line is not None
        assert "\n" not in line
        assert "from the stored vectors" in line
        assert mend_vectors(archive) is None
        assert check_stores(archive) == []


def test_nothing_is_mended_while_another_process_writes(folder: Path) -> None:
    from index.locking import writer_lock

    DAMAGE["Chroma behind"][0](folder)
    with closing(Archive(folder)) as archive, writer_lock(folder):
        assert mend_vectors(archive) is None


# Folders that can't be written, and full disks


TRY = """
import os, sys
from contextlib import closing
from pathlib import Path
sys.path[:0] = [sys.argv[2], str(Path(sys.argv[2]).parent)]
from support import FakeEmbedder, made_up_articles
from index.archive import Archive
from index.build import add_articles
from index.doctor import examine
from index.errors import CopydeskError
folder = Path(sys.argv[1])
if os.geteuid() == 0 and sys.argv[3] == "nobody":
    os.setgid(65534); os.setuid(65534)
try:
    with closing(Archive(folder, create=False)) as archive:
        print("articles", archive.article_count())
        add_articles(archive, FakeEmbedder(), made_up_articles(600))
except CopydeskError as error:
    print("error", error)
for finding in examine(folder):
    print(f"finding {finding.problem}: {finding.remedy}")
"""


def try_it(folder: Path, who: str) -> list[str]:
    command = [sys.executable, "-c", TRY, str(folder), str(HERE), who]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def test_a_folder_that_may_not_be_written(whole: Path) -> None:
    if not hasattr(os, "geteuid"):
        pytest.skip("there are no such permissions here")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "archive"
        shutil.copytree(whole, folder)
        for path in (Path(temporary), folder, *folder.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        try:
            lines = try_it(folder, "nobody")
        finally:
            for path in (Path(temporary), folder, *folder.rglob("*")):
                path.chmod(0o755)
    (error,) = [line for line in lines if line.startswith("error ")]
    assert "permissions" in error
    (finding,) = [line for line in lines if line.startswith("finding ")]
    assert "can't be written" in finding
    assert "copy the archive to a folder that can be written" in finding


@pytest.fixture
def small_disk(whole: Path, tmp_path: Path) -> Iterator[Path]:
    """A real file system on which an archive like `whole` fits, and a few articles more."""
    disk = tmp_path / "disk"
    disk.mkdir()
    size = sum(path.stat().st_size for path in whole.rglob("*") if path.is_file()) + 1_500_000
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a small disk can be mounted by root only")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_a_full_disk(whole: Path, small_disk: Path) -> None:
    folder = small_disk / "archive"
    shutil.copytree(whole, folder)
    with closing(Archive(folder)) as archive:
        before = {info.article_id for info in archive.infos()}
    lines = try_it(folder, "root")
    (error,) = [line for line in lines if line.startswith("error ")]
    assert re.search("full|no space left", error.lower())
    assert re.search("what was written before is safe|the articles are safe", error)
    assert any("nearly full" in line and "free" in line for line in lines if line.startswith("finding "))
    with closing(Archive(folder)) as archive:
        assert before <= {info.article_id for info in archive.infos()}
    subprocess.run(["mount", "-o", "remount,size=200m", str(small_disk)], check=True)
    with closing(Archive(folder)) as archive:
        mend_vectors(archive)
        assert check_stores(archive) == []
    assert examine(folder) == []


def test_a_disk_without_a_byte_left_is_named_as_what_keeps_the_archive_shut(whole: Path, small_disk: Path) -> None:
    """SQLite has no room for what it writes beside a database to read it, and speaks of an I/O error only."""
    folder = small_disk / "archive"
    shutil.copytree(whole, folder)
    with suppress(OSError), (small_disk / "fill").open("wb", buffering=0) as fill:
        while fill.write(b"0" * 4096):
            pass
    with pytest.raises(ArchiveError, match="its disk is full: free some space"):
        Archive(folder)
    told = " ".join(f"{finding.problem}: {finding.remedy}" for finding in examine(folder))
    assert "nearly full" in told
    assert "permissions" not in told
    (small_disk / "fill").unlink()
    assert not any("can't be opened" in finding.problem for finding in examine(folder))
