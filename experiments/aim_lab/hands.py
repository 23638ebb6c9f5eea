"""Handwriting: the strokes of a character drawn anew by a hand that nobody has seen before.

A hand has a slant, a width of its letters, a pen, a speed that rounds what is bent, a tremor, and its own carelessness:
strokes out of place, too short, broken, left out, joined to the next. Two drawings of one character are two ways of
drawing its strokes, not one picture bent. No handwriting of people is used.
"""

from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np

from experiments.aim_lab.strokes import POINTS, STROKES, extent
from generators.aim.lab.layout import CANVAS, INK_SIDE

AT_ONCE = 16  # drawings of one hand, one after the other
ALONG = 48  # points of a drawn stroke
FIXED = 4  # bits of a pixel's fraction, for OpenCV


@dataclass(frozen=True)
class Hands:
    """How hands differ: from what to what, each drawn evenly. Lengths are in sides of the character."""

    slant: tuple[float, float] = (-0.3, 0.5)
    aspect: tuple[float, float] = (-0.35, 0.35)  # logarithm of width to height
    turn: tuple[float, float] = (-0.2, 0.2)  # radians
    pen: tuple[float, float] = (1.0, 5.5)  # pixels of the canvas
    speed: tuple[float, float] = (0.0, 0.9)  # how far points give way to their neighbours
    tremor: tuple[float, float] = (0.0, 0.055)
    loose: tuple[float, float] = (0.0, 0.07)  # strokes out of place; twice as much out of size and direction
    bend: tuple[float, float] = (0.0, 0.2)
    trim: tuple[float, float] = (0.0, 0.12)  # of a stroke's length, at either end
    broken: tuple[float, float] = (0.0, 0.06)  # chance that the ink of a stroke breaks
    missing: tuple[float, float] = (0.0, 0.06)  # chance that a stroke is left out; the longest never is
    joined: tuple[float, float] = (0.0, 0.1)  # chance that the pen stays down until the next
    coarse: float = 0.2  # chance of a picture of few pixels
    pixels: tuple[int, int] = (9, 20)  # a side of such a picture

    def of(self, rng: np.random.Generator, count: int) -> dict[str, np.ndarray]:
        """Each trait of every drawing's hand [count]; a hand makes `AT_ONCE` drawings."""
        hands = -(-count // AT_ONCE)
        ranges = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: rng.uniform(float(limits[0]), float(limits[1]), hands).repeat(AT_ONCE)[:count]
            for name, limits in ranges.items()
            if name not in {"coarse", "pixels"}
        }


def redrawn(strokes: np.ndarray, rng: np.random.Generator, hands: Hands = Hands()) -> np.ndarray:
    """Strokes [n, STROKES, POINTS, 2] as `strokes_of` gives them -> [n, CANVAS, CANVAS] uint8, ink 255 on 0."""
    traits = hands.of(rng, len(strokes))
    paths = _laid_out(_curves() @ _moved(strokes, traits, rng), traits["pen"], rng)
    coarse = rng.random(len(strokes)) < hands.coarse
    pages = []
    for number, path in enumerate(paths):
        own = {name: float(values[number]) for name, values in traits.items()}
        page = _inked(path[~np.isnan(path[:, 0, 0])], own, rng)
        pages.append(_coarse(page, int(rng.integers(*hands.pixels))) if coarse[number] else page)
    return np.stack(pages)


