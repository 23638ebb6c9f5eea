"""What a document is written from: questions with their answers, citations and figures."""

from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

from generators.core.base import CannotConvert
from generators.images.pixels import open_picture, png_of


@dataclass(frozen=True, slots=True)
class DocumentCitation:
    """What `[number]` in an answer points at. `box` is in page units: 0..1 from the top left corner."""

    number: int
    document: str
    page: int
    quote: str = ""
    box: tuple[float, float, float, float] | None = None

    @property
    def place(self) -> str:
        """ "report.pdf, page 7, 12% from the top"."""
        where = f", {self.box[1]:.0%} from the top" if self.box else ""
        return f"{self.document}, page {self.page}{where}"


@dataclass(frozen=True, slots=True)
class DocumentFigure:
    """A picture file (PNG, JPEG, WebP) and what stands below it."""

    path: Path
    caption: str = ""


@dataclass(frozen=True, slots=True)
class DocumentTurn:
    """One question and its answer; the answer is Markdown with marks such as [1]."""

    question: str
    answer: str
    citations: tuple[DocumentCitation, ...] = ()
    figures: tuple[DocumentFigure, ...] = ()


def data_url(figure: DocumentFigure) -> str:
    """The picture as an address that holds all of it. Raises `CannotConvert` if it does not open."""
    return f"data:image/png;base64,{b64encode(png_of(open_picture(figure_bytes(figure)))).decode()}"


def figure_bytes(figure: DocumentFigure) -> bytes:
    """The picture file. Raises `CannotConvert` if it is not there."""
    try:
        return figure.path.read_bytes()
    except OSError as error:
        raise CannotConvert(f"The figure {figure.path.name} cannot be read.", "Make it again.") from error
