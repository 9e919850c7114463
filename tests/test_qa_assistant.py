"""The whole pipeline over real SQLite and Chroma; the embedder is a stand-in, so refusal is set by hand here."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NoReturn

import pytest

from index.archive import Archive
from index.build import add_articles, remove_articles
from index.embedding import SentenceTransformerEmbedder
from index.errors import BadInputError, ManifestMismatchError, ModelError, SearchError
from index.records import Article, Filters, RetrievedPassage
from index.search import HybridSearch
from index.vectors import VectorIndex
from qa.assistant import MOST_QUESTION_CHARACTERS, Assistant
from qa.choice import ScoredEvidence, SimilarityScorer
from qa.evidence import AskedQuestion
from qa.grounding import load_checker
from qa.records import Answer, Turn
from qa.refusal import LEAST_LIKENESS
from qa.settings import AnswerSettings, load_settings
from tests.support import FakeEmbedder, made_up_text, make_archive, make_article

ROOT = Path(__file__).parents[1]
ASKED_ON = date(2026, 4, 3)
FLOOD = make_article(
    "The river Veld rose to nine metres in Cray on Monday. Forty people fled from Mill Lane by boat.",
    "https://courier.example/flood",
    title="Flood in Cray",
    outlet="Courier",
    published=date(2026, 3, 30),
)
BELL = make_article(
    "A bronze bell was found under the old bridge. It weighs 212 kilograms, the museum said.",
    "https://weekly.example/bell",
    title="Bell found",
    outlet="Weekly",
    published=date(2026, 1, 12),
)
UNDATED = make_article("Bread is sold from a van in the market square.", "https://notes.example/bread", outlet="Weekly")


class Scorer:
    """The baseline's ranking with an answerability that a test sets."""

    def __init__(self, embedder: FakeEmbedder, threshold: float) -> None:
        self.threshold = threshold
        self._baseline = SimilarityScorer(embedder)

    def score(self, question: AskedQuestion, passages: Sequence[RetrievedPassage]) -> ScoredEvidence:
        return self._baseline.score(question, passages)


def make_assistant(archive: Archive, *, threshold: float = 0.0) -> Assistant:
    embedder = FakeEmbedder()
    search = HybridSearch(archive, VectorIndex(archive), embedder)
    return Assistant(search, Scorer(embedder, threshold), AnswerSettings(), load_checker())


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    archive = make_archive(tmp_path / "archive", [FLOOD, BELL, UNDATED])
    yield archive
    archive.close()


def test_an_answer_quotes_its_article_and_is_timed(archive: Archive) -> None:
    answer = make_assistant(archive).ask("How many people fled from Mill Lane by boat?", asked_on=ASKED_ON)
    assert answer.answered
    assert answer.refusal is None
    citation = answer.sentences[0].citations[0]
    assert citation.quote == "Forty people fled from Mill Lane by boat."
    assert FLOOD.text[citation.quote_start : citation.quote_end] == citation.quote
    assert citation.article == FLOOD.info
    assert [passage.rank for passage in answer.passages] == list(range(1, len(answer.passages) + 1))
    assert list(answer.timings) == [
        "retrieve",
        "embed_question",
        "dense",
        "lexical",
        "fetch",
        "choose",
        "compose",
        "check",
        "total",
    ]
    assert answer.asked_on == ASKED_ON


def test_an_answer_grows_by_one_checked_sentence_at_a_time(archive: Archive) -> None:
    grown: list[Answer] = []
    answer = make_assistant(archive).ask(
        "How many people fled from Mill Lane by boat?", asked_on=ASKED_ON, forced=True, so_far=grown.append
    )
    assert len(answer.sentences) > 1
    assert [one.sentences for one in grown] == [answer.sentences[:count] for count in range(1, len(grown) + 1)]
    assert grown[-1].sentences == answer.sentences


