"""Pictures of evidence: the cited page with its region marked, and the region cut out."""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.prompts import prompt
from agent.request import Draw
from common.errors import BadDocument
from generators.core.media import write_whole
from retrievers.drawing import unchanged
from retrievers.elements import WHOLE_PAGE, Box, Element, Hit

if TYPE_CHECKING:
    from PIL.Image import Image

    from retrievers.library import Corpus

FILL, OUTLINE = (255, 196, 0, 64), (214, 96, 0, 255)  # RGBA


def page_image(corpus: "Corpus", element: Element, boxes: Sequence[Box], folder: Path, width: int) -> Path:
    """PNG of the element's page, `width` pixels wide, the `boxes` on it marked; drawn once, then kept in `folder`.

    Raises `BadDocument` when the source file has gone or changed since it was ingested.
    """
    path = _kept(folder, f"{element.sha256} {element.page} {boxes} {width}")
    if not path.exists():
        page = corpus.render(element, width)
        write_whole(path, png(page if WHOLE_PAGE in boxes else marked(page, boxes)))
    return path


def document_page(corpus: "Corpus", document: str, number: int, folder: Path, width: int) -> Path:
    """PNG of a page of a document, nothing marked; kept likewise. Raises like `Corpus.render_page`."""
    path = _kept(folder, f"{corpus.document(document).sha256} {number} {width}")
    if not path.exists():
        write_whole(path, png(corpus.render_page(document, number, width)))
    return path


def _kept(folder: Path, key: str) -> Path:
    return folder / f"{hashlib.sha256(key.encode()).hexdigest()}.png"


def map_image(corpus: "Corpus", element: Element, question: str, folder: Path, width: int) -> Path | None:
    """PNG of the element's page, coloured where a page embedder found it like the question; None without one.

    Drawn once, then kept in `folder`. Raises like `page_image`.
    """
    path = _kept(folder, f"{element.sha256} {element.page} {width} {corpus.embedders} {question}")
    if not path.exists():
        painted = corpus.page_map(element, question, width)
        if painted is None:
            return None
        write_whole(path, png(painted))
    return path


def figure_image(corpus: "Corpus", element: Element, folder: Path) -> Path:
    """PNG of the element's region; drawn once, then kept in `folder`. Raises like `page_image`, kept or not."""
    unchanged(corpus.document(element.document), element.sha256)
    path = _kept(folder, f"{element.sha256} {element.page} {element.box}")
    if not path.exists():
        write_whole(path, png(corpus.crop(element)))
    return path


def marked(page: "Image", boxes: Sequence[Box]) -> "Image":
    """The page under a translucent highlight over each of the `boxes`, and an outline around it."""
    from PIL import Image, ImageDraw

    layer = Image.new("RGBA", page.size, (0, 0, 0, 0))
    width, height = page.size
    margin = max(3, width // 200)
    for x0, y0, x1, y1 in boxes:
        corners = (
            max(0, x0 * width - margin),
            max(0, y0 * height - margin),
            min(width - 1, x1 * width + margin),
            min(height - 1, y1 * height + margin),
        )
        ImageDraw.Draw(layer).rectangle(corners, fill=FILL, outline=OUTLINE, width=max(2, width // 400))
    return Image.alpha_composite(page.convert("RGBA"), layer).convert("RGB")


def png(image: "Image") -> bytes:
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def parts_of(
    hits: Sequence[Hit], images: Sequence[Path], most: int, figure: Draw, page: Draw, notices: list[str]
) -> Iterator[dict[str, Any]]:
    """Parts of a message, with `most` pictures: the user's own `images`, then figures among the hits, then the pages
    of the best other hits. What cannot be drawn is noted in `notices`."""
    for path in images[:most]:
        yield _file_part(path)
    left, seen = most - len(images), set[object]()
    for number, hit in sorted(enumerate(hits, start=1), key=lambda pair: pair[1].element.kind != "figure"):
        element = hit.element
        shows = element.id if element.kind == "figure" else (element.document, element.page)
        if left <= 0 or shows in seen:
            continue
        left -= 1
        seen.add(shows)
        try:
            part = _file_part((figure if element.kind == "figure" else page)(element))
        except BadDocument as error:
            notices.append(error.words)
            continue
        yield {"type": "text", "text": prompt("picture").format(number=number)}
        yield part


def _file_part(path: Path) -> dict[str, Any]:
    """PNG data URL, whatever the file's own format."""
    from PIL import Image

    with Image.open(path) as image:
        return image_part(png(image.convert("RGB")))


def image_part(data: bytes) -> dict[str, Any]:
    """PNG bytes as a part of a message to a chat model."""
    return {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{base64.b64encode(data).decode()}"}}
