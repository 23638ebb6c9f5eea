"""Where on a page a question matched: late interaction kept apart by place, and painted over the picture.

Interpretability maps of ColPali (arXiv 2407.01449, section 5): the similarity of every question token with every patch.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray
    from PIL.Image import Image

COLOUR = (255, 96, 0)
STRONGEST = 0.7  # opacity of the best patch


def similarity_map(query_tokens: "ArrayLike", page_patches: "ArrayLike", rows: int, cols: int) -> "NDArray[np.float32]":
    """Cosine of each token with each patch: [q, d] and [rows * cols, d], row by row, give [q, rows, cols], -1..1.

    The largest value of a token's map is that token's part of the MaxSim score. Raises `ValueError` when the patches
    are not `rows * cols`.
    """
    import numpy as np

    query = np.asarray(query_tokens, dtype=np.float32)
    patches = np.asarray(page_patches, dtype=np.float32)
    if len(patches) != rows * cols:
        raise ValueError(f"{len(patches)} patches are not {rows} rows of {cols}")
    query = query / np.linalg.norm(query, axis=-1, keepdims=True)
    patches = patches / np.linalg.norm(patches, axis=-1, keepdims=True)
    similar: NDArray[np.float32] = (query @ patches.T).reshape(len(query), rows, cols)
    return similar


def paint(page: "Image", similarity: "NDArray[np.float32]") -> "Image":
    """The page under a similarity map [rows, cols], or [q, rows, cols] of which each place keeps its best token.

    The page's own worst patch stays clear and its best is the most coloured: maps of two pages do not compare.
    """
    import numpy as np
    from PIL import Image

    best = similarity.max(axis=0) if similarity.ndim == 3 else similarity  # [rows, cols]
    spread = float(best.max() - best.min())
    heat = (best - best.min()) / spread if spread > 0 else np.zeros_like(best)
    mask = Image.fromarray((heat * STRONGEST * 255).astype(np.uint8)).resize(page.size, Image.Resampling.BICUBIC)
    return Image.composite(Image.new("RGB", page.size, COLOUR), page.convert("RGB"), mask)
