"""What the eval's HTML pages share: one file each, readable without scripts, that asks nothing of any other place.

Every word of an article, a question or an error is data. It goes through `text`, `line` or `link`, and nothing else.
"""

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from qa.markup import escape_article, escape_text, one_line, web_host

_LONG = 40  # characters: longer facts get a row of their own
_ASSETS = Path(__file__).parent / "assets"


def page(title: str, body: str) -> str:
    """The whole document. Its policy lets nothing be loaded and no script run but the page's own, told by its hash."""
    style = (_ASSETS / "report.css").read_text(encoding="utf-8")
    script = (_ASSETS / "report.js").read_text(encoding="utf-8")
    told = b64encode(sha256(script.encode("utf-8")).digest()).decode("ascii")
    # The plots' shapes carry style attributes, which no hash can allow.
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{told}'; base-uri 'none'"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}; form-action \'none\'">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="color-scheme" content="light dark">\n'
        f"<title>{line(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n"
        f"<script>{script}</script>\n</body>\n</html>\n"
    )


def text(value: object) -> str:
    """Any text as HTML, its line breaks kept by the stylesheet."""
    return escape_article(str(value))


def line(value: object) -> str:
    """Any text as one line of HTML; fit for an attribute too."""
    return escape_text(one_line(str(value)))


def link(url: str, name: str) -> str:
    """A link where the URL is plain http or https; else the name, with the URL beside it to read."""
    if web_host(url) is None:
        return f'{line(name)} <span class="soft">({line(url)})</span>' if url != name else line(url)
    return f'<a href="{escape_text(url)}" rel="noreferrer noopener">{line(name)}</a>'


def table(header: Sequence[str], rows: Sequence[Sequence[str]], caption: str) -> str:
    """A table that scrolls sideways by itself; its cells are plain text. The first column names its row."""
    if not rows:
        return ""
    head = "".join(f'<th scope="col">{line(cell)}</th>' for cell in header)
    body = "".join(
        f'<tr><th scope="row">{line(row[0])}</th>{"".join(f"<td>{line(cell)}</td>" for cell in row[1:])}</tr>\n'
        for row in rows
    )
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{line(caption)}"><table><caption>{line(caption)}'
        f"</caption><thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody></table></div>"
    )


def figure(plot: str, title: str, note: str) -> str:
    """A plot that eval/plots.py drew, with what it shows."""
    return (
        f'<figure><figcaption><strong>{line(title)}</strong> <span class="soft">{line(note)}</span></figcaption>'
        f"{plot}</figure>"
    )


def section(heading: str, *parts: str) -> str:
    """A part of the page, or nothing where all its parts are empty."""
    inside = "\n".join(part for part in parts if part)
    return f"<section>\n<h2>{line(heading)}</h2>\n{inside}\n</section>" if inside else ""


def folded(summary: str, *parts: str) -> str:
    """What opens with a click or a key, script or no script."""
    inside = "\n".join(part for part in parts if part)
    return f"<details><summary>{line(summary)}</summary>\n{inside}\n</details>" if inside else ""


def badge(kind: str, name: str) -> str:
    """A small word; `kind` is one of the stylesheet's."""
    return f'<span class="badge {kind}">{line(name)}</span>'


def facts(pairs: Sequence[tuple[str, str]]) -> str:
    """Names, and what stands for each as HTML; those with nothing are left out."""
    rows = "".join(_fact(name, value) for name, value in pairs if value)
    return f'<dl class="facts">{rows}</dl>' if rows else ""


def _fact(name: str, value: str) -> str:
    long = ' class="long"' if len(value) > _LONG else ""
    return f"<div{long}><dt>{line(name)}</dt><dd>{value}</dd></div>"
