"""What a conversion may draw on, and what it is made from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.converting.requests import Form, OutputRequest
from agent.events import Answer, Artifact
from agent.memory import Turn
from agent.request import Request, Work
from generators.core.base import Medium, Table
from retrievers.elements import Hit


@dataclass(frozen=True)
class ConversionContext:
    """What outputs may be made from: the request, what was found for it and said before, and its answer with what has
    been made so far. `write_diagram` is the Mermaid source of a request, from the answer's text, by a chat model; None
    where nobody writes."""

    request: Request
    work: Work
    answer: Answer
    write_diagram: Callable[[str, str], str] | None = None

    @property
    def tables(self) -> list[Table]:
        """Read in the pictures that came with the request."""
        return [result.artifact for result in self.work.results if isinstance(result.artifact, Table)]

    @property
    def searched(self) -> bool:
        """Whether something was looked up or read for the request, found or not."""
        return any(not isinstance(result.artifact, OutputRequest) for result in self.work.results)

    @property
    def silent(self) -> bool:
        """Nothing was written: what is made speaks for itself, in a line of words each."""
        return self.work.answer is None or not self.work.answer.text

    @property
    def conversation(self) -> list[Turn]:
        """The conversation, with this request's own turn if it asked for more than the conversation itself."""
        question, earlier = self.request.question, list(self.work.turns)
        return earlier if earlier and not self.searched else [*earlier, Turn(question, question, self.answer)]

    @property
    def subject(self) -> Answer:
        """The answer that a request without a look-up speaks of: the last one, or its own."""
        return self.work.turns[-1].answer if self.work.turns and not self.searched else self.answer

    def last(self, form: Form) -> Artifact | None:
        """The last thing of this form that was made."""
        made = (artifact for turn in reversed(self.work.turns) for artifact in turn.answer.artifacts)
        return next((artifact for artifact in made if artifact.made.get("form") == form), None)


@dataclass(frozen=True)
class ConversionInput:
    """One way to make an output. `sources` are the elements that it will rest on."""

    medium: Medium
    request: str
    options: Mapping[str, Any] = field(default_factory=dict)
    sources: tuple[Hit, ...] = ()
