"""Pictures laid out as those that the lab model was trained on: ink of a known size in the middle of white paper."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image

CANVAS = 64  # pixels a side of a stored drawing
SIDE = 32  # pixels a side of what the model sees
INK_SIDE = 44  # longest side of the ink on its canvas
PLAIN = 0.1  # how much half of a picture's edge may vary, of black to white, and still be paper


def laid_out(picture: "Image") -> "Image":
    """A mark on plain paper as the model's own pictures are: its ink in the middle at the usual size, dark on white.

    Whoever draws by hand leaves other margins. A picture without plain paper around it, or without ink, stays as it is.
    """
    from PIL import Image

    grey = np.asarray(picture.convert("L"), dtype=float) / 255
    edge = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    ink = abs(grey - np.median(edge))
    canvas = centred((255 * ink / max(ink.max(), PLAIN)).astype(np.uint8), least=8)
    if canvas is None or np.median(abs(edge - np.median(edge))) > PLAIN:
        return picture
    return Image.fromarray(255 - canvas).resize((SIDE, SIDE), Image.Resampling.BOX).convert("RGB")


def centred(page: np.ndarray, least: int = 40) -> np.ndarray | None:
    """The ink scaled to `INK_SIDE` in the middle of a canvas; None where there are fewer than `least` pixels of it."""
    from PIL import Image

    ys, xs = np.nonzero(page > 64)
    if len(ys) < least:
        return None
    ink = Image.fromarray(page[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1])
    scale = INK_SIDE / max(ink.size)
    ink = ink.resize((max(2, round(ink.width * scale)), max(2, round(ink.height * scale))))
    canvas = Image.new("L", (CANVAS, CANVAS))
    canvas.paste(ink, ((CANVAS - ink.width) // 2, (CANVAS - ink.height) // 2))
    return np.asarray(canvas)
