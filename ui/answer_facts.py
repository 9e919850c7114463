"""What the page and the copy of an answer tell alike: its sources in order, its day, where its short answer stands."""

import re
from datetime import date

from qa.records import Answer, Citation
from ui.render import Anchor, anchor_of, one_line


def distinct_citations(answer: Answer) -> dict[Anchor, Citation]:
    """What the sentences cite, each once, in the order of its number."""
    cited: dict[Anchor, Citation] = {}
    for sentence in answer.sentences:
        for citation in sentence.citations:
            cited.setdefault(anchor_of(citation), citation)
    return cited


def newest_day(answer: Answer) -> date | None:
    """The date of the newest source; None where no source has one."""
    cited = [citation.article.published for sentence in answer.sentences for citation in sentence.citations]
    return max((day for day in cited if day is not None), default=None)


def short_answer_place(answer: Answer) -> tuple[int, int, int] | None:
    """Which sentence holds the short answer, and where in its one-line text: the first that answers, else the first."""
    wanted = one_line(answer.short_answer or "")
    if not wanted:
        return None
    whole = re.compile(rf"(?<!\w){re.escape(wanted)}(?!\w)")
    order = sorted(range(len(answer.sentences)), key=lambda place: answer.sentences[place].context)
    for place in order:
        found = whole.search(one_line(answer.sentences[place].text))
        if found:
            return place, found.start(), found.end()
    return None
