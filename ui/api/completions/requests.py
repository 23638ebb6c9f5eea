"""What a chat completion is asked for, checked. Fields that steer a language model are taken and do nothing here."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, Discriminator, Tag

from agent.asking.messages import Asked, asked_in
from ui.api.errors import ApiError

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage


class TextPart(BaseModel):
    type: Literal["text"]
    text: str


class ImageUrl(BaseModel):
    url: str


class ImagePart(BaseModel):
    type: Literal["image_url"]
    image_url: ImageUrl


class InputAudio(BaseModel):
    data: str
    format: Literal["wav", "mp3"] = "wav"


class AudioPart(BaseModel):
    type: Literal["input_audio"]
    input_audio: InputAudio


class NamedFile(BaseModel):
    file_id: str


class FilePart(BaseModel):
    """A file in the corpus: the question is about it alone."""

    type: Literal["file"]
    file: NamedFile


class OtherPart(BaseModel):
    """Refused where it is asked, and left out of what was said before."""

    type: str


def _kind(part: Any) -> str:
    kind = part.get("type") if isinstance(part, dict) else getattr(part, "type", None)
    if kind == "file":
        file = part.get("file") if isinstance(part, dict) else part.file
        return "file" if isinstance(file, NamedFile) or (isinstance(file, dict) and "file_id" in file) else "other"
    return kind if kind in ("text", "image_url", "input_audio") else "other"


Part = Annotated[
    Annotated[TextPart, Tag("text")]
    | Annotated[ImagePart, Tag("image_url")]
    | Annotated[AudioPart, Tag("input_audio")]
    | Annotated[FilePart, Tag("file")]
    | Annotated[OtherPart, Tag("other")],
    Discriminator(_kind),
]


class Message(BaseModel):
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None


class StreamOptions(BaseModel):
    include_usage: bool = False


class ChatRequest(BaseModel):
    model: str
    messages: list[Message]
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    modalities: list[Literal["text", "audio"]] | None = None
    n: int | None = 1
    tools: list[Any] | None = None
    functions: list[Any] | None = None
    response_format: dict[str, Any] | None = None

    @property
    def spoken(self) -> bool:
        return "audio" in (self.modalities or ())

    @property
    def counted(self) -> bool:
        return bool(self.stream_options and self.stream_options.include_usage)

    @property
    def files(self) -> list[str]:
        """The ids of those that the last message asks about."""
        content = self.messages[-1].content if self.messages else None
        return [part.file.file_id for part in content or () if isinstance(part, FilePart)]

    def asked(self) -> Asked:
        """Raises `ApiError` for what cannot be done, `UserError` like `asked_in`."""
        if self.tools or self.functions:
            message = "Functions of the client are not called here: the agent has its own tools. Leave `tools` out."
            raise ApiError(message, param="tools" if self.tools else "functions", code="unsupported_parameter")
        if self.n not in (None, 1):
            raise ApiError("There is one answer to a question.", param="n", code="unsupported_value")
        if (self.response_format or {}).get("type", "text") != "text":
            message = "An answer is text with citations: its format cannot be chosen."
            raise ApiError(message, param="response_format", code="unsupported_value")
        return asked_in([message for one in self.messages for message in _chat_message(one)])


def _chat_message(message: Message) -> "list[BaseMessage]":
    """Those of the user and the assistant; others instruct or serve a language model."""
    from langchain_core.messages import AIMessage, HumanMessage

    kinds = {"user": HumanMessage, "assistant": AIMessage}
    if message.role not in kinds or not message.content:
        return []
    content = message.content
    told = content if isinstance(content, str) else [part for part in content if not isinstance(part, FilePart)]
    parts: Any = told if isinstance(told, str) else [part.model_dump() for part in told]
    return [kinds[message.role](parts)]
