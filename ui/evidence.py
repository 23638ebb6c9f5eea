"""The evidence panel: the cited page with its region marked, and why it was found. Pure functions."""

from collections.abc import Sequence
from pathlib import Path

from agent.events import Citation
from ui import render
from ui.sanitize import sanitizing

EMPTY = (
    '<section class="evidence empty" id="evidence"><h2>Evidence</h2>'
    "<p>Select a source number in an answer to see the page it comes from, with the passage marked.</p></section>"
)


@sanitizing
def panel(citation: Citation, siblings: Sequence[Citation], turn: int, page: Path, heat: Path | None = None) -> str:
    """The cited page with its region marked, why it matched, and the way to the answer's other sources.

    `heat` is the page coloured where it is like the question, if an embedder of pages is there to say.
    """
    element = citation.hit.element
    place = f"{render.plain(Path(element.document).name)}, page {element.page}"
    url = render.plain(render.file_url(page))
    section = f'<p class="section">{render.plain(" › ".join(element.section))}</p>' if element.section else ""
    words = citation.quote or element.caption or element.text
    quote_line = f"<blockquote>{render.plain(_shortened(words))}</blockquote>" if words and not element.rows else ""
    return (
        '<section class="evidence" id="evidence" aria-live="polite">'
        f'<header><h2><b class="number">{citation.number}</b>{render.plain(Path(element.document).name)}</h2>'
        f"{_steps(citation, siblings, turn)}</header>"
        f'<p class="place"><span class="kind">{render.plain(element.kind)}</span> page {element.page}'
        f"{' · read by OCR' if element.origin == 'ocr' else ''}</p>{section}"
        f'<a class="sheet" href="{url}" target="_blank" rel="noopener" title="Open the page in full size">'
        f'<img src="{url}" alt="{place}, with the cited region marked"></a>'
        f"{quote_line}"
        f"{_heat(heat, place)}"
        f'<details class="why"><summary>Why this was found</summary><p>{render.plain(citation.hit.why)}</p></details>'
        "</section>"
    )


def _shortened(text: str, limit: int = 400) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1].rsplit(" ", 1)[0] + "…"


def _steps(citation: Citation, siblings: Sequence[Citation], turn: int) -> str:
    """Previous and next source of the same answer."""
    if len(siblings) < 2:
        return ""
    place = siblings.index(citation)
    before, after = siblings[place - 1], siblings[(place + 1) % len(siblings)]
    return (
        '<nav aria-label="Sources of this answer">'
        + render.cite_link(before, turn, text="‹", kind="step")
        + f"<span>{place + 1} of {len(siblings)}</span>"
        + render.cite_link(after, turn, text="›", kind="step")
        + "</nav>"
    )


def _heat(picture: Path | None, place: str) -> str:
    if picture is None:
        return ""
    url = render.plain(render.file_url(picture))
    return (
        '<details class="heat" open><summary>Where the page looks like the question</summary>'
        f'<img src="{url}" alt="{place}, the more coloured the more like the question" loading="lazy"></details>'
    )
