"""Strokes of a drawing: its skeleton, walked from end to end, and straight on where lines meet."""

from itertools import pairwise

import numpy as np

from generators.aim.lab.layout import CANVAS

STROKES, POINTS = 10, 12  # the longest strokes of a drawing are kept, each as so many points
SPUR = 4.0  # pixels: shorter ends that hang on a junction are the thinning's own
STRAIGHT = -0.4  # cosine of two directions away from a junction, at most, to be one stroke
LOOK = 5  # points from a junction that tell a direction
AROUND = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))

Pixel = tuple[int, int]


def strokes_of(images: np.ndarray) -> np.ndarray:
    """Drawings [n, CANVAS, CANVAS] uint8 -> [n, STROKES, POINTS, 2] float32, x and y; NaN where there are fewer.

    The longer side of a drawing is 1, its middle 0.
    """
    found = np.full((len(images), STROKES, POINTS, 2), np.nan, dtype=np.float32)
    for start in range(0, len(images), 256):
        for row, skeleton in enumerate(thinned(images[start : start + 256] > 110)):
            paths = sorted(_paths(skeleton), key=_length, reverse=True)[:STROKES]
            for place, path in enumerate(paths):
                found[start + row, place] = _even(path)
    middle, side = extent(found)
    placed: np.ndarray = (found - middle) / np.maximum(side, 1)
    return placed


