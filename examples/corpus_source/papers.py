"""A PDF of what PDFs make hard: a table on a turned page, a filled form, a right-to-left page, a two-row header."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib
from bidi import get_display
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Table, TableStyle

from .facts import PLANET, PLANETS, number
from .manifest import Manifest

NAME = "observatory-papers.pdf"
TITLE = "Papers of the Observatory"
WIDTH, HEIGHT = A4
LEFT, TOP = 24 * mm, HEIGHT - 30 * mm
FONT = "DejaVuSans"  # comes with matplotlib, and has Hebrew letters
TURNED = "Table 1: How the planets turn."
TWO_ROWS = "Table 2: What the planets weigh and pull."
FORM = (
    ("Object", "Saturn"),
    ("Moons known", str(PLANET["Saturn"].moons)),
    ("Axial tilt, degrees", number(PLANET["Saturn"].tilt)),
    ("Instrument", "Refractor, 120 mm"),
    ("Remarks", "Cassini Division seen with a magnification of 150"),
)
HEBREW = (
    "כוכב הלכת צדק",  # the planet Jupiter
    f"לצדק יש {PLANET['Jupiter'].moons} ירחים ידועים.",  # Jupiter has .. known moons.
    "הוא כוכב הלכת הגדול ביותר במערכת השמש.",  # It is the largest planet of the solar system.
)


def make(folder: Path, manifest: Manifest) -> None:
    ttf = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{FONT}.ttf"
    pdfmetrics.registerFont(TTFont(FONT, str(ttf)))
    canvas = Canvas(str(folder / NAME), pagesize=A4, invariant=1)
    canvas.setTitle(TITLE)
    for page in (_turned_table, _form, _right_to_left, _two_row_header):
        page(canvas)
        canvas.showPage()
        canvas.setPageRotation(0)
    canvas.save()
    manifest.document(NAME, 4)
    manifest.table(NAME, 1, TURNED)
    manifest.table(NAME, 4, TWO_ROWS)


def _heading(canvas: Canvas, words: str) -> None:
    canvas.setFont("Helvetica-Bold", 17)
    canvas.drawString(LEFT, TOP, words)


def _turned_table(canvas: Canvas) -> None:
    """On a page that is turned to be read, as wide tables are printed."""
    canvas.saveState()
    canvas.translate(WIDTH, 0)
    canvas.rotate(90)
    canvas.setFont("Helvetica-Bold", 17)
    canvas.drawString(LEFT, WIDTH - 30 * mm, "1. Days and axes")
    canvas.setFont("Helvetica-Oblique", 9)
    canvas.drawString(LEFT, WIDTH - 45 * mm, TURNED)
    head = ["Planet", "Rotation (hours)", "Axial tilt (degrees)", "Eccentricity"]
    rows = [[p.name, number(p.day), number(p.tilt), f"{p.eccentricity:.3f}"] for p in PLANETS]
    _draw(canvas, [head, *rows], LEFT, WIDTH - 50 * mm, heads=1)
    canvas.restoreState()
    canvas.setPageRotation(90)


def _form(canvas: Canvas) -> None:
    _heading(canvas, "2. Report of an observation")
    canvas.setFont("Helvetica", 11)
    for row, (label, value) in enumerate(FORM):
        y = TOP - (18 + 14 * row) * mm
        canvas.drawString(LEFT, y, label)
        canvas.acroForm.textfield(
            name=label, value=value, x=LEFT + 45 * mm, y=y - 5, width=100 * mm, height=18, fontSize=11, borderWidth=0.5
        )


def _right_to_left(canvas: Canvas) -> None:
    _heading(canvas, "3. A note in Hebrew")
    for row, words in enumerate(HEBREW):
        canvas.setFont(FONT, 11 if row else 15)
        canvas.drawRightString(WIDTH - LEFT, TOP - (18 + 9 * row) * mm, get_display(words))


def _two_row_header(canvas: Canvas) -> None:
    _heading(canvas, "4. Matter and weight")
    canvas.setFont("Helvetica-Oblique", 9)
    canvas.drawString(LEFT, TOP - 12 * mm, TWO_ROWS)
    heads = [["Planet", "Matter", "", "At the surface", ""], ["", "Mass", "Density", "Gravity", "Escape velocity"]]
    rows = [[p.name, number(p.mass), number(p.density), number(p.gravity), number(p.escape)] for p in PLANETS]
    spans = [("SPAN", (0, 0), (0, 1)), ("SPAN", (1, 0), (2, 0)), ("SPAN", (3, 0), (4, 0))]
    _draw(canvas, [*heads, *rows], LEFT, TOP - 17 * mm, heads=2, more=spans)
    canvas.setFont("Helvetica", 9)
    units = "Mass in 10^24 kg, density in kg/m^3, gravity in m/s^2, escape velocity in km/s."
    canvas.drawString(LEFT, TOP - 90 * mm, units)


def _draw(
    canvas: Canvas, rows: list[list[str]], left: float, top: float, heads: int, more: Sequence[tuple[object, ...]] = ()
) -> None:
    style = [
        ("FONT", (0, 0), (-1, -1), "Helvetica", 9),
        ("FONT", (0, 0), (-1, heads - 1), "Helvetica-Bold", 9),
        ("GRID", (0, 0), (-1, -1), 0.5, HexColor("#9aa5bd")),
        ("ALIGN", (1, heads), (-1, -1), "RIGHT"),
        *more,
    ]
    table = Table(rows, style=TableStyle(style))
    _, height = table.wrapOn(canvas, WIDTH, HEIGHT)
    table.drawOn(canvas, left, top - height)
