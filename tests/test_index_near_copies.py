"""Near-copies: what makes two texts one, and groups that depend on the articles, never on their order."""

import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import FakeEmbedder, made_up_text, make_archive, make_article

from index.archive import Archive
from index.build import add_articles, put_back, reindex, remove_articles
from index.near_copies import are_near_copies, fingerprint_of, likeness, shingles_of
from index.records import Article

REPORT = made_up_text(1, 24)
SENTENCES = REPORT.replace("\n\n", " ").split(". ")


def near(one: str, other: str) -> bool:
    return are_near_copies(likeness(fingerprint_of(one.split(". ")), fingerprint_of(other.split(". "))))


def cut(text: str, paragraphs: int) -> str:
    return "\n\n".join(text.split("\n\n")[:paragraphs])


def groups(archive: Archive) -> set[frozenset[str]]:
    found: dict[str, set[str]] = {}
    for article_id, group in archive.near_copy_groups().items():
        found.setdefault(group, set()).add(article_id)
    return {frozenset(members) for members in found.values()}


def ids(*articles: Article) -> frozenset[str]:
    return frozenset(article.article_id for article in articles)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with closing(make_archive(tmp_path / "archive")) as archive:
        yield archive


WIRE = make_article(REPORT, "https://wire.example/report")
REPRINT = make_article(REPORT.replace("\n\n", "\n"), "https://gazette.example/report")
SHORTENED = make_article(cut(REPORT, 5), "https://post.example/report")
OTHER = make_article(made_up_text(2, 24), "https://wire.example/other")
ALL = (WIRE, REPRINT, SHORTENED, OTHER)


def test_likeness_by_hand() -> None:
    # Shingles of four words: abcd bcde cdef, and bcde cdef defg.
    found = likeness(fingerprint_of(["a b c", "d e f"]), fingerprint_of(["B c, d! e f g"]))
    assert found.resemblance == pytest.approx(2 / 4)
    assert found.containment == pytest.approx(2 / 3)
    assert found.opening == pytest.approx(2 / 3)


@pytest.mark.parametrize("text", ["", "…", "one", "one two three"])
def test_a_text_of_hardly_a_word(text: str) -> None:
    assert len(shingles_of([text])) == (1 if any(c.isalpha() for c in text) else 0)
    assert likeness(fingerprint_of([text]), fingerprint_of([])).containment == 0


def test_edited_cut_or_continued_it_is_a_near_copy() -> None:
    edited = REPORT.replace(SENTENCES[3], "Somebody wrote this one anew for their paper")
    assert near(REPORT, edited)
    assert near(REPORT, cut(REPORT, 4))
    assert near(REPORT, f"{REPORT} {made_up_text(3, 6)}")


def test_another_report_and_a_round_up_are_none() -> None:
    assert not near(REPORT, made_up_text(2, 24))
    round_up = "\n\n".join([*(made_up_text(seed, 24) for seed in range(10, 20)), REPORT])
    assert not near(REPORT, round_up)


def test_a_photo_gallery_in_both_makes_no_near_copies() -> None:
    gallery = made_up_text(5, 60)
    assert not near(f"{made_up_text(6, 16)} {gallery}", f"{made_up_text(7, 16)} {gallery}")


def test_groups_are_the_same_whatever_the_order(tmp_path: Path) -> None:
    for seed in range(4):
        articles = list(ALL)
        random.Random(seed).shuffle(articles)
        with closing(make_archive(tmp_path / str(seed))) as archive:
            for article in articles:
                add_articles(archive, FakeEmbedder(), [article])
            assert groups(archive) == {ids(WIRE, REPRINT, SHORTENED)}
    with closing(make_archive(tmp_path / "at once", ALL)) as archive:
        assert groups(archive) == {ids(WIRE, REPRINT, SHORTENED)}
        assert set(archive.near_copy_groups().values()) == {min(ids(WIRE, REPRINT, SHORTENED))}


def test_all_members_stay_and_each_names_the_others(archive: Archive) -> None:
    add_articles(archive, FakeEmbedder(), ALL)
    assert archive.article_count() == len(ALL)
    found = archive.near_copies(WIRE.article_id)
    assert {copy.article.article_id for copy in found} == ids(REPRINT, SHORTENED)
    assert all(copy.similarity > 0.9 for copy in found)
    assert archive.near_copies(OTHER.article_id) == []
    assert archive.near_copy_groups([WIRE.article_id, OTHER.article_id]).keys() == {WIRE.article_id}


def test_a_group_shrinks_with_its_members_and_comes_back(archive: Archive) -> None:
    add_articles(archive, FakeEmbedder(), ALL)
    remove_articles(archive, [min(ids(WIRE, REPRINT, SHORTENED))])
    assert groups(archive) == {ids(WIRE, REPRINT, SHORTENED) - {min(ids(WIRE, REPRINT, SHORTENED))}}
    remove_articles(archive, [sorted(ids(WIRE, REPRINT, SHORTENED))[1]])
    assert groups(archive) == set()
    put_back(archive, FakeEmbedder(), sorted(ids(WIRE, REPRINT, SHORTENED))[:2])
    assert groups(archive) == {ids(WIRE, REPRINT, SHORTENED)}


def test_what_was_linked_by_a_member_that_goes_falls_apart(archive: Archive) -> None:
    # Each half is cut from the middle one; the halves share nothing.
    first, second = made_up_text(8, 24), made_up_text(9, 24)
    both = make_article(f"{cut(first, 6)}\n\n{second}", "https://news.example/both")
    halves = [make_article(text, f"https://news.example/half-{n}") for n, text in enumerate((first, second))]
    add_articles(archive, FakeEmbedder(), [*halves, both])
    assert groups(archive) == {ids(both, *halves)}
    remove_articles(archive, [both.article_id])
    assert groups(archive) == set()


def test_a_changed_article_leaves_its_group(archive: Archive) -> None:
    add_articles(archive, FakeEmbedder(), [WIRE, REPRINT])
    add_articles(archive, FakeEmbedder(), [make_article(made_up_text(4, 24), "https://wire.example/report")])
    assert groups(archive) == set()
    add_articles(archive, FakeEmbedder(), [WIRE])
    assert groups(archive) == {ids(WIRE, REPRINT)}


def test_articles_that_were_never_looked_at_are_grouped_by_the_next_command(archive: Archive) -> None:
    add_articles(archive, FakeEmbedder(), [WIRE, REPRINT])
    archive.connection.execute("DELETE FROM near_copies")  # as in an archive that comes from an older schema
    add_articles(archive, FakeEmbedder(), [OTHER])
    assert groups(archive) == {ids(WIRE, REPRINT)}


def test_reindexing_keeps_the_groups(archive: Archive) -> None:
    add_articles(archive, FakeEmbedder(), ALL)
    reindex(archive, FakeEmbedder())
    assert groups(archive) == {ids(WIRE, REPRINT, SHORTENED)}
    reindex(archive, FakeEmbedder("other weights"))
    assert groups(archive) == {ids(WIRE, REPRINT, SHORTENED)}


@given(st.lists(st.text(), max_size=6), st.lists(st.text(), max_size=6))
def test_likeness_is_symmetric_and_a_share(one: list[str], other: list[str]) -> None:
    prints = fingerprint_of(one), fingerprint_of(other)
    found = likeness(*prints)
    assert found == likeness(*reversed(prints))
    assert 0 <= found.resemblance <= found.containment <= 1
    assert 0 <= found.opening <= 1