def extent(strokes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Middle [n, 1, 1, 2] and longer side [n, 1, 1, 1] of drawings [n, strokes, points, 2]."""
    low, high = np.nanmin(strokes, axis=(1, 2), keepdims=True), np.nanmax(strokes, axis=(1, 2), keepdims=True)
    return (low + high) / 2, (high - low).max(-1, keepdims=True)


def thinned(ink: np.ndarray) -> np.ndarray:
    """Ink [n, h, w] bool -> lines one pixel wide, as Zhang and Suen (CACM 27(3), 1984) thin it."""
    page = np.pad(ink, ((0, 0), (1, 1), (1, 1)))
    inner, changed = page[:, 1:-1, 1:-1], True
    while changed:
        changed = False
        for turn in (0, 1):
            height, width = ink.shape[1:]
            p = [page[:, 1 + y : 1 + y + height, 1 + x : 1 + x + width] for y, x in AROUND]
            count = np.sum(p, axis=0, dtype=np.uint8)
            turns = np.sum([~a & b for a, b in pairwise([*p, p[0]])], axis=0, dtype=np.uint8)
            first, second = (p[0] & p[2] & p[4], p[2] & p[4] & p[6]), (p[0] & p[2] & p[6], p[0] & p[4] & p[6])
            free = ~np.logical_or(*(second if turn else first))
            gone = inner & (count >= 2) & (count <= 6) & (turns == 1) & free
            changed |= bool(gone.any())
            inner &= ~gone
    return page[:, 1:-1, 1:-1]


def _paths(skeleton: np.ndarray) -> list[np.ndarray]:
    """Strokes of a skeleton as points [p, 2], x and y in pixels; a dot where nothing is left of the ink."""
    beside = _graph(skeleton)
    branches = [path for path in _branches(beside) if not _is_spur(path, beside)] or [[(CANVAS // 2, CANVAS // 2)] * 2]
    return [np.array(path, dtype=np.float32)[:, ::-1] for path in _joined(branches, beside)]


def _graph(skeleton: np.ndarray) -> dict[Pixel, list[Pixel]]:
    """Pixels beside each pixel; a step across a corner only where there is no way around it."""
    ink = {(int(y), int(x)) for y, x in zip(*np.nonzero(skeleton), strict=True)}
    beside: dict[Pixel, list[Pixel]] = {}
    for y, x in ink:
        straight = [(y + dy, x + dx) for dy, dx in AROUND[::2] if (y + dy, x + dx) in ink]
        across = [
            (y + dy, x + dx)
            for dy, dx in AROUND[1::2]
            if (y + dy, x + dx) in ink and (y + dy, x) not in ink and (y, x + dx) not in ink
        ]
        beside[y, x] = straight + across
    return beside


def _branches(beside: dict[Pixel, list[Pixel]]) -> list[list[Pixel]]:
    """Ways between two ends or junctions, then what is left: rings and dots."""
    seen: set[tuple[Pixel, Pixel]] = set()
    found: list[list[Pixel]] = []
    starts = [pixel for pixel, near in beside.items() if len(near) != 2] + list(beside)
    for start in starts:
        for step in beside[start]:
            if (start, step) not in seen and (len(beside[start]) != 2 or not _touched(start, seen, beside)):
                path = [start, step]
                while len(beside[path[-1]]) == 2 and path[-1] != start:
                    path.append(next(pixel for pixel in beside[path[-1]] if pixel != path[-2]))
                seen |= set(pairwise(path)) | set(pairwise(path[::-1]))
                found.append(path)
    return found + [[pixel, pixel] for pixel, near in beside.items() if not near]


def _touched(pixel: Pixel, seen: set[tuple[Pixel, Pixel]], beside: dict[Pixel, list[Pixel]]) -> bool:
    return any((pixel, near) in seen for near in beside[pixel])


def _is_spur(path: list[Pixel], beside: dict[Pixel, list[Pixel]]) -> bool:
    ends = sorted(len(beside[path[end]]) for end in (0, -1))
    return ends[0] == 1 and ends[1] > 2 and _length(np.array(path)) < SPUR


def _joined(branches: list[list[Pixel]], beside: dict[Pixel, list[Pixel]]) -> list[list[Pixel]]:
    """Branches that run straight on through a junction made one, the straightest first."""
    pairs = []
    ends = [(number, end) for number in range(len(branches)) for end in (0, -1)]
    for i, one in enumerate(ends):
        for other in ends[i + 1 :]:
            here, there = branches[one[0]][one[1]], branches[other[0]][other[1]]
            if (
                one[0] != other[0]
                and len(beside[here]) > 2
                and max(abs(here[0] - there[0]), abs(here[1] - there[1])) <= 1
            ):
                pairs.append((float(_away(branches, one) @ _away(branches, other)), one, other))
    next_to: dict[tuple[int, int], tuple[int, int]] = {}
    for cosine, one, other in sorted(pairs):
        if cosine < STRAIGHT and one not in next_to and other not in next_to:
            next_to[one], next_to[other] = other, one
    left, strokes = set(range(len(branches))), []
    for begin in [*(end for end in ends if end not in next_to), *ends]:
        path: list[Pixel] = []
        at: tuple[int, int] | None = begin
        while at is not None and at[0] in left:
            left.remove(at[0])
            path += branches[at[0]][:: 1 if at[1] == 0 else -1]
            at = next_to.get((at[0], -1 if at[1] == 0 else 0))
        if path:
            strokes.append(path)
    return strokes


def _away(branches: list[list[Pixel]], end: tuple[int, int]) -> np.ndarray:
    """Unit vector from that end of a branch along it."""
    path = np.array(branches[end[0]][:: 1 if end[1] == 0 else -1], dtype=float)
    step = path[min(LOOK, len(path) - 1)] - path[0]
    return np.asarray(step / max(1e-9, float(np.linalg.norm(step))))


def _length(path: np.ndarray) -> float:
    return float(np.linalg.norm(np.diff(path, axis=0), axis=1).sum())


def _even(path: np.ndarray) -> np.ndarray:
    """POINTS points of a path, smoothed, as far from each other along it."""
    soft = path.copy()
    soft[1:-1] = (path[:-2] + 2 * path[1:-1] + path[2:]) / 4
    along = np.append(0, np.linalg.norm(np.diff(soft, axis=0), axis=1).cumsum())
    places = np.linspace(0, along[-1], POINTS)
    return np.stack([np.interp(places, along, soft[:, axis]) for axis in (0, 1)], axis=1)
