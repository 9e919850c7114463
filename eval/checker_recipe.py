"""The grounding checker's training, from the data folder to weights and a model card."""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from eval.claim_data import (
    ClaimArticle,
    ClaimExample,
    answered_examples,
    balanced_examples,
    claim_article,
    load_written_claims,
    made_examples,
    written_examples,
)
from eval.fit_checker import JudgedClaim, fit_rule
from eval.reader_data import qamr, squadshifts
from index.errors import BadInputError
from index.loaders import load_paths
from index.records import Article
from qa.grounding import RULE_FILE, UNFITTED, WEIGHTS_FILE, Evidence, load_checker

if TYPE_CHECKING:
    from eval.train_checker import CheckerHeldOut

PER_ARTICLE = 3
QAMR_SHARE, WIKI_SHARE = 0.18, 0.55
# How often the second pass goes over the written claims, and how many of those made by rule go with them.
WRITTEN_PASSES, MADE_AGAIN = 2, 9000
# How many of those made by rule go with the third pass.
MADE_AT_LAST = 4000
LEARNING_RATES = (1e-4, 5e-5, 6e-5)
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
    """The examples of the three passes in the order of training, and what is kept for measuring."""

    passes: tuple[tuple[ClaimExample, ...], tuple[ClaimExample, ...], tuple[ClaimExample, ...]]
    made_held_out: tuple[ClaimExample, ...]
    written_held_out: tuple[ClaimExample, ...]


def load_checker_data(folder: Path, seed: int) -> CheckerData:
    """Claims made by rule and from questions with their answers; then claims written on news articles, among some of
    the first; then these with others besides, so that a claim's likeness to its evidence tells nothing. Those written
    on held-out articles are left out: thresholds are fitted on them afterwards. Raises
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
    return CheckerData(
        passes=(tuple(first), tuple(_second(articles, first, seed, lot)), tuple(_third(articles, first, seed, lot))),
        made_held_out=tuple(kept),
        written_held_out=held_out_claims(articles, seed),
    )


def _articles(path: Path) -> list[Article]:
    return [one for one in load_paths([path]) if isinstance(one, Article)]


def _second(
    articles: Sequence[ClaimArticle], first: Sequence[ClaimExample], seed: int, lot: random.Random
) -> list[ClaimExample]:
    claims = [claim for claim in load_written_claims() if not claim.held_out]
    found = []
    for number in range(WRITTEN_PASSES):
        written = list(written_examples(claims, articles, seed + number))
        written += lot.sample(first, min(MADE_AGAIN // WRITTEN_PASSES, len(first)))
        lot.shuffle(written)
        found += written
    return found


def _third(
    articles: Sequence[ClaimArticle], first: Sequence[ClaimExample], seed: int, lot: random.Random
) -> list[ClaimExample]:
    claims = [claim for claim in load_written_claims() if not claim.held_out]
    found = list(balanced_examples(claims, articles, seed))
    found += lot.sample(first, min(MADE_AT_LAST, len(first)))
    lot.shuffle(found)
    return found


def held_out_claims(articles: Sequence[ClaimArticle], seed: int) -> tuple[ClaimExample, ...]:
    """The claims written on the articles that are kept for thresholds and calibration, balanced as in training."""
    return tuple(balanced_examples([claim for claim in load_written_claims() if claim.held_out], articles, seed))


def train_checker(data: CheckerData, out: Path, seed: int, advance: Callable[[str, int, int], object]) -> None:
    """Train the three passes, beginning with the reader's encoder; write weights, model card and logs to `out`. Goes on
    where it stopped.
    """
    import torch

    from eval.train_checker import measure, train
    from eval.trainer import save_weights
    from qa.claim_model import new_claim_model
    from qa.reader import load_tokenizer, prepare_model, shipped_reader_encoder

    torch.manual_seed(seed)
    base = prepare_model()
    tokenizer = load_tokenizer(base)
    model = new_claim_model(base, torch.float32)
    model.encoder.load_state_dict(shipped_reader_encoder(base))
    for number, (examples, rate) in enumerate(zip(data.passes, LEARNING_RATES, strict=True), start=1):
        folder = out / f"pass-{number}"
        train(model, tokenizer, examples, folder, seed, rate, partial(advance, f"pass {number}"))
        save_weights(model, folder / WEIGHTS_FILE)
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
    return [JudgedClaim(told, one.supported, one.clash) for told, one in zip(judgements, examples, strict=True)]


def model_card(data: CheckerData, weights: Path, seed: int, results: "dict[str, CheckerHeldOut]") -> str:
    """What the weights are, what they were made from, what was measured, and what is not known."""
    measured = "\n".join(f"- {name}: `{json.dumps(asdict(held))}`" for name, held in results.items())
    return f"""# The grounding checker's weights

A cross-encoder on the encoder of the reader (MODEL_CARD.md; sentence-transformers/all-MiniLM-L6-v2, Apache-2.0, at the
bottom) with two heads: is the claim supported by its evidence, contradicted, or neither; and which of its words are not
borne out. Made by `copydesk train checker --seed {seed}`; sha256 `{sha256(weights.read_bytes()).hexdigest()}`.

## Data
{_describe(data.passes[0], "First pass, claims made by rule from news sentences, and questions put with their answers")}
{_describe(data.passes[1], "Second pass, claims written on news articles among some of the first, twice over")}
{_describe(data.passes[2], "Third pass, the same with others besides, so that likeness to the evidence tells nothing")}

- News articles of RealTime QA's 2022 quizzes (Kasai et al., NeurIPS 2023; `realtimeqa/realtimeqa_public`), of which no
  text is stored here; the articles belong to their publishers. Nothing of 2023 or later was used.
- SQuADShifts (Miller et al., ICML 2020; `modestyachts/squadshifts-website`), its Wikipedia part (CC BY-SA).
- QAMR (Michael et al., NAACL 2018; `uwnlp/qamr`, MIT): questions on Wikipedia and Wikinews sentences.
- Claims written for this project on those articles by a language model, half of them false by intention
  (`eval/training/news_claims.jsonl`); one article in six was held out.

## Measured on what was held out
{measured}

## Limits
English only. It judges a claim against at most a few sentences; numbers, dates, names and negation are guarded by
rules besides, since a network of this size can't be trusted with them. It is far surer of claims like those it was
trained on than of others: on the adversarial set it holds back a third of the true ones (README, "Measured"). A tenth
of the statements made of questions are garbled, and some synonyms exchanged by rule don't fit. Which licence weights
made from news articles fall under is an open question.
"""


def _describe(examples: Sequence[ClaimExample], name: str) -> str:
    return f"{name}: {len(examples):,} claims, of which {sum(one.supported for one in examples):,} are supported."
