"""The shapes of a slide and where they stand, those of groups among them; positions that a placeholder inherits too."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from retrievers.elements import WHOLE_PAGE, Box
from retrievers.parsers.office.ooxml import branch, name, qn
from retrievers.parsers.slides.order import reading_order

_SHAPES = frozenset({"p:sp", "p:pic", "p:graphicFrame", "p:cxnSp"})
_READ = ("p:txBody", "p:pic", "a:tbl", "c:chart", "cx:chart", "dgm:relIds")
LEAST = 0.01  # of the slide: no shape is drawn smaller, also one beside the slide


class _Frame(NamedTuple):
    """From the coordinates of a group to those of the slide, in EMU: x * sx + dx."""

    sx: float = 1.0
    sy: float = 1.0
    dx: float = 0.0
    dy: float = 0.0

    def inside(self, group: Any) -> "_Frame":
        xfrm = group.find(f"{qn('p:grpSpPr')}/{qn('a:xfrm')}")
        own, inner = _extent(xfrm), _extent(xfrm, "a:chOff", "a:chExt")
        if own is None or inner is None or not inner[2] or not inner[3]:
            return self
        sx, sy = own[2] / inner[2], own[3] / inner[3]
        dx, dy = own[0] - inner[0] * sx, own[1] - inner[1] * sy
        return _Frame(self.sx * sx, self.sy * sy, self.dx + dx * self.sx, self.dy + dy * self.sy)


@dataclass(frozen=True, slots=True)
class Shape:
    """`title`: it is the slide's title. `hidden`: its author keeps it out of sight."""

    element: Any
    box: Box
    name: str
    title: bool
    hidden: bool


def shapes(slide: Any, width: int, height: int) -> list[Shape]:
    """In reading order, the title first. `width` and `height` of the slide in EMU."""
    found = [
        _shape(slide, element, frame, (width, height), hidden)
        for element, frame, hidden in _walk(slide.shapes._spTree, _Frame(), False)
    ]
    rest = [shape for shape in found if not shape.title]
    order = reading_order([shape.box for shape in rest])
    return [*(shape for shape in found if shape.title), *(rest[place] for place in order)]


def _walk(parent: Any, frame: _Frame, hidden: bool) -> Iterator[tuple[Any, _Frame, bool]]:
    for child in parent:
        kind = name(child)
        if kind == "p:grpSp":
            yield from _walk(child, frame.inside(child), hidden or _is_hidden(child))
        elif kind in _SHAPES:
            yield child, frame, hidden or _is_hidden(child)
        elif kind == "mc:AlternateContent":
            chosen = branch(child, *_READ)
            yield from () if chosen is None else _walk(chosen, frame, hidden)


def _properties(element: Any) -> Any:
    """The `p:cNvPr` of a shape: its name, description, whether it is hidden."""
    return element[0].find(qn("p:cNvPr"))


def _is_hidden(element: Any) -> bool:
    properties = _properties(element)
    return properties is not None and properties.get("hidden") in ("1", "true")


def _shape(slide: Any, element: Any, frame: _Frame, size: tuple[int, int], hidden: bool) -> Shape:
    properties, placeholder = _properties(element), element[0].find(f"{qn('p:nvPr')}/{qn('p:ph')}")
    title = placeholder is not None and placeholder.get("type") in ("title", "ctrTitle")
    called = "" if properties is None else properties.get("name", "")
    extent = _extent(_xfrm(element))
    if extent is None and placeholder is not None:
        extent = _inherited(slide, element)
    return Shape(element, WHOLE_PAGE if extent is None else _box(extent, frame, size), called, title, hidden)


def _xfrm(element: Any) -> Any:
    own = element.find(qn("p:xfrm"))
    return element.find(f"{qn('p:spPr')}/{qn('a:xfrm')}") if own is None else own


def _extent(xfrm: Any, off: str = "a:off", ext: str = "a:ext") -> tuple[float, float, float, float] | None:
    """Left, top, width, height in EMU."""
    corner, size = (None, None) if xfrm is None else (xfrm.find(qn(off)), xfrm.find(qn(ext)))
    if corner is None or size is None:
        return None
    return float(corner.get("x", 0)), float(corner.get("y", 0)), float(size.get("cx", 0)), float(size.get("cy", 0))


def _inherited(slide: Any, element: Any) -> tuple[float, float, float, float] | None:
    """From the placeholder of the layout or master, as python-pptx finds it."""
    from pptx.shapes.shapetree import SlideShapeFactory

    shape = SlideShapeFactory(element, slide.shapes)
    sizes = (shape.left, shape.top, shape.width, shape.height)
    return None if None in sizes else tuple(map(float, sizes))  # type: ignore[return-value]


def _box(extent: tuple[float, float, float, float], frame: _Frame, size: tuple[int, int]) -> Box:
    left, top, width, height = extent
    x0, x1 = sorted((left * frame.sx + frame.dx, (left + width) * frame.sx + frame.dx))
    y0, y1 = sorted((top * frame.sy + frame.dy, (top + height) * frame.sy + frame.dy))
    left, right = _clipped(x0 / size[0], x1 / size[0])
    upper, lower = _clipped(y0 / size[1], y1 / size[1])
    return Box(left, upper, right, lower)


def _clipped(low: float, high: float) -> tuple[float, float]:
    low = min(max(low, 0.0), 1.0 - LEAST)
    return low, min(1.0, max(high, low + LEAST))
