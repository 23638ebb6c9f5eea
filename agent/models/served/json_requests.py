"""One small JSON document from a server, soon or not at all: nothing is followed elsewhere, and no proxy is asked."""

import json
import queue
import threading
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

TIMEOUT = 3.0
"""Seconds that a server gets for its whole answer."""

MOST = 4 << 20  # bytes of an answer that are read


class Unreachable(Exception):
    """The server does not answer, or not with JSON. The message says how."""


class _Nowhere(HTTPRedirectHandler):
    """A key is meant for one address alone."""

    def redirect_request(self, *_: Any) -> None:
        return None


def get_json(url: str, headers: Mapping[str, str], body: Mapping[str, Any] | None = None) -> Any:
    """The JSON at an address; posts `body` if there is one. Raises `Unreachable`."""
    if not url.startswith(("http://", "https://")):
        raise Unreachable("not an http(s) address")
    data = None if body is None else json.dumps(body).encode()
    request = Request(url, data, {"Content-Type": "application/json", **headers})
    outcome: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=lambda: outcome.put(_answer(request)), daemon=True).start()
    try:
        answer = outcome.get(timeout=TIMEOUT)  # a byte now and then would put off a socket's own timeout for ever
    except queue.Empty:
        raise Unreachable("timed out") from None
    if isinstance(answer, Exception):
        raise Unreachable(str(answer) or type(answer).__name__) from answer
    return answer


def _answer(request: Request) -> Any:
    """The document, or the error in its place."""
    try:
        with build_opener(ProxyHandler({}), _Nowhere).open(request, timeout=TIMEOUT) as reply:
            return json.loads(reply.read(MOST))
    except (OSError, ValueError, HTTPException, RecursionError) as error:
        return error
