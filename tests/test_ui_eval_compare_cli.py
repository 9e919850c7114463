"""`copydesk eval compare`, `gate`, `hits` and `run --gates`: the exit code says what the last line says."""

import gzip
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eval.verdict import exit_code
from tests.eval_runs import FAILED, REFUSED, RIGHT, WRONG, in_slice, numbered, write_run
from tests.eval_runs import Result as Answered
from tests.support import make_archive, make_article
from tests.test_eval_cli import ARTICLES, QUESTIONS
from ui.cli import cli

CODES = {"verdict: no regression": 0, "verdict: gates passed": 0, "verdict: regression": 1, "verdict: gate failed": 1}
NEVER = "[[gate]]\nmetric = 'answer_in_cited@1'\nmin = 1\nmax_drop = 0\n"
ALWAYS = "[[gate]]\nmetric = 'refused'\nmax = 1\n"


def eval_command(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["eval", *(str(argument) for argument in arguments)])


def last_line(result: Result) -> str:
    lines = result.stdout.splitlines()
    return lines[-1] if lines else ""


def agreed(result: Result) -> int:
    """The exit code, after making sure that it is what the last line says, or that there is no verdict and it is 2."""
    verdicts = [line for line in result.stdout.splitlines() if line.startswith("verdict: ")]
    if verdicts:
        assert verdicts == [last_line(result)]
        assert result.exit_code == CODES[verdicts[0]]
        assert exit_code(verdicts[0].removeprefix("verdict: ")) == result.exit_code  # type: ignore[arg-type]
    else:
        assert result.exit_code == 2
        assert result.stderr
    return result.exit_code


def gates_file(folder: Path, text: str) -> Path:
    path = folder / "gates.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return write_run(tmp_path / "good", numbered(*[RIGHT] * 12))


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    return write_run(tmp_path / "bad", numbered(*[WRONG] * 12))


def test_no_regression_is_0_and_a_regression_is_1(good: Path, bad: Path) -> None:
    same = eval_command("compare", good, good)
    assert (agreed(same), last_line(same)) == (0, "verdict: no regression")
    worse = eval_command("compare", good, bad)
    assert (agreed(worse), last_line(worse)) == (1, "verdict: regression")
    assert "worse: answer_in_cited@1" in worse.stdout
    assert agreed(eval_command("compare", bad, good)) == 0


def test_gates_in_a_comparison(good: Path, bad: Path, tmp_path: Path) -> None:
    never = gates_file(tmp_path, NEVER)
    failed = eval_command("compare", bad, bad, "--gates", never)
    assert (agreed(failed), last_line(failed)) == (1, "verdict: gate failed")
    assert "gate FAILED: answer_in_cited@1 (slice all, n = 12) is 0.0 %, at least 100.0 % is required" in failed.stdout
    assert agreed(eval_command("compare", bad, good, "--gates", never)) == 0
    both = eval_command("compare", good, bad, "--gates", never)
    assert (agreed(both), last_line(both)) == (1, "verdict: regression")


def test_gates_of_one_run(good: Path, bad: Path, tmp_path: Path) -> None:
    never = gates_file(tmp_path, NEVER)
    passed = eval_command("gate", good, "--gates", never)
    assert (agreed(passed), last_line(passed)) == (0, "verdict: gates passed")
    failed = eval_command("gate", bad, "--gates", never)
    assert (agreed(failed), last_line(failed)) == (1, "verdict: gate failed")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[gate]]\nmetric = 'accuracy'\nmin = 1", "gate 1 (accuracy): there is no such metric"),
        ("[[gate]]\nmetric = 'refused'\nmn = 1", "gate 1 (refused): unknown key 'mn'"),
        ("[[gate]]\nmetric = 'refused'\nslice = 'shut'\nmax = 1", "gate 1 (refused): there is no slice 'shut'"),
        ("[[gate]]\nmetric = 'short_answer_em'\nmin = 0", "gate 1 (short_answer_em): short_answer_em was not measured"),
        ("[[gate", "not valid TOML"),
    ],
)
def test_a_wrong_gate_is_2_and_named(good: Path, tmp_path: Path, text: str, said: str) -> None:
    path = gates_file(tmp_path, text)
    for arguments in (("gate", good), ("compare", good, good)):
        result = eval_command(*arguments, "--gates", path)
        assert agreed(result) == 2
        assert said in result.stderr
        assert result.stderr.count("\n") == 1


