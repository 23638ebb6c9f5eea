"""Page vectors, one per patch, compared with a question's tokens by MaxSim: tables, charts and layout without OCR.

ColPali and ColQwen2 (arXiv 2407.01449), ColModernVBERT (arXiv 2510.01149): 128 numbers per patch, late interaction
as in ColBERT (arXiv 2004.12832). A page of ColPali is 1030 vectors: half a megabyte in float32.
"""

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from retrievers.elements import Kind
from retrievers.embedders.base import EmbedderInfo
from retrievers.embedders.pictures import QueryVectors, info_of_folder, load_parts, on_white, read_config
from retrievers.stores.base import Multi, VectorSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

BATCH = 4  # pages in one forward pass
FAMILIES = ("colpali", "colqwen2", "colmodernvbert")


def _info(source: str, licence: str, size_mb: int) -> EmbedderInfo:
    return EmbedderInfo(
        name="colpali",
        vector="page",
        spec=VectorSpec("multi", 128),
        modality="image",
        licence=licence,
        size_mb=size_mb,
        source=source,
    )


DEFAULT = "ModernVBERT/colmodernvbert-merged"  # 250 M parameters: the one that a laptop carries
MODELS = {
    info.source: info
    for info in (
        _info(DEFAULT, "MIT", 1000),
        _info("vidore/colpali-v1.3-hf", "Gemma", 5850),
        _info("vidore/colqwen2-v1.0-hf", "Apache-2.0, its adapter MIT", 4430),
    )
}


@dataclass(frozen=True, slots=True)
class PageVectors:
    """A page: unit vectors [n, d], its `rows * cols` patches first, row by row, then those of prompt and overview."""

    vectors: "NDArray[np.float32]"
    rows: int
    cols: int

    @property
    def patches(self) -> "NDArray[np.float32]":
        """[rows * cols, d]"""
        return self.vectors[: self.rows * self.cols]


