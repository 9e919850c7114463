"""Finds the files that hold articles: in folders, in zip files, or as they are named."""

import os
import stat
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

TEXT_EXTENSIONS = (".txt", ".md")
HTML_EXTENSIONS = (".html", ".htm")
PDF_EXTENSIONS = (".pdf",)
JSONL_EXTENSIONS = (".jsonl", ".jsonl.gz")
ZIP_EXTENSIONS = (".zip",)
READ_EXTENSIONS = (*TEXT_EXTENSIONS, *HTML_EXTENSIONS, *PDF_EXTENSIONS, *JSONL_EXTENSIONS, *ZIP_EXTENSIONS)

MOST_ZIP_MEMBERS = 100_000
# A zip file that unpacks to more than the first, and to more than so many times its size, is no collection of articles.
ZIP_BYTES_TRUSTED = 100_000_000
MOST_ZIP_RATIO = 100
MOST_ZIP_BYTES = 4_000_000_000

UNKNOWN_TYPE = f"not a type that is read: save it as one of {', '.join(READ_EXTENSIONS)}"
NOT_REGULAR = "not a regular file: save what it holds as one"
_ENCRYPTED = "protected by a password: unpack it, and add the files"


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was not loaded: `where` is a path or URL, or `path:line`.

    `source` names what was skipped as `SourceFile.source` does, where it is a file that may be there.
    """

    where: str
    reason: str
    source: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to be read, on the disk or in a zip file.

    `shown` names it in messages; `source`, an absolute path, names what has no better name. A member of a zip file has
    the path that it would have if the zip file were a folder.
    """

    name: str
    shown: str
    source: str
    open: Callable[[], IO[bytes]]

    def has_extension(self, extensions: tuple[str, ...]) -> bool:
        return self.name.lower().endswith(extensions)


def find_files(paths: Sequence[Path]) -> Iterator[SourceFile | Skipped]:
    """The files below `paths`, lazily. Those of a zip file can be opened until the next item is asked for."""
    for path in paths:
        try:
            mode = path.stat().st_mode
        except (OSError, ValueError) as error:
            yield _skipped(path, os_reason(error))
            continue
        if stat.S_ISDIR(mode):
            yield from _walk(path)
        elif not stat.S_ISREG(mode):
            yield _skipped(path, NOT_REGULAR)
        elif not _has_extension(path, READ_EXTENSIONS):
            yield _skipped(path, UNKNOWN_TYPE)
        else:
            yield from _unpacked(path)


def shown_path(path: Path | str) -> str:
    """The path as text that any terminal and file can take, on one line, also where its name is not valid UTF-8."""
    return visible(os.fsencode(path).decode("utf-8", "replace"))


def visible(text: str) -> str:
    """Each character that isn't printable (line breaks, terminal controls, reversals of direction) as its escape."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


def path_source(path: Path) -> str:
    return str(path.resolve())


def os_reason(error: OSError | ValueError) -> str:
    """What went wrong, in words, with what mends it."""
    if isinstance(error, FileNotFoundError):
        return "no such file or folder: check the path"
    if isinstance(error, PermissionError):
        return "permission denied: make it readable (chmod u+r) or run as its owner"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror[0].lower()}{error.strerror[1:]}: check the path"
    return f"can't be read: {error}"


# Folders


def _walk(root: Path) -> Iterator[SourceFile | Skipped]:
    """The articles' files below `root`, sorted. A folder reached twice through links is read once."""
    seen: set[tuple[int, int]] = set()
    pending, empty = [root], True
    while pending:
        path = pending.pop()
        try:
            state = path.stat()
            if stat.S_ISDIR(state.st_mode):
                if (state.st_dev, state.st_ino) not in seen:
                    seen.add((state.st_dev, state.st_ino))
                    pending.extend(sorted(_not_hidden(path), reverse=True))
                continue
        except OSError as error:
            # A link to nowhere with another extension would not have been read anyway.
            if path.suffix == "" or _has_extension(path, READ_EXTENSIONS):
                empty = False
                yield _skipped(path, os_reason(error))
            continue
        if _has_extension(path, READ_EXTENSIONS):
            empty = False
            if stat.S_ISREG(state.st_mode):
                yield from _unpacked(path)
            else:
                yield _skipped(path, NOT_REGULAR)
    if empty:
        yield Skipped(shown_path(root), "no article files in this folder: name another")


