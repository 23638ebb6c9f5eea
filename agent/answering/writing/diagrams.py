"""A diagram's source, which only words can bring about: written by a chat model from the answer."""

from langchain_core.language_models import BaseChatModel

from agent.answering.evidence import fence_words
from agent.prompts import prompt


def write_diagram(model: BaseChatModel, request: str, answer: str) -> str:
    """Mermaid source of what `request` asks for, from what `answer` says."""
    asked = prompt("diagram").format(request=request, answer=fence_words(answer, "answer"))
    return str(model.invoke(asked).text)
