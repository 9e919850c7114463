"""Who writes a page's answers: which models it may have write, and that all share one archive and its models."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from index.archive import Archive
from index.errors import BadInputError
from index.search import HybridSearch
from index.vectors import VectorIndex
from qa.assistant import Assistant
from qa.choice import SimilarityScorer
from qa.grounding import load_checker
from qa.settings import AnswerSettings
from tests.support import FakeEmbedder, make_archive, make_article
from ui.asking import LazyAssistant
from ui.writers import QUOTED, Writers, offered_with

HERE, AWAY = "openai-compatible:http://127.0.0.1:9/v1#m", "openai-compatible:https://models.example/v1#m"


@pytest.fixture
def quoting(tmp_path: Path) -> Iterator[Assistant]:
    archive: Archive = make_archive(tmp_path / "archive", [make_article("Forty people fled from Mill Lane.")])
    embedder = FakeEmbedder()
    search = HybridSearch(archive, VectorIndex(archive), embedder)
    yield Assistant(search, SimilarityScorer(embedder), AnswerSettings(), load_checker())
    archive.close()


def writers(quoting: Assistant, *offered: str, any_here: bool = False) -> Writers:
    first = quoting.with_llm(offered[0]) if offered else quoting
    return Writers(LazyAssistant(lambda: first), offered, any_here)


def test_the_first_model_offered_writes_until_another_is_chosen(quoting: Assistant) -> None:
    page = writers(quoting, AWAY, "ollama:small")
    assert page.choices == (QUOTED, AWAY, "ollama:small")
    assert page.assistant_of(page.first).settings == replace(quoting.settings, llm=AWAY)
    assert page.assistant_of("ollama:small").settings.llm == "ollama:small"
    assert page.assistant_of(QUOTED).settings.llm is None
    assert page.assistant_of(None).settings.llm is None


def test_without_a_model_answers_are_quoted_and_nothing_can_be_chosen(quoting: Assistant) -> None:
    page = writers(quoting)
    assert (page.choices, page.first, page.can_choose) == ((QUOTED,), QUOTED, False)
    assert page.assistant_of(QUOTED) is quoting


def test_all_share_one_archive_and_its_models_and_are_opened_once(quoting: Assistant) -> None:
    page = writers(quoting, any_here=True)
    one = page.assistant_of(HERE)
    assert page.assistant_of(f" {HERE} ") is one
    assert one.search is quoting.search


@pytest.mark.parametrize("name", [HERE, "ollama:small", "openai-compatible:http://localhost:8080/v1#m"])
def test_a_model_on_this_machine_can_be_named_only_where_the_page_is_its_users_own(
    quoting: Assistant, name: str
) -> None:
    assert writers(quoting, any_here=True).assistant_of(name).settings.llm == name
    with pytest.raises(BadInputError, match="wasn't started with it"):
        writers(quoting, AWAY).assistant_of(name)


@pytest.mark.parametrize(
    "name",
    [
        AWAY,
        "openai-compatible:http://192.168.0.9/v1#m",
        "openai-compatible:http://127.0.0.1.evil.example/v1#m",
        "openai-compatible:http://localhost.evil.example/v1#m",
        "openai-compatible:http://0.0.0.0:80/v1#m",
        "openai-compatible:http://[2001:db8::1]/v1#m",
        "openai-compatible:http://2130706433/v1#m",
    ],
)
def test_nothing_typed_in_a_page_sends_articles_to_another_machine(quoting: Assistant, name: str) -> None:
    with pytest.raises(BadInputError, match=r"doesn't run on this machine.*--llm"):
        writers(quoting, any_here=True).assistant_of(name)


@pytest.mark.parametrize("name", ["gpt", "sk-secret", "embedded:x", "<script>alert(1)</script>"])
def test_what_names_no_model_is_refused_without_repeating_it(quoting: Assistant, name: str) -> None:
    with pytest.raises(BadInputError, match="can't be read") as refused:
        writers(quoting, any_here=True).assistant_of(name)
    assert name not in str(refused.value)


def test_each_model_is_offered_once() -> None:
    assert offered_with(None, ()) == ()
    assert offered_with("embedded", ("embedded", "ollama:a", "embedded")) == ("embedded", "ollama:a")
