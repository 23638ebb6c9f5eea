"""Pictures as bytes: opened with care, and written as PNG."""

import io
from typing import TYPE_CHECKING

from generators.core.base import CannotConvert

if TYPE_CHECKING:
    from PIL.Image import Image

LARGEST = 50_000_000  # pixels


def open_picture(data: bytes) -> "Image":
    """An RGB picture. Raises `CannotConvert` if the bytes are none, or it is too large to work on."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        picture = Image.open(io.BytesIO(data))
        if picture.width * picture.height > LARGEST:
            size = f"{picture.width} x {picture.height}"
            raise CannotConvert(f"The picture is too large ({size}).", f"Keep it below {LARGEST // 10**6} megapixels.")
        return ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        raise CannotConvert("The picture cannot be read.", "Give a PNG, JPEG or WebP file that opens.") from error


def png_of(picture: "Image") -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
