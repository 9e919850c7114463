"""The filters as the page holds them."""

from collections.abc import Sequence
from datetime import date

from index.errors import BadInputError
from index.records import Filters
from ui.refusal_view import Again


def read_filters(outlets: Sequence[str] | None, first: str | None, last: str | None) -> Filters:
    """The filters as the page sends them. No outlet chosen means every outlet. Raises BadInputError for a bad date."""
    published_from, published_to = _read_day(first), _read_day(last)
    if published_from is not None and published_to is not None and published_from > published_to:
        raise BadInputError(f"The dates are the wrong way round: {published_from} is after {published_to}. Swap them.")
    return Filters(
        outlets=tuple(outlets) if outlets else None, published_from=published_from, published_to=published_to
    )


def kept_filters(
    again: Again, outlets: list[str] | None, first: str | None, last: str | None
) -> tuple[list[str], str | None, str | None]:
    """What is left of the page's filters when a question is asked again without some of them."""
    by_outlet = again.without not in ("outlets", "filters")
    by_date = again.without not in ("dates", "filters")
    return (outlets or []) if by_outlet else [], first if by_date else "", last if by_date else ""


def _read_day(text: str | None) -> date | None:
    if not text or not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        raise BadInputError(f"“{text.strip()[:40]}” is not a date. Write year-month-day, such as 2026-11-09.") from None
