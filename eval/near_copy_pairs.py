"""How well near-copies are told: labelled pairs of real articles, named by URL and version, without their text.

The pairs were drawn from articles of RealTime QA's train-2022 and dev-2023, 15 from each of nine bands of containment
from 0.08 to 1, an article once a band. A language model labelled them, one judge, by the definition that stands in
`index.near_copies`, from what the two texts share, what each has alone, their titles and their dates. Every second pair
was used to fit the thresholds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from eval.judged import wilson
from eval.lines import Line, read_lines
from eval.records import MetricValue
from index.errors import BadInputError
from index.furniture import find_furniture
from index.loaders import load_paths
from index.near_copies import Fingerprint, are_near_copies, fingerprint_of, likeness
from index.records import Article, article_id_for
from index.sentences import split_sentences

ArticleVersion = tuple[str, str]


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """Two article versions (id, version), and whether they are near-copies."""

    one: ArticleVersion
    other: ArticleVersion
    near_copy: bool
    fitted_on: bool


@dataclass(frozen=True, slots=True)
class PairScores:
    """How the labels and what is told agree; precision and recall with 95 % Wilson intervals."""

    pairs: int
    precision: MetricValue
    recall: MetricValue


def labelled_pairs() -> tuple[LabelledPair, ...]:
    """Those that come with copydesk."""
    source = Path(str(files("eval").joinpath("near_copy_pairs.jsonl")))
    return tuple(_pair(line) for line in read_lines(source))


def told_near(paths: Sequence[Path], pairs: Sequence[LabelledPair]) -> list[bool]:
    """Whether each pair is told to be near-copies. `paths` hold the articles.

    Raises BadInputError when an article, in the version that was labelled, isn't there.
    """
    wanted = {version for pair in pairs for version in (pair.one, pair.other)}
    prints: dict[ArticleVersion, Fingerprint] = {}
    for article in load_paths(paths):
        if isinstance(article, Article) and (article.article_id, article.version) in wanted - prints.keys():
            sentences = split_sentences(article, find_furniture(article.text, article.info.title))
            prints[article.article_id, article.version] = fingerprint_of([sentence.text for sentence in sentences])
    if missing := len(wanted - prints.keys()):
        raise BadInputError(
            f"{missing} of the {len(wanted)} articles that were labelled are not in {', '.join(map(str, paths))}: "
            "give the articles.jsonl.gz of train-2022 and of dev-2023"
        )
    return [are_near_copies(likeness(prints[pair.one], prints[pair.other])) for pair in pairs]


def score_pairs(pairs: Sequence[LabelledPair], told: Sequence[bool]) -> PairScores:
    """Precision is over the pairs told to be near-copies, recall over those labelled so."""
    right = sum(pair.near_copy and near for pair, near in zip(pairs, told, strict=True))
    shares = [("precision", sum(told)), ("recall", sum(pair.near_copy for pair in pairs))]
    precision, recall = (
        MetricValue(name, "pairs", right / n if n else None, *wilson(right, n), n, 0) for name, n in shares
    )
    return PairScores(len(pairs), precision, recall)


def _pair(line: Line) -> LabelledPair:
    one, other = (Line(line.where, item) for item in line.values("articles", "articles") if isinstance(item, dict))
    label, part = line.fields.get("near_copy"), line.text("part")
    if not isinstance(label, bool) or part not in ("fit", "held out"):
        raise BadInputError(f"{line.where}: near_copy must be true or false, part 'fit' or 'held out'")
    return LabelledPair(_version(one), _version(other), label, part == "fit")


def _version(line: Line) -> ArticleVersion:
    return article_id_for(line.text("url")), line.text("version")
