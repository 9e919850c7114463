"""What is wrong with an archive folder, and what mends it. Changes nothing until it is asked to."""

import os
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from index.archive import Archive, text_version
from index.check import check_article, check_database, check_full_text, check_vectors
from index.embedding import Embedder
from index.errors import ArchiveError, CopydeskError
from index.feeds import load_feeds
from index.locking import Patience
from index.salvage import salvage
from index.schema import APPLICATION_ID, DATABASE_NAME, SCHEMA_VERSION, is_full
from index.vectors import CHROMA_FOLDER, sync_vectors
from index.writer import writing

Mends = Literal["upgrade", "salvage", "full text", "vectors"]
# In the order in which they have to be mended.
MENDS: tuple[Mends, ...] = ("upgrade", "salvage", "full text", "vectors")
# Bringing the vector index in step copies it, and a writer's log needs some room besides.
SPARE_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, what to do about it, and what kind of repair does that, if one does."""

    problem: str
    remedy: str
    mends: Mends | None = None


def examine(folder: Path) -> list[Finding]:
    """Everything that is wrong with an archive, the worst first; an empty list for a healthy one."""
    findings = _examine_folder(folder)
    if any(finding.mends is None for finding in findings):
        return findings
    if not findings:
        findings = _examine_file(folder / DATABASE_NAME)
    if findings:
        return [*findings, *_examine_space(folder)]
    try:
        with closing(Archive(folder, create=False)) as archive:
            findings = _examine_stores(archive)
    except CopydeskError as error:
        findings = [Finding(str(error), "see above")]
    return [*findings, *_examine_space(folder)]


def repair(
    folder: Path, findings: list[Finding], load: Callable[[], Embedder], patience: Patience = Patience()
) -> list[str]:
    """Mend what can be mended, and say what was done, a line each. Raises ArchiveError where that fails."""
    kinds = {finding.mends for finding in findings}
    done: list[str] = []
    for kind in MENDS:
        if kind in kinds:
            done.append(_mend(kind, folder, load, patience))
    return done


def _mend(kind: Mends, folder: Path, load: Callable[[], Embedder], patience: Patience) -> str:
    if kind == "salvage":
        saved = salvage(folder, load(), patience)
        return (
            f"The database was made anew: {saved.articles} articles in {saved.versions} versions were saved"
            f"{'' if saved.complete else ', and some could not be read'}; the damaged one is kept in {saved.kept}."
        )
    with closing(Archive(folder, create=False)) as archive:
        if kind == "upgrade":
            return archive.upgraded or "The archive was brought up to date."
        with writing(archive, patience) as writer:
            if kind == "full text":
                with writer.transaction():
                    writer.rebuild_full_text()
                return "The full-text index was rebuilt from the articles."
            report = sync_vectors(writer, anew=True)
            return f"The vector index was rebuilt from the stored vectors: {report.written} passages."


def _examine_folder(folder: Path) -> list[Finding]:
    """Is there an archive, and can it be written to?"""
    path = folder / DATABASE_NAME
    if folder.exists() and not folder.is_dir():
        return [Finding(f"{folder} is a file, not an archive's folder", "name the folder with --archive")]
    if not folder.is_dir():
        return [Finding(f"there is no archive in {folder}", "'copydesk add PATH' makes one; --archive names another")]
    if not path.exists() or not path.stat().st_size:
        what = "is missing" if not path.exists() else "is empty"
        if any((folder / CHROMA_FOLDER).glob("*/*.sqlite3")):
            remedy = "'copydesk restore' brings a backup back; to begin anew, delete the folder"
            return [Finding(f"the database {path} {what}, though there is a vector index beside it", remedy)]
        return [Finding(f"there is no archive in {folder}: the database {what}", "'copydesk add PATH' makes one")]
    remedy = "see to its permissions or mount it for writing, or copy the archive to a folder that can be written"
    if reason := _why_not_writable(folder):
        return [Finding(f"the folder {folder} can't be written ({reason})", remedy)]
    for file in (path, *folder.glob(f"{DATABASE_NAME}-*")):
        if not os.access(file, os.R_OK | os.W_OK):
            return [Finding(f"the file {file} may not be read and written", remedy)]
    return []


def _why_not_writable(folder: Path) -> str | None:
    probe = folder / f".copydesk-doctor-{os.getpid()}"
    try:
        probe.touch(exist_ok=False)
        probe.unlink()
    except OSError as error:
        return (error.strerror or str(error)).lower()
    return None


def _examine_file(path: Path) -> list[Finding]:
    """Is the file a database, whole, of this program and of a schema that it knows?"""
    remedy = (
        "'copydesk restore' brings a backup back; without one, 'copydesk doctor --repair' saves what can be read "
        "and keeps the damaged file aside"
    )
    try:
        with closing(sqlite3.connect(path, timeout=30)) as connection:
            application_id = connection.execute("PRAGMA application_id").fetchone()[0]
            schema = connection.execute("PRAGMA user_version").fetchone()[0]
            if application_id != APPLICATION_ID:
                return [Finding(f"{path} is a database of another program", "name another archive folder")]
            if schema > SCHEMA_VERSION:
                return [Finding(f"{path} was written by a newer copydesk (schema {schema})", "upgrade copydesk")]
            answers = [row[0] for row in connection.execute("PRAGMA quick_check(1)")]
            if answers != ["ok"]:
                return [Finding(f"the database {path} is damaged: {_one_line(answers[0])}", remedy, "salvage")]
            if schema < SCHEMA_VERSION:
                problem = f"{path} is of an older schema ({schema}, now {SCHEMA_VERSION})"
                return [Finding(problem, "the next command brings it up to date, and keeps a copy", "upgrade")]
    except sqlite3.OperationalError as error:
        # Permissions were looked at before; a full disk has a finding of its own, with the space that is needed.
        remedy = "free space first" if is_full(path.parent) else "see to the disk and its permissions, then try again"
        return [Finding(f"the database {path} can't be opened: {error}", remedy)]
    except sqlite3.DatabaseError as error:
        return [Finding(f"the database {path} is damaged: {error}", remedy, "salvage")]
    return []


def _examine_stores(archive: Archive) -> list[Finding]:
    findings: list[Finding] = []
    manifest = archive.manifest()
    if manifest.get("reindexing"):
        remedy = "the next 'copydesk add' or question goes on with it, and so does 'copydesk reindex'"
        return [Finding("a reindexing was interrupted, or is at work now", remedy)]
    if "text_version" in manifest and manifest["text_version"] != text_version():
        problem = f"the articles were split by {manifest['text_version']}, now it is {text_version()}"
        findings.append(Finding(problem, "run 'copydesk reindex'"))
    for info in archive.infos():
        for problem in check_article(archive, info.article_id)[1]:
            findings.append(
                Finding(problem, "run 'copydesk reindex'; what that leaves, 'copydesk restore' brings back")
            )
    try:
        load_feeds(archive.folder)
    except ArchiveError as error:
        findings.append(Finding(str(error), "a backup holds it, too"))
    for look, remedy, mends in _STORES:
        findings += [Finding(_ADVICE.sub("", problem), remedy, mends) for problem in look(archive)]
    return findings


_ADVICE = re.compile("[:;] run 'copydesk reindex'.*")  # what `check` tells, which repairs more than it has to
_REBUILD = "'copydesk doctor --repair' rebuilds it"
_STORES: tuple[tuple[Callable[[Archive], list[str]], str, Mends], ...] = (
    (check_database, "'copydesk doctor --repair' saves what can be read", "salvage"),
    (check_full_text, f"{_REBUILD} from the articles", "full text"),
    (check_vectors, f"{_REBUILD} from the stored vectors", "vectors"),
)


def _examine_space(folder: Path) -> list[Finding]:
    try:
        needed = SPARE_BYTES + sum(
            file.stat().st_size for file in (folder / CHROMA_FOLDER).rglob("*") if file.is_file()
        )
        free = shutil.disk_usage(folder).free
    except OSError:
        return []
    if free >= needed:
        return []
    problem = f"the disk of {folder} is nearly full: {free // 1_000_000} MB are free"
    return [Finding(problem, f"free {(needed - free) // 1_000_000 + 1} MB more, or adding articles may fail")]


def _one_line(text: object) -> str:
    return " ".join(str(text).split())
