"""What became of a language model's sentences, against numbers worked out by hand, and in the files of a run."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from eval import store
from eval.aggregate import metric_values, question_parts
from eval.asking import ask_question, outcome_of
from eval.records import EvalQuestion, Outcome, QuestionSet
from eval.run import run_eval
from eval.scoring import score_answer
from eval.written_sentences import WRITTEN_METRICS, WrittenSentences, written_parts, written_sentences
from qa.records import Answer, Fate, Generation, Removed, Verdict
from tests.eval_support import ARTICLES, DAY, REFUSED, FakeAnswerer, answered, metric
from tests.support import make_archive

UNSUPPORTED = Verdict("unsupported", 0.1)


def removed(text: str, fate: Fate) -> Removed:
    return Removed(text, fate, ("no",), UNSUPPORTED, (), None if fate == "dropped" else "instead")


def written_answer(written: Sequence[bool], fates: Sequence[Fate], astray: int = 0) -> Answer:
    """An answer of the first sentences of the flood's article, written or quoted, and what was removed of it."""
    plain = answered("flood", *range(len(written)))
    sentences = tuple(replace(one, written=own) for one, own in zip(plain.sentences, written, strict=True))
    gone = tuple(removed(f"sentence {number}", fate) for number, fate in enumerate(fates))
    return replace(plain, sentences=sentences, generation=Generation("scripted", any(written), None, gone, astray))


def test_what_is_shown_and_not_removed_was_kept() -> None:
    # Of five that it wrote two are shown as they were, one anew, one is a quotation now, one is gone.
    answer = written_answer((True, True, True, False), ("repaired", "replaced", "dropped"), astray=2)
    counts = written_sentences(answer)
    assert counts == WrittenSentences(2, 1, 1, 1, 2, False)
    assert counts.total == 5
    assert written_parts(counts) == {
        "written_kept": (2.0, 5),
        "written_repaired": (1.0, 5),
        "written_replaced": (1.0, 5),
        "written_dropped": (1.0, 5),
        "written_astray_marks": (2.0, 1),
        "written_quoted_instead": (0.0, 1),
    }


def test_where_nothing_passed_the_quoted_answer_stands() -> None:
    assert written_sentences(written_answer((False, False), ("dropped",))) == WrittenSentences(0, 0, 0, 1, 0, True)


def test_a_model_that_wrote_nothing_adds_an_answer_and_no_sentence() -> None:
    counts = written_sentences(written_answer((False,), ()))
    assert counts == WrittenSentences(0, 0, 0, 0, 0, True)
    assert written_parts(counts) == {"written_astray_marks": (0.0, 1), "written_quoted_instead": (1.0, 1)}


def test_without_a_model_there_is_nothing_to_count() -> None:
    assert written_sentences(answered("flood", 0)) is None
    assert written_sentences(REFUSED) is None
    assert written_parts(None) == {}


def outcome(name: str, counts: WrittenSentences | None) -> Outcome:
    scores = score_answer(EvalQuestion(name, "?", DAY), REFUSED, FakeSource())
    return Outcome(name, (), scores, written=counts)


class FakeSource:
    """No article is cited."""

    def article(self, article_id: str, version: str | None = None) -> object:
        raise AssertionError

    def versions(self, article_id: str) -> list[str]:
        raise AssertionError


def test_shares_pool_sentences_and_count_what_says_nothing() -> None:
    outcomes = [
        outcome("a", WrittenSentences(3, 0, 0, 1, 2, False)),
        outcome("b", WrittenSentences(0, 0, 0, 2, 0, True)),
        outcome("c", WrittenSentences(0, 0, 0, 0, 0, True)),
        outcome("d", None),
        Outcome("e", (), None, error="no"),
    ]
    values = {value.name: value for value in metric_values(outcomes, 0)}
    told = {name: (values[name].value, values[name].n, values[name].unscorable) for name in WRITTEN_METRICS}
    assert told == {
        "written_kept": (0.5, 6, 3),
        "written_repaired": (0.0, 6, 3),
        "written_replaced": (0.0, 6, 3),
        "written_dropped": (0.5, 6, 3),
        "written_astray_marks": (pytest.approx(2 / 3), 3, 2),
        "written_quoted_instead": (pytest.approx(2 / 3), 3, 2),
    }
    # Whole questions are drawn: the first alone gives three of four.
    assert (values["written_kept"].low, values["written_kept"].high) == (0.0, 0.75)


