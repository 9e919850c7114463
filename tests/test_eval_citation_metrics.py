"""Citation recall and precision against numbers worked by hand, after ALCE's definitions."""

import pytest

from eval.citation_metrics import (
    JudgedStatement,
    citation_coverage,
    citation_precision,
    citation_recall,
    citation_validity,
    contradicted,
    groundedness,
)

# Both citations are needed: neither supports the sentence alone, and neither can be left out.
BOTH_NEEDED = JudgedStatement(True, False, True, (False, False), (False, False))
# The second adds nothing: it doesn't support the sentence, and the first does without it.
ONE_TOO_MANY = JudgedStatement(True, False, True, (True, False), (False, True))
# Either would do alone: both are precise.
EITHER = JudgedStatement(True, False, True, (True, True), (True, True))
NOT_SUPPORTED = JudgedStatement(False, False, True, (False,), (False,))
AGAINST = JudgedStatement(False, True, False, (False,), (False,))
UNCITED = JudgedStatement(False, False, True, (), ())
DANGLING = JudgedStatement(True, False, True, (True,), (False,), dangling=2)
ALL = (BOTH_NEEDED, ONE_TOO_MANY, EITHER, NOT_SUPPORTED, AGAINST, UNCITED, DANGLING)


def test_recall_is_of_sentences_and_what_cites_nothing_is_a_miss() -> None:
    assert citation_recall(ALL) == (4.0, 7)
    assert citation_recall([UNCITED]) == (0.0, 1)


def test_precision_is_of_citations_and_leaves_out_what_adds_nothing() -> None:
    assert citation_precision([BOTH_NEEDED]) == (2.0, 2)
    assert citation_precision([ONE_TOO_MANY]) == (1.0, 2)
    assert citation_precision([EITHER]) == (2.0, 2)
    assert citation_precision([NOT_SUPPORTED]) == (0.0, 1)
    assert citation_precision([DANGLING]) == (1.0, 3)
    assert citation_precision(ALL) == (6.0, 11)


def test_the_others() -> None:
    assert citation_coverage(ALL) == (6.0, 7)
    assert citation_validity(ALL) == (9.0, 11)
    assert groundedness(ALL) == (6.0, 7)
    assert contradicted(ALL) == (1.0, 7)


def test_nothing_said_has_no_units() -> None:
    for metric in (citation_recall, citation_precision, citation_coverage, citation_validity, groundedness):
        assert metric([]) == (0.0, 0)


def test_each_citation_is_judged_alone_and_left_out() -> None:
    with pytest.raises(ValueError, match="alone"):
        JudgedStatement(True, False, True, (True,), ())
