"""What a chat of messages asks: the question, what comes with it, and what was said before."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

from common.errors import UserError

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

TAKEN = ("human", "ai")  # others, such as a system's, are for a model that is not ours to instruct


@dataclass(frozen=True, slots=True)
class Asked:
    """The last question; `images` and `audio` as files' bytes; `earlier` the questions and answers before it."""

    question: str
    images: list[bytes] = field(default_factory=list)
    audio: list[bytes] = field(default_factory=list)
    earlier: list[tuple[str, str]] = field(default_factory=list)

    @property
    def options(self) -> dict[str, Any]:
        """All but the question, as `Agent.ask` and its like take it."""
        return {"images": self.images, "audio": self.audio, "earlier": self.earlier}


def asked_in(messages: Sequence["BaseMessage"]) -> Asked:
    """Raises `UserError` where nothing is asked last, or where something comes along that is not taken."""
    kinds = [(kind, list(run)) for kind, run in groupby((m for m in messages if m.type in TAKEN), lambda m: m.type)]
    if not kinds or kinds[-1][0] != "human":
        raise UserError("The last message is not the user's.", "End with the question.")
    texts = [(kind, "\n\n".join(message.text for message in run if message.text)) for kind, run in kinds]
    earlier = [(said, heard) for (kind, said), (_, heard) in pairwise(texts) if kind == "human"]
    asked = Asked(texts[-1][1], earlier=earlier)
    for block in (block for message in kinds[-1][1] for block in message.content_blocks):
        _take(block, asked)
    return asked


def _take(block: Any, asked: Asked) -> None:
    """A content block of LangChain's, into which it turns other makers'."""
    match block:
        case {"type": "text"}:
            pass
        case {"type": "image" | "audio" as kind, "base64": str(data)}:
            (asked.images if kind == "image" else asked.audio).append(_bytes(data))
        case {"type": "image" | "audio"}:
            cure = "Send it as a data: URL."
            raise UserError("Nothing is fetched from an address, nor by the id of a file.", cure)
        case _:
            cure = "Ingest documents into a corpus, and ask that."
            raise UserError("A message may hold text, pictures and sound, and this holds something else.", cure)


def _bytes(data: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise UserError("A picture or recording is not in base64.") from error
