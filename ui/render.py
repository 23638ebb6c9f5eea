"""Events -> HTML, as pure functions. Every word that came from a document or a model goes through `plain` or `prose`.

Citations become links carrying `data-cite="turn-number"`; `page.js` turns a click on one into an event of the
evidence panel.
"""

import re
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from agent.events import DEMONSTRATION, Answer, Artifact, Citation
from common.untrusted import joined, markdown_blocks, one_line, readable
from ui.api.made import link
from ui.sanitize import sanitizing

_MARK = re.compile(r"\[(\d{1,3})\]")
_TAG = re.compile(r"(<[^>]*>)")
FILE_TYPES = {
    "image/svg+xml": "SVG",
    "audio/wav": "WAV",
    "audio/x-wav": "WAV",
    "application/vnd.vegalite.v6+json": "Vega-Lite",
    "text/vnd.mermaid": "Mermaid",
    "text/markdown": "Markdown",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
}


def plain(text: str) -> str:
    """Somebody's words as HTML that shows just them, on one line; also for an attribute in quotation marks.

    A blank line would end the block of HTML that an answer is, and the chat would read the rest as Markdown.
    """
    return escape(one_line(text))


def exact(text: str) -> str:
    """A name for an attribute that is never shown: what reads it finds all of it."""
    return escape(joined(text)).replace("\r", "&#13;").replace("\n", "&#10;")


def plain_lines(text: str) -> str:
    """The same, with its lines kept."""
    return "<br>".join(map(plain, readable(text).split("\n")))


def cite_link(citation: Citation, turn: int, *, text: str, kind: str) -> str:
    element = citation.hit.element
    label = f"Source {citation.number}: {element.document}, page {element.page}"
    return (
        f'<a class="{kind}" href="#evidence" data-cite="{turn}-{citation.number}"'
        f' aria-label="{plain(label)}">{text}</a>'
    )


def _with_links(html: str, citations: Sequence[Citation], turn: int) -> str:
    """`[n]` -> link, in text only, never inside a tag; a number that cites nothing stays as it was written."""
    known = {citation.number: citation for citation in citations}

    def linked(match: re.Match[str]) -> str:
        citation = known.get(int(match[1]))
        return match[0] if citation is None else cite_link(citation, turn, text=match[1], kind="cite")

    return "".join(part if part.startswith("<") else _MARK.sub(linked, part) for part in _TAG.split(html))


def prose(text: str, citations: Sequence[Citation] = (), turn: int = 0, artifacts: Sequence[Artifact] = ()) -> str:
    """The answer's Markdown as HTML without a line break, so that the chat shows it untouched.

    A picture of a source stands below the first block that cites it, or that shows rows of it; whatever else there is
    stands at the end. A title that the text says is not said again, but for the label of a demonstration.
    """
    blocks = markdown_blocks(readable(text))
    places = [_place(artifact, blocks) for artifact in artifacts]
    figures = [
        figure(artifact, turn, titled=_is_labelled(artifact) or not _says(text, artifact.title))
        for artifact in artifacts
    ]
    parts = []
    for number, block in enumerate(blocks):
        parts.append(_with_links(block, citations, turn).strip().replace("\n", "&#10;"))
        parts += [shown for shown, place in zip(figures, places, strict=True) if place == number]
    parts += [shown for shown, place in zip(figures, places, strict=True) if place is None]
    html = "".join(parts)
    return html.replace("<table>", '<div class="scroll" tabindex="0"><table>').replace("</table>", "</table></div>")


def _place(artifact: Artifact, blocks: Sequence[str]) -> int | None:
    """The block that it belongs to; None for what is no picture of a source."""
    cited = {str(source.number) for source in artifact.sources if artifact.mime.startswith("image/")}
    citing = [number for number, block in enumerate(blocks) if cited & set(_MARK.findall(block))]
    return next((number for number in citing if "<table>" in blocks[number]), citing[0] if citing else None)


def _is_labelled(artifact: Artifact) -> bool:
    """Whether it is a demonstration, which its title labels."""
    return artifact.made.get("form") == DEMONSTRATION


def _says(text: str, title: str) -> bool:
    """Whether it says this, however it is marked up."""
    said, wanted = ("".join(filter(str.isalnum, words.lower())) for words in (text, title))
    return wanted in said


def figure(artifact: Artifact, turn: int, *, titled: bool = True) -> str:
    """A figure or table as it is in its document, or something made; the latter with how it was made and its files.

    What is not `titled` stands beside words that say and cite the same.
    """
    shown = artifact.mime.partition("/")[0] in {"audio", "image", "video"}
    title = plain(artifact.title) if shown else ""  # of others, the link to the file bears the title
    links = "".join(cite_link(source, turn, text=str(source.number), kind="cite") for source in artifact.sources)
    kind = "artifact demonstration" if _is_labelled(artifact) else "artifact"
    caption = f"{f'{title} {links}' if titled else ''}{_provenance(artifact)}"
    told = f"<figcaption>{caption}</figcaption>" if caption else ""
    return f'<figure class="{kind}">{_body(artifact)}{told}</figure>'


