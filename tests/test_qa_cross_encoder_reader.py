"""A cross-encoder as the reader: real sentence-transformers and a real folder on disk, with tiny random weights."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from index.archive import Archive
from index.errors import BadInputError, ModelError
from index.records import RetrievedPassage
from index.search import HybridSearch, Query
from index.vectors import VectorIndex
from qa.assistant import Assistant
from qa.cross_encoder_reader import PASSAGES_BY_SENTENCE, CrossEncoderReader, LogitScorer, load_cross_encoder
from qa.evidence import AskedQuestion
from qa.grounding import load_checker
from qa.reader import UNREAD, WEIGHTS_FILE, Reading, head_of
from qa.readers import SHIPPED, find_reader, load_scorer
from qa.settings import AnswerSettings, load_settings
from tests.support import FakeEmbedder, FakeReader, made_up_text, make_archive, make_article

QUESTION = "Who fled from Mill Lane?"
ARTICLES = [
    make_article(
        "The river Veld rose in Cray on Monday. Forty people fled from Mill Lane by boat. "
        f"{made_up_text(number, sentences=3)}",
        f"https://news.example/{number}",
        title=f"Flood {number}",
        published=date(2026, 3, 1 + number),
    )
    for number in range(PASSAGES_BY_SENTENCE + 1)
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fake weights: a BERT of one layer, initialised at random, over a vocabulary of letters."""
    return make_cross_encoder(tmp_path_factory.mktemp("cross-encoder"), outputs=1)


def make_cross_encoder(folder: Path, outputs: int) -> Path:
    import torch
    from sentence_transformers import CrossEncoder
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    torch.manual_seed(0)
    letters = "abcdefghijklmnopqrstuvwxyz0123456789.,?'-"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]
    base = folder / "base"
    base.mkdir()
    (base / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    BertTokenizerFast(vocab_file=str(base / "vocab.txt")).save_pretrained(str(base))
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=512,
        num_labels=outputs,
        initializer_range=1.0,
    )
    BertForSequenceClassification(config).save_pretrained(str(base))
    CrossEncoder(str(base)).save_pretrained(str(folder / "saved"))
    return folder / "saved"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    archive = make_archive(tmp_path_factory.mktemp("archive"), ARTICLES)
    yield archive
    archive.close()


@pytest.fixture(scope="module")
def passages(archive: Archive) -> tuple[RetrievedPassage, ...]:
    return search_of(archive).search(Query(QUESTION))


def search_of(archive: Archive) -> HybridSearch:
    return HybridSearch(archive, VectorIndex(archive), FakeEmbedder())


def predicted(folder: Path, pairs: list[tuple[str, str]]) -> list[float]:
    import torch
    from sentence_transformers import CrossEncoder

    return CrossEncoder(str(folder)).predict(pairs, activation_fn=torch.nn.Identity()).tolist()


def test_its_logits_are_those_of_sentence_transformers(folder: Path, passages: tuple[RetrievedPassage, ...]) -> None:
    reader = load_cross_encoder("tiny", folder, "float32")
    readings = reader.read(QUESTION, passages)
    wholes = predicted(folder, [(QUESTION, f"{head_of(one.article)}. {one.passage.text}") for one in passages])
    assert [reading.passage for reading in readings] == pytest.approx(wholes, abs=1e-4)
    best = sorted(range(len(passages)), key=lambda place: -readings[place].passage)[:PASSAGES_BY_SENTENCE]
    for place, (found, reading) in enumerate(zip(passages, readings, strict=True)):
        assert reading.spans == (None,) * len(found.passage.sentences)
        texts = [(QUESTION, f"{head_of(found.article)}. {sentence.text}") for sentence in found.passage.sentences]
        expected = predicted(folder, texts) if place in best else [UNREAD] * len(texts)
        assert list(reading.sentences) == pytest.approx(expected, abs=1e-4)
    assert len(set(wholes)) > 1  # else the order would say nothing


def test_what_was_read_is_remembered_for_one_question(folder: Path, passages: tuple[RetrievedPassage, ...]) -> None:
    reader = load_cross_encoder("tiny", folder, "float32")
    first = reader.read(QUESTION, passages)
    reader._model = None  # type: ignore[assignment]  # nothing is left that could read
    assert reader.read(QUESTION, passages) == first
    with pytest.raises(ModelError, match="the reader tiny failed"):
        reader.read("Who fled, and why?", passages)


def test_no_passage_and_a_lone_surrogate(folder: Path, passages: tuple[RetrievedPassage, ...]) -> None:
    reader = load_cross_encoder("tiny", folder, "float32")
    assert reader.read(QUESTION, ()) == []
    assert len(reader.read("Who \ud800 fled?", passages[:1])) == 1


class _Logits:
    """A reader that says what a test tells it."""

    def __init__(self, readings: list[Reading]) -> None:
        self._readings = readings

    def read(self, question: str, passages: object) -> list[Reading]:
        return self._readings


