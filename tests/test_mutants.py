"""Damaged at random, a file is read or fails alone with a reason; the good files around it are read."""

import random
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import docx
import openpyxl
import pptx
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from retrievers.library import Library

SEED, EACH = 12, 8
HTML = "<html><body><h1>Tides</h1><ul>" + "<li><b>High</b> water</li>" * 40 + "</ul><table><tr><td>1</td></tr></table>"


def pdf() -> bytes:
    canvas = Canvas(data := BytesIO(), pageCompression=0, invariant=True)
    for number in range(3):
        canvas.drawString(72, 700, f"Page {number} tells of the tides and the moons that make them.")
        canvas.showPage()
    canvas.save()
    return data.getvalue()


def word() -> bytes:
    document = docx.Document()
    document.add_heading("Tides")
    document.add_table(2, 2).cell(1, 1).text = "six hours"
    document.save(data := BytesIO())
    return data.getvalue()


def slides() -> bytes:
    deck = pptx.Presentation()
    deck.slides.add_slide(deck.slide_layouts[1]).shapes.title.text = "Tides"
    deck.save(data := BytesIO())
    return data.getvalue()


def sheet() -> bytes:
    book = openpyxl.Workbook()
    for row in range(20):
        book.active.append([f"day {row}", row, row / 7])
    book.save(data := BytesIO())
    return data.getvalue()


def picture(form: str) -> bytes:
    Image.effect_noise((90, 60), 90).save(data := BytesIO(), form)
    return data.getvalue()


def flipped(data: bytes, chance: random.Random) -> bytes:
    """With a few bytes changed, a stretch left out, or one put in twice; its head stays, by which it is known."""
    out = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        start = chance.randrange(8, len(out) - 1)
        stop = min(len(out), start + chance.randint(1, 40))
        act = chance.randrange(3)
        out[start:stop] = [bytes(chance.randrange(256) for _ in range(stop - start)), b"", out[start:stop] * 2][act]
    return bytes(out)


def inside(data: bytes, chance: random.Random) -> bytes:
    """An archive that is whole, with one of its parts changed: what an odd writer makes, and no checksum tells."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice([name for name, part in parts.items() if len(part) > 20])
    parts[name] = chance.choice(
        [lambda: flipped(parts[name], chance), lambda: b"", lambda: _torn(parts[name], chance)]
    )()
    with zipfile.ZipFile(out := BytesIO(), "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    return out.getvalue()


def _torn(part: bytes, chance: random.Random) -> bytes:
    """Well-formed XML whose ids and names no longer mean anything."""
    for word in (b"rId1", b"val=", b"name=", b"Target=", b"w:p", b"c r="):
        if chance.random() < 0.5:
            part = part.replace(word, word.replace(b"1", b"9").replace(b"e=", b"o=").replace(b"t=", b"z="), 1)
    return part


Mutate = Callable[[bytes, random.Random], bytes]
KINDS: dict[str, tuple[bytes, Mutate]] = {
    "pdf": (pdf(), flipped),
    "docx": (word(), inside),
    "pptx": (slides(), inside),
    "xlsx": (sheet(), inside),
    "html": (HTML.encode(), flipped),
    "png": (picture("PNG"), flipped),
    "jpg": (picture("JPEG"), flipped),
}


def test_a_mutant_is_read_or_fails_alone(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    pile = tmp_path / "pile"
    pile.mkdir()
    for kind, (data, mutate) in KINDS.items():
        for number in range(EACH if kind not in ("png", "jpg") else EACH // 2):
            (pile / f"{kind}-{number}.{kind}").write_bytes(mutate(data, chance))
    for good in ("0-first.md", "m-middle.md", "z-last.md"):
        (pile / good).write_text(f"# {good}\n\nThe good file is read.")
    with Library(tmp_path / "data", page_timeout=20).open("c", create=True) as corpus:
        report = corpus.ingest([pile])
        records = {record.name: record for record in report.documents}
        assert records.keys() == {path.name for path in pile.iterdir()}
        assert {record.status for record in records.values()} == {"done", "failed"}
        assert all(record.error for record in report.failed)
        for good in ("0-first.md", "m-middle.md", "z-last.md"):
            assert records[good].status == "done"
        for record in records.values():
            pages = corpus.page_reports(record.name)
            assert all(page.explained for page in pages)
            assert len(pages) == record.pages