def invented(strokes: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Characters that nobody has written: one to three strokes each of two others, beside or over one another."""
    pairs = rng.integers(len(strokes), size=(count, 2))
    made = np.full((count, STROKES, POINTS, 2), np.nan, dtype=np.float32)
    for row, pair in enumerate(pairs):
        half = STROKES // 2
        for place, number in enumerate(pair):
            there = strokes[number][~np.isnan(strokes[number, :, 0, 0])]
            some = there[rng.permutation(len(there))[: rng.integers(1, 4)]]
            middle, size = rng.uniform(-0.35, 0.35, 2), rng.uniform(0.4, 1.0, 2)
            made[row, place * half : place * half + len(some)] = some * size + middle
    return made


def _moved(strokes: np.ndarray, traits: dict[str, np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Points where this hand puts them."""
    n = len(strokes)
    by = {name: values[:, None, None, None] for name, values in traits.items()}
    points = strokes.astype(np.float64)
    for _ in range(2):
        between = (points[:, :, :-2] + points[:, :, 2:]) / 2
        points[:, :, 1:-1] += by["speed"] * (between - points[:, :, 1:-1])
    knots = rng.normal(size=(n, STROKES, 4, 2)) * by["tremor"]
    spread = np.linspace(0, 3, POINTS)
    low = np.minimum(spread.astype(int), 2)
    share = (spread - low)[:, None]
    points += knots[:, :, low] * (1 - share) + knots[:, :, low + 1] * share
    points += rng.normal(size=points.shape) * by["tremor"] / 5
    middle = points.mean(2, keepdims=True)
    loose = by["loose"]
    points = middle + _turned(points - middle, 2 * loose * rng.normal(size=(n, STROKES, 1))[..., None]) * np.exp(
        2 * loose * rng.normal(size=(n, STROKES, 1, 2))
    )
    points += loose * rng.normal(size=(n, STROKES, 1, 2))
    x, y = points[..., 0], points[..., 1]
    field = np.stack([x * x, x * y, y * y], axis=-1)
    points = points + by["bend"] * np.einsum("nspf,nfc->nspc", field, rng.normal(size=(n, 3, 2)))
    points[..., 0] = points[..., 0] * np.exp(by["aspect"][..., 0]) - by["slant"][..., 0] * points[..., 1]
    return _turned(points, by["turn"])


def _turned(points: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Points [..., 2] turned by angles [..., 1]."""
    cos, sin = np.cos(angle[..., 0]), np.sin(angle[..., 0])
    x, y = points[..., 0], points[..., 1]
    return np.stack([cos * x - sin * y, sin * x + cos * y], axis=-1)


@lru_cache
def _curves() -> np.ndarray:
    """[ALONG, POINTS]: the cubic spline through the points of a stroke."""
    from scipy.interpolate import make_interp_spline

    places = np.linspace(0, 1, POINTS)
    return np.asarray(make_interp_spline(places, np.eye(POINTS), k=3)(np.linspace(0, 1, ALONG)))


def _laid_out(paths: np.ndarray, pen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Paths [n, STROKES, ALONG, 2] in the middle of the canvas at the usual size, in pixels."""
    middle, side = extent(paths)
    room = (INK_SIDE - pen)[:, None, None, None] * rng.uniform(0.93, 1.07, (len(paths), 1, 1, 1))
    placed: np.ndarray = (paths - middle) / np.maximum(side, 1e-3) * room + CANVAS / 2
    return placed


def _inked(strokes: np.ndarray, hand: dict[str, float], rng: np.random.Generator) -> np.ndarray:
    """One drawing of strokes [s, ALONG, 2] on a canvas."""
    import cv2

    kept = [place == 0 or rng.random() >= hand["missing"] for place in range(len(strokes))]
    lines: list[np.ndarray] = []
    for stroke in rng.permutation(strokes[kept]):
        cut = (rng.random(2) * hand["trim"] * ALONG).astype(int)
        line = stroke[cut[0] : ALONG - cut[1]][:: rng.choice((1, -1))]
        if lines and rng.random() < hand["joined"]:
            line = np.concatenate([lines.pop(), line])
        lines.append(line)
    pieces = [piece for line in lines for piece in (_parted(line, rng) if rng.random() < hand["broken"] else [line])]
    page = np.zeros((CANVAS, CANVAS), dtype=np.uint8)
    for piece in pieces:
        width = max(1, round(hand["pen"] * rng.uniform(0.85, 1.15)))
        points = np.round(piece * (1 << FIXED)).astype(np.int32)
        cv2.polylines(page, [points], False, 255, width, cv2.LINE_AA, FIXED)
    return page


def _parted(line: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
    at, gap = int(rng.integers(len(line))), int(rng.integers(3, 10))
    return [piece for piece in (line[:at], line[at + gap :]) if len(piece) > 1]


def _coarse(page: np.ndarray, side: int) -> np.ndarray:
    """As a picture of `side` pixels looks when it is enlarged."""
    from PIL import Image

    few = Image.fromarray(page).resize((side, side), Image.Resampling.BOX)
    grey = np.asarray(few.resize((CANVAS, CANVAS), Image.Resampling.BICUBIC))
    return (grey * (255 / max(int(grey.max()), 1))).astype(np.uint8)
