"""Formats without pages of their own, laid out on A4-like pages: one layout serves citation boxes and rendering."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Self

from common.errors import BadDocument
from retrievers.elements import Block, CellBoxes, LineBox, Origin, Page
from retrievers.parsers import ocr
from retrievers.parsers.accounting import Balance
from retrievers.parsers.characters.typed import plain
from retrievers.parsers.flow.captions import captioned
from retrievers.parsers.flow.items import Item, open_picture
from retrievers.parsers.flow.pages import (
    HEIGHT,
    INNER,
    MARGIN,
    ROW_HEIGHT,
    SMALL,
    WIDTH,
    LaidOut,
    Placed,
    in_page,
    paginate,
    picture_size,
    pitch_of,
    size_of,
)
from retrievers.parsers.flow.spool import Spool
from retrievers.parsers.flow.text_drawing import GREY, INK, draw_table, length, table_boxes, write
from retrievers.parsers.layout.lines import spaced
from retrievers.parsers.layout.tables.table import to_text

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

    from retrievers.parsers.layout.lines import Line


class FlowDocument:
    """See `parsers.base.Document`. `items` are read once, and laid out as they come: no more of them than a page, and
    the item that goes on after it, is held; what is laid out waits in a `Spool`.

    `source` is all the text of the file, by a shorter way; what of it is on no page is noted on the first one. A
    `Balance` is told of the text while the items are read.
    """

    def __init__(self, path: Path, items: Iterable[Item], title: str = "", source: str | Balance = "") -> None:
        balance = Balance(source) if isinstance(source, str) else source
        self._pages: Spool[LaidOut] = Spool()
        heading, empty = "", True
        for page in paginate(captioned(map(_typed, items))):
            self._pages.append(page)
            empty = empty and not page.placed
            for placed in page.placed if source else ():
                balance.place(_block(placed))
            headings = (placed.item.text for placed in page.placed if placed.item.kind == "heading")
            heading = heading or next(headings, "")
        if empty:
            raise BadDocument(f"{path.name} has no text, table or picture in it.", "Export or download it again.")
        self.title = title.strip() or heading or path.stem
        self.page_count = len(self._pages)
        self._lost, self._losses = balance.loss("document")

    def page(self, number: int) -> Page:
        page = self._pages[number - 1]
        blocks = tuple(_block(placed, ocr.read) for placed in page.placed)
        if number == 1:
            return Page(number, blocks, (*page.notes, *self._losses), self._lost)
        return Page(number, blocks, tuple(page.notes))

    def render(self, number: int, width: int) -> "Image":
        from PIL import Image, ImageDraw

        image = Image.new("RGB", (WIDTH, HEIGHT), "white")
        draw = ImageDraw.Draw(image)
        for placed in self._pages[number - 1].placed:
            _draw(image, draw, placed)
        return image.resize((width, round(HEIGHT * width / WIDTH)), Image.Resampling.LANCZOS)

    def close(self) -> None:
        self._pages.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _typed(item: Item) -> Item:
    """With its words in the letters that one types."""
    rows = tuple(row if all(map(str.isascii, row)) else tuple(map(plain, row)) for row in item.rows)
    return replace(item, text=plain(item.text), caption=plain(item.caption), rows=rows)


def _block(placed: Placed, read: "Callable[[Image], list[Line]] | None" = None) -> Block:
    """What is written at its place; `read` gives the words in a picture."""
    item = placed.item
    text = " ".join(placed.lines) if placed.lines else item.text
    origin: Origin = "text"
    lines: tuple[LineBox, ...] = _line_boxes(placed)
    cells: CellBoxes | None = None
    if item.kind == "table":
        top = placed.top + (ROW_HEIGHT if item.caption else 0)
        cells = table_boxes(item.rows, MARGIN, top, INNER, ROW_HEIGHT).scaled(WIDTH, HEIGHT)
        text = to_text(item.rows)
    elif item.kind == "figure" and read is not None:
        seen = in_page(MARGIN, placed.top, *picture_size(item))
        text, lines = spaced([replace(line, box=line.box.within(seen)) for line in read(open_picture(item.picture))])
        origin = "ocr" if text else "text"
    return Block(item.kind, text, placed.box, item.level, item.caption, item.rows, origin, item.hidden, lines, cells)


def _line_boxes(placed: Placed) -> tuple[LineBox, ...]:
    """Where the lines of a text are drawn."""
    starts = accumulate((len(line) + 1 for line in placed.lines), initial=0)
    size = size_of(placed.item)
    pitch = pitch_of(size)
    return tuple(
        LineBox(start, in_page(MARGIN, placed.top + pitch * index, length(line, size), pitch))
        for index, (start, line) in enumerate(zip(starts, placed.lines, strict=False))
    )


def _draw(image: "Image", draw: "ImageDraw", placed: Placed) -> None:
    item, top = placed.item, placed.top
    if item.kind == "table":
        if item.caption:
            write(draw, (MARGIN, top), item.caption, GREY, SMALL)
            top += ROW_HEIGHT
        draw_table(draw, item.rows, MARGIN, top, INNER, ROW_HEIGHT)
    elif item.kind == "figure":
        size = picture_size(item)
        image.paste(open_picture(item.picture).resize(size), (MARGIN, top))
        write(draw, (MARGIN, top + size[1] + 6), item.caption, GREY, SMALL)
    else:
        letters = size_of(item)
        for index, line in enumerate(placed.lines):
            write(draw, (MARGIN, top + index * pitch_of(letters)), line, INK, letters)