def test_near_copies_are_one_source_each_of_them_cited(archive: Archive) -> None:
    text = f"{FLOOD.text} {made_up_text(1, 24)}"
    wire, reprint = (make_article(text, f"https://{outlet}.example/veld", outlet=outlet) for outlet in ("A", "B"))
    add_articles(archive, FakeEmbedder(), [wire, reprint])
    answer = make_assistant(archive).ask("How many people fled from Mill Lane by boat?", asked_on=ASKED_ON)
    sentence = next(sentence for sentence in answer.sentences if "Mill Lane" in sentence.text)
    cited = {citation.article.article_id for citation in sentence.citations}
    assert cited == {wire.article_id, reprint.article_id, FLOOD.article_id}
    assert answer.near_copies == dict.fromkeys((wire.article_id, reprint.article_id), min(cited - {FLOOD.article_id}))
    assert answer.source_count(sentence) == 2


def test_asked_on_is_today_unless_given(archive: Archive) -> None:
    before = date.today()
    assert before <= make_assistant(archive).ask("Who fled?").asked_on <= date.today()


def test_an_empty_archive_says_so_even_to_filters(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "empty")
    for filters in (Filters(), Filters(outlets=("Courier",))):
        answer = make_assistant(archive).ask("Who fled?", filters=filters)
        assert answer.refusal is not None
        assert answer.refusal.reason == "empty_archive"
        assert "copydesk add" in answer.refusal.message
        assert answer.sentences == ()


def test_filters_that_leave_nothing_are_named_and_undated_articles_counted(archive: Archive) -> None:
    filters = Filters(outlets=("Weekly",), published_from=date(2026, 2, 1), published_to=date(2026, 2, 28))
    answer = make_assistant(archive).ask("Who sells bread?", filters=filters)
    assert answer.refusal is not None
    assert answer.refusal.reason == "filters_left_nothing"
    assert answer.undated_left_out == 1
    for words in ("Weekly", "2026-02-01", "2026-02-28", "1 of those left out carries no date"):
        assert words in answer.refusal.message


@pytest.mark.parametrize("filters", [Filters(outlets=()), Filters(article_ids=()), Filters(outlets=("Nobody",))])
def test_an_empty_filter_matches_nothing_rather_than_everything(archive: Archive, filters: Filters) -> None:
    refusal = make_assistant(archive).ask("Who sells bread?", filters=filters).refusal
    assert refusal is not None
    assert refusal.reason == "filters_left_nothing"


def test_a_date_filter_leaves_undated_articles_out_and_counts_them(archive: Archive) -> None:
    answer = make_assistant(archive).ask(
        "Who sells bread from a van?", filters=Filters(published_from=date(2026, 1, 1))
    )
    assert answer.undated_left_out == 1
    assert {found.article.article_id for found in answer.passages} == {FLOOD.article_id, BELL.article_id}
    assert make_assistant(archive).ask("Who sells bread?", filters=Filters(outlets=("Weekly",))).undated_left_out == 0


def test_nothing_about_the_subject_shows_no_sentence_as_close(archive: Archive) -> None:
    refusal = make_assistant(archive, threshold=1.1).ask("Elephants?").refusal
    assert refusal is not None
    assert (refusal.reason, refusal.nearest) == ("nothing_relevant", ())


def test_about_the_subject_without_an_answer_shows_what_came_closest(archive: Archive) -> None:
    question = "Why did forty people fled from Mill Lane by boat?"
    answer = make_assistant(archive, threshold=1.1).ask(question)
    assert answer.refusal is not None
    assert answer.refusal.reason == "not_answered"
    assert answer.refusal.nearest[0].quote == "Forty people fled from Mill Lane by boat."
    embedder = FakeEmbedder()
    asked, *near = embedder.embed([question, *(citation.quote for citation in answer.refusal.nearest)])
    assert all(float(asked @ vector) >= LEAST_LIKENESS - 1e-6 for vector in near)
    assert answer.sentences == ()
    assert answer.passages


def test_forced_answers_whatever_the_odds_with_three_sentences(archive: Archive) -> None:
    answer = make_assistant(archive, threshold=1.1).ask("Quarterly dividends?", forced=True)
    assert answer.answered
    assert len(answer.sentences) == 3


