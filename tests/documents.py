"""Small PDF, zip and HTML files made for tests."""

import io
import zipfile
from collections.abc import Mapping, Sequence

PROSE = (
    "The ferry to Skerra will sail twice a day from 1 June, the harbour office said on Monday.",
    "A ticket for the ferry will cost 14 crowns, two crowns more than last year, the office said.",
    "The second boat was built in 1998 and carries 193 passengers, its captain told the newspaper.",
)


def make_pdf(pages: Sequence[Sequence[str]], title: str | None = None) -> bytes:
    """A PDF file with these lines on its pages, set in Helvetica."""
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", _FONT]
    kids = []
    for lines in pages:
        drawn = " T* ".join(f"({_escaped(line)}) Tj" for line in lines)
        content = f"BT /F1 12 Tf 14 TL 72 720 Td {drawn} ET".encode("cp1252")
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    objects.append(f"<< /Title ({_escaped(title or '')}) >>".encode("cp1252"))
    return _with_table(objects)


def make_zip(members: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return packed.getvalue()


def make_page(sentences: Sequence[str] = PROSE, head: str = "") -> bytes:
    """An HTML page with these sentences as paragraphs of its article."""
    body = "".join(f"<p>{sentence}</p>" for sentence in sentences)
    return f'<html lang="en"><head>{head}</head><body><article>{body}</article></body></html>'.encode()


_FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _with_table(objects: Sequence[bytes]) -> bytes:
    written, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = b"<< /Size %d /Root 1 0 R /Info %d 0 R >>" % (len(objects) + 1, len(objects))
    size = len(objects) + 1
    return written + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n%s\nstartxref\n%d\n%%%%EOF" % (
        size,
        table,
        trailer,
        len(written),
    )
