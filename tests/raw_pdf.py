"""PDFs written byte by byte, for what no library would write."""

from collections.abc import Sequence
from pathlib import Path


def raw_pdf(path: Path, objects: Sequence[bytes]) -> Path:
    """A file of these objects, numbered from 1; the first is the catalogue."""
    data, table = b"%PDF-1.7\n", b"0000000000 65535 f \n"
    for number, body in enumerate(objects, start=1):
        table += b"%010d 00000 n \n" % len(data)
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    count = len(objects) + 1
    data += b"xref\n0 %d\n%strailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        count,
        table,
        count,
        len(data),
    )
    path.write_bytes(data)
    return path


def stream(data: bytes) -> bytes:
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(data), data)


def drawn_letters(path: Path, content: bytes, letters: Sequence[str]) -> Path:
    """A page whose font /F draws a square for the codes from 65 on, which its character map calls `letters`; one of
    several characters is a ligature."""
    mapped = b"".join(
        b"<%02x> <%s>\n" % (65 + place, letter.encode("utf-16-be").hex().encode())
        for place, letter in enumerate(letters)
    )
    cmap = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def\n"
        b"1 begincodespacerange <00> <ff> endcodespacerange\n"
        b"%d beginbfchar\n%sendbfchar endcmap end end" % (len(letters), mapped)
    )
    names = b" ".join(b"/g" for _ in letters)
    return raw_pdf(
        path,
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R"
            b" /Resources << /Font << /F 5 0 R >> >> >>",
            stream(content),
            b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 1000 1000] /FontMatrix [.001 0 0 .001 0 0]"
            b" /CharProcs << /g 6 0 R >> /Encoding << /Type /Encoding /Differences [65 %s] >>"
            b" /FirstChar 65 /LastChar %d /Widths [%s] /ToUnicode 7 0 R >>"
            % (names, 64 + len(letters), b" ".join(b"1000" for _ in letters)),
            stream(b"1000 0 50 50 900 900 d1 50 50 850 850 re f"),
            stream(cmap),
        ],
    )
