"""Text recognition with RapidOCR (PP-OCR models inside its wheel), put into reading order.

Knows nothing of documents: pictures in, lines or blocks with boxes out.
"""

import os
import threading
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from retrievers.elements import Block, Box
from retrievers.parsers.layout import Line, compose, join_captions, reading_order

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_SIDE = 1600  # pixels; larger pictures gain no accuracy and cost time
MIN_SCORE = 0.6  # recognition confidence, 0..1; below it the text is mostly noise
_lock = threading.Lock()  # the ONNX sessions are not made for concurrent calls


@cache
def _engine() -> Any:
    import logging

    from rapidocr import RapidOCR

    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    return RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.use_cls": False,  # pages are upright: the result is the same and sooner
            "Global.max_side_len": MAX_SIDE,
            "Det.limit_type": "max",  # the default enlarges a low, wide picture until it is 736 pixels high
            "Det.limit_side_len": MAX_SIDE,
            "Rec.rec_batch_num": 1,  # lines are not padded to the longest of six
            "EngineConfig.onnxruntime.intra_op_num_threads": int(os.environ.get("OMP_NUM_THREADS", "-1")),
        }
    )


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
            em=float(corners[:, 1].max() - corners[:, 1].min()) / width,
            score=float(score),
        )
        for corners, text, score in zip(result.boxes, result.txts, result.scores, strict=True)
        if score >= MIN_SCORE and text.strip()
    ]
    return reading_order(lines)


def layout(lines: Sequence[Line]) -> list[Block]:
    """Tables, headings and paragraphs among recognised lines."""
    return join_captions(compose(lines, origin="ocr"))
