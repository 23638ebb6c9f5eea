"""Formats without pages of their own, laid out on A4-like pages: one layout serves citation boxes and rendering.

Deterministic: the same items give the same pages, so a box cited today holds on the page drawn tomorrow.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from common.errors import BadDocument
from retrievers.elements import Block, Box, CellBoxes, LineBox, Origin, Page, Rows
from retrievers.parsers import ocr
from retrievers.parsers.accounting import Balance
from retrievers.parsers.characters import plain
from retrievers.parsers.layout import spaced
from retrievers.parsers.spool import Spool
from retrievers.parsers.tables import to_text
from retrievers.parsers.text_drawing import GREY, INK, draw_table, length, table_boxes, wrap, write

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

    from retrievers.parsers.layout import Line

WIDTH, HEIGHT, MARGIN = 1000, 1414, 90  # layout units; rendered at any width
INNER = WIDTH - 2 * MARGIN
SIZES = {1: 34, 2: 27, 3: 22}
BODY, SMALL = 19, 16
ROW_HEIGHT, GAP = 26, 12
PORTION = 1000  # rows of a table that are laid out at a time
PICTURE_HEIGHT = 520
PAGE_TEXT = 16_000  # characters; more than a page of the narrowest letters holds
MIN_PICTURE = 64  # pixels; smaller pictures are bullets and icons
MAX_PIXELS = 120_000_000  # a picture that decodes to more is refused before it is decoded


@dataclass(frozen=True, slots=True)
class Item:
    """A piece of a document in reading order. `picture` is the encoded image of a figure."""

    kind: Literal["heading", "text", "table", "figure"]
    text: str = ""
    level: int = 0
    rows: Rows = ()
    caption: str = ""
    picture: bytes = b""
    note: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class _Placed:
    """An item, or a part of it, at its place on a page. `lines` are wrapped text."""

    item: Item
    top: int
    height: int
    lines: tuple[str, ...] = ()

    @property
    def box(self) -> Box:
        return _box(MARGIN, self.top, INNER, self.height)


@dataclass(slots=True)
class _LaidOut:
    """What is placed on one page, and the notes on it."""

    placed: list[_Placed] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class FlowDocument:
    """See `parsers.base.Document`. `items` are read once, and laid out as they come: no more of them than a page, and
    the item that goes on after it, is held; what is laid out waits in a `Spool`.

    `source` is all the text of the file, by a shorter way; what of it is on no page is noted on the first one. A
    `Balance` is told of the text while the items are read.
    """

    def __init__(self, path: Path, items: Iterable[Item], title: str = "", source: str | Balance = "") -> None:
        balance = Balance(source) if isinstance(source, str) else source
        self._pages: Spool[_LaidOut] = Spool()
        heading, empty = "", True
        for page in _paginate(map(_typed, items)):
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


def figure(data: bytes, name: str, caption: str = "", hidden: bool = False) -> Item:
    """The figure of an encoded picture; a note that says why where there is none."""
    try:
        small = min(open_picture(data).size) < MIN_PICTURE
    except OSError as error:
        return Item("text", note=f"picture {name} skipped: {error}")
    if small:
        return Item("text", note=f"picture {name} skipped: smaller than {MIN_PICTURE} pixels")
    return Item("figure", caption=caption, picture=data, hidden=hidden)


def open_picture(data: bytes) -> "Image":
    """RGB picture, transparent parts on white. Raises `OSError` when it cannot be decoded or is a bomb."""
    from PIL import Image

    try:
        with Image.open(BytesIO(data)) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise OSError(f"too large ({picture.width} x {picture.height} pixels)")
            return on_white(picture)
    except (Image.DecompressionBombError, SyntaxError, ValueError) as error:
        raise OSError(f"not a readable picture ({error})") from error


def on_white(picture: "Image") -> "Image":
    """RGB copy, transparent parts on white."""
    from PIL import Image

    rgba = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")


def _block(placed: _Placed, read: "Callable[[Image], list[Line]] | None" = None) -> Block:
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
        seen = _box(MARGIN, placed.top, *_picture_size(item))
        text, lines = spaced([replace(line, box=line.box.within(seen)) for line in read(open_picture(item.picture))])
        origin = "ocr" if text else "text"
    return Block(item.kind, text, placed.box, item.level, item.caption, item.rows, origin, item.hidden, lines, cells)


def _line_boxes(placed: _Placed) -> tuple[LineBox, ...]:
    """Where the lines of a text are drawn."""
    starts = accumulate((len(line) + 1 for line in placed.lines), initial=0)
    size = _size(placed.item)
    pitch = _pitch(size)
    return tuple(
        LineBox(start, _box(MARGIN, placed.top + pitch * index, length(line, size), pitch))
        for index, (start, line) in enumerate(zip(starts, placed.lines, strict=False))
    )


def _box(left: float, top: float, width: float, height: float) -> Box:
    """A rectangle in layout units, in those of the page."""
    return Box(left, top, left + width, min(HEIGHT, top + height)).scaled(WIDTH, HEIGHT)


def _size(item: Item) -> int:
    return SIZES.get(item.level, SIZES[3]) if item.kind == "heading" else BODY


def _pitch(size: int) -> int:
    return round(size * 1.45)


def _paginate(items: Iterable[Item]) -> Iterator[_LaidOut]:
    page = _LaidOut()
    top = MARGIN
    for item in items:
        if item.note:
            page.notes.append(item.note)
            continue
        for part in _portions(item):
            rest: Item | None = part
            while rest is not None:
                placed, rest = _place(rest, top)
                if placed is None:
                    yield page
                    page, top = _LaidOut(), MARGIN
                    continue
                page.placed.append(placed)
                top = placed.top + placed.height + GAP
    yield page


def _portions(item: Item) -> Iterator[Item]:
    """A long table in parts, each under its header: laying out a page copies what is left of a part."""
    if len(item.rows) <= PORTION:
        yield item
        return
    for start in range(1, len(item.rows), PORTION):
        yield replace(item, rows=item.rows[:1] + item.rows[start : start + PORTION])


def _place(item: Item, top: int) -> tuple[_Placed | None, Item | None]:
    """As much of `item` as fits below `top`, and the rest of it. None: it starts on the next page."""
    room = HEIGHT - MARGIN - top
    if item.kind == "table":
        return _place_table(item, top, room)
    if item.kind == "figure":
        height = _picture_size(item)[1] + (SMALL + GAP if item.caption else 0)
        return (_Placed(item, top, height), None) if height <= room or top == MARGIN else (None, item)
    size = _size(item)
    text, later = _split(item.text)
    lines, pitch = wrap(text, size, INNER), _pitch(size)
    fitting = room // pitch
    if fitting < min(len(lines), 2) and top > MARGIN:
        return None, item
    rest = " ".join(lines[fitting:]) + later
    placed = _Placed(item, top, pitch * len(lines[:fitting]), tuple(lines[:fitting]))
    return placed, replace(item, text=rest) if rest else None


def _split(text: str) -> tuple[str, str]:
    """What may fit on one page, and the rest: one endless line is wrapped page by page, not whole each time."""
    if len(text) <= PAGE_TEXT:
        return text, ""
    space = text.rfind(" ", 0, PAGE_TEXT)
    cut = space if space > 0 else PAGE_TEXT
    return text[:cut], text[cut:]


def _place_table(item: Item, top: int, room: int) -> tuple[_Placed | None, Item | None]:
    head = ROW_HEIGHT if item.caption else 0
    fitting = (room - head) // ROW_HEIGHT
    if fitting < min(len(item.rows), 3) and top > MARGIN:
        return None, item
    rows, more = item.rows[:fitting], item.rows[fitting:]
    placed = _Placed(replace(item, rows=rows), top, head + ROW_HEIGHT * len(rows))
    return placed, replace(item, rows=item.rows[:1] + more) if more else None


def _picture_size(item: Item) -> tuple[int, int]:
    width, height = open_picture(item.picture).size
    scale = min(INNER / width, PICTURE_HEIGHT / height, 2.0)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _draw(image: "Image", draw: "ImageDraw", placed: _Placed) -> None:
    item, top = placed.item, placed.top
    if item.kind == "table":
        if item.caption:
            write(draw, (MARGIN, top), item.caption, GREY, SMALL)
            top += ROW_HEIGHT
        draw_table(draw, item.rows, MARGIN, top, INNER, ROW_HEIGHT)
    elif item.kind == "figure":
        size = _picture_size(item)
        image.paste(open_picture(item.picture).resize(size), (MARGIN, top))
        write(draw, (MARGIN, top + size[1] + 6), item.caption, GREY, SMALL)
    else:
        letters = _size(item)
        for index, line in enumerate(placed.lines):
            write(draw, (MARGIN, top + index * _pitch(letters)), line, INK, letters)


def square(rows: Sequence[Sequence[str]]) -> Rows:
    """Every row with as many cells as the longest."""
    columns = max((len(row) for row in rows), default=0)
    return tuple((*row, *[""] * (columns - len(row))) for row in rows)
