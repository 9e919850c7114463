"""The claims that the grounding checker is tried on, as they are shipped and made."""

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest

from eval.claim_cases import (
    HAND_FILES,
    PARAPHRASE,
    ClaimCase,
    ClaimKind,
    hand_path,
    load_cases,
    read_cases,
    sample_articles,
)
from index.errors import BadInputError
from index.furniture import find_furniture
from index.records import Article
from index.sentences import split_sentences

# The kinds that the adversarial set must hold by hand, with at least so many false claims of each.
BY_HAND = set(get_args(ClaimKind)) - {"context", PARAPHRASE}
FALSE_OF_A_KIND = 11
ARTICLE = "bell-from-the-river.md"


@cache
def cases() -> tuple[ClaimCase, ...]:
    return load_cases()


@cache
def articles() -> dict[str, Article]:
    return sample_articles()


@cache
def sentence_ends(article: Article) -> tuple[frozenset[int], frozenset[int]]:
    """Where a sentence, or a line of what isn't prose, starts and ends."""
    sentences = split_sentences(article, find_furniture(article.text, article.info.title))
    lines = [match.span() for match in re.finditer(r"^.+$", article.text, re.MULTILINE)]
    starts = {one.start for one in sentences} | {start for start, _ in lines}
    starts |= {match.end() for match in re.finditer(r"^#+ ", article.text, re.MULTILINE)}
    return frozenset(starts), frozenset({one.end for one in sentences} | {end for _, end in lines})


def of(source: str, **wanted: object) -> list[ClaimCase]:
    return [
        case
        for case in cases()
        if case.source == source and all(getattr(case, name) == value for name, value in wanted.items())
    ]


# What is there


def test_there_are_enough_by_hand_and_in_all() -> None:
    by_hand = [case for case in of("hand") if case.kind != PARAPHRASE]
    assert len(by_hand) >= 340
    assert len(of("hand", kind=PARAPHRASE)) >= 210
    assert len(of("rules", is_true=False)) >= 250
    assert len(cases()) >= 1050


def test_each_kind_has_enough_false_claims_by_hand() -> None:
    false = Counter(case.kind for case in of("hand", is_true=False))
    assert {kind for kind in BY_HAND if false[kind] < FALSE_OF_A_KIND} == set()
    assert false["context"] >= 8


def test_the_rules_make_ten_kinds_at_least_and_none_much_more_than_another() -> None:
    false = Counter(case.kind for case in of("rules", is_true=False))
    assert len(false) >= 10
    assert min(false.values()) * 2 >= max(false.values())


def test_all_sample_articles_in_english_are_asked_about() -> None:
    asked = {case.article.article_id for case in of("hand")}
    german = {"tal-genossenschaft.md"}
    assert {name for name, article in articles().items() if article.article_id not in asked} == german


# Whether it fits together


def test_evidence_is_of_whole_sentences_lines_or_paragraphs() -> None:
    cut = []
    for case in cases():
        starts, ends = sentence_ends(case.article)
        cut += [case.case_id for span in case.spans if span.start not in starts or span.end not in ends]
        assert all(text == text.strip() and len(text.split()) >= 3 for text in case.evidence), case.case_id
    assert cut == []


def test_every_false_claim_has_a_true_twin_on_the_same_article() -> None:
    by_id = {case.case_id: case for case in cases()}
    assert len(by_id) == len(cases())
    for case in cases():
        if case.twin is None:
            assert (case.kind, case.label) == (PARAPHRASE, "supported"), case.case_id
            continue
        twin = by_id[case.twin]
        assert twin.twin == case.case_id
        assert (twin.kind, twin.source, twin.article) == (case.kind, case.source, case.article)
        assert twin.is_true != case.is_true


def test_only_a_wrong_citation_may_share_its_claim_with_its_twin() -> None:
    by_claim: dict[str, list[ClaimCase]] = {}
    for case in cases():
        by_claim.setdefault(case.claim.casefold(), []).append(case)
    for shared in by_claim.values():
        if len(shared) > 1:
            assert {case.kind for case in shared} == {"wrong-citation"}, [case.case_id for case in shared]
            assert len({case.spans for case in shared}) == len(shared) == 2


