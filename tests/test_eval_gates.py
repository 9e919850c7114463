"""Gates: read from TOML without guessing, and never passed without having been checked."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.compare import compare
from eval.compare_report import gate_lines, gates_text
from eval.datasets import load_question_set
from eval.finished import FinishedRun, value_of
from eval.gates import Gate, Gates, check_gates, gates_verdict, load_gates, require_slices
from eval.verdict import exit_code
from index.errors import BadInputError
from tests.eval_runs import FAILED, REFUSED, RIGHT, WRONG, Result, finished, in_slice, numbered, outcome_of

SHIPPED = Path(__file__).parent.parent / "eval" / "golden_gates.toml"


def gates_file(folder: Path, text: str) -> Path:
    path = folder / "gates.toml"
    path.write_text(text, encoding="utf-8")
    return path


def one_gate(
    metric: str,
    slice_name: str = "all",
    minimum: float | None = None,
    maximum: float | None = None,
    max_drop: float | None = None,
    max_failed: int = 0,
) -> Gates:
    gate = Gate(metric, slice_name, minimum, maximum, max_drop, f"gates.toml: gate 1 ({metric})")
    return Gates(Path("gates.toml"), (gate,), max_failed)


def test_what_a_file_says(tmp_path: Path) -> None:
    path = gates_file(
        tmp_path,
        """
        max_failed = 2
        [[gate]]
        metric = "answer_in_cited@1"
        min = 0.25
        max_drop = 0.03
        [[gate]]
        metric = "wrongly_refused"
        slice = "frozen"
        max = 1
        """,
    )
    first, second = (f"{path}: gate 1 (answer_in_cited@1)", f"{path}: gate 2 (wrongly_refused)")
    assert load_gates(path) == Gates(
        path,
        (
            Gate("answer_in_cited@1", "all", 0.25, None, 0.03, first),
            Gate("wrongly_refused", "frozen", None, 1.0, None, second),
        ),
        2,
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", r"no \[\[gate\]\] in it"),
        ("gate = 3", r"no \[\[gate\]\] in it"),
        ("gate = [3]", r"no \[\[gate\]\] in it"),
        ('[gate]\nmetric = "refused"', r"no \[\[gate\]\] in it"),
        ("[[gate]", "not valid TOML"),
        ('gates = []\n[[gate]]\nmetric = "refused"\nmax = 1', "unknown key 'gates'"),
        ("[[gate]]\nmin = 0.5", "gate 1: metric is missing"),
        ("[[gate]]\nmetric = 1\nmin = 0.5", "gate 1: metric is missing or no text"),
        ('[[gate]]\nmetric = "accuracy"\nmin = 0.5', r"gate 1 \(accuracy\): there is no such metric"),
        ('[[gate]]\nmetric = "refused"\nmaximum = 0.5', r"gate 1 \(refused\): unknown key 'maximum'"),
        ('[[gate]]\nmetric = "refused"', "no min, max or max_drop"),
        ('[[gate]]\nmetric = "refused"\nslice = 3\nmax = 1', "slice must be a text"),
        ('[[gate]]\nmetric = "refused"\nmax = "0.5"', "max must be a number"),
        ('[[gate]]\nmetric = "refused"\nmax = true', "max must be a number"),
        ('[[gate]]\nmetric = "refused"\nmax = nan', "max must be a number"),
        ('[[gate]]\nmetric = "refused"\nmax = inf', "max must be a number"),
        (f'[[gate]]\nmetric = "refused"\nmax = 1{"0" * 400}', "max must be a number"),
        ('[[gate]]\nmetric = "refused"\nmin = 0.6\nmax = 0.5', "min is above max"),
        ('[[gate]]\nmetric = "refused"\nmax_drop = 0.5', "max_drop means nothing"),
        ('[[gate]]\nmetric = "wrongly_refused"\nmax_drop = -0.1', "max_drop must be 0 or more"),
        ('[[gate]]\nmetric = "answer_in_cited@1"\nmax = 45', "a share from 0 to 1, so write 0.45 for 45 %"),
        ('max_failed = -1\n[[gate]]\nmetric = "refused"\nmax = 1', "max_failed must be a whole number"),
        ('max_failed = 1.5\n[[gate]]\nmetric = "refused"\nmax = 1', "max_failed must be a whole number"),
        (
            '[[gate]]\nmetric = "refused"\nmax = 1\n[[gate]]\nmetric = "refused"\nslice = "all"\nmin = 0.1',
            r"gate 2 \(refused\): the slice 'all' of it has a gate already \(.*gate 1 \(refused\)\)",
        ),
    ],
)
def test_what_is_not_understood_is_refused_with_the_gates_name(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadInputError, match=said):
        load_gates(gates_file(tmp_path, text))


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="can't be read"):
        load_gates(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b'[[gate]]\nmetric = "\xe9"')
    with pytest.raises(BadInputError, match="not UTF-8"):
        load_gates(tmp_path / "latin.toml")


def test_words_may_be_more_than_one(tmp_path: Path) -> None:
    text = '[[gate]]\nmetric = "words_per_cited_sentence"\nmax = 60'
    assert load_gates(gates_file(tmp_path, text)).gates[0].maximum == 60


def test_bounds_by_hand(tmp_path: Path) -> None:
    run = finished(tmp_path / "a", numbered(RIGHT, RIGHT, WRONG, REFUSED))  # half right
    for minimum, maximum, passed in ((0.5, None, True), (0.51, None, False), (None, 0.5, True), (None, 0.49, False)):
        failed_check, check = check_gates(one_gate("answer_in_cited@1", minimum=minimum, maximum=maximum), run)
        assert (check.value, check.n, check.passed) == (0.5, 4, passed)
        assert failed_check.passed is True
    both = check_gates(one_gate("wrongly_refused", minimum=0.3, maximum=0.4), run)
    assert [(check.bound, check.passed) for check in both] == [("max_failed", True), ("min", False), ("max", True)]
    assert gates_verdict(both) == "gate failed"
    assert exit_code(gates_verdict(both)) == 1
    lines = gates_text(both).splitlines()
    assert lines[-1] == "verdict: gate failed"
    assert "gate FAILED: wrongly_refused (slice all, n = 4) is 25.0 %, at least 30.0 % is required" in lines
    assert "gate passed: 0 of 4 questions failed, at most 0 may" in lines


def test_failed_questions_fail_the_gate_unless_they_may(tmp_path: Path) -> None:
    run = finished(tmp_path / "a", numbered(RIGHT, FAILED, FAILED))
    strict = check_gates(one_gate("answer_in_cited@1", minimum=0.1), run)
    assert gates_verdict(strict) == "gate failed"
    assert gate_lines(strict)[-1] == "gate FAILED: 2 of 3 questions failed, at most 0 may"
    lenient = check_gates(one_gate("answer_in_cited@1", minimum=0.1, max_failed=2), run)
    assert gates_verdict(lenient) == "gates passed"


def test_each_gate_looks_at_its_slice(tmp_path: Path) -> None:
    run = finished(tmp_path / "a", numbered(in_slice(RIGHT, "frozen"), in_slice(WRONG, "open")))
    assert gates_verdict(check_gates(one_gate("answer_in_cited@1", "frozen", minimum=1.0), run)) == "gates passed"
    assert gates_verdict(check_gates(one_gate("answer_in_cited@1", "open", minimum=1.0), run)) == "gate failed"
    with pytest.raises(BadInputError, match=r"gate 1 \(answer_in_cited@1\): there is no slice 'shut' in this run"):
        check_gates(one_gate("answer_in_cited@1", "shut", minimum=0.0), run)
    with pytest.raises(BadInputError, match="there are all, open"):
        require_slices(one_gate("answer_in_cited@1", "frozen", minimum=0.0), ("all", "open"))


def test_what_was_not_measured_neither_passes_nor_fails(tmp_path: Path) -> None:
    run = finished(tmp_path / "a", numbered(RIGHT, WRONG))
    assert value_of(run, "short_answer_em") == (None, 0)
    for gates in (one_gate("short_answer_em", minimum=0.0), one_gate("short_answer_em", max_drop=1.0)):
        with pytest.raises(BadInputError, match=r"gate 1 \(short_answer_em\): .* was not measured in the slice 'all'"):
            check_gates(gates, run)


def test_a_drop_takes_two_runs(tmp_path: Path) -> None:
    a = finished(tmp_path / "a", numbered(RIGHT, RIGHT, RIGHT, WRONG))
    b = finished(tmp_path / "b", numbered(RIGHT, RIGHT, WRONG, WRONG))
    with pytest.raises(BadInputError, match="every gate in it bounds a drop, which needs two runs"):
        check_gates(one_gate("answer_in_cited@1", max_drop=0.3), b)
    level_too = check_gates(one_gate("answer_in_cited@1", minimum=0.5, max_drop=0.1), b)
    assert [(check.bound, check.passed) for check in level_too][1:] == [("min", True), ("max_drop", None)]
    assert "gate not checked: answer_in_cited@1 (slice all, n = 4) may get worse by 10.0 points" in gates_text(
        level_too
    )

    for limit, verdict in ((0.25, "no regression"), (0.2, "gate failed")):
        found = compare(a, b, gates=one_gate("answer_in_cited@1", max_drop=limit))
        assert found.verdict == verdict
        assert found.gates[-1].value == pytest.approx(0.25)
    assert compare(b, a, gates=one_gate("answer_in_cited@1", max_drop=0.0)).verdict == "no regression"


def test_a_drop_of_what_is_better_low_is_a_rise(tmp_path: Path) -> None:
    a, b = finished(tmp_path / "a", numbered(WRONG, WRONG)), finished(tmp_path / "b", numbered(REFUSED, WRONG))
    risen = compare(a, b, gates=one_gate("wrongly_refused", max_drop=0.4))
    assert risen.verdict == "gate failed"
    assert gate_lines(risen.gates)[-1].endswith("got worse by 50.0 points, worse by at most 40.0 points is allowed")
    assert compare(b, a, gates=one_gate("wrongly_refused", max_drop=0.0)).verdict == "no regression"


def test_a_regression_comes_before_a_failed_gate(tmp_path: Path) -> None:
    a, b = finished(tmp_path / "a", numbered(*[RIGHT] * 14)), finished(tmp_path / "b", numbered(*[WRONG] * 14))
    assert compare(a, b, gates=one_gate("answer_in_cited@1", minimum=0.5)).verdict == "regression"


@given(st.lists(st.sampled_from([RIGHT, WRONG, REFUSED]), min_size=1, max_size=30), st.floats(0.001, 0.5))
def test_a_bound_at_the_value_itself_holds_and_one_beyond_it_fails(results: list[Result], beyond: float) -> None:
    outcomes = {name: outcome_of(name, result) for name, result in numbered(*results).items()}
    run = FinishedRun(Path("run"), {}, {}, outcomes)
    share = sum(result is RIGHT for result in results) / len(results)
    for bound, passed in ((share, True), (share + beyond, False)):
        checks = check_gates(one_gate("answer_in_cited@1", minimum=bound), run)
        assert gates_verdict(checks) == ("gates passed" if passed else "gate failed")
    for bound, passed in ((share, True), (share - beyond, False)):
        checks = check_gates(one_gate("answer_in_cited@1", maximum=bound), run)
        assert gates_verdict(checks) == ("gates passed" if passed else "gate failed")


def test_the_shipped_gates_are_for_slices_of_the_golden_questions() -> None:
    gates = load_gates(SHIPPED)
    questions = load_question_set("golden").questions
    require_slices(gates, ("all", *{name for question in questions for name in question.slices}))
    assert {gate.slice for gate in gates.gates} >= {"frozen", "open"}
    assert gates.max_failed == 0
