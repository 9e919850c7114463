"""What it brings and costs to read 5, 10, 16, 20 or 50 passages for a question, or to stop when the evidence is clear.

Times depend on the machine and on what else it does, so each is a ratio: of reading for a question to embedding its
first 50 passages, which have about 100 words each, one right after the other.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from time import perf_counter
from typing import Any

from eval.answer_metrics import answer_in_cited, first_rank, scorable_answers
from eval.bench_ratios import median_ratio
from eval.confidence import mean_interval
from eval.layout import table
from eval.records import EvalQuestion
from eval.retrieval_metrics import hit_at
from index.embedding import Embedder
from index.passages import text_to_embed
from index.records import RetrievedPassage
from index.search import HybridSearch
from qa.choice import ScoredEvidence, SentenceScorer
from qa.compose import MOST_SENTENCES, compose
from qa.evidence import AskedQuestion
from qa.period import find_period
from qa.rounds import StopRule, margin_of, read_in_rounds
from qa.settings import AnswerSettings

EMBEDDED = 50
DEPTHS = (5, 10, 16, 20, 50)
MOST_READ = AnswerSettings().passages_read  # what the rule may read, and is compared with
_ANSWERABLE = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98)
_MARGINS = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
# The share of right answers that the rule may lose on the questions it is fitted on.
_MAY_LOSE = 0.005


@dataclass(frozen=True, slots=True)
class Reading:
    """One question at one depth: the rank of the gold answer among the sentences cited and the passages as ordered,
    None where it isn't there; how many passages were read, and in how many seconds.
    """

    sentence_rank: int | None
    passage_rank: int | None
    passages_read: int
    seconds: float
    answerable: float
    margin: float


@dataclass(frozen=True, slots=True)
class QuestionReadings:
    """`depths` holds a reading for each of DEPTHS; `stopped` one that stops when the evidence is clear."""

    question_id: str
    fused_rank: int | None
    depths: tuple[Reading, ...]
    stopped: Reading
    embedding_seconds: float


class _Counting:
    """A scorer that remembers how many passages it was given last."""

    def __init__(self, scorer: SentenceScorer) -> None:
        self._scorer = scorer
        self.given = 0

    @property
    def threshold(self) -> float:
        return self._scorer.threshold

    def score(self, question: AskedQuestion, passages: Sequence[RetrievedPassage]) -> ScoredEvidence:
        self.given = len(passages)
        return self._scorer.score(question, passages)


def read_all(
    search: HybridSearch,
    scorer: SentenceScorer,
    questions: Sequence[EvalQuestion],
    rule: StopRule,
    advance: Callable[[], object] = lambda: None,
) -> list[QuestionReadings]:
    """Every question with a gold answer, read at every depth; each reading starts with nothing remembered."""
    found = []
    for question in questions:
        gold = scorable_answers(question.gold_answers)
        if gold and question.quotable:
            found.append(_read(search, scorer, question, gold, rule))
        advance()
    return found


def _read(
    search: HybridSearch, scorer: SentenceScorer, question: EvalQuestion, gold: tuple[str, ...], rule: StopRule
) -> QuestionReadings:
    from qa.retrieval import ArchiveRetriever, PeriodPostprocessor, retrieve

    period = find_period(question.question, question.asked_on)
    asked = AskedQuestion(question.question, question.asked_on, period)
    retriever = ArchiveRetriever(search, limit=max(DEPTHS))
    passages = retrieve(question.question, retriever, [PeriodPostprocessor(period=period)])
    counting = _Counting(scorer)

    def reading(most: int, chosen: StopRule | None) -> Reading:
        # Readers remember their last question: another one makes them forget it.
        scorer.score(AskedQuestion("", date.min), ())
        start = perf_counter()
        evidence = read_in_rounds(counting, asked, passages, most, chosen)
        return _reading(question, evidence, passages, gold, counting.given, perf_counter() - start)

    return QuestionReadings(
        question_id=question.question_id,
        fused_rank=first_rank([one.passage.text for one in passages], gold),
        depths=tuple(reading(depth, None) for depth in DEPTHS),
        stopped=reading(MOST_READ, rule),
        embedding_seconds=_embedding_seconds(search.embedder, passages),
    )


def _reading(
    question: EvalQuestion,
    evidence: ScoredEvidence,
    passages: Sequence[RetrievedPassage],
    gold: tuple[str, ...],
    read: int,
    seconds: float,
) -> Reading:
    sentences = compose(question.question, evidence.sentences, exactly=MOST_SENTENCES)
    ordered = [*evidence.passages, *passages[read:]]
    return Reading(
        sentence_rank=first_rank([one.citations[0].quote for one in sentences], gold),
        passage_rank=first_rank([one.passage.text for one in ordered], gold),
        passages_read=read,
        seconds=seconds,
        answerable=evidence.answerable,
        margin=margin_of(evidence),
    )


def _embedding_seconds(embedder: Embedder, passages: Sequence[RetrievedPassage]) -> float:
    texts = [text_to_embed(one.article, one.passage) for one in passages[:EMBEDDED]]
    start = perf_counter()
    embedder.embed(texts)
    return (perf_counter() - start) * EMBEDDED / max(1, len(texts))


def fit_rule(found: Sequence[QuestionReadings]) -> StopRule:
    """The rule that reads least while, of the answers that MOST_READ passages give, hardly one is lost."""
    full = DEPTHS.index(MOST_READ)
    allowed = _MAY_LOSE * len(found)
    best, least = StopRule(1.0, max(_MARGINS)), float("inf")
    for rule in (StopRule(answerable, margin) for answerable in _ANSWERABLE for margin in _MARGINS):
        stopped = [_where_it_stops(one.depths[: full + 1], rule) for one in found]
        lost = [
            sum(answer_in_cited(one.depths[full].sentence_rank, k) for one in found)
            - sum(answer_in_cited(reading.sentence_rank, k) for reading in stopped)
            for k in (1, MOST_SENTENCES)
        ]
        read = sum(reading.passages_read for reading in stopped)
        if max(lost) <= allowed and read < least:
            best, least = rule, read
    return best


def _where_it_stops(depths: Sequence[Reading], rule: StopRule) -> Reading:
    return next((one for one in depths if one.answerable >= rule.answerable and one.margin >= rule.margin), depths[-1])


def reading_table(found: Sequence[QuestionReadings], seed: int) -> dict[str, Any]:
    """Shares with intervals, and the ratio of reading's time to embedding's, by depth."""
    ways = [(str(depth), [one.depths[place] for one in found]) for place, depth in enumerate(DEPTHS)]
    ways.append((f"{MOST_READ}, stopping when clear", [one.stopped for one in found]))
    embedding = [one.embedding_seconds for one in found]
    rows = [
        {
            "passages_read": name,
            "mean_read": sum(one.passages_read for one in readings) / max(1, len(readings)),
            "answer_in_cited@1": asdict(
                mean_interval([answer_in_cited(one.sentence_rank, 1) for one in readings], seed)
            ),
            "answer_in_cited@3": asdict(
                mean_interval([answer_in_cited(one.sentence_rank, 3) for one in readings], seed)
            ),
            "passage_hit@5": asdict(mean_interval([hit_at(one.passage_rank, 5) for one in readings], seed)),
            "time_ratio": asdict(median_ratio([one.seconds for one in readings], embedding, seed)),
        }
        for name, readings in ways
    ]
    fused = mean_interval([hit_at(one.fused_rank, 5) for one in found], seed)
    return {"n": len(found), "fused_hit@5": asdict(fused), "rows": rows}


def page(document: dict[str, Any]) -> str:
    """The Markdown of what `reading_table` found."""
    shares = ("answer_in_cited@1", "answer_in_cited@3", "passage_hit@5")
    rows = [
        (
            row["passages_read"],
            f"{row['mean_read']:.1f}",
            *(_interval(row[name], 100, "{:.1f}") for name in shares),
            _interval(row["time_ratio"], 1, "{:.2f}"),
        )
        for row in document["rows"]
    ]
    header = ("passages read", "on average", *shares, "time")
    lines = [
        *table(header, rows),
        "",
        f"{document['n']} questions with a gold answer; shares in per cent of the answer without refusing, with 95 % "
        f"intervals. passage_hit@5 of the search alone: {_interval(document['fused_hit@5'], 100, '{:.1f}')}. Time: the "
        f"median question's reading as a multiple of embedding {EMBEDDED} passages of about 100 words, by turns.",
    ]
    return "\n".join(lines) + "\n"


def _interval(found: dict[str, Any], factor: float, shown: str) -> str:
    if found["value"] is None:
        return "not measured"
    value, *bounds = (
        None if found[name] is None else shown.format(factor * found[name]) for name in ("value", "low", "high")
    )
    return str(value) if None in bounds else f"{value} [{bounds[0]}, {bounds[1]}]"
