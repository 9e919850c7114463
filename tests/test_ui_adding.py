"""What is added from the page is told of item by item, and the addresses typed are read as a person means them."""

from collections.abc import Iterator

import pytest

from index.build import AddReport
from index.errors import ArchiveError
from index.files import Skipped
from index.vectors import SyncReport
from ui.adding import Item, addresses_in, item_of, one_by_one


@pytest.mark.parametrize(
    ("typed", "addresses"),
    [
        ("", ()),
        (" \n ", ()),
        ("a.example/x", ("https://a.example/x",)),
        ("http://a.example  https://b.example\nhttp://a.example", ("http://a.example", "https://b.example")),
        ("file:///etc/passwd", ("file:///etc/passwd",)),
    ],
)
def test_addresses_are_parted_by_blanks_and_https_unless_they_say_otherwise(
    typed: str, addresses: tuple[str, ...]
) -> None:
    assert addresses_in(typed) == addresses


def test_each_step_tells_of_all_and_an_error_stops_nothing() -> None:
    def work(number: int) -> Item:
        if number == 0:
            raise ArchiveError("not \x1b text")
        return Item("b", "good", "added")

    steps: Iterator[tuple[Item, ...]] = one_by_one(["a", "b"], work)
    states = [[item.state for item in step] for step in steps]
    assert states == [["reading", "waiting"], ["bad", "waiting"], ["bad", "reading"], ["bad", "good"]]
    *_, last = one_by_one(["a"], work)
    assert "\x1b" not in last[0].message


@pytest.mark.parametrize(
    ("counts", "skipped", "item"),
    [
        ((1, 0, 0), (), Item("f", "good", "added")),
        ((0, 0, 1), (), Item("f", "good", "already there")),
        ((2, 1, 3), (), Item("f", "good", "2 added, 1 updated, 3 already there")),
        ((0, 0, 0), (), Item("f", "good", "nothing new")),
        ((0, 0, 0), ("f",), Item("f", "bad", "no text")),
        ((1, 0, 0), ("f:3",), Item("f", "partly", "added, skipped 1: 3: no text")),
        (
            (0, 0, 0),
            ("f:1", "f:2", "f:3", "f:4", "f:5"),
            Item("f", "bad", "1: no text; 2: no text; 3: no text; and 2 more"),
        ),
    ],
)
def test_what_became_of_an_item(counts: tuple[int, int, int], skipped: tuple[str, ...], item: Item) -> None:
    report = AddReport(*counts, tuple(Skipped(where, "no text") for where in skipped), 0, 0, SyncReport(0, 0))
    assert item_of(report, "f") == item