def test_what_cannot_be_compared_is_2(good: Path, tmp_path: Path) -> None:
    fewer = write_run(tmp_path / "fewer", numbered(RIGHT))
    (tmp_path / "empty").mkdir()
    old = write_run(tmp_path / "old", numbered(*[RIGHT] * 12))
    for name in ("settings.json", "metrics.json"):
        text = (old / name).read_text(encoding="utf-8")
        (old / name).write_text(text.replace('"schema_version": 2', '"schema_version": 1'), encoding="utf-8")
    cut = write_run(tmp_path / "cut", numbered(*[RIGHT] * 12))
    (cut / "answers.jsonl").write_text('{"question_id": ', encoding="utf-8")
    for other in (fewer, tmp_path / "empty", tmp_path / "none", old, cut):
        for arguments in ((good, other), (other, good)):
            assert agreed(eval_command("compare", *arguments)) == 2, arguments
        assert agreed(eval_command("gate", other, "--gates", tmp_path / "none.toml")) == 2
    said = eval_command("compare", good, fewer).stderr
    assert said.startswith("copydesk: ")
    assert "runs of other questions (veld): 11 only in the first (q02, q03, q04, …)" in said


def test_wrong_usage_is_2(good: Path, tmp_path: Path) -> None:
    for arguments in (
        ("compare", good),
        ("compare", good, good, "--slice", "shut"),
        ("compare", good, good, "--gates", tmp_path / "none.toml"),
        ("compare", good, good, "--seed", "x"),
        ("compare", good, good, "--json", tmp_path / "none" / "out.json"),
        ("compare", good, good, "--nonsense"),
        ("compare", good / "settings.json", good),
        ("gate", good),
        ("run", "--dataset", "x", "--out", tmp_path / "out", "--gates", tmp_path / "none.toml"),
    ):
        assert agreed(eval_command(*arguments)) == 2, arguments


def test_what_should_not_happen_is_2_too(good: Path) -> None:
    text = (good / "answers.jsonl").read_text(encoding="utf-8")
    (good / "answers.jsonl").write_text(text.replace('"exact_match": null, "f1": null', '"exact_match": NaN, "f1": 1'))
    result = eval_command("compare", good, good)
    assert agreed(result) == 2
    assert "this should not happen (ValueError)" in result.stderr


