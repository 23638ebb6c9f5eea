"""Stand-alone pictures: photographs, charts, photographed and scanned pages. One page per frame."""

from pathlib import Path
from typing import TYPE_CHECKING, Self

from common.errors import BadDocument
from retrievers import ocr
from retrievers.elements import WHOLE_PAGE, Block, Page
from retrievers.parsers.paper import MAX_PIXELS, on_white

if TYPE_CHECKING:
    from PIL.Image import Image

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

    def page(self, number: int) -> Page:
        """One figure that covers the picture, its text the words read in it; a page of text comes as passages too."""
        lines = ocr.read(self.render(number, ocr.MAX_SIDE))
        words = " ".join(line.text for line in lines)
        figure = Block("figure", words, WHOLE_PAGE, caption=self.title, origin="ocr" if words else "text")
        blocks = ocr.layout(lines) if len(words) > PAGE_LETTERS else []
        return Page(number, (figure, *blocks), ("picture; read by OCR",) if words else ("picture; no text in it",))

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
