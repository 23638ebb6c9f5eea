from collections.abc import Sequence
from dataclasses import dataclass
from agent.routers.followup import old
@dataclass(frozen=True, slots=True)
class Said:
    question: str
    answer: str = ""
def standalone(question: str, said: Sequence[Said]) -> str:
    return old.standalone(question, said[-1].question if said else None)
