"""Text recognition with RapidOCR (PP-OCR models inside its wheel), put into reading order.

Knows nothing of documents: pictures in, lines or blocks with boxes out.
"""

import os
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from retrievers.elements import Block, Box, Picture
from retrievers.parsers.layout.blocks import compose
from retrievers.parsers.layout.captions import join_captions
from retrievers.parsers.layout.lines import Line
from retrievers.parsers.layout.reading_order import reading_order

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_SIDE = 1600  # pixels; larger pictures gain no accuracy and cost time
MIN_SCORE = 0.6  # recognition confidence, 0..1; below it the text is mostly noise
UPRIGHT = 0.8  # mean confidence of a page that is surely the right way up; upside down it is about 0.65
READABLE = 0.75  # mean confidence below which no direction was the right one: only what is sure is kept
SURE = 0.9
FEW_LETTERS = 12  # of a word or two no direction can be told
TALL = 1.5  # height to width of the box of a line that lies on its side
ON_SIDE = 0.75  # of the evidence
LATER = "no text layer; still to be read by OCR"
UNREADABLE = "what is written there could not be read"
_put_off: ContextVar["_PutOff | None"] = ContextVar("put off", default=None)
_lock = threading.Lock()  # the ONNX sessions are not made for concurrent calls


@cache
def _engine() -> Any:
    import logging

    from rapidocr import RapidOCR

    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    return RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.use_cls": False,  # it knows upside down alone, and costs every page; see `recognise`
            "Global.max_side_len": MAX_SIDE,
            "Det.limit_type": "max",  # the default enlarges a low, wide picture until it is 736 pixels high
            "Det.limit_side_len": MAX_SIDE,
            "Rec.rec_batch_num": 1,  # lines are not padded to the longest of six
            "EngineConfig.onnxruntime.intra_op_num_threads": int(os.environ.get("OMP_NUM_THREADS", "-1")),
        }
    )


class Recognised(NamedTuple):
    """Lines in reading order. `doubtful`: there was more that looked like writing, and it could not be read."""

    lines: list[Line]
    doubtful: bool


class _Attempt(NamedTuple):
    """What was taken for lines when the picture was held in one direction; `on_side`: most were taller than wide."""

    lines: list[Line]
    turn: int
    on_side: bool

    @property
    def letters(self) -> int:
        return sum(len(line.text) for line in self.lines)

    @property
    def evidence(self) -> float:
        """How many letters were read, each as far as it is trusted; fewer are found of lines that lie on their side."""
        return sum(len(line.text) * line.score for line in self.lines) * (ON_SIDE if self.on_side else 1)

    @property
    def trust(self) -> float:
        """Mean confidence of a letter, 0..1."""
        return self.evidence / max(self.letters, 1)


class _PutOff(NamedTuple):
    kinds: Collection[Picture]
    met: set[Picture]


@contextmanager
def putting_off(kinds: Collection[Picture]) -> Iterator[set[Picture]]:
    """In here no words are found in pictures of these kinds; the set tells which of them there were."""
    met: set[Picture] = set()
    token = _put_off.set(_PutOff(kinds, met))
    try:
        yield met
    finally:
        _put_off.reset(token)


def is_put_off(kind: Picture) -> bool:
    """Whether a picture of this kind, which is at hand, is not to be read now."""
    now = _put_off.get()
    if now is None or kind not in now.kinds:
        return False
    now.met.add(kind)
    return True


def read(image: "Image") -> list[Line]:
    """Lines of `image`, a figure, in reading order; empty when nothing is legible."""
    return [] if is_put_off("figure") else _recognise(image).lines


def recognise(image: "Image") -> Recognised:
    """What is written on `image`, a page."""
    return Recognised([], False) if is_put_off("page") else _recognise(image)


def _recognise(image: "Image") -> Recognised:
    """It may lie on its side or head: other directions are tried while what was read is doubtful. What no direction
    makes legible is left out."""
    picture = image.convert("RGB")
    picture.thumbnail((MAX_SIDE, MAX_SIDE))
    best = _attempt(picture, 0)
    if best.letters >= FEW_LETTERS and best.trust < UPRIGHT:
        for turn in (90, 270, 180) if best.on_side else (180, 90, 270):
            best = max(best, _attempt(picture, turn), key=lambda attempt: attempt.evidence)
            if best.trust >= UPRIGHT:
                break
    doubtful = best.letters >= FEW_LETTERS and best.trust < READABLE
    least = SURE if doubtful else MIN_SCORE
    upright = [line.turned(-best.turn) for line in best.lines if line.score >= least]
    return Recognised([line.turned(best.turn) for line in reading_order(upright)], doubtful)


def recognise_line(image: "Image") -> tuple[str, float]:
    """What is written on the picture of one upright line, and the recogniser's trust in it, 0..1."""
    import numpy as np

    with _lock:
        result = _engine()(np.asarray(image.convert("RGB"))[:, :, ::-1], use_det=False)  # it stays so until told
    return (result.txts[0].strip(), float(result.scores[0])) if result.txts else ("", 0.0)


def _attempt(picture: "Image", turn: int) -> _Attempt:
    """`picture` read so that what is turned clockwise by `turn` degrees stands upright."""
    import numpy as np

    held = picture.rotate(turn, expand=True) if turn else picture
    width, height = held.size
    with _lock:
        result = _engine()(np.asarray(held)[:, :, ::-1], use_det=True)  # the models were trained on BGR
    if result.txts is None:
        return _Attempt([], turn, False)
    lines, tall = [], 0
    for corners, text, score in zip(result.boxes, result.txts, result.scores, strict=True):
        (x0, y0), (x1, y1) = corners.min(axis=0), corners.max(axis=0)
        if text.strip():
            box = Box(*np.clip([x0 / width, y0 / height, x1 / width, y1 / height], 0.0, 1.0).tolist())
            lines.append(Line(text.strip(), box, em=float(y1 - y0) / width, score=float(score)).turned(turn))
            tall += len(text) > 1 and y1 - y0 > TALL * (x1 - x0)
    return _Attempt(lines, turn, tall > sum(len(line.text) > 1 for line in lines) / 2)


def layout(lines: Sequence[Line]) -> list[Block]:
    """Tables, headings and paragraphs among recognised lines."""
    return join_captions(compose(lines, origin="ocr"))
