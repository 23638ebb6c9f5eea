"""What embedders of pictures share: their protocol, composed queries, and loading from a folder or the hub.

Knows no architecture: `clip` and `colpali` do.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from common.errors import UserError
from retrievers.elements import Kind
from retrievers.embedders.base import EmbedderInfo
from retrievers.stores.base import Dense, Vector

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

SMALLEST = 8  # pixels; a side of 3 or less would be read as colour channels


class SeesPictures(Protocol):
    """Fills its vector from pixels rather than words: crops of elements of `kinds`."""

    info: EmbedderInfo
    kinds: tuple[Kind, ...]

    def embed_images(self, images: "Sequence[Image]") -> list[Any]:
        """The document side: one vector per picture, in order."""
        ...

    def embed_image_query(self, image: "Image") -> Vector: ...


@runtime_checkable
class Recogniser(SeesPictures, Protocol):
    """Knows a picture again and nothing of what it means: at a cosine of `least` or more it is the same one, at a
    little less if no other comes near."""

    least: float


@runtime_checkable
class PictureEmbedder(SeesPictures, Protocol):
    """Understands pictures: its vectors can be searched with words too."""

    def embed_query(self, text: str) -> Vector: ...


@runtime_checkable
class ComposingEmbedder(PictureEmbedder, Protocol):
    """Can mix words and a picture in one query; see `compose`."""

    def embed_composed_query(self, text: str, image: "Image", image_share: float = 0.5) -> Dense: ...


@dataclass(frozen=True, slots=True)
class QueryVectors:
    """A question: unit vectors [q, d] and the token each stands for. `asked` are the question's own tokens, without
    the instruction before and the padding behind it that the model was trained with."""

    vectors: "NDArray[np.float32]"
    tokens: tuple[str, ...]
    asked: slice


@runtime_checkable
class PageEmbedder(PictureEmbedder, Protocol):
    """Keeps places apart, one vector per patch, so that it can be shown where a page matched."""

    def embed_question(self, text: str) -> QueryVectors: ...

    def grid(self, image: "Image") -> tuple[int, int]:
        """Rows and columns of the patches that a page drawn like `image` is stored as."""
        ...


def compose(image: Dense, text: Dense, image_share: float = 0.5) -> Dense:
    """A query in picture and words: norm(a * image + (1 - a) * text), a = `image_share` (ALIGN, arXiv 2102.05918).

    Both are unit vectors [d] of one model. Raises `ValueError` for a share outside 0..1.
    """
    import numpy as np

    if not 0.0 <= image_share <= 1.0:
        raise ValueError(f"image_share is a share, 0 to 1, not {image_share}")
    mixed = image_share * np.asarray(image) + (1.0 - image_share) * np.asarray(text)
    unit: Dense = (mixed / np.linalg.norm(mixed)).tolist()
    return unit


def on_white(image: "Image") -> "Image":
    """The picture in RGB: what is see-through becomes white, as on paper, and slivers are widened to `SMALLEST`."""
    from PIL import Image

    if image.has_transparency_data:
        above = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", above.size, "white"), above)
    if min(image.size) < SMALLEST:
        image = image.resize((max(SMALLEST, image.width), max(SMALLEST, image.height)))
    return image.convert("RGB")


def read_config(source: str, families: Collection[str]) -> Any:
    """The model's configuration, without its weights.

    Raises `UserError` when `source` is no folder or hub id that can be reached, or is of none of the `families`.
    """
    from transformers import AutoConfig

    try:
        config = AutoConfig.from_pretrained(source)
    except (OSError, ValueError) as error:
        raise _unreadable(source, error) from error
    if config.model_type not in families:
        raise UserError(
            f"The model {source!r} is of the family {config.model_type!r}.",
            f"Choose one of: {', '.join(sorted(families))}.",
        )
    return config


def load_parts(source: str, model_class: Any) -> tuple[Any, Any]:
    """Processor and model, from safetensors only: bfloat16 on a GPU when there is one, else float32 on the CPU.

    Raises `UserError` when they are not there, are stored otherwise, or need a package that is not installed.
    """
    import torch
    from transformers import AutoProcessor
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    device, dtype = ("cuda", torch.bfloat16) if torch.cuda.is_available() else ("cpu", torch.float32)
    try:
        processor = AutoProcessor.from_pretrained(source)  # type: ignore[no-untyped-call]
        model = model_class.from_pretrained(source, dtype=dtype, use_safetensors=True)
    except (OSError, ValueError, ImportError) as error:
        raise _unreadable(source, error) from error
    model.to(device)
    model.train(False)
    return processor, model


def info_of_folder(known: EmbedderInfo, source: str, dim: int) -> EmbedderInfo:
    """The record of a model that is in no table: `known` with its own source, dimension, and size where it is local."""
    size = sum(file.stat().st_size for file in Path(source).glob("*.safetensors")) // 1_000_000
    return replace(known, spec=replace(known.spec, dim=dim), licence="see its source", size_mb=size, source=source)


def _unreadable(source: str, error: Exception) -> UserError:
    reason = str(error).strip().partition("\n")[0]
    return UserError(
        f"The model {source!r} cannot be loaded: {reason}",
        f"Name a folder with config.json and *.safetensors, or fetch it once with: hf download {source}",
    )
