"""What changed between two versions adds up to both of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.changes import MOST_LINES, MOST_WORDS, Change, changes, shortened

TEXTS = st.text(st.sampled_from("ab c.\n\r\u2028é’"), max_size=60) | st.text(max_size=40)


@given(TEXTS, TEXTS)
def test_the_changes_make_both_texts(old: str, new: str) -> None:
    found = changes(old, new)
    assert "".join(change.text for change in found if change.kind != "added") == old
    assert "".join(change.text for change in found if change.kind != "removed") == new
    assert all(change.text for change in found)
    if old == new:
        assert {change.kind for change in found} <= {"same"}


def test_one_word_that_changed_is_one_word_in_the_difference() -> None:
    found = changes("It cost $90 million.\nThey left.\n", "It cost $0 million.\nThey left.\n")
    assert found == (
        Change("same", "It cost $"),
        Change("removed", "90"),
        Change("added", "0"),
        Change("same", " million.\nThey left.\n"),
    )


@pytest.mark.parametrize("unit", ["line\n" * (MOST_LINES + 1), "word " * (MOST_WORDS + 1)])
def test_very_long_texts_are_told_as_replaced(unit: str) -> None:
    assert changes(unit, f"{unit}more") == (Change("removed", unit), Change("added", f"{unit}more"))


@given(TEXTS, TEXTS, st.integers(1, 10))
def test_shortened_keeps_every_change_and_the_words_around_it(old: str, new: str, context: int) -> None:
    found = changes(old, new)
    short = shortened(found, context)
    assert [change for change in short if change.kind != "same"] == [c for c in found if c.kind != "same"]
    for before, after in zip(found, short, strict=True):
        if before.kind == "same" and before.text != after.text:
            head, tail = after.text.split("…", 1) if "…" not in before.text else (after.text[:context], "")
            assert before.text.startswith(head) or "…" in before.text
            assert before.text.endswith(tail)
            assert len(after.text) <= 2 * context + 1
