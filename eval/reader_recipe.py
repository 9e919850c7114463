"""The reader's training, from the data folder to weights and a model card."""

import json
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from eval.false_premises import with_false_premises
from eval.headline_questions import headlines
from eval.lines import read_lines
from eval.reader_data import Example, Group, NewsPassage, NewsQuestion, news, qamr, squadshifts
from eval.written_questions import load_written, written
from index.errors import BadInputError
from index.furniture import find_furniture
from index.loaders import load_paths
from index.passages import make_passages
from index.records import Article, article_id_for
from index.sentences import split_sentences
from qa.reader import WEIGHTS_FILE, head_of

if TYPE_CHECKING:
    from eval.train_reader import HeldOut

FORUM_SHARE = 0.15
QAMR_SHARE = 0.28
WIKI_AGAIN = 700
# Of each kind, how many questions come with a false premise.
WIKI_CHANGED, HEADLINES_CHANGED = 1250, 550
LEARNING_RATES = (8e-5, 3e-5, 4e-5)
HELD_OUT = 400
NEWS_HELD_OUT = 50
_FILES = (
    "reader-train/squadshifts-new_wiki_v1.0.json.gz",
    "reader-train/squadshifts-amazon_reviews_v1.0.json.gz",
    "reader-train/squadshifts-reddit_v1.0.json.gz",
    "reader-train/qamr-sentences.tsv.gz",
    "reader-train/qamr-dev.tsv.gz",
    "reader-train/qamr-test.tsv.gz",
    "realtimeqa/train-2022/articles.jsonl.gz",
    "realtimeqa/train-2022/questions.jsonl",
    "realtimeqa/train-2022/headline_ids.txt",
)


@dataclass(frozen=True, slots=True)
class TrainingData:
    """The groups of the three passes in the order of training, and what is kept for measuring."""

    passes: tuple[tuple[Group, ...], tuple[Group, ...], tuple[Group, ...]]
    wiki_held_out: tuple[Example, ...]
    news_held_out: tuple[Example, ...]


def load_training_data(folder: Path, seed: int) -> TrainingData:
    """General questions first, then the news, whose questions come with passages that a search takes for near, then
    questions written on news articles, a third of them unanswerable, and others beside the same ones with a false
    premise.

    The headline questions of RealTime QA and the questions written on held-out articles are left out: weights and
    thresholds are fitted on them afterwards. Raises BadInputError, naming it, for a file that is missing or no data
    of its kind.
    """
    wiki, amazon, reddit, sentences, dev, test, articles, questions, held_ids = (folder / name for name in _FILES)
    for path in (wiki, amazon, reddit, sentences, dev, test, articles, questions, held_ids):
        if not path.is_file():
            raise BadInputError(f"{path}: not there; the folder must hold reader-train/ and realtimeqa/train-2022/")
    lot = random.Random(seed)
    archive = _news_articles(articles)
    passages = [passage for one in archive for passage in one.passages]
    titled = [(one.article.info.title, one.passages) for one in archive if one.article.info.title]
    quiz = list(news(_quiz_questions(questions, held_ids), passages, seed))
    made = list(headlines([own for _, own in titled], [title for title, _ in titled], seed, 5))
    general = list(squadshifts([wiki], seed, 0.6))
    kept = _held_out(general, HELD_OUT, wiki, lot)
    kept_news = _held_out(quiz, NEWS_HELD_OUT, questions, lot)
    forum = [group for group in squadshifts([amazon, reddit], seed, 0.6) if lot.random() < FORUM_SHARE]
    first = [group for group in general if group[0].question not in kept]
    first += [*forum, *qamr(sentences, [dev, test], seed, QAMR_SHARE)]
    first += [(example,) for group in made for example in group[:2]]
    told = [group for group in quiz if group[0].question not in kept_news]
    again = list(squadshifts([wiki], seed + 1, 4.0))
    untold = [group for group in again if group[0].question not in kept]
    second = told * 2 + made + lot.sample(untold, min(WIKI_AGAIN, len(untold)))
    third = [*with_false_premises(told, seed), *with_false_premises(told, seed + 1)]
    third += _some_pairs(with_false_premises(made, seed), 4, HEADLINES_CHANGED, lot)
    third += _some_pairs(with_false_premises(untold, seed), 3, WIKI_CHANGED, lot)
    for groups in (first, second, third):
        lot.shuffle(groups)
    third += written([one for one in load_written() if not one.held_out], [one.article for one in archive], seed, 2)
    lot.shuffle(third)
    return TrainingData(
        (tuple(first), tuple(second), tuple(third)),
        tuple(example for group in general if group[0].question in kept for example in group),
        tuple(example for group in quiz if group[0].question in kept_news for example in group),
    )


def _held_out(groups: Sequence[Group], count: int, path: Path, lot: random.Random) -> set[str]:
    asked = sorted({group[0].question for group in groups})
    if len(asked) <= count:
        raise BadInputError(f"{path}: too few questions to train on: {len(asked)}, of which {count} would be held out")
    return set(lot.sample(asked, count))


