"""What a conversion may draw on, and what it is made from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.converting.requests import Form
from agent.events import Answer, Artifact
from agent.memory import Turn
from generators.core.base import Medium, Table
from retrievers.elements import Hit


@dataclass(frozen=True)
class ConversionContext:
    """What outputs may be made from: the request, its hits and answer, and what was said before."""

    question: str
    hits: Sequence[Hit]
    tables: Sequence[Table]
    """Read in the pictures that came with the request."""
    searched: bool
    """Whether something was looked up or read for the request, found or not."""
    answer: Answer
    turns: Sequence[Turn]
    images: Sequence[Path]
    write_diagram: Callable[[str, str], str] | None
    """Mermaid source of the request, from the answer's text, by a chat model; None where nobody writes."""
    silent: bool = False
    """Nothing was written: what is made speaks for itself, in a line of words each."""

    @property
    def conversation(self) -> list[Turn]:
        """The conversation, with this request's own turn if it asked for more than the conversation itself."""
        earlier = list(self.turns)
        return earlier if earlier and not self.searched else [*earlier, Turn(self.question, self.question, self.answer)]

    @property
    def subject(self) -> Answer:
        """The answer that a request without a look-up speaks of: the last one, or its own."""
        return self.turns[-1].answer if self.turns and not self.searched else self.answer

    def last(self, form: Form) -> Artifact | None:
        """The last thing of this form that was made."""
        made = (artifact for turn in reversed(self.turns) for artifact in turn.answer.artifacts)
        return next((artifact for artifact in made if artifact.made.get("form") == form), None)


@dataclass(frozen=True)
class ConversionInput:
    """One way to make an output. `sources` are the elements that it will rest on."""

    medium: Medium
    request: str
    options: Mapping[str, Any] = field(default_factory=dict)
    sources: tuple[Hit, ...] = ()
