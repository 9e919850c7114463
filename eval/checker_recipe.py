"""The grounding checker's training, from the data folder to weights and a model card."""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from eval.claim_data import (
    ClaimArticle,
    ClaimExample,
    ClaimGroup,
    answered_examples,
    balanced_examples,
    claim_article,
    load_written_claims,
    made_examples,
)
from eval.claim_patterns import FILES, load_patterns, pattern_examples, twin_examples
from eval.fit_checker import JudgedClaim, fit_rule
from eval.reader_data import qamr, squadshifts
from index.errors import BadInputError
from index.loaders import load_paths
from index.records import Article
from qa.grounding import RULE_FILE, UNFITTED, WEIGHTS_FILE, Evidence, load_checker
from qa.guards import find_faults

if TYPE_CHECKING:
    from eval.train_checker import CheckerHeldOut

PER_ARTICLE = 1
QAMR_SHARE, WIKI_SHARE = 0.08, 0.12
# How many of the first pass's claims go again with the written ones, and how many of all are shown in lower case.
AGAIN, LOWER_CASE = 4000, 0.08
LEARNING_RATES = (1e-4, 8e-5, 5e-5, 5e-5, 5e-5)
# How many true and as many false readings of a pattern each pass after the first shows.
READINGS = (3, 3, 2)
# The last pass shows pairs: of a pattern of the newest file, of one of the others; and so many of the written claims.
NEW_TWINS, OLD_TWINS, WRITTEN_AGAIN = 2, 1, 4000
# The share of the last pass in the weights that are kept, beside those of the pass before (Wortsman et al., CVPR 2022,
# "Robust fine-tuning of zero-shot models"): what is learned last is forgotten least, what came before less.
LAST_SHARE = 0.75
HELD_OUT = 600
_FILES = (
    "reader-train/squadshifts-new_wiki_v1.0.json.gz",
    "reader-train/qamr-sentences.tsv.gz",
    "reader-train/qamr-dev.tsv.gz",
    "reader-train/qamr-test.tsv.gz",
    "realtimeqa/train-2022/articles.jsonl.gz",
)


@dataclass(frozen=True, slots=True)
class CheckerData:
    """The examples of the passes in the order of training, and what is kept for measuring."""

    passes: tuple[tuple[ClaimGroup, ...], ...]
    made_held_out: tuple[ClaimExample, ...]
    written_held_out: tuple[ClaimExample, ...]


def load_checker_data(folder: Path, seed: int) -> CheckerData:
    """Claims made by rule and from questions with their answers; then, three times, claims written on news articles and
    readings of claims with exchangeable parts, among some of the first; then pairs of such readings, a true one and a
    false one, that differ in one part. Those written on held-out articles are left
    out: thresholds are fitted on them afterwards. Raises
    BadInputError, naming it, for a file that is missing or no data of its kind.
    """
    wiki, sentences, dev, test, news = (folder / name for name in _FILES)
    for path in (wiki, sentences, dev, test, news):
        if not path.is_file():
            raise BadInputError(f"{path}: not there; the folder must hold reader-train/ and realtimeqa/train-2022/")
    lot = random.Random(seed)
    articles = [one for one in map(claim_article, _articles(news)) if one.sentences]
    made = list(made_examples(articles, seed, PER_ARTICLE))
    lot.shuffle(made)
    kept, made = made[:HELD_OUT], made[HELD_OUT:]
    asked = [group for group in squadshifts([wiki], seed, 0.6) if lot.random() < WIKI_SHARE]
    asked += qamr(sentences, [dev, test], seed, QAMR_SHARE)
    first = [*made, *answered_examples(asked, seed)]
    lot.shuffle(first)
    # Each further file was written while the pass before ran.
    written = [
        _written(articles, first, seed + number, FILES[: number + 1], readings)
        for number, readings in enumerate(READINGS)
    ]
    single: list[list[ClaimGroup]] = [[(one,) for one in examples] for examples in (first, *written)]
    passes = (*single, _twins(articles, first, seed + len(single)))
    return CheckerData(
        passes=tuple(tuple(_some_lower(one, random.Random(seed + number))) for number, one in enumerate(passes)),
        made_held_out=tuple(kept),
        written_held_out=held_out_claims(articles, seed),
    )


