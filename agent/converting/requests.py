"""An output that a request asks for (a chart, speech, a picture). It waits until the answer stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from langchain_core.messages import BaseMessage, ToolMessage

from generators.core.base import Kind

Form = Literal["chart", "speech", "picture", "diagram", "film", "music", "document", "sheet"]
CONVERT = "convert"  # the tool that only notes what is wanted; it is made in `agent.converting.run`
FORMS: tuple[Form, ...] = get_args(Form)
TARGETS: Mapping[Form, Kind] = {
    "chart": "image",
    "speech": "audio",
    "picture": "image",
    "diagram": "image",
    "film": "video",
    "music": "audio",
    "document": "document",
    "sheet": "document",
}


@dataclass(frozen=True, slots=True)
class OutputRequest:
    """Make `form` as `request` says, in words that stand alone. `again`: the last one of this form, changed."""

    form: Form
    request: str
    again: bool = False


def requests_in(messages: Iterable[BaseMessage]) -> dict[str, OutputRequest]:
    """Step id -> what it asked for, of every call of `convert`. Documents come last: they hold the others."""
    found = {
        message.tool_call_id: message.artifact
        for message in messages
        if isinstance(message, ToolMessage) and isinstance(message.artifact, OutputRequest)
    }
    return dict(sorted(found.items(), key=lambda pair: pair[1].form == "document"))
