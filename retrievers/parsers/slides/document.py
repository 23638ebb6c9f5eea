"""PPTX: each slide a page, each shape at its own place; notes and comments with it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from common.errors import BadDocument
from retrievers.elements import WHOLE_PAGE, Block, Box, LineBox, Page
from retrievers.parsers import ocr
from retrievers.parsers.accounting import account
from retrievers.parsers.flow.text_drawing import INK, draw_table, length, table_boxes, wrap, write
from retrievers.parsers.layout.captions import join_captions
from retrievers.parsers.layout.lines import spaced
from retrievers.parsers.office.drawingml import paragraphs
from retrievers.parsers.office.ooxml import attempt, name, opening, plain_package, qn, root
from retrievers.parsers.office.source import written, written_in
from retrievers.parsers.slides.content import Piece, pieces
from retrievers.parsers.slides.shapes import Shape, shapes

if TYPE_CHECKING:
    from PIL.Image import Image

CAPTION_DISTANCE = 0.1  # slide heights: a slide is half as tall as a page
DRAWN_WIDTH = 1280  # pixels at which slides are drawn before scaling
PITCH = 1.35  # of the letters' size, from line to line
_FURNITURE = ("sldImg", "sldNum", "hdr", "dt", "ftr")  # placeholders of a page of notes that are no notes
_CONTENT = ("chart", "chartEx", "diagramData", "comments")  # parts of a slide that hold words


class SlideDocument:
    """See `parsers.base.Document`. Text, tables, pictures, charts' values, notes; raises `BadDocument` if damaged."""

    def __init__(self, path: Path) -> None:
        import pptx

        with opening(path):
            self._deck: Any = pptx.Presentation(plain_package(path))  # type: ignore[arg-type]
            self._slides = list(self._deck.slides)
            self._size = (self._deck.slide_width or 9_144_000, self._deck.slide_height or 6_858_000)
            named = self._deck.core_properties.title
        self.page_count = len(self._slides)
        if not self.page_count:
            raise BadDocument(f"{path.name} has no slides.", "Export it again.")
        titles = (shape.element for shape in self._shapes(1)[0] if shape.title)
        self.title = named or next((" ".join(paragraphs(t)) for t in titles), "") or path.stem

    def _shapes(self, number: int) -> tuple[list[Shape], str]:
        """Those of a slide in reading order, and a note where they cannot be read."""
        return attempt("slide", lambda: shapes(self._slides[number - 1], *self._size))

    def _pieces(self, number: int) -> Iterator[Piece]:
        """What the slide holds, and notes on what is wrong with single shapes."""
        found, note = self._shapes(number)
        part = self._slides[number - 1].part
        yield from [Piece(note=note)] if note else []
        for shape in found:
            held, note = attempt(f"{_kind(shape)} {shape.name!r}", lambda shape=shape: pieces(shape, part))  # type: ignore[misc]
            yield from held
            yield from [Piece(note=note)] if note else []

    def page(self, number: int) -> Page:
        slide = self._slides[number - 1]
        found = list(self._pieces(number))
        skipped = [piece.note for piece in found if piece.note]
        size = DRAWN_WIDTH, self._drawn_height
        blocks = [_read(_placed(piece.block, size), piece.picture) for piece in found if piece.block]
        for label, kind in (("Notes", "notesSlide"), ("Comment", "comments")):
            said, note = attempt(label.lower(), lambda label=label, kind=kind: _beside(slide.part, label, kind))  # type: ignore[misc]
            blocks += said
            skipped += [note] if note else []
        blocks = join_captions(blocks, CAPTION_DISTANCE)
        if not blocks:
            skipped.append("empty slide")
        if slide._element.get("show") in ("0", "false"):
            skipped.append("hidden slide")
            blocks = [replace(block, hidden=True) for block in blocks]
        return account(Page(number, tuple(blocks), tuple(skipped)), _source(slide.part), "slide")

    @property
    def _drawn_height(self) -> int:
        return max(1, round(DRAWN_WIDTH * self._size[1] / self._size[0]))

    def render(self, number: int, width: int) -> "Image":
        """The slide's words, tables and pictures at their places; the theme's decoration is not drawn."""
        from PIL import Image, ImageDraw

        height = self._drawn_height
        image = Image.new("RGB", (DRAWN_WIDTH, height), "white")
        draw = ImageDraw.Draw(image)
        for piece in self._pieces(number):
            if piece.block:
                _draw(image, draw, piece.block, piece.picture)
        return image.resize((width, round(height * width / DRAWN_WIDTH)), Image.Resampling.LANCZOS)

    def close(self) -> None:
        """Nothing is held open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _kind(shape: Shape) -> str:
    return {"p:pic": "picture", "p:graphicFrame": "table or chart"}.get(name(shape.element), "shape")


def _read(block: Block, picture: "Image | None") -> Block:
    read = ocr.read(picture) if picture else []
    words, lines = spaced([replace(line, box=line.box.within(block.box)) for line in read])
    return replace(block, text=words, origin="ocr", lines=lines) if words else block


def _parts(part: Any, kinds: tuple[str, ...]) -> list[Any]:
    """Those of these kinds that a slide is related to."""
    relations = (one for one in part.rels.values() if not one.is_external)
    return [one.target_part for one in relations if one.reltype.rpartition("/")[2] in kinds]


def _beside(part: Any, label: str, kind: str) -> Iterator[Block]:
    """Speaker's notes, or comments, which have no place on the slide."""
    for other in _parts(part, (kind,)):
        for text in _notes(root(other)) if kind == "notesSlide" else _comments(root(other)):
            yield Block("text", f"{label}: {text}", WHOLE_PAGE)


