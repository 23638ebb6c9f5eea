"""PPTX: each slide a page, each shape at its own place."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from common.errors import BadDocument
from retrievers.elements import Block, Box, Page, Rows
from retrievers.parsers import ocr
from retrievers.parsers.flow_layout import MIN_PICTURE, open_picture, square, wrap
from retrievers.parsers.layout import join_captions
from retrievers.parsers.tables import to_text
from retrievers.parsers.text_drawing import INK, draw_table, write

if TYPE_CHECKING:
    from PIL.Image import Image

CAPTION_DISTANCE = 0.1  # slide heights: a slide is half as tall as a page
DRAWN_WIDTH = 1280  # pixels at which slides are drawn before scaling


class SlideDocument:
    """See `parsers.base.Document`. Text, tables, pictures, chart data and notes; raises `BadDocument` if damaged."""

    def __init__(self, path: Path) -> None:
        from zipfile import BadZipFile

        import pptx
        from lxml.etree import XMLSyntaxError
        from pptx.exc import PackageNotFoundError

        try:
            self._deck: Any = pptx.Presentation(str(path))
        except (PackageNotFoundError, BadZipFile, KeyError, ValueError, XMLSyntaxError) as error:
            raise BadDocument(f"{path.name} is not a readable PPTX ({error}).", "Save it again.") from error
        self._slides = list(self._deck.slides)
        self.page_count = len(self._slides)
        if not self.page_count:
            raise BadDocument(f"{path.name} has no slides.", "Export it again.")
        first = self._slides[0].shapes.title if self._slides else None
        words = first.text_frame.text if first is not None else ""
        self.title = self._deck.core_properties.title or " ".join(words.split()) or path.stem

    def page(self, number: int) -> Page:
        slide = self._slides[number - 1]
        skipped: list[str] = []
        title = slide.shapes.title
        blocks = [block for shape in _ordered(slide) for block in self._blocks(shape, shape == title, skipped)]
        notes = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
        if notes is not None and notes.text.strip():
            blocks.append(Block("text", f"Notes: {' '.join(notes.text.split())}", Box(0.0, 0.0, 1.0, 1.0)))
        blocks = join_captions(blocks, CAPTION_DISTANCE)
        if not blocks:
            skipped.append("empty slide")
        if slide._element.get("show") in ("0", "false"):
            skipped.append("hidden slide")
            blocks = [replace(block, hidden=True) for block in blocks]
        return Page(number, tuple(blocks), tuple(skipped))

    def _blocks(self, shape: Any, title: bool, skipped: list[str]) -> Iterator[Block]:
        box = self._box(shape)
        if shape.has_text_frame and shape.text_frame.text.strip():
            text = " ".join(shape.text_frame.text.split()) if title else _bullets(shape)
            yield Block("heading" if title else "text", text, box, level=1 if title else 0)
        elif getattr(shape, "has_table", False) and shape.has_table:
            rows = _table(shape)
            yield Block("table", to_text(rows), box, rows=rows)
        elif getattr(shape, "has_chart", False) and shape.has_chart:
            rows, name = _chart(shape.chart)
            yield Block("table", to_text(rows), box, rows=rows, caption=name)
            yield Block("figure", f"{name} {' '.join(rows[0])}".strip(), box, caption=name)
        elif hasattr(shape, "image"):
            picture = _picture(shape)
            if isinstance(picture, str):
                skipped.append(f"picture {shape.name!r} skipped: {picture}")
            elif min(picture.size) < MIN_PICTURE:
                skipped.append(f"picture {shape.name!r} skipped: smaller than {MIN_PICTURE} pixels")
            else:
                words = " ".join(line.text for line in ocr.read(picture))
                alt = shape._element.xpath(".//p:cNvPr/@descr")
                yield Block("figure", words, box, caption=alt[0] if alt else "", origin="ocr" if words else "text")

    def _box(self, shape: Any) -> Box:
        width, height = self._deck.slide_width, self._deck.slide_height
        left, top = (shape.left or 0) / width, (shape.top or 0) / height
        right, bottom = left + (shape.width or 0) / width, top + (shape.height or 0) / height
        return Box(*(min(1.0, max(0.0, edge)) for edge in (left, top, right, bottom)))

    def render(self, number: int, width: int) -> "Image":
        """The slide's words, tables and pictures at their places; the theme's decoration is not drawn."""
        from PIL import Image, ImageDraw

        height = round(DRAWN_WIDTH * self._deck.slide_height / self._deck.slide_width)
        image = Image.new("RGB", (DRAWN_WIDTH, height), "white")
        draw = ImageDraw.Draw(image)
        slide = self._slides[number - 1]
        for shape in _ordered(slide):
            box = self._box(shape)
            left, top = round(box.x0 * DRAWN_WIDTH), round(box.y0 * height)
            size = (max(1, round((box.x1 - box.x0) * DRAWN_WIDTH)), max(1, round((box.y1 - box.y0) * height)))
            if hasattr(shape, "image"):
                picture = _picture(shape)
                if not isinstance(picture, str):
                    image.paste(picture.resize(size), (left, top))
            elif getattr(shape, "has_table", False) and shape.has_table:
                rows = _table(shape)
                draw_table(draw, rows, left, top, size[0], min(44, size[1] // len(rows)))
            elif getattr(shape, "has_chart", False) and shape.has_chart:
                rows = _chart(shape.chart)[0]
                draw_table(draw, rows, left, top, size[0], min(40, size[1] // len(rows)))
            elif shape.has_text_frame:
                _draw_text(draw, shape.text_frame, left, top, size, 40 if shape == slide.shapes.title else 24)
        return image.resize((width, round(height * width / DRAWN_WIDTH)), Image.Resampling.LANCZOS)

    def close(self) -> None:
        """Nothing is held open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _picture(shape: Any) -> "Image | str":
    """The picture of a shape, or why it cannot be shown."""
    try:
        return open_picture(shape.image.blob)
    except (OSError, ValueError) as error:  # python-pptx: a linked picture has no image in the file
        return str(error)


