"""Pages of documents as pictures, drawn when a browser asks for one: by what is in the file, never by where it lies."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from common.errors import UserError

if TYPE_CHECKING:
    from agent import Agent

# of `ui.render.document_page`
PATH = "/document-pages/{corpus}/{sha256}/{number:int}.png"
UNCHANGING = {"cache-control": "private, max-age=86400, immutable"}  # the address names what is in the file


def endpoint(agent: "Agent") -> Callable[[Request], Response]:
    """Of `PATH`. Answers 404 for a page that is not there, or can no longer be drawn."""

    def page(request: Request) -> Response:
        asked = request.path_params
        try:
            path = _drawn(agent, asked["corpus"], asked["sha256"], asked["number"])
        except UserError as error:
            return JSONResponse({"detail": str(error)}, 404)
        return FileResponse(path, media_type="image/png", headers=UNCHANGING)

    return page


def _drawn(agent: "Agent", corpus: str, sha256: str, number: int) -> Path:
    for record in agent.library.open(corpus).documents():
        if record.sha256 == sha256:
            return agent.document_page(record.name, number, corpus)
    raise UserError("There is no such document.")