def _articles(path: Path) -> list[Article]:
    return [one for one in load_paths([path]) if isinstance(one, Article)]


def _written(
    articles: Sequence[ClaimArticle], first: Sequence[ClaimExample], seed: int, files: Sequence[str], readings: int
) -> list[ClaimExample]:
    """The written claims and readings of the patterns in some files, among some of the first pass. Left out is a true
    reading whose sentences lack a number, date or name of it: its writer took that from elsewhere in the article.
    """
    lot = random.Random(seed)
    found = list(balanced_examples([one for one in load_written_claims() if not one.held_out], articles, seed))
    patterns = [one for one in load_patterns(files) if not one.held_out]
    made = pattern_examples(patterns, articles, seed, readings)
    found += [one for one in made if not (one.supported and _lacks_something(one))]
    found += lot.sample(first, min(AGAIN, len(first)))
    lot.shuffle(found)
    return found


def _twins(articles: Sequence[ClaimArticle], first: Sequence[ClaimExample], seed: int) -> list[ClaimGroup]:
    """Pairs of true and false readings of all patterns, among some of the claims of the other passes."""
    lot = random.Random(seed)
    found: list[ClaimGroup] = []
    for name in FILES:
        patterns = [one for one in load_patterns([name]) if not one.held_out]
        pairs = twin_examples(patterns, articles, seed, NEW_TWINS if name == FILES[-1] else OLD_TWINS)
        found += [pair for pair in pairs if not _lacks_something(pair[0])]
    alone = list(balanced_examples([one for one in load_written_claims() if not one.held_out], articles, seed))
    for examples, most in ((alone, WRITTEN_AGAIN), (first, AGAIN)):
        found += [(one,) for one in lot.sample(examples, min(most, len(examples)))]
    lot.shuffle(found)
    return found


def _lacks_something(example: ClaimExample) -> bool:
    return any(not fault.clash for fault in find_faults(example.claim, example.evidence, context=example.head))


def _some_lower(groups: Sequence[ClaimGroup], lot: random.Random) -> Iterator[ClaimGroup]:
    """Some of the claims in lower case: there are archives that are."""
    for group in groups:
        lower = lot.random() < LOWER_CASE and all(len(one.claim.lower()) == len(one.claim) for one in group)
        yield tuple(replace(one, claim=one.claim.lower()) for one in group) if lower else group  # type: ignore[misc]


def held_out_claims(articles: Sequence[ClaimArticle], seed: int) -> tuple[ClaimExample, ...]:
    """What was written on the articles that are kept for thresholds and calibration, balanced as in training."""
    claims = [one for one in load_written_claims() if one.held_out]
    patterns = [one for one in load_patterns() if one.held_out]
    return (*balanced_examples(claims, articles, seed), *pattern_examples(patterns, articles, seed, READINGS[0]))


def train_checker(data: CheckerData, out: Path, seed: int, advance: Callable[[str, int, int], object]) -> None:
    """Train the passes, beginning with the reader's encoder; write weights, model card and logs to `out`. Goes on
    where it stopped.
    """
    import torch

    from eval.train_checker import measure, train
    from eval.trainer import average_weights, save_weights
    from qa.claim_model import ClaimModel
    from qa.reader import load_tokenizer, prepare_model, shipped_reader_encoder

    torch.manual_seed(seed)
    base = prepare_model()
    tokenizer = load_tokenizer(base)
    encoder = shipped_reader_encoder(base)
    model = ClaimModel(encoder, encoder.config.hidden_size)
    for number, (examples, rate) in enumerate(zip(data.passes, LEARNING_RATES, strict=True), start=1):
        folder = out / f"pass-{number}"
        train(model, tokenizer, examples, folder, seed, rate, partial(advance, f"pass {number}"))
        save_weights(model, folder / WEIGHTS_FILE)
    before = out / f"pass-{len(data.passes) - 1}" / WEIGHTS_FILE
    average_weights(model, before, LAST_SHARE)
    save_weights(model, out / WEIGHTS_FILE)
    rule = fit_rule(judged_claims(out, data.written_held_out))
    (out / RULE_FILE).write_text(json.dumps(asdict(rule), indent=1) + "\n", encoding="utf-8")
    results = {
        "made by rule": measure(model, tokenizer, data.made_held_out),
        "written": measure(model, tokenizer, data.written_held_out),
    }
    card = model_card(data, out / WEIGHTS_FILE, seed, results)
    (out / "CHECKER_CARD.md").write_text(card, encoding="utf-8")


