"""An order: something to be made for a request (a chart, speech, a picture). It waits until the answer stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from langchain_core.messages import BaseMessage, ToolMessage

from generators.core.base import Kind

Form = Literal["chart", "speech", "picture", "diagram", "film", "music", "document", "sheet"]
ORDERING = "convert"  # the tool that only takes an order; the work is shown when it is done, in `agent.finish`
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
class Order:
    """Make `form` as `request` says, in words that stand alone. `again`: the last one of this form, changed."""

    form: Form
    request: str
    again: bool = False


def orders_in(messages: Iterable[BaseMessage]) -> dict[str, Order]:
    """Step id -> its order, for every order that tools have taken. Documents come last: they hold the others."""
    found = {
        message.tool_call_id: message.artifact
        for message in messages
        if isinstance(message, ToolMessage) and isinstance(message.artifact, Order)
    }
    return dict(sorted(found.items(), key=lambda pair: pair[1].form == "document"))
