"""A saved answer, read back as an answer, and conversations written out for people and programs.

What is saved is what `qa.serialize` writes: all that is shown of an answer and that a later question can lean on, but
not the passages it was found in.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from index.records import ArticleInfo, Filters, Sentence
from qa.conversations import Conversation, JsonObject, RatedTurn, SavedTurn
from qa.records import Answer, AnswerSentence, Citation, Generation, Period, Refusal, Removed, Verdict


def answer_from_json(document: JsonObject) -> Answer:
    """The answer that was saved, without its passages. Raises KeyError or ValueError for what is none."""
    refusal, period = document["refusal"], document["period"]
    cited = [citation for sentence in document["sentences"] for citation in sentence["citations"]]
    groups = {citation["article_id"]: citation.get("near_copy_group") for citation in cited}
    return Answer(
        question=document["question"],
        asked_on=date.fromisoformat(document["asked_on"]),
        sentences=tuple(_sentence(sentence) for sentence in document["sentences"]),
        short_answer=document["short_answer"],
        refusal=_refusal(refusal) if refusal else None,
        passages=(),
        filters=_filters(document["filters"]),
        period=Period(period["words"], _day(period["first"]), _day(period["last"])) if period else None,
        undated_left_out=document["undated_left_out"],
        timings=document["timings"],
        understood_as=document["understood_as"],
        near_copies={article_id: group for article_id, group in groups.items() if group},
        answerable=document.get("answerable"),  # answers saved before it was told don't have it
        generation=_generation(document.get("generation")),
    )


def conversation_to_json(conversation: Conversation, turns: Sequence[SavedTurn]) -> dict[str, Any]:
    """A conversation with everything that is kept of it."""
    return {
        "conversation_id": conversation.conversation_id,
        "title": conversation.title,
        "begun_at": conversation.begun_at.isoformat(),
        "changed_at": conversation.changed_at.isoformat(),
        "turns": [_turn_to_json(turn) for turn in turns],
    }


def feedback_to_json(rated: RatedTurn) -> dict[str, Any]:
    """What somebody thought of an answer, and the answer as it was."""
    return {"conversation_id": rated.conversation_id, "owner": rated.owner, **_turn_to_json(rated.turn)}


def conversation_to_markdown(conversation: Conversation, turns: Sequence[SavedTurn]) -> str:
    """A conversation to be read: questions as headings, answers with numbered sources."""
    parts = [f"# {_literal(conversation.title)}", f"Begun {conversation.begun_at:%Y-%m-%d %H:%M} UTC."]
    for turn in turns:
        answer = answer_from_json(turn.answer)
        parts.append(f"## {_literal(answer.question)}")
        if answer.understood_as:
            parts.append(f"Understood as: {_literal(answer.understood_as)}")
        parts += _answer_parts(answer)
        if turn.feedback:
            reason = f": {_literal(turn.feedback.reason)}" if turn.feedback.reason else ""
            parts.append(f"Feedback: thumb {turn.feedback.rating}{reason}")
    return "\n\n".join(parts) + "\n"


def _answer_parts(answer: Answer) -> list[str]:
    citations: list[Citation] = []
    parts = [f"**{_literal(answer.short_answer)}**"] if answer.short_answer else []
    for sentence in answer.sentences:
        first = len(citations) + 1
        citations += sentence.citations
        marks = "".join(f"\\[{number}\\]" for number in range(first, len(citations) + 1))
        parts.append(f"> {_literal(sentence.text)} {marks}")
    if answer.refusal is not None:
        parts.append(_literal(answer.refusal.message))
        citations = list(answer.refusal.nearest)
        if citations:
            parts.append("Closest, but not an answer:")
    sources = [f"{number}. {_source(one, quoted=not answer.answered)}" for number, one in enumerate(citations, 1)]
    return [*parts, "\n".join(sources)] if sources else parts


def _source(citation: Citation, *, quoted: bool) -> str:
    info = citation.article
    named = (info.title or "untitled", info.outlet, info.published.isoformat() if info.published else None, info.url)
    quote = f"“{_literal(citation.quote)}”, " if quoted else ""
    where = f"article {info.article_id}, version {info.version}, characters {citation.quote_start}–{citation.quote_end}"
    return f"{quote}{', '.join(_literal(part) for part in named if part)} ({where})"


def _literal(text: str) -> str:
    """One line that reads literally in Markdown: what an article says makes no heading, link or HTML."""
    return "".join(f"\\{character}" if character in _MARKUP else character for character in " ".join(text.split()))


_MARKUP = frozenset("\\`*_{}[]<>#|~$&!")


def _turn_to_json(turn: SavedTurn) -> dict[str, Any]:
    feedback = turn.feedback
    return {
        "position": turn.position,
        "asked_at": turn.asked_at.isoformat(),
        "answer": dict(turn.answer),
        "made_with": dict(turn.made_with),
        "feedback": feedback
        and {"rating": feedback.rating, "reason": feedback.reason, "given_at": feedback.given_at.isoformat()},
    }


def _generation(document: JsonObject | None) -> Generation | None:
    if document is None:
        return None
    removed = tuple(_removed(one) for one in document["removed"])
    return Generation(document["model"], document["used"], document["note"], removed, document["astray_marks"])


def _removed(document: JsonObject) -> Removed:
    return Removed(
        text=document["text"],
        fate=document["fate"],
        reasons=tuple(document["reasons"]),
        verdict=_verdict(document["verdict"]),
        citations=tuple(_citation(citation) for citation in document["citations"]),
        instead=document["instead"],
        astray=tuple(document["astray"]),
    )


def _verdict(document: JsonObject) -> Verdict:
    return Verdict(document["label"], document["score"], tuple(document["reasons"]))


def _sentence(document: JsonObject) -> AnswerSentence:
    return AnswerSentence(
        text=document["text"],
        citations=tuple(_citation(citation) for citation in document["citations"]),
        verdict=_verdict(document["verdict"]),
        context=document.get("context", False),
        written=document.get("written", False),
    )


def _citation(document: JsonObject) -> Citation:
    published = document["published"]
    info = ArticleInfo(
        document["article_id"],
        document["version"],
        document["url"],
        document["title"],
        document["outlet"],
        (),
        _day(published) if published else None,
    )
    text, quote, start = document["sentence"], document["quote"], document["start"]
    begins = start - max(text.find(quote), 0)
    sentence = Sentence(info.article_id, info.version, 0, begins, begins + len(text), text)
    return Citation(sentence, info, start, document["end"])


def _refusal(document: JsonObject) -> Refusal:
    nearest = tuple(_citation(citation) for citation in document["nearest"])
    return Refusal(document["reason"], document["message"], nearest)


def _filters(document: Mapping[str, Any]) -> Filters:
    first, last = document["published_from"], document["published_to"]
    return Filters(
        outlets=_tuple(document["outlets"]),
        published_from=_day(first) if first else None,
        published_to=_day(last) if last else None,
        article_ids=_tuple(document["article_ids"]),
    )


def _tuple(values: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)


def _day(text: str) -> date:
    return date.fromisoformat(text)
