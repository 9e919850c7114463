"""The reader's trainer: its losses by hand, and what it does to a tiny network with the real tokenizer."""

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file
from torch import Tensor

from eval.reader_data import Example, Group
from eval.reader_recipe import TrainingData, load_training_data, model_card
from eval.train_reader import (
    HeldOut,
    _best_span_loss,
    _each_sentence,
    _length,
    _losses,
    _marginal,
    _rows,
    _sentence_labels,
    _span_loss,
    _span_target,
    measure,
    train,
)
from eval.trainer import (
    LOG,
    STATE,
    TOKENS_PER_STEP,
    Size,
    _schedule,
    _steps,
    average_weights,
    save_weights,
    trained_parameters,
)
from index.errors import BadInputError
from qa.reader_model import OUTSIDE, Batch, Outputs, ReaderModel, encode
from tests.reader_support import tiny_model, tokenizer

BELL = Example(
    "How heavy is the bell?",
    "Bells",
    ("A bell was found.", "It weighs 212 kilograms.", "The museum has all 212 kilograms."),
    frozenset({1}),
    frozenset({2}),
    (1, 10, 23),
)
RIVER = Example("How heavy is the bell?", "Flood", ("The river rose.", "Forty people fled."))
FLED = Example("Who fled?", "Flood", RIVER.sentences, frozenset({1}), frozenset(), (1, 0, 12))
UNTOLD = replace(FLED, span=None)
GROUPS: tuple[Group, ...] = ((BELL, RIVER), (FLED,), (UNTOLD, replace(BELL, question="Who fled?", span=None)))


def some_groups(count: int) -> list[Group]:
    """Groups of many lengths, too many for one step."""
    filler = ("The river Veld rose over its banks on Monday and nobody was hurt.",)
    return [
        tuple(replace(one, sentences=one.sentences + filler * (20 * number % 7)) for one in GROUPS[number % 3])
        for number in range(count)
    ]


def log_of_sum(*logits: float) -> float:
    return math.log(sum(math.exp(logit) for logit in logits))


def softplus(logit: float) -> float:
    return math.log1p(math.exp(logit))


def spans_of(starts: Sequence[Sequence[float]], ends: Sequence[Sequence[float]]) -> Outputs:
    nothing = torch.zeros(len(starts))
    return Outputs(nothing, nothing.unsqueeze(1), torch.tensor(starts), torch.tensor(ends))


def batch_of(sentence_of: Sequence[Sequence[int]]) -> Batch:
    members = torch.tensor(sentence_of)
    return Batch(members, members, members, members, 1)


def test_labels_and_what_counts() -> None:
    labels, counted = _sentence_labels(torch.zeros(2, 4), [BELL, RIVER])
    assert labels.tolist() == [[0, 1, 0, 0], [0, 0, 0, 0]]
    assert counted.tolist() == [[1, 1, 0, 0], [1, 1, 0, 0]]  # neither the ignored nor what isn't there


