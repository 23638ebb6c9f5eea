"""Who reads pictures for the converters that need somebody to: OCR for words and tables, the chat model to describe."""

from collections.abc import Callable, Mapping
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any

from agent.inputs.page_images import image_part
from agent.settings import NO_MODEL

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from agent.settings import Settings
    from retrievers.elements import Rows
    from retrievers.parsers.layout.lines import Line


def ocr_converters(settings: "Settings", model: "Callable[[], BaseChatModel]") -> dict[str, Mapping[str, Any]]:
    """Callables by converter name, for `generators.core.registry.build`. `model` is called when it is needed."""
    found: dict[str, Mapping[str, Any]] = {"ocr": {"read": words}, "table-reading": {"read": rows}}
    if settings.model != NO_MODEL and settings.model_images:
        found["caption"] = {"chat": partial(described, model)}
    return found


def words(png: bytes) -> str:
    """The words in a picture, line by line."""
    return "\n".join(line.text for line in _lines(png))


def rows(png: bytes) -> "Rows":
    """The largest table in a picture, header first; empty when there is none."""
    from retrievers.parsers.layout.tables.finding import find_tables

    tables, _ = find_tables(_lines(png))
    return max((table.rows for table in tables), key=lambda found: sum(map(len, found)), default=())


def described(model: "Callable[[], BaseChatModel]", question: str, png: bytes) -> str:
    """What the chat model says to the question about a picture."""
    from langchain_core.messages import HumanMessage

    return str(model().invoke([HumanMessage([{"type": "text", "text": question}, image_part(png)])]).text)


def _lines(png: bytes) -> "list[Line]":
    """Small print is enlarged, which the recogniser reads better."""
    from PIL import Image

    from retrievers.parsers import ocr

    with Image.open(BytesIO(png)) as image:
        scale = ocr.MAX_SIDE / max(image.size)
        return ocr.read(image.resize((round(image.width * scale), round(image.height * scale))))