def _notes(notes: Any) -> Iterator[str]:
    """All that is written on the page of notes, furniture aside."""
    said: list[str] = []
    for shape in notes.iter(qn("p:sp")):
        placeholder = next(shape.iter(qn("p:ph")), None)
        if placeholder is None or placeholder.get("type") not in _FURNITURE:
            said += paragraphs(shape)
    yield from [" ".join(said)] if said else []


def _comments(comments: Any) -> Iterator[str]:
    """Each comment with its replies."""
    for comment in comments:
        said = [*(text.text or "" for text in comment.iter(qn("p:text"))), *paragraphs(comment)]
        yield from [" ".join(" ".join(said).split())] if any(said) else []


def _source(slide: Any) -> str:
    """The text nodes of the slide and of the parts that are read with it."""
    notes, _ = attempt("notes", lambda: _beside(slide, "Notes", "notesSlide"))
    said = [block.text for block in notes]
    return "\n".join([written(root(slide)), *map(written_in, _parts(slide, _CONTENT)), *said])


def _draw(image: "Image", draw: Any, block: Block, picture: "Image | None") -> None:
    left, top, width, height = _frame(block, image.size)
    if picture:
        image.paste(picture.resize((width, height)), (left, top))
    elif block.rows:
        draw_table(draw, block.rows, left, top, width, _row_height(block, height))
    elif block.kind != "figure":
        lines, points = _fitted(block, width, height)
        for index, line in enumerate(lines):
            write(draw, (left, top + round(index * points * PITCH)), line, INK, points)


def _placed(block: Block, size: tuple[int, int]) -> Block:
    """With the places at which its lines or cells are drawn on a slide of `size` pixels."""
    left, top, width, height = _frame(block, size)
    if block.rows:
        cells = table_boxes(block.rows, left, top, width, _row_height(block, height))
        return replace(block, cells=cells.scaled(*size))
    if block.kind == "figure":
        return block
    lines, points = _fitted(block, width, height)
    found, start = [], 0
    for index, line in enumerate(lines):
        start = max(start, block.text.find(line, start))
        y = top + round(index * points * PITCH)
        found.append(LineBox(start, Box(left, y, left + length(line, points), y + points * PITCH).scaled(*size)))
        start += len(line)
    return replace(block, lines=tuple(found))


def _frame(block: Block, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Left, top, width and height in pixels."""
    left, top = round(block.box.x0 * size[0]), round(block.box.y0 * size[1])
    right, bottom = round(block.box.x1 * size[0]), round(block.box.y1 * size[1])
    return left, top, max(1, right - left), max(1, bottom - top)


def _row_height(block: Block, height: int) -> int:
    return min(44, max(1, height // len(block.rows)))


def _fitted(block: Block, width: int, height: int) -> tuple[list[str], int]:
    """The lines of its paragraphs, and a size at which they fit their shape."""
    points = 40 if block.kind == "heading" else 24
    while True:
        lines = [line for text in block.text.splitlines() for line in wrap(text, points, width)]
        if points <= 10 or len(lines) * points * PITCH <= height:
            return lines, points
        points -= 2
