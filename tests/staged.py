"""PDFs whose pages need different stages of ingestion, and stores compared element by element."""

import random
from collections import defaultdict
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.pagesizes import letter
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from retrievers.elements import Element
from retrievers.library import Corpus

WORDS = ["harbour", "pilot", "anchor", "lantern", "ferry", "tide", "rope", "barge", "mast", "quay", "buoy", "keel"]
Found = dict[UUID, tuple[Element, dict[str, Any]]]  # elements with their vectors by name


def picture(*lines: str, size: tuple[int, int] = (900, 360)) -> Image.Image:
    """Words that can be read only by OCR, in a frame."""
    drawn = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(drawn)
    pen.rectangle((6, 6, size[0] - 6, size[1] - 6), outline="navy", width=5)
    for place, line in enumerate(lines):
        pen.text((60, 50 + 90 * place), line, fill="black", font=ImageFont.load_default(56))
    return drawn


def write(path: Path, kinds: str, seed: int = 0) -> None:
    """A PDF with a page per letter: t(ext), s(canned), f(igure beside text)."""
    chance = random.Random(seed)
    canvas = Canvas(str(path), pagesize=letter, invariant=True)
    for number, kind in enumerate(kinds, 1):
        if kind == "s":
            scan = picture(
                f"SCANNED SHEET {number}", *(" ".join(chance.choices(WORDS, k=4)) for _ in range(2)), size=(1200, 1550)
            )
            canvas.drawImage(ImageReader(scan), 0, 0, *letter)
        else:
            canvas.setFont("Helvetica-Bold", 18)
            canvas.drawString(72, 730, f"Chapter {number} of {path.stem}")
            canvas.setFont("Helvetica", 11)
            for line in range(14):
                canvas.drawString(72, 700 - 14 * line, " ".join(chance.choices(WORDS, k=10)))
        if kind == "f":
            canvas.drawImage(ImageReader(picture(f"CRANE {number}", "LIFTS NINE TONS")), 72, 200, 400, 160)
            canvas.drawString(72, 180, f"Figure {number}: a crane on the quay")
        canvas.showPage()
    canvas.save()


def held(corpus: Corpus) -> Found:
    """What the store holds."""
    elements = list(corpus.store.scroll())
    named: dict[UUID, dict[str, Any]] = defaultdict(dict)
    for name in sorted({"text", "lexical", "outlines"} & corpus._manifest.vectors().keys()):
        for start in range(0, len(elements), 100):
            ids = [one.id for one in elements[start : start + 100]]
            for id_, vector in corpus.store.vectors(ids, name).items():
                named[id_][name] = dict(zip(*vector, strict=True)) if name == "lexical" else vector
    assert len({one.id for one in elements}) == len(elements)
    return {one.id: (one, named[one.id]) for one in elements}


def assert_same(found: Found, expected: Found) -> None:
    """Element by element and vector by vector; dense ones as far as another batch changes the last digits."""
    assert {one.id: one for one, _ in found.values()} == {one.id: one for one, _ in expected.values()}
    for id_, (element, vectors) in expected.items():
        there = found[id_][1]
        assert there.keys() == vectors.keys(), element
        for name, vector in vectors.items():
            if name == "lexical":
                assert there[name] == pytest.approx(vector), element
            else:
                cosine = np.dot(there[name], vector) / np.linalg.norm(there[name]) / np.linalg.norm(vector)
                assert cosine > 0.999, (name, element)
