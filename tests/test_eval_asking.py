"""One question in every way that it is asked, and what its gold sentences make of the answers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from eval.aggregate import question_parts
from eval.asking import ask_question, outcome_of
from eval.records import EvalQuestion, QuestionSet, Span
from eval.run import run_eval
from eval.store import outcome_from, read_records
from index.archive import Archive
from index.records import RetrievedPassage
from index.search import HybridSearch
from index.vectors import VectorIndex
from qa.assistant import Assistant
from qa.choice import ScoredEvidence, SimilarityScorer
from qa.evidence import AskedQuestion
from qa.grounding import load_checker
from qa.records import Answer
from qa.settings import AnswerSettings
from tests.eval_support import ARTICLES, DAY, REFUSED, FakeAnswerer, answered, cited, metric, sentences_of
from tests.support import FakeEmbedder, made_up_articles, make_archive


def span(name: str, position: int) -> Span:
    found = sentences_of(name)[position]
    return Span(found.article_id, found.start, found.end)


# A full answer needs the height (the flood's first sentence or the fair's) and the houses (the flood's second).
GOLD = ((span("flood", 0), span("fair", 0)), (span("flood", 1),))
TURN = EvalQuestion(
    "g2", "And the houses?", DAY, ("eleven",), slices=("open", "answerable", "multi", "follow-up"), kind="multi",
    gold=GOLD, dialogue="d", turn=2, whole="How many houses?",
)  # fmt: skip
QUESTION = EvalQuestion("g1", "How high?", DAY, ("eleven",), slices=("open", "answerable"), kind="multi", gold=GOLD)
NO_ANSWER = EvalQuestion("g3", "Who won?", DAY, slices=("open", "unanswerable", "absent"), kind="absent", gold=())


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    opened = make_archive(tmp_path_factory.mktemp("archive"), ARTICLES.values())
    yield opened
    opened.close()


def asked_of(
    archive: Archive,
    question: EvalQuestion,
    answers: Mapping[str, Answer],
    forced: Mapping[str, Answer] = MappingProxyType({}),
) -> tuple[list[tuple[str, bool]], Mapping[str, tuple[float, int]]]:
    """What was asked, with or without refusing, and what the answers add to the metrics."""
    answerer = FakeAnswerer(archive, answers, forced)
    outcome = outcome_of(question, ask_question(answerer, question), archive)
    return [(words, forced_) for words, _, _, forced_ in answerer.asked], question_parts(outcome)


def test_an_answer_by_its_gold_sentences(archive: Archive) -> None:
    _, parts = asked_of(archive, QUESTION, {"How high?": answered("flood", 3, 1, ranking=("fair", "flood"))})
    assert parts["gold_sentence_recall"] == (1 / 2, 1)
    assert parts["gold_sentence_precision"] == (1.0, 2)
    # The fair's passage holds a gold sentence too, though no "eleven".
    assert parts["passage_hit@1"] == (1.0, 1)
    assert parts["answer_in_cited@1"] == (0.0, 1)
    assert parts["answer_in_cited@3"] == (1.0, 1)
    assert parts["wrongly_refused"] == (0.0, 1)
    assert "refusal_precision" not in parts


def test_a_further_citation_counts_for_gold_sentences(archive: Archive) -> None:
    beside = cited(sentences_of("fair")[1], "fair")
    answer = answered("flood", 1)
    both = replace(beside, citations=(*beside.citations, *answer.sentences[0].citations))
    _, parts = asked_of(archive, QUESTION, {"How high?": replace(answer, sentences=(both,))})
    assert parts["gold_sentence_recall"] == (1 / 2, 1)
    assert parts["gold_sentence_precision"] == (1.0, 1)
    assert parts["answer_in_cited@3"] == (0.0, 1)  # by string match the first citation alone


def test_a_refused_question_is_asked_again_without_refusing(archive: Archive) -> None:
    asked, parts = asked_of(archive, QUESTION, {"How high?": REFUSED}, {"How high?": answered("flood", 1, 0, 3)})
    assert asked == [("How high?", False), ("How high?", True)]
    assert parts["gold_sentence_recall"] == (0.0, 1)
    assert "gold_sentence_precision" not in parts
    assert (parts["wrongly_refused"], parts["refusal_precision"]) == ((1.0, 1), (0.0, 1))
    assert parts["forced: gold_sentence_recall"] == (1.0, 1)
    assert parts["forced: gold_sentence_precision"] == (2.0, 3)
    assert parts["forced: answer_in_cited@1"] == (1.0, 1)


def test_an_answer_of_three_sentences_is_the_forced_one_already(archive: Archive) -> None:
    no_words = replace(QUESTION, gold_answers=())
    asked, parts = asked_of(archive, no_words, {"How high?": answered("flood", 3, 2, 1)})
    assert asked == [("How high?", False)]
    assert parts["forced: gold_sentence_precision"] == parts["gold_sentence_precision"] == (1.0, 3)


def test_a_short_answer_is_asked_for_without_refusing(archive: Archive) -> None:
    sure, unsure = answered("flood", 3, 2, 1, short="eleven"), answered("flood", 3, 2, 1)
    asked, parts = asked_of(archive, QUESTION, {"How high?": unsure}, {"How high?": sure})
    assert asked == [("How high?", False), ("How high?", True)]
    assert "short_answer_em" not in parts
    assert parts["forced: short_answer_em"] == parts["forced: short_answer_em_of_all"] == (1.0, 1)
    # Without any short answer the one over all questions counts a miss.
    _, parts = asked_of(archive, QUESTION, {"How high?": unsure})
    assert "forced: short_answer_em" not in parts
    assert parts["forced: short_answer_em_of_all"] == parts["forced: short_answer_f1_of_all"] == (0.0, 1)


def test_who_could_have_found_the_gold_answer(archive: Archive) -> None:
    flood, fair = ARTICLES["flood"].article_id, ARTICLES["fair"].article_id
    for given, expected in (((flood,), 1.0), ((fair,), 0.0), ((), 0.0), ((fair, "gone"), 0.0)):
        _, parts = asked_of(archive, replace(QUESTION, article_ids=given), {"How high?": REFUSED})
        assert parts["gold_in_given_articles"] == (expected, 1)
    _, parts = asked_of(archive, QUESTION, {"How high?": REFUSED})
    assert "gold_in_given_articles" not in parts


def test_without_gold_nothing_is_forced(archive: Archive) -> None:
    for question in (NO_ANSWER, EvalQuestion("q", "Who won?", DAY), EvalQuestion("q", "Who won?", DAY, ("The",))):
        asked, parts = asked_of(archive, question, {"Who won?": REFUSED})
        assert asked == [("Who won?", False)]
        assert not any(name.startswith("forced: ") for name in parts)


def test_an_unanswerable_question(archive: Archive) -> None:
    _, refused = asked_of(archive, NO_ANSWER, {"Who won?": REFUSED})
    assert (refused["refusal_recall"], refused["refusal_precision"]) == ((1.0, 1), (1.0, 1))
    _, told = asked_of(archive, NO_ANSWER, {"Who won?": answered("flood", 0)})
    assert told["refusal_recall"] == (0.0, 1)
    assert not {"refusal_precision", "wrongly_refused", "gold_sentence_recall", "passage_hit@1"} & set(told)


def test_a_follow_up_is_also_asked_whole(archive: Archive) -> None:
    answers = {"And the houses?": REFUSED, "How many houses?": answered("flood", 1)}
    forced = {"And the houses?": answered("fair", 1, 0), "How many houses?": answered("flood", 1, 0)}
    asked, parts = asked_of(archive, TURN, answers, forced)
    assert asked == [
        ("And the houses?", False),
        ("And the houses?", True),
        ("How many houses?", False),
        ("How many houses?", True),
    ]
    assert (parts["gold_sentence_recall"], parts["whole: gold_sentence_recall"]) == ((0.0, 1), (1 / 2, 1))
    assert (parts["wrongly_refused"], parts["whole: wrongly_refused"]) == ((1.0, 1), (0.0, 1))
    assert parts["forced: gold_sentence_recall"] == (1 / 2, 1)
    assert "whole: refusal_precision" not in parts


def test_how_much_of_the_whole_question_is_kept(archive: Archive) -> None:
    answers = {"And the houses?": REFUSED, "How many houses?": answered("flood", 1)}
    _, lost = asked_of(archive, TURN, answers, {"And the houses?": answered("fair", 1, 0)})
    assert (lost["whole: forced: answer_in_cited@3"], lost["forced: answer_in_cited@3"]) == ((1.0, 1), (0.0, 1))
    assert lost["kept: forced: answer_in_cited@3"] == (0.0, 1)
    assert lost["kept: passage_hit@5"] == (1.0, 1)
    _, gained = asked_of(
        archive, TURN, {**answers, "How many houses?": REFUSED}, {"And the houses?": answered("flood", 1)}
    )
    assert gained["kept: forced: answer_in_cited@3"] == (1.0, 0)


FIRST = EvalQuestion("d1", "How high?", DAY, ("eleven",), gold=GOLD, dialogue="d", turn=1)
THIRD = replace(TURN, question_id="d3", question="Why?", turn=3)
ANSWERS = {"How high?": answered("flood", 0), "And the houses?": REFUSED, "Why?": REFUSED, "How many houses?": REFUSED}


def test_a_turn_is_asked_after_the_turns_before_it_also_in_a_draw_and_after_a_stop(
    archive: Archive, tmp_path: Path
) -> None:
    dialogue = (FIRST, TURN, THIRD)
    histories = {"How high?": (), "And the houses?": ("How high?",), "Why?": ("How high?", "And the houses?")}
    answerer = FakeAnswerer(archive, ANSWERS)
    run_eval(answerer, QuestionSet("golden", dialogue), tmp_path / "all", asked={})
    assert answerer.histories == {**histories, "How many houses?": ()}
    assert answerer.questions.count("How high?") == 1

    lines = (tmp_path / "all" / "answers.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "all" / "answers.jsonl").write_bytes(b"".join(lines[:2]))
    again = FakeAnswerer(archive, ANSWERS)
    run_eval(again, QuestionSet("golden", dialogue), tmp_path / "all", asked={})
    assert again.histories["Why?"] == histories["Why?"]

    drawn = FakeAnswerer(archive, ANSWERS)
    run_eval(drawn, QuestionSet("golden", (THIRD,), dialogues=dialogue), tmp_path / "drawn", asked={})
    assert drawn.histories["Why?"] == histories["Why?"]


def test_what_cannot_stand_in_a_sentence_is_not_looked_for_there(archive: Archive) -> None:
    question = replace(QUESTION, gold_answers=("no",), quotable=False)
    _, parts = asked_of(archive, question, {"How high?": answered("flood", 0, short="no")})
    assert not any("answer_in_cited" in name for name in parts)
    assert parts["short_answer_em"] == (1.0, 1)


def test_all_of_it_is_written_down_and_read_again(archive: Archive, tmp_path: Path) -> None:
    answers = {"How high?": answered("flood", 0), "Who won?": REFUSED}
    answers |= {"And the houses?": REFUSED, "How many houses?": REFUSED}
    forced = {"How high?": answered("flood", 0, 1), "And the houses?": answered("fair", 0)}
    answerer = FakeAnswerer(archive, answers, forced)
    questions = (QUESTION, TURN, NO_ANSWER)
    document = run_eval(answerer, QuestionSet("golden", questions), tmp_path, asked={})
    assert metric(document, "forced: gold_sentence_recall")["value"] == pytest.approx((1 + 1 / 2) / 2)
    assert metric(document, "whole: wrongly_refused", "follow-up")["value"] == 1.0
    found = read_records(tmp_path)
    assert [outcome_from(record) for record in found] == [
        outcome_of(question, ask_question(answerer, question), archive) for question in questions
    ]
    first, second, third = found
    assert first["gold"][1] == [{"article_id": GOLD[1][0].article_id, "start": 60, "end": 106}]
    assert first["whole"] is None
    assert [one["citations"][0]["quote"] for one in first["forced"]["sentences"]] == [
        sentences_of("flood")[position].text for position in (0, 1)
    ]
    assert (second["kind"], second["dialogue"], second["turn"]) == ("multi", "d", 2)
    assert second["whole"]["question"] == "How many houses?"
    assert second["whole"]["refusal"]["reason"] == second["refusal"]["reason"] == "not_answered"
    assert (third["gold"], third["forced"]) == ([], None)

    (tmp_path / "answers.jsonl").write_text("", encoding="utf-8")
    before = dict(document["metrics"][0])
    again = run_eval(FakeAnswerer(archive, answers, forced), QuestionSet("golden", questions), tmp_path, asked={})
    assert again["metrics"][0] == before


class Scorer:
    """The baseline's ranking, refusing nothing."""

    threshold = 0.0

    def __init__(self, embedder: FakeEmbedder) -> None:
        self._baseline = SimilarityScorer(embedder)

    def score(self, question: AskedQuestion, passages: Sequence[RetrievedPassage]) -> ScoredEvidence:
        return self._baseline.score(question, passages)


def test_the_assistants_three_sentences_are_those_of_its_forced_answer(tmp_path: Path) -> None:
    """What saves asking twice: with refusing one to three sentences, without refusing exactly three, in one order."""
    archive = make_archive(tmp_path, made_up_articles(6))
    embedder = FakeEmbedder()
    assistant = Assistant(
        HybridSearch(archive, VectorIndex(archive), embedder), Scorer(embedder), AnswerSettings(), load_checker()
    )
    lengths = set()
    for article in made_up_articles(6):
        words = article.text.split()
        for question in (" ".join(words[:8]), " ".join(words[3:40:9]), words[5]):
            asked, forced = assistant.ask(question, asked_on=DAY), assistant.ask(question, asked_on=DAY, forced=True)
            lengths.add(len(asked.sentences))
            assert len(forced.sentences) == 3
            assert asked.sentences == forced.sentences[: len(asked.sentences)]
    archive.close()
    assert 3 in lengths
    assert len(lengths) > 1
