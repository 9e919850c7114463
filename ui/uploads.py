"""Articles that are dropped onto the chat: added one file after the other, and said of each what became of it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from index.archive import Archive
from index.errors import CopydeskError
from index.files import READ_EXTENSIONS, Skipped, visible
from index.records import Article, article_id_for

if TYPE_CHECKING:
    from index.build import AddReport
    from index.embedding import Embedder

MOST_UPLOAD_BYTES = 50_000_000
_REASONS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """What became of one file. `state` is "waiting", "reading", "good", "partly" or "bad"."""

    name: str
    state: str = "waiting"
    message: str = "waiting"


def add_uploads(
    archive: Archive, embedder: "Callable[[], Embedder]", paths: Sequence[Path]
) -> Iterator[tuple[UploadedFile, ...]]:
    """Add the articles of these files; after each step, what is known of every one of them."""
    files = [UploadedFile(visible(path.name)) for path in paths]
    for number, path in enumerate(paths):
        files[number] = replace(files[number], state="reading", message="reading …")
        yield tuple(files)
        files[number] = _add(archive, embedder, path)
        yield tuple(files)


def load_upload(path: Path) -> Iterator[Article | Skipped]:
    """The articles of one uploaded file. Its folder is a passing one, so it names neither them nor what went wrong.

    What has no URL is named by the file's name and the text.
    """
    from index.loaders import load_paths

    for item in load_paths([path]):
        if isinstance(item, Skipped):
            yield Skipped(visible(path.name) + item.where.removeprefix(visible(str(path))), item.reason)
        elif item.info.url is None:
            article_id = article_id_for(f"upload:{path.name}#{item.version}")
            yield Article(replace(item.info, article_id=article_id), item.text)
        else:
            yield Article(item.info, item.text)


def render_uploads(files: Sequence[UploadedFile]) -> str:
    """A list of the files and what became of each, as HTML."""
    if not files:
        return ""
    rows = "".join(
        f'<li class="upload-{file.state}"><b>{escape(file.name)}</b> <span>{escape(file.message)}</span></li>'
        for file in files
    )
    done = sum(file.state in ("good", "partly", "bad") for file in files)
    return f'<p role="status">{done} of {len(files)} files done</p><ul class="uploads">{rows}</ul>'


def describe_upload() -> str:
    """What can be dropped, in a line."""
    return f"Drop files here: {', '.join(READ_EXTENSIONS)}, up to {MOST_UPLOAD_BYTES // 1_000_000} MB each"


def _add(archive: Archive, embedder: "Callable[[], Embedder]", path: Path) -> UploadedFile:
    from index.build import add_articles

    name = visible(path.name)
    try:
        report = add_articles(archive, embedder(), load_upload(path))
    except CopydeskError as error:
        return UploadedFile(name, "bad", str(error))
    return UploadedFile(name, *_outcome(report, name))


def _outcome(report: "AddReport", name: str) -> tuple[str, str]:
    counts = {"added": report.added, "updated": report.updated, "already there": report.unchanged}
    parts = [f"{count} {word}" for word, count in counts.items() if count]
    if parts == ["1 added"]:
        parts = ["added"]
    elif parts == ["1 already there"]:
        parts = ["already there"]
    reasons = [f"{item.where.removeprefix(name).lstrip('/:')}: {item.reason}".lstrip(": ") for item in report.skipped]
    if len(reasons) > _REASONS_SHOWN:
        reasons = [*reasons[:_REASONS_SHOWN], f"and {len(reasons) - _REASONS_SHOWN} more"]
    if reasons:
        parts.append(f"skipped {len(report.skipped)}: {'; '.join(reasons)}" if parts else "; ".join(reasons))
    state = "good" if not reasons else "partly" if len(parts) > 1 else "bad"
    return state, ", ".join(parts)
