"""The zoo: each bad file is refused with `BadDocument`, for the reason that is true of it."""

import os
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from common.errors import BadDocument
from retrievers.parsers import open_document

Maker = Callable[[Path], None]


def pdf(path: Path, password: str = "") -> None:
    canvas = Canvas(str(path), encrypt=StandardEncryption(password) if password else None)
    canvas.drawString(72, 720, "A page that says something.")
    canvas.save()


def png(path: Path, side: int = 300) -> None:
    Image.effect_noise((side, side), 80).save(path, format="PNG")


def bomb_png(path: Path) -> None:
    """A header that promises 50,000 x 50,000 pixels in a file of a few bytes."""
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)


def zip_of(path: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def bomb_docx(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("word/document.xml", "w") as part:
        for _ in range(80):
            part.write(bytes(1024 * 1024))


def cut(make: Maker, share: float) -> Maker:
    """The file that `make` makes, cut short to `share` of its length."""

    def made(path: Path) -> None:
        make(path)
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])

    return made


def holding(data: bytes) -> Maker:
    def made(path: Path) -> None:
        path.write_bytes(data)

    return made


def parts(folder: str) -> Maker:
    """An office archive whose main part is no XML."""
    return lambda path: zip_of(path, {"[Content_Types].xml": b"<oops", f"{folder}/document.xml": b"<oops"})


ZERO_PAGES = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000054 00000 n \n"
    b"trailer<</Size 3/Root 1 0 R>>\nstartxref\n101\n%%EOF\n"
)

ZOO: dict[str, tuple[str, Maker, str]] = {
    "encrypted PDF": ("a.pdf", lambda path: pdf(path, "secret"), "encrypted"),
    "truncated PDF": ("a.pdf", cut(pdf, 0.3), "damaged|cut short"),
    "PDF without pages": ("a.pdf", holding(ZERO_PAGES), "no pages|damaged"),
    "empty PDF": ("a.pdf", holding(b""), "is empty"),
    "empty text": ("a.txt", holding(b""), "is empty"),
    "blank text": ("a.txt", holding(b" \n\n \n"), "no text"),
    "blank page of HTML": ("a.html", holding(b"<html><script>x()</script></html>"), "no text"),
    "PNG called .pdf": ("a.pdf", png, "named like a PDF but holds a PNG"),
    "text called .docx": ("a.docx", holding(b"just words"), "holds something else"),
    "PDF called .txt": ("a.txt", pdf, "holds a PDF, not text"),
    "zip called .pptx": ("a.pptx", lambda path: zip_of(path, {"x.txt": b"x"}), "not a .pptx document"),
    "encrypted office file": ("a.xlsx", holding(b"\xd0\xcf\x11\xe0" + bytes(600)), "encrypted, or in the old binary"),
    "bomb of a PNG": ("a.png", bomb_png, "too large|bomb"),
    "truncated PNG": ("a.png", cut(png, 0.5), "readable picture|damaged"),
    "truncated JPEG": (
        "a.jpg",
        cut(lambda path: Image.effect_noise((300, 300), 80).save(path, "JPEG"), 0.5),
        "picture",
    ),
    "bomb of a DOCX": ("a.docx", bomb_docx, "decompression bomb"),
    "corrupt DOCX": ("a.docx", parts("word"), "readable DOCX|damaged"),
    "corrupt PPTX": ("a.pptx", parts("ppt"), "readable PPTX|damaged"),
    "corrupt XLSX": ("a.xlsx", parts("xl"), "readable XLSX|damaged"),
    "truncated XLSX": ("a.xlsx", cut(lambda path: zip_of(path, {"xl/a": os.urandom(5000)}), 0.6), "damaged"),
    "binary called .txt": ("a.txt", holding(b"words" + bytes(range(256)) * 9), "binary data, not text"),
    "binary far into a .csv": ("a.csv", holding(b"a,b\n1,2\n" * 2000 + bytes(9000)), "binary"),
    "unknown extension": ("a.xyz", holding(b"words"), "not read"),
    "no extension": ("README", holding(b"words"), "its kind is not known"),
    "folder called .pdf": ("a.pdf", Path.mkdir, "is a folder"),
    "missing file": ("a.pdf", lambda path: None, "does not exist"),
}


@pytest.mark.parametrize("kind", ZOO)
def test_bad_files_say_why(kind: str, tmp_path: Path) -> None:
    name, make, reason = ZOO[kind]
    path = tmp_path / name
    make(path)
    with pytest.raises(BadDocument, match=reason) as caught, open_document(path, tmp_path) as document:
        document.page(1)
    assert name in caught.value.what
    assert caught.value.cure


def test_a_slide_deck_without_slides_is_refused(tmp_path: Path) -> None:
    from pptx import Presentation

    Presentation().save(str(tmp_path / "a.pptx"))
    with pytest.raises(BadDocument, match="no slides"):
        open_document(tmp_path / "a.pptx")


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    pdf(outside / "secret.pdf")
    (inside / "a.pdf").symlink_to(outside / "secret.pdf")
    (inside / "folder").symlink_to(outside)
    for path in (inside / "a.pdf", inside / "folder" / "secret.pdf"):
        with pytest.raises(BadDocument, match="outside the folder"):
            open_document(path, inside)


def test_a_link_within_the_folder_is_followed(tmp_path: Path) -> None:
    pdf(tmp_path / "a.pdf")
    (tmp_path / "b.pdf").symlink_to(tmp_path / "a.pdf")
    with open_document(tmp_path / "b.pdf", tmp_path) as document:
        assert document.page_count == 1


UNREADABLE = """
import os, sys
from pathlib import Path
from common.errors import BadDocument
from retrievers.parsers import open_document
import retrievers.parsers.text.document
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    open_document(Path(sys.argv[1]))
except BadDocument as error:
    print(error)
"""


def test_a_file_that_may_not_be_read_is_refused() -> None:
    """Root may read anything, so the reader gives up root first."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        path = Path(folder) / "a.txt"
        path.write_text("words")
        path.chmod(0)
        done = subprocess.run(
            [sys.executable, "-c", UNREADABLE, str(path)], capture_output=True, text=True, check=False
        )
    assert "cannot be read" in done.stdout, done.stderr
    assert "chmod" in done.stdout


@pytest.mark.parametrize(
    "source", ["https://example.com/a.png", "//example.com/a.png", "/etc/a.png", "../a.png", "x.png"]
)
def test_html_reads_no_picture_from_elsewhere(source: str, tmp_path: Path) -> None:
    """The page itself is fine: the picture is left out, and the report says which and why."""
    folder = tmp_path / "pages"
    folder.mkdir()
    png(tmp_path / "a.png")
    (folder / "x.png").symlink_to(tmp_path / "a.png")
    (folder / "a.html").write_text(f'<h1>Title</h1><p>Words.</p><img src="{source}" alt="nothing to see">')
    with open_document(folder / "a.html", folder) as document:
        page = document.page(1)
    assert [block.kind for block in page.blocks] == ["heading", "text"]
    assert any(source in note and "skipped" in note for note in page.notes)


def test_a_huge_line_is_laid_out_whole(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("unbroken" * 15_000)
    with open_document(tmp_path / "a.txt") as document:
        pages = [document.page(number) for number in range(1, document.page_count + 1)]
    assert len(pages) > 10
    text = "".join(block.text for page in pages for block in page.blocks)
    assert text.replace(" ", "") == "unbroken" * 15_000
