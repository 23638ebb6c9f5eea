"""Dense image vectors without a model: which way edges run where, and which colours lie where.

Gradient histograms as in HOG (Dalal & Triggs, CVPR 2005), with coarse colours beside them. They find pictures that look
alike as a whole, not by what they mean; for that, choose `clip`. Measured by `python -m evals.pictures.recognise`.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from retrievers.elements import Kind
from retrievers.embedders.base import EmbedderInfo
from retrievers.embedders.pictures import on_white
from retrievers.stores.base import Dense, VectorSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

SIDE, CELL, DIRECTIONS = 64, 8, 9  # pixels a side, pixels a side of a cell, bins of half a turn
PATCHES = 4  # a side, of colours
COLOUR_SHARE = 0.5  # length of the colours against that of the edges
WINDOWS = SIDE // CELL - 1  # a side; each is 2 x 2 cells, overlapping by half


class Outlines:
    """Pictures against pictures only: it reads no words. A `Recogniser`."""

    info = EmbedderInfo(
        name="outlines",
        vector="outlines",
        spec=VectorSpec("dense", WINDOWS * WINDOWS * DIRECTIONS + 6 * PATCHES * PATCHES),
        modality="image",
        licence="Apache-2.0",
        size_mb=0,
        source="gradients and colours",
    )
    kinds: tuple[Kind, ...] = ("figure",)
    least = 0.98

    def embed_images(self, images: "Sequence[Image]") -> list[Dense]:
        """One unit vector [d] per picture, in order."""
        return [_vector(image) for image in images]

    def embed_image_query(self, image: "Image") -> Dense:
        return _vector(image)


def _vector(image: "Image") -> Dense:
    import numpy as np

    small = (np.asarray(on_white(image).resize((SIDE, SIDE))) / 255).astype(np.float32)  # [SIDE, SIDE, 3]
    whole = np.concatenate([_unit(_edges(small.mean(2))), COLOUR_SHARE * _unit(_colours(small))])
    unit: Dense = _unit(whole).tolist()
    return unit


def _edges(grey: "NDArray[np.float32]") -> "NDArray[np.float32]":
    """[SIDE, SIDE] -> [WINDOWS * WINDOWS * DIRECTIONS]. Light on dark has the same edges as dark on light."""
    import numpy as np

    down, across = np.gradient(grey)
    strength = np.hypot(across, down)
    turn = np.arctan2(down, across) % np.pi / np.pi * DIRECTIONS
    bins = np.eye(DIRECTIONS, dtype=np.float32)[turn.astype(int) % DIRECTIONS] * strength[..., None]
    cells = bins.reshape(SIDE // CELL, CELL, SIDE // CELL, CELL, DIRECTIONS).sum((1, 3))
    windows = cells[:-1, :-1] + cells[1:, :-1] + cells[:-1, 1:] + cells[1:, 1:]
    edges: NDArray[np.float32] = np.sqrt(windows).ravel()
    return edges


def _colours(small: "NDArray[np.float32]") -> "NDArray[np.float32]":
    """[SIDE, SIDE, 3] -> [6 * PATCHES * PATCHES]: each colour and what it lacks to white, so that none is nothing."""
    import numpy as np

    patch = SIDE // PATCHES
    means = small.reshape(PATCHES, patch, PATCHES, patch, 3).mean((1, 3))
    return np.concatenate([means, 1 - means]).ravel()


def _unit(vector: "NDArray[np.float32]") -> "NDArray[np.float32]":
    import numpy as np

    length = np.linalg.norm(vector)
    return vector / length if length else vector
