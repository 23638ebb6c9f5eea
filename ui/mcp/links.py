"""Where a person opens what a tool names: the page of the citation, a file that was made."""

from pathlib import Path
from typing import Protocol

from agent import Agent, Citation
from ui.api.citations import CitedPages
from ui.api.made import link


class Links(Protocol):
    def citation(self, citation: Citation, corpus: str) -> str: ...

    def file(self, path: Path) -> str: ...


class WebLinks:
    """On the server whose address is `base`."""

    def __init__(self, pages: CitedPages, base: str) -> None:
        self._pages, self._base = pages, base

    def citation(self, citation: Citation, corpus: str) -> str:
        """With the region marked."""
        return self._pages.url(citation, corpus, self._base)

    def file(self, path: Path) -> str:
        return link(path, self._base)


class FileLinks:
    """On this machine, where no server is asked."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    def citation(self, citation: Citation, corpus: str) -> str:
        """The document's own file, which readers of PDF open at the page."""
        element = citation.hit.element
        path = self._agent.library.open(corpus).document(element.document).path
        return f"{Path(path).absolute().as_uri()}#page={element.page}"

    def file(self, path: Path) -> str:
        return path.absolute().as_uri()
