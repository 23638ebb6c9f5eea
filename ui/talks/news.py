"""Whether there is anything new to show, for pages that look every second. They ask past Gradio's queue: its stream of
messages may have lost some, or have ended unnoticed, and then nothing that comes by it would tell."""

from collections.abc import Callable
from zlib import crc32

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ui.talks.live import LiveTurns

PATH = "/news"


def endpoint(live: LiveTurns, known_of: Callable[[str], str]) -> Callable[[Request], Response]:
    """Of `PATH`: the marks of the conversation `c`, and a number for what `known_of` says of `corpus`."""

    def news(request: Request) -> Response:
        asked = request.query_params
        known = crc32(known_of(asked.get("corpus", "")).encode())
        return JSONResponse(
            {"talk": ",".join(live.marks(asked.get("c", "")).values()), "corpus": known},
            headers={"cache-control": "no-store"},
        )

    return news
