"""What a shape of a slide holds: text, a table, a picture, a chart's values, the words of a diagram."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from retrievers.elements import Block
from retrievers.parsers.flow.items import MIN_PICTURE, open_picture
from retrievers.parsers.layout.tables.table import to_text
from retrievers.parsers.office.charts import Chart, read_chart
from retrievers.parsers.office.drawingml import paragraphs, smart_art, table_rows
from retrievers.parsers.office.ooxml import name, qn, related, root
from retrievers.parsers.slides.shapes import Shape

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, slots=True)
class Piece:
    """A block, and the picture that it shows, whose words are still to be read; or a note on what is not here."""

    block: Block | None = None
    picture: "Image | None" = None
    note: str = ""


def pieces(shape: Shape, part: Any) -> Iterator[Piece]:
    """`part` is the slide's. Raises whatever is wrong with the shape."""
    element = shape.element
    match name(element):
        case "p:pic":
            yield _picture(shape, element, part)
        case "p:graphicFrame":
            yield from _framed(shape, part)
        case _:
            yield from _text(shape)


def _text(shape: Shape) -> Iterator[Piece]:
    body = shape.element.find(qn("p:txBody"))
    said = [] if body is None else paragraphs(body)
    if said and shape.title:
        yield Piece(Block("heading", " ".join(said), shape.box, level=1, hidden=shape.hidden))
    elif said:
        yield Piece(Block("text", "\n".join(said), shape.box, hidden=shape.hidden))
    if shape.element.find(f"{qn('p:spPr')}/{qn('a:blipFill')}") is not None:
        yield Piece(note=f"picture in the background of {shape.name!r} was not read")


def _framed(shape: Shape, part: Any) -> Iterator[Piece]:
    """A table, chart, diagram; of anything else (an embedded file) the picture that stands for it."""
    for inner in shape.element.iter():
        match name(inner):
            case "a:tbl":
                rows = table_rows(inner)
                if any(map(any, rows)):
                    yield Piece(Block("table", to_text(rows), shape.box, rows=rows, hidden=shape.hidden))
                return
            case "c:chart" | "cx:chart":
                yield from _chart(shape, read_chart(root(related(part, inner.get(qn("r:id"))))))
                return
            case "dgm:relIds":
                lines = smart_art(root(related(part, inner.get(qn("r:dm")))))
                if lines:
                    yield Piece(Block("text", "\n".join(lines), shape.box, hidden=shape.hidden))
                return
            case "p:pic":
                yield _picture(shape, inner, part)
                return


def _chart(shape: Shape, chart: Chart) -> Iterator[Piece]:
    for rows in chart.tables:
        yield Piece(Block("table", to_text(rows), shape.box, 0, chart.title, rows, hidden=shape.hidden))
    heads = " ".join(cell for rows in chart.tables for cell in rows[0])
    words = " ".join(" ".join((chart.title, heads, chart.words)).split())
    yield Piece(Block("figure", words, shape.box, caption=chart.title, hidden=shape.hidden))
    if not chart.tables:
        yield Piece(note=f"chart {shape.name!r}: its values are not in the file")


def _picture(shape: Shape, picture: Any, part: Any) -> Piece:
    blip = next(picture.iter(qn("a:blip")), None)
    if blip is None:
        raise ValueError("it has no image")
    image = open_picture(related(part, blip.get(qn("r:embed")) or blip.get(qn("r:link")) or "").blob)
    if min(image.size) < MIN_PICTURE:
        return Piece(note=f"picture {shape.name!r} skipped: smaller than {MIN_PICTURE} pixels")
    properties = next(picture.iter(qn("p:cNvPr")), None)
    described = "" if properties is None else " ".join(properties.get("descr", "").split())
    return Piece(Block("figure", "", shape.box, caption=described, hidden=shape.hidden), image)
