"""What was said before, as messages for a model."""

from collections.abc import Sequence

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from agent.answering import evidence
from agent.answering.citations import unmarked
from agent.memory import Turn
from agent.models.budget import tokens

TURNS = 6  # of a conversation, at most
ROOM = 1_000  # tokens that they may take


def conversation(turns: Sequence[Turn], room: int = ROOM) -> list[BaseMessage]:
    """The last turns that fit in `room` tokens, oldest first.

    Answers quote documents, so they are made inert; their citations are left out, whose numbers mean other sources now.
    """
    kept: list[BaseMessage] = []
    for turn in reversed(turns[-TURNS:]):
        said = evidence.inert(unmarked(turn.answer.text))
        room -= tokens(turn.question) + tokens(said)
        if room < 0:
            break
        kept = [HumanMessage(turn.question), AIMessage(said), *kept]
    return kept
