"""The evidence panel: a page of a document with what was quoted from it marked, and the ways to other pages and
sources. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.events import Citation
from retrievers.elements import WHOLE_PAGE, Box
from ui import render
from ui.api import made
from ui.sanitize import sanitizing

EMPTY = (
    '<section class="evidence empty" id="evidence"><h2>Evidence</h2>'
    "<p>Select a source number in an answer to see the page it comes from, with the passage marked.</p></section>"
)
MARGIN = 0.001  # around what is marked, in page units: rows of a table stand close


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """A page, from 1, of the `pages` of a document, whose content has the hash `sha256`."""

    corpus: str
    document: str
    sha256: str
    number: int
    pages: int


@dataclass(frozen=True, slots=True)
class Source:
    """A citation of the answer to question `turn`, and all that this answer cites."""

    citation: Citation
    siblings: Sequence[Citation]
    turn: int


@sanitizing
def panel(page: DocumentPage, source: Source | None = None, heat: Path | None = None, inside: str = "") -> str:
    """The page; what the `source` quotes is marked if it stands there. The other pages of the document are a step away,
    and so are the other sources of the answer.

    `heat` is the page coloured where it is like the question, if an embedder of pages is there to say; `inside` stands
    above the page.
    """
    name = render.plain(Path(page.document).name)
    number = f'<b class="number">{source.citation.number}</b>' if source else ""
    here = source is not None and source.citation.hit.element.page == page.number
    place = f"{name}, page {page.number}"
    return (
        '<section class="evidence" id="evidence" aria-live="polite">'
        f"<header><h2>{number}{name}</h2>{_sources(source) if source else ''}</header>"
        f"{_of(source.citation) if source and here else ''}"
        f"{inside}"
        f'<div class="turn">{_pages(page, source)}{ZOOM}</div>'
        f"{_sheet(page, place, source.citation if source and here else None)}"
        f"{_quoted(source.citation) if source and here else ''}"
        f"{_heat(heat, place) if here else ''}"
        f"{_why(source.citation) if source and here else ''}"
        "</section>"
    )


def _of(citation: Citation) -> str:
    element = citation.hit.element
    section = f'<p class="section">{render.plain(" › ".join(element.section))}</p>' if element.section else ""
    read = " · read by OCR" if element.origin == "ocr" else ""
    kind = f'<span class="kind">{render.plain(element.kind)}</span>'
    return f'<p class="place">{kind} page {element.page}{read}</p>{section}'


ZOOM = (
    '<span class="zoom"><button type="button" data-zoom="out" aria-label="Smaller">−</button>'
    '<button type="button" data-zoom="in" aria-label="Larger">+</button></span>'
)


def _sheet(page: DocumentPage, place: str, citation: Citation | None) -> str:
    url = render.plain(render.document_page(page.corpus, page.sha256, page.number))
    boxes = citation.boxes if citation else ()
    marks = "".join(_mark(box) for box in boxes if box != WHOLE_PAGE)
    told = ", with what was quoted marked" if marks else ""
    return (
        f'<div class="sheet" tabindex="0" role="group" aria-label="{place}{told}">'
        f'<div class="paper"><img src="{url}" alt="{place}">{marks}</div></div>'
    )


def _mark(box: Box) -> str:
    left, top = max(0.0, box.x0 - MARGIN), max(0.0, box.y0 - MARGIN)
    width, height = min(1.0, box.x1 + MARGIN) - left, min(1.0, box.y1 + MARGIN) - top
    sides = {"left": left, "top": top, "width": width, "height": height}
    style = ";".join(f"{side}:{100 * share:.4g}%" for side, share in sides.items())
    return f'<i class="mark" style="{style}"></i>'


def _quoted(citation: Citation) -> str:
    element = citation.hit.element
    words = citation.quote or element.caption or element.text
    return f"<blockquote>{render.plain(render.shortened(words))}</blockquote>" if words and not element.rows else ""


def _why(citation: Citation) -> str:
    return (
        f'<details class="why"><summary>Why this was found</summary><p>{render.plain(citation.hit.why)}</p></details>'
    )


def _sources(source: Source) -> str:
    """Previous and next source of the same answer."""
    siblings = source.siblings
    if len(siblings) < 2:
        return ""
    place = siblings.index(source.citation)
    before, after = siblings[place - 1], siblings[(place + 1) % len(siblings)]
    return (
        '<nav aria-label="Sources of this answer">'
        + render.cite_link(before, source.turn, text="‹", kind="step")
        + f"<span>{place + 1} of {len(siblings)}</span>"
        + render.cite_link(after, source.turn, text="›", kind="step")
        + "</nav>"
    )


def _pages(page: DocumentPage, source: Source | None) -> str:
    """Previous and next page of the document."""
    before = _page_link(page, page.number - 1, source, "‹") if page.number > 1 else ""
    after = _page_link(page, page.number + 1, source, "›") if page.number < page.pages else ""
    there = source.citation.hit.element.page if source else page.number
    back = "" if there == page.number else _page_link(page, there, source, f"to page {there}, which is cited")
    words = f"page {page.number} of {page.pages}"
    return f'<nav aria-label="Pages of this document">{before}<span>{words}</span>{after}{back}</nav>'


def _page_link(page: DocumentPage, number: int, source: Source | None, text: str) -> str:
    cited = f' data-source="{source.turn}-{source.citation.number}"' if source else ""
    return (
        f'<button type="button" class="step" data-page="{number}" data-corpus="{render.exact(page.corpus)}"'
        f' data-document="{render.exact(page.document)}"{cited} title="Page {number}">{text}</button>'
    )


def _heat(picture: Path | None, place: str) -> str:
    if picture is None:
        return ""
    url = render.plain(made.link(picture))
    return (
        '<details class="heat" open><summary>Where the page looks like the question</summary>'
        f'<img src="{url}" alt="{place}, the more coloured the more like the question" loading="lazy"></details>'
    )
