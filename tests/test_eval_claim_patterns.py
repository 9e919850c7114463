"""Claims with exchangeable parts: how they are read, and the examples made of them."""

import random
from datetime import date

import pytest

from eval.claim_data import claim_article
from eval.claim_patterns import ClaimPattern, load_patterns, pattern_examples, read_pattern, twin_examples
from index.errors import BadInputError
from index.records import Article, ArticleInfo

TEXT = "The council approved the flood wall on Monday. It will cost 46 million crowns. Rain is expected in the north."
PATTERN = "{The council/Councillors|!The mayor} {backed/approved|!rejected|?paid for} the wall{ on Monday|?, in May}."


def pattern(text: str, evidence: tuple[tuple[int, int], ...] = ((0, 46),)) -> ClaimPattern:
    plain, slots = read_pattern(text, "here")
    return ClaimPattern(plain, slots, "a", "1", evidence)


def test_true_readings_take_true_wordings_only() -> None:
    found = {pattern(PATTERN).true_reading(random.Random(seed)).text for seed in range(60)}
    assert found == {
        f"{who} {did} the wall on Monday." for who in ("The council", "Councillors") for did in ("backed", "approved")
    }


def test_false_readings_have_one_false_part_and_mark_it() -> None:
    found = pattern(PATTERN).false_readings(random.Random(0), 10)
    assert len(found) == 4
    faults = {reading.text[slice(*reading.fault)]: reading.clash for reading in found if reading.fault}
    assert faults == {"The mayor": True, "rejected": True, "paid for": False, ", in May": False}
    assert len(pattern(PATTERN).false_readings(random.Random(0), 2)) == 2


@pytest.mark.parametrize(
    ("text", "false", "marked"),
    [
        ("They {|! never} came.", "They never came.", "never"),
        ("They {did not |!}come back.", "They come back.", "come"),
        ("{Some/A few|!all} of them left.", "All of them left.", "All"),
        ("they left{ late|!}.", "they left.", "left."),
    ],
)
def test_parts_that_are_nothing_and_beginnings(text: str, false: str, marked: str) -> None:
    reading = pattern(text).false_readings(random.Random(0), 1)[0]
    assert reading.fault is not None
    assert (reading.text, reading.text[slice(*reading.fault)]) == (false, marked)


@pytest.mark.parametrize("text", ["No slot.", "{a/b} only true", "{a|b} no mark", "{a|!b", "a | {b|!c}"])
def test_what_is_no_pattern_is_named(text: str) -> None:
    with pytest.raises(BadInputError, match="line 7"):
        read_pattern(text, "line 7")


def test_examples_are_balanced_and_the_same_each_time() -> None:
    article = Article(ArticleInfo("a", "1", None, "Wall", None, (), date(2018, 4, 4)), TEXT)
    patterns = [pattern(PATTERN), pattern("The wall {costs|!saves} 46 million.", ()), pattern(PATTERN, ((5, 6),))]
    found = list(pattern_examples(patterns, [claim_article(article)], 3, 3))
    assert found == list(pattern_examples(patterns, [claim_article(article)], 3, 3))
    assert {one.supported for one in found} == {True, False}
    assert all(one.evidence for one in found)
    assert not any(one.claim.startswith("The wall") and "45" in one.claim for one in found)


def test_twins_differ_in_one_part_and_are_shown_the_same() -> None:
    article = Article(ArticleInfo("a", "1", None, "Wall", None, (), date(2018, 4, 4)), TEXT)
    found = list(twin_examples([pattern(PATTERN)] * 20, [claim_article(article)], 3, 2))
    assert len(found) == 40
    for true, false in found:
        assert (true.supported, false.supported) == (True, False)
        assert (true.head, true.evidence, true.faults) == (false.head, false.evidence, ())
        assert false.faults is not None
        ((start, end),) = false.faults
        assert true.claim.startswith(false.claim[:start])
        assert true.claim.endswith(false.claim[end:])
    assert list(twin_examples([pattern(PATTERN, ((5, 6),))], [claim_article(article)], 3, 2)) == []


def test_the_patterns_can_be_read() -> None:
    found = load_patterns()
    assert len(found) > 2000
    assert sum(len(one.false_readings(random.Random(0), 2)) for one in found) > 1.8 * len(found)
    assert 0.1 < sum(one.held_out for one in found) / len(found) < 0.25
