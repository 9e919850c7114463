"""The stock peer's index of a whole archive, built so that it can be stopped and gone on with."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from eval.bench_stock import StockIndex, StockModel, peer_settings
from eval.store import dump, write_whole
from index.archive import Archive
from index.embedding import EmbedderIdentity
from index.errors import ArchiveError, BadInputError
from index.records import ArticleInfo

FINISHED, SETTINGS = "finished.jsonl", "settings.json"
ARTICLES_AT_A_TIME = 16


@dataclass(frozen=True, slots=True)
class _Finished:
    """An article that is in the index."""

    article_id: str
    version: str
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StockBuild:
    """A finished index, open, and the folder that Chroma keeps it in."""

    index: StockIndex
    folder: Path
    articles: int
    nodes: int


def build_stock(
    folder: Path, model: StockModel, identity: EmbedderIdentity, archive: Archive, console: Console
) -> StockBuild:
    """Bring every article of the archive into the stock index in `folder`; those that are there stay.

    An index that can't be read, as a kill can leave it, is built again. Raises BadInputError when the folder holds one
    of other articles or with other settings, ArchiveError when what was built doesn't hold.
    """
    _claim(folder, {"weights_sha256": identity.weights_sha256, **peer_settings(model)})
    infos = archive.infos()
    finished = _read_finished(folder)
    _require_same_articles(folder, finished, infos)
    chroma = _chroma_folder(folder)
    index = _open_or_clear(folder, chroma, model, finished, console)
    if index is None:
        finished, chroma = [], _after(chroma)
        index = StockIndex(chroma, model)
    try:
        finished = [*finished, *_add_missing(folder, index, archive, infos, finished, console)]
        node_ids = [node for article in finished for node in article.nodes]
        index.require_whole(node_ids)
    except ValueError as error:
        index.close()
        raise ArchiveError(f"the stock index in {folder} doesn't hold ({error}): delete that folder") from error
    except BaseException:
        index.close()
        raise
    return StockBuild(index, chroma, len(finished), len(node_ids))


def _claim(folder: Path, settings: Mapping[str, object]) -> None:
    path = folder / SETTINGS
    wanted = dump(settings, indent=2) + "\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            write_whole(path, wanted)
        there = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInputError(f"{folder} can't be used ({error.strerror or error}): give another --out") from error
    if there != wanted:
        raise BadInputError(
            f"{path} tells of a stock index with other packages or another model: give another --out, "
            f"or delete {folder}"
        )


def _read_finished(folder: Path) -> list[_Finished]:
    """The articles known to be in the index; a last line cut short is dropped."""
    path = folder / FINISHED
    if not path.exists():
        return []
    raw = path.read_bytes()
    whole = raw[: raw.rfind(b"\n") + 1]
    if whole != raw:
        write_whole(path, whole.decode("utf-8"))
    try:
        records = [json.loads(line) for line in whole.splitlines()]
        return [_Finished(one["article_id"], one["version"], tuple(one["nodes"])) for one in records]
    except (ValueError, KeyError, TypeError) as error:
        raise BadInputError(f"{path}: not a list of finished articles ({error}): delete {folder}") from error


def _require_same_articles(folder: Path, finished: Sequence[_Finished], infos: Sequence[ArticleInfo]) -> None:
    there = {(info.article_id, info.version) for info in infos}
    gone = [one.article_id for one in finished if (one.article_id, one.version) not in there]
    if gone:
        raise BadInputError(
            f"the stock index in {folder} holds {len(gone)} articles that the archive doesn't ({gone[0]}): "
            f"give another --out, or delete {folder}"
        )


def _chroma_folder(folder: Path) -> Path:
    """The newest of chroma-1, chroma-2 and so on; the first where there is none."""
    numbers = [int(path.name.partition("-")[2]) for path in folder.glob("chroma-[0-9]*")]
    return folder / f"chroma-{max(numbers, default=1)}"


def _after(chroma: Path) -> Path:
    """The next folder's name. A process in which Chroma failed to open a folder can't open another of that name."""
    return chroma.with_name(f"chroma-{int(chroma.name.partition('-')[2]) + 1}")


def _open_or_clear(
    folder: Path, chroma: Path, model: StockModel, finished: Sequence[_Finished], console: Console
) -> StockIndex | None:
    """The index as it is, or None after clearing away one that can't be read."""
    try:
        index = StockIndex(chroma, model)
        try:
            index.require_whole([node for article in finished for node in article.nodes])
        except BaseException:
            index.close()
            raise
        return index
    except Exception as error:  # Chroma raises its own InternalError, sqlite3's errors, OSError, ...
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        console.print(f"the stock index could not be read and is built again: {reason}", markup=False)
        (folder / FINISHED).unlink(missing_ok=True)
        shutil.rmtree(chroma, ignore_errors=True)
        return None


def _add_missing(
    folder: Path,
    index: StockIndex,
    archive: Archive,
    infos: Sequence[ArticleInfo],
    finished: Sequence[_Finished],
    console: Console,
) -> list[_Finished]:
    """Add the articles that aren't finished, and note each as soon as Chroma has it."""
    done = {one.article_id for one in finished}
    waiting = [info for info in infos if info.article_id not in done]
    added: list[_Finished] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console) as bars:
        task = bars.add_task("stock index, articles", total=len(infos), completed=len(done))
        for start in range(0, len(waiting), ARTICLES_AT_A_TIME):
            batch = waiting[start : start + ARTICLES_AT_A_TIME]
            node_ids = index.add([archive.article(info.article_id) for info in batch])
            fresh = [
                _Finished(info.article_id, info.version, tuple(ids)) for info, ids in zip(batch, node_ids, strict=True)
            ]
            with (folder / FINISHED).open("a", encoding="utf-8", newline="\n") as file:
                file.writelines(dump(asdict(one)) + "\n" for one in fresh)
            added += fresh
            bars.advance(task, len(batch))
    return added
