"""What a model can do: found out once, remembered, and mended by what a reply shows."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


@dataclass(frozen=True, slots=True)
class Abilities:
    """None where nobody knows. `tools`: it calls them; `schema`: its server holds it to JSON of a schema; `images`: it
    sees pictures; `logprobs`: it says how probable its tokens are; `context`: most tokens of a prompt and its reply
    together; `parameters`: how many weights it has."""

    tools: bool | None = None
    schema: bool | None = None
    images: bool | None = None
    logprobs: bool | None = None
    context: int | None = None
    parameters: int | None = None

    def __str__(self) -> str:
        """In words, as `triptych doctor` shows them."""
        known = [_words(name, getattr(self, name)) for name in ("tools", "schema", "images", "logprobs")]
        context = f"context of {self.context:,} tokens" if self.context else "context unknown"
        return ", ".join([*known, context])


def of(model: "BaseChatModel") -> Abilities:
    """What is known of the model; asks its server, the first time, in bounded time."""
    known = getattr(model, "abilities", None)
    return known if isinstance(known, Abilities) else Abilities()


def _words(name: str, able: bool | None) -> str:
    return f"{name} unknown" if able is None else name if able else f"no {name}"
