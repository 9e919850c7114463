"""The gold sentences of a plain question set: read from its lines, and held to the archive when a run begins.

Offsets mean something in one version of a text only, so each gold sentence carries its words beside them. A loader has
no archive to compare them with; `require_gold` does that before anything is asked, so that an article that has changed
gives a message and not a wrong number.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from eval.gold_metrics import slices_of_gold
from eval.lines import Line
from eval.records import GoldQuote, Span
from index.errors import BadInputError
from index.records import Article, article_id_for

Pieces = tuple[tuple[GoldQuote, ...], ...]


class CurrentArticles(Protocol):
    """Where the articles are looked up as they are now."""

    def article(self, article_id: str, version: str | None = None) -> Article: ...

    def versions(self, article_id: str) -> list[str]: ...


def read_gold(line: Line) -> Pieces | None:
    """The pieces of a line's `gold`, each as the sentences any of which gives it; None where the line has no `gold`.

    An empty list says that nothing in the articles answers. Raises BadInputError, naming file and line.
    """
    if not line.has("gold"):
        return None
    question_id = line.text("question_id")
    pieces = tuple(_piece(line, question_id, piece) for piece in line.values("gold", "pieces"))
    if not pieces and line.fields.get("answers"):
        raise BadInputError(
            f"{line.where}: gold is empty, which says that no article answers, but answers isn't: empty one of the "
            "two, or leave gold out where it isn't known"
        )
    return pieces


def _piece(line: Line, question_id: str, piece: object) -> tuple[GoldQuote, ...]:
    if not isinstance(piece, list) or not piece:
        raise BadInputError(f"{line.where}: each piece of gold must be a list of sentences, with one at least")
    return tuple(_sentence(line, question_id, sentence) for sentence in piece)


def _sentence(line: Line, question_id: str, sentence: object) -> GoldQuote:
    if not isinstance(sentence, dict):
        raise BadInputError(f"{line.where}: a sentence of gold must be an object with url, start, end and quote")
    fields = Line(f"{line.where}: gold", sentence)
    url, quote = fields.text("url"), fields.text("quote")
    span = Span(article_id_for(url), fields.number("start"), fields.number("end"))
    if not 0 <= span.start < span.end or span.end - span.start != len(quote):
        raise BadInputError(
            f"{fields.where}: characters {span.start} to {span.end} can't be the quote, which has {len(quote)}"
        )
    return GoldQuote(question_id, line.where, url, span, quote)


def spans_of(pieces: Pieces) -> tuple[tuple[Span, ...], ...]:
    """Where the pieces stand."""
    return tuple(tuple(one.span for one in piece) for piece in pieces)


def slices_of(question: str, pieces: Pieces) -> tuple[str, ...]:
    """The slices that a question's gold sentences put it into."""
    return slices_of_gold(question, [one.quote for piece in pieces for one in piece])


def require_gold(quotes: Iterable[GoldQuote], archive: CurrentArticles) -> None:
    """See to it that every gold sentence stands where it should in the article as it is now.

    Raises BadInputError, naming file and line, for the first that doesn't, with what mends it.
    """
    texts: dict[str, str] = {}
    for one in quotes:
        article_id = one.span.article_id
        if article_id not in texts:
            if not archive.versions(article_id):
                raise BadInputError(
                    f"{one.where}: gold: the archive has no article {one.url}: add it, or take the question out"
                )
            texts[article_id] = archive.article(article_id).text
        if texts[article_id][one.span.start : one.span.end] != one.quote:
            raise BadInputError(f"{one.where}: gold: {_what_became_of(one, texts[article_id])}")


def _what_became_of(one: GoldQuote, text: str) -> str:
    wrong = f"characters {one.span.start} to {one.span.end} of {one.url} are not the quote"
    places = list(_places(text, one.quote))
    if not places:
        return f"{wrong}, and it stands nowhere else in the article as it is now: write the question anew"
    now = " or ".join(f"{start} to {start + len(one.quote)}" for start in places[:3])
    return f"{wrong}, which stands at {now} now: put that in"


def _places(text: str, quote: str) -> Iterator[int]:
    start = text.find(quote)
    while start >= 0:
        yield start
        start = text.find(quote, start + 1)


def quotes_of(pieces: Sequence[Pieces | None]) -> tuple[GoldQuote, ...]:
    """All gold sentences of several questions, in order."""
    return tuple(one for each in pieces if each is not None for piece in each for one in piece)
