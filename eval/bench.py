"""Compare with a stock peer in the same run: the same articles, questions and embedding model."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from eval.bench_build import StockBuild, build_stock
from eval.bench_cost import Bench, costs, draw_articles
from eval.bench_quality import DENSE, LEXICAL, OURS, STOCK, TEXTS, OwnRetriever, quality, search_all
from eval.bench_records import RetrievedText, Retriever, words_to_search
from eval.bench_report import summary
from eval.bench_stock import StockIndex, StockModel, peer_settings
from eval.records import EvalQuestion, QuestionSet
from eval.store import dump, write_whole
from index.archive import Archive
from index.embedding import load_embedder
from index.errors import ArchiveError
from index.search import HybridSearch
from index.settings import IndexSettings
from index.vectors import VectorIndex

SCHEMA_VERSION = 1
JSON, PAGE, STOCK_FOLDER = "bench.json", "bench.md", "stock"


@dataclass(frozen=True, slots=True)
class BenchPlan:
    """`words` is the budget of retrieved words; costs are measured on so many articles, with 0 not at all."""

    words: int = 500
    cost_articles: int = 100
    seed: int = 0


class StockRetriever:
    """The peer, asked for as many texts as the budgets may need."""

    def __init__(self, index: StockIndex) -> None:
        self._index = index

    def retrieve(self, question: EvalQuestion) -> tuple[RetrievedText, ...]:
        return self._index.retrieve(words_to_search(question), TEXTS)


def run_bench(
    settings: IndexSettings, question_set: QuestionSet, out: Path, plan: BenchPlan, console: Console
) -> dict[str, Any]:
    """Build the peer's index in `out`/stock, search both, measure both; write bench.json and bench.md.

    Stopped while it builds, it goes on where it stopped. What was found is written before costs are measured.
    """
    embedder = load_embedder(settings.embedding_model, settings.precision)
    with closing(Archive(settings.archive)) as archive, closing(VectorIndex(archive)) as vectors:
        archive.require_match(embedder.identity)
        if not archive.article_count():
            raise ArchiveError(f"the archive {archive.folder} is empty: add articles first, with 'copydesk add'")
        model = StockModel(settings.embedding_model)
        built = build_stock(out / STOCK_FOLDER, model, embedder.identity, archive, console)
        with closing(built.index):
            search = HybridSearch(archive, vectors, embedder)
            found = _search(search, built.index, question_set, archive, plan, console)
            document = {**_setting(question_set, archive, model, built, plan), **found, "cost": None}
            _write(out, document)
            if plan.cost_articles:
                bench = Bench(
                    archive, embedder, settings.precision, OwnRetriever(search), model, built.index, built.folder
                )
                console.print("measuring costs …")
                articles = draw_articles(archive, plan.cost_articles, plan.seed)
                document["cost"] = costs(bench, question_set.questions, articles, plan.seed, out)
                _write(out, document)
    return document


def _search(
    search: HybridSearch,
    index: StockIndex,
    question_set: QuestionSet,
    archive: Archive,
    plan: BenchPlan,
    console: Console,
) -> dict[str, Any]:
    systems: dict[str, Retriever] = {
        OURS: OwnRetriever(search),
        LEXICAL: OwnRetriever(search, "lexical"),
        DENSE: OwnRetriever(search, "dense"),
        STOCK: StockRetriever(index),
    }
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bars:
        task = bars.add_task("questions", total=len(question_set.questions))
        results = search_all(question_set.questions, systems, archive, lambda: bars.advance(task))
    return {"quality": quality(results, plan.words, plan.seed), "questions": [asdict(result) for result in results]}


def _setting(
    question_set: QuestionSet, archive: Archive, model: StockModel, built: StockBuild, plan: BenchPlan
) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "dataset": {"name": question_set.name, "questions": len(question_set.questions)},
        "plan": asdict(plan),
        "articles": built.articles,
        "passages": archive.passage_count(),
        "stock": {**peer_settings(model), "nodes": built.nodes},
    }


def _write(out: Path, document: Mapping[str, Any]) -> None:
    write_whole(out / JSON, dump(document, indent=2) + "\n")
    write_whole(out / PAGE, summary(document))
