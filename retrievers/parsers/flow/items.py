"""What documents without pages of their own consist of, before it is laid out."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Literal

from retrievers.elements import Rows

if TYPE_CHECKING:
    from PIL.Image import Image

MIN_PICTURE = 64  # pixels; smaller pictures are bullets and icons
MAX_PIXELS = 120_000_000  # a picture that decodes to more is refused before it is decoded


@dataclass(frozen=True, slots=True)
class Item:
    """A piece of a document in reading order. `picture` is the encoded image of a figure."""

    kind: Literal["heading", "text", "table", "figure"]
    text: str = ""
    level: int = 0
    rows: Rows = ()
    caption: str = ""
    picture: bytes = b""
    note: str = ""
    hidden: bool = False


def square(rows: Sequence[Sequence[str]]) -> Rows:
    """Every row with as many cells as the longest."""
    columns = max((len(row) for row in rows), default=0)
    return tuple((*row, *[""] * (columns - len(row))) for row in rows)


def figure(data: bytes, name: str, caption: str = "", hidden: bool = False) -> Item:
    """The figure of an encoded picture; a note that says why where there is none."""
    try:
        small = min(open_picture(data).size) < MIN_PICTURE
    except OSError as error:
        return Item("text", note=f"picture {name} skipped: {error}")
    if small:
        return Item("text", note=f"picture {name} skipped: smaller than {MIN_PICTURE} pixels")
    return Item("figure", caption=caption, picture=data, hidden=hidden)


def open_picture(data: bytes) -> "Image":
    """RGB picture, transparent parts on white. Raises `OSError` when it cannot be decoded or is a bomb."""
    from PIL import Image

    try:
        with Image.open(BytesIO(data)) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise OSError(f"too large ({picture.width} x {picture.height} pixels)")
            return on_white(picture)
    except (Image.DecompressionBombError, SyntaxError, ValueError) as error:
        raise OSError(f"not a readable picture ({error})") from error


def on_white(picture: "Image") -> "Image":
    """RGB copy, transparent parts on white."""
    from PIL import Image

    rgba = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")