def test_a_written_sentence_cites_validly_though_it_quotes_nothing(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "archive", ARTICLES.values())
    plain = answered("flood", 0, 1).sentences
    own = replace(plain[0], text="The Veld rose to 4.2 metres.", written=True)
    both = replace(own, citations=(*plain[0].citations, *plain[1].citations))
    question = EvalQuestion("q", "?", DAY)
    scores = score_answer(question, replace(answered("flood", 0), sentences=(own, both, plain[1])), archive)
    assert (scores.citations, scores.valid_citations) == (4, 4)
    # What each of two citations of one written sentence is worth, its verdict doesn't tell.
    assert (scores.useful_citations, scores.judged_citations) == (2, 2)
    quoted = score_answer(question, replace(answered("flood", 0), sentences=(replace(own, written=False),)), archive)
    assert (quoted.citations, quoted.valid_citations) == (1, 0)
    archive.close()


def test_precision_is_over_the_citations_that_were_judged_one_by_one(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "archive", ARTICLES.values())
    plain = answered("flood", 0, 1).sentences
    both = replace(plain[0], written=True, citations=(*plain[0].citations, *plain[1].citations))
    answer = replace(answered("flood", 0), sentences=(both, plain[1]))
    scored = Outcome("q", (), score_answer(EvalQuestion("q", "?", DAY), answer, archive))
    assert question_parts(scored)["citation_precision"] == (1.0, 1)
    archive.close()


def test_three_written_sentences_are_not_what_is_quoted_without_refusing(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "archive", ARTICLES.values())
    question = EvalQuestion("q", "Who?", DAY, gold=())
    question = replace(question, gold=(((),),))  # some gold is known, and no answer in words
    for written, asked in (((True, True, True), 2), ((False, False, False), 1)):
        answerer = FakeAnswerer(archive, {"Who?": written_answer(written, ())}, {"Who?": answered("flood", 0)})
        ask_question(answerer, question)
        assert len(answerer.asked) == asked
    archive.close()


def test_a_run_measures_it_and_finds_it_again(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "archive", ARTICLES.values())
    answers = {"Rose?": written_answer((True, False), ("replaced", "dropped"), astray=1), "Dry?": REFUSED}
    questions = tuple(EvalQuestion(name, name, DAY) for name in answers)
    out = tmp_path / "run"
    document = run_eval(FakeAnswerer(archive, answers), QuestionSet("rain", questions), out, asked={})
    kept = metric(document, "written_kept")
    assert (kept["value"], kept["n"], kept["unscorable"]) == (pytest.approx(1 / 3), 3, 1)
    assert metric(document, "written_astray_marks")["value"] == 1.0
    records = {record["question_id"]: record for record in store.read_records(out)}
    assert store.outcome_from(records["Rose?"]).written == WrittenSentences(1, 0, 1, 1, 1, False)
    assert records["Dry?"]["written"] is None
    assert "written_replaced" in (out / "summary.md").read_text(encoding="utf-8")
    archive.close()


def test_a_run_without_a_model_says_that_it_was_not_measured(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "archive", ARTICLES.values())
    assistant = FakeAnswerer(archive, {"Rose?": answered("flood", 0)})
    question = EvalQuestion("q", "Rose?", DAY)
    assert outcome_of(question, ask_question(assistant, question), archive).written is None
    document = run_eval(assistant, QuestionSet("rain", (question,)), tmp_path / "run", asked={})
    assert {metric(document, name)["n"] for name in WRITTEN_METRICS} == {0}
    assert {metric(document, name)["value"] for name in WRITTEN_METRICS} == {None}
    page = (tmp_path / "run" / "summary.md").read_text(encoding="utf-8")
    assert all(name in page.split("Not measured by any of these questions: ")[1] for name in WRITTEN_METRICS)
    archive.close()
