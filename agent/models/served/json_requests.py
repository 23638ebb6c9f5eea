"""One small JSON document from a server, soon or not at all: nothing is followed elsewhere, and no proxy is asked."""

from collections.abc import Mapping
from concurrent.futures import wait
from typing import Any

from common.threads import in_thread

TIMEOUT = 3.0
"""Seconds that a server gets for its whole answer."""

MOST = 4 << 20  # bytes of an answer that are read


class Unreachable(Exception):
    """The server does not answer, or not with JSON. The message says how."""


def get_json(url: str, headers: Mapping[str, str], body: Mapping[str, Any] | None = None) -> Any:
    """The JSON at an address; posts `body` if there is one. Raises `Unreachable`."""
    from common.wire import Wire

    wire = Wire()
    outcome = in_thread(lambda: _answer(wire, url, headers, body))
    if not wait([outcome], TIMEOUT).done:  # a byte now and then would put off a socket's own timeout for ever
        wire.cut()
        raise Unreachable("timed out")
    return outcome.result()


def _answer(wire: Any, url: str, headers: Mapping[str, str], body: Mapping[str, Any] | None) -> Any:
    """Raises `Unreachable`."""
    import httpx2

    from common.wire import TooMuch, client

    try:
        with wire.carrying(), client(MOST, MOST, timeout=TIMEOUT, trust_env=False) as asking:
            method = "GET" if body is None else "POST"
            return asking.request(method, url, headers=dict(headers), json=body).raise_for_status().json()
    except (httpx2.HTTPError, httpx2.InvalidURL, TooMuch, ValueError, RecursionError) as error:
        raise Unreachable(str(error) or type(error).__name__) from error
