"""What an article's own text says of its title, outlet, authors and date: front matter, headline, byline, date line,
dateline, source line.

Precision over recall: only whole lines of an unmistakable form, near the top or at the very end, are believed. A date
inside prose is not a publication date.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Literal

from index.dates import date_in_line
from index.metadata import NAME, Fields, clean_authors, clean_field, fields_from_record, is_name, known_outlet

# "field": the text of a JSON record or an HTML page, whose title and front matter would be elsewhere.
TextForm = Literal["plain", "markdown", "field"]

_HEADER_LINES = 10
_HEADER_CHARACTERS = 20_000
_LONGEST_LINE = 300
_FRONT_MATTER_CHARACTERS = 20_000

_FRONT_MATTER = re.compile(r"---[ \t]*\r?\n(?P<block>.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_FRONT_MATTER_KEYS = frozenset({"title", "outlet", "source", "author", "authors", "published", "date", "url"})
# A key at the start of a line, the rest of that line, and the indented lines or list items below it.
_ENTRY = re.compile(r"^(?P<key>[A-Za-z]+):(?=\s)(?P<value>.*(?:\n(?:[ \t]|-[ \t]).*)*)", re.MULTILINE)
_ONE_TEXT_KEYS = frozenset({"title", "outlet", "source"})
_QUOTED_OR_BLOCK = ("'", '"', "|", ">")

_PROSE_END = re.compile(r"[.!?…][\"'”’»)\]]*$")
_TITLE_END = re.compile(r"[\w%)](?:[\"'”’»)]*)$")
# First lines that look like headlines and are not: labels, notes, credits, clock times, two sentences in one line.
_LABEL = re.compile(
    r"(?:(?:the )?claim|(?:latest .*)?update[ds]?|spoiler alert|editor['’]s note|correction|watch|listen|click|photos?"
    r"|video|on today['’]s|(?:story|compiled|written|reported) by|associated press)\b|\d+\.\s",
    re.IGNORECASE,
)
_CREDIT = re.compile(r" \| |\b(?:[ap]\.m\.|(?:[Ss]taff|[Rr]eports|[Ss]ervices?|[Nn]etwork.*|(?:Staff|AP .*) Writer)$)")
_TWO_SENTENCES = re.compile(r"[a-z][.!?][\"'”’]* [A-Z\"“‘]")
_NAMES = re.compile(rf"{NAME}(?:,\s+{NAME})*(?:,?\s+(?:and|&)\s+{NAME})?(?:,.*)?")
_HEADING = re.compile(r"#[ \t]+(?P<title>\S.*?)(?:[ \t]+#+)?")
_BETWEEN = re.compile(r"\s+[|•·]\s+")
_BYLINE = re.compile(
    rf"(?:By|BY)\s+(?P<names>{NAME}(?:,\s+{NAME})*(?:,?\s+(?:and|AND|&)\s+{NAME})?)"
    r"(?:\s*(?:,|/|–|—)\s*[\w .’'-]{2,60})?"
)

# The names that agencies and outlets put before the first words: "CNN —", "ISTANBUL (Reuters) -".
_PLACES = r"(?:[A-Z][\w.'’]*(?:[/, -]+[A-Z][\w.'’]*){0,5}[ ,]+)?"
_DATELINE = re.compile(
    rf"{_PLACES}(?:\((?P<agency>CNN|Reuters|AP|AFP|AA|UPI|Xinhua)\)|(?P<name>CNN)(?: [A-Z]\w+)?)\s*(?:—|–|--|-)(?:\s|$)"
)
_SOURCE_LINE = re.compile(r"Source:\s*(?P<outlet>\S.{0,58}\S?)", re.IGNORECASE)


def fields_from_text(text: str, form: TextForm, today: date, start: int = 0) -> Fields:
    """What the lines of the text say, from `start` on (where its front matter ends)."""
    lines = [line.strip() for line in text[start : start + _HEADER_CHARACTERS].split("\n")]
    header = [line for line in lines if line][:_HEADER_LINES]
    above_prose = header[: next((number for number, line in enumerate(header) if _is_prose(line)), len(header))]
    pieces = [piece for line in above_prose if len(line) <= _LONGEST_LINE for piece in _BETWEEN.split(line)]
    title = None
    if form != "field":
        title = _heading(lines) if form == "markdown" else _headline(lines, today)
    return Fields(
        title=title,
        outlet=_outlet_of_dateline(header[: len(above_prose) + 1]) or _outlet_of_source_line(text),
        authors=_authors(pieces),
        published=_published(pieces, today),
    )


def fields_from_front_matter(text: str, today: date) -> tuple[Fields, int]:
    """The fields of a leading block of YAML between two "---" lines, and where the text after it starts (0 without)."""
    match = _FRONT_MATTER.match(text, 0, _FRONT_MATTER_CHARACTERS)
    record = _parse_front_matter(match["block"]) if match else {}
    if match is None or not _FRONT_MATTER_KEYS & record.keys():
        return Fields(), 0
    return fields_from_record(record, today), match.end()


def _parse_front_matter(block: str) -> Mapping[str, object]:
    """Every value as text or a list of texts; what YAML refuses (`title: Flood: the river`) is read key by key."""
    refused, loaded = _load_yaml(block)
    if refused:
        entries = ((match["key"].lower(), match["value"]) for match in _ENTRY.finditer(block))
        loaded = {key: _value_of_entry(key, value) for key, value in entries if key in _FRONT_MATTER_KEYS}
    if not isinstance(loaded, dict):
        return {}
    empty = ("", "null", "~")
    return {key.lower(): value for key, value in loaded.items() if isinstance(key, str) and value not in empty}


def _load_yaml(text: str) -> tuple[bool, object]:
    """Whether YAML refuses the text, and what it holds where it doesn't."""
    import yaml

    try:
        # BaseLoader builds only strings, lists and mappings, so an impossible date is a value like any other.
        return False, yaml.load(text, Loader=yaml.BaseLoader)
    # An escape beyond Unicode ("\UFFFFFFFF") overflows inside of PyYAML.
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError):
        return True, None