def _not_hidden(folder: Path) -> list[Path]:
    return [item for item in folder.iterdir() if not item.name.startswith(".")]


def _has_extension(path: Path, extensions: tuple[str, ...]) -> bool:
    return path.name.lower().endswith(extensions)


def _skipped(path: Path, reason: str) -> Skipped:
    try:
        source = path_source(path)
    except (OSError, ValueError, RuntimeError):  # a circle of links, a NUL in the name
        source = None
    return Skipped(shown_path(path), reason, source)


# Zip files


def _unpacked(path: Path) -> Iterator[SourceFile | Skipped]:
    """The file itself, or what is in it where it is a zip file."""
    if not _has_extension(path, ZIP_EXTENSIONS):
        yield SourceFile(path.name, shown_path(path), path_source(path), lambda: path.open("rb"))
        return
    try:
        with zipfile.ZipFile(path) as packed:
            problem = _problem_of(packed, path.stat().st_size)
            if problem:
                yield _skipped(path, problem)
            else:
                yield from _members(path, packed)
    except OSError as error:
        yield _skipped(path, os_reason(error))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        empty = not path.stat().st_size
        reason = (
            "empty file: remove it" if empty else f"not a whole zip file: pack it anew ({visible(str(error)).lower()})"
        )
        yield _skipped(path, reason)


def _problem_of(packed: zipfile.ZipFile, size: int) -> str | None:
    """Why the whole file is left alone. zipfile never unpacks more of a member than the directory says it has."""
    members = packed.infolist()
    unpacked = sum(member.file_size for member in members)
    if len(members) > MOST_ZIP_MEMBERS:
        return f"more than {MOST_ZIP_MEMBERS:,} files in the zip file: split it"
    if unpacked > MOST_ZIP_BYTES or unpacked > max(ZIP_BYTES_TRUSTED, MOST_ZIP_RATIO * size):
        return f"unpacks to {unpacked:,} bytes, too much for its size: unpack it, and add the files"
    return None


def _members(path: Path, packed: zipfile.ZipFile) -> Iterator[SourceFile | Skipped]:
    shown, source = shown_path(path), path_source(path)
    found, seen = False, set()
    for member in sorted(packed.infolist(), key=lambda member: member.filename):
        name = PurePosixPath(member.filename.replace("\\", "/"))
        if member.is_dir() or _passed_over(name):
            continue
        found = True
        place, within = f"{shown}/{visible(str(name))}", f"{source}/{name}"
        if problem := _problem_of_member(member, name):
            yield Skipped(place, problem, within)
        elif within in seen:
            yield Skipped(place, "stands twice in the zip file: give one of the two another name")
        else:
            seen.add(within)
            yield SourceFile(name.name, place, within, lambda member=member: _open(packed, member))  # type: ignore[misc]
    if not found:
        yield Skipped(shown, "no article files in this zip file: name another", source)


def _open(packed: zipfile.ZipFile, member: zipfile.ZipInfo) -> IO[bytes]:
    try:
        return packed.open(member)
    except (NotImplementedError, RuntimeError) as error:  # a compression method of another program
        raise zipfile.BadZipFile(str(error)) from error


def _passed_over(name: PurePosixPath) -> bool:
    hidden = any((part.startswith(".") and part != "..") or part == "__MACOSX" for part in name.parts)
    return hidden or not name.name.lower().endswith(READ_EXTENSIONS)


def _problem_of_member(member: zipfile.ZipInfo, name: PurePosixPath) -> str | None:
    if name.is_absolute() or ".." in name.parts or (name.parts and name.parts[0].endswith(":")):
        return "its name in the zip file points outside of it: pack it anew with plain names"
    if name.name.lower().endswith(ZIP_EXTENSIONS):
        return "a zip file in a zip file: unpack the outer one, and add what is in it"
    if member.flag_bits & 1:
        return _ENCRYPTED
    if stat.S_ISLNK(member.external_attr >> 16):
        return "a link, not a file: pack the file itself"
    return None
