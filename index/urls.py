"""Web addresses: one spelling for those that differ in nothing that matters."""

import re
from urllib.parse import SplitResult, quote, unquote, urlsplit, urlunsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
# Parameters that say how a reader came to a page, or that it should come as AMP; never which article it is.
_TRACKING = re.compile(
    r"(?:utm_|at_|ns_|hsa_|pk_|mtm_|_hs|__).*|(?:fb|g|d|y|tt|tw|wick|s_kw)clid|msclkid|li_fat_id|[gw]braid|igshi?d?|mc_[ce]id|_g[al]"
    r"|mkt_tok|oc?id|[nis]_?cid|cmpi?d?|cmp|smid|smtyp|ref_(?:src|url)|taid|int_?cmp|spm|sref|srnd|guccounter"
    r"|guce_.*|amp(?:_.*)?|usqp|wt[._]mc.*|xtor|ftag|vero_id|oly_(?:enc|anon)_id|trk|fb_.*|share_?id|rss",
    re.IGNORECASE,
)
_AMP_OUTPUTS = frozenset({("outputtype", "amp"), ("output", "amp"), ("view", "amp")})
_AMP_CACHE = re.compile(r"/(?:amp/|[acvi]/)?(?P<secure>s/)?(?P<address>[\w-]+(?:\.[\w-]+)+/.*)")
_AMP_ENDING = re.compile(r"(?<=[^/])/amp/?$|(?<=[^/])(?:\.amp)(?=\.html?$)|\.amp$")
_FRONT_HOST = re.compile(r"(?:www|amp|m|mobile)\.(?=[^.]+\.)")
_INDEX_FILE = re.compile(r"/(?:index\.(?:html?|php))?$")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_LONGEST_URL = 4_000


def canonical_url(url: str) -> str:
    """The address without what doesn't matter, still one that a browser can open; what is no web address as it is.

    Left out are the fragment, tracking parameters, the default port, AMP's marks and caches, and dot segments. Host and
    scheme become lower case; escapes are written one way. The order of parameters and a trailing slash stay.
    """
    parts = _split(url.strip())
    if parts is None:
        return url
    return urlunsplit(_canonical(_out_of_amp_cache(parts)))


def url_key(url: str) -> str:
    """What is the same for all addresses of one article: those that differ in http or https, "www.", "m." or "amp." at
    the front of the host, a trailing slash or index file, or the order of parameters.
    """
    parts = _split(canonical_url(url))
    if parts is None:
        return url
    host = _FRONT_HOST.sub("", parts.netloc, count=1)
    path = _INDEX_FILE.sub("", parts.path.removeprefix("/amp") if parts.path.startswith("/amp/") else parts.path)
    query = "&".join(sorted(parts.query.split("&"))) if parts.query else ""
    return f"{host}{path}?{query}"


def is_web_address(text: str) -> bool:
    """Does it begin as http and https addresses do?"""
    return text.strip().lower().startswith(("http://", "https://"))


def _split(url: str) -> SplitResult | None:
    """The parts of an http or https address; None for anything else."""
    if len(url) > _LONGEST_URL or not is_web_address(url):
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port
        return parts if parts.hostname else None
    except ValueError:
        return None


def _canonical(parts: SplitResult) -> SplitResult:
    scheme = parts.scheme.lower()
    host = _ascii_host((parts.hostname or "").rstrip("."))
    port = "" if parts.port in (None, _DEFAULT_PORTS[scheme]) else f":{parts.port}"
    user = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
    path = _AMP_ENDING.sub("", _without_dots(_escaped(parts.path))) or "/"
    return SplitResult(scheme, f"{user}{host}{port}", path, _query(parts.query), "")


def _ascii_host(host: str) -> str:
    if ":" in host:
        return f"[{host}]"
    try:
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def _query(query: str) -> str:
    """The parameters that matter, in their order, as they were written."""
    kept = []
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        name = unquote(name)
        if pair and not _TRACKING.fullmatch(name) and (name.lower(), value.lower()) not in _AMP_OUTPUTS:
            kept.append(_escaped(pair))
    return "&".join(kept)


def _escaped(text: str) -> str:
    """Escapes in upper case, none where none is needed, and one for every character beyond ASCII."""

    def rewrite(match: re.Match[str]) -> str:
        character = chr(int(match[0][1:], 16))
        return character if character in _UNRESERVED else match[0].upper()

    return quote(_ESCAPE.sub(rewrite, text), safe="%/:;?@!$&'()*+,=-._~|[]")


def _without_dots(path: str) -> str:
    """The path without its "." and ".." segments (RFC 3986, 5.2.4)."""
    segments: list[str] = []
    pieces = path.split("/")
    for number, piece in enumerate(pieces):
        if piece == "..":
            if len(segments) > 1:
                segments.pop()
        elif piece != ".":
            segments.append(piece)
        if piece in (".", "..") and number == len(pieces) - 1:
            segments.append("")
    return "/".join(segments)


def _out_of_amp_cache(parts: SplitResult) -> SplitResult:
    """The address of the page that an AMP cache or viewer keeps a copy of."""
    host = (parts.hostname or "").lower()
    viewer = host.startswith(("www.google.", "google.")) and parts.path.startswith("/amp/")
    if not (viewer or host.endswith(".cdn.ampproject.org")):
        return parts
    match = _AMP_CACHE.fullmatch(parts.path)
    if match is None:
        return parts
    inner = _split(
        f"http{'s' if match['secure'] else ''}://{match['address']}{'?' if parts.query else ''}{parts.query}"
    )
    return inner or parts