def _ordered(slide: Any) -> list[Any]:
    """Shapes top to bottom, the members of groups among them."""
    shapes: list[Any] = []
    waiting = list(slide.shapes)
    while waiting:
        shape = waiting.pop()
        if hasattr(shape, "shapes"):
            waiting.extend(shape.shapes)
        else:
            shapes.append(shape)
    return sorted(shapes, key=lambda shape: (shape.top or 0, shape.left or 0))


def _bullets(shape: Any) -> str:
    return "\n".join(" ".join(p.text.split()) for p in shape.text_frame.paragraphs if p.text.strip())


def _table(shape: Any) -> Rows:
    return square([[" ".join(cell.text.split()) for cell in row.cells] for row in shape.table.rows])


def _chart(chart: Any) -> tuple[Rows, str]:
    """The chart's data as a table, and its title."""
    plot = chart.plots[0]
    series = list(plot.series)
    header = ["", *(one.name or "" for one in series)]
    body = [
        [str(category), *("" if one.values[i] is None else f"{one.values[i]:g}" for one in series)]
        for i, category in enumerate(plot.categories)
    ]
    return square([header, *body]), chart.chart_title.text_frame.text if chart.has_title else ""


def _draw_text(draw: Any, frame: Any, left: int, top: int, size: tuple[int, int], points: int) -> None:
    """The frame's paragraphs, in a size at which they fit their shape."""
    paragraphs = [p.text for p in frame.paragraphs if p.text.strip()]
    while points > 10:
        lines = [line for text in paragraphs for line in wrap(text, points, size[0])]
        if len(lines) * points * 1.35 <= size[1]:
            break
        points -= 2
    for index, line in enumerate(lines if paragraphs else []):
        write(draw, (left, top + round(index * points * 1.35)), line, INK, points)
