"""Progress bars for work on the archive."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from index.build import Outcome


class _Rate(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:.1f}/s" if speed else "–/s", style="progress.data.speed")


class ArchiveProgress:
    """Shows articles as they go in and the vector index as it is brought in step."""

    def __init__(self, bars: Progress, articles: int | None) -> None:
        self._bars = bars
        self._articles = bars.add_task("articles", total=articles)
        self._vectors = bars.add_task("vector index", total=None, visible=False)

    def article(self, outcome: Outcome, passages: int) -> None:
        self._bars.advance(self._articles)

    def vectors(self, done: int, total: int) -> None:
        self._bars.update(self._vectors, completed=done, total=total, visible=True)


@contextmanager
def archive_progress(console: Console, articles: int | None) -> Iterator[ArchiveProgress]:
    """A bar in articles a second; silent where there is no terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        yield ArchiveProgress(bars, articles)


@contextmanager
def counting(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on stderr for so many of something, and the function that moves it on; silent where no terminal is."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        task = bars.add_task(what, total=total)
        yield lambda count: bars.advance(task, count)
