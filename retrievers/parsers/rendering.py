"""Regions of drawn pages: what is shown as evidence, and what embedders of pictures look at."""

from typing import TYPE_CHECKING

from retrievers.elements import Box

if TYPE_CHECKING:
    from PIL.Image import Image

WIDTH = 1600  # pixels of a page that regions are cut from
MARGIN = 0.005  # around a region, in page units


def region(page: "Image", box: Box) -> "Image":
    """What `box` holds of a drawn page, with a narrow margin."""
    width, height = page.size
    return page.crop(
        (
            int(max(0.0, box.x0 - MARGIN) * width),
            int(max(0.0, box.y0 - MARGIN) * height),
            int(min(1.0, box.x1 + MARGIN) * width),
            int(min(1.0, box.y1 + MARGIN) * height),
        )
    )