def judged_claims(folder: Path, examples: Sequence[ClaimExample]) -> list[JudgedClaim]:
    """What the network whose weights are in a folder makes of examples, to fit its rule on."""
    pairs = [(one.claim, Evidence(one.evidence, one.head)) for one in examples]
    judgements = load_checker(folder=folder, rule=UNFITTED).judge(pairs)
    found = []
    for told, one in zip(judgements, examples, strict=True):
        clashes = [fault.clash for fault in find_faults(one.claim, one.evidence, context=one.head)]
        found.append(JudgedClaim(told, True in clashes, False in clashes, one.supported, one.clash))
    return found


def model_card(data: CheckerData, weights: Path, seed: int, results: "dict[str, CheckerHeldOut]") -> str:
    """What the weights are, what they were made from, what was measured, and what is not known."""
    measured = "\n".join(f"- {name}: `{json.dumps(asdict(held))}`" for name, held in results.items())
    return f"""# The grounding checker's weights

A cross-encoder on the encoder of the reader (MODEL_CARD.md; sentence-transformers/all-MiniLM-L6-v2, Apache-2.0, at the
bottom) with two heads: is the claim supported by its evidence, contradicted, or neither; and which of its words are not
borne out. It is told of each word whether, and in what run of words, the other side has it too, and of each figure
whether the evidence gives it. Made by `copydesk train checker --seed {seed}`; sha256
`{sha256(weights.read_bytes()).hexdigest()}`.

## Data
{_describe(data.passes[0], "First pass, claims made by rule from news sentences, and questions put with their answers")}
{_describe(data.passes[1], "Second pass, claims written on news and readings of patterns, among some of the first")}
{_describe(data.passes[2], "Third pass, the same with more patterns")}
{_describe(data.passes[3], "Fourth pass, the same with more again, fewer readings of each")}
{_describe(data.passes[4], "Fifth pass, pairs of a true and a false reading with more patterns again")}

The weights are {LAST_SHARE:.0%} those after the fifth pass, the rest those after the fourth.

- News articles of RealTime QA's 2022 quizzes (Kasai et al., NeurIPS 2023; `realtimeqa/realtimeqa_public`), of which no
  text is stored here; the articles belong to their publishers. Nothing of 2023 or later was used.
- SQuADShifts (Miller et al., ICML 2020; `modestyachts/squadshifts-website`), its Wikipedia part (CC BY-SA).
- QAMR (Michael et al., NAACL 2018; `uwnlp/qamr`, MIT): questions on Wikipedia and Wikinews sentences.
- Claims written for this project on those articles by a language model, half of them false by intention
  (`eval/training/news_claims.jsonl`), and patterns, claims with exchangeable parts of which some make them false, so
  that a true and a false claim differ in nothing else (`news_patterns.jsonl`, `more_news_patterns.jsonl`,
  `further_news_patterns.jsonl`, `twin_news_patterns.jsonl`). One article in six was held out.

## Measured on what was held out
{measured}

## Limits
English only. It judges a claim against at most a few sentences; numbers, dates, names and negation are guarded by
rules besides, since a network of this size can't be trusted with them. It is far surer of claims like those it was
trained on than of others (README, "Measured", has the adversarial set). Some of the statements made of questions are
garbled, and some synonyms exchanged by rule don't fit. Which licence weights made from news articles fall under is an
open question.
"""


def _describe(groups: Sequence[ClaimGroup], name: str) -> str:
    examples = [one for group in groups for one in group]
    return f"{name}: {len(examples):,} claims, of which {sum(one.supported for one in examples):,} are supported."
