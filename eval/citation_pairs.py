"""How far a judge agrees with labels by hand: statements with what they cite in real articles, named by URL, version
and characters, without the articles' text.

A language model wrote four statements on each of sixty articles drawn from RealTime QA's dev-2023, as an assistant
would write them in answer to a question: faithful ones, some hard to see through; ones with one thing altered; ones
that cite the wrong sentences; ones that say more than is cited. Two further readings by the same language model, apart
from each other, with neither the writer's intention nor any verdict of the checker in sight, labelled each: supported,
partial (only part is said), contradicted, or unsupported. Nothing is fitted on them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal, get_args

from eval.agreement import balanced_accuracy, cohens_kappa, grouped_interval, raw_agreement
from eval.confidence import Interval
from eval.lines import Line, read_lines
from index.errors import BadInputError
from index.loaders import load_paths
from index.records import Article, article_id_for
from qa.grounding import Evidence, GroundingChecker
from qa.reader import head_of
from qa.records import Verdict

Label = Literal["supported", "partial", "contradicted", "unsupported"]
AT_A_TIME = 16


@dataclass(frozen=True, slots=True)
class CitationPair:
    """A statement and the characters `[start, end)` that it cites of one article version; what two readings made of it,
    and what its writer meant it to be.
    """

    pair_id: str
    article: tuple[str, str]
    cited: tuple[tuple[int, int], ...]
    statement: str
    labels: tuple[Label, Label]
    written_as: str
    fault: str

    @property
    def supported(self) -> tuple[bool, bool]:
        """What each reading says, as a citation counts: supported or not."""
        return self.labels[0] == "supported", self.labels[1] == "supported"


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of `pairs` statements, articles resampled: between the two labellings, and of the judge with each statement on
    which they agree.
    """

    pairs: int
    unsupported: int
    readings: Interval
    readings_kappa: Interval
    agreed: int
    judge: Interval
    judge_kappa: Interval


def labelled_pairs(path: Path | None = None) -> tuple[CitationPair, ...]:
    """Those that come with copydesk, or those of a file. Raises BadInputError, with file and line."""
    source = Path(str(files("eval").joinpath("citation_pairs.jsonl"))) if path is None else path
    return tuple(_pair(line) for line in read_lines(source))


def evidence_of(paths: Sequence[Path], pairs: Sequence[CitationPair]) -> list[Evidence]:
    """What each pair cites, from the files that hold the articles.

    Raises BadInputError when an article, in the version that was labelled, isn't there.
    """
    wanted = {pair.article for pair in pairs}
    found: dict[tuple[str, str], Article] = {}
    for one in load_paths(paths):
        if isinstance(one, Article) and (one.article_id, one.version) in wanted - found.keys():
            found[one.article_id, one.version] = one
    missing = len(wanted - found.keys())
    if missing:
        raise BadInputError(
            f"{missing} of the {len(wanted)} labelled articles are not in {', '.join(map(str, paths))}, or not in the "
            "version that was labelled: give the articles.jsonl.gz of RealTime QA's 2023"
        )
    return [_evidence(found[pair.article], pair.cited) for pair in pairs]


def _evidence(article: Article, cited: Sequence[tuple[int, int]]) -> Evidence:
    return Evidence(
        sentences=tuple(" ".join(article.text[start:end].split()) for start, end in cited),
        head=head_of(article.info),
        published=article.info.published,
    )


def judged(
    pairs: Sequence[CitationPair],
    evidence: Sequence[Evidence],
    judge: GroundingChecker,
    advance: Callable[[int], object] = lambda count: None,
) -> list[Verdict]:
    """The judge's verdict on each; `advance` is told of how many more it has judged."""
    asked = [(pair.statement, one) for pair, one in zip(pairs, evidence, strict=True)]
    verdicts: list[Verdict] = []
    for start in range(0, len(asked), AT_A_TIME):
        batch = asked[start : start + AT_A_TIME]
        verdicts += judge.check_all(batch)
        advance(len(batch))
    return verdicts


def agreement(pairs: Sequence[CitationPair], verdicts: Sequence[Verdict], seed: int = 0) -> Agreement:
    """How the two labellings agree with each other, and the judge with what they agree on."""
    one, other = [pair.supported[0] for pair in pairs], [pair.supported[1] for pair in pairs]
    groups = [pair.article[0] for pair in pairs]
    both = [place for place, pair in enumerate(pairs) if pair.supported[0] == pair.supported[1]]
    told = [verdicts[place].label == "supported" for place in both]
    true = [one[place] for place in both]
    kept = [groups[place] for place in both]
    return Agreement(
        pairs=len(pairs),
        unsupported=sum(not any(pair.supported) for pair in pairs),
        readings=grouped_interval(raw_agreement, one, other, groups, seed),
        readings_kappa=grouped_interval(cohens_kappa, one, other, groups, seed),
        agreed=len(both),
        judge=grouped_interval(balanced_accuracy, told, true, kept, seed),
        judge_kappa=grouped_interval(cohens_kappa, told, true, kept, seed),
    )


def _pair(line: Line) -> CitationPair:
    labels = tuple(_label(line, value) for value in line.values("labels", "labels"))
    if len(labels) != 2:
        raise BadInputError(f"{line.where}: labels must be two")
    return CitationPair(
        pair_id=line.text("id"),
        article=(article_id_for(line.text("url")), line.text("version")),
        cited=tuple(_span(line, value) for value in line.values("cited", "cited")),
        statement=line.text("statement"),
        labels=(labels[0], labels[1]),
        written_as=line.text("written_as"),
        fault=line.text("fault"),
    )


def _label(line: Line, value: object) -> Label:
    for label in get_args(Label):
        if value == label:
            return label  # type: ignore[no-any-return]
    raise BadInputError(f"{line.where}: {value!r} is no label: {', '.join(get_args(Label))}")


def _span(line: Line, value: object) -> tuple[int, int]:
    match value:
        case [int(start), int(end)] if start < end:
            return start, end
    raise BadInputError(f"{line.where}: cited must hold pairs of start and end")
