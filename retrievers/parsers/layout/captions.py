"""Captions: which lines are one, and which table or figure it belongs to."""

import re
from collections.abc import Sequence
from dataclasses import replace

from retrievers.elements import Block, Box

CAPTION = re.compile(
    r"^\s*(fig(ure|\.)?|table|chart|exhibit|graph|box|map)\s*\.?\s*([A-Z]?\d+|([A-Z]|[IVXL]+)\s*[.:])", re.IGNORECASE
)
NAMED = re.compile(r"^\s*(fig(ure|\.)?|table|chart|exhibit)\s*\.?\s*([A-Z]?[\d.]*\d|[A-Z])\s*[.:]\s", re.IGNORECASE)
CAPTION_DISTANCE = 0.06  # page heights between a caption and what it names


def join_captions(blocks: Sequence[Block], distance: float = CAPTION_DISTANCE) -> list[Block]:
    """Give each table and figure the nearest "Figure 1: ..." block above or below it in the same column, if it is no
    more than `distance` away.

    A caption goes to what it names, a table or a figure, if there is one: legends of charts look like tables. It
    stands before what else is known of a picture, such as its alternative text.
    """
    taken: dict[int, int] = {}
    for index, block in enumerate(blocks):
        if block.kind in ("text", "heading") and CAPTION.match(block.text):
            named = "table" if block.text.lower().startswith("tab") else "figure"
            near = [
                (other.kind != named, _distance(block.box, other.box), place)
                for place, other in enumerate(blocks)
                if other.kind in ("table", "figure")
                and not CAPTION.match(other.caption)
                and place not in taken.values()
            ]
            near = [candidate for candidate in near if candidate[1] < distance]
            if near:
                taken[index] = min(near)[2]
    captions = {place: f"{blocks[index].text} {blocks[place].caption}".strip() for index, place in taken.items()}
    return [
        replace(block, caption=captions.get(place, block.caption))
        for place, block in enumerate(blocks)
        if place not in taken
    ]


def _distance(one: Box, other: Box) -> float:
    """Vertical gap in page heights; infinite when the boxes share no column."""
    if min(one.x1, other.x1) <= max(one.x0, other.x0):
        return float("inf")
    return max(0.0, max(one.y0, other.y0) - min(one.y1, other.y1))
