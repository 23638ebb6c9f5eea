"""Pictures for the lab: characters of matplotlib's own fonts, and doodles drawn with random strokes.

A class is a code point (in every font that has it) or a doodle (redrawn with a trembling hand). A share of the classes
is kept aside: nothing trains on them. `warp` turns the drawings into the 32 x 32 pixels that the model sees.
"""

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from generators.aim.lab.layout import CANVAS, SIDE, centred

if TYPE_CHECKING:
    import torch
    from PIL.ImageFont import FreeTypeFont

HELD_OUT = 10  # one class in so many is never trained on
KEPT_FONTS = ("DejaVuSans", "DejaVuSerif", "DejaVuSansMono", "STIXGeneral", "cm")
MOST_FONTS = 8  # renderings of one code point
DOODLES, REDRAWN = 4000, 6


@dataclass(frozen=True)
class Drawings:
    """`images` [n, CANVAS, CANVAS] uint8, ink 255 on 0; `members[c]`: the rows that show class c."""

    images: np.ndarray
    members: tuple[np.ndarray, ...]

    def split(self) -> "tuple[Drawings, Drawings]":
        """Classes to train on, classes kept aside."""
        kept = [c % HELD_OUT == 0 for c in range(len(self.members))]
        training = tuple(rows for rows, aside in zip(self.members, kept, strict=True) if not aside)
        aside = tuple(rows for rows, aside in zip(self.members, kept, strict=True) if aside)
        return Drawings(self.images, training), Drawings(self.images, aside)


def make(seed: int = 0, doodles: int = DOODLES, most_characters: int | None = None) -> Drawings:
    """Every drawing, the same for the same seed. Classes are shuffled, so that a split mixes scripts and doodles."""
    rng = np.random.default_rng(seed)
    classes = _characters(most_characters) + [_doodle(rng) for _ in range(doodles)]
    order = rng.permutation(len(classes))
    images, members, row = [], [], 0
    for c in order:
        images.extend(classes[c])
        members.append(np.arange(row, row + len(classes[c])))
        row += len(classes[c])
    return Drawings(np.stack(images), tuple(members))


