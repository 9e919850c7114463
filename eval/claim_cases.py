"""Claims to try a grounding checker on, over the fictional sample articles: false ones, each with a true twin of nearly
the same wording, and faithful paraphrases.

Two files were written case by case by a language model, one judge, that had not seen the checker; the rest is made by
`eval.claim_templates` when they are loaded. They are for measuring only: no checker may be trained or tuned on them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Literal, cast, get_args

from eval.claim_templates import make_pairs
from eval.golden_set import read_articles
from eval.lines import Line, read_lines
from eval.records import Span
from index.errors import BadInputError
from index.loaders import sample_paths
from index.records import Article

ClaimLabel = Literal["supported", "partial", "contradicted", "unsupported"]
ClaimKind = Literal[
    "number",
    "unit",
    "date",
    "name",
    "role-swap",
    "negation",
    "modality",
    "attribution",
    "wrong-citation",
    "mixed-facts",
    "over-generalisation",
    "missing-hedge",
    "cause",
    "comparison",
    "tense",
    "context",
    "paraphrase",
]
CaseSource = Literal["hand", "rules"]
PARAPHRASE: ClaimKind = "paraphrase"
HAND_FILES = ("hand.jsonl", "paraphrases.jsonl")

_FIELDS = frozenset("id article evidence claim label kind twin source".split())


@dataclass(frozen=True, slots=True)
class ClaimCase:
    """A claim, what it is cited to, and whether that supports it.

    `label` holds for the evidence read in its place in the article: who "he" is, or that the next sentence takes it
    back, may stand around it. `twin` is the case of the opposite label; None for a paraphrase.
    """

    case_id: str
    article: Article
    spans: tuple[Span, ...]
    claim: str
    label: ClaimLabel
    kind: ClaimKind
    twin: str | None
    source: CaseSource

    @property
    def evidence(self) -> tuple[str, ...]:
        """The texts of the spans, in the order of the article."""
        return tuple(self.article.text[span.start : span.end] for span in self.spans)

    @property
    def title(self) -> str | None:
        return self.article.info.title

    @property
    def published(self) -> date | None:
        return self.article.info.published

    @property
    def is_true(self) -> bool:
        return self.label == "supported"


def load_cases() -> tuple[ClaimCase, ...]:
    """All of them, the same each time. Raises BadInputError for a line of the files that can't be read."""
    articles = sample_articles()
    written = [case for name in HAND_FILES for case in read_cases(hand_path(name), articles)]
    return (*written, *_made_cases(articles, {case.claim.casefold() for case in written}))


def sample_articles() -> dict[str, Article]:
    """The sample articles by the name of their file."""
    return {Path(str(article.source)).name: article for article in read_articles(sample_paths()).values()}


def hand_path(name: str) -> Path:
    """One of HAND_FILES, as it comes with copydesk."""
    return Path(str(files("eval").joinpath("adversarial", name)))


def read_cases(path: Path, articles: Mapping[str, Article]) -> tuple[ClaimCase, ...]:
    """The cases of one file, in its order. Raises BadInputError, naming file and line."""
    cases: dict[str, ClaimCase] = {}
    places: dict[str, str] = {}
    seen: dict[tuple[str, tuple[Span, ...]], str] = {}
    for line in read_lines(path):
        case = _case(line, articles)
        for earlier in (places.get(case.case_id), seen.get((case.claim.casefold(), case.spans))):
            if earlier is not None:
                raise BadInputError(
                    f"{line.where}: the same id, or the same claim on the same evidence, is at {earlier}"
                )
        places[case.case_id] = seen[case.claim.casefold(), case.spans] = line.where
        cases[case.case_id] = case
    for case in cases.values():
        _require_twin(case, cases, places[case.case_id])
    return tuple(cases.values())


def _case(line: Line, articles: Mapping[str, Article]) -> ClaimCase:
    unknown = sorted(set(line.fields) - _FIELDS)
    if unknown:
        raise BadInputError(f"{line.where}: no such field: {', '.join(unknown)}")
    article = articles.get(line.text("article"))
    if article is None:
        raise BadInputError(f"{line.where}: no sample article {line.text('article')!r}")
    return ClaimCase(
        case_id=line.text("id"),
        article=article,
        spans=_spans(line, article),
        claim=line.text("claim"),
        label=cast(ClaimLabel, _one_of(line, "label", get_args(ClaimLabel))),
        kind=cast(ClaimKind, _one_of(line, "kind", get_args(ClaimKind))),
        twin=line.text("twin") if line.has("twin") else None,
        source=cast(CaseSource, _one_of(line, "source", get_args(CaseSource))),
    )


def _one_of(line: Line, field: str, values: Sequence[str]) -> str:
    value = line.text(field)
    if value not in values:
        raise BadInputError(f"{line.where}: {field} is {value!r}; it can be one of: {', '.join(values)}")
    return value


def _spans(line: Line, article: Article) -> tuple[Span, ...]:
    spans = tuple(_span(line, value, article) for value in line.values("evidence", "[start, end]"))
    if not spans:
        raise BadInputError(f"{line.where}: evidence must hold one [start, end] at least")
    if any(one.end > other.start for one, other in pairwise(spans)):
        raise BadInputError(f"{line.where}: evidence must stand in the order of the article, without overlaps")
    return spans


def _span(line: Line, value: object, article: Article) -> Span:
    match value:
        case [int(start), int(end)] if 0 <= start < end <= len(article.text):
            return Span(article.article_id, start, end)
    raise BadInputError(f"{line.where}: {value!r} is no [start, end] inside the {len(article.text)} characters")


def _require_twin(case: ClaimCase, cases: Mapping[str, ClaimCase], where: str) -> None:
    if case.kind == PARAPHRASE:
        if case.twin is not None or not case.is_true:
            raise BadInputError(f"{where}: a paraphrase is supported and has no twin")
        return
    twin = cases.get(case.twin or "")
    if twin is None or twin.twin != case.case_id or twin.kind != case.kind or twin.is_true == case.is_true:
        raise BadInputError(f"{where}: twin must name a case of this kind that names it back, one of them supported")


def _made_cases(articles: Mapping[str, Article], taken: set[str]) -> Iterator[ClaimCase]:
    for number, pair in enumerate(make_pairs(tuple(articles.values()), taken), start=1):
        article, kind = pair.article, cast(ClaimKind, pair.kind)
        name = f"rules-{kind}-{number:03d}"
        true_spans, false_spans = (
            tuple(Span(article.article_id, one.start, one.end) for one in sentences)
            for sentences in (pair.true_evidence, pair.false_evidence)
        )
        label = cast(ClaimLabel, pair.label)
        true = ClaimCase(f"{name}-true", article, true_spans, pair.true, "supported", kind, f"{name}-false", "rules")
        yield replace(
            true, case_id=f"{name}-false", spans=false_spans, claim=pair.false, label=label, twin=f"{name}-true"
        )
        yield true
