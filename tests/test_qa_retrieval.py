"""The archive as a LlamaIndex retriever, in a stock query engine; the embedder and the LLM are stand-ins."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest
from llama_index.core.llms import MockLLM
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from index.archive import Archive
from index.records import Filters, RetrievedPassage
from index.search import HybridSearch
from index.vectors import VectorIndex
from qa.choice import EvidenceScorer, ScoredEvidence, load_weights
from qa.evidence import AskedQuestion
from qa.records import Period
from qa.retrieval import PERIOD_BOOST, ArchiveRetriever, PeriodPostprocessor, ReaderPostprocessor, retrieve
from tests.support import FakeEmbedder, FakeReader, make_archive, make_article

ROOT = Path(__file__).parents[1]
TEXT = "The river Veld rose in Cray on Monday. Forty people fled from Mill Lane by boat."
ARTICLES = [
    make_article(TEXT, f"https://news.example/{day}", title="Flood in Cray", outlet="Courier", published=day)
    for day in (date(2024, 3, 4), date(2025, 3, 3), date(2026, 3, 2))
]
UNDATED = make_article(f"Notes.\n\n{TEXT}", "https://news.example/undated")
MARCH_2025 = Period("this month", date(2025, 3, 1), date(2025, 3, 31))


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    archive = make_archive(tmp_path / "archive", [*ARTICLES, UNDATED])
    yield archive
    archive.close()


def make_retriever(archive: Archive, filters: Filters | None = None, limit: int = 50) -> ArchiveRetriever:
    return ArchiveRetriever(HybridSearch(archive, VectorIndex(archive), FakeEmbedder()), filters, limit)


def test_a_stock_query_engine_takes_it_with_its_postprocessors(archive: Archive) -> None:
    engine = RetrieverQueryEngine.from_args(
        make_retriever(archive), llm=MockLLM(), node_postprocessors=[PeriodPostprocessor(period=MARCH_2025)]
    )
    response = engine.query("How many people fled from Mill Lane?")
    assert len(response.source_nodes) == 4
    assert response.source_nodes[0].node.metadata["published"] == "2025-03-03"
    # The stand-in LLM says its prompt again: the passages' text is in it, and so is the question.
    assert "Forty people fled from Mill Lane by boat." in str(response)
    assert "How many people fled from Mill Lane?" in str(response)


def test_nodes_carry_text_metadata_scores_and_offsets_of_their_article(archive: Archive) -> None:
    nodes = make_retriever(archive).retrieve("Who fled from Mill Lane?")
    assert len(nodes) == 4
    assert [node.score for node in nodes] == sorted((node.score or 0 for node in nodes), reverse=True)
    for found in nodes:
        node, metadata = found.node, found.node.metadata
        assert isinstance(node, TextNode)
        article = archive.article(metadata["article_id"], metadata["version"])
        assert (node.start_char_idx, node.end_char_idx) == (metadata["start"], metadata["end"])
        between = article.text[metadata["start"] : metadata["end"]]
        assert " ".join(between.split()) == node.get_content()
        assert node.source_node is not None
        assert node.source_node.node_id == article.article_id
        assert metadata["url"] == article.info.url
        assert metadata["title"] == article.info.title
        assert metadata["outlet"] == article.info.outlet
        assert metadata["found_by"] == "both"
    assert len({found.node.node_id for found in nodes}) == 4


def test_filters_and_limit(archive: Archive) -> None:
    nodes = make_retriever(archive, Filters(published_to=date(2025, 12, 31))).retrieve("Who fled from Mill Lane?")
    assert {node.node.metadata["published"] for node in nodes} == {"2024-03-04", "2025-03-03"}
    assert make_retriever(archive, Filters(outlets=())).retrieve("Who fled from Mill Lane?") == []
    assert len(make_retriever(archive, limit=2).retrieve("Who fled from Mill Lane?")) == 2


def test_the_period_is_preferred_not_demanded(archive: Archive) -> None:
    retriever = make_retriever(archive)
    question = "Who fled from Mill Lane?"
    plain = retrieve(question, retriever, [])
    preferred = retrieve(question, retriever, [PeriodPostprocessor(period=MARCH_2025)])
    assert preferred[0].article == ARTICLES[1].info
    assert {found.passage.passage_id for found in preferred} == {found.passage.passage_id for found in plain}
    assert [found.rank for found in preferred] == [1, 2, 3, 4]
    scores = {found.passage.passage_id: found.score for found in plain}
    for found in preferred:
        boost = PERIOD_BOOST if found.article == ARTICLES[1].info else 1.0
        assert found.score == pytest.approx(scores[found.passage.passage_id] * boost)
    assert retrieve(question, retriever, [PeriodPostprocessor(period=None)]) == plain


@pytest.mark.parametrize(
    ("published", "preferred"),
    [
        (date(2026, 3, 1), False),
        (date(2026, 3, 2), True),
        (date(2026, 3, 8), True),
        (date(2026, 3, 11), True),  # the day is still written about three days later
        (date(2026, 3, 12), False),
        (None, False),
    ],
)
def test_the_days_of_a_period(tmp_path: Path, published: date | None, preferred: bool) -> None:
    archive = make_archive(tmp_path / "archive", [make_article(TEXT, published=published)])
    (node,) = make_retriever(archive).retrieve("Who fled?")
    week = Period("last week", date(2026, 3, 2), date(2026, 3, 8))
    (weighed,) = PeriodPostprocessor(period=week).postprocess_nodes([node])
    assert weighed.score == pytest.approx((node.score or 0) * (PERIOD_BOOST if preferred else 1))
    archive.close()


def test_nodes_of_other_retrievers_pass_through_the_postprocessor() -> None:
    foreign = NodeWithScore(node=TextNode(text="x"), score=0.5)
    (kept,) = PeriodPostprocessor(period=MARCH_2025).postprocess_nodes([foreign], QueryBundle("x"))
    assert (kept.node, kept.score) == (foreign.node, 0.5)


NO_CLOUD = """
import sys
def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname"):
        raise SystemExit(f"{event} {arguments}")
