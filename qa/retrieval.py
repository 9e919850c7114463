"""The retrieval layer in LlamaIndex's terms: a retriever over the archive, and node postprocessors.

The only file that knows LlamaIndex. Its parts can be given to any LlamaIndex query engine.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeRelationship, NodeWithScore, QueryBundle, RelatedNodeInfo, TextNode
from pydantic import ConfigDict, Field, PrivateAttr

from index.records import Filters, RetrievedPassage
from index.search import HybridSearch, Query, SearchMode, Stage, untimed
from qa.choice import ScoredEvidence
from qa.evidence import AskedQuestion
from qa.languages import split_by_language
from qa.period import DAYS_OF_COVERAGE
from qa.records import Period
from qa.rounds import read_in_rounds

PERIOD_BOOST = 1.5


class PassageNode(TextNode):
    """A LlamaIndex node that carries the passage it was made from."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    retrieved: RetrievedPassage = Field(exclude=True)


class ArchiveRetriever(BaseRetriever):
    """Hybrid search over an archive as a LlamaIndex retriever."""

    def __init__(
        self,
        search: HybridSearch,
        filters: Filters | None = None,
        limit: int = 50,
        mode: SearchMode = "hybrid",
        stage: Stage = untimed,
    ) -> None:
        super().__init__()
        self._search = search
        self._filters = filters or Filters()
        self._limit = limit
        self._mode = mode
        self._stage = stage

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        query = Query(query_bundle.query_str, self._filters, self._limit, self._mode)
        with self._stage("retrieve"):
            return [to_node(found) for found in self._search.search(query, self._stage)]


class PeriodPostprocessor(BaseNodePostprocessor):
    """Prefers articles of the days that a question's words mean ("last week")."""

    period: Any = None

    @classmethod
    def class_name(cls) -> str:
        return "PeriodPostprocessor"

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        if not isinstance(self.period, Period):
            return nodes
        weighted = [NodeWithScore(node=node.node, score=(node.score or 0.0) * self._weight(node)) for node in nodes]
        return sorted(weighted, key=lambda node: -(node.score or 0.0))

    def _weight(self, node: NodeWithScore) -> float:
        published = node.node.retrieved.article.published if isinstance(node.node, PassageNode) else None
        if published is None:
            return 1.0
        within = self.period.first <= published <= self.period.last + DAYS_OF_COVERAGE
        return PERIOD_BOOST if within else 1.0


class LanguagePostprocessor(BaseNodePostprocessor):
    """Leaves out articles in languages that the models don't read. The last query's `left_out` stay at hand."""

    _left_out: tuple[RetrievedPassage, ...] = PrivateAttr(default=())

    @classmethod
    def class_name(cls) -> str:
        return "LanguagePostprocessor"

    @property
    def left_out(self) -> tuple[RetrievedPassage, ...]:
        return self._left_out

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        _, self._left_out = split_by_language(_passages(nodes))
        unread = {found.passage.passage_id for found in self._left_out}
        return [node for node in nodes if node.node.node_id not in unread]


class ReaderPostprocessor(BaseNodePostprocessor):
    """Reads the first passages sentence by sentence, and puts them in the order in which they promise an answer.

    `question` has the day it is asked on and the period it means; without one, the query's own words are read as asked
    today. With a StopRule as its `rule` it stops reading when the evidence is clear. The last query's `evidence` stays
    at hand, so that nothing has to be read again to answer from it.
    """

    scorer: Any
    question: Any = None
    passages_read: int = 16
    rule: Any = None
    stage: Any = untimed
    _evidence: ScoredEvidence = PrivateAttr(default=ScoredEvidence((), 0.0, 0.0, ()))

    @classmethod
    def class_name(cls) -> str:
        return "ReaderPostprocessor"

    @property
    def evidence(self) -> ScoredEvidence:
        return self._evidence

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        question = self.question
        if not isinstance(question, AskedQuestion):
            question = AskedQuestion("" if query_bundle is None else query_bundle.query_str, date.today())
        there = {node.node.node_id: node for node in nodes if isinstance(node.node, PassageNode)}
        with self.stage("choose"):
            passages = _passages(list(there.values()))
            self._evidence = read_in_rounds(self.scorer, question, passages, self.passages_read, self.rule)
        best_first = [found.passage.passage_id for found in self._evidence.passages]
        return [there[one] for one in best_first] + [node for node in nodes if node.node.node_id not in best_first]


def to_node(found: RetrievedPassage) -> NodeWithScore:
    """A node whose text is the passage's and whose metadata says where it stands; the metadata is not for embedding."""
    article, passage = found.article, found.passage
    metadata = {
        "article_id": article.article_id,
        "version": article.version,
        "title": article.title,
        "outlet": article.outlet,
        "published": article.published.isoformat() if article.published else None,
        "url": article.url,
        "start": passage.start,
        "end": passage.end,
        "found_by": found.found_by,
    }
    node = PassageNode(
        id_=passage.passage_id,
        text=passage.text,
        extra_info=metadata,
        start_char_idx=passage.start,
        end_char_idx=passage.end,
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=article.article_id)},
        retrieved=found,
    )
    return NodeWithScore(node=node, score=found.score)


def retrieve(
    question: str, retriever: BaseRetriever, postprocessors: Sequence[BaseNodePostprocessor]
) -> tuple[RetrievedPassage, ...]:
    """The passages for a question, best first, after the postprocessors."""
    nodes = retriever.retrieve(QueryBundle(question))
    for postprocessor in postprocessors:
        nodes = postprocessor.postprocess_nodes(nodes, query_str=question)
    return _passages(nodes)


def _passages(nodes: Sequence[NodeWithScore]) -> tuple[RetrievedPassage, ...]:
    return tuple(
        replace(node.node.retrieved, score=node.score or 0.0, rank=rank)
        for rank, node in enumerate(nodes, start=1)
        if isinstance(node.node, PassageNode)
    )
