"""What a tool may see. It is fixed by the request, never by a model."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from langchain_core.tools import BaseTool

if TYPE_CHECKING:
    from agent.answering.judge import Judge
    from agent.converting.service import ConverterService
    from agent.demonstrations import Demonstrator
    from retrievers.elements import Hit
    from retrievers.library import Corpus

READS = {"reads": True}  # metadata of a tool that only reads; others run only where the person's words ask for it


def reads(tool: BaseTool) -> bool:
    return bool((tool.metadata or {}).get("reads"))


@dataclass(frozen=True)
class Scope:
    """One request's corpus, the documents it is limited to (none: all), and the pictures asked with."""

    corpus: "Corpus"
    documents: tuple[str, ...] = ()
    images: tuple[Path, ...] = ()
    top_k: int = 8
    demonstrator: "Demonstrator | None" = None
    """The user's sets of demonstrations, and who answers from them; None: there are none."""
    converters: "ConverterService | None" = None
    """Reads the pictures; None: nobody does."""

    judge: "Judge | None" = None
    """Says which of the pages found are relevant; None: the search alone does."""

    def pictures(self, words: str) -> "list[Hit]":
        """The figures closest to some words, best first."""
        return self.corpus.search(words, documents=self.documents, kinds=["figure"])
