"""The reader: what it takes in, what it makes of the network's logits, and the weights that ship with copydesk."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

import qa.reader
from index.errors import ModelError
from qa.reader import MOST_SPAN_TOKENS, UNREAD, WEIGHTS_FILE, CrossReader, Reading, head_of, load_reader
from qa.reader_model import (
    HEAD_TOKENS,
    MOST_TOKENS,
    OUTSIDE,
    QUESTION_TOKENS,
    Batch,
    Encoded,
    FastEncoder,
    Outputs,
    ReaderModel,
    _mean_by_sentence,
    collate,
    encode,
)
from qa.records import Span
from tests.reader_support import retrieved, tiny_model, tokenizer

SHIPPED = Path(qa.reader.__file__).with_name(WEIGHTS_FILE)
# Plain letters, letters that the tokenizer takes apart, marks it drops, characters outside the basic plane.
TEXTS = st.text(st.sampled_from("abcdefgh .,'-0123éÉßŁİ…—“”\u00ad\u200b\u0301中文🎉𝄞\n\udcff"), max_size=60)


class Scripted(ReaderModel):
    """Logits that depend on nothing but a token and where it stands, so that they can be told beforehand."""

    def __init__(self) -> None:
        nn.Module.__init__(self)
        self.rows_read: list[int] = []

    def forward(self, batch: Batch) -> Outputs:
        self.rows_read.append(len(batch.ids))
        sentences = torch.arange(batch.sentences)
        return Outputs(
            passage=(batch.ids * batch.mask).sum(dim=1) % 101,
            sentences=(batch.sentence_of.unsqueeze(1) == sentences.view(1, -1, 1)).sum(dim=-1).float(),
            starts=torch.stack([scripted(row, 12.9) for row in batch.ids]),
            ends=torch.stack([scripted(row, 78.2) for row in batch.ids]),
        )


def scripted(ids: Tensor, factor: float) -> Tensor:
    """A number between -9 and 9 for each token."""
    places = torch.arange(len(ids), dtype=torch.float64)
    return (9 * torch.sin(factor * (ids.double() + 3.7 * places))).float()


def one(question: str, head: str, *sentences: str) -> Encoded:
    return encode(tokenizer(), question, [(head, sentences)])[0]


def pieces(encoded: Encoded) -> list[str]:
    return list(tokenizer().convert_ids_to_tokens(encoded.ids))


def test_question_head_and_sentences_in_one_row() -> None:
    encoded = one("Who fled?", "Flood in Cray", "Forty fled.", "The river rose.")
    tokens = "[CLS] who fled ? [SEP] flood in cr ##ay forty fled . the river rose . [SEP]".split()
    assert pieces(encoded) == tokens
    assert encoded.types == [0] * 5 + [1] * 12
    assert encoded.sentence_of == [OUTSIDE] * 9 + [0] * 3 + [1] * 4 + [OUTSIDE]
    assert list(zip(encoded.starts, encoded.ends, strict=True)) == [
        *[(0, 0)] * 9,
        *[(0, 5), (6, 10), (10, 11)],
        *[(0, 3), (4, 9), (10, 14), (14, 15)],
        (0, 0),
    ]
    assert encoded.sentences == 2


def test_offsets_count_characters_whatever_they_are() -> None:
    text = "Émile fled… to Łódź 🎉 “now”."
    encoded = one("Where?", "", text)
    inside = [n for n, sentence in enumerate(encoded.sentence_of) if sentence == 0]
    read = [text[encoded.starts[n] : encoded.ends[n]] for n in inside]
    assert read == ["Émile", "fled", "…", "to", "Łódź", "🎉", "“", "now", "”", "."]


def test_sentences_without_a_token_keep_their_number() -> None:
    encoded = one("Who?", "", "", "\u200b", "Me.")
    assert pieces(encoded) == "[CLS] who ? [SEP] me . [SEP]".split()
    assert encoded.sentence_of == [OUTSIDE] * 4 + [2, 2, OUTSIDE]
    assert encoded.sentences == 3


def test_passages_without_text_and_no_passages() -> None:
    empty = one("Who?", "")
    assert (pieces(empty), empty.sentences) == ("[CLS] who ? [SEP] [SEP]".split(), 0)
    assert empty.types == [0, 0, 0, 0, 1]
    assert encode(tokenizer(), "Who?", []) == []
    assert pieces(one("", "", "Me."))[:2] == ["[CLS]", "[SEP]"]


def test_several_passages_at_once_are_as_one_by_one() -> None:
    passages = [("Flood", ["Forty fled.", "It rose."]), ("", []), ("Bell in Cray", ["A bell."])]
    together = encode(tokenizer(), "Who fled?", passages)
    assert together == [one("Who fled?", head, *sentences) for head, sentences in passages]


def test_what_is_too_long_is_cut_where_it_says() -> None:
    encoded = one("why " * 100, "flood " * 100, "river " * 150, "bell " * 150)
    ids = encoded.ids
    assert len(ids) == MOST_TOKENS
    assert (ids[0], ids[QUESTION_TOKENS + 1], ids[-1]) == (101, 102, 102)
    before = 2 + QUESTION_TOKENS + HEAD_TOKENS
    assert encoded.sentence_of[:before] == [OUTSIDE] * before
    assert encoded.sentence_of[before:-1] == [0] * 150 + [1] * (MOST_TOKENS - 1 - before - 150)
    assert pieces(encoded)[before - 1 : before + 1] == ["flood", "river"]
    beyond = one("Who?", "", "river " * 400, "bell")
    assert (len(beyond.ids), beyond.sentences, set(beyond.sentence_of)) == (MOST_TOKENS, 2, {OUTSIDE, 0})


@settings(max_examples=60, deadline=None)
@given(TEXTS, TEXTS, st.lists(TEXTS, max_size=5))
def test_every_token_lies_in_its_sentence(question: str, head: str, sentences: list[str]) -> None:
    encoded = one(question, head, *sentences)
    lists = (encoded.ids, encoded.types, encoded.sentence_of, encoded.starts, encoded.ends)
    assert {len(values) for values in lists} == {len(encoded.ids)}
    assert len(encoded.ids) <= MOST_TOKENS
    assert encoded.sentences == len(sentences)
    inside = [n for n, sentence in enumerate(encoded.sentence_of) if sentence != OUTSIDE]
    assert [encoded.sentence_of[n] for n in inside] == sorted(encoded.sentence_of[n] for n in inside)
    tokens = pieces(encoded)
    for n in inside:
        text = sentences[encoded.sentence_of[n]]
        assert 0 <= encoded.starts[n] < encoded.ends[n] <= len(text)
        covered = text[encoded.starts[n] : encoded.ends[n]]
        if covered.isascii():
            assert tokens[n].removeprefix("##") == covered.lower()


def test_a_batch_is_padded_and_its_padding_belongs_to_nothing() -> None:
    short, long = one("Who?", "", "Me."), one("Who?", "Flood", "Forty fled.", "It rose.")
    batch = collate([short, long], pad=7)
    size = len(long.ids)
    assert batch.ids.tolist() == [short.ids + [7] * (size - len(short.ids)), long.ids]
    assert batch.mask.tolist() == [[1] * len(short.ids) + [0] * (size - len(short.ids)), [1] * size]
    assert batch.sentence_of.tolist()[0] == short.sentence_of + [OUTSIDE] * (size - len(short.ids))
    assert batch.types.shape == batch.ids.shape == (2, size)
    assert batch.sentences == 2
    assert collate([one("Who?", "")], pad=0).sentences == 1  # the heads need at least one


def test_a_sentence_is_the_mean_of_its_tokens() -> None:
    states = torch.tensor(
        [[[9.0, 9.0], [1.0, 2.0], [3.0, 6.0], [5.0, 7.0]], [[9.0, 9.0], [2.0, 4.0], [8.0, 8.0], [0, 0]]]
    )
    sentence_of = torch.tensor([[OUTSIDE, 0, 0, 2], [OUTSIDE, 1, OUTSIDE, OUTSIDE]])
    assert _mean_by_sentence(states, sentence_of, 3).tolist() == [
        [[2.0, 4.0], [0.0, 0.0], [5.0, 7.0]],
        [[0.0, 0.0], [2.0, 4.0], [0.0, 0.0]],
    ]


def test_the_heads_see_the_first_token_the_sentences_and_every_token() -> None:
    states = torch.tensor([[[4.0, 1.0], [1.0, 2.0], [3.0, 6.0]]])

    class Given(nn.Module):
        def forward(self, **inputs: Tensor) -> SimpleNamespace:
            assert set(inputs) == {"input_ids", "token_type_ids", "attention_mask"}
            return SimpleNamespace(last_hidden_state=states)

    model = ReaderModel(Given(), 2)
    sums = nn.Linear(2, 1, bias=False), nn.Linear(4, 1, bias=False), nn.Linear(2, 2, bias=False)
    weights = [[1.0, 10.0]], [[1.0, 10.0, 100.0, 1000.0]], [[1.0, 0.0], [0.0, 1.0]]
    for layer, values in zip(sums, weights, strict=True):
        layer.weight.data = torch.tensor(values)
    model.passage_head, model.sentence_head = nn.Sequential(sums[0]), nn.Sequential(sums[1])
    model.span_head = sums[2]
    row = torch.zeros((1, 3), dtype=torch.long)
    outputs = model(Batch(row, row, row + 1, torch.tensor([[OUTSIDE, 0, 0]]), 2))
    assert outputs.passage.tolist() == [14.0]
    assert outputs.sentences.tolist() == [[2 + 40 + 400 + 1000, 400 + 1000]]
    assert (outputs.starts.tolist(), outputs.ends.tolist()) == ([[4.0, 1.0, 3.0]], [[1.0, 2.0, 6.0]])


def test_padding_and_company_change_nothing() -> None:
    model = tiny_model(1)
    short, long = one("Who fled?", "", "Forty fled."), one("Who fled?", "Flood in Cray", "It rose.", "A bell rang.")
    with torch.inference_mode():
        alone = model(collate([short], 0))
        both = model(collate([long, short], 0))
    size = len(short.ids)
    assert both.passage[1].item() == pytest.approx(alone.passage[0].item(), abs=1e-5)
    assert both.sentences[1, 0].item() == pytest.approx(alone.sentences[0, 0].item(), abs=1e-5)
    assert both.starts[1, :size].tolist() == pytest.approx(alone.starts[0].tolist(), abs=1e-5)


def spans_allowed(encoded: Encoded, sentence: int) -> dict[tuple[int, int], float]:
    """Every span that a sentence may give, by its characters, with the score that it must have."""
    starts, ends = (scripted(torch.tensor(encoded.ids), factor).tolist() for factor in (12.9, 78.2))
    tokens = [n for n, number in enumerate(encoded.sentence_of) if number == sentence]
    return {
        (encoded.starts[first], encoded.ends[last]): starts[first] + ends[last] - starts[0] - ends[0]
        for at, first in enumerate(tokens)
        for last in tokens[at : at + MOST_SPAN_TOKENS]
    }


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.integers(0, 40), min_size=1, max_size=3), min_size=1, max_size=5), st.integers(0, 9))
def test_the_best_span_of_a_sentence_stays_in_it_and_is_short(lengths: list[list[int]], seed: int) -> None:
    words = "river bell forty fled unbelievably 212 kilograms".split()
    passages = [
        retrieved(
            *(" ".join(words[(seed + n * n) % 7] for n in range(length)) for length in passage),
            source=f"https://news.example/{number}",
        )
        for number, passage in enumerate(lengths)
    ]
    readings = CrossReader(Scripted(), tokenizer()).read("Who fled?", passages)
    for found, reading in zip(passages, readings, strict=True):
        texts = [sentence.text for sentence in found.passage.sentences]
        encoded = one("Who fled?", head_of(found.article), *texts)
        assert len(reading.sentences) == len(reading.spans) == len(texts)
        for number, span in enumerate(reading.spans):
            allowed = spans_allowed(encoded, number)
            if span is None:
                assert not allowed
                assert reading.sentences[number] == UNREAD
                continue
            assert reading.sentences[number] == encoded.sentence_of.count(number)
            assert span.score == pytest.approx(allowed[span.start, span.end], abs=1e-4)
            assert span.score == pytest.approx(max(allowed.values()), abs=1e-4)


def test_a_sentence_beyond_what_is_read_is_unread() -> None:
    reading = CrossReader(Scripted(), tokenizer()).read("Who?", [retrieved("river " * 400, "Me.")])[0]
    assert reading.sentences[1] == UNREAD
    assert reading.spans[1] is None
    assert reading.spans[0] is not None


def test_readings_are_in_the_order_of_the_passages() -> None:
    texts = ["bell " * (1 + 7 * n % 50) for n in range(37)]
    passages = [retrieved(text, source=f"https://news.example/{n}") for n, text in enumerate(texts)]
    readings = CrossReader(Scripted(), tokenizer()).read("Who?", passages)
    assert [reading.sentences for reading in readings] == [(len(text.split()),) for text in texts]


def test_the_faster_encoder_computes_the_same() -> None:
    """On random weights, in double precision, with padding and two types of tokens: any slip would show."""
    slow = tiny_model(3).double()
    texts = [("Flood", ["The river rose.", "Forty people fled by boat."]), ("", ["Bread."])]
    batch = collate(encode(tokenizer(), "Who fled?", texts), tokenizer().pad_token_id)
    with torch.inference_mode():
        expected = slow(batch)
        slow.encoder = FastEncoder(slow.encoder)
        found = slow(batch)
    real = batch.mask.bool()
    torch.testing.assert_close(found.passage, expected.passage)
    torch.testing.assert_close(found.starts[real], expected.starts[real])
    torch.testing.assert_close(found.sentences[0, :2], expected.sentences[0, :2])


def test_nothing_is_read_twice_for_the_last_question() -> None:
    model = Scripted()
    reader = CrossReader(model, tokenizer())
    first, second, third = (retrieved(f"Bell {n}.", source=f"https://news.example/{n}") for n in range(3))
    one_and_two = reader.read("Who?", [first, second])
    assert model.rows_read == [2]
    assert reader.read("Who?", [second, first, second]) == [one_and_two[1], one_and_two[0], one_and_two[1]]
    assert model.rows_read == [2]
    assert reader.read("Who?", [third, first])[1] == one_and_two[0]
    assert model.rows_read == [2, 1]
    assert reader.read("Who?", []) == []
    reader.read("Who?", [third])
    assert model.rows_read == [2, 1]
    assert reader.read("Where?", [first]) != [one_and_two[0]]  # another question, other tokens
    assert model.rows_read == [2, 1, 1]
    assert reader.read("Who?", [first]) == [one_and_two[0]]
    assert model.rows_read == [2, 1, 1, 1]


def test_the_same_sentences_under_another_title_are_read_anew() -> None:
    model = Scripted()
    reader = CrossReader(model, tokenizer())
    plain, titled = retrieved("A bell."), retrieved("A bell.", title="Found in Cray")
    assert plain.passage.passage_id == titled.passage.passage_id
    assert reader.read("What?", [plain, titled])[0] != reader.read("What?", [plain, titled])[1]
    assert model.rows_read == [2]


def test_a_network_that_fails_is_a_model_error() -> None:
    class Failing(Scripted):
        def forward(self, batch: Batch) -> Outputs:
            raise RuntimeError("out of memory")

    with pytest.raises(ModelError, match="the reader failed: out of memory"):
        CrossReader(Failing(), tokenizer()).read("Who?", [retrieved("Me.")])


@pytest.mark.parametrize("text", ["\ud800 fled", "", "\u200b", "🎉" * 400, "a" * 2000])
def test_any_text_can_be_read(text: str) -> None:
    reading = CrossReader(tiny_model(2), tokenizer()).read(text, [retrieved(text, "Me.", title=text)])[0]
    assert len(reading.sentences) == 2
    assert all(value == value for value in (reading.passage, *reading.sentences))


@pytest.fixture(scope="module")
def shipped() -> CrossReader:
    return load_reader("float32")


def words_of(found_text: str, span: Span | None) -> str:
    assert span is not None
    return found_text[span.start : span.end]


def test_the_shipped_reader_finds_the_words_that_answer(shipped: CrossReader) -> None:
    texts = (
        "A bronze bell was found under the bridge on Tuesday.",
        "It weighs 212 kilograms and was cast in 1687, the museum said.",
        "Its clapper is missing.",
    )
    bell = retrieved(*texts, source="https://news.example/bell", title="Bell found in Cray")
    flood = retrieved(
        "The river Veld rose to nine metres.", "Forty people fled from Mill Lane.", source="https://news.example/flood"
    )
    readings = shipped.read("How much does the bell weigh?", [flood, bell])
    assert readings[1].passage > readings[0].passage
    assert max(range(3), key=lambda number: readings[1].sentences[number]) == 1
    assert words_of(texts[1], readings[1].spans[1]) == "212 kilograms"
    assert readings[1].spans[1].score > 0  # type: ignore[union-attr]
    assert max(readings[0].sentences) < readings[1].sentences[1]
    fled = shipped.read("How many people fled?", [bell, flood])[1]
    assert words_of(flood.passage.sentences[1].text, fled.spans[1]).startswith("Forty")


def test_the_shipped_weights_hold_every_head() -> None:
    names = {name.split(".")[0] for name in load_file(SHIPPED)}
    assert names == {"encoder", "passage_head", "sentence_head", "span_head"}


def garbage(path: Path) -> None:
    path.write_bytes(b"no weights" * 100)


def cut_short(path: Path) -> None:
    path.write_bytes(SHIPPED.read_bytes()[:100_000])


def of_another_model(path: Path) -> None:
    save_file({"classifier.weight": torch.zeros(2, 2)}, path)


def of_another_size(path: Path) -> None:
    save_file(load_file(SHIPPED) | {"span_head.weight": torch.zeros(2, 768)}, path)


def without_a_head(path: Path) -> None:
    save_file({name: value for name, value in load_file(SHIPPED).items() if not name.startswith("span_head")}, path)


def empty(path: Path) -> None:
    save_file({}, path)


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (None, "can't be used"),
        (garbage, "can't be used"),
        (cut_short, "can't be used"),
        (of_another_size, "can't be used"),
        (of_another_model, "of another model"),
        (without_a_head, "of another model"),
        (empty, "of another model"),
    ],
)
def test_weights_that_cant_be_used(tmp_path: Path, write: Callable[[Path], None] | None, message: str) -> None:
    if write is not None:
        write(tmp_path / WEIGHTS_FILE)
    with pytest.raises(ModelError, match=message) as caught:
        load_reader("float32", tmp_path)
    assert str(tmp_path / WEIGHTS_FILE) in str(caught.value)
    assert "reinstall copydesk" in str(caught.value)


def test_weights_of_a_folder_are_those_read_with(tmp_path: Path, shipped: CrossReader) -> None:
    weights = load_file(SHIPPED)
    weights["passage_head.2.bias"] = weights["passage_head.2.bias"] + 8
    save_file(weights, tmp_path / WEIGHTS_FILE)
    passages = [retrieved("A bell was found.")]
    here, theirs = shipped.read("What?", passages)[0], load_reader("float32", tmp_path).read("What?", passages)[0]
    assert theirs == Reading(theirs.passage, here.sentences, here.spans)
    assert theirs.passage == pytest.approx(here.passage + 8, abs=0.1)
