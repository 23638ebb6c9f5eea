"""One demonstration, and the template that turns it into a picture followed by text."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

DEFAULT_TEMPLATE = "{question} {text}"


@dataclass(frozen=True)
class Demonstration:
    """An image and what is to be said of it; `question` where the text is an answer."""

    image: "Image"
    text: str
    question: str = ""

    def words(self, template: str = DEFAULT_TEMPLATE) -> str:
        """The text beside the image: what the fused tokens stand for, one for each of its tokens."""
        return template.format(question=self.question, text=self.text).strip()
