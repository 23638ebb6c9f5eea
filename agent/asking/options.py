"""What can be said along with a question."""

from collections.abc import Sequence
from typing import TypedDict

from agent.inputs.attachments import Attachment


class AskOptions(TypedDict, total=False):
    """`images` and `audio` are paths, or what such files hold; what is said in `audio` is written down first, and
    belongs to the question. `documents` of the `corpus` limit where to look.

    A `conversation` keeps the question: as its next turn, or as `turn`, which `conversations.begin` has written down
    already. `earlier` are the questions and answers, oldest first, of a conversation that is not kept here.

    `model` is one of the agent's `models`, to answer in place of the first.
    """

    images: Sequence[Attachment]
    audio: Sequence[Attachment]
    corpus: str | None
    documents: Sequence[str]
    conversation: str | None
    turn: int | None
    earlier: Sequence[tuple[str, str]]
    model: str | None
