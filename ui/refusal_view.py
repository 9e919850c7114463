"""A refusal as a chat message, each kind with ways on that take one click. Pure, as `ui.render`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import quote, unquote

from index.records import Filters
from qa.records import Answer, Citation, RefusalReason
from ui.previews import Around, render_preview
from ui.render import Anchor, anchor_of, escape_markdown, one_line, where_from

HEADINGS: dict[RefusalReason, str] = {
    "empty_archive": "No articles yet",
    "nothing_relevant": "Nothing about this",
    "not_answered": "No answer found",
    "filters_left_nothing": "Nothing left to search",
    "unsupported_language": "Language not supported",
}
WAYS_ON: dict[RefusalReason, str] = {
    "empty_archive": "This page sees new articles within seconds.",
    "nothing_relevant": "Try the names and words an article would use, or add articles on the subject.",
    "not_answered": "Ask for something more specific, or read the sentences that came closest.",
    "filters_left_nothing": "The filters are under “Narrow the search”.",
    "unsupported_language": "What is quoted here comes from English articles only.",
}
Dropped = Literal["nothing", "dates", "outlets", "filters"]
_AGAIN = "again-"
_NAME = re.compile(r"(?<=[a-z,] )(?:(in|at) (?:the )?)?([A-Z][\w’'-]*(?: (?:of (?=[A-Z]))?[A-Z][\w’'-]*)*)")
_POSSESSIVE = re.compile(r"[’']s$")


@dataclass(frozen=True, slots=True)
class Again:
    """A question to be asked once more, or another in its place, and which filters it is to be asked without."""

    question: str
    without: Dropped = "nothing"

    def __str__(self) -> str:
        return f"{_AGAIN}{self.without}.{_quoted(self.question)}"


def parse_again(text: str) -> Again | None:
    """Read what `str(again)` wrote; None for anything else. The question may be any text."""
    kind, dot, question = text.removeprefix(_AGAIN).partition(".")
    if not text.startswith(_AGAIN) or not dot or kind not in get_args(Dropped):
        return None
    return Again(unquote(question), kind)  # type: ignore[arg-type]


def rephrase_place(question: str) -> str:
    """Where a link leads that puts a question into the box."""
    return f"rephrase.{_quoted(question)}"


def render_refusal(answer: Answer, around: Mapping[Anchor, Around]) -> str:
    """Why there is no answer, the sentences that came closest, and what can be done about it."""
    refusal = answer.refusal
    if refusal is None:
        return ""
    nearest = "".join(_nearest(citation, around.get(anchor_of(citation))) for citation in refusal.nearest)
    closest = (
        f'<p class="cd-closest">Closest, but not an answer</p><ul class="cd-nearest">{nearest}</ul>' if nearest else ""
    )
    ways = "".join(
        f'<a class="cd-way" href="#{where}">{escape_markdown(words)}</a>' for words, where in ways_on(answer)
    )
    return (
        f'<div class="cd-refused cd-refused-{refusal.reason.replace("_", "-")}">'
        f'<p class="cd-refusal">{escape_markdown(HEADINGS[refusal.reason])}</p>'
        f"<p>{escape_markdown(refusal.message)}</p>{closest}"
        f'<p class="cd-way-on">{escape_markdown(WAYS_ON[refusal.reason])}</p>'
        f'<p class="cd-ways">{ways}</p></div>'
    )


def ways_on(answer: Answer) -> list[tuple[str, str]]:
    """(words, where they lead in the page) of what can be done about a refusal with one click, the best first."""
    if answer.refusal is None:
        return []
    reason, question = answer.refusal.reason, answer.question
    rephrase = rephrase_place(question)
    add = ("Add articles", "add-articles")
    if reason == "empty_archive":
        return [add]
    if reason == "filters_left_nothing":
        return [*_without_filters(question, answer.filters), ("Change the filters", "filters")]
    if reason == "unsupported_language":
        return [("Ask it in English", rephrase)]
    ways = [*_without_filters(question, answer.filters), *_rephrased(answer), ("Rephrase the question", rephrase)]
    return [*ways, add] if reason == "nothing_relevant" else ways


def _without_filters(question: str, filters: Filters) -> Iterator[tuple[str, str]]:
    by_date, by_outlet = filters.by_date, filters.outlets is not None
    if by_date:
        yield "Drop the date filter and ask again", str(Again(question, "dates"))
    if by_outlet:
        yield "Drop the outlet filter and ask again", str(Again(question, "outlets"))
    if by_date and by_outlet:
        yield "Drop both and ask again", str(Again(question, "filters"))


def _rephrased(answer: Answer) -> Iterator[tuple[str, str]]:
    """The question in words that have more of a chance: without its days, or about what is named in it."""
    if answer.period is not None:
        without = re.sub(rf"\s*\b{re.escape(answer.period.words)}\b", "", answer.question, count=1, flags=re.I).strip()
        if without != answer.question and without:
            yield f"Ask without “{answer.period.words}”", str(Again(without))
    named = list(_NAME.finditer(one_line(answer.question)))
    # Where some sentences are about the subject, what happened there may well be told.
    if answer.refusal and answer.refusal.nearest and named:
        preposition = "in" if named[-1][1] else "with"
        broader = f"What happened {preposition} {_POSSESSIVE.sub('', named[-1][2])}?"
        if broader != one_line(answer.question):
            yield f"Ask “{broader}”", str(Again(broader))


def _nearest(citation: Citation, around: Around | None) -> str:
    return (
        f'<li><a href="#s-{anchor_of(citation)}">{escape_markdown(citation.quote)}</a>'
        f" <span>{escape_markdown(where_from(citation.article))}</span>{render_preview(citation, around)}</li>"
    )


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="replace")
