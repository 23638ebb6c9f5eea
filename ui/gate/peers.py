"""Who connects, and for whom: a proxy says where a request came from, and is believed where it is known."""

import os

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

PEER = "triptych.peer"


class Peers:
    """ASGI middleware: keeps the address that connected, then puts the one that was forwarded in its place, as uvicorn
    does, if it is one of `FORWARDED_ALLOW_IPS`. The server itself must do no such thing before."""

    def __init__(self, app: ASGIApp) -> None:
        trusted = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")
        self._app: ASGIApp = ProxyHeadersMiddleware(app, trusted)  # type: ignore[arg-type, assignment]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        scope[PEER] = client[0] if client else ""
        await self._app(scope, receive, send)


def peer_of(scope: Scope) -> str:
    """The address that connected; "" where nobody kept it."""
    peer: str = scope.get(PEER, "")
    return peer
