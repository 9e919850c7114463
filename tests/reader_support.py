"""What the tests of the reader share: the real tokenizer, a tiny network of its kind, and passages as a search finds
them.
"""

import os
from functools import cache
from typing import Any

import torch

from index.embedding import packaged_model
from index.records import Passage, RetrievedPassage, Sentence
from qa.reader_model import ReaderModel
from tests.support import make_article

HIDDEN = 16


@cache
def tokenizer() -> Any:
    """The one that the shipped reader uses."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(str(packaged_model()))


def tiny_model(seed: int) -> ReaderModel:
    """The reader's network with random weights, three thin layers and no dropout: the lowest two are never trained."""
    from transformers import BertConfig, BertModel

    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(tokenizer()),
        hidden_size=HIDDEN,
        num_hidden_layers=3,
        num_attention_heads=2,
        intermediate_size=2 * HIDDEN,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return ReaderModel(BertModel(config, add_pooling_layer=False), HIDDEN).eval()


def retrieved(*texts: str, source: str = "https://news.example/article", title: str | None = None) -> RetrievedPassage:
    """A passage of these sentences, found in an article of its own."""
    article = make_article(" ".join(texts), source, title=title)
    sentences, at = [], 0
    for position, text in enumerate(texts):
        sentences.append(Sentence(article.article_id, article.version, position, at, at + len(text), text))
        at += len(text) + 1
    return RetrievedPassage(Passage(tuple(sentences)), article.info, 0.03, 1, "both", 0.25)
