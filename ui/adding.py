"""What is added to the archive from the page, one thing after the other, and what became of each."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING

from index.errors import CopydeskError
from index.files import visible

if TYPE_CHECKING:
    from index.build import AddReport

_REASONS_SHOWN = 3
_SCHEME = "https://"


@dataclass(frozen=True, slots=True)
class Item:
    """One file, address or feed. `state` is "waiting", "reading", "good", "partly" or "bad"."""

    name: str
    state: str = "waiting"
    message: str = "waiting"


def one_by_one(names: Sequence[str], work: Callable[[int], Item]) -> Iterator[tuple[Item, ...]]:
    """Do the work for each of them in turn; after each step, what is known of all. An error is told of its item."""
    items = [Item(name) for name in names]
    for number, name in enumerate(names):
        items[number] = replace(items[number], state="reading", message="reading …")
        yield tuple(items)
        try:
            items[number] = work(number)
        except CopydeskError as error:
            items[number] = Item(name, "bad", visible(str(error)))
        yield tuple(items)


def addresses_in(text: str) -> tuple[str, ...]:
    """The addresses in what was typed: one a line or parted by blanks, each once; https where no scheme is given."""
    written = dict.fromkeys(text.split())
    return tuple(one if "://" in one else f"{_SCHEME}{one}" for one in written)


def render_items(items: Sequence[Item]) -> str:
    """A list of the items and what became of each, as HTML."""
    if not items:
        return ""
    rows = "".join(
        f'<li class="item-{item.state}"><b><bdi>{escape(item.name)}</bdi></b> <span>{escape(item.message)}</span></li>'
        for item in items
    )
    done = sum(item.state in ("good", "partly", "bad") for item in items)
    return f'<p role="status">{done} of {len(items)} done</p><ul class="items">{rows}</ul>'


def item_of(report: "AddReport", name: str) -> Item:
    """What became of an item: how many articles, and why others were skipped."""
    counts = {"added": report.added, "updated": report.updated, "already there": report.unchanged}
    parts = [f"{count} {word}" for word, count in counts.items() if count]
    if parts == ["1 added"]:
        parts = ["added"]
    elif parts == ["1 already there"]:
        parts = ["already there"]
    reasons = [f"{item.where.removeprefix(name).lstrip('/:')}: {item.reason}".lstrip(": ") for item in report.skipped]
    if len(reasons) > _REASONS_SHOWN:
        reasons = [*reasons[:_REASONS_SHOWN], f"and {len(reasons) - _REASONS_SHOWN} more"]
    if reasons:
        parts.append(f"skipped {len(report.skipped)}: {'; '.join(reasons)}" if parts else "; ".join(reasons))
    state = "good" if not reasons else "partly" if len(parts) > 1 else "bad"
    return Item(name, state, ", ".join(parts) or "nothing new")
