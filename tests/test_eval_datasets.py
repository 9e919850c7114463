"""Question sets from real files; RealTime QA also from the published data, where it is at hand."""

import json
import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from eval.datasets import NONE_OF_THE_ABOVE, load_question_set
from eval.records import EvalQuestion, MultipleChoice
from index.errors import BadInputError
from index.records import article_id_for

DATA = os.environ.get("COPYDESK_DATA")
needs_data = pytest.mark.skipif(
    not DATA or not Path(DATA, "realtimeqa").is_dir(), reason="COPYDESK_DATA names no folder with realtimeqa/ in it"
)
URL = "https://veld.example/flood"


def quiz(question_id: str = "q1", **changes: object) -> dict[str, object]:
    return {
        "question_id": question_id,
        "question_date": "2026/01/05",
        "question": "Which river flooded?",
        "choices": ["Veld", "", "Marn", "None"],
        "answer_index": 2,
        "answer": "Marn",
        "retrieved_urls": [URL],
        **changes,
    }


def write_lines(path: Path, records: Sequence[object]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def realtimeqa(folder: Path, records: Sequence[object], headline: str = "") -> str:
    write_lines(folder / "questions.jsonl", records)
    (folder / "headline_ids.txt").write_text(headline, encoding="utf-8")
    (folder / "articles.jsonl.gz").write_bytes(b"")
    return f"realtimeqa:{folder}"


def test_realtimeqa_fields(tmp_path: Path) -> None:
    name = realtimeqa(tmp_path, [quiz(), quiz("q2", retrieved_urls=[])], headline="q2\n")
    given = load_question_set(name, "given")
    assert given.name == f"realtimeqa:{tmp_path.name}"
    assert given.articles == (tmp_path / "articles.jsonl.gz",)
    choices = MultipleChoice(("Veld", "", "Marn", "None"), 2)
    asked, day, gold = "Which river flooded?", date(2026, 1, 5), ("Marn",)
    assert given.questions == (
        EvalQuestion("q1", asked, day, gold, (article_id_for(URL),), ("rest",), choices=choices),
        EvalQuestion("q2", asked, day, gold, (), ("headline",), choices=choices),
    )
    archive = load_question_set(name, "archive")
    assert [question.article_ids for question in archive.questions] == [None, None]


def test_choices_with_none_of_the_above(tmp_path: Path) -> None:
    records = [
        quiz("q1", nota_choices=["Veld", NONE_OF_THE_ABOVE, "Marn"], nota_answer_index=2),
        quiz("q2", nota_choices=["Veld", "", NONE_OF_THE_ABOVE], nota_answer_index=2),
        quiz("q3"),
    ]
    questions = load_question_set(realtimeqa(tmp_path, records)).questions
    assert [question.choices_with_none for question in questions] == [
        MultipleChoice(("Veld", NONE_OF_THE_ABOVE, "Marn"), 2),
        MultipleChoice(("Veld", "", NONE_OF_THE_ABOVE), 2),
        None,
    ]


def test_an_id_used_twice_is_told_apart_and_the_headline_list_read_in_order(tmp_path: Path) -> None:
    records = [quiz("q1"), quiz("q2", question="First?"), quiz("q3"), quiz("q2", question="Second?")]
    questions = load_question_set(realtimeqa(tmp_path, records, "q3\nq2\n")).questions
    assert [question.question_id for question in questions] == ["q1", "q2", "q3", "q2#2"]
    assert [question.slices for question in questions] == [("rest",), ("rest",), ("headline",), ("headline",)]
    ids = tmp_path / "ids.txt"
    ids.write_text("q2\n", encoding="utf-8")
    kept = load_question_set(f"realtimeqa:{tmp_path}", ids_file=ids).questions
    assert [question.question for question in kept] == ["First?", "Second?"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"answer_index": 3}, "choice number 3 is, so the index may be counted from 1"),
        ({"answer_index": 0}, "the choice at answer_index 0 is not the answer"),
        ({"answer_index": -2}, "the choice at answer_index -2 is not the answer"),
        ({"answer_index": True}, "answer_index must be a whole number"),
        ({"choices": "Marn"}, "choices must be a list"),
        ({"answer": " "}, "answer is missing, blank or no text"),
        ({"question": None}, "question is missing, blank or no text"),
        ({"question": "\ud800?"}, "half a surrogate pair"),
        ({"question_date": "5 January"}, "a date such as 2023-01-05 is expected"),
        ({"retrieved_urls": None}, "retrieved_urls must be a list"),
        ({"nota_choices": ["Marn", "Veld"], "nota_answer_index": 0}, "must hold 'None of the above' once"),
        ({"nota_choices": ["Marn", NONE_OF_THE_ABOVE], "nota_answer_index": 1}, "the choice at nota_answer_index 1 is"),
        ({"nota_choices": ["Veld", NONE_OF_THE_ABOVE], "nota_answer_index": 2}, "the index may be counted from 1"),
    ],
)
def test_a_bad_realtimeqa_line_is_named(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    name = realtimeqa(tmp_path, [quiz("q1"), quiz("q2", **changes)])
    with pytest.raises(BadInputError, match=r"questions\.jsonl:2: ") as raised:
        load_question_set(name, "given")
    assert message in str(raised.value)


def test_the_last_choice_counted_from_one_gets_the_hint_too(tmp_path: Path) -> None:
    name = realtimeqa(tmp_path, [quiz(answer="None", answer_index=4)])
    with pytest.raises(BadInputError, match="counted from 1"):
        load_question_set(name)


@pytest.mark.parametrize("headline", ["q9\n", "q2\nq1\n"])
def test_a_headline_list_that_does_not_fit_is_refused(tmp_path: Path, headline: str) -> None:
    name = realtimeqa(tmp_path, [quiz("q1"), quiz("q2")], headline)
    with pytest.raises(BadInputError, match=r"headline_ids\.txt: q[19] is no question"):
        load_question_set(name)


def test_a_folder_without_its_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"no questions\.jsonl in it"):
        load_question_set(f"realtimeqa:{tmp_path}")


