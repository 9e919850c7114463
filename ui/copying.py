"""An answer as Markdown to paste elsewhere, its sources as footnotes."""

import re

from qa.records import Answer, Citation
from ui.answer_facts import distinct_citations, newest_day, short_answer_place
from ui.render import anchor_of, format_day, name_of, one_line, web_host, where_from

_MARKUP = re.compile(r"[\\`*_{}\[\]<>#|~$&!]")
_OPENS_LIST = re.compile(r"^(?:(\d{1,9})([.)])|([-+=]))")


def answer_to_markdown(answer: Answer) -> str:
    """The sentences of an answer, a paragraph each, the short answer in bold; below them title, outlet, date and
    address of each source.
    """
    cited = distinct_citations(answer)
    numbers = {anchor: number for number, anchor in enumerate(cited, 1)}
    bold = short_answer_place(answer)
    parts = [f"**{_literal(one_line(answer.short_answer))}**"] if answer.short_answer and bold is None else []
    for place, sentence in enumerate(answer.sentences):
        text = (
            _bold(sentence.text, *bold[1:])
            if bold is not None and bold[0] == place
            else _literal(one_line(sentence.text))
        )
        marks = "".join(f"[^{numbers[anchor_of(citation)]}]" for citation in sentence.citations)
        parts.append(f"{text}{marks}")
    newest = newest_day(answer)
    if newest is not None:
        parts.append(f"As of {format_day(newest)}.")
    parts.append("\n".join(f"[^{number}]: {_footnote(one)}" for number, one in enumerate(cited.values(), 1)))
    return "\n\n".join(parts) + "\n"


def _bold(text: str, start: int, end: int) -> str:
    line = one_line(text)
    key = f"**{_escape(line[start:end])}**"
    return f"{_literal(line[:start])}{key}{_escape(line[end:])}"


def _footnote(citation: Citation) -> str:
    url = citation.article.url
    # A file's path is nobody's business elsewhere; only what can be opened there goes along.
    address = f"<{url.replace('<', '%3C').replace('>', '%3E')}>" if url and web_host(url) else ""
    named = (_literal(name_of(citation)), _escape(where_from(citation.article)), address)
    return ", ".join(part for part in named if part)


def _literal(line: str) -> str:
    """A line that reads literally in Markdown: what an article says makes no heading, list, link or HTML."""
    return _OPENS_LIST.sub(_shut, _escape(line))


def _shut(match: re.Match[str]) -> str:
    return f"{match[1]}\\{match[2]}" if match[1] else f"\\{match[3]}"


def _escape(text: str) -> str:
    return _MARKUP.sub(r"\\\g<0>", text)
