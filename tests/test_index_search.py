"""Hybrid search over real SQLite and Chroma: fusion, filters, odd questions, and failures that name themselves."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import FakeEmbedder, make_archive, make_article

from index.archive import Archive
from index.build import add_articles
from index.errors import SearchError
from index.records import Article, Filters
from index.search import (
    DENSE_WEIGHT,
    LEXICAL_WEIGHT,
    MOST_QUERY_WORDS,
    SEARCH_MODES,
    HybridSearch,
    Query,
    SearchMode,
    fts_expression,
    reciprocal_rank_fusion,
)
from index.vectors import CHROMA_FOLDER, VectorIndex, current_generation


def dated(name: str, text: str, outlet: str | None, published: date | None) -> Article:
    return make_article(text, f"https://news.example/{name}", title=name, outlet=outlet, published=published)


FERRY = dated("ferry", "The ferry to Brannock was late on Monday.", "A Wire", date(2026, 11, 9))
BRIDGE = dated("bridge", "A bridge to Brannock would replace the ferry.", "B Post", date(2026, 3, 1))
HARBOUR = dated("harbour", "The harbour master of Brannock met the ferry.", "A Wire", None)
SNOW = dated("snow", "Snow fell on Harrow Ford, and no ferry ran.", None, date(2026, 12, 24))
INDEXED = (FERRY, BRIDGE)
ARTICLES = (FERRY, BRIDGE, HARBOUR, SNOW)


@contextmanager
def searching(archive: Archive) -> Iterator[HybridSearch]:
    with closing(VectorIndex(archive)) as vectors:
        yield HybridSearch(archive, vectors, FakeEmbedder())


def add_beyond_chroma(archive: Archive, articles: tuple[Article, ...]) -> None:
    """Add articles as a writer does that is killed before it brings Chroma in step."""
    with pytest.MonkeyPatch.context() as patched:

        def killed(*_: object) -> None:
            raise KeyboardInterrupt

        patched.setattr("index.build.sync_vectors", killed)
        with pytest.raises(KeyboardInterrupt):
            add_articles(archive, FakeEmbedder(), articles)


@pytest.fixture(scope="module", params=["all in Chroma", "none in Chroma", "half of them in Chroma"])
def search(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HybridSearch]:
    """A search over four articles, wherever their vectors are."""
    in_chroma = {"all in Chroma": ARTICLES, "none in Chroma": (), "half of them in Chroma": INDEXED}[request.param]
    with closing(make_archive(tmp_path_factory.mktemp("archive"), in_chroma)) as archive:
        add_beyond_chroma(archive, ARTICLES)
        assert bool(current_generation(archive).name) == bool(in_chroma)
        with searching(archive) as search:
            yield search


def titles(search: HybridSearch, text: str, filters: Filters = Filters(), mode: SearchMode = "hybrid") -> set[str]:
    return {hit.article.title or "" for hit in search.search(Query(text, filters, mode=mode))}


# Fusion


def test_reciprocal_ranks_by_hand() -> None:
    """Key 2 is second and first: 1/62 + 1/61 = 0.032522. Key 1 is first and absent: 1/61 = 0.016393."""
    fused = reciprocal_rank_fusion([[1, 2, 3], [2, 4]])
    assert [key for key, _ in fused] == [2, 1, 4, 3]
    scores = dict(fused)
    assert scores[2] == pytest.approx(0.0325225, abs=1e-7)
    assert scores[1] == pytest.approx(0.0163934, abs=1e-7)
    assert scores[4] == pytest.approx(0.0161290, abs=1e-7)
    assert scores[3] == pytest.approx(0.0158730, abs=1e-7)


def test_equal_scores_are_ordered_by_key() -> None:
    assert [key for key, _ in reciprocal_rank_fusion([[9], [4]])] == [4, 9]
    assert reciprocal_rank_fusion([[], []]) == []


def test_fusion_weighs_its_rankings() -> None:
    scores = dict(reciprocal_rank_fusion([[1, 2], [2]], (1.0, 2.0)))
    assert scores[1] == pytest.approx(1 / 61)
    assert scores[2] == pytest.approx(1 / 62 + 2 / 61)


@given(st.lists(st.lists(st.integers(0, 30), unique=True, max_size=20), max_size=3))
def test_fusion_keeps_every_key_once_and_its_order_is_the_scores(rankings: list[list[int]]) -> None:
    fused = reciprocal_rank_fusion(rankings)
    assert sorted(key for key, _ in fused) == sorted({key for ranking in rankings for key in ranking})
    assert [score for _, score in fused] == sorted((score for _, score in fused), reverse=True)


def test_each_hit_says_which_search_found_it(search: HybridSearch) -> None:
    hits = search.search(Query("harbour master", limit=4))
    assert hits[0].article.title == "harbour"
    assert hits[0].found_by == "both"
    assert {hit.found_by for hit in hits[1:]} == {"dense"}
    assert [hit.rank for hit in hits] == [1, 2, 3, 4]
    assert hits[0].score == pytest.approx((DENSE_WEIGHT + LEXICAL_WEIGHT) / 61)
    assert hits[0].cosine == pytest.approx(
        float(search.embedder.embed(["harbour master"])[0] @ search.embedder.embed(["harbour\n" + HARBOUR.text])[0]),
        abs=2e-3,
    )


def test_one_search_alone(search: HybridSearch) -> None:
    lexical = search.search(Query("harbour master", mode="lexical"))
    assert [(hit.article.title, hit.found_by, hit.cosine) for hit in lexical] == [("harbour", "lexical", None)]
    dense = search.search(Query("harbour master", mode="dense"))
    assert len(dense) == 4
    assert {hit.found_by for hit in dense} == {"dense"}


def test_no_more_than_the_limit_come_back(search: HybridSearch) -> None:
    assert [hit.rank for hit in search.search(Query("ferry", limit=2))] == [1, 2]


def test_an_article_is_found_by_its_title_and_date_but_quoted_without(search: HybridSearch) -> None:
    for question in ("snow", "Thursday 24 December 2026"):
        hit = search.search(Query(question, mode="lexical"))[0]
        assert hit.passage.text == SNOW.text
        assert all(sentence.text in SNOW.text for sentence in hit.passage.sentences)


# Filters, in every search mode


@pytest.mark.parametrize("mode", SEARCH_MODES)
@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), {"ferry", "bridge", "harbour", "snow"}),
        (Filters(outlets=("A Wire",)), {"ferry", "harbour"}),
        (Filters(outlets=("A Wire", "B Post")), {"ferry", "bridge", "harbour"}),
        (Filters(outlets=()), set()),
        (Filters(outlets=("",)), set()),
        (Filters(outlets=("Nobody's",)), set()),
        (Filters(article_ids=()), set()),
        (Filters(article_ids=(SNOW.article_id,)), {"snow"}),
        (Filters(published_from=date(2026, 11, 9)), {"ferry", "snow"}),
        (Filters(published_from=date(2026, 11, 10)), {"snow"}),
        (Filters(published_to=date(2026, 11, 9)), {"ferry", "bridge"}),
        (Filters(published_to=date(2026, 11, 8)), {"bridge"}),
        (Filters(published_from=date(2026, 3, 1), published_to=date(2026, 3, 1)), {"bridge"}),
        (Filters(published_from=date(2027, 1, 1)), set()),
        (Filters(outlets=("A Wire",), published_from=date(2026, 1, 1)), {"ferry"}),
    ],
)
def test_filters(search: HybridSearch, filters: Filters, expected: set[str], mode: SearchMode) -> None:
    assert titles(search, "ferry", filters, mode) == expected


def test_a_filter_may_name_very_many_articles(search: HybridSearch) -> None:
    """More than SQLite takes variables in one statement."""
    many = (*(f"{number:016x}" for number in range(40_000)), FERRY.article_id)
    assert titles(search, "ferry", Filters(article_ids=many)) == {"ferry"}


# Questions of any kind


QUESTIONS = [
    'ferry"',
    '"',
    '""""',
    "ferry*",
    "*",
    "NEAR(ferry Brannock, 2)",
    "NEAR(",
    "ferry AND OR NOT",
    "AND",
    "title:ferry",
    "{title body}: ferry",
    "^ferry",
    "-ferry",
    "+ferry",
    "U.S.",
    "a-b",
    "what's the ferry's?",
    "?!… — ()",
    "who was it that did what to whom",
    "🚢⛴️",
    "",
    " \n\t ",
    "ferry\0Brannock",
    "\ud800 ferry",
    "Ελλάδα 北京 القاهرة",
    "e\u0301 \u202eferry\u202c",
    "'; DROP TABLE passages; --",
    "1" * 5_000,
    "ferry " * 10_000,
    " ".join(f"word{number}" for number in range(10_000)),
]


