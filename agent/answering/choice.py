"""Who answers: a model, or whoever quotes."""

from typing import TYPE_CHECKING

from agent import models
from agent.answering.answerer import Answerer

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


def answerer_of(model: "BaseChatModel", name: str, max_images: int) -> Answerer:
    """The model, which people call `name`, where there is one that writes; else whoever quotes."""
    from agent.answering.quoting.answerer import QuotingAnswerer
    from agent.answering.writing.answerer import WritingAnswerer

    return WritingAnswerer(model, name, max_images) if models.writes(model) else QuotingAnswerer()