def test_plain_questions(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "mine.jsonl",
        [
            {"question_id": "a", "question": "Who?", "asked_on": "2026-02-03", "answers": ["Ann", "Ann Roe"]},
            {"question_id": "b", "question": "When?", "article_urls": [URL, URL]},
        ],
    )
    questions = load_question_set(str(path), default_asked_on=date(2026, 4, 1))
    assert questions.name == "mine"
    assert questions.articles is None
    assert questions.questions == (
        EvalQuestion("a", "Who?", date(2026, 2, 3), ("Ann", "Ann Roe")),
        EvalQuestion("b", "When?", date(2026, 4, 1)),
    )
    with pytest.raises(BadInputError, match=r"mine\.jsonl:1: no article_urls"):
        load_question_set(str(path), "given")


def test_plain_questions_with_their_own_articles(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "mine.jsonl", [{"question_id": "b", "question": "When?", "article_urls": [URL, URL]}])
    assert load_question_set(str(path), "given").questions[0].article_ids == (article_id_for(URL),)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b'{"question_id": "a", "question": "Who?"}\n\n{"question_id": "a", "question": "Why?"}',
            "q.jsonl:3: question_id",
        ),
        (b'{"question_id": "a"', "q.jsonl:1: not valid JSON"),
        (b"[1]", "q.jsonl:1: a JSON object is expected"),
        (b"\xff\xfe", "q.jsonl:1: not UTF-8 text"),
        (b'{"question_id": 3, "question": "Who?"}', "q.jsonl:1: question_id is missing, blank or no text"),
        (b'{"question_id": "a", "question": "Who?", "answers": "Ann"}', "q.jsonl:1: answers must be a list"),
        (b"[" * 100_000, "q.jsonl:1: not valid JSON"),
        (b"\n \n", "no question in it"),
    ],
)
def test_a_bad_plain_line_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "q.jsonl").write_bytes(content)
    with pytest.raises(BadInputError) as raised:
        load_question_set(str(tmp_path / "q.jsonl"))
    assert message in str(raised.value)


def test_a_missing_set_says_what_can_be_given(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"give golden, realtimeqa:FOLDER or a \.jsonl file"):
        load_question_set(str(tmp_path / "none.jsonl"))


def numbered(folder: Path, count: int) -> str:
    records = [{"question_id": f"q{number}", "question": f"Number {number}?"} for number in range(count)]
    return str(write_lines(folder / "many.jsonl", records))


def drawn(name: str, limit: int, seed: int) -> list[str]:
    return [question.question_id for question in load_question_set(name, limit=limit, seed=seed).questions]


def test_a_draw_keeps_the_order_and_a_smaller_one_is_part_of_a_larger_one(tmp_path: Path) -> None:
    name = numbered(tmp_path, 50)
    ten = drawn(name, 10, seed=4)
    assert len(ten) == 10
    assert ten == sorted(ten, key=lambda question_id: int(question_id[1:]))
    assert ten == drawn(name, 10, seed=4)
    assert set(ten) < set(drawn(name, 20, seed=4))
    assert ten != drawn(name, 10, seed=5)
    assert len(drawn(name, 80, seed=4)) == 50


def test_a_limit_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="leaves no question"):
        load_question_set(numbered(tmp_path, 3), limit=0)


def test_listed_ids(tmp_path: Path) -> None:
    name, ids = numbered(tmp_path, 5), tmp_path / "ids.txt"
    ids.write_text("q3\n\nq1\n", encoding="utf-8")
    assert [question.question_id for question in load_question_set(name, ids_file=ids).questions] == ["q1", "q3"]
    ids.write_text("q3\nq7\n", encoding="utf-8")
    with pytest.raises(BadInputError, match="no such question in the set: q7"):
        load_question_set(name, ids_file=ids)
    ids.write_text("\n", encoding="utf-8")
    with pytest.raises(BadInputError, match="no question id in it"):
        load_question_set(name, ids_file=ids)


@needs_data
@pytest.mark.parametrize(("split", "total", "headline"), [("dev-2023", 1429, 204), ("train-2022", 780, 182)])
def test_the_published_questions(split: str, total: int, headline: int) -> None:
    questions = load_question_set(f"realtimeqa:{DATA}/realtimeqa/{split}", "given").questions
    assert len(questions) == total
    assert len({question.question_id for question in questions}) == total
    assert sum(question.slices == ("headline",) for question in questions) == headline


@needs_data
def test_every_published_headline_answer_is_found_in_a_given_article() -> None:
    """The headline questions were chosen so by the same normalisation; a difference would show here."""
    from eval.answer_metrics import first_rank
    from index.loaders import Skipped, load_paths

    question_set = load_question_set(f"realtimeqa:{DATA}/realtimeqa/train-2022", "given")
    headline = [question for question in question_set.questions if question.slices == ("headline",)]
    wanted = {article_id for question in headline for article_id in question.article_ids or ()}
    loaded = load_paths(question_set.articles or ())
    texts = {one.article_id: one.text for one in loaded if not isinstance(one, Skipped) and one.article_id in wanted}
    assert set(texts) == wanted
    missed = [
        question.question_id
        for question in headline
        if first_rank([texts[article_id] for article_id in question.article_ids or ()], question.gold_answers) is None
    ]
    assert missed == []
