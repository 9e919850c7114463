"""Answers and their sources as the page shows them: what needs the archive beside the answer."""

from collections.abc import Sequence

from index.archive import Archive
from index.errors import CopydeskError
from index.furniture import find_furniture
from qa.records import Answer
from ui.answer_view import render_answer
from ui.article_view import render_article, render_evidence_error
from ui.previews import surroundings
from ui.render import parse_anchor

MOST_CITED = 100  # that one answer has; what names more is no answer of ours


def show_answer(archive: Archive, answer: Answer) -> str:
    """The chat message for an answer."""
    return render_answer(answer, surroundings(archive, answer))


def open_source(archive: Archive, reference: str, cited: Sequence[object] = ()) -> str:
    """The evidence panel for what a citation mark says it points at, and for all that its answer cites; both come from
    the browser, so may say anything.
    """
    anchor = parse_anchor(reference)
    if anchor is None:
        return render_evidence_error("The mark does not name a source. Ask the question again.")
    try:
        if anchor.version not in archive.versions(anchor.article_id):
            return render_evidence_error("The article has been removed from the archive since the answer.")
        article = archive.article(anchor.article_id, anchor.version)
        if not anchor.start < anchor.end <= len(article.text):
            return render_evidence_error("The mark points outside its article. Ask the question again.")
        newer = archive.article(anchor.article_id)
        current = newer.version == article.version
        furniture = (
            archive.furniture(anchor.article_id) if current else find_furniture(article.text, article.info.title)
        )
    except CopydeskError as error:
        return render_evidence_error(str(error))
    anchors = [found for one in cited[:MOST_CITED] if (found := parse_anchor(str(one))) is not None]
    return render_article(article, anchor, furniture, newer=None if current else newer, cited=anchors)
