"""An answer or refusal as a chat message. Pure, as `ui.render`.

A message passes through a Markdown renderer and a sanitizer that lets through plain elements with `class` and links
within the page, so that whatever a script needs to know stands in these.
"""

from collections.abc import Iterable, Mapping

from index.records import Filters
from qa.records import Answer, AnswerSentence, Citation, Fate, Generation, Period, Removed, Verdict, VerdictLabel
from ui.answer_facts import distinct_citations, newest_day, short_answer_place
from ui.copying import answer_to_markdown
from ui.previews import Around, render_preview
from ui.refusal_view import Again, render_refusal, rephrase_place
from ui.render import (
    Anchor,
    anchor_of,
    counted,
    escape_markdown,
    format_day,
    format_days,
    name_of,
    one_line,
    sentence_case,
    where_from,
)

VERDICT_NAMES: dict[VerdictLabel, str] = {
    "supported": "Supported",
    "partial": "Partly supported",
    "contradicted": "Contradicted",
    "unsupported": "Not supported",
    "not checked": "Not checked",
}
VERDICT_MEANINGS: dict[VerdictLabel, str] = {
    "supported": "The source says this.",
    "partial": "The source says only part of this, or not as a plain fact.",
    "contradicted": "The source says otherwise.",
    "unsupported": "The source doesn’t say this.",
    "not checked": "Nobody has checked this sentence against its source.",
}


FATE_NAMES: dict[Fate, str] = {
    "repaired": "Written anew",
    "replaced": "Quoted instead",
    "dropped": "Left out.",
}


def render_answer(answer: Answer, around: Mapping[Anchor, Around] | None = None) -> str:
    """An answer or refusal as a chat message, with numbered marks that `parse_anchor` reads.

    `around` has the sentences next to the cited ones, for the previews of the sources.
    """
    around = around or {}
    body = _sentences(answer, around) if answer.refusal is None else render_refusal(answer, around)
    # One unbroken HTML block: an empty line would hand what follows to the Markdown parser.
    return f'<div class="cd-answer">{_understood(answer)}{body}{_generation(answer.generation)}{_foot(answer)}</div>'


def render_partly(answer: Answer) -> str:
    """What there is of an answer whose other sentences are still being checked."""
    return f'<div class="cd-answer cd-partly">{_understood(answer)}{_sentences(answer, {})}</div>'


def _understood(answer: Answer) -> str:
    if answer.understood_as is None:
        return ""
    edit = f'<a class="cd-plain cd-way" href="#{rephrase_place(answer.understood_as)}">Edit</a>'
    return f'<p class="cd-understood">Understood as: {escape_markdown(answer.understood_as)} {edit}</p>'


def _generation(generation: Generation | None) -> str:
    """Who wrote the answer, or why it is quoted, and folded away what was written and isn't shown."""
    if generation is None:
        return ""
    lines = [f"Written by {generation.model}, each sentence checked."] if generation.used else []
    told = " ".join([*lines, generation.note or ""]).strip()
    removed = "".join(_removed(one) for one in generation.removed)
    count = counted(len(generation.removed), "sentence")
    folded = f"<details><summary>{count} not shown as written</summary><ul>{removed}</ul></details>" if removed else ""
    return f'<div class="cd-written"><p>{escape_markdown(told)}</p>{folded}</div>'


def _removed(removed: Removed) -> str:
    fate = f"{FATE_NAMES[removed.fate]}: {removed.instead}" if removed.instead else FATE_NAMES[removed.fate]
    # What the checker supports is removed for other reasons, beside which its word would only puzzle.
    verdict = "" if removed.verdict.label == "supported" else f"{VERDICT_NAMES[removed.verdict.label]}. "
    told = f"{verdict}{sentence_case('; '.join(removed.reasons))}. {fate}"
    return f"<li><em>{escape_markdown(removed.text)}</em> <span>{escape_markdown(told)}</span></li>"


def _sentences(answer: Answer, around: Mapping[Anchor, Around]) -> str:
    cited = distinct_citations(answer)
    numbers = {anchor: number for number, anchor in enumerate(cited, 1)}
    bold = short_answer_place(answer)
    # "Yes", or what the articles differ about, stands in no sentence.
    above = answer.short_answer if bold is None else None
    short = f'<p class="cd-short">{escape_markdown(above)}</p>' if above else ""
    quoted = "".join(
        _sentence(
            sentence,
            numbers,
            answer.source_count(sentence),
            bold[1:] if bold is not None and bold[0] == place else None,
        )
        for place, sentence in enumerate(answer.sentences)
    )
    sources = "".join(_source(citation, around.get(anchor)) for anchor, citation in cited.items())
    return f'{short}{quoted}<ol class="cd-sources">{sources}</ol>'


