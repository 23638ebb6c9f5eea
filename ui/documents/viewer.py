"""What the evidence panel shows of a corpus: the page a source stands on, or any page of a document."""

from pathlib import Path
from typing import TYPE_CHECKING

from agent.events import Citation
from common.errors import UserError
from retrievers.drawing import unchanged
from ui import render
from ui.documents import evidence
from ui.documents.inside import described

if TYPE_CHECKING:
    from agent import Agent


def source(agent: "Agent", corpus: str, question: str, cited: evidence.Source, number: int = 0) -> str:
    """Page `number` of the document that is cited, or the page that is; why not, where it cannot be shown."""
    element = cited.citation.hit.element
    try:
        unchanged(agent.library.open(corpus).document(element.document), element.sha256)
        page = _page(agent, corpus, element.document, number or element.page)
        heat = _heat(agent, corpus, question, cited.citation) if page.number == element.page else None
    except UserError as error:
        return render.problem(error.what, error.cure)
    return evidence.panel(page, cited, heat)


def document(agent: "Agent", corpus: str, name: str, number: int) -> str:
    """A page of a document, or why it cannot be shown; with the first, what is inside, where that is known."""
    try:
        page = _page(agent, corpus, name, number)
        inside = agent.corpora.known_inside(corpus, page.document) if page.number == 1 else None
        return evidence.panel(page, inside=described(inside) if inside else "")
    except UserError as error:
        return render.problem(error.what, error.cure)


def _page(agent: "Agent", corpus: str, name: str, number: int) -> evidence.DocumentPage:
    record = agent.library.open(corpus).document(name)
    if record.status == "failed":
        raise UserError(f"{record.name} could not be read. {record.error}")
    return evidence.DocumentPage(corpus, record.name, record.sha256, min(max(1, number), record.pages), record.pages)


def _heat(agent: "Agent", corpus: str, question: str, citation: Citation) -> Path | None:
    return agent.map_image(citation, question, corpus=corpus)