@pytest.mark.parametrize("mode", SEARCH_MODES)
def test_no_question_is_an_error(search: HybridSearch, mode: SearchMode) -> None:
    for question in QUESTIONS:
        hits = search.search(Query(question, mode=mode))
        if "ferry" in question and len(question) < 100 and "\0" not in question:
            assert hits, question
    assert search.archive.passage_count() == 4


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_no_text_is_an_error_to_the_full_text_search(search: HybridSearch, question: str) -> None:
    search.search(Query(question, mode="lexical"))


def test_words_are_quoted_each_once_and_no_more_than_fit() -> None:
    assert fts_expression("Who built the U.S. ferry, the ferry?") == '"built" OR "u" OR "ferry"'
    assert fts_expression("who was it") == '"who" OR "was" OR "it"'
    assert fts_expression("?!") == ""
    many = " ".join(f"word{number}" for number in range(10_000))
    assert fts_expression(many).count(" OR ") == MOST_QUERY_WORDS - 1


def test_word_forms_and_accents_find_each_other(tmp_path: Path) -> None:
    text = "Two mayors protested in Orléans."
    with closing(make_archive(tmp_path / "archive", [make_article(text)])) as archive, searching(archive) as search:
        for question in ("mayor", "protests", "orleans", "Orle\u0301ans", "ORLÉANS"):
            assert len(search.search(Query(question, mode="lexical"))) == 1, question


