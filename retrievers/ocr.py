"""Text recognition with RapidOCR (PP-OCR models inside its wheel), put into reading order.

Knows nothing of documents: pictures in, lines or blocks with boxes out.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from retrievers.elements import Block, Box

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_SIDE = 1600  # pixels; larger pictures gain no accuracy and cost time
MIN_SCORE = 0.6  # recognition confidence, 0..1; below it the text is mostly noise
_lock = threading.Lock()  # the ONNX sessions are not made for concurrent calls


@dataclass(frozen=True, slots=True)
class Line:
    """One recognised line. `box` is in 0..1 of the picture, `score` the recogniser's confidence in 0..1."""

    text: str
    box: Box
    score: float


@cache
def _engine() -> Any:
    import logging

    from rapidocr import RapidOCR

    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    # Pages are upright: without the orientation classifier the result is the same and sooner.
    return RapidOCR(params={"Global.use_cls": False, "Global.log_level": "error", "Global.max_side_len": MAX_SIDE})


def read(image: "Image") -> list[Line]:
    """Lines of `image` in reading order; empty when there is no text."""
    import numpy as np

    picture = image.convert("RGB")
    picture.thumbnail((MAX_SIDE, MAX_SIDE))
    width, height = picture.size
    with _lock:
        result = _engine()(np.asarray(picture)[:, :, ::-1])  # the models were trained on BGR
    if result.txts is None:
        return []
    lines = [
        Line(
            text.strip(),
            Box(
                max(0.0, float(corners[:, 0].min()) / width),
                max(0.0, float(corners[:, 1].min()) / height),
                min(1.0, float(corners[:, 0].max()) / width),
                min(1.0, float(corners[:, 1].max()) / height),
            ),
            float(score),
        )
        for corners, text, score in zip(result.boxes, result.txts, result.scores, strict=True)
        if score >= MIN_SCORE and text.strip()
    ]
    return reading_order(lines)


def reading_order(lines: Sequence[Line]) -> list[Line]:
    """Top to bottom, and left to right among lines of the same height, column by column.

    A recursive cut of the page at its widest empty gap (X-Y cut; Nagy et al., 1992), horizontal gaps first.
    """
    if len(lines) < 2:
        return list(lines)
    for low, high in ((1, 3), (0, 2)):  # rows, then columns
        halves = _cut(lines, low, high)
        if halves is not None:
            return [line for half in halves for line in reading_order(half)]
    return sorted(lines, key=lambda line: (round(line.box.y0, 2), line.box.x0))


def _cut(lines: Sequence[Line], low: int, high: int) -> tuple[list[Line], list[Line]] | None:
    """Split at the widest gap along one axis, or None where every line overlaps the next."""
    ordered = sorted(lines, key=lambda line: line.box[low])
    reach, best, at = ordered[0].box[high], 0.0, 0
    for index, line in enumerate(ordered[1:], start=1):
        gap = line.box[low] - reach
        if gap > best:
            best, at = gap, index
        reach = max(reach, line.box[high])
    minimum = 0.01 if low == 1 else 0.02
    return (list(ordered[:at]), list(ordered[at:])) if best > minimum else None


def layout(lines: Sequence[Line]) -> list[Block]:
    """Lines joined into paragraphs: consecutive lines that share a column and a line pitch."""
    groups: list[list[Line]] = []
    for line in lines:
        if groups and _continues(groups[-1][-1], line):
            groups[-1].append(line)
        else:
            groups.append([line])
    return [_paragraph(group) for group in groups]


def _continues(above: Line, below: Line) -> bool:
    height = above.box.y1 - above.box.y0
    same_size = 0.6 < (below.box.y1 - below.box.y0) / max(height, 1e-6) < 1.6
    close = -0.5 * height < below.box.y0 - above.box.y1 < 0.9 * height
    beside = min(above.box.x1, below.box.x1) > max(above.box.x0, below.box.x0)
    return same_size and close and beside


def _paragraph(lines: Sequence[Line]) -> Block:
    box = lines[0].box
    for line in lines[1:]:
        box = box.union(line.box)
    return Block("text", " ".join(line.text for line in lines), box, origin="ocr")
