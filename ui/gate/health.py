"""`/healthz` and `/readyz`, for whoever watches over the server: they ask for no key, and tell no more than that."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from agent import Agent
from common.disk import require_space
from common.errors import UserError


def routes(agent: Agent) -> list[Route]:
    def ready(_: Request) -> Response:
        """Whether the data folder can be read, and has room."""
        try:
            agent.library.names()
            require_space(agent.settings.data_dir, agent.settings.min_free_mb * 1_000_000)
        except (UserError, OSError):
            return PlainTextResponse("not ready", 503)
        return PlainTextResponse("ok")

    def alive(_: Request) -> Response:
        return PlainTextResponse("ok")

    return [
        Route("/healthz", alive, methods=["GET"], max_body_size=0),
        Route("/readyz", ready, methods=["GET"], max_body_size=0),
    ]
