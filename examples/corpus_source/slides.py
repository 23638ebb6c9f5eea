"""The slide deck on moons: bullets, a table, a native chart, a picture, speaker notes."""

import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches, Pt

from . import pictures
from .facts import MOON, MOONS, MOONS_COUNTED, PLANET, PLANETS, number
from .manifest import Manifest

NAME = "moons-slides.pptx"
NIGHT, WHITE, SOFT, GOLD = (RGBColor.from_string(code) for code in ("111A33", "FFFFFF", "C6D0E8", "E8B04A"))


class Deck:
    """A 16:9 deck in one style; every slide has a title, and notes for the speaker."""

    def __init__(self) -> None:
        self.deck = Presentation()
        self.deck.slide_width, self.deck.slide_height = Inches(13.333), Inches(7.5)
        properties = self.deck.core_properties
        properties.title, properties.author = "Moons of the Solar System", "Triptych sample corpus"
        properties.created = properties.modified = datetime(2026, 1, 1)

    def slide(self, layout: int, title: str, notes: str) -> Any:
        slide = self.deck.slides.add_slide(self.deck.slide_layouts[layout])
        slide.background.fill.solid()
        slide.background.fill.fore_color.rgb = NIGHT
        place(slide.shapes.title, 0.8, 0.5, 11.7, 1.0)
        write(slide.shapes.title, [title], 36, WHITE, bold=True)
        slide.notes_slide.notes_text_frame.text = notes
        return slide

    def bullets(self, title: str, lines: Sequence[str], notes: str) -> None:
        slide = self.slide(1, title, notes)
        place(slide.placeholders[1], 0.8, 1.8, 11.5, 5.0)
        write(slide.placeholders[1], lines, 24, SOFT)

    def caption(self, slide: Any, words: str) -> None:
        box = slide.shapes.add_textbox(Inches(0.8), Inches(6.75), Inches(11.7), Inches(0.5))
        write(box, [words], 14, SOFT)


def place(shape: Any, left: float, top: float, width: float, height: float) -> None:
    shape.left, shape.top, shape.width, shape.height = (Inches(edge) for edge in (left, top, width, height))


def write(shape: Any, lines: Sequence[str], size: int, colour: RGBColor, bold: bool = False) -> None:
    frame = shape.text_frame
    frame.text = "\n".join(lines)
    frame.word_wrap = True
    for paragraph in frame.paragraphs:
        paragraph.space_after = Pt(12)
        paragraph.alignment = 1  # left
        paragraph.font.size, paragraph.font.bold, paragraph.font.color.rgb = Pt(size), bold, colour


def _table(deck: Deck) -> str:
    caption = "Table 1: The largest moons, and Enceladus."
    slide = deck.slide(5, "Eight moons to know", "Ganymede and Titan are both wider than the planet Mercury.")
    head = ("Moon", "Planet", "Diameter (km)", "Period (days)", "Discovered")
    rows = [(m.name, m.planet, number(m.diameter), number(m.period), str(m.discovered or "prehistory")) for m in MOONS]
    shape = slide.shapes.add_table(len(rows) + 1, len(head), Inches(0.8), Inches(1.7), Inches(11.7), Inches(4.8))
    for y, row in enumerate([head, *rows]):
        for x, words in enumerate(row):
            cell = shape.table.cell(y, x)
            cell.fill.solid()
            cell.fill.fore_color.rgb = RGBColor.from_string("2A3B66" if y == 0 else "1A2546")
            write(cell, [words], 16, GOLD if y == 0 else WHITE, bold=y == 0)
            cell.text_frame.paragraphs[0].space_after = Pt(0)
    deck.caption(slide, caption)
    return caption


