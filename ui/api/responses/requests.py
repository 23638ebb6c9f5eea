"""What `/v1/responses` is asked for, checked. Fields that steer a language model are taken and do nothing here."""

import base64
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel

from agent.asking.messages import Asked, asked_in
from ui.api.errors import ApiError
from ui.api.files.uploaded import UploadedFiles

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

WORDS = ("input_text", "output_text", "text")
REFUSED = {
    "previous_response_id": "Responses are not kept: send what was said before as `input`.",
    "conversation": "Conversations are not kept: send what was said before as `input`.",
    "background": "An answer comes with its request, streamed or whole: leave `background` out.",
    "prompt": "Prompts are not kept: send the question as `input`.",
}


class Part(BaseModel):
    """Of a message's content; which field is set depends on its type."""

    type: str
    text: str = ""
    image_url: str | None = None
    file_id: str | None = None
    input_audio: dict[str, Any] | None = None


class Item(BaseModel):
    """A message; other items of earlier responses may come along, and say nothing more."""

    type: str = "message"
    role: Literal["user", "assistant", "system", "developer"] | None = None
    content: str | list[Part] | None = None


class ResponsesRequest(BaseModel):
    model: str
    input: str | list[Item]
    stream: bool | None = False
    tools: list[dict[str, Any]] | None = None
    text: dict[str, Any] | None = None
    previous_response_id: Any = None
    conversation: Any = None
    background: Any = None
    prompt: Any = None

    @property
    def files(self) -> list[str]:
        """The ids of those that the last message asks about."""
        content = self.input[-1].content if self.input and not isinstance(self.input, str) else None
        parts = content if isinstance(content, list) else []
        return [part.file_id for part in parts if part.type == "input_file" and part.file_id]

    def asked(self, corpus: str, uploaded: UploadedFiles) -> Asked:
        """Pictures may be files that were `uploaded`. Raises `ApiError` for what cannot be done, `UserError` like
        `asked_in`."""
        for name, why in REFUSED.items():
            if getattr(self, name):
                raise ApiError(why, param=name, code="unsupported_parameter")
        for tool in self.tools or ():
            _check_tool(tool, corpus)
        form = (self.text or {}).get("format")
        if isinstance(form, dict) and form.get("type", "text") != "text":
            message = "An answer is text with citations: its format cannot be chosen."
            raise ApiError(message, param="text.format", code="unsupported_value")
        items = [Item(role="user", content=self.input)] if isinstance(self.input, str) else self.input
        return asked_in([message for item in items for message in _messages(item, uploaded)])


def _check_tool(tool: dict[str, Any], corpus: str) -> None:
    """`file_search` is what is done anyway, in the corpus that the model names. Raises `ApiError` for others."""
    if tool.get("type") != "file_search":
        message = "Tools of the client are not called here: the agent has its own. Leave them out, but for file_search."
        raise ApiError(message, param="tools", code="unsupported_parameter")
    if tool.get("vector_store_ids", [corpus]) != [corpus]:
        message = f"The model {corpus!r} searches the vector store {corpus!r}: name that one, or another model."
        raise ApiError(message, param="tools", code="unsupported_value")


def _messages(item: Item, uploaded: UploadedFiles) -> "list[BaseMessage]":
    """Of the user and the assistant, in the shape of Chat Completions, which LangChain reads."""
    from langchain_core.messages import AIMessage, HumanMessage

    kinds = {"user": HumanMessage, "assistant": AIMessage}
    if item.type != "message" or item.role not in kinds or not item.content:
        return []
    if isinstance(item.content, str):
        return [kinds[item.role](item.content)]
    parts = [part for part in item.content if not (part.type == "input_file" and part.file_id)]
    return [kinds[item.role]([_part(part, uploaded) for part in parts])]


def _part(part: Part, uploaded: UploadedFiles) -> dict[str, Any]:
    if part.type in WORDS:
        return {"type": "text", "text": part.text}
    if part.type == "input_image" and part.file_id:
        data = base64.b64encode(uploaded.get(part.file_id).path.read_bytes()).decode()
        return {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}
    if part.type == "input_image" and part.image_url:
        return {"type": "image_url", "image_url": {"url": part.image_url}}
    if part.type == "input_audio" and part.input_audio:
        return {"type": "input_audio", "input_audio": {"format": "wav", "data": ""} | part.input_audio}
    return {"type": part.type}  # which is refused where it is asked, and left out of what was said before
