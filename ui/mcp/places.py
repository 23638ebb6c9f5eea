"""Names of places in documents, which hold what it takes to find them again: `triptych://corpus/document/page/7` is a
page, with `#12-3fa9c1d2` behind it the element of that order in the file whose hash begins so."""

import re
from dataclasses import dataclass
from typing import Any

from mcp.shared.uri_template import UriTemplate

from agent import Agent, Citation
from common.errors import UserError
from retrievers.elements import WHOLE_PAGE, Element, Hit
from retrievers.stores.base import Filter

PAGE = "triptych://{corpus}/{document}/page/{page}"
_ADDRESS = UriTemplate.parse(PAGE)
_ELEMENT = re.compile(r"(?P<order>\d{1,9})-(?P<sha256>[0-9a-f]{8})")


@dataclass(frozen=True, slots=True)
class Place:
    """An element of a corpus, or a whole page of it; `words` are those of the whole page."""

    corpus: str
    element: Element
    words: str

    @property
    def citation(self) -> Citation:
        return Citation(1, Hit(self.element, 0.0))


def page_name(corpus: str, document: str, page: int) -> str:
    return _ADDRESS.expand({"corpus": corpus, "document": document, "page": str(page)})


def name_of(corpus: str, element: Element) -> str:
    page = page_name(corpus, element.document, element.page)
    return page if element.kind == "page" else f"{page}#{element.order}-{element.sha256[:8]}"


def find(agent: Agent, name: str) -> Place:
    """Raises `UserError` where there is no such place, or its document has changed."""
    page, _, fragment = name.partition("#")
    parts: dict[str, Any] | None = _ADDRESS.match(page)
    if parts is None or not re.fullmatch(r"\d{1,9}", parts["page"]):
        raise UserError(f"{name!r} is not the id of a place.", "Take the id from a result of search or ask.")
    opened = agent.library.open(parts["corpus"])
    record, number = opened.document(parts["document"]), int(parts["page"])
    if not 1 <= number <= record.pages:
        raise UserError(f"{record.name} has no page {number}.", f"It has {record.pages}.")
    here = Filter(documents=(record.name,), kinds=("page",), pages=(number,))
    blank = Element(record.name, record.sha256, number, "page", "", WHOLE_PAGE, 0, record.title)
    whole = next(iter(opened.store.scroll(here)), blank)
    if not fragment:
        return Place(opened.name, whole, whole.text)
    known = _ELEMENT.fullmatch(fragment)
    order = int(known["order"]) if known else -1
    for element in opened.store.scroll(Filter(documents=(record.name,), orders=(order, order))):
        if known and element.kind != "page" and element.page == number and element.sha256.startswith(known["sha256"]):
            return Place(opened.name, element, whole.text)
    raise UserError(f"The place {name!r} is no longer there: {record.name} has changed.", "Search again.")