def test_what_was_found_is_remembered_for_the_same_question_only(archive: Archive) -> None:
    assistant = make_assistant(archive, threshold=2.0)
    question = "How many people fled?"
    assert "retrieve" in assistant.ask(question, asked_on=ASKED_ON).timings
    again = assistant.ask(question, asked_on=ASKED_ON, forced=True)
    assert "retrieve" not in again.timings
    alone = make_assistant(archive, threshold=2.0).ask(question, asked_on=ASKED_ON, forced=True)
    assert replace(again, timings={}) == replace(alone, timings={})
    for otherwise in (
        assistant.ask(question, asked_on=date(2026, 4, 4)),
        assistant.ask(question, asked_on=ASKED_ON, filters=Filters(outlets=("Weekly",))),
        assistant.ask("How many people fled from Mill Lane?", asked_on=ASKED_ON),
    ):
        assert "retrieve" in otherwise.timings


def test_the_period_is_shown_and_its_articles_come_first(archive: Archive) -> None:
    later = make_article(FLOOD.text, "https://herald.example/flood", outlet="Herald", published=date(2025, 3, 30))
    add_articles(archive, FakeEmbedder(), [later])
    for asked_on, first in ((ASKED_ON, FLOOD), (date(2025, 4, 3), later)):
        answer = make_assistant(archive).ask("How many people fled from Mill Lane this week?", asked_on=asked_on)
        assert answer.period is not None
        assert answer.period.words == "this week"
        assert answer.passages[0].article == first.info


def test_a_follow_up_is_understood_with_the_turn_before_it(archive: Archive) -> None:
    assistant = make_assistant(archive)
    first = assistant.ask("How many people fled from Mill Lane this week?", asked_on=ASKED_ON)
    assert first.understood_as is None
    answer = assistant.ask("Why did they leave?", asked_on=ASKED_ON, history=[Turn.of(first)])
    assert answer.question == "Why did they leave?"
    assert answer.understood_as == answer.understood == "Why did people leave?"
    left_out = assistant.ask("Why?", asked_on=ASKED_ON, history=[Turn.of(first)])
    assert left_out.understood_as == "Why? (How many people fled from Mill Lane this week?)"
    # "This week" goes on with the question that it stood in.
    assert left_out.period == first.period
    assert left_out.sentences[0].citations[0].article == FLOOD.info


def test_a_question_that_stands_alone_gets_the_same_answer_after_any_turn(archive: Archive) -> None:
    assistant = make_assistant(archive)
    turn = Turn.of(assistant.ask("How many people fled from Mill Lane?", asked_on=ASKED_ON))
    question = "What does the bronze bell from under the old bridge weigh?"
    alone, after = (assistant.ask(question, asked_on=ASKED_ON, history=history) for history in ((), (turn,)))
    assert replace(alone, timings={}) == replace(after, timings={})


def test_of_two_readings_the_evidence_decides(archive: Archive) -> None:
    assistant = make_assistant(archive)
    about_mill_lane = [Turn("Who fled from Mill Lane by boat?", "Who fled from Mill Lane by boat?")]
    leaning = assistant.ask("People fled?", asked_on=ASKED_ON, history=about_mill_lane)
    assert leaning.understood_as == "People fled? (Who fled from Mill Lane by boat?)"
    about_nothing = [Turn("Which quarterly dividends were zoned?", "Which quarterly dividends were zoned?")]
    assert assistant.ask("Forty fled?", asked_on=ASKED_ON, history=about_nothing).understood_as is None


@pytest.mark.parametrize("question", ["", "  \n\t ", "x" * (MOST_QUESTION_CHARACTERS + 1)])
def test_a_question_that_is_none_is_refused_as_input(archive: Archive, question: str) -> None:
    with pytest.raises(BadInputError, match=r"^the question "):
        make_assistant(archive).ask(question)


@pytest.mark.parametrize(
    "question",
    [
        "?",
        "the who and the what",
        '"',
        "NEAR(a b)",
        "U.S. a-b * ^ :",
        "🙂",
        "\x00",
        "\ud800",
        "word " * 1999,
        "é" * 10_000,
    ],
)
def test_any_other_question_is_answered_or_refused(archive: Archive, question: str) -> None:
    assert make_assistant(archive).ask(question).question == question.strip().replace("\ud800", "?")


def test_a_failing_part_is_an_error_that_names_itself(archive: Archive) -> None:
    assistant = make_assistant(archive)
    archive.connection.execute("DROP TABLE passages_fts")
    with pytest.raises(SearchError, match="FTS5"):
        assistant.ask("Who fled from Mill Lane?")


