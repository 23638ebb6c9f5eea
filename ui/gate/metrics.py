"""`/metrics`: how many requests came, how they were answered and how long that took, for Prometheus; nothing of what
was asked, and nobody's name. There where the extra `metrics` is installed."""

from collections.abc import Callable
from importlib.util import find_spec
from time import monotonic
from typing import TYPE_CHECKING

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.gate.sign_in import SignedIn
from ui.users import openid

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Histogram

PLACES = (
    *("/v1/chat/completions", "/v1/responses", "/v1/files", "/v1/vector_stores", "/v1/audio", "/v1", "/mcp"),
    *(
        "/cite",
        "/made",
        "/answers",
        "/document-pages",
        "/gradio_api",
        "/login",
        "/logout",
        openid.START,
        openid.BACK,
        "/healthz",
        "/readyz",
    ),
)
PAGE = "page"  # all other paths: whoever asks makes no new names
SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)


class Metrics:
    """Of one server."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, ProcessCollector

        self.registry = one = CollectorRegistry()
        ProcessCollector(registry=one)  # its memory, CPU seconds, open files
        labels = ("place", "method", "status")
        self.requests = Counter("triptych_requests", "Requests answered", labels, registry=one)
        self.first = _seconds("triptych_first_byte_seconds", "Until an answer began", one)
        self.whole = _seconds("triptych_request_seconds", "Until it ended", one)
        self.under_way = Gauge("triptych_requests_under_way", "Requests that are being answered", registry=one)

    def route(self, may_read: Callable[[Request], bool]) -> Route:
        """For those who may read it."""

        def show(request: Request) -> Response:
            from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

            if not may_read(request):
                return JSONResponse({"detail": "Metrics are for admins."}, 403)
            return Response(generate_latest(self.registry), headers={"content-type": CONTENT_TYPE_LATEST})

        return Route("/metrics", show, methods=["GET"], middleware=[Middleware(SignedIn)], max_body_size=0)


def _seconds(name: str, told: str, registry: "CollectorRegistry") -> "Histogram":
    from prometheus_client import Histogram

    return Histogram(name, told, ("place",), buckets=SECONDS, registry=registry)


def metrics() -> Metrics | None:
    """None without the extra."""
    return Metrics() if find_spec("prometheus_client") else None


class Measured:
    """ASGI middleware: counts and times every request."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        place, begun, status = place_of(scope["path"]), monotonic(), "none"

        async def noticed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
                self.metrics.first.labels(place).observe(monotonic() - begun)
            await send(message)

        with self.metrics.under_way.track_inprogress():
            try:
                await self.app(scope, receive, noticed)
            finally:
                self.metrics.requests.labels(place, _method(scope["method"]), status).inc()
                self.metrics.whole.labels(place).observe(monotonic() - begun)


def place_of(path: str) -> str:
    """One of a few names, whatever the path."""
    return next((place for place in PLACES if path == place or path.startswith(f"{place}/")), PAGE)


def _method(method: str) -> str:
    return method if method in ("GET", "POST", "DELETE", "HEAD", "OPTIONS") else "other"
