"""What Gradio answers to requests for what is not there, and to broken uploads: an error of its own making."""

import logging
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger("triptych.gate")


def answer_missing(page: FastAPI) -> None:
    """Gradio's routes look up what a request names without asking whether it is there: that is a 404, and not a 500.

    The page's own functions are not called by routes but from the queue: a KeyError of theirs is seen as before.
    """

    async def nothing_of_that_name(request: Request, error: Any) -> JSONResponse:
        _log.info("No %r: %s", error, request.scope["path"])
        return JSONResponse({"detail": "There is nothing of that name."}, 404)

    page.add_exception_handler(KeyError, nothing_of_that_name)


def answer_broken_uploads(page: FastAPI, path: str) -> None:
    """Gradio's reader of uploads, at `path`, takes a file for granted in every part, and a charset and a boundary in
    the header: what it makes of others is a 400, and not a 500. What the disk raises is seen as before."""

    async def no_upload(request: Request, error: Exception) -> JSONResponse:
        if request.scope["path"] != path:
            raise error
        _log.info("Not an upload: %r", error)
        return JSONResponse({"detail": "This is not an upload."}, 400)

    for kind in (AttributeError, TypeError, ValueError):
        page.add_exception_handler(kind, no_upload)


class EndedStream:
    """ASGI middleware of the routes to event streams: Gradio tells a stranger that there is no such session, and then
    raises it as well, in the middle of the answer; here the answer just ends."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noticed(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, noticed)
        except RuntimeError as error:  # Starlette's, of a refusal that comes after the first words
            if not (begun and isinstance(error.__cause__, HTTPException)):
                raise
            await send({"type": "http.response.body", "body": b"", "more_body": False})
