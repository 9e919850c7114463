"""The archive that a question set is asked of: where it is, and its articles brought into it."""

import re
from hashlib import sha256
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from eval.answer_cache import AnswerCache
from eval.records import QuestionSet
from index.settings import IndexSettings


def own_archive(question_set: QuestionSet) -> Path | None:
    """A cache folder for the articles that a set brings, named by their content; never the user's own archive."""
    if question_set.articles is None:
        return None
    from platformdirs import user_cache_path

    digest = sha256()
    for path in question_set.articles:
        digest.update(path.read_bytes())
    readable = re.sub(r"[^\w.-]+", "-", question_set.name)
    return user_cache_path("copydesk", appauthor=False) / "eval" / f"{readable}-{digest.hexdigest()[:8]}"


def answer_cache() -> AnswerCache:
    """What was answered in earlier runs, in the user's cache folder."""
    from platformdirs import user_cache_path

    return AnswerCache(user_cache_path("copydesk", appauthor=False) / "eval-answers.sqlite3")


def add_question_articles(question_set: QuestionSet, settings: IndexSettings, console: Console) -> None:
    """Bring the set's own articles into the archive; those that are there already are left alone."""
    if question_set.articles is None:
        return
    from index.archive import Archive
    from index.build import add_articles
    from index.embedding import load_embedder
    from index.loaders import count_articles, load_paths

    archive = Archive(settings.archive)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("time left"))
    try:
        with Progress(*columns, TimeRemainingColumn(), console=console) as progress:
            shown = _Shown(progress, count_articles(question_set.articles))
            embedder = load_embedder(settings.embedding_model, settings.precision)
            report = add_articles(archive, embedder, load_paths(question_set.articles), shown)
    finally:
        archive.close()
    console.print(
        f"articles: {report.added} added, {report.updated} updated, {report.unchanged} there already, "
        f"{len(report.skipped)} skipped"
    )
    for skipped in report.skipped[:3]:
        console.print(f"  {skipped.where}: {skipped.reason}", markup=False)


def hold_gold_to(archive_folder: Path, question_set: QuestionSet) -> None:
    """Raises BadInputError where a gold sentence of the set isn't what the archive holds there."""
    if not question_set.quotes:
        return
    from eval.plain_gold import require_gold
    from ui.opening import open_archive

    archive = open_archive(archive_folder)
    try:
        require_gold(question_set.quotes, archive)
    finally:
        archive.close()


class _Shown:
    """Shows on a bar how far the articles are."""

    def __init__(self, progress: Progress, articles: int | None) -> None:
        self._progress = progress
        self._articles = progress.add_task("articles", total=articles)
        self._vectors: TaskID | None = None

    def article(self, outcome: str, passages: int) -> None:
        self._progress.advance(self._articles)

    def vectors(self, done: int, total: int) -> None:
        if self._vectors is None:
            self._vectors = self._progress.add_task("vectors")
        self._progress.update(self._vectors, completed=done, total=total)
