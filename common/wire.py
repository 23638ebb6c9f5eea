"""The wire that a served reply comes by: what it carries is counted, and it can be cut while another thread reads.

Every request to a server of models goes over it, most of them by the OpenAI SDK. A thread that waits for a socket's
next byte cannot be stopped, and closing the socket does not wake it: shutting it down does.
"""

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any

import httpx2

if TYPE_CHECKING:
    from ssl import SSLContext

    import openai

MOST_BYTES = 16 << 20  # of one reply, with all that is wrapped around its tokens
MOST_LINE = 1 << 20  # bytes without a line break
MOST_ERROR = 64 << 10  # bytes of an error's body that are read
CONNECT = 10.0  # seconds
CONNECTED = ("connect_tcp.complete", "start_tls.complete")


class TooMuch(Exception):
    """More came over the wire than a reply is long. The message says after how much it was cut."""


class Wire:
    """The connections made while `carrying`, one reply's."""

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []
        self._is_cut = False
        self._lock = Lock()

    @contextmanager
    def carrying(self) -> Iterator[None]:
        """What the running thread asks of a `client` meanwhile goes over this wire."""
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)

    def cut(self) -> None:
        """Ends every connection, now and from any thread; those still to be made end at once."""
        with self._lock:
            self._is_cut = True
            for one in self._sockets:
                with suppress(OSError):  # closed already
                    one.shutdown(socket.SHUT_RDWR)

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """httpx's `trace` extension: the sockets, as they are connected."""
        if event.endswith(CONNECTED):
            with self._lock:
                self._sockets.append(info["return_value"].get_extra_info("socket"))
                cut = self._is_cut
            if cut:
                self.cut()


_current: ContextVar[Wire | None] = ContextVar("wire", default=None)


def client(most: int = 0, most_line: int = 0, **options: Any) -> httpx2.Client:
    """An HTTP client whose replies are bounded, each over a connection of its own; `options` are httpx's.

    `most` bytes of a reply are read, and `most_line` without a line break; 0: those of a chat completion.
    """

    def count(response: httpx2.Response) -> None:
        """A packed body, which was not asked for, is left packed: it may be a thousand times larger than it looks."""
        response.headers.pop("Content-Encoding", None)
        stream = response.stream
        assert isinstance(stream, httpx2.SyncByteStream)
        bounds = most or MOST_BYTES, most_line or MOST_LINE
        response.stream = _Beginning(stream) if response.is_error else _Counted(stream, *bounds)

    hooks: dict[str, list[Callable[..., None]]] = {"request": [_follow], "response": [count]}
    plain = {"Accept-Encoding": "identity"}
    limits = httpx2.Limits(max_keepalive_connections=0)
    return httpx2.Client(verify=_trusted(), limits=limits, event_hooks=hooks, headers=plain, **options)


def connect(url: str, key: str, timeout: float, *, most: int = 0, most_line: int = 0) -> "openai.OpenAI":
    """The OpenAI SDK's client for the endpoint at `url`, which ends in /v1; connects to nothing yet.

    `timeout` is seconds without a byte. It asks once, follows no redirect (a key is meant for one address alone), and
    sends nothing that is meant for OpenAI itself.
    """
    import openai

    unsent: Any = {"OpenAI-Organization": openai.Omit(), "OpenAI-Project": openai.Omit()}
    return openai.OpenAI(
        base_url=url,
        api_key=key or "none",  # never one from a variable
        timeout=httpx2.Timeout(timeout, connect=min(CONNECT, timeout)),
        max_retries=0,
        default_headers=unsent,
        http_client=client(most, most_line, follow_redirects=False),
    )


@cache
def _trusted() -> "SSLContext":
    """Certificates, read once: that takes as long as a small model's answer."""
    return httpx2.create_ssl_context()


def _follow(request: httpx2.Request) -> None:
    if wire := _current.get():
        request.extensions["trace"] = wire.trace


class _Counted(httpx2.SyncByteStream):
    """Raises `TooMuch` where the body, or a line of it, has become too long."""

    def __init__(self, stream: httpx2.SyncByteStream, most: int = 0, most_line: int = 0) -> None:
        self._stream, self._most, self._most_line = stream, most, most_line

    def __iter__(self) -> Iterator[bytes]:
        whole = line = 0
        for piece in self._stream:
            whole += len(piece)
            start = piece.rfind(b"\n") + 1
            line = len(piece) - start if start else line + len(piece)
            if whole > self._most:
                raise TooMuch(f"{self._most >> 20} MB")
            if line > self._most_line:
                raise TooMuch(f"{self._most_line >> 20} MB without a line break")
            yield piece

    def close(self) -> None:
        self._stream.close()


class _Beginning(_Counted):
    """The first `MOST_ERROR` bytes."""

    def __iter__(self) -> Iterator[bytes]:
        left = MOST_ERROR
        for piece in self._stream:
            yield piece[:left]
            left -= len(piece)
            if left <= 0:
                return
