"""Pictures, paths and drawn rules of a PDF page, in page units of the drawn page."""

import ctypes
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from retrievers.elements import Box
from retrievers.parsers.pdf.space import PageSpace

if TYPE_CHECKING:
    from pypdfium2 import PdfMatrix, PdfPage

MAX_OBJECTS = 20_000  # maps can hold millions of strokes; the first ones show where the drawing is
MAX_SEGMENTS = 400  # of one path; more are a drawing
DEPTH = 4  # of forms within forms
BACKGROUND = 0.85  # share of the page; larger pictures under text are decoration
THIN = 3.0  # points; a rule is no thicker
LONG = 6.0  # points; and no shorter


class Objects(NamedTuple):
    """`rules` are straight lines along or across the page, as thin boxes; `scanned`: one picture covers the page."""

    images: list[Box]
    paths: list[Box]
    rules: list[Box]
    scanned: bool


def read_objects(page: "PdfPage") -> Objects:
    space = PageSpace.of(page)
    found = Objects([], [], [], False)
    scanned = False
    for count, (item, kind, matrix) in enumerate(_objects(page)):
        if count >= MAX_OBJECTS:
            break
        edges = _bounds(item, matrix)
        box = space.box(*edges)
        if box is None:
            continue
        area = (box.x1 - box.x0) * (box.y1 - box.y0)
        if kind == _image():
            scanned = scanned or area >= BACKGROUND
        else:
            found.rules.extend(filter(None, (space.box(*rule) for rule in _rules(item, edges, matrix))))
        if area < BACKGROUND:
            (found.images if kind == _image() else found.paths).append(box)
    return found._replace(scanned=scanned)


def _image() -> int:
    import pypdfium2.raw as pdfium

    return int(pdfium.FPDF_PAGEOBJ_IMAGE)


def _objects(page: "PdfPage") -> Iterator[tuple[Any, int, "PdfMatrix | None"]]:
    """Each picture, path and shading with its kind, and the matrix of the forms it lies in; None outside any."""
    import pypdfium2.raw as pdfium
    from pypdfium2 import PdfMatrix

    kinds = (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_SHADING)

    def within(form: Any, matrix: PdfMatrix | None, depth: int) -> Iterator[tuple[Any, int, PdfMatrix | None]]:
        count = pdfium.FPDFFormObj_CountObjects(form) if form else pdfium.FPDFPage_CountObjects(page.raw)
        for index in range(count):
            item = pdfium.FPDFFormObj_GetObject(form, index) if form else pdfium.FPDFPage_GetObject(page.raw, index)
            kind = pdfium.FPDFPageObj_GetType(item)
            if kind in kinds:
                yield item, kind, matrix
            elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth:
                yield from within(item, _matrix(item).multiply(matrix or PdfMatrix()), depth - 1)

    yield from within(None, None, DEPTH)


def _matrix(item: Any) -> "PdfMatrix":
    import pypdfium2.raw as pdfium
    from pypdfium2 import PdfMatrix

    held = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(item, held)
    return PdfMatrix.from_raw(held)


def _bounds(item: Any, matrix: "PdfMatrix | None") -> tuple[float, float, float, float]:
    import pypdfium2.raw as pdfium

    left, low, right, top = (ctypes.c_float() for _ in range(4))
    pdfium.FPDFPageObj_GetBounds(item, left, low, right, top)
    edges = left.value, low.value, right.value, top.value
    return edges if matrix is None else matrix.on_rect(*edges)


def _rules(
    item: Any, edges: tuple[float, float, float, float], matrix: "PdfMatrix | None"
) -> Iterator[tuple[float, float, float, float]]:
    """A thin path is a rule; the straight sides of another are, where they are stroked."""
    left, low, right, top = edges
    width, height = right - left, top - low
    if min(width, height) <= THIN:
        if max(width, height) >= LONG:
            yield edges
        return
    if max(width, height) < 2 * LONG or not _is_stroked(item):
        return
    points = _corners(item, _matrix(item) if matrix is None else _matrix(item).multiply(matrix))
    for (x0, y0), (x1, y1) in points:
        if min(abs(x1 - x0), abs(y1 - y0)) <= THIN / 2 and max(abs(x1 - x0), abs(y1 - y0)) >= LONG:
            yield min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _is_stroked(item: Any) -> bool:
    import pypdfium2.raw as pdfium

    fill, stroke = ctypes.c_int(), ctypes.c_int()
    return bool(pdfium.FPDFPath_GetDrawMode(item, fill, stroke) and stroke.value)


def _corners(item: Any, matrix: "PdfMatrix") -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """Both ends of each straight segment of a path."""
    import pypdfium2.raw as pdfium

    count = pdfium.FPDFPath_CountSegments(item)
    if count > MAX_SEGMENTS:
        return
    x, y = ctypes.c_float(), ctypes.c_float()
    start = last = (0.0, 0.0)
    for index in range(count):
        segment = pdfium.FPDFPath_GetPathSegment(item, index)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        point = matrix.on_point(x.value, y.value)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            start = point
        elif kind == pdfium.FPDF_SEGMENT_LINETO:
            yield last, point
        last = point
        if pdfium.FPDFPathSegment_GetClose(segment):
            yield last, start
            last = start
