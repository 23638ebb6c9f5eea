"""The files that a request may name: such as lie in the folder of uploads, and nothing else on this machine or off it.

Gradio takes a file as an object with a `path`, from anywhere in a request, for any component. It checks paths as well,
later and by rules of its own, and would fetch one that is an address: here it ends at the door, whatever Gradio does.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.gate.origins import authorities

DEEPEST = 64
"""Lists and objects within one another. What the page sends has under ten."""


class Refused(Exception):
    """Says why a request is not let through."""


class OwnFiles:
    """ASGI middleware of the routes that take JSON; `folder` holds the uploads. The body is bounded before it comes."""

    def __init__(self, app: ASGIApp, folder: Path) -> None:
        self.app = app
        self.folder = folder.resolve()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            body = await request.body()
            check(body, self.folder, authorities(request.headers))
        except ClientDisconnect:
            return
        except Refused as error:
            await JSONResponse({"detail": str(error)}, 400)(scope, receive, send)
            return
        await self.app(scope, _again(body, receive), send)


def check(body: bytes, folder: Path, own: set[str]) -> None:
    """Raises `Refused` unless `body` is JSON that every reader understands alike, all of whose files lie in `folder`.

    `own` are the hosts, with their ports, under which a browser finds this page.
    """
    try:
        content = json.loads(body, parse_constant=_no_number)
        body.decode()  # JSON is UTF-8 (RFC 8259, 8.1); `loads` takes UTF-16 and UTF-32 as well
    except (ValueError, RecursionError) as error:
        raise Refused("This is not JSON.") from error
    if isinstance(content, dict) and content.get("session_hash") == "":
        raise Refused("A session needs a name.")  # Gradio's queue takes it for none, and looks it up all the same
    for value in _values(content):
        if isinstance(value, dict) and ("path" in value or _is_file(value)):
            _check_file(value, folder, own)
        elif isinstance(value, str):
            _check_words(value)


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


def _values(content: Any) -> Iterator[Any]:
    """The content and everything in it, keys included. Raises `Refused` where it lies too deep."""
    level = [content]
    for _ in range(DEEPEST):
        yield from level
        level = [
            inner
            for value in level
            if isinstance(value, (dict, list))
            for inner in ([*value, *value.values()] if isinstance(value, dict) else value)
        ]
        if not level:
            return
    raise Refused("This lies too deep.")


def _is_file(value: dict[str, Any]) -> bool:
    meta = value.get("meta")
    return isinstance(meta, dict) and meta.get("_type") == "gradio.FileData"


def _check_file(file: dict[str, Any], folder: Path, own: set[str]) -> None:
    path, url = file.get("path"), file.get("url")
    if path is None and not _is_file(file):
        return
    if not isinstance(path, str) or not is_within(path, folder):
        raise Refused("Only files that were uploaded here may be named.")
    if url is not None and not (isinstance(url, str) and _is_own(url, own)):
        raise Refused("The page fetches nothing from elsewhere.")


def is_within(path: str, folder: Path) -> bool:
    """Whether it is a file there, links followed."""
    try:
        real = Path(path).resolve()
        return real.is_relative_to(folder.resolve()) and real.is_file()
    except (OSError, ValueError, RuntimeError):  # too long a name, a NUL or half a surrogate in it, links in a circle
        return False


def _is_own(url: str, own: set[str]) -> bool:
    """Whether a browser finds it at this page: a path, or an address of this very host."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if not parts.scheme and not parts.netloc:
        return "\\" not in url
    return parts.scheme in {"http", "https"} and parts.netloc.lower() in own


def _check_words(words: str) -> None:
    """Half a surrogate is no character: nothing that stores or sends the words could write it."""
    try:
        words.encode()
    except UnicodeEncodeError as error:
        raise Refused("This is not Unicode.") from error


def _again(body: bytes, receive: Receive) -> Receive:
    """The body in one piece, then whatever else comes."""
    pieces: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return pieces.pop() if pieces else await receive()

    return next_message
