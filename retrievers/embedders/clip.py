"""Dense image vectors from dual encoders: words and pictures in one space, so that words find figures.

CLIP (arXiv 2103.00020), SigLIP (arXiv 2303.15343) and SigLIP 2, at fixed size or NaFlex (arXiv 2502.14786).
"""

import threading
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from retrievers.elements import Kind
from retrievers.embedders.base import EmbedderInfo
from retrievers.embedders.pictures import compose, info_of_folder, load_parts, on_white, read_config
from retrievers.stores.base import Dense, VectorSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

BATCH = 16  # pictures or texts in one forward pass
FAMILIES = ("clip", "siglip", "siglip2")


def _info(source: str, dim: int, licence: str, size_mb: int) -> EmbedderInfo:
    return EmbedderInfo(
        name="clip",
        vector="image",
        spec=VectorSpec("dense", dim),
        modality="image",
        licence=licence,
        size_mb=size_mb,
        source=source,
    )


DEFAULT = "google/siglip2-base-patch16-224"
MODELS = {
    info.source: info
    for info in (
        _info(DEFAULT, 768, "Apache-2.0", 1500),
        _info("google/siglip2-base-patch16-naflex", 768, "Apache-2.0", 1500),
        _info("google/siglip2-so400m-patch14-384", 1152, "Apache-2.0", 4540),
    )
}


class Clip:
    """A dual encoder from `source`: a hub id or a folder. `instruction` goes before every query in words, verbatim.

    Vectors have unit length. Words and pictures lie apart in the space (the modality gap): rank words against
    pictures or pictures against pictures, and fuse those lists by rank, never by score.
    """

    info: EmbedderInfo = MODELS[DEFAULT]
    kinds: tuple[Kind, ...] = ("figure",)

    def __init__(self, source: str = DEFAULT, instruction: str = "") -> None:
        self.info = MODELS[source] if source in MODELS else _read_info(source)
        self._instruction = instruction
        self._lock = threading.Lock()

    @cached_property
    def _parts(self) -> tuple[Any, Any]:
        from transformers import AutoModel

        return load_parts(self.info.source, AutoModel)

    def embed_images(self, images: "Sequence[Image]") -> list[Dense]:
        """The document side: one unit vector [d] per picture, in order."""
        with self._lock:
            rows = [row for batch in _batches(images) for row in self._see(batch).tolist()]
        return rows

    def embed_image_query(self, image: "Image") -> Dense:
        return self.embed_images([image])[0]

    def embed_query(self, text: str) -> Dense:
        """Words that look for pictures, as a unit vector [d]."""
        return self.embed_texts([self._instruction + text])[0]

    def embed_composed_query(self, text: str, image: "Image", image_share: float = 0.5) -> Dense:
        """A picture and words that change it ("like this, but in red"); see `compose`."""
        return compose(self.embed_image_query(image), self.embed_query(text), image_share)

    def embed_texts(self, texts: Sequence[str]) -> list[Dense]:
        """Unit vectors [d] of captions as they stand, in order: for picture to picture by way of words."""
        with self._lock:
            rows = [row for batch in _batches(texts) for row in self._read(batch).tolist()]
        return rows

    def _see(self, images: "Sequence[Image]") -> "NDArray[np.float32]":
        import torch

        processor, model = self._parts
        pixels = processor.image_processor([on_white(image) for image in images], return_tensors="pt")
        with torch.inference_mode():
            return _unit(model.get_image_features(**pixels.to(model.device, model.dtype)))  # [B, d]

    def _read(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        import torch

        _, model = self._parts
        with torch.inference_mode():
            return _unit(model.get_text_features(**self.tokens(texts).to(model.device)))  # [B, d]

    def tokens(self, texts: Sequence[str]) -> Any:
        """What the text side reads, [B, T] tensors, cut at the model's width.

        CLIP takes its vector at the token that ends the text. SigLIP takes the last position, padding included: it was
        trained on lower case, padded on the right to the full width, without a mask.
        """
        processor, model = self._parts
        padding: dict[str, Any] = {"padding": True}
        if model.config.model_type != "clip":
            padding = {"padding": "max_length", "padding_side": "right", "return_attention_mask": False}
            texts = [text.lower() for text in texts]
        width = model.config.text_config.max_position_embeddings
        return processor.tokenizer(list(texts), truncation=True, max_length=width, return_tensors="pt", **padding)


def _read_info(source: str) -> EmbedderInfo:
    """The record of a checkpoint that is not in `MODELS`, from its configuration alone."""
    config = read_config(source, FAMILIES)
    dim = config.projection_dim if config.model_type == "clip" else config.vision_config.hidden_size
    return info_of_folder(MODELS[DEFAULT], source, dim)


def _batches(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]


def _unit(output: Any) -> "NDArray[np.float32]":
    """The pooled states at unit length, [B, d]."""
    import torch

    unit: NDArray[np.float32] = torch.nn.functional.normalize(output.pooler_output.float(), dim=-1).cpu().numpy()
    return unit