def _value_of_entry(key: str, value: str) -> object:
    """The value of one key of a block that YAML refuses: YAML's own reading of this key alone, else the line as it is.

    An unquoted title or outlet is always the whole line: a "#" in it starts no comment.
    """
    plain = value.strip()
    if key not in _ONE_TEXT_KEYS or plain.startswith(_QUOTED_OR_BLOCK):
        _, loaded = _load_yaml(f"{key}:{value}")
        if isinstance(loaded, dict) and key in loaded:
            return loaded[key]
    if key in _ONE_TEXT_KEYS or not plain.startswith(("[", "-")):
        return _unquoted(plain)
    names = plain.strip("[]").split(",") if plain.startswith("[") else re.split(r"^[ \t]*-", plain, flags=re.MULTILINE)
    return [_unquoted(name.strip()) for name in names]


def _unquoted(text: str) -> str:
    """The text without the quotes around it, or the one at its start or end that has no partner.

    What stays: the quotes of `"Yes": the town says "no"`, and apostrophes.
    """
    for quote in ('"', "'"):
        marks = [match.start() for match in re.finditer(rf"(?<!\w){quote}|{quote}(?!\w)", text)]
        inner = [at for at in marks if 0 < at < len(text) - 1]
        around = text.startswith(quote) and text.endswith(quote)
        if not inner or (around and text[inner[0] - 1].isspace()):
            text = text.removeprefix(quote).removesuffix(quote).strip()
    return text


def _is_prose(line: str) -> bool:
    return (len(line) >= 60 and bool(_PROSE_END.search(line))) or len(line) > 160


def _heading(lines: list[str]) -> str | None:
    """The title of Markdown text: its first line, as "# Title" or underlined with "="."""
    rest = [line for line in lines if line]
    if not rest:
        return None
    if match := _HEADING.fullmatch(rest[0]):
        return clean_field(match["title"])
    underlined = len(rest) > 1 and len(rest[1]) >= 3 and set(rest[1]) == {"="}
    return clean_field(rest[0]) if underlined else None


def _headline(lines: list[str], today: date) -> str | None:
    """The title of plain text: a first line of at least four words with no full stop, a blank line, then prose."""
    first = next((number for number, line in enumerate(lines) if line), len(lines))
    if first + 1 >= len(lines) or lines[first + 1]:
        return None
    title = lines[first]
    rest = [line for line in lines[first + 1 :] if line]
    while rest and (_BYLINE.fullmatch(rest[0]) or date_in_line(rest[0], today)):
        rest.pop(0)
    if not (rest and _is_prose(rest[0])) or not _could_be_title(title, today):
        return None
    return clean_field(title)


def _could_be_title(line: str, today: date) -> bool:
    return (
        4 <= len(line.split()) <= 25
        and len(line) <= 110
        and not line[0].islower()
        and bool(_TITLE_END.search(line))
        and not any(form.search(line) for form in (_CREDIT, _TWO_SENTENCES))
        and not any(form.match(line) for form in (_LABEL, _DATELINE))
        and not _is_names(line)
        and not _BYLINE.fullmatch(line)
        and not _SOURCE_LINE.fullmatch(line)
        and not date_in_line(line, today)
    )


def _is_names(line: str) -> bool:
    """A byline without "By": "Jane Doe and John Roe", "Jane Doe, USA TODAY"."""
    return bool(_NAMES.fullmatch(line)) and any(between in line for between in (", ", " and ", " & "))


def _authors(pieces: list[str]) -> tuple[str, ...]:
    for piece in pieces:
        if match := _BYLINE.fullmatch(piece):
            return tuple(name for name in clean_authors(match["names"]) if is_name(name))
    return ()


def _published(pieces: list[str], today: date) -> date | None:
    """The date of a date line above the prose; that of an "Updated" line only where there is no other.

    A bare date in the first line of all, or one of several, may head a diary or a timeline: it is not believed.
    """
    dated = [found for piece in pieces if (found := date_in_line(piece, today))]
    labelled = [day for day, label in dated if label and "updated" not in label]
    bare = {day for day, label in dated if not label}
    if labelled:
        return labelled[0]
    if len(bare) == 1 and not date_in_line(pieces[0], today):
        return bare.pop()
    return next((day for day, label in dated if label), None)


def _outlet_of_dateline(lines: list[str]) -> str | None:
    for line in lines:
        if match := _DATELINE.match(line[:_LONGEST_LINE]):
            return match["agency"] or match["name"]
    return None


def _outlet_of_source_line(text: str) -> str | None:
    """The outlet in "Source: AA", the last line; a name that is no news outlet is the source of a figure or a chart."""
    last = text[-_LONGEST_LINE:].rstrip().rsplit("\n", 1)[-1].strip()
    match = _SOURCE_LINE.fullmatch(last)
    return known_outlet(match["outlet"]) if match else None