def _some_pairs(groups: Iterable[Group], passages: int, most: int, lot: random.Random) -> list[Group]:
    """Some of the questions, each with as they are at most so many passages, and with a false premise."""
    every = list(groups)
    pairs = list(zip(every[::2], every[1::2], strict=True))
    drawn = lot.sample(pairs, min(most, len(pairs)))
    return [group for told, changed in drawn for group in (told[:passages], changed)]


@dataclass(frozen=True, slots=True)
class _NewsArticle:
    article: Article
    passages: tuple[NewsPassage, ...]


def _news_articles(path: Path) -> list[_NewsArticle]:
    """Each article that has sentences, with its passages."""
    found = []
    for article in load_paths([path]):
        if not isinstance(article, Article):
            continue
        sentences = split_sentences(article, find_furniture(article.text, article.info.title))
        head = head_of(article.info)
        own = tuple(
            NewsPassage(article.article_id, head, tuple(sentence.text for sentence in passage.sentences))
            for passage in make_passages(sentences)
        )
        if own:
            found.append(_NewsArticle(article, own))
    return found


def _quiz_questions(path: Path, held_ids: Path) -> list[NewsQuestion]:
    held = set(held_ids.read_text(encoding="utf-8").split())
    return [
        NewsQuestion(
            line.text("question"),
            line.text("answer"),
            frozenset(article_id_for(url) for url in line.texts("retrieved_urls")),
            line.text("evidence") if line.has("evidence") and line.fields["evidence"] else "",
        )
        for line in read_lines(path)
        if line.text("question_id") not in held
    ]


def train_reader(data: TrainingData, out: Path, seed: int, advance: Callable[[str, int, int], object]) -> None:
    """Train the three passes; write weights (after each), model card and logs to `out`. Goes on where it stopped."""
    import torch
    from transformers import AutoTokenizer

    from eval.train_reader import measure, train
    from eval.trainer import save_weights
    from index.embedding import packaged_model
    from qa.reader_model import new_model

    torch.manual_seed(seed)
    base = str(packaged_model())
    tokenizer = AutoTokenizer.from_pretrained(base)
    model = new_model(base, torch.float32)
    for number, (groups, rate) in enumerate(zip(data.passes, LEARNING_RATES, strict=True), start=1):
        folder = out / f"pass-{number}"
        train(model, tokenizer, groups, folder, seed, rate, partial(advance, f"pass {number}"))
        save_weights(model, folder / WEIGHTS_FILE)
    save_weights(model, out / WEIGHTS_FILE)
    results = {
        "wiki": measure(model, tokenizer, data.wiki_held_out),
        "news": measure(model, tokenizer, data.news_held_out),
    }
    (out / "MODEL_CARD.md").write_text(model_card(data, out / WEIGHTS_FILE, seed, results), encoding="utf-8")


def model_card(data: TrainingData, weights: Path, seed: int, results: "dict[str, HeldOut]") -> str:
    """What the weights are, what they were made from, what was measured, and what is not known."""
    measured = "\n".join(f"- {name}: `{json.dumps(asdict(held))}`" for name, held in results.items())
    return f"""# The reader's weights

A cross-encoder on sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0; its word vectors and two lowest layers are not
changed, so they are not stored here) with three heads: does the passage answer, does each sentence, where are the
words of the answer. Made by `copydesk train reader --seed {seed}`; sha256 `{sha256(weights.read_bytes()).hexdigest()}`.

## Data
{_describe(data.passes[0], "First pass, general questions")}
{_describe(data.passes[1], "Second pass, news questions among passages that a search takes for near")}
{_describe(data.passes[2], "Third pass, questions written on news articles, and others beside a false premise")}

- SQuADShifts (Miller et al., ICML 2020; `modestyachts/squadshifts-website`): questions on Wikipedia (CC BY-SA), Reddit
  and Amazon review paragraphs. The terms of the last two are not stated with the set.
- QAMR (Michael et al., NAACL 2018; `uwnlp/qamr`, MIT): questions on Wikipedia and Wikinews sentences.
- RealTime QA (Kasai et al., NeurIPS 2023; `realtimeqa/realtimeqa_public`): quiz questions of 2022 and the news articles
  found for them, of which no text is stored here; the articles belong to their publishers. Questions made from their
  headlines by rule. Its headline questions of 2022 were held out, and nothing of 2023 or later was used.
- Questions written for this project on those articles by a language model, a third of them unanswerable by intention
  (`eval/training/news_questions.jsonl`); one article in six was held out.

## Measured on what was held out
{measured}

## Limits
English only. Quiz answers were found by string match, so some training labels are wrong. Trained on passages of about
100 words. Which licence weights made from news articles and forum posts fall under is an open question.
"""


def _describe(groups: Sequence[Group], name: str) -> str:
    passages = sum(len(group) for group in groups)
    answered = sum(bool(example.relevant) for group in groups for example in group)
    return f"{name}: {len(groups):,} questions with {passages:,} passages, of which {answered:,} answer."