def _chart(deck: Deck) -> str:
    caption = f"Figure 1: Known moons of each planet, as of {MOONS_COUNTED}."
    slide = deck.slide(5, "Saturn has the most moons", "New surveys raise these counts nearly every year.")
    data = CategoryChartData()
    data.categories = [planet.name for planet in PLANETS]
    data.add_series("Known moons", [planet.moons for planet in PLANETS])
    edges = (Inches(0.8), Inches(1.6), Inches(11.7), Inches(5.0))
    chart = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *edges, data).chart
    chart.has_legend, chart.has_title = False, False
    chart.font.size, chart.font.color.rgb = Pt(16), WHITE
    chart.value_axis.visible = False
    chart.value_axis.has_major_gridlines = False
    plot = chart.plots[0]
    plot.gap_width, plot.has_data_labels = 60, True
    plot.series[0].format.fill.solid()
    plot.series[0].format.fill.fore_color.rgb = GOLD
    deck.caption(slide, caption)
    return caption


def _picture(deck: Deck) -> str:
    caption = "Figure 2: Io, Europa, Ganymede and Callisto, drawn to one scale."
    slide = deck.slide(5, "The four moons Galileo saw", "Galileo Galilei saw all four in January 1610.")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "galilean-moons.png"
        pictures.galilean_moons(path)
        picture = slide.shapes.add_picture(str(path), Inches(0.8), Inches(1.9), width=Inches(11.7))
    picture._element.nvPicPr.cNvPr.set("descr", "The four Galilean moons of Jupiter side by side")
    deck.caption(slide, caption)
    return caption


def _stable(blob: bytes) -> bytes:
    """The same archive without the clock: fixed entry dates, and none in the embedded workbook's properties."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(blob)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            if name.endswith(".xlsx"):
                data = _stable(data)
            elif name == "docProps/core.xml":
                data = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", b"2026-01-01T00:00:00Z", data)
            target.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def make(folder: Path, manifest: Manifest) -> None:
    ganymede, titan, io, triton, ice = (MOON[name] for name in ("Ganymede", "Titan", "Io", "Triton", "Enceladus"))
    deck = Deck()
    first = deck.slide(0, "Moons of the Solar System", "Welcome. This deck takes about ten minutes.")
    place(first.shapes.title, 0.8, 2.4, 11.7, 1.3)
    place(first.placeholders[1], 0.8, 3.8, 11.7, 1.0)
    write(first.shapes.title, ["Moons of the Solar System"], 54, WHITE, bold=True)
    write(first.placeholders[1], ["Oceans, volcanoes and the worlds that circle other worlds"], 24, GOLD)
    deck.bullets(
        "What counts as a moon?",
        [
            "A moon is a natural body that circles a planet.",
            "Mercury and Venus have none; the Earth has one, and Mars has two.",
            "The giants hold nearly all the others, most of them only a few kilometres wide.",
        ],
        f"Counts are those of {MOONS_COUNTED}.",
    )
    chart = _chart(deck)
    table = _table(deck)
    picture = _picture(deck)
    deck.bullets(
        "Fire and ice",
        [
            f"Io, {number(io.diameter)} km wide, is the most volcanic body known.",
            "Europa hides an ocean of salt water below its ice.",
            f"Enceladus, only {ice.diameter} km across, throws jets of water ice into space.",
        ],
        "Tides raised by the planet heat all three.",
    )
    deck.bullets(
        "Two odd ones",
        [
            f"Titan has thick air, mostly nitrogen, and lakes of methane. {titan.discoverer} found it in "
            f"{titan.discovered}.",
            f"Triton circles Neptune backwards, once in {triton.period} days: it was probably captured.",
            f"Ganymede is wider than Mercury: {number(ganymede.diameter)} km against "
            f"{number(PLANET['Mercury'].diameter)} km.",
        ],
        "Huygens landed on Titan on 14 January 2005.",
    )
    out = BytesIO()
    deck.deck.save(out)
    (folder / NAME).write_bytes(_stable(out.getvalue()))
    manifest.document(NAME, len(deck.deck.slides))
    manifest.figure(NAME, 3, "vector", chart)
    manifest.table(NAME, 4, table)
    manifest.figure(NAME, 5, "raster", picture)
