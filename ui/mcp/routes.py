"""`/mcp`: the door over HTTP (Streamable HTTP), beside the page and behind its gate."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from mcp.server.transport_security import TransportSecuritySettings
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import BaseRoute, Route

from agent import Agent
from ui.api.citations import CitedPages, base_of
from ui.api.places import Places
from ui.gate.routes import LARGEST_JSON
from ui.gate.sign_in import SignedIn
from ui.mcp.links import WebLinks
from ui.mcp.server import build
from ui.mcp.tools import Call

PATH = "/mcp"
SESSIONS = 1000  # of clients that speak the handshake versions; each ends after half an hour without a request


class HttpDoor:
    """Its route, and what has to run as long as the server does: `lifespan`, of one server alone."""

    def __init__(self, agent: Agent, places: Places) -> None:
        pages = CitedPages(agent)

        def links_of(call: Call) -> WebLinks:
            request = call.request_context.request
            assert isinstance(request, Request)
            return WebLinks(pages, base_of(request))

        self._server = build(agent, links_of, places)
        guarded = TransportSecuritySettings(enable_dns_rebinding_protection=False)  # by `ui.gate.origins`
        self._app = self._server.streamable_http_app(
            streamable_http_path=PATH, transport_security=guarded, max_sessions=SESSIONS
        )

    def routes(self) -> list[BaseRoute]:
        methods, signed_in = ["GET", "POST", "DELETE"], Middleware(SignedIn)
        return [Route(PATH, self._app, methods=methods, middleware=[signed_in], max_body_size=LARGEST_JSON)]

    @asynccontextmanager
    async def lifespan(self, _: Any) -> AsyncIterator[None]:
        async with self._server.session_manager.run():
            yield