def _sentence(
    sentence: AnswerSentence, numbers: Mapping[Anchor, int], sources: int, bold: tuple[int, int] | None
) -> str:
    marks = " ".join(
        f'<a class="cd-mark" href="#s-{anchor_of(citation)}">{numbers[anchor_of(citation)]}</a>'
        for citation in sentence.citations
    )
    articles = len(sentence.citations)
    together = f"{counted(sources, 'source')}, {counted(articles, 'article')}"
    copies = f' <span class="cd-copies">{together}</span>' if sources < articles else ""
    kind = "cd-sentence cd-context" if sentence.context else "cd-sentence"
    text = _with_bold(sentence.text, bold)
    return f'<div class="{kind}">{text}&nbsp;{marks}{copies} {_verdict(sentence.verdict)}</div>'


def _with_bold(text: str, bold: tuple[int, int] | None) -> str:
    if bold is None:
        return escape_markdown(text)
    line, (start, end) = one_line(text), bold
    before, key, after = (escape_markdown(part, strip=False) for part in (line[:start], line[start:end], line[end:]))
    return f'{before}<strong class="cd-key">{key}</strong>{after}'


def _verdict(verdict: Verdict) -> str:
    """What the checker found, in a word and by a shape of its own, and why, folded away."""
    reasons = "".join(f"<li>{escape_markdown(reason)}</li>" for reason in verdict.reasons)
    why = f"<ul>{reasons}</ul>" if reasons else ""
    score = "" if verdict.score is None else f" Score {verdict.score:.2f} of 1."
    kind = verdict.label.replace(" ", "-")
    return (
        f'<details class="cd-check cd-check-{kind}"><summary>{VERDICT_NAMES[verdict.label]}</summary>'
        f'<div class="cd-why"><p>{escape_markdown(VERDICT_MEANINGS[verdict.label] + score)}</p>{why}</div></details>'
    )


def _source(citation: Citation, around: Around | None) -> str:
    where = escape_markdown(where_from(citation.article))
    name = escape_markdown(name_of(citation))
    return (
        f'<li><a href="#s-{anchor_of(citation)}">{name}</a>{f" <span>{where}</span>" if where else ""}'
        f"{render_preview(citation, around)}</li>"
    )


def _foot(answer: Answer) -> str:
    """How the answer is to be taken, and a way to take it along."""
    told = answer.refusal is not None and answer.refusal.reason == "filters_left_nothing"  # its message names them
    notes = [] if told else _notes(answer)
    line = " · ".join(escape_markdown(note) for note in notes)
    # The text to copy stands in the page: the browser gives the clipboard only to what a click does at once.
    copying = (
        '<div class="cd-actions"><button class="cd-copy">Copy as Markdown</button><span class="cd-copied">'
        f"{_kept_lines(answer_to_markdown(answer))}</span>"
        f'<a class="cd-plain cd-way" href="#{Again(answer.question)}">Ask again</a>'
        f'<a class="cd-plain cd-way" href="#{rephrase_place(answer.question)}">Edit the question</a></div>'
        if answer.sentences
        else ""
    )
    if not line and not copying:
        return ""
    return f'<div class="cd-foot"><p class="cd-notes">{line}</p>{copying}</div>'


def _kept_lines(text: str) -> str:
    return "&#10;".join(escape_markdown(line, strip=False) for line in text.split("\n"))


def _notes(answer: Answer) -> list[str]:
    newest = newest_day(answer)
    notes = [f"As of {format_day(newest)}"] if newest else []
    notes += [*_period_note(answer.period), *_filter_notes(answer.filters)]
    if answer.undated_left_out:
        notes.append(f"{counted(answer.undated_left_out, 'undated article')} left out")
    if answer.passages and "total" in answer.timings:
        seconds = answer.timings["total"] / 1000
        notes.append(f"{counted(len(answer.passages), 'passage')} found, answered in {seconds:.1f} s")
    return notes


def _period_note(period: Period | None) -> Iterable[str]:
    if period is not None:
        yield f"“{period.words}” read as {format_days(period.first, period.last)}"


def _filter_notes(filters: Filters) -> Iterable[str]:
    if filters.outlets is not None:
        yield f"only {', '.join(filters.outlets) or 'no outlet'}"
    if filters.published_from is not None and filters.published_to is not None:
        yield f"published {format_days(filters.published_from, filters.published_to)}"
    elif filters.published_from is not None:
        yield f"published since {format_day(filters.published_from)}"
    elif filters.published_to is not None:
        yield f"published until {format_day(filters.published_to)}"
    if filters.article_ids is not None:
        yield f"only {counted(len(filters.article_ids), 'chosen article')}"