def test_the_loss_of_each_sentence_by_hand() -> None:
    logits = torch.tensor([[0.5, -1.0, 7.0], [2.0, 9.0, 9.0]])
    labels = torch.tensor([[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    counted = torch.tensor([[1.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
    expected = (softplus(0.5) + softplus(1.0) + softplus(2.0)) / 3
    assert _each_sentence(logits, labels, counted).item() == pytest.approx(expected, abs=1e-5)


def test_the_marginal_loss_by_hand() -> None:
    logits = torch.tensor([[1.0, 2.0, 9.0], [0.5, -1.0, 3.0]])
    counted = torch.tensor([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]])
    right = torch.tensor([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    expected = log_of_sum(1, 2, 0.5, -1, 3) - log_of_sum(2, 3)
    assert _marginal(logits, right, counted).item() == pytest.approx(expected, abs=1e-5)
    assert _marginal(logits, torch.zeros(2, 3), counted).item() == 0.0
    assert _marginal(logits, counted, counted).item() == pytest.approx(0.0, abs=1e-5)


def test_the_span_loss_by_hand() -> None:
    starts = [[1.0, 50.0, 2.0, 3.0], [0.5, 50.0, 1.5, 50.0], [9.0, 9.0, 9.0, 9.0]]
    ends = [[0.0, 50.0, -1.0, 2.0], [2.0, 50.0, 1.0, 50.0], [9.0, 9.0, 9.0, 9.0]]
    # The question's token and the padding can't be chosen; the first token can: it stands for "not here".
    batch = batch_of([[OUTSIDE, OUTSIDE, 0, 0], [OUTSIDE, OUTSIDE, 0, OUTSIDE], [OUTSIDE, OUTSIDE, 0, 0]])
    first = (log_of_sum(1, 2, 3) - 2 + log_of_sum(0, -1, 2) - 2) / 2
    second = (log_of_sum(0.5, 1.5) - 0.5 + log_of_sum(2, 1) - 2) / 2
    loss = _span_loss(spans_of(starts, ends), batch, [(2, 3), (0, 0), None])
    assert loss.item() == pytest.approx((first + second) / 2, abs=1e-5)
    assert _span_loss(spans_of(starts, ends), batch, [None] * 3).item() == 0.0


def test_the_loss_of_the_best_span_of_a_group_by_hand() -> None:
    starts = [[70.0, 2.0, 3.0], [70.0, 1.0, 0.5], [70.0, 8.0, 9.0]]
    ends = [[70.0, -1.0, 2.0], [70.0, 0.0, 1.0], [70.0, 8.0, 9.0]]
    batch = batch_of([[OUTSIDE, 0, 0]] * 3)
    # The third passage holds the answer somewhere, so that nothing in it is known to be wrong.
    targets = [(1, 2), (0, 0), None]
    expected = 0.5 * (log_of_sum(2, 3, 1, 0.5) - 2 + log_of_sum(-1, 2, 0, 1) - 2)
    together = _best_span_loss(spans_of(starts, ends), batch, targets, [slice(0, 3)])
    assert together.item() == pytest.approx(expected, abs=1e-5)
    # Alone, a passage without the answer teaches nothing, and the first only what stands in it.
    alone = _best_span_loss(spans_of(starts, ends), batch, targets, [slice(n, n + 1) for n in range(3)])
    assert alone.item() == pytest.approx(0.5 * (log_of_sum(2, 3) - 2 + log_of_sum(-1, 2) - 2), abs=1e-5)


def test_where_the_answer_begins_and_ends() -> None:
    encoded = encode(tokenizer(), BELL.question, [(BELL.head, BELL.sentences)])[0]
    target = _span_target(encoded, BELL)
    assert target is not None
    assert tokenizer().convert_ids_to_tokens(encoded.ids[target[0] : target[1] + 1]) == ["212", "kilograms"]
    assert encoded.sentence_of[target[0]] == 1
    assert _span_target(encoded, replace(BELL, span=(1, 11, 12))) == (target[0], target[0])  # inside a token: all of it
    assert _span_target(encoded, replace(BELL, span=None)) is None
    assert _span_target(encoded, replace(BELL, relevant=frozenset(), span=None)) is None  # it may hold the answer
    assert _span_target(encoded, RIVER) == (0, 0)
    assert _span_target(encoded, replace(BELL, span=(9, 0, 4))) is None  # beyond what was read


def test_the_losses_are_finite_and_each_reaches_the_network() -> None:
    for name in ("passage", "sentence", "best", "span", "best span"):
        model = tiny_model(0).train()
        losses = _losses(model, tokenizer(), GROUPS)
        assert all(math.isfinite(loss.item()) for loss in losses.values())
        losses[name].backward()  # type: ignore[no-untyped-call]
        encoder = [value.grad for part, value in model.named_parameters() if part.startswith("encoder.")]
        assert any(grad is not None and bool(grad.abs().sum() > 0) for grad in encoder)


def test_what_is_ignored_teaches_nothing() -> None:
    model = tiny_model(0).train()
    seen: list[Tensor] = []

    def watch(_: object, __: object, output: Tensor) -> None:
        output.retain_grad()
        seen.append(output)

    model.sentence_head.register_forward_hook(watch)
    losses = _losses(model, tokenizer(), [(BELL,)])
    (losses["sentence"] + losses["best"]).backward()  # type: ignore[no-untyped-call]
    grad = seen[0].grad
    assert grad is not None
    assert grad[0, :, 0].ne(0).tolist() == [True, True, False]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.integers(0, 900), min_size=1, max_size=4), max_size=40), st.integers(0, 9))
def test_every_group_is_in_one_step_of_bounded_size(lengths: list[list[int]], seed: int) -> None:
    groups = [tuple(Example("Who?", "", ("a" * length,)) for length in group) for group in lengths]
    sizes = [Size(len(group), max(map(_length, group))) for group in groups]
    steps = _steps(sizes, seed)
    assert sorted(place for step in steps for place in step) == list(range(len(groups)))
    for step in steps:
        rows = sum(len(groups[place]) for place in step)
        longest = max(_length(one) for place in step for one in groups[place])
        assert len(step) == 1 or rows * longest <= TOKENS_PER_STEP
    assert steps == _steps(sizes, seed)


def test_rows_of_groups() -> None:
    assert _rows(GROUPS) == [slice(0, 2), slice(2, 3), slice(3, 5)]


def test_the_rate_warms_up_and_falls() -> None:
    rates = [_schedule(step, 200) for step in range(200)]
    assert rates[:10] == pytest.approx([step / 10 for step in range(1, 11)])
    assert rates[10] == 1.0
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert min(rates[10:]) == 0.02
    assert [_schedule(0, 1)] == [1.0]


def weights(model: ReaderModel) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in model.named_parameters()}


def same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(value, other[name]) for name, value in one.items())


def total_loss(model: ReaderModel, groups: Sequence[Group]) -> float:
    with torch.inference_mode():
        return sum(loss.item() for loss in _losses(model, tokenizer(), groups).values())


def test_one_step_lowers_the_loss_and_leaves_the_frozen_parts(tmp_path: Path) -> None:
    model = tiny_model(0)
    before, loss = weights(model), total_loss(model, GROUPS)
    steps: list[tuple[int, int]] = []
    train(model, tokenizer(), GROUPS, tmp_path, 0, 1e-3, lambda step, of: steps.append((step, of)))
    assert steps == [(1, 1)]
    assert total_loss(model, GROUPS) < loss
    assert not model.training
    trained = trained_parameters(model)
    changed = {name for name, value in weights(model).items() if not torch.equal(value, before[name])}
    frozen = ("encoder.embeddings.", "encoder.encoder.layer.0.", "encoder.encoder.layer.1.")
    assert trained.keys() == {name for name in before if not name.startswith(frozen)}
    assert changed <= trained.keys()
    # A key's bias adds the same to every attention score, so it has no effect and no gradient.
    assert {name for name in trained if name not in changed} <= {"encoder.encoder.layer.2.attention.self.key.bias"}
    (line,) = (tmp_path / LOG).read_text(encoding="utf-8").splitlines()
    assert json.loads(line).keys() == {"step", "groups", "seconds", "passage", "sentence", "best", "span", "best span"}


def test_training_again_and_again_learns_the_examples(tmp_path: Path) -> None:
    model = tiny_model(0)
    for number in range(40):
        train(model, tokenizer(), [(BELL, RIVER), (FLED,)], tmp_path / str(number), 0, 3e-3)
    held = measure(model, tokenizer(), [BELL, RIVER, FLED])
    assert held == HeldOut(examples=3, answered=2, best_sentence=1.0, exact_span=1.0, passage_auroc=1.0)


class StoppedError(Exception):
    pass


def test_stopped_and_taken_up_gives_the_weights_of_going_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eval.trainer.CHECKPOINT_EVERY", 2)
    monkeypatch.setattr("eval.trainer.TOKENS_PER_STEP", 150)
    groups = some_groups(9)
    through = tiny_model(0)
    taken: list[int] = []
    train(through, tokenizer(), groups, tmp_path / "through", 5, 1e-3, lambda step, of: taken.append(of))
    assert len(taken) >= 5

    def stop(step: int, steps: int) -> None:
        if step == 3:  # after the state of step 2 was written, before that of step 4
            raise StoppedError

    with pytest.raises(StoppedError):
        train(tiny_model(0), tokenizer(), groups, tmp_path / "stopped", 5, 1e-3, stop)
    resumed = tiny_model(0)
    again: list[int] = []
    train(resumed, tokenizer(), groups, tmp_path / "stopped", 5, 1e-3, lambda step, of: again.append(step))
    assert again == list(range(3, len(taken) + 1))
    assert same(weights(resumed), weights(through))
    assert not same(weights(resumed), weights(tiny_model(0)))


def test_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    done = tiny_model(0)
    train(done, tokenizer(), GROUPS, tmp_path, 0, 1e-3)
    assert [path.name for path in sorted(tmp_path.iterdir())] == [LOG, STATE]
    again, steps = tiny_model(0), list[int]()
    train(again, tokenizer(), GROUPS, tmp_path, 0, 1e-3, lambda step, of: steps.append(step))
    assert steps == []
    assert same(weights(again), weights(done))


@pytest.mark.parametrize(
    ("groups", "seed", "rate"),
    [(GROUPS[:1], 0, 1e-3), (GROUPS, 1, 1e-3), (GROUPS, 0, 2e-3)],
    ids=["data", "seed", "rate"],
)
def test_the_state_of_another_training_is_refused(
    tmp_path: Path, groups: Sequence[Group], seed: int, rate: float
) -> None:
    train(tiny_model(0), tokenizer(), GROUPS, tmp_path, 0, 1e-3)
    before = (tmp_path / STATE).read_bytes()
    with pytest.raises(BadInputError, match="other data, seed or settings"):
        train(tiny_model(0), tokenizer(), groups, tmp_path, seed, rate)
    assert (tmp_path / STATE).read_bytes() == before


def test_saved_weights_are_what_training_changed(tmp_path: Path) -> None:
    model, path = tiny_model(0), tmp_path / "new" / "reader.safetensors"
    train(model, tokenizer(), GROUPS, tmp_path / "state", 0, 1e-3)
    save_weights(model, path)
    saved = load_file(path)
    assert {name: value.to(torch.bfloat16).tolist() for name, value in trained_parameters(model).items()} == {
        name: value.tolist() for name, value in saved.items()
    }
    assert {value.dtype for value in saved.values()} == {torch.bfloat16}
    fresh = tiny_model(0)
    unknown = fresh.load_state_dict({name: value.float() for name, value in saved.items()}, strict=False)
    assert unknown.unexpected_keys == []
    assert total_loss(fresh, GROUPS) == pytest.approx(total_loss(model, GROUPS), rel=0.02)


def test_held_out_by_hand() -> None:
    class Given(ReaderModel):
        """Says that longer passages answer, with their last sentence, from the first token to the last."""

        def __init__(self) -> None:
            torch.nn.Module.__init__(self)

        def forward(self, batch: Batch) -> Outputs:
            inside = (batch.sentence_of != OUTSIDE).float()
            places = torch.arange(batch.ids.shape[1])
            numbers = torch.arange(batch.sentences).expand(len(batch.ids), -1)
            return Outputs(inside.sum(dim=1), numbers.float(), 1000 - places + 0 * inside, places + 0 * inside)

    whole = replace(FLED, sentences=("Forty people",), relevant=frozenset({0}), span=(0, 0, 12))
    held = measure(Given(), tokenizer(), [FLED, BELL, RIVER, whole])
    # Best sentence: right for FLED and `whole`, wrong for BELL. Span: only `whole` is all answer. Passages that answer
    # have 8, 17 and 2 tokens, the other 8: one of three is longer, one as long.
    assert held == HeldOut(4, 3, 2 / 3, 1 / 3, 1.5 / 3)


def test_the_model_card_says_what_was_trained_on(tmp_path: Path) -> None:
    path = tmp_path / "reader.safetensors"
    path.write_bytes(b"weights")
    data = TrainingData((GROUPS, GROUPS[:1], GROUPS[1:]), (BELL,), (FLED,))
    card = model_card(data, path, 3, {"wiki": HeldOut(4, 3, 0.5, 0.25, 0.75)})
    assert "First pass, general questions: 3 questions with 5 passages, of which 4 answer." in card
    assert "a search takes for near: 1 questions with 2 passages, of which 1 answer." in card
    assert "--seed 3" in card
    assert '"best_sentence": 0.5' in card


def test_a_folder_without_the_data_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"squadshifts-new_wiki_v1\.0\.json\.gz: not there"):
        load_training_data(tmp_path, 0)


def test_averaged_weights_stand_between_both(tmp_path: Path) -> None:
    earlier, later = tiny_model(0), tiny_model(1)
    save_weights(earlier, tmp_path / "earlier.safetensors")
    wanted = {
        name: 0.25 * load_file(tmp_path / "earlier.safetensors")[name].float() + 0.75 * value.detach().clone()
        for name, value in trained_parameters(later).items()
    }
    average_weights(later, tmp_path / "earlier.safetensors", 0.75)
    for name, value in trained_parameters(later).items():
        torch.testing.assert_close(value.detach(), wanted[name])
