"""Stand-alone pictures: photographs, charts, photographed and scanned pages. One page per frame."""

from pathlib import Path
from typing import TYPE_CHECKING, Self

from common.errors import BadDocument
from retrievers.elements import WHOLE_PAGE, Block, Page
from retrievers.parsers import ocr
from retrievers.parsers.base import Document
from retrievers.parsers.flow.items import MAX_PIXELS, on_white
from retrievers.parsers.layout.lines import spaced

if TYPE_CHECKING:
    from PIL.Image import Image

DESCRIPTIONS = (0x010E, 0x9C9B, 0x9C9C, 0x9C9E, 0x9C9F)  # Exif: description, then Windows' title, comment, ...
CHUNKS = ("Title", "Description", "Comment", "comment")  # of a PNG's text, and a JPEG's comment
MOST_DESCRIPTION = 300  # characters
PAGE_LETTERS = 400  # more letters than this in a picture: it is a page of text, to be read as passages


class ImageDocument:
    """See `parsers.base.Document`. A TIFF has a page per frame; of an animated GIF the first frame counts."""

    def __init__(self, path: Path) -> None:
        from PIL import Image, UnidentifiedImageError

        self.path = path
        self.title = path.stem.replace("-", " ").replace("_", " ")
        try:
            self._image = Image.open(path)
            width, height = self._image.size
            self.page_count = getattr(self._image, "n_frames", 1) if self._image.format == "TIFF" else 1
            if width * height > MAX_PIXELS:
                raise BadDocument(f"{path.name} is too large ({width} x {height} pixels).", "Scale it down.")
            self._image.load()
        except Image.DecompressionBombError as error:
            raise BadDocument(f"{path.name} is too large: {error}.", "Scale it down.") from error
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
            raise BadDocument(f"{path.name} is not a readable picture ({error}).", "Export it again.") from error

    @property
    def description(self) -> str:
        """What the file says of its picture: its Exif or PNG title, description, comment, keywords."""
        exif = self._image.getexif()
        said = [*map(exif.get, DESCRIPTIONS), *map(self._image.info.get, CHUNKS)]
        words = dict.fromkeys(" ".join(text.split()) for text in map(_decoded, said) if text)
        return " ".join(words)[:MOST_DESCRIPTION].strip()

    def page(self, number: int) -> Page:
        """One figure that covers the picture, its text the words read in it; a page of text comes as passages too."""
        lines, doubtful = ocr.recognise(self.render(number, ocr.MAX_SIDE))
        words, places = spaced(lines)
        caption = ". ".join(filter(None, (self.title, self.description)))
        figure = Block("figure", words, WHOLE_PAGE, caption=caption, origin="ocr" if words else "text", lines=places)
        blocks = ocr.layout(lines) if len(words) > PAGE_LETTERS else []
        notes = ["picture; read by OCR" if words else "picture; no text in it"]
        if doubtful:
            notes = ["picture; read by OCR"] * bool(words) + [ocr.UNREADABLE]
        return Page(number, (figure, *blocks), tuple(notes))

    def render(self, number: int, width: int) -> "Image":
        from PIL import Image, ImageOps

        if self.page_count > 1:
            self._image.seek(number - 1)
        upright = on_white(ImageOps.exif_transpose(self._image))
        height = max(1, round(upright.height * width / upright.width))
        return upright.resize((width, height), Image.Resampling.LANCZOS)

    def close(self) -> None:
        self._image.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def open_heic(path: Path) -> ImageDocument:
    """HEIC and HEIF, by libheif. Raises `BadDocument` where it is not installed."""
    try:
        from pi_heif import register_heif_opener
    except ModuleNotFoundError as error:
        raise BadDocument(
            f"{path.name} is a HEIC picture, which needs the package pi-heif to be read.",
            "Export the picture as JPEG.",
            'Or install it with: pip install "triptych[heic]".',
        ) from error
    register_heif_opener()
    return ImageDocument(path)


def _decoded(text: object) -> str:
    """Exif of Windows is UTF-16; other bytes, and what is no text, count as nothing said."""
    if isinstance(text, bytes):
        text = text.decode("utf-16-le" if text.endswith(b"\x00\x00") else "utf-8", errors="ignore")
    return "".join(filter(str.isprintable, text.replace("\n", " "))) if isinstance(text, str) else ""


def words_in(picture: Document) -> str:
    """What a picture says, and what its file says of it."""
    described = picture.description if isinstance(picture, ImageDocument) else ""
    read = (line.text for line in ocr.read(picture.render(1, ocr.MAX_SIDE)))
    return " ".join(filter(None, (described, *read)))
