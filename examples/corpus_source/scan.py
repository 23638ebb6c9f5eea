"""A typed log as a scanner sees it: grey pictures, a little turned and noisy, no text layer."""

from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from . import facts
from .manifest import Manifest
from .pictures import FONTS

NAME = "mission-log-scan.pdf"
APOLLO_CAPTION = "TABLE A. APOLLO LANDINGS AND SAMPLES"
PAGE = (1240, 1754)  # pixels: A4 at 150 dpi


def _log(title: str, crafts: tuple[str, ...]) -> list[str]:
    events = [event for event in facts.EVENTS if event.craft in crafts]
    lines = [title, "", "DATE (UTC)    CRAFT        EVENT", ""]
    for event in events:
        lines += [f"{event.date:<13} {event.craft:<12} {event.what.split(':')[0]}", ""]
    return lines


def _apollo() -> list[str]:
    lines = ["MISSION LOG - SHEET 3", "APOLLO", "", "Six crews landed on the Moon between 1969 and 1972.", ""]
    lines += [APOLLO_CAPTION, "", f"{'MISSION':<13}{'LANDED':<15}{'SITE':<22}{'KG':>6}", ""]
    for landing in facts.LANDINGS:
        lines += [f"{landing.mission:<13}{landing.date:<15}{landing.site:<22}{landing.samples:>6}", ""]
    return [*lines, f"Rock and soil brought back in all: {facts.SAMPLES_TOTAL} kg.", "", "END OF LOG"]


def sheets() -> list[list[str]]:
    """The lines of each page, as typed."""
    return [
        _log("MISSION LOG - SHEET 1\nTHE TWO VOYAGERS", ("Voyager 1", "Voyager 2")),
        _log("MISSION LOG - SHEET 2\nCASSINI AND HUYGENS", ("Cassini", "Huygens")),
        _apollo(),
    ]


def _scan(lines: list[str], turn: float, seed: int) -> Image.Image:
    """The sheet, `turn` degrees askew, with uneven light and grain."""
    rng = np.random.default_rng(seed)
    paper = Image.new("L", PAGE, 236)
    draw = ImageDraw.Draw(paper)
    font = ImageFont.truetype(FONTS / "DejaVuSansMono.ttf", 26)
    y = 150.0
    for line in "\n".join(lines).split("\n"):
        x = 120.0
        for letter in line:  # a typewriter never strikes twice alike
            draw.text((x, y + rng.normal(0, 0.7)), letter, font=font, fill=int(rng.integers(35, 85)))
            x += 15.7
        y += 36
    paper = paper.rotate(turn, Image.Resampling.BICUBIC, fillcolor=228).filter(ImageFilter.GaussianBlur(0.7))
    light = np.linspace(4, -14, PAGE[0])[None, :] + rng.normal(0, 6, (PAGE[1], PAGE[0]))
    return Image.fromarray(np.clip(np.asarray(paper) + light, 0, 255).astype(np.uint8))


def make(folder: Path, manifest: Manifest) -> None:
    pages = sheets()
    canvas = Canvas(str(folder / NAME), pagesize=A4, invariant=1)
    canvas.setTitle("Mission log (scan)")
    for index, (lines, turn) in enumerate(zip(pages, (0.8, -0.6, 0.5), strict=True)):
        jpeg = BytesIO()
        _scan(lines, turn, seed=index).save(jpeg, "JPEG", quality=62)
        canvas.drawImage(ImageReader(jpeg), 0, 0, *A4)
        canvas.showPage()
    canvas.save()
    manifest.document(NAME, len(pages))
    manifest.table(NAME, len(pages), APOLLO_CAPTION, form="scan")
