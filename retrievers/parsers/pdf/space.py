"""Where a place in a PDF's own coordinates lies on the drawn page."""

from typing import TYPE_CHECKING, NamedTuple, Self

from retrievers.elements import Box
from retrievers.parsers.layout.turning import turned

if TYPE_CHECKING:
    from pypdfium2 import PdfPage


class PageSpace(NamedTuple):
    """The visible part of a page in points, origin at the bottom left, before it is turned by `rotation` degrees
    clockwise (ISO 32000-1, 8.3.2.3 and 14.11.2)."""

    left: float
    low: float
    width: float
    height: float
    rotation: int

    @classmethod
    def of(cls, page: "PdfPage") -> Self:
        left, low, right, top = page.get_bbox()
        return cls(left, low, max(right - left, 1.0), max(top - low, 1.0), page.get_rotation())

    def box(self, left: float, low: float, right: float, top: float) -> Box | None:
        """The rectangle in page units of the drawn page; None when nothing of it can be seen."""
        box = Box(
            max(0.0, (left - self.left) / self.width),
            max(0.0, 1 - (top - self.low) / self.height),
            min(1.0, (right - self.left) / self.width),
            min(1.0, 1 - (low - self.low) / self.height),
        )
        return turned(box, self.rotation) if box.x0 <= box.x1 and box.y0 <= box.y1 else None
