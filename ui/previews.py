"""What a citation mark previews: title, outlet, date, and the cited sentence between its neighbours."""

from collections.abc import Iterable
from dataclasses import dataclass

from index.archive import Archive
from index.errors import CopydeskError
from qa.records import Answer, Citation
from ui.render import Anchor, anchor_of, escape_markdown, name_of, one_line, where_from

MOST_CHARACTERS = 240


@dataclass(frozen=True, slots=True)
class Around:
    """The sentences right before and after a cited one; "" where there is none."""

    before: str
    after: str


def surroundings(archive: Archive, answer: Answer) -> dict[Anchor, Around]:
    """What stands around all that an answer cites, or a refusal shows. Of an article that has changed since, or is
    gone, nothing is told.
    """
    cited = [citation for sentence in answer.sentences for citation in sentence.citations]
    nearest = answer.refusal.nearest if answer.refusal else ()
    try:
        return dict(_all_around(archive, (*cited, *nearest)))
    except CopydeskError:
        return {}  # a preview is worth no answer


def render_preview(citation: Citation, around: Around | None) -> str:
    """The preview, for a chat message: out of sight until a script shows a copy of it."""
    where = escape_markdown(where_from(citation.article))
    sentence, quote = citation.sentence.text, citation.quote
    start = citation.quote_start - citation.sentence.start
    said = f"{_piece(sentence[:start])}<mark>{_piece(quote)}</mark>{_piece(sentence[start + len(quote) :])}"
    before = f"<span>{_piece(_cut_front(around.before))}</span> " if around and around.before else ""
    after = f" <span>{_piece(_cut(around.after))}</span>" if around and around.after else ""
    return (
        f'<span class="cd-preview"><strong>{escape_markdown(_cut(name_of(citation)))}</strong>'
        f'<em>{where}</em><span class="cd-passage">{before}{said}{after}</span></span>'
    )


def _all_around(archive: Archive, citations: Iterable[Citation]) -> Iterable[tuple[Anchor, Around]]:
    for citation in citations:
        info = citation.article
        if not archive.is_current(info.article_id, info.version):
            continue
        text = archive.article(info.article_id).text
        spans = [(start, end) for _, start, end in archive.sentences(info.article_id)]
        at = next((place for place, (start, end) in enumerate(spans) if start <= citation.quote_start < end), None)
        if at is not None:
            around = [text[slice(*spans[place])] if 0 <= place < len(spans) else "" for place in (at - 1, at + 1)]
            yield anchor_of(citation), Around(*around)


def _piece(text: str) -> str:
    return escape_markdown(text, strip=False)


def _cut(text: str) -> str:
    text = one_line(text)
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS].rsplit(maxsplit=1)[0]} …"


def _cut_front(text: str) -> str:
    text = one_line(text)
    return text if len(text) <= MOST_CHARACTERS else f"… {text[-MOST_CHARACTERS:].split(maxsplit=1)[-1]}"