sys.addaudithook(refuse)
import os
os.environ["OPENAI_API_KEY"] = "a key that must not be used"
from pathlib import Path
from tests.support import FakeEmbedder, make_archive
from tests.test_qa_retrieval import ARTICLES, make_retriever
from tests.test_qa_assistant import make_assistant
archive = make_archive(Path(sys.argv[1]), ARTICLES)
assert make_retriever(archive).retrieve("Who fled from Mill Lane?")
assert make_assistant(archive).ask("Who fled from Mill Lane?").answered
print([name for name in sys.modules if name == "openai" or name.startswith(("openai.", "llama_index.llms.openai"))])
"""


def test_no_cloud_client_is_imported_and_nothing_is_looked_up(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", NO_CLOUD, str(tmp_path / "archive")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip() == "[]"


class BackwardsScorer:
    """A stand-in: the later a passage comes, the more it promises. It remembers what it was given."""

    threshold = 0.5

    def __init__(self) -> None:
        self.given: list[tuple[AskedQuestion, tuple[RetrievedPassage, ...]]] = []

    def score(self, question: AskedQuestion, passages: Sequence[RetrievedPassage]) -> ScoredEvidence:
        self.given.append((question, tuple(passages)))
        return ScoredEvidence((), 0.0, 0.0, tuple(reversed(passages)))


def test_the_reader_reorders_what_it_reads_and_leaves_the_rest_behind(archive: Archive) -> None:
    retriever, scorer = make_retriever(archive), BackwardsScorer()
    found = retrieve("Who fled?", retriever, [])
    asked = AskedQuestion("Who fled?", date(2026, 4, 1))
    reader = ReaderPostprocessor(scorer=scorer, question=asked, passages_read=3)
    order = [found[2], found[1], found[0], found[3]]
    reordered = retrieve("Who fled?", retriever, [reader])
    assert [one.passage for one in reordered] == [one.passage for one in order]
    assert [one.rank for one in reordered] == [1, 2, 3, 4]
    # One reading, of the passages ranked as the steps before left them.
    assert scorer.given == [(asked, found[:3])]
    assert [one.passage for one in reader.evidence.passages] == [one.passage for one in order[:3]]


def test_the_reader_sees_the_period_before_it(archive: Archive) -> None:
    scorer = BackwardsScorer()
    steps = [PeriodPostprocessor(period=MARCH_2025), ReaderPostprocessor(scorer=scorer, passages_read=1)]
    retrieve("Who fled?", make_retriever(archive), steps)
    ((asked, (read,)),) = scorer.given
    assert (read.article.published, read.rank) == (date(2025, 3, 3), 1)
    assert (asked.words, asked.asked_on) == ("Who fled?", date.today())


def test_a_stock_query_engine_takes_the_reader(archive: Archive) -> None:
    scorer = EvidenceScorer(FakeReader(), load_weights())
    reader = ReaderPostprocessor(scorer=scorer)
    engine = RetrieverQueryEngine.from_args(make_retriever(archive), llm=MockLLM(), node_postprocessors=[reader])
    response = engine.query("How many people fled from Mill Lane?")
    assert [node.node.node_id for node in response.source_nodes] == [
        found.passage.passage_id for found in reader.evidence.passages
    ]
    assert reader.evidence.sentences[0].citation.quote == "Forty people fled from Mill Lane by boat."


def test_nothing_found_is_nothing_read(archive: Archive) -> None:
    reader = ReaderPostprocessor(scorer=EvidenceScorer(FakeReader(), load_weights()))
    assert retrieve("Who fled?", make_retriever(archive, Filters(outlets=())), [reader]) == ()
    assert reader.evidence.sentences == ()
