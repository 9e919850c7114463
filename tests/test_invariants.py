"""What must hold for any text at all, all the way through the store: sentences are the article's own characters."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import FakeEmbedder, make_article

from index.archive import Archive
from index.build import prepare
from index.check import check_article
from index.errors import BadInputError
from index.records import Article
from index.search import HybridSearch, Query
from index.vectors import VectorIndex
from index.writer import ArchiveWriter, writing

# Where counts of bytes, UTF-16 units, graphemes and code points part ways, and where lines and sentences end.
PIECES = st.sampled_from(
    [
        *"He said. |“Why?” |the U.S. |Lt. Gen. Rowe |word |3.5 |?! |… |— |• |(AFP) |Source: AA".split("|"),
        *"\n|\r\n|\r|\n\n|\t|\u00a0|\u2007|\u202f|\u3000|\u2028|\u2029|\x85|\x0b|\x0c|\x1c".split("|"),
        *"\u200b|\u200d|\u202e|\u202c|\u2066|\u2069|\ufeff|\ufffd|\ufffe|\x01|\x7f|\xad".split("|"),
        *"é|e\u0301|ñ|ß|ﬁ|İ|Å|한국어。|北京。|שלום.|مرحبا؟ |😀|👩‍👩‍👧|🇫🇷|𝔘𝔫𝔦|𠮷|\U0010ffff".split("|"),
    ]
)
TEXTS = st.one_of(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=400),
    st.lists(PIECES, max_size=120).map("".join),
)
FIELDS = st.one_of(st.none(), st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40))


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with closing(Archive(tmp_path_factory.mktemp("archive"))) as archive:
        yield archive


def put(writer: ArchiveWriter, article: Article) -> None:
    prepared = prepare(article, FakeEmbedder().identity)
    vectors = FakeEmbedder().embed([passage.text for passage in prepared.passages])
    with writer.transaction():
        writer.put(prepared, list(vectors))


@settings(max_examples=300, deadline=None)
@given(text=TEXTS, title=FIELDS, published=st.one_of(st.none(), st.dates()))
def test_what_a_search_reads_are_the_articles_own_characters(
    archive: Archive, text: str, title: str | None, published: date | None
) -> None:
    article = make_article(text, title=title, published=published)
    with writing(archive) as writer:
        put(writer, article)
    stored = archive.article(article.article_id)
    assert stored == article

    passages = [found.passage for found in archive.passages(archive.keys_after(0).tolist()).values()]
    sentences = [sentence for passage in passages for sentence in passage.sentences]
    for sentence in sentences:
        assert stored.text[sentence.start : sentence.end] == sentence.text
        assert (sentence.article_id, sentence.version) == (article.article_id, article.version)
    assert [sentence.position for sentence in sentences] == list(range(len(sentences)))
    assert [(s.position, s.start, s.end) for s in sentences] == list(archive.sentences(article.article_id))
    assert all(before.end <= after.start for before, after in pairwise(sentences))
    for span in archive.furniture(article.article_id):
        assert all(sentence.end <= span.start or span.end <= sentence.start for sentence in sentences)
    assert check_article(archive, article.article_id) == (len(sentences), [])


@settings(max_examples=100, deadline=None)
@given(texts=st.lists(TEXTS, min_size=2, max_size=4, unique=True))
def test_every_version_stays_readable_to_the_character(archive: Archive, texts: list[str]) -> None:
    versions = [make_article(text, "https://news.example/changing") for text in texts]
    with writing(archive) as writer:
        for version in versions:
            put(writer, version)
        for version in versions:
            assert archive.article(version.article_id, version.version) == version
        assert archive.article(versions[-1].article_id) == versions[-1]
        with writer.transaction():
            writer.remove(versions[0].article_id, datetime.now(UTC))
    assert archive.versions(versions[0].article_id) == []


@settings(max_examples=60, deadline=None)
@given(text=TEXTS, question=TEXTS)
def test_any_question_gets_sentences_of_the_article(archive: Archive, text: str, question: str) -> None:
    article = make_article(f"The ferry was late.\n\n{text}", title="A title that stands nowhere in the text")
    with writing(archive) as writer:
        put(writer, article)
        embedder = FakeEmbedder()
        with writer.transaction():
            writer.record_identity(embedder.identity)
    with closing(VectorIndex(archive)) as vectors:
        hits = HybridSearch(archive, vectors, embedder).search(Query(f"title {question}"))
    assert hits
    for hit in hits:
        for sentence in hit.passage.sentences:
            assert article.text[sentence.start : sentence.end] == sentence.text
        assert "A title that stands nowhere" not in hit.passage.text


def test_a_text_that_sqlite_would_cut_short_is_refused(archive: Archive) -> None:
    with writing(archive) as writer, pytest.raises(BadInputError, match="NUL"):
        put(writer, make_article("The ferry was late.\0Nobody minded."))
