"""Pictures as clients of MCP show them: small enough, in a type that all of them know."""

import base64
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from mcp.types import ImageContent
from PIL import Image

LONGEST_SIDE = 1568  # pixels
LARGEST = 700_000  # bytes of all pictures of one result: in base64 and beside its text they stay below 1 MB
MOST = 8  # pictures of one result
SHOWN = {"PNG", "JPEG", "GIF", "WEBP"}
QUALITY = 85
SMALLER = 0.7  # of its sides, until it fits


def image_blocks(pictures: Sequence[Path]) -> Iterator[ImageContent]:
    """The first `MOST`, which share the room there is."""
    shown = pictures[:MOST]
    for path in shown:
        data, mime = small(path.read_bytes(), LARGEST // len(shown))
        yield ImageContent(type="image", data=base64.b64encode(data).decode(), mime_type=mime)


def small(data: bytes, most: int) -> tuple[bytes, str]:
    """A picture of `most` bytes and `LONGEST_SIDE` pixels at most, with its MIME type: as it is where that will do,
    else as PNG, else as JPEG."""
    with Image.open(io.BytesIO(data)) as image:
        if len(data) <= most and max(image.size) <= LONGEST_SIDE and image.format in SHOWN:
            return data, Image.MIME[image.format]
        shown = image.convert("RGB")
    shown.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    if len(written := _written(shown, "PNG")) <= most:
        return written, "image/png"
    while len(written := _written(shown, "JPEG")) > most and min(shown.size) > 1:
        shown = shown.resize([max(1, int(side * SMALLER)) for side in shown.size])
    return written, "image/jpeg"


def _written(image: Image.Image, form: str) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, optimize=True, quality=QUALITY)
    return buffer.getvalue()
