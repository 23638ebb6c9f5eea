"""Follow-up questions made to stand alone: whether one needs it (`need`), and how it is filled in (`rewriting`).

"And the lower one?" after "How high is the upper dam?" -> "How high is the lower dam?". A question that needs nothing
from before stays as it was put. English, German, Spanish and French; questions of other languages stay as they are.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from agent.memory import Turn
from agent.routers.followup.candidate import vector_of
from agent.routers.followup.entities import Said
from agent.routers.followup.need import features
from agent.routers.followup.parsing.grammar import grammar_of
from agent.routers.followup.rewriting import rewrite
from common.logistic import sigmoid, weighed

__all__ = ["FITTED", "THRESHOLD", "Said", "filled_in", "leans", "said_in", "standalone"]

FITTED = Path(__file__).with_name("weights.json")
THRESHOLD = 0.5  # the probability from which a question is rewritten
LONGEST = 300  # letters of a follow-up, and of what it may follow


def standalone(question: str, said: Sequence[Said]) -> str:
    """`question` with what it leaves unsaid filled in from what was `said` before, the last of it last."""
    return filled_in(question, said) if said and leans(question, said) >= THRESHOLD else question


def filled_in(question: str, said: Sequence[Said]) -> str:
    """The same of a question that is known to lean on what was said."""
    grammar = grammar_of(question, said[-1].question)
    return rewrite(question, said, grammar, weights()["candidates"]) if grammar else question


def said_in(turns: Sequence[Turn]) -> list[Said]:
    """The questions and answers of a conversation."""
    return [Said(turn.asked or turn.standalone, turn.answer.text) for turn in turns]


def leans(question: str, said: Sequence[Said]) -> float:
    """The probability that `question` needs what was said before it."""
    if len(question) > LONGEST or len(said[-1].question) > LONGEST or not said[-1].question.strip(" ?.!¿"):
        return 0.0
    grammar = grammar_of(question, said[-1].question)
    if grammar is None:
        return 0.0
    need = weights()["need"]
    form = weighed(need["form"], features(question, said, grammar))
    return sigmoid(need["bias"] + form + float(vector_of(question) @ need["vector"]))


@cache
def weights() -> Mapping[str, Any]:
    """Of `need` the bias, those of the form and of the sentence vector [384]; of `candidates` those of its features."""
    read: dict[str, Any] = json.loads(FITTED.read_text(encoding="utf-8"))
    return read
