"""Items on pages: as much on each as fits, what is too long for one goes on on the next.

Deterministic: the same items give the same pages, so a box cited today holds on the page drawn tomorrow.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from retrievers.elements import Box
from retrievers.parsers.flow.items import Item, open_picture
from retrievers.parsers.flow.text_drawing import wrap

WIDTH, HEIGHT, MARGIN = 1000, 1414, 90  # layout units; rendered at any width
INNER = WIDTH - 2 * MARGIN
SIZES = {1: 34, 2: 27, 3: 22}
BODY, SMALL = 19, 16
ROW_HEIGHT, GAP = 26, 12
PORTION = 1000  # rows of a table that are laid out at a time
PICTURE_HEIGHT = 520
PAGE_TEXT = 16_000  # characters; more than a page of the narrowest letters holds


@dataclass(frozen=True, slots=True)
class Placed:
    """An item, or a part of it, at its place on a page. `lines` are wrapped text."""

    item: Item
    top: int
    height: int
    lines: tuple[str, ...] = ()

    @property
    def box(self) -> Box:
        return in_page(MARGIN, self.top, INNER, self.height)


@dataclass(slots=True)
class LaidOut:
    """What is placed on one page, and the notes on it."""

    placed: list[Placed] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def in_page(left: float, top: float, width: float, height: float) -> Box:
    """A rectangle in layout units, in those of the page."""
    return Box(left, top, left + width, min(HEIGHT, top + height)).scaled(WIDTH, HEIGHT)


def size_of(item: Item) -> int:
    return SIZES.get(item.level, SIZES[3]) if item.kind == "heading" else BODY


def pitch_of(size: int) -> int:
    return round(size * 1.45)


def paginate(items: Iterable[Item]) -> Iterator[LaidOut]:
    page = LaidOut()
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
                    page, top = LaidOut(), MARGIN
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


def _place(item: Item, top: int) -> tuple[Placed | None, Item | None]:
    """As much of `item` as fits below `top`, and the rest of it. None: it starts on the next page."""
    room = HEIGHT - MARGIN - top
    if item.kind == "table":
        return _place_table(item, top, room)
    if item.kind == "figure":
        height = picture_size(item)[1] + (SMALL + GAP if item.caption else 0)
        return (Placed(item, top, height), None) if height <= room or top == MARGIN else (None, item)
    size = size_of(item)
    text, later = _split(item.text)
    lines, pitch = wrap(text, size, INNER), pitch_of(size)
    fitting = room // pitch
    if fitting < min(len(lines), 2) and top > MARGIN:
        return None, item
    rest = " ".join(lines[fitting:]) + later
    placed = Placed(item, top, pitch * len(lines[:fitting]), tuple(lines[:fitting]))
    return placed, replace(item, text=rest) if rest else None


def _split(text: str) -> tuple[str, str]:
    """What may fit on one page, and the rest: one endless line is wrapped page by page, not whole each time."""
    if len(text) <= PAGE_TEXT:
        return text, ""
    space = text.rfind(" ", 0, PAGE_TEXT)
    cut = space if space > 0 else PAGE_TEXT
    return text[:cut], text[cut:]


def _place_table(item: Item, top: int, room: int) -> tuple[Placed | None, Item | None]:
    head = ROW_HEIGHT if item.caption else 0
    fitting = (room - head) // ROW_HEIGHT
    if fitting < min(len(item.rows), 3) and top > MARGIN:
        return None, item
    rows, more = item.rows[:fitting], item.rows[fitting:]
    placed = Placed(replace(item, rows=rows), top, head + ROW_HEIGHT * len(rows))
    return placed, replace(item, rows=item.rows[:1] + more) if more else None


def picture_size(item: Item) -> tuple[int, int]:
    width, height = open_picture(item.picture).size
    scale = min(INNER / width, PICTURE_HEIGHT / height, 2.0)
    return max(1, round(width * scale)), max(1, round(height * scale))
