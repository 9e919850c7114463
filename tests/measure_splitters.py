"""Measure sentence splitters against boundaries labelled by reading: `python tests/measure_splitters.py`.

`data/sentence_boundaries.jsonl` names paragraphs of the articles in COPYDESK_DATA by URL, offsets and hash, and gives
the offsets in each at which a new sentence starts. No article text is stored there. The "tuning" part was looked at
while the repairs in `index/sentences.py` were written, the "held-out" part was not.
"""

import gzip
import hashlib
import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

LABELS = Path(__file__).parent / "data" / "sentence_boundaries.jsonl"
SPEED_CHARACTERS = 400_000

Span = tuple[int, int]
Splitter = Callable[[str], Iterable[Span]]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A paragraph and the offsets in it at which its second and later sentences start."""

    part: str
    text: str
    breaks: frozenset[int]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many breaks were found rightly, put where none is, and missed."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        total = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / total if total else 1.0


def read_articles(data: Path, name: str) -> dict[str, str]:
    """The texts of one set of articles by URL (for the seed, by file name)."""
    if name == "seed":
        return {path.name: path.read_text(encoding="utf-8") for path in sorted((data / "seed").glob("*.txt"))}
    with gzip.open(data / "realtimeqa" / name / "articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        return {article["url"]: article["text"] for article in map(json.loads, lines)}


def labelled_paragraphs(data: Path) -> list[Labelled]:
    """Every labelled paragraph; ValueError where the data is not the one that was labelled."""
    texts: dict[str, dict[str, str]] = {}
    paragraphs = []
    for line in LABELS.read_text(encoding="utf-8").splitlines():
        label = json.loads(line)
        name = label["set"]
        if name not in texts:
            texts[name] = read_articles(data, name)
        text = texts[name][label["url"]][label["start"] : label["end"]]
        if hashlib.sha256(text.encode()).hexdigest() != label["sha256"]:
            raise ValueError(f"{label['url']} at {label['start']} is not the text that was labelled")
        paragraphs.append(Labelled(label["part"], text, frozenset(label["breaks"])))
    return paragraphs


def breaks_of(split: Splitter, text: str) -> frozenset[int]:
    """Where the splitter starts a sentence, the first one left out, white space skipped."""
    starts = []
    for start, end in split(text):
        piece = text[start:end]
        if piece.strip():
            starts.append(start + len(piece) - len(piece.lstrip()))
    return frozenset(starts[1:])


def count(found: frozenset[int], expected: frozenset[int]) -> Counts:
    return Counts(len(found & expected), len(found - expected), len(expected - found))


def total(counts: Sequence[Counts]) -> Counts:
    return Counts(sum(c.right for c in counts), sum(c.wrong for c in counts), sum(c.missed for c in counts))


def f1_interval(counts: Sequence[Counts], resamples: int = 1000, seed: int = 1) -> tuple[float, float]:
    """The 95 % percentile bootstrap interval of F1, paragraphs drawn with replacement."""
    rng = random.Random(seed)
    values = sorted(total(rng.choices(counts, k=len(counts))).f1 for _ in range(resamples))
    return values[int(0.025 * resamples)], values[int(0.975 * resamples) - 1]


def _ours() -> Splitter:
    from index.sentences import sentence_spans

    return sentence_spans


def _nupunkt() -> Splitter:
    from nupunkt.models import load_default_model

    return load_default_model().span_tokenize


def _pysbd() -> Splitter:
    pysbd = import_module("pysbd")

    segmenter = pysbd.Segmenter(language="en", clean=False, char_span=True)
    return lambda text: [(span.start, span.end) for span in segmenter.segment(text)]


def _punkt() -> Splitter:
    core = import_module("llama_index.core")
    nltk = import_module("nltk")

    nltk.data.path.insert(0, str(Path(str(core.__file__)).parent / "_static" / "nltk_cache"))
    split: Splitter = nltk.tokenize.PunktTokenizer("english").span_tokenize
    return split


def _blingfire() -> Splitter:
    blingfire = import_module("blingfire")

    return lambda text: blingfire.text_to_sentences_and_offsets(text)[1]


def _spacy() -> Splitter:
    spacy = import_module("spacy")

    pipeline = spacy.blank("en")
    pipeline.add_pipe("sentencizer")
    return lambda text: [(sentence.start_char, sentence.end_char) for sentence in pipeline(text).sents]


SPLITTERS: tuple[tuple[str, Callable[[], Splitter]], ...] = (
    ("copydesk", _ours),
    ("nupunkt", _nupunkt),
    ("pysbd", _pysbd),
    ("blingfire", _blingfire),
    ("NLTK punkt_tab", _punkt),
    ("spaCy sentencizer", _spacy),
)


def megabytes_per_second(split: Splitter, texts: Iterable[str]) -> float:
    """Characters (as millions) that the splitter takes in a second, in the best of three runs."""
    sample: list[str] = []
    for text in texts:
        if sum(map(len, sample)) >= SPEED_CHARACTERS:
            break
        sample.extend(line for line in text.split("\n") if line.strip())
    best = float("inf")
    for _ in range(3):
        begin = time.perf_counter()
        for line in sample:
            list(split(line))
        best = min(best, time.perf_counter() - begin)
        if best > 2:
            break
    return sum(map(len, sample)) / 1e6 / best


def rows(data: Path) -> Iterator[str]:
    paragraphs = labelled_paragraphs(data)
    speed_texts = list(read_articles(data, "dev-2023").values())[:200]
    for name, load in SPLITTERS:
        try:
            split = load()
        except (ImportError, LookupError) as error:
            yield f"{name:<18} not installed ({error.__class__.__name__})"
            continue
        speed = megabytes_per_second(split, speed_texts)
        for part in ("tuning", "held-out", "all"):
            chosen = [p for p in paragraphs if part in (p.part, "all")]
            counts = [count(breaks_of(split, p.text), p.breaks) for p in chosen]
            whole, (low, high) = total(counts), f1_interval(counts)
            yield (
                f"{name:<18} {part:<9} {whole.right + whole.missed:>5} {whole.wrong:>6} {whole.missed:>7}"
                f" {whole.precision:>10.3f} {whole.recall:>7.3f} {whole.f1:>6.3f} [{low:.3f}, {high:.3f}] {speed:>6.1f}"
            )


def main() -> int:
    folder = os.environ.get("COPYDESK_DATA")
    if not folder:
        print("Set COPYDESK_DATA to the data folder; the labels name articles in it.", file=sys.stderr)
        return 1
    print("splitter           part      breaks  wrong  missed  precision  recall     F1 95 % interval     MB/s")
    for row in rows(Path(folder)):
        print(row, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
