"""How the report looks: its page with a running head, its styles, and its tables and figures with their captions, for
each of which the page it lands on is recorded."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

from reportlab.lib.colors import HexColor, white
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    Image,
    KeepTogether,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from .manifest import Manifest
from .pictures import ACCENT, INK, PALE
from .portraits import night, paste, saturn, sphere

NAME = "planets-report.pdf"
TITLE = "The Planets in Numbers"
WIDTH, HEIGHT = A4
MARGIN = 24 * mm
TEXT_WIDTH = WIDTH - 2 * MARGIN

BODY = ParagraphStyle("body", fontName="Times-Roman", fontSize=10.8, leading=15, alignment=TA_JUSTIFY, spaceAfter=7)
CAPTION = ParagraphStyle(
    "caption", fontName="Helvetica-Oblique", fontSize=8.6, leading=11, alignment=TA_CENTER, textColor=HexColor(INK)
)
HEADING = ParagraphStyle(
    "heading", fontName="Helvetica-Bold", fontSize=17, leading=21, textColor=HexColor(INK), spaceAfter=8
)
SUBHEADING = ParagraphStyle(
    "subheading", fontName="Helvetica-Bold", fontSize=11.5, leading=15, textColor=HexColor(ACCENT), spaceBefore=6,
    spaceAfter=4,
)  # fmt: skip
CELL = ParagraphStyle("cell", fontName="Helvetica", fontSize=8.5, leading=10.5)


class Caption(Paragraph):  # type: ignore[misc]
    """A caption that the page it lands on is recorded for."""

    def __init__(self, words: str, form: Literal["text", "vector", "raster"]) -> None:
        super().__init__(words, CAPTION)
        self.words, self.form = words, form


class Report(BaseDocTemplate):  # type: ignore[misc]
    def __init__(self, path: Path, manifest: Manifest) -> None:
        super().__init__(
            str(path), pagesize=A4, title=TITLE, author="Triptych sample corpus", subject="Planetary facts", invariant=1
        )
        self.manifest = manifest
        frame = Frame(MARGIN, 22 * mm, TEXT_WIDTH, HEIGHT - 48 * mm, 0, 0, 0, 0)
        self.addPageTemplates(
            [PageTemplate("cover", [frame], onPage=_cover), PageTemplate("body", [frame], onPage=_running_heads)]
        )

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802
        if not isinstance(flowable, Caption):
            return
        if flowable.form == "text":
            self.manifest.table(NAME, self.page, flowable.words)
        else:
            self.manifest.figure(NAME, self.page, flowable.form, flowable.words)


def _cover(canvas: Canvas, _: Any) -> None:
    scene = night(1240, 1754, seed=21)
    paste(scene, saturn(560), 700, 1080)
    paste(scene, sphere("Titan", 64), 250, 800)
    paste(scene, sphere("Mars", 110), 1010, 1520)
    jpeg = BytesIO()
    scene.convert("RGB").save(jpeg, "JPEG", quality=84)
    canvas.drawImage(ImageReader(jpeg), 0, 0, WIDTH, HEIGHT)
    canvas.setFillColor(white)
    canvas.setFont("Helvetica-Bold", 38)
    canvas.drawString(MARGIN, HEIGHT - 62 * mm, TITLE)
    canvas.setFont("Helvetica", 15)
    canvas.drawString(MARGIN, HEIGHT - 74 * mm, "Size, mass, orbit, climate and rings of eight worlds")
    canvas.setFillColor(HexColor("#c6d0e8"))
    canvas.setFont("Helvetica", 10.5)
    canvas.drawString(MARGIN, 26 * mm, "A sample report made from the NASA planetary fact sheets")


def _running_heads(canvas: Canvas, document: Any) -> None:
    canvas.setStrokeColor(HexColor("#9aa5bd"))
    canvas.setLineWidth(0.5)
    canvas.line(MARGIN, HEIGHT - 19 * mm, WIDTH - MARGIN, HEIGHT - 19 * mm)
    canvas.setFillColor(HexColor("#5b6782"))
    canvas.setFont("Helvetica", 8)
    canvas.drawString(MARGIN, HEIGHT - 17 * mm, TITLE)
    canvas.drawRightString(WIDTH - MARGIN, HEIGHT - 17 * mm, "Triptych sample corpus")
    canvas.drawCentredString(WIDTH / 2, 13 * mm, f"Page {document.page}")


Rule = Literal["grid", "lines", "none"]


def table(rows: Sequence[Sequence[Any]], rule: Rule, widths: Sequence[float] | None = None) -> Table:
    """Numbers to the right, names to the left; `grid` is fully ruled, `lines` has three rules, `none` has none."""
    style: list[tuple[Any, ...]] = [
        ("FONT", (0, 0), (-1, -1), "Helvetica", 8.5),
        ("FONT", (0, 0), (-1, 0), "Helvetica-Bold", 8),
        ("FONT", (0, 1), (0, -1), "Helvetica-Bold", 8.5),
        ("ALIGN", (1, 0), (-1, -1), "RIGHT"),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("TEXTCOLOR", (0, 0), (-1, -1), HexColor(INK)),
        ("TOPPADDING", (0, 0), (-1, -1), 3.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5),
    ]
    if rule == "grid":
        style += [("GRID", (0, 0), (-1, -1), 0.5, HexColor("#9aa5bd")), ("BACKGROUND", (0, 0), (-1, 0), HexColor(PALE))]
    elif rule == "lines":
        thick, thin = HexColor(INK), HexColor("#9aa5bd")
        style += [("LINEABOVE", (0, 0), (-1, 0), 1, thick), ("LINEBELOW", (0, -1), (-1, -1), 1, thick)]
        style += [("LINEBELOW", (0, 0), (-1, 0), 0.5, thin)]
    return Table(rows, colWidths=widths, style=TableStyle(style), hAlign="CENTER")


def with_caption(body: Flowable, words: str, form: Literal["text", "vector", "raster"]) -> KeepTogether:
    """Tables carry their caption above, figures below."""
    caption = Caption(words, form)
    parts = [caption, Spacer(1, 5), body] if form == "text" else [body, Spacer(1, 5), caption]
    return KeepTogether([Spacer(1, 6), *parts, Spacer(1, 12)])


def figure(path: Path, words: str) -> KeepTogether:
    picture = Image(BytesIO(path.read_bytes()))  # a path would end up in the file's bytes
    picture.drawWidth, picture.drawHeight = TEXT_WIDTH, TEXT_WIDTH * picture.imageHeight / picture.imageWidth
    return with_caption(picture, words, "raster")
