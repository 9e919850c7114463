"""Title, outlet, authors and date of an article: as its source gives them, else as its text or URL says them.

Precision over recall: a field that can't be read off with near certainty stays empty.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from index.dates import date_in_url, parse_date

_OUTLETS = {
    "abc.net.au": "ABC News (Australia)",
    "abcnews.go.com": "ABC News",
    "aa.com.tr": "AA",
    "afp.com": "AFP",
    "aljazeera.com": "Al Jazeera",
    "apnews.com": "AP",
    "axios.com": "Axios",
    "bbc.co.uk": "BBC",
    "bbc.com": "BBC",
    "bloomberg.com": "Bloomberg",
    "cbc.ca": "CBC",
    "cbsnews.com": "CBS News",
    "cnbc.com": "CNBC",
    "cnn.com": "CNN",
    "dw.com": "DW",
    "economist.com": "The Economist",
    "euronews.com": "Euronews",
    "foxnews.com": "Fox News",
    "france24.com": "France 24",
    "ft.com": "Financial Times",
    "independent.co.uk": "The Independent",
    "irishtimes.com": "The Irish Times",
    "latimes.com": "Los Angeles Times",
    "lemonde.fr": "Le Monde",
    "nbcnews.com": "NBC News",
    "news.sky.com": "Sky News",
    "npr.org": "NPR",
    "nytimes.com": "The New York Times",
    "politico.com": "Politico",
    "politico.eu": "Politico",
    "reuters.com": "Reuters",
    "spiegel.de": "Der Spiegel",
    "telegraph.co.uk": "The Telegraph",
    "theatlantic.com": "The Atlantic",
    "theguardian.com": "The Guardian",
    "thehindu.com": "The Hindu",
    "thetimes.co.uk": "The Times",
    "thetimes.com": "The Times",
    "theweek.co.uk": "The Week",
    "theweek.com": "The Week",
    "time.com": "TIME",
    "trtworld.com": "TRT World",
    "usatoday.com": "USA TODAY",
    "vox.com": "Vox",
    "washingtonpost.com": "The Washington Post",
    "wsj.com": "The Wall Street Journal",
}
_AGENCIES = ("ANSA", "DPA", "EFE", "Kyodo", "PA Media", "UPI", "Xinhua")
# Many sites below one registered domain: there the whole host names the outlet.
_SHARED_DOMAINS = frozenset(
    {"blogspot.com", "github.io", "medium.com", "substack.com", "tumblr.com", "wordpress.com", "web.archive.org"}
)
_SECOND_LEVELS = frozenset({"ac", "co", "com", "edu", "gov", "go", "ne", "net", "or", "org"})

_LONGEST_FIELD = 1_000

# A person: two to four capitalised words, with particles between them ("Ursula von der Leyen", "Omar al-Masri").
_WORD = r"(?:(?:al|el|d|l)[-'’])?[^\W\d_a-z][\w.'’-]*"
_PARTICLES = r"(?:\s+(?:de|del|della|der|den|di|da|dos|du|la|le|van|von|bin|bint|ibn|al|el|ter|ten|y))*"
NAME = rf"{_WORD}{_PARTICLES}(?:\s+{_WORD}{_PARTICLES}){{0,2}}\s+{_WORD}"
_NAME = re.compile(NAME)
# Words that tell an organisation, a post or a team from a person.
_NO_PERSON = re.compile(
    r"\b(?:The|Press|News|Times|Post|Journal|Today|Network|Staff|Report(?:er)?s?|Writers?|Editors?|Correspondents?|Sports"
    r"|Business|Agency|Agencies|Bureau|Desk|Team|Special|University|School|Republic|Tribune|Herald|Gazette|Courier"
    r"|Observer|Guardian|Reuters|AP|AFP|CNN|BBC|USA)\b",
    re.IGNORECASE,
)
_SPLIT_NAMES = re.compile(r",?\s+(?:and|AND)\s+|\s*[;&]\s*")


@dataclass(frozen=True, slots=True)
class Fields:
    """What is known about an article beside its text; empty where nothing is."""

    url: str | None = None
    title: str | None = None
    outlet: str | None = None
    authors: tuple[str, ...] = ()
    published: date | None = None


def complete_fields(*sources: Fields, today: date) -> Fields:
    """Each field from the first source that has it; outlet and date also from the URL."""
    url = next((fields.url for fields in sources if fields.url), None)
    # The URL knows better than the text, which may come from an agency; what the source itself says comes first.
    ordered = (sources[0], fields_from_url(url, today=today), *sources[1:]) if url else sources
    return Fields(
        url=url,
        title=next((fields.title for fields in ordered if fields.title), None),
        outlet=next((fields.outlet for fields in ordered if fields.outlet), None),
        authors=next((fields.authors for fields in ordered if fields.authors), ()),
        published=next((fields.published for fields in ordered if fields.published), None),
    )


def fields_from_record(record: Mapping[str, object], today: date) -> Fields:
    """The fields of a JSON object or of front matter; unknown ones are ignored.

    Read are url, title, outlet (or source), authors (or author; a list or one text) and published (or date).
    """
    return Fields(
        url=clean_url(record.get("url")),
        title=clean_field(record.get("title")),
        outlet=clean_field(record.get("outlet")) or clean_field(record.get("source")),
        authors=clean_authors(record.get("authors")) or clean_authors(record.get("author")),
        published=parse_date(record.get("published"), today) or parse_date(record.get("date"), today),
    )


def fields_from_url(url: str, today: date) -> Fields:
    """Outlet and date as the URL has them."""
    return Fields(outlet=outlet_of_url(url), published=date_in_url(urlsplit(url).path, today))


def clean_field(value: object) -> str | None:
    """One line of text, or None for anything that is none or is too long for a title or a name."""
    if not isinstance(value, str) or len(value) > _LONGEST_FIELD:
        return None
    printable = "".join(character if character.isprintable() else " " for character in value)
    return " ".join(printable.split()) or None


def clean_url(value: object) -> str | None:
    """A web address, or None: nothing but http and https is safe to show as a link."""
    if not isinstance(value, str) or len(value) > 4 * _LONGEST_FIELD:
        return None
    url = value.strip()
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or not url.isprintable() or " " in url:
        return None
    return url


def clean_authors(value: object) -> tuple[str, ...]:
    """Names, in order and each once, from a list of names or one text such as "By Jane Doe and John Roe"."""
    if isinstance(value, str):
        value = _split_names(value)
    if not isinstance(value, Sequence):
        return ()
    names = list(dict.fromkeys(name for item in value if (name := clean_field(item))))
    # Some scrapers put all the names, joined, before the single ones.
    joined = any(names[0] == " ".join(names[1:end]) for end in range(3, len(names) + 1))
    return tuple(names[1:] if joined else names)


def is_name(text: str) -> bool:
    """Is this the name of a person, by its form?"""
    return bool(_NAME.fullmatch(text)) and not _NO_PERSON.search(text)


def _split_names(text: str) -> list[str]:
    text = re.sub(r"^\s*by\s+", "", text[:_LONGEST_FIELD], flags=re.IGNORECASE)
    names = [name for name in _SPLIT_NAMES.split(text) if name.strip()]
    return [piece for name in names for piece in _split_at_commas(name)]


def _split_at_commas(text: str) -> list[str]:
    """Whole names between commas; "Roe, Jane" and "John Roe, Jr." stay one name."""
    pieces = [piece.strip() for piece in text.split(",") if piece.strip()]
    return pieces if all(" " in piece for piece in pieces) else [text.strip().strip(",")]


def outlet_of_url(url: str) -> str | None:
    """The outlet that a URL belongs to: by name where it is well known, else its registered domain."""
    host = (urlsplit(url).hostname or "").rstrip(".").removeprefix("www.")
    labels = host.split(".")
    if len(labels) < 2 or labels[-1].isdigit() or ":" in host:
        return None
    parents = [".".join(labels[start:]) for start in range(len(labels) - 1)]
    for parent in parents:
        if parent in _OUTLETS:
            return _OUTLETS[parent]
        if parent in _SHARED_DOMAINS:
            return host
    return ".".join(labels[-_registered_labels(labels) :])


def known_outlet(name: str) -> str | None:
    """The outlet or agency of that name, as it is written here, or None."""
    plain = name.strip().removesuffix(" and agencies").casefold()
    return next((outlet for outlet in (*_OUTLETS.values(), *_AGENCIES) if outlet.casefold() == plain), None)


def _registered_labels(labels: Sequence[str]) -> int:
    """Three for "example.co.uk", else two."""
    return 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVELS else 2
