"""Browsers told apart without a password: each holds a name that nobody can guess, and no script can read."""

import secrets

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.gate.authentication import ANYBODY

COOKIE = "triptych-visitor"
SECONDS = 365 * 24 * 3600


class Visitors:
    """ASGI middleware: whoever asks for the page without such a name is given one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/" or COOKIE in HTTPConnection(scope).cookies:
            await self.app(scope, receive, send)
            return

        async def with_name(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("set-cookie", _cookie(scope["scheme"] == "https"))
            await send(message)

        await self.app(scope, receive, with_name)


def owner_of(request: HTTPConnection, user: str | None) -> str:
    """Whose conversations a request may list: those of the `user` who signed in, else of the browser; "" for nobody."""
    return user if user and user != ANYBODY else request.cookies.get(COOKIE, "")


def _cookie(secure: bool) -> str:
    made = Response()
    made.set_cookie(COOKIE, secrets.token_urlsafe(32), SECONDS, httponly=True, samesite="lax", secure=secure)
    return made.headers["set-cookie"]
