"""Bytes of a file → its text, exactly as it came: no newline is rewritten and nothing is stripped."""

import codecs
import re

_BYTE_ORDER_MARKS = (
    # UTF-32 first: its little-endian mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# Curly quotes, dashes, ellipsis, no-break space and the like: the same bytes mean the same in every Windows code
# page from 1250 to 1258, so that text whose only special bytes are these needs no guess.
_SHARED_WINDOWS_PUNCTUATION = frozenset(b"\x82\x84\x85\x86\x87\x89\x8b\x91\x92\x93\x94\x95\x96\x97\x99\x9b\xa0\xab\xbb")

# One single-byte family per script and the usual East Asian ones. Without this list the detector also proposes
# EBCDIC and DOS code pages, in which almost any bytes are "text".
_CANDIDATES = [
    "cp1252",
    "cp1250",
    "cp1251",
    "koi8_r",
    "cp1253",
    "cp1254",
    "cp1255",
    "cp1256",
    "gb18030",
    "big5",
    "shift_jis",
    "euc_jp",
    "euc_kr",
]
_LATIN = ("cp1252", "cp1250", "cp1254")
_SYMBOL_IN_WORD = re.compile(r"[^\W\d_][¹³¿¼¾](?=[^\W\d_])")
_SAMPLE_BYTES = 100_000


class UndecodableError(ValueError):
    """The bytes are no text in any encoding that is tried; the message says why."""


def decode(data: bytes) -> str:
    """The text of `data`: by its byte-order mark, as UTF-8, or by detection among the encodings in common use.

    Raises `UndecodableError` for binary data.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _strictly(data, encoding)
    if b"\0" in data:
        raise UndecodableError("contains NUL bytes: not a text file, save its text as UTF-8")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _strictly(data, _detect(data))


def _strictly(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeError as error:
        name = encoding.removesuffix("-sig").upper()
        raise UndecodableError(f"begins as {name} but is not valid {name}: save it as UTF-8") from error
    if "\0" in text:
        raise UndecodableError("contains NUL characters: not a text file, save its text as UTF-8")
    return text


def _detect(data: bytes) -> str:
    """Which encoding, for bytes that are not UTF-8."""
    sample = data[:_SAMPLE_BYTES]
    if _control_share(sample) > 0.01:
        raise UndecodableError("not text in any known encoding, a binary file? Save its text as UTF-8")
    if {byte for byte in data if byte >= 0x80} <= _SHARED_WINDOWS_PUNCTUATION:
        return "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=_CANDIDATES).best()
    latin = _latin_page(data)
    for encoding in (best.encoding if best and best.encoding not in _LATIN else latin, latin):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    raise UndecodableError("encoding not recognised: save it as UTF-8")


def _latin_page(data: bytes) -> str:
    """Which of the three, by letters that show as impossible ones when read as Windows-1252; else that one.

    The detector alone mistakes short French and Spanish for Windows-1250.
    """
    text = data.decode("cp1252", "replace")
    if "þ" in text:  # ş
        return "cp1254"
    if _SYMBOL_IN_WORD.search(text) or ("ø" in text and not set("ìèù").isdisjoint(text)):  # ł, ą, ż; ř with ě, č, ů
        return "cp1250"
    return "cp1252"


def _control_share(sample: bytes) -> float:
    controls = sum((byte < 0x20 and byte not in b"\t\n\r\f\x1b") or byte == 0x7F for byte in sample)
    return controls / max(len(sample), 1)
