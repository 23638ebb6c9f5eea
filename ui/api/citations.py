"""Citations that a program is given: where each leads, and the page it opens, with the region marked."""

import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

from agent import Agent, Citation
from agent.answering.citations import marks
from common.errors import UserError
from generators.core.media import MediaStore
from retrievers.elements import Element, Hit

ID = re.compile("[0-9a-f]{64}")
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>body{{font:16px system-ui;margin:2rem auto;max-width:60rem;padding:0 1rem}}
img{{width:100%;border:1px solid #ccc}}</style><h1>{title}</h1>{body}</html>"""


class CitedPages:
    """Keeps what each citation needs to be opened, by the hash of it: links go on working after a restart."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._folder = agent.settings.data_dir / "citations"
        self._store = MediaStore(self._folder)

    def url(self, citation: Citation, corpus: str, base: str) -> str:
        """Where it opens, on the server whose address is `base`."""
        element = replace(citation.hit.element, stems="", rows=(), mentions="", lines="", cells="")
        record = {"corpus": corpus, "quote": citation.quote or citation.hit.element.text, "element": element.payload()}
        path = self._store.put(json.dumps(record, sort_keys=True).encode(), ".json")
        box = ",".join(f"{edge:.4f}" for edge in element.box)
        return f"{base}cite/{path.stem}#page={element.page}&rect={quote(box, safe=',')}"

    async def show(self, request: Request) -> Response:
        """`/cite/<id>` is the page; `/cite/<id>.png` its picture."""
        name, _, ending = request.path_params["name"].partition(".")
        path = self._folder / f"{name}.json"
        if not ID.fullmatch(name) or ending not in ("", "png") or not path.is_file():
            return _page("There is no such citation", "", 404)
        os.utime(path)  # it is used: see `Agent.clear`
        record = json.loads(path.read_text(encoding="utf-8"))
        element = Element.from_payload(record["element"])
        if ending:
            return await run_in_threadpool(self._picture, element, record["corpus"])
        title = f"{Path(element.document).name}, page {element.page}"
        words = f"<blockquote>{escape(record['quote'])}</blockquote>" if not element.rows else ""
        return _page(title, f'{words}<img src="{name}.png" alt="{escape(title)}, with the cited region marked">')

    def _picture(self, element: Element, corpus: str) -> Response:
        try:
            citation, held = Citation(1, Hit(element, 0.0)), self._holding(element, corpus)
            return FileResponse(self._agent.page_image(citation, held), media_type="image/png")
        except UserError as error:  # the document has changed, or is no longer there
            return _page("This page can no longer be shown", f"<p>{escape(error.words)}</p>", 410)

    def _holding(self, element: Element, corpus: str) -> str:
        """The corpus that was cited, which may have another name by now: it is then known by the document."""
        library = self._agent.library
        for name in (one for one in library.names() if corpus not in library.names()):
            records = library.open(name).documents()
            if any((one.name, one.sha256) == (element.document, element.sha256) for one in records):
                return name
        return corpus


def _page(title: str, body: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(PAGE.format(title=escape(title), body=body), status)


def base_of(request: Request) -> str:
    """The address under which the caller found this server, which a proxy passes on; its gate has checked it."""
    host = request.headers.get("x-forwarded-host", "").partition(",")[0].strip()
    return f"{request.url.scheme}://{host}/" if host else str(request.base_url)


def annotations(text: str, urls: dict[int, str], citations: Sequence[Citation]) -> Iterator[dict[str, Any]]:
    """One for each `[n]` of `text`."""
    titles = {one.number: f"{one.hit.element.document}, page {one.hit.element.page}" for one in citations}
    for start, end, number in marks(text):
        if number in titles:
            cited = {"start_index": start, "end_index": end, "title": titles[number], "url": urls[number]}
            yield {"type": "url_citation", "url_citation": cited}
