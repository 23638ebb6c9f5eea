"""The routes of Gradio that the page needs. Its others (proxies, deep links, recordings, run history, direct calls, a
log-in of its own) are not there: what is not named here answers 404."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from agent.settings import Settings
from ui.gate.files import OwnFiles, is_within
from ui.gate.missing import EndedStream
from ui.gate.sign_in import SignedIn

LARGEST_JSON = 4 * 1024 * 1024
LARGEST_FRAME = 64 * 1024
"""Bytes that an upload needs for each file besides its content: its name, the lines around it."""

API = "/gradio_api"
READ = (
    "/",
    "/config",
    "/theme.css",
    "/favicon.ico",
    "/robots.txt",
    "/manifest.json",
    "/assets/{path:path}",
    "/static/{path:path}",
    "/svelte/{path:path}",
    f"{API}/app_id",
    f"{API}/info",
    f"{API}/startup-events",
    f"{API}/heartbeat/{{session}}",
    f"{API}/upload_progress",
)
STREAMS = (f"{API}/queue/data", f"{API}/call/{{name}}/{{event}}")
FILE = f"{API}/file={{path:path}}"
CALLS = (f"{API}/queue/join", f"{API}/call/{{name}}", f"{API}/cancel", f"{API}/reset")
UPLOAD = f"{API}/upload"


def routes(page: ASGIApp, settings: Settings, uploads: Path, folders: Sequence[Path] | None = None) -> list[Route]:
    """The routes that lead to `page`, for those who are signed in; bodies are bounded before they are read. Where
    `folders` are named, only what lies in them is served."""
    signed_in, own_files = Middleware(SignedIn), Middleware(OwnFiles, folder=uploads)
    local = Middleware(LocalFile, folders=folders)
    largest = settings.max_upload_files * (settings.max_upload_mb * 1024 * 1024 + LARGEST_FRAME)
    return [
        *(Route(path, page, methods=["GET"], middleware=[signed_in], max_body_size=0) for path in READ),
        *(
            Route(path, page, methods=["GET"], middleware=[signed_in, Middleware(EndedStream)], max_body_size=0)
            for path in STREAMS
        ),
        Route(FILE, page, methods=["GET"], middleware=[signed_in, local], max_body_size=0),
        *(
            Route(path, page, methods=["POST"], middleware=[signed_in, own_files], max_body_size=LARGEST_JSON)
            for path in CALLS
        ),
        Route(UPLOAD, page, methods=["POST"], middleware=[signed_in], max_body_size=largest),
    ]


def own_routes(own: Mapping[str, Callable[[Request], Response]]) -> list[Route]:
    """What the page answers itself, for those who are signed in."""
    signed_in = Middleware(SignedIn)
    return [
        Route(path, answer, methods=["GET"], middleware=[signed_in], max_body_size=0) for path, answer in own.items()
    ]


class LocalFile:
    """ASGI middleware of the route to files: Gradio would fetch an address on a caller's behalf. Where `folders` are
    named, a file must lie in one of them."""

    def __init__(self, app: ASGIApp, folders: Sequence[Path] | None) -> None:
        self.app, self.folders = app, folders

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path_params"]["path"]
        refusal = None
        if path.lstrip().lower().startswith(("http:", "https:")):
            refusal = JSONResponse({"detail": "The page fetches nothing from elsewhere."}, 403)
        elif self.folders is not None and not any(is_within(path, folder) for folder in self.folders):
            refusal = JSONResponse({"detail": f"File not allowed: {path}."}, 403)
        await (refusal or self.app)(scope, receive, send)