def test_the_program_exits_as_the_command_does(good: Path, bad: Path) -> None:
    for other, code in ((good, 0), (bad, 1), (bad / "none", 2)):
        command = [sys.executable, "-c", "from ui.cli import main; main()", "eval", "compare", str(good), str(other)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stderr
        assert (done.stdout.splitlines() or [""])[-1].startswith("verdict: ") == (code < 2)


def test_everything_is_in_the_json_file(good: Path, bad: Path, tmp_path: Path) -> None:
    path = tmp_path / "comparison.json"
    result = eval_command("compare", good, bad, "--json", path, "--gates", gates_file(tmp_path, ALWAYS))
    document = json.loads(path.read_text(encoding="utf-8"))
    assert f"verdict: {document['verdict']}" == last_line(result)
    lost = {side["metric"]: side["lower"] for side in document["sides"]}
    assert [one["question_id"] for one in lost["answer_in_cited@1"]] == [f"q{number:02}" for number in range(1, 13)]
    assert [check["passed"] for check in document["gates"]] == [True, True]


RESULTS = st.sampled_from([RIGHT, WRONG, REFUSED, FAILED, replace(RIGHT, refused=True)])
UNANSWERABLE = st.sampled_from([Answered(answerable=False), Answered(answerable=False, refused=True)])
GATES = st.fixed_dictionaries(
    {"metric": st.sampled_from(["answer_in_cited@1", "wrongly_refused", "refusal_recall", "short_answer_em"])},
    optional={
        "slice": st.sampled_from(["all", "open", "shut"]),
        "min": st.sampled_from([0, 0.3, 1, 45]),
        "max": st.sampled_from([0, 0.5, 1]),
        "max_drop": st.sampled_from([0, 0.2]),
    },
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(RESULTS, RESULTS) | st.tuples(UNANSWERABLE, UNANSWERABLE), min_size=1, max_size=14),
    st.lists(GATES, max_size=2),
    st.sampled_from(["all", "open", "shut"]),
)
def test_the_exit_code_agrees_with_the_verdict_whatever_the_runs(
    pairs: list[tuple[Answered, Answered]], gates: list[dict[str, object]], slice_name: str
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        for which, side in (("a", 0), ("b", 1)):
            results = [in_slice(pair[side], *(("open",) if place % 2 else ())) for place, pair in enumerate(pairs)]
            write_run(folder / which, numbered(*results))
        written = "".join(
            "[[gate]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in gate.items()) for gate in gates
        )
        options = ("--gates", gates_file(folder, written)) if gates else ()
        compared = eval_command("compare", folder / "a", folder / "b", "--slice", slice_name, *options)
        agreed(compared)
        if compared.exit_code == 0:
            assert "FAILED" not in compared.stdout
            assert not any(one.error and not other.error for other, one in pairs if slice_name == "all")
        if gates:
            agreed(eval_command("gate", folder / "b", *options))


def test_a_run_can_be_gated_at_once(tmp_path: Path) -> None:
    """With everything real: files, archive, embedding model, answers."""
    quiz = tmp_path / "veld-2026"
    quiz.mkdir()
    (quiz / "questions.jsonl").write_text("".join(json.dumps(one) + "\n" for one in QUESTIONS), encoding="utf-8")
    (quiz / "headline_ids.txt").write_text("20260310_0\n", encoding="utf-8")
    with gzip.open(quiz / "articles.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(one) + "\n" for one in ARTICLES)
    out, archive = tmp_path / "out", tmp_path / "archive"
    arguments = ("run", "--dataset", f"realtimeqa:{quiz}", "--out", out, "--archive", archive, "--gates")
    no_slice = gates_file(tmp_path, "[[gate]]\nmetric = 'refused'\nslice = 'frozen'\nmax = 1")
    early = eval_command(*arguments, no_slice)
    assert agreed(early) == 2
    assert "there are all, headline, rest" in early.stderr
    assert not out.exists()
    assert not archive.exists()

    passed = eval_command(*arguments, gates_file(tmp_path, "[[gate]]\nmetric = 'citation_validity'\nmin = 1"))
    assert (agreed(passed), last_line(passed)) == (0, "verdict: gates passed")
    failed = eval_command(*arguments, gates_file(tmp_path, "[[gate]]\nmetric = 'citation_validity'\nmax = 0.5"))
    assert (agreed(failed), last_line(failed)) == (1, "verdict: gate failed")
    assert "# realtimeqa:veld-2026" in failed.stdout
    other = eval_command(*arguments, gates_file(tmp_path, ALWAYS), "--limit", 1)
    assert agreed(other) == 2
    assert "holds a run with other settings" in other.stderr


def test_hits_are_printed_to_be_judged_and_shown_when_they_were(tmp_path: Path) -> None:
    text = "The river had been low for weeks. The river rose to 4.2 metres. Eleven houses were flooded."
    make_archive(tmp_path / "archive", [make_article(text)]).close()
    run = write_run(tmp_path / "run", numbered(RIGHT, WRONG, RIGHT))
    _cite(run, text)
    printed = eval_command("hits", run, "--archive", tmp_path / "archive")
    assert printed.exit_code == 0, printed.output
    hits = [json.loads(line) for line in printed.stdout.splitlines()]
    assert [hit["judgement"]["question_id"] for hit in hits] == ["q01", "q03"]
    assert hits[0]["before"] == "The river had been low for weeks."
    assert hits[0]["after"] == "Eleven houses were flooded."

    judged = tmp_path / "judged.jsonl"
    judged.write_text(json.dumps({**hits[0]["judgement"], "verdict": "lucky", "judge": "ib"}) + "\n", encoding="utf-8")
    left = eval_command("hits", run, "--archive", tmp_path / "archive", "--unjudged", "--judged", judged)
    assert [json.loads(line)["judgement"]["question_id"] for line in left.stdout.splitlines()] == ["q03"]
    one = eval_command("hits", run, "--archive", tmp_path / "archive", "--limit", 1, "--seed", 3)
    assert len(one.stdout.splitlines()) == 1
    shown = eval_command("show", run, "--judged", judged)
    assert "- answer_in_cited@1: of 1 hits judged by hand 0 right (0.0 %, 0.0 to 79.3), 1 not judged" in shown.stdout
    assert "of 2 hits none was judged by hand" in eval_command("show", run).stdout


def _cite(run: Path, text: str) -> None:
    """Let the first citations of a run point into the article that holds them."""
    from index.records import article_id_for, version_of

    part = "The river rose to 4.2 metres."
    cited = {
        "article_id": article_id_for("https://news.example/article"),
        "version": version_of(text),
        "start": text.index(part),
        "end": text.index(part) + len(part),
    }
    lines = []
    for line in (run / "answers.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        for answer in (record, record["forced"]):
            answer["sentences"][0]["citations"][0] |= cited
        lines.append(json.dumps(record) + "\n")
    (run / "answers.jsonl").write_text("".join(lines), encoding="utf-8")