def _body(artifact: Artifact) -> str:
    url, title = plain(link(artifact.path)), plain(artifact.title)
    match artifact.mime.partition("/")[0]:
        case "audio":
            return f'<audio controls preload="metadata" src="{url}"></audio>'
        case "video":
            return f'<video controls preload="metadata" src="{url}"></video>'
        case "image":
            return f'<a href="{url}" target="_blank" rel="noopener"><img src="{url}" alt="{title}" loading="lazy"></a>'
    return f'<a class="file" href="{url}" download>{plain(_file_type(artifact.mime))}: {title}</a>'


def _provenance(artifact: Artifact) -> str:
    """How a thing was made, and its files to take away; nothing for what is shown as it is."""
    if artifact.made.get("form", DEMONSTRATION) == DEMONSTRATION:
        return ""
    files = {artifact.mime: artifact.path, **artifact.others}
    saved = " ".join(_download(mime, path) for mime, path in files.items())
    steps = " → ".join(artifact.made.get("converters", [artifact.made.get("converter", "")]))
    return f'<span class="made">Made here by {plain(steps)}. Save as {saved}</span>'


def _download(mime: str, path: Path) -> str:
    return f'<a href="{plain(link(path))}" download="{plain(path.name)}">{plain(_file_type(mime))}</a>'


def _file_type(mime: str) -> str:
    return FILE_TYPES.get(mime, mime.rpartition("/")[2].upper())


def sources(citations: Sequence[Citation], turn: int, corpus: str = "") -> str:
    """The line of sources under an answer. With each, for the card that a citation shows (`card.js`), what it cites of
    which page."""
    if not citations:
        return ""
    items = "".join(
        f"<li{_card(citation, corpus)}>"
        + cite_link(
            citation,
            turn,
            text=f"<b>{citation.number}</b><span>{plain(Path(citation.hit.element.document).name)}</span>"
            f"<i>p.&nbsp;{citation.hit.element.page}</i>",
            kind="source",
        )
        + "</li>"
        for citation in citations
    )
    return f'<ul class="sources" aria-label="Sources">{items}</ul>'


def _card(citation: Citation, corpus: str) -> str:
    """Attributes: the page's picture, left, top, right and bottom of what is cited, and its words."""
    element = citation.hit.element
    left, top, right, bottom = zip(*citation.boxes, strict=True)
    box = ",".join(f"{edge:.4f}" for edge in (min(left), min(top), max(right), max(bottom)))
    words = "" if element.rows or element.kind == "figure" else shortened(citation.quote or element.text)
    page = document_page(corpus, element.sha256, element.page)
    return f' data-page="{plain(page)}" data-box="{box}" data-words="{plain(words)}"'


def document_page(corpus: str, sha256: str, number: int) -> str:
    """Address of a page, from 1, of the document with this content; relative, so that it holds behind a proxy."""
    return f"document-pages/{corpus}/{sha256}/{number}.png"


def shortened(text: str, limit: int = 400) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1].rsplit(" ", 1)[0] + "…"


@sanitizing
def message(
    text: str,
    artifacts: Iterable[Artifact] = (),
    citations: Sequence[Citation] = (),
    *,
    turn: int = 0,
    corpus: str = "",
    notices: Sequence[str] = (),
    found: bool = True,
    waiting: str = "",
) -> str:
    """One answer of the chat, finished or still forming. `waiting` says what is being done meanwhile."""
    parts = [prose(text, citations, turn, tuple(artifacts)), sources(citations, turn, corpus)]
    parts += [f'<p class="notice">{plain(notice)}</p>' for notice in notices]
    if waiting:
        parts.append(f'<p class="waiting" role="status">{plain(waiting)}</p>')
    return f'<div class="answer{"" if found else " unfound"}">{"".join(parts)}</div>'


def answer(value: Answer, turn: int, corpus: str = "") -> str:
    return message(
        value.text,
        value.artifacts,
        value.citations,
        turn=turn,
        corpus=corpus,
        notices=value.notices,
        found=value.found,
    )


@sanitizing
def problem(what: str, cure: str = "") -> str:
    """Something went wrong, in words: what, and what helps."""
    help_line = f"<p>{plain(cure)}</p>" if cure else ""
    return f'<div class="problem" role="alert"><p>{plain(what)}</p>{help_line}</div>'


@sanitizing
def aside(words: str) -> str:
    """What is no problem, and to be known."""
    return f'<p class="notice" role="status">{plain(words)}</p>'


@sanitizing
def report_lines(words: str) -> str:
    """What became of files that came with a question, in the words that were kept of it."""
    return f'<div class="report"><p>{plain_lines(words)}</p></div>'
