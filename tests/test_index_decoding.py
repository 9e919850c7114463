"""Bytes → text: marks, UTF-8 and the encodings of old files."""

import pytest

from index.decoding import UndecodableError, decode


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8-sig", "Plain text with ü and “quotes”."),
        ("utf-16", "Plain text with ü and “quotes”."),
        ("utf-32", "Plain text with ü and “quotes”."),
        ("cp1252", "“We found three cracks,” she said – and it’s not the first time…"),
        ("cp1252", "Der Bürgermeister sagte, die Brücke über den Fluss müsse für längere Zeit gesperrt bleiben."),
        ("cp1252", "Le maire a déclaré que le pont resterait fermé jusqu’à la fin du mois à cause des travaux."),
        ("cp1252", "El alcalde dijo que el puente permanecerá cerrado; mañana habrá más información."),
        ("cp1250", "Burmistrz powiedział, że most będzie zamknięty, ponieważ rzeka wystąpiła z brzegów w środę."),
        ("cp1250", "Starosta řekl, že most bude uzavřen dva týdny, protože se řeka ve středu vylila z břehů."),
        ("cp1254", "Belediye başkanı köprünün iki hafta boyunca kapalı kalacağını söyledi."),
        ("cp1251", "Мэр города заявил, что мост через реку останется закрытым на несколько недель из-за ремонта."),
        ("shift_jis", "市長は記者会見で、橋の修理には二週間かかる見通しだと述べた。被害額はまだ分かっていない。"),
    ],
)
def test_encodings(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"PK\x03\x04\0\0", "NUL bytes"),
        (bytes(range(1, 256)), "binary file"),
        (b"\xff\xfea\0b", "not valid UTF-16"),
        (b"\xef\xbb\xbf\xff\xff", "not valid UTF-8"),
        ("a\0b".encode("utf-16"), "NUL characters"),
    ],
)
def test_what_is_no_text(data: bytes, reason: str) -> None:
    with pytest.raises(UndecodableError, match=reason):
        decode(data)