def _characters(most: int | None) -> list[list[np.ndarray]]:
    """One list of renderings per code point that looks like nothing before it."""
    fonts = _fonts()
    wanted = sorted({point for _, points in fonts for point in points if _is_drawn(point)})
    if most is not None:
        wanted = wanted[:: max(1, len(wanted) // max(1, most))][:most]
    classes, seen = [], set()
    for point in wanted:
        drawn = [centred(_render(font, chr(point))) for font, points in fonts if point in points][:MOST_FONTS]
        clear = [image for image in drawn if image is not None]
        if not clear:
            continue
        look = (clear[0].reshape(16, 4, 16, 4).mean((1, 3)) > 96).tobytes()
        if look not in seen:
            seen.add(look)
            classes.append(clear)
    return classes


def _fonts() -> "list[tuple[FreeTypeFont, set[int]]]":
    """matplotlib's fonts, each with the code points it has."""
    from pathlib import Path

    from matplotlib import get_data_path
    from matplotlib.ft2font import FT2Font
    from PIL import ImageFont

    paths = sorted(Path(get_data_path(), "fonts", "ttf").glob("*.ttf"))
    kept = [path for path in paths if path.name.startswith(KEPT_FONTS) and "Display" not in path.name]
    return [(ImageFont.truetype(str(path), 48), set(FT2Font(str(path)).get_charmap())) for path in kept]


def _is_drawn(point: int) -> bool:
    """Letters, digits and symbols that are not others with an accent or in another dress."""
    letter = chr(point)
    return unicodedata.category(letter)[0] in "LNS" and unicodedata.normalize("NFKD", letter) == letter


def _render(font: "FreeTypeFont", letter: str) -> np.ndarray:
    from PIL import Image, ImageDraw

    page = Image.new("L", (3 * CANVAS, 3 * CANVAS))
    ImageDraw.Draw(page).text((CANVAS, CANVAS), letter, font=font, fill=255)
    return np.asarray(page)


def _doodle(rng: np.random.Generator) -> list[np.ndarray]:
    """One invented character, drawn several times with its points a little off."""
    strokes = [rng.uniform(0, 1, (rng.integers(2, 5), 2)) for _ in range(rng.integers(1, 5))]
    drawn: list[np.ndarray] = []
    while len(drawn) < REDRAWN:
        image = centred(_draw([points + rng.normal(0, 0.05, points.shape) for points in strokes], rng))
        if image is not None:
            drawn.append(image)
    return drawn


def _draw(strokes: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Bezier strokes of one pen on a page."""
    from PIL import Image, ImageDraw

    page = Image.new("L", (3 * CANVAS, 3 * CANVAS))
    pen = ImageDraw.Draw(page)
    t = np.linspace(0, 1, 16)[:, None]
    width = int(rng.integers(6, 15))
    for points in strokes:
        curve = points
        while curve.ndim == 2 or len(curve) > 1:  # de Casteljau, all t at once
            curve = curve[:, None].repeat(len(t), 1) if curve.ndim == 2 else curve
            curve = curve[:-1] * (1 - t) + curve[1:] * t
        path = [(float(x), float(y)) for x, y in CANVAS / 2 + curve[0] * 2 * CANVAS]
        pen.line(path, fill=255, width=width, joint="curve")
    return np.asarray(page)


def warp(images: "torch.Tensor", strength: float, generator: "torch.Generator | None" = None) -> "torch.Tensor":
    """Drawings [n, CANVAS, CANVAS] uint8 -> pixel values [n, 3, SIDE, SIDE] in -1..1, as the processor gives them.

    Turned, scaled, sheared, moved and bent by `strength` (0: as drawn); strokes thicker or thinner; either ink or
    paper may be the darker one.
    """
    import torch
    from torch.nn import functional

    n = len(images)

    def uniform(low: float, high: float, *shape: int) -> "torch.Tensor":
        return low + (high - low) * torch.rand(*shape, generator=generator)

    ink = images.float()[:, None] / 255  # [n, 1, C, C]
    thick = functional.max_pool2d(ink, 3, 1, 1)
    thin = -functional.max_pool2d(-ink, 3, 1, 1)
    blend = uniform(-0.7, 1.0, n, 1, 1, 1) * min(1.0, strength)
    ink = torch.where(blend > 0, ink + blend * (thick - ink), ink - blend * (thin - ink))
    turn = uniform(-0.3, 0.3, n) * strength
    zoom = 1 + uniform(-0.2, 0.25, n, 2) * strength
    shear = uniform(-0.25, 0.25, n) * strength
    move = uniform(-0.15, 0.15, n, 2) * strength
    cos, sin = turn.cos(), turn.sin()
    row_x = torch.stack([cos * zoom[:, 0], (shear * cos - sin) * zoom[:, 0], move[:, 0]], 1)
    row_y = torch.stack([sin * zoom[:, 1], (shear * sin + cos) * zoom[:, 1], move[:, 1]], 1)
    grid = functional.affine_grid(torch.stack([row_x, row_y], 1), [n, 1, SIDE, SIDE], align_corners=False)
    bend = torch.randn(n, 2, 4, 4, generator=generator) * 0.06 * strength
    grid = grid + functional.interpolate(bend, (SIDE, SIDE), mode="bicubic", align_corners=True).permute(0, 2, 3, 1)
    ink = functional.grid_sample(functional.avg_pool2d(ink, 2, 1, 1)[:, :, :-1, :-1], grid, align_corners=False)
    paper, contrast = uniform(0, 0.2, n, 1, 1, 1) * strength, 1 - uniform(0, 0.5, n, 1, 1, 1) * strength
    grey = (paper + ink * contrast).clamp(0, 1)
    dark_ink = torch.rand(n, 1, 1, 1, generator=generator) < 0.8
    grey = torch.where(dark_ink, 1 - grey, grey)
    return (2 * grey - 1).expand(n, 3, SIDE, SIDE)