# Failures


def test_a_full_text_index_that_is_gone_is_an_error_that_names_it(tmp_path: Path) -> None:
    with closing(make_archive(tmp_path / "archive", ARTICLES)) as archive, searching(archive) as search:
        archive.connection.execute("DROP TABLE passages_fts")
        for mode in ("lexical", "hybrid"):
            with pytest.raises(SearchError, match=r"full-text search \(SQLite FTS5.*copydesk reindex") as caught:
                search.search(Query("ferry", mode=mode))
            assert "\n" not in str(caught.value)
        assert len(search.search(Query("ferry", mode="dense"))) == 4


def test_a_chroma_folder_that_is_gone_is_an_error_that_names_it(tmp_path: Path) -> None:
    with closing(make_archive(tmp_path / "archive", ARTICLES)) as archive, searching(archive) as search:
        shutil.rmtree(archive.folder / CHROMA_FOLDER)
        for mode in ("dense", "hybrid"):
            with pytest.raises(SearchError, match=r"vector search \(Chroma.*copydesk reindex") as caught:
                search.search(Query("ferry", mode=mode))
            assert "\n" not in str(caught.value)
        assert len(search.search(Query("ferry", mode="lexical"))) == 4


def test_the_stages_are_timed(search: HybridSearch) -> None:
    seen: list[str] = []

    @contextmanager
    def stage(name: str) -> Iterator[None]:
        seen.append(name)
        yield

    search.search(Query("ferry"), stage)
    assert seen == ["embed_question", "dense", "lexical", "fetch"]


def test_an_empty_archive_gives_nothing(tmp_path: Path) -> None:
    with closing(Archive(tmp_path / "archive")) as archive, searching(archive) as search:
        for mode in SEARCH_MODES:
            assert search.search(Query("ferry", mode=mode)) == ()
