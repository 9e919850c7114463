"""The tables of a page, read cell by cell."""

import re
from collections.abc import Sequence

from eval.aggregate import metric_values
from eval.records import Outcome, QuestionScores
from eval.slice_tables import slice_tables
from qa.records import RefusalReason


def scores(pieces: int | None, cited: int = 0, sentences: int = 0, rank: int | None = None) -> QuestionScores:
    return QuestionScores(
        has_gold=pieces is None,
        passages=9,
        gold_passage_rank=rank,
        gold_sentence_rank=rank,
        short_answer_given=False,
        exact_match=None,
        f1=None,
        citations=0,
        valid_citations=0,
        cited_words=(),
        gold_pieces=pieces,
        pieces_cited=cited,
        sentences=sentences,
        sentences_on_gold=cited,
    )


def outcome(
    *slices: str,
    asked: QuestionScores,
    refusal: RefusalReason | None = None,
    forced: QuestionScores | None = None,
    whole: QuestionScores | None = None,
) -> Outcome:
    return Outcome("q", slices, asked, refusal, forced=forced, whole=whole)


GOLDEN = [
    outcome("frozen", "answerable", "single", asked=scores(1, 1, 2, rank=1), forced=scores(1, 1, 3, rank=1)),
    outcome(
        "open", "answerable", "multi", "paraphrased", asked=scores(2, 1, 1, rank=7), forced=scores(2, 2, 3, rank=7)
    ),
    outcome(
        "frozen",
        "answerable",
        "single",
        "follow-up",
        asked=scores(1),
        refusal="not_answered",
        forced=scores(1, 0, 3),
        whole=scores(1, 1, 1, rank=2),
    ),
    outcome("frozen", "unanswerable", "absent", asked=scores(0), refusal="nothing_relevant"),
    outcome("open", "unanswerable", "opinion", asked=scores(0, sentences=1)),
]


def tables(outcomes: Sequence[Outcome]) -> dict[str, list[list[str]]]:
    """The cells of every table by its heading, the header row first and the rule left out."""
    page = "\n".join(slice_tables(metric_values(outcomes, seed=0)))
    found = {}
    for title, body in re.findall(r"^## (.*)\n\n((?:\|.*\n?)+)", page, re.MULTILINE):
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in body.splitlines()]
        found[title] = [rows[0], *rows[2:]]
    return found


def test_the_halves_have_full_tables_and_the_kinds_a_row_each() -> None:
    found = tables(GOLDEN)
    assert list(found) == [
        "All questions",
        "Slice: frozen",
        "Slice: open",
        "By kind",
        "Follow-ups: as they were asked, and asked whole",
        "Unanswerable questions",
    ]
    frozen = {row[0]: row[1:] for row in found["Slice: frozen"]}
    assert frozen["gold_sentence_recall"] == ["50.0 %", "0.0 % to 100.0 %", "2", "1"]
    assert frozen["forced: gold_sentence_precision"][2] == "6"
    assert not any(name.startswith("whole: ") for name in frozen)


def test_the_kinds_by_hand() -> None:
    header, *rows = tables(GOLDEN)["By kind"]
    # No string to look for and no short answer anywhere: those columns are left out.
    assert header == ["slice", "questions", "hit@5", "recall", "precision", "forced recall", "refused"]
    assert rows == [
        ["answerable", "3", "33.3 %", "50.0 %", "66.7 %", "66.7 %", "33.3 %"],
        ["paraphrased", "1", "0.0 %", "50.0 %", "100.0 %", "100.0 %", "0.0 %"],
        ["single", "2", "50.0 %", "50.0 %", "50.0 %", "50.0 %", "50.0 %"],
        ["multi", "1", "0.0 %", "50.0 %", "100.0 %", "100.0 %", "0.0 %"],
        ["follow-up", "1", "0.0 %", "0.0 %", "", "0.0 %", "100.0 %"],
        ["unanswerable", "2", "", "", "", "", "50.0 %"],
        ["absent", "1", "", "", "", "", "100.0 %"],
        ["opinion", "1", "", "", "", "", "0.0 %"],
    ]


def test_a_turn_stands_beside_the_question_asked_whole() -> None:
    _, *rows = tables(GOLDEN)["Follow-ups: as they were asked, and asked whole"]
    cells = {row[0]: [re.sub(r" \(.*", "", cell) for cell in row[1:]] for row in rows}
    assert cells["passage_hit@5"] == ["0.0 %", "100.0 %", "1", "0.0 %"]
    assert cells["gold_sentence_recall"] == ["0.0 %", "100.0 %", "1", ""]
    assert cells["wrongly_refused"] == ["100.0 %", "0.0 %", "1", ""]
    assert cells["passage_mrr"] == ["0.000", "0.500", "1", ""]


def test_refusals_by_kind() -> None:
    _, *rows = tables(GOLDEN)["Unanswerable questions"]
    assert [[row[0], row[1], row[2].split(" (")[0], row[3].split(" (")[0], row[4]] for row in rows] == [
        ["absent", "1", "100.0 %", "50.0 %", "2"],
        ["opinion", "1", "0.0 %", "0.0 %", "1"],
        ["unanswerable", "2", "50.0 %", "50.0 %", "2"],
    ]


def test_a_set_without_gold_sentences_has_full_tables_only() -> None:
    found = tables([outcome("headline", asked=scores(None, rank=1)), outcome("rest", asked=scores(None))])
    assert list(found) == ["All questions", "Slice: headline", "Slice: rest"]
    assert "gold_sentence_recall" not in {row[0] for row in found["All questions"]}
