"""A follow-up made to stand alone by the configured model, which is held to what was said: what it may not add makes
its rewrite void."""

import re
from collections.abc import Callable, Sequence

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage

from agent.answering import evidence
from agent.prompts import prompt
from agent.routers.followup import THRESHOLD, Said, filled_in, leans, standalone
from common.errors import ModelUnavailable

TURNS = 3  # that the model is shown
LONGEST = 400  # letters of each answer
LONGER = 200  # letters that a rewrite may have beyond its question
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")

Rewrite = Callable[[str, Sequence[Said]], str]


def rewriter(model: BaseChatModel) -> Rewrite:
    """Asks `model`; where its rewrite is void, or it is down, ours stands."""

    def rewrite(question: str, said: Sequence[Said]) -> str:
        if not said or leans(question, said) < THRESHOLD:
            return question
        history = "\n\n".join(
            f"Question: {one.question}\n{evidence.fence_words(one.answer[:LONGEST], 'answer')}" for one in said[-TURNS:]
        )
        try:
            reply = model.invoke([HumanMessage(prompt("standalone").format(history=history, question=question))]).text
        except ModelUnavailable:
            return filled_in(question, said)
        return checked(reply, question, said, filled_in)

    return rewrite


def checked(rewrite: str, question: str, said: Sequence[Said], otherwise: Rewrite = standalone) -> str:
    """A model's rewrite, if it is one line, not much longer, and names nothing that was not said; else ours."""
    bare = rewrite.strip().strip('"').removeprefix("Question:").strip()
    if not bare or "\n" in bare or len(bare) > len(question) + LONGER or added(bare, question, said):
        return otherwise(question, said)
    return bare


def added(rewrite: str, question: str, said: Sequence[Said]) -> list[str]:
    """Its names and numbers that stand neither in the question nor in what was said."""
    known = {
        word.lower()
        for text in (question, *(part for one in said for part in (one.question, one.answer)))
        for word in _WORD.findall(text)
    }
    known |= {word.removesuffix("'s") for word in known}
    named = [
        word for place, word in enumerate(_WORD.findall(rewrite)) if (place and word[0].isupper()) or word[0].isdigit()
    ]
    return [word for word in named if word.lower().removesuffix("'s").removesuffix("’s") not in known]