def test_failing_vectors_are_an_error_that_names_chroma(archive: Archive) -> None:
    for file in (archive.folder / "chroma").rglob("*"):
        if file.is_file():
            file.write_bytes(b"damaged")
    with pytest.raises(SearchError, match=r"Chroma.*copydesk reindex"):
        make_assistant(archive).ask("Who fled from Mill Lane?")


def test_a_failing_model_is_not_an_empty_answer(archive: Archive) -> None:
    def encode(texts: list[str]) -> NoReturn:
        raise RuntimeError("out of memory\nsecond line")

    assistant = make_assistant(archive)
    broken = SentenceTransformerEmbedder(encode, FakeEmbedder().identity)
    assistant._search.embedder = broken
    with pytest.raises(ModelError, match=r"^the embedding model fake-fake weights failed: out of memory$"):
        assistant.ask("Who fled from Mill Lane?")


def test_another_model_is_refused_with_the_command_that_mends_it(archive: Archive) -> None:
    other = FakeEmbedder("other weights")
    search = HybridSearch(archive, VectorIndex(archive), other)
    with pytest.raises(ManifestMismatchError, match="copydesk reindex"):
        Assistant(search, Scorer(other, 0.0), AnswerSettings(), load_checker()).ask("Who fled?")


def test_eight_threads_get_the_answers_that_one_gets(archive: Archive) -> None:
    assistant = make_assistant(archive)
    questions = [
        f"{who} {what}?"
        for who in ("Who", "How many")
        for what in ("fled Mill Lane", "weighs", "bread", "river", "bell")
    ]
    expected = [[s.text for s in assistant.ask(question).sentences] for question in questions]
    with ThreadPoolExecutor(8) as pool:
        runs = [
            pool.submit(lambda: [[s.text for s in assistant.ask(q).sentences] for q in questions]) for _ in range(8)
        ]
        assert [run.result() for run in runs] == [expected] * 8


def asked_first(assistant: Assistant) -> Article:
    answer = assistant.ask("Which ferry sank near Brannock?")
    return assistant.archive.article(answer.passages[0].article.article_id)


FERRY = make_article("A ferry sank near Brannock at dawn.", "https://wire.example/ferry")


def test_an_open_assistant_sees_what_is_added_and_removed_in_its_process(archive: Archive) -> None:
    assistant = make_assistant(archive)
    assert asked_first(assistant) != FERRY
    add_articles(archive, FakeEmbedder(), [FERRY])
    assert asked_first(assistant) == FERRY
    remove_articles(archive, [FERRY.article_id])
    assert asked_first(assistant) != FERRY


ADD_FERRY = """
import sys
from pathlib import Path
from tests.support import make_archive
from tests.test_qa_assistant import FERRY
make_archive(Path(sys.argv[1]), [FERRY]).close()
"""


def test_an_open_assistant_sees_what_another_process_adds(archive: Archive) -> None:
    assistant = make_assistant(archive)
    assert asked_first(assistant) != FERRY
    subprocess.run([sys.executable, "-c", ADD_FERRY, str(archive.folder)], cwd=ROOT, check=True, timeout=120)
    assert asked_first(assistant) == FERRY


def test_settings_come_from_options_then_the_environment(tmp_path: Path) -> None:
    environment = {"COPYDESK_SEARCH": "dense", "COPYDESK_SENTENCE_CHOICE": "similarity", "COPYDESK_ARCHIVE": "/nowhere"}
    settings = load_settings(environment=environment)
    assert (settings.answer.search, settings.answer.sentence_choice) == ("dense", "similarity")
    assert settings.index.archive == Path("/nowhere")
    assert load_settings(tmp_path, "lexical", environment=environment).answer.search == "lexical"
    assert load_settings(tmp_path, environment=environment).index.archive == tmp_path.resolve()
    assert load_settings(environment={}).answer == AnswerSettings()


@pytest.mark.parametrize("name", ["COPYDESK_SEARCH", "COPYDESK_SENTENCE_CHOICE"])
def test_an_unknown_setting_is_refused_with_those_possible(name: str) -> None:
    with pytest.raises(BadInputError, match=r"'magic'; it can be one of: \w+, \w+"):
        load_settings(environment={name: "magic"})
