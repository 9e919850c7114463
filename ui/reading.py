"""Reading the passages for a question set with a bar, kept so that it is done once."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import track

if TYPE_CHECKING:
    from eval.choice_evidence import Evidence
    from eval.choice_examples import Example
    from eval.records import EvalQuestion


def read_examples(
    questions: "Sequence[EvalQuestion]",
    archive: Path | None,
    reader: Path | None,
    kept: Path | None,
    what: str,
    *,
    leave_out: bool = True,
) -> "list[Example]":
    """An example for each question, from the folder `kept` when the same was read before. `reader` is a folder of
    weights; without it, the reader that ships.
    """
    from eval.choice_examples import collect
    from eval.example_store import load_examples, save_examples, store_path
    from index.embedding import load_embedder
    from index.search import HybridSearch
    from index.settings import settings_from
    from index.vectors import VectorIndex
    from qa.reader import load_reader
    from qa.readers import SHIPPED, find_reader
    from ui.opening import open_archive

    settings = settings_from(archive=archive)
    opened = open_archive(settings.archive)
    weights = find_reader(SHIPPED if reader is None else str(reader)).weights_sha256
    told: tuple[str, ...] = (
        weights,
        settings.precision,
        f"{opened.passage_count()} {sorted(opened.manifest().items())}",
    )
    path = (
        None if kept is None else store_path(kept, *told, *(f"{one.question_id} {one.question}" for one in questions))
    )
    known = None if path is None else load_examples(path)
    if known is not None:
        return known
    search = HybridSearch(opened, VectorIndex(opened), load_embedder(settings.embedding_model, settings.precision))
    console = Console(stderr=True)
    steps = iter(track(range(len(questions)), what, console=console, disable=not console.is_terminal))
    examples = collect(
        search, load_reader(settings.precision, reader), questions, lambda: next(steps), leave_out=leave_out
    )
    if path is not None:
        save_examples(path, examples)
    return examples


def read_all_choices(
    questions: "Sequence[EvalQuestion]", archive: Path | None, reader: Path | None, kept: Path | None
) -> "list[tuple[EvalQuestion, Evidence]]":
    """Those questions that have choices and articles to look in, each with what speaks for its choices.

    In the folder `kept` what was read stands in one file for each reader and archive, a line a question; a run that was
    stopped goes on there.
    """
    from eval.choice_evidence import Evidence, read_choices
    from eval.choice_store import ChoiceStore
    from index.embedding import load_embedder
    from index.search import HybridSearch
    from index.settings import settings_from
    from index.vectors import VectorIndex
    from qa.reader import load_reader
    from qa.readers import SHIPPED, find_reader
    from ui.opening import open_archive

    settings = settings_from(archive=archive)
    opened = open_archive(settings.archive)
    weights = find_reader(SHIPPED if reader is None else str(reader)).weights_sha256
    manifest = f"{opened.passage_count()} {sorted(opened.manifest().items())}"
    store = ChoiceStore(kept, weights, settings.precision, manifest)
    search = HybridSearch(opened, VectorIndex(opened), load_embedder(settings.embedding_model, settings.precision))
    loaded = load_reader(settings.precision, reader)
    console = Console(stderr=True)
    found: list[tuple[EvalQuestion, Evidence | None]] = []
    for question in track(questions, "choices", console=console, disable=not console.is_terminal):
        known, evidence = store.find(question)
        if not known:
            evidence = read_choices(search, loaded, question)
            store.add(question, evidence)
        found.append((question, evidence))
    return [(question, evidence) for question, evidence in found if evidence is not None]
