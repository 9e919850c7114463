"""`copydesk check-claim`, with the checker that ships."""

import json
from pathlib import Path

import pytest

from index.loaders import sample_paths
from tests.command_line import Ran, run_command

TEXT = "The council approved the flood wall on Monday. It will cost 46 million crowns. Will it hold?\n"
WALL = "The council approved the flood wall on Monday."


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "wall.txt"
    path.write_text(TEXT)
    return path


def check(capsys: pytest.CaptureFixture[str], *arguments: object) -> Ran:
    return run_command(capsys, "check-claim", *arguments)


def lines_of(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    ("claim", "labels"),
    [
        (WALL, {"supported"}),
        ("On Monday the flood wall was approved by the council.", {"supported"}),
        ("The flood wall will cost 64 million crowns.", {"contradicted", "partial"}),
        ("The council rejected the flood wall on Monday.", {"contradicted", "unsupported", "partial"}),
        ("A bell was found in the river.", {"unsupported", "partial", "contradicted"}),
        ("Will it hold?", {"partial"}),
    ],
)
def test_one_claim_against_a_file(capsys: pytest.CaptureFixture[str], text: Path, claim: str, labels: set[str]) -> None:
    ran = check(capsys, claim, "--file", text, "--json")
    assert ran.code == 0
    told = json.loads(ran.out)
    assert told["label"] in labels
    assert 0 <= told["score"] <= 1
    assert told["evidence"][0] == WALL
    assert told["reasons"] or told["label"] == "supported"


def test_a_verdict_to_read(capsys: pytest.CaptureFixture[str], text: Path) -> None:
    ran = check(capsys, WALL, "--file", text)
    assert ran.out.splitlines()[:2] == ["supported (1.00)", "- quoted word for word from the article"]
    assert f"  {WALL}" in ran.out.splitlines()


def test_a_claim_against_an_article_of_the_archive(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    sample = next(path for path in sample_paths() if path.name == "bell-from-the-river.md")
    assert run_command(capsys, "--archive", archive, "add", sample).code == 0
    article = run_command(capsys, "--archive", archive, "list").out.split()[0]
    weighs = "It weighs 212 kilograms and is 71 centimetres across at the mouth."
    ran = run_command(
        capsys, "--archive", archive, "check-claim", "--article", article, "The bell weighs 312 kilograms."
    )
    assert ran.code == 0
    assert ran.out.startswith(("contradicted", "partial", "unsupported"))
    assert "312 kilograms" in ran.out
    assert weighs in ran.out
    missing = run_command(capsys, "--archive", archive, "check-claim", "--article", "nothing", "The bell rang.")
    assert (missing.code, len(missing.err.strip().splitlines())) == (1, 1)


def test_many_claims_go_on_where_they_stopped(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    batch, out = tmp_path / "pairs.jsonl", tmp_path / "verdicts.jsonl"
    pairs = [
        {"id": "a", "evidence": TEXT, "claim": WALL, "date": "2026-03-25"},
        {"id": 2, "evidence": [WALL, "Rain fell."], "claim": "The council rejected the flood wall on Monday."},
        {"id": "c", "evidence": "Rain fell.", "claim": "Rain fell."},
    ]
    batch.write_text("".join(json.dumps(pair) + "\n" for pair in pairs))
    assert check(capsys, "--batch", batch, "--out", out).code == 0
    whole = out.read_bytes()
    assert [line["id"] for line in lines_of(out)] == ["a", "2", "c"]
    assert [set(line) for line in lines_of(out)] == [{"id", "label", "score", "reasons"}] * 3
    assert [line["label"] for line in lines_of(out)][::2] == ["supported", "supported"]
    out.write_bytes(whole[: whole.index(b"\n") + 20])
    again = check(capsys, "--batch", batch, "--out", out)
    assert "3 claims, 2 checked now" in again.err
    assert out.read_bytes() == whole


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("{", "not valid JSON"),
        ('{"id": "a", "claim": "x"}', "evidence is missing"),
        ('{"id": "a", "evidence": "x"}', "claim is missing"),
        ('{"evidence": "x", "claim": "y"}', "id is missing"),
        ('{"id": "a", "evidence": "x", "claim": "y", "date": "soon"}', "a date such as"),
        ('{"id": "a", "evidence": [1], "claim": "y"}', "evidence is missing, blank or no text"),
        ('{"id": "z", "evidence": "x", "claim": "y"}', "the id z stands twice"),
    ],
)
def test_a_line_that_is_no_pair_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, line: str, wrong: str
) -> None:
    batch, out = tmp_path / "pairs.jsonl", tmp_path / "verdicts.jsonl"
    batch.write_text('{"id": "z", "evidence": "Rain fell.", "claim": "Rain fell."}\n' + line + "\n")
    ran = check(capsys, "--batch", batch, "--out", out)
    assert ran.code == 1
    assert len(ran.err.strip().splitlines()) == 1
    assert f"{batch}:2: " in ran.err
    assert wrong in ran.err
    assert not out.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("claim",),
        ("claim", "--article", "a", "--file", "FILE"),
        ("--batch", "FILE"),
        ("claim", "--batch", "FILE", "--out", "x"),
    ],
)
def test_what_doesnt_go_together(capsys: pytest.CaptureFixture[str], text: Path, arguments: tuple[str, ...]) -> None:
    given = [str(text) if one == "FILE" else one for one in arguments]
    assert check(capsys, *given).code == 2


@pytest.mark.parametrize("content", [b"", b" \n", b"\x00\x01\x02\xff" * 50])
def test_a_file_without_text_is_one_clear_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(content)
    ran = check(capsys, "claim", "--file", path)
    assert ran.code == 1
    assert len(ran.err.strip().splitlines()) == 1
    assert str(path) in ran.err