class ColPali:
    """A page embedder from `source`: a hub id or a folder. `instruction` goes before every question, verbatim.

    For models trained with task instructions (MM-Embed, arXiv 2411.02571; mmE5, arXiv 2502.08468); those in `MODELS`
    were not, and put their own short prefix before a question.
    """

    info: EmbedderInfo = MODELS[DEFAULT]
    kinds: tuple[Kind, ...] = ("page",)

    def __init__(self, source: str = DEFAULT, instruction: str = "") -> None:
        self.info = MODELS[source] if source in MODELS else _read_info(source)
        self._instruction = instruction
        self._lock = threading.Lock()

    @cached_property
    def _parts(self) -> tuple[Any, Any]:
        from transformers import AutoModelForPreTraining

        return load_parts(self.info.source, AutoModelForPreTraining)

    def embed_images(self, images: "Sequence[Image]") -> list[Multi]:
        """The document side: [n, d] per page, patches first (see `PageVectors`), in order."""
        return [page.vectors.tolist() for page in self.embed_pages(images)]

    def embed_query(self, text: str) -> Multi:
        """[q, d]: all that the model scores, its prefix and padding included."""
        vectors: Multi = self.embed_question(text).vectors.tolist()
        return vectors

    def embed_image_query(self, image: "Image") -> Multi:
        """A picture of (part of) a page as a query, [rows * cols, d]: its patches look for their like."""
        patches: Multi = self.embed_pages([image])[0].patches.tolist()
        return patches

    def embed_pages(self, images: "Sequence[Image]") -> list[PageVectors]:
        with self._lock:
            return [page for start in range(0, len(images), BATCH) for page in self._see(images[start : start + BATCH])]

    def embed_question(self, text: str) -> QueryVectors:
        """The query side, token by token, for `page_map.similarity_map`."""
        with self._lock:
            processor, _ = self._parts
            inputs = processor.process_queries(text=[self._instruction + text])
            frame = processor.process_queries(text=[self._instruction])["input_ids"][0].tolist()
            [vectors] = self._forward(inputs)
        ids = inputs["input_ids"][0].tolist()
        return QueryVectors(vectors, tuple(processor.tokenizer.convert_ids_to_tokens(ids)), _inside(ids, frame))

    def grid(self, image: "Image") -> tuple[int, int]:
        """Rows and columns of the patches that a page drawn like `image` is stored as; needs no forward pass."""
        processor, _ = self._parts
        pixels = processor.image_processor
        if self._family == "colqwen2":
            [(_, rows, cols)] = pixels(images=[on_white(image)])["image_grid_thw"]
            return int(rows) // pixels.merge_size, int(cols) // pixels.merge_size
        if self._family == "colpali":
            side = math.isqrt(processor.image_seq_length)
            return side, side
        side = math.isqrt(processor.image_seq_len)
        rows, cols = self._tiles(image)
        return max(1, rows) * side, max(1, cols) * side

    @property
    def _family(self) -> str:
        family: str = self._parts[1].config.model_type
        return family

    def _tiles(self, image: "Image") -> tuple[int, int]:
        """Rows and columns of the tiles a page is cut into (Idefics3's splitting); 0, 0 when it stays whole."""
        drawn = on_white(image)
        _, rows, cols = self._parts[0].image_processor.get_number_of_image_patches(drawn.height, drawn.width, {})
        return int(rows), int(cols)

    def _see(self, images: "Sequence[Image]") -> list[PageVectors]:
        import numpy as np

        processor, _ = self._parts
        inputs = processor.process_images(images=[on_white(image) for image in images])
        inputs.pop("labels", None)
        pages = []
        ids = _kept_ids(inputs)
        for image, row, vectors in zip(images, ids, self._forward(inputs), strict=True):
            seen = row == processor.image_token_id  # [n]
            rows, cols = self.grid(image)
            patches = vectors[seen]
            if self._family == "colmodernvbert":
                patches = _by_rows(patches, *self._tiles(image), math.isqrt(processor.image_seq_len))
            pages.append(PageVectors(np.concatenate([patches, vectors[~seen]]), rows, cols))
        return pages

    def _forward(self, inputs: Any) -> "list[NDArray[np.float32]]":
        """Unit vectors [n, d] per row of the batch, padding left out."""
        import torch

        _, model = self._parts
        with torch.inference_mode():
            states = model(**inputs.to(model.device, model.dtype)).embeddings.float()  # [B, n, d]
            unit = torch.nn.functional.normalize(states, dim=-1).cpu()
        mask = inputs["attention_mask"].bool().cpu()
        return [row[kept].numpy() for row, kept in zip(unit, mask, strict=True)]


def _read_info(source: str) -> EmbedderInfo:
    """The record of a checkpoint that is not in `MODELS`, from its configuration alone."""
    return info_of_folder(MODELS[DEFAULT], source, read_config(source, FAMILIES).embedding_dim)


def _kept_ids(inputs: Any) -> "list[NDArray[np.int64]]":
    """Token ids [n] per row of the batch, padding left out."""
    ids, mask = inputs["input_ids"].cpu(), inputs["attention_mask"].bool().cpu()
    return [row[kept].numpy() for row, kept in zip(ids, mask, strict=True)]


def _by_rows(patches: "NDArray[np.float32]", tile_rows: int, tile_cols: int, side: int) -> "NDArray[np.float32]":
    """Patches that come tile by tile, the overview of the page last, put row by row across the page."""
    import numpy as np

    tiled = tile_rows * tile_cols * side * side
    tiles = patches[:tiled].reshape(tile_rows, tile_cols, side, side, -1)  # [R, C, s, s, d]
    return np.concatenate([tiles.swapaxes(1, 2).reshape(tiled, -1), patches[tiled:]])  # [R * s * C * s + s * s, d]


def _inside(ids: list[int], frame: list[int]) -> slice:
    """Where `ids` differ from `frame`, the same prompt around an empty question."""
    room = min(len(ids), len(frame))
    start = next((index for index in range(room) if ids[index] != frame[index]), room)
    end = next((index for index in range(room - start) if ids[-1 - index] != frame[-1 - index]), room - start)
    return slice(start, len(ids) - end)