def test_twins_differ_in_the_claim_or_in_the_evidence_but_not_in_both() -> None:
    by_id = {case.case_id: case for case in cases()}
    for case in cases():
        if case.twin is not None:
            twin = by_id[case.twin]
            assert (case.claim == twin.claim) != (case.spans == twin.spans), case.case_id


def test_claims_read_like_sentences() -> None:
    for case in cases():
        assert case.claim == " ".join(case.claim.split()), case.case_id
        assert case.claim.count('"') % 2 == 0, case.case_id
        assert ".." not in case.claim, case.case_id
        assert len(case.claim.split()) <= 60, case.case_id


def test_quotations_in_true_claims_stand_in_the_article() -> None:
    for case in cases():
        if case.is_true:
            for quotation in re.findall(r'"([^"]+)"', case.claim):
                assert quotation.rstrip(".,") in case.article.text, case.case_id


def test_most_figures_in_true_claims_by_hand_stand_in_the_article() -> None:
    """Some are worked out, such as 70m for half of 140 million; many not in the article would be mistyped ones."""
    foreign = figures = 0
    for case in of("hand", is_true=True):
        found = re.findall(r"\d[\d,.]*\d|\d", case.claim)
        figures += len(found)
        foreign += sum(figure not in case.article.text for figure in found)
    assert figures > 200
    assert foreign / figures < 0.15


def test_the_title_and_the_day_of_the_article_come_with_a_case() -> None:
    bell = articles()[ARTICLE].article_id
    case = next(case for case in cases() if case.article.article_id == bell)
    assert case.title == "Bell found in the mud of the Veld is more than 600 years old"
    assert str(case.published) == "2026-04-16"
    assert any(case.published is None for case in cases())


def test_the_same_cases_are_made_each_time() -> None:
    assert load_cases() == cases()


# What a broken file is told


def a_case(**fields: object) -> dict[str, object]:
    return {
        "id": "one",
        "article": ARTICLE,
        "evidence": [[0, 20]],
        "claim": "A bell was found.",
        "label": "supported",
        "kind": PARAPHRASE,
        "source": "hand",
    } | fields


def read(tmp_path: Path, *lines: dict[str, object]) -> tuple[ClaimCase, ...]:
    path = tmp_path / "cases.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return read_cases(path, articles())


def test_a_case_is_read(tmp_path: Path) -> None:
    (case,) = read(tmp_path, a_case())
    assert (case.case_id, case.claim, case.is_true, case.twin) == ("one", "A bell was found.", True, None)
    assert case.evidence == (case.article.text[:20],)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"article": "no-such.md"}, "no sample article"),
        ({"label": "true"}, "label is 'true'"),
        ({"kind": "numbers"}, "kind is 'numbers'"),
        ({"source": "web"}, "source is 'web'"),
        ({"claim": " "}, "claim is missing"),
        ({"evidence": []}, "one [start, end] at least"),
        ({"evidence": [[5, 5]]}, "no [start, end]"),
        ({"evidence": [[0, 999999]]}, "no [start, end]"),
        ({"evidence": [["0", 5]]}, "no [start, end]"),
        ({"evidence": [[10, 20], [0, 5]]}, "in the order of the article"),
        ({"remark": "x"}, "no such field: remark"),
        ({"twin": "other"}, "has no twin"),
        ({"label": "partial"}, "a paraphrase is supported"),
        ({"kind": "number", "twin": "other"}, "twin must name"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, fields: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInputError, match=re.escape(said)) as raised:
        read(tmp_path, a_case(**fields))
    assert "cases.jsonl:1" in str(raised.value)


def test_a_repeated_claim_is_named_with_both_lines(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"cases\.jsonl:2: .* is at .*cases\.jsonl:1"):
        read(tmp_path, a_case(), a_case(id="two", claim="a bell was FOUND."))


def test_the_files_are_where_the_wheel_puts_them() -> None:
    assert all(hand_path(name).is_file() for name in HAND_FILES)
