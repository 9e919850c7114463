"""What is not in English is not quoted, and a question about it is told so."""

import pytest

from index.archive import Archive
from index.search import HybridSearch
from index.vectors import VectorIndex
from qa.assistant import Assistant
from qa.choice import SimilarityScorer
from qa.grounding import load_checker
from qa.records import Answer
from qa.settings import AnswerSettings
from tests.support import FakeEmbedder, make_archive, make_article

GERMAN = (
    "Die Sennerei von Hinterell bleibt im Dorf, sagte die Präsidentin der Genossenschaft, Walburga Senn, am "
    "Donnerstag. Das Gebäude mit dem Keller kostet 380.000 Kronen, und neun Höfe im Tal liefern ihre Milch dorthin."
)
ENGLISH = (
    "The mayor of Marn opened the new bridge on Monday. The bridge cost 12 million crowns, the mayor said. "
    "The president of the region was not there."
)


def ask(archive: Archive, question: str, forced: bool = False) -> Answer:
    embedder = FakeEmbedder()
    search = HybridSearch(archive, VectorIndex(archive), embedder)
    return Assistant(search, SimilarityScorer(embedder), AnswerSettings(), load_checker()).ask(question, forced=forced)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    articles = [
        make_article(GERMAN, "https://tal.example/sennerei", title="Sennerei bleibt", outlet="Tal-Anzeiger"),
        make_article(ENGLISH, "https://marn.example/bridge", title="Bridge opens"),
    ]
    return make_archive(tmp_path_factory.mktemp("archive"), articles)


@pytest.mark.parametrize(
    "question",
    ["Who is Walburga Senn?", "What did the president say of Hinterell?", "what does the sennerei cost"],
)
def test_a_question_about_a_german_article_is_refused_and_names_it(both: Archive, question: str) -> None:
    refusal = ask(both, question).refusal
    assert refusal is not None
    assert refusal.reason == "unsupported_language"
    assert "German are not supported" in refusal.message
    assert "“Sennerei bleibt”" in refusal.message
    assert refusal.nearest == ()


@pytest.mark.parametrize(
    "question", ["Wie viele Kronen kostet die Sennerei?", "Combien coûte le nouveau pont de Marn ?"]
)
def test_a_question_in_another_language_is_refused(both: Archive, question: str) -> None:
    refusal = ask(both, question).refusal
    assert refusal is not None
    assert refusal.reason == "unsupported_language"
    assert refusal.message.startswith("Questions in ")


def test_a_german_article_is_never_quoted_nor_given_as_found(both: Archive) -> None:
    for question in ("What did the bridge of Marn cost?", "Who is the president?", "Walburga Senn Hinterell"):
        for forced in (False, True):
            answer = ask(both, question, forced)
            quoted = [c for sentence in answer.sentences for c in sentence.citations]
            assert all(c.article.language != "de" for c in quoted)
            assert all(found.article.language != "de" for found in answer.passages)
    assert ask(both, "What did the new bridge of Marn cost?").refusal is None


def test_an_archive_of_german_articles_only(tmp_path_factory: pytest.TempPathFactory) -> None:
    archive = make_archive(tmp_path_factory.mktemp("archive"), [make_article(GERMAN, "https://tal.example/sennerei")])
    for forced in (False, True):
        refusal = ask(archive, "How much did the dairy cost?", forced).refusal
        assert refusal is not None
        assert refusal.reason == "unsupported_language"
        assert "https://tal.example/sennerei" in refusal.message


def test_a_text_too_short_to_tell_is_quoted(tmp_path_factory: pytest.TempPathFactory) -> None:
    archive = make_archive(tmp_path_factory.mktemp("archive"), [make_article("Bridge of Marn: 12 million crowns.")])
    assert ask(archive, "What did the bridge of Marn cost?", forced=True).sentences