def test_sentences_are_ranked_by_the_mean_of_both_logits(passages: tuple[RetrievedPassage, ...]) -> None:
    two = passages[:2]
    counts = [len(one.passage.sentences) for one in two]
    low = tuple(-3.0 for _ in range(counts[0]))
    high = (2.0, *(-4.0 for _ in range(counts[1] - 1)))
    scorer = LogitScorer(
        _Logits([Reading(-1.0, low, (None,) * counts[0]), Reading(4.0, high, (None,) * counts[1])]), 0.9
    )
    evidence = scorer.score(AskedQuestion(QUESTION, date(2026, 4, 1)), two)
    best = evidence.sentences[0]
    assert best.citation.sentence == two[1].passage.sentences[0]
    assert best.score == pytest.approx(1 / (1 + 2.718281828 ** -((2.0 + 4.0) / 2)))
    assert evidence.answerable == best.score
    assert best.likeness == two[1].cosine
    assert evidence.passages == (two[1], two[0])
    assert scorer.threshold == 0.9
    assert [one.score for one in evidence.sentences] == sorted((one.score for one in evidence.sentences), reverse=True)
    nothing = LogitScorer(FakeReader(), 0.5).score(AskedQuestion(QUESTION, date(2026, 4, 1)), ())
    assert (nothing.sentences, nothing.answerable, nothing.likeness) == ((), 0.0, 0.0)


def test_it_answers_in_the_whole_pipeline(folder: Path, archive: Archive) -> None:
    source = find_reader(str(folder))
    assert (source.kind, source.folder) == ("cross-encoder", folder.resolve())
    scorer = load_scorer(source, "float32", 0.0)
    assert isinstance(scorer, LogitScorer)
    answer = Assistant(search_of(archive), scorer, AnswerSettings(), load_checker()).ask(
        QUESTION, asked_on=date(2026, 4, 1)
    )
    assert answer.answered
    assert answer.short_answer is None
    assert [found.rank for found in answer.passages] == list(range(1, len(answer.passages) + 1))
    refusing = Assistant(search_of(archive), load_scorer(source, "float32", 1.0), AnswerSettings(), load_checker())
    assert not refusing.ask(QUESTION, asked_on=date(2026, 4, 1)).answered


def test_readers_are_told_apart_by_name_and_by_weights(folder: Path, tmp_path: Path) -> None:
    shipped = find_reader(SHIPPED)
    assert (shipped.kind, shipped.folder) == ("shipped", None)
    (tmp_path / WEIGHTS_FILE).write_bytes(b"not weights")
    trained = find_reader(str(tmp_path))
    assert (trained.kind, trained.folder) == ("trained", tmp_path.resolve())
    hashes = {source.weights_sha256 for source in (shipped, trained, find_reader(str(folder)))}
    assert len(hashes) == 3
    with pytest.raises(ModelError, match=r"reader's weights .* can't be used"):
        load_scorer(trained, "float32", 0.5)


def test_a_trained_folder_may_bring_its_own_sentence_choice(tmp_path: Path) -> None:
    from importlib.resources import files

    (tmp_path / WEIGHTS_FILE).write_bytes(files("qa").joinpath(WEIGHTS_FILE).read_bytes())
    shipped = load_scorer(find_reader(SHIPPED), "float32", 0.5)
    assert load_scorer(find_reader(str(tmp_path)), "float32", 0.5).threshold == shipped.threshold
    raw = files("qa").joinpath("choice_weights.json").read_text(encoding="utf-8")
    own = raw.replace(f'"threshold": {shipped.threshold}', '"threshold": 0.125')
    (tmp_path / "choice_weights.json").write_text(own, encoding="utf-8")
    assert load_scorer(find_reader(str(tmp_path)), "float32", 0.5).threshold == 0.125


@pytest.mark.parametrize("name", ["BAAI/no-such-reranker", "no such reader", "/no/such/folder"])
def test_what_is_not_here_is_not_downloaded(name: str) -> None:
    with pytest.raises(ModelError, match=f"the reader '{name}' is neither 'copydesk', nor a folder, nor") as caught:
        find_reader(name)
    assert "\n" not in str(caught.value)


def test_a_folder_that_is_no_ranker_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="holds no model weights"):
        find_reader(str(tmp_path))
    (tmp_path / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(ModelError, match="the reader broken can't be loaded"):
        load_cross_encoder("broken", tmp_path, "float32")
    with pytest.raises(ModelError, match="has 3 outputs: choose a cross-encoder with one"):
        load_cross_encoder("three", make_cross_encoder(tmp_path, outputs=3), "float32")


def test_it_is_a_setting(tmp_path: Path) -> None:
    environment = {"COPYDESK_READER": "here", "COPYDESK_READER_THRESHOLD": "0.25"}
    answer = load_settings(tmp_path, environment=environment).answer
    assert (answer.reader, answer.reader_threshold) == ("here", 0.25)
    answer = load_settings(tmp_path, environment=environment, reader="there", reader_threshold=0.0).answer
    assert (answer.reader, answer.reader_threshold) == ("there", 0.0)
    assert load_settings(tmp_path, environment={}).answer.reader == SHIPPED
    for wrong in ("much", "1.5", "nan"):
        with pytest.raises(BadInputError, match=f"reader threshold is '{wrong}'; it can be a number from 0 to 1"):
            load_settings(tmp_path, environment={"COPYDESK_READER_THRESHOLD": wrong})


def test_a_broken_model_is_named(passages: tuple[RetrievedPassage, ...]) -> None:
    class Broken:
        def predict(self, *_: object, **__: object) -> None:
            raise RuntimeError("out of memory")

    reader = CrossEncoderReader(Broken(), "some/reader")  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="the reader some/reader failed: out of memory"):
        reader.read(QUESTION, passages)
