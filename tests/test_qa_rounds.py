"""Reading in rounds, and what is measured of it; the models' weights are stand-ins."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from eval.bench_reading import (
    DEPTHS,
    MOST_READ,
    QuestionReadings,
    Reading,
    fit_rule,
    page,
    read_all,
    reading_table,
)
from eval.records import EvalQuestion
from index.archive import Archive
from index.records import RetrievedPassage, Sentence
from index.search import HybridSearch, Query
from index.vectors import VectorIndex
from qa.assistant import Assistant
from qa.choice import EvidenceScorer, ScoredEvidence, load_weights
from qa.evidence import AskedQuestion
from qa.grounding import load_checker
from qa.records import Citation, ScoredSentence
from qa.rounds import StopRule, load_rule, margin_of, read_in_rounds, rounds_up_to
from qa.settings import AnswerSettings, load_settings
from tests.support import FakeEmbedder, FakeReader, made_up_articles, make_archive, make_article

ASKED = AskedQuestion("Who fled?", date(2026, 4, 1))
INFO = make_article("").info


def sentence(text: str, score: float) -> ScoredSentence:
    return ScoredSentence(Citation(Sentence("a", "b", 0, 0, len(text), text), INFO, 0, len(text)), score, 0.5)


class Growing:
    """A scorer that gets surer with each round."""

    threshold = 0.5

    def __init__(self) -> None:
        self.given: list[int] = []

    def score(self, question: AskedQuestion, passages: Sequence[RetrievedPassage]) -> ScoredEvidence:
        self.given.append(len(passages))
        sure = 0.5 + 0.2 * len(self.given)
        return ScoredEvidence((sentence("Ole.", 0.9), sentence("Ida.", 0.1)), sure, 0.5, tuple(passages))


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    archive = make_archive(tmp_path_factory.mktemp("archive"), made_up_articles(12))
    yield archive
    archive.close()


def search_of(archive: Archive) -> HybridSearch:
    return HybridSearch(archive, VectorIndex(archive), FakeEmbedder())


def test_the_margin_is_to_the_next_that_says_something_else() -> None:
    best, copy, other = sentence("Ole said the dam held.", 0.9), sentence("The dam held, Ole said.", 0.8), 0.5
    same = sentence("Ole said: the dam held", 0.85)
    ranked = (best, same, copy, sentence("It broke.", other))
    evidence = ScoredEvidence(ranked, 0.9, 0.5, ())
    assert margin_of(evidence) == pytest.approx(2.197225 - 1.386294)  # ln 9 - ln 4: the copy has another order
    assert margin_of(replace(evidence, sentences=(best, same))) > 20
    assert margin_of(replace(evidence, sentences=())) == 0.0


def test_reading_stops_when_it_is_clear(archive: Archive) -> None:
    passages = search_of(archive).search(Query(made_up_articles(1)[0].text[:60]))
    assert len(passages) > 20
    for rule, expected in (
        (StopRule(0.7, 0.0), [5]),
        (StopRule(0.9, 0.0), [5, 10]),
        (StopRule(0.9, 99.0), [5, 10, 20]),
        (None, [20]),
    ):
        scorer = Growing()
        evidence = read_in_rounds(scorer, ASKED, passages, 20, rule)
        assert scorer.given == expected
        assert len(evidence.passages) == expected[-1]
    scorer = Growing()
    read_in_rounds(scorer, ASKED, passages[:7], 20, StopRule(2.0, 0.0))
    assert scorer.given == [5, 7]
    assert read_in_rounds(Growing(), ASKED, (), 20, load_rule()).passages == ()
    assert rounds_up_to(20) == (5, 10, 20)
    assert rounds_up_to(3) == (3,)


def test_an_assistant_that_stops_keeps_every_passage(archive: Archive) -> None:
    words = made_up_articles(1)[0].text[:60]
    scorer = EvidenceScorer(FakeReader(), load_weights())
    whole = Assistant(search_of(archive), scorer, AnswerSettings(), load_checker()).ask(words)
    stopping = Assistant(search_of(archive), scorer, AnswerSettings(stop_when_clear=True), load_checker()).ask(words)
    assert {one.passage for one in stopping.passages} == {one.passage for one in whole.passages}
    assert [one.rank for one in stopping.passages] == list(range(1, len(whole.passages) + 1))
    assert load_settings(environment={"COPYDESK_STOP_WHEN_CLEAR": "1"}).answer.stop_when_clear
    assert not load_settings(environment={}).answer.stop_when_clear


def test_every_depth_is_measured(archive: Archive) -> None:
    text = made_up_articles(1)[0].text
    question = EvalQuestion("q", text.split(".")[0], date(2026, 4, 1), (" ".join(text.split()[3:5]),))
    unknown = EvalQuestion("u", "Who fled?", date(2026, 4, 1))
    scorer = EvidenceScorer(FakeReader(), load_weights())
    (found,) = read_all(search_of(archive), scorer, [question, unknown], StopRule(0.0, 0.0))
    assert [one.passages_read for one in found.depths] == [min(depth, 36) for depth in DEPTHS]
    assert found.stopped.passages_read == 5
    assert (found.depths[0].sentence_rank, found.stopped.sentence_rank) == (1, 1)
    document = json.loads(json.dumps(reading_table([found], seed=0)))
    assert [row["mean_read"] for row in document["rows"]] == [5, 10, 16, 20, 36, 5]
    assert document["rows"][0]["answer_in_cited@1"]["value"] == 1.0
    assert "16, stopping when clear" in page(document)
    assert "not measured" in page(reading_table([], seed=0))


def made_up_readings(number: int, *, clear: bool) -> QuestionReadings:
    """Where it is clear five passages give the right answer, elsewhere only sixteen do."""
    sure = 0.85 if clear else 0.55
    depths = tuple(
        Reading(1 if clear or depth >= MOST_READ else None, 1, depth, 0.1, sure, 2.2 if clear else 0.2)
        for depth in DEPTHS
    )
    return QuestionReadings(str(number), 1, depths, depths[0], 0.1)


def test_the_rule_reads_least_without_losing_answers() -> None:
    found = [made_up_readings(number, clear=number % 2 == 0) for number in range(40)]
    rule = fit_rule(found)
    assert rule.answerable <= 0.85
    assert rule.margin <= 2.2
    assert rule.answerable > 0.55 or rule.margin > 0.2
    # Where nothing is clear, it reads on.
    never = fit_rule([made_up_readings(number, clear=False) for number in range(4)])
    assert never.answerable > 0.55 or never.margin > 0.2


def test_the_rule_that_ships_can_be_read() -> None:
    rule = load_rule()
    assert 0 <= rule.answerable <= 1
    assert rule.margin >= 0


def test_the_command_prints_a_table_and_fits_a_rule(tmp_path: Path, archive: Archive) -> None:
    from click.testing import CliRunner

    from ui.cli import cli

    result = CliRunner().invoke(cli, ["eval", "bench-reading", "--help"])
    assert result.exit_code == 0
    assert "embedding 50 passages" in " ".join(result.output.split())
