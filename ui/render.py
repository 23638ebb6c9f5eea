"""Events -> HTML, as pure functions. Every word that came from a document or a model goes through `plain` or `prose`.

Citations become links carrying `data-cite="turn-number"`; `page.js` turns a click on one into an event of the
evidence panel.
"""

import re
from collections.abc import Iterable, Sequence
from html import escape
from os import fsencode
from pathlib import Path
from urllib.parse import quote

from agent.events import DEMONSTRATION, Answer, Artifact, Citation, Evidence, Failed, Planned, ToolFinished, ToolStarted
from common.untrusted import joined, markdown, one_line, readable
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


def file_url(path: Path) -> str:
    """Address below which the page serves `path`; relative, so that it holds behind a proxy."""
    return "gradio_api/file=" + quote(fsencode(path))


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
        f' title="{plain(label)}" aria-label="{plain(label)}">{text}</a>'
    )


def _with_links(html: str, citations: Sequence[Citation], turn: int) -> str:
    """`[n]` -> link, in text only, never inside a tag; a number that cites nothing stays as it was written."""
    known = {citation.number: citation for citation in citations}

    def link(match: re.Match[str]) -> str:
        citation = known.get(int(match[1]))
        return match[0] if citation is None else cite_link(citation, turn, text=match[1], kind="cite")

    return "".join(part if part.startswith("<") else _MARK.sub(link, part) for part in _TAG.split(html))


def prose(text: str, citations: Sequence[Citation] = (), turn: int = 0) -> str:
    """The answer's Markdown as HTML without a line break, so that the chat shows it untouched."""
    html = _with_links(markdown().render(readable(text)), citations, turn)
    html = html.replace("<table>", '<div class="scroll" tabindex="0"><table>').replace("</table>", "</table></div>")
    return html.strip().replace("\n", "&#10;")


def figure(artifact: Artifact, turn: int) -> str:
    """A figure or table as it is in its document, or something made; the latter with how it was made and its files."""
    shown = artifact.mime.partition("/")[0] in {"audio", "image", "video"}
    title = plain(artifact.title) if shown else ""  # of others, the link to the file bears the title
    links = "".join(cite_link(source, turn, text=str(source.number), kind="cite") for source in artifact.sources)
    kind = "artifact demonstration" if artifact.made.get("form") == DEMONSTRATION else "artifact"
    return (
        f'<figure class="{kind}">{_body(artifact)}<figcaption>{title} {links}{_provenance(artifact)}</figcaption>'
        "</figure>"
    )


def _body(artifact: Artifact) -> str:
    url, title = plain(file_url(artifact.path)), plain(artifact.title)
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
    return f'<a href="{plain(file_url(path))}" download="{plain(path.name)}">{plain(_file_type(mime))}</a>'


def _file_type(mime: str) -> str:
    return FILE_TYPES.get(mime, mime.rpartition("/")[2].upper())


def sources(citations: Sequence[Citation], turn: int) -> str:
    """The line of sources under an answer."""
    if not citations:
        return ""
    items = "".join(
        "<li>"
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


@sanitizing
def message(
    text: str,
    artifacts: Iterable[Artifact] = (),
    citations: Sequence[Citation] = (),
    *,
    turn: int = 0,
    notices: Sequence[str] = (),
    found: bool = True,
    waiting: str = "",
) -> str:
    """One answer of the chat, finished or still forming. `waiting` says what is being done meanwhile."""
    parts = [prose(text, citations, turn)]
    parts += [figure(artifact, turn) for artifact in artifacts]
    parts.append(sources(citations, turn))
    parts += [f'<p class="notice">{plain(notice)}</p>' for notice in notices]
    if waiting:
        parts.append(f'<p class="waiting" role="status">{plain(waiting)}</p>')
    return f'<div class="answer{"" if found else " unfound"}">{"".join(parts)}</div>'


def answer(value: Answer, turn: int) -> str:
    return message(value.text, value.artifacts, value.citations, turn=turn, notices=value.notices, found=value.found)


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


TraceEvent = Planned | ToolStarted | ToolFinished | Evidence | Answer | Failed


@sanitizing
def trace(events: Sequence[TraceEvent]) -> str:
    """The steps of one request with their timings."""
    finished = {event.step for event in events if isinstance(event, ToolFinished)}
    lines = [line for event in events if (line := _trace_line(event, finished))]
    if not lines:
        return '<p class="hint">What was done for an answer, step by step, appears here.</p>'
    return f'<ol class="trace">{"".join(lines)}</ol>'


def _trace_line(event: TraceEvent, finished: set[str]) -> str:
    match event:
        case Planned(router=router, steps=steps):
            return _row("Plan", "; ".join(steps), f"router: {router}")
        case ToolFinished(tool=tool, summary=summary, seconds=seconds, error=error):
            return _row(tool, error or summary, f"{seconds:.2f} s", failed=bool(error))
        case ToolStarted(step=step, tool=tool) if step not in finished:
            return _row(tool, "running", "")
        case Answer(model=model, seconds=seconds, citations=citations):
            cited = f"{len(citations)} source{'' if len(citations) == 1 else 's'} cited"
            return _row("Answer", f"{model}, {cited}" if model else cited, f"{seconds:.2f} s in all")
        case Failed(message=words):
            return _row("Stopped", words, "", failed=True)
    return ""


def _row(name: str, words: str, timing: str, *, failed: bool = False) -> str:
    return (
        f"<li{' class=failed' if failed else ''}><b>{plain(name)}</b>"
        f"<span>{plain(words)}</span><time>{plain(timing)}</time></li>"
    )
