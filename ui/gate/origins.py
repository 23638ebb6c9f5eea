"""Under which names the page is served, and that only the page itself asks it for anything.

The same-origin policy of browsers keeps another page from *reading* an answer only while the server's name is its own;
a name that somebody else points at this machine (DNS rebinding) makes it theirs. So the `Host` must be known: a name of
this machine's loopback, one that the settings name, or an IP address, which nobody can point elsewhere. And what a
browser says of the page that asks (`Origin`, Fetch Metadata) must be this page: see the "Resource isolation policy" of
https://web.dev/articles/fetch-metadata. Programs that are no browsers say nothing of the kind and go on.
"""

import logging
from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.users import openid

PAGES = frozenset({"/", "/login", openid.BACK})  # what a link of another site may open
LINKED = ("/cite/", "/made/")  # likewise all below these: links of chats of other programs lead there
_log = logging.getLogger("triptych.page")
_USUAL_PORTS = (":80", ":443")  # a browser leaves them out, some proxies do not


class Origins:
    """ASGI middleware. `names` are served besides `localhost` and IP addresses."""

    def __init__(self, app: ASGIApp, names: Sequence[str]) -> None:
        self.app = app
        self.names = {"localhost", *(name.lower() for name in names)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(Request(scope)) if scope["type"] == "http" else None
        await (refusal or self.app)(scope, receive, send)

    def _refusal(self, request: Request) -> Response | None:
        asked = [*request.headers.getlist("host"), *_forwarded(request.headers)]
        if not asked or not all(map(self._serves, asked)):
            _log.warning("It was asked under the name %s: those that are answered stand in TRIPTYCH_HOSTS", asked)
            return JSONResponse({"detail": "The page is not served under this name."}, 421)
        if not _from_itself(request):
            return JSONResponse({"detail": "Another page may not ask this one."}, 403)
        return None

    def _serves(self, authority: str) -> bool:
        """`authority` is a host, with a port or without."""
        try:
            parts = urlsplit(f"//{authority}")
            host, _ = parts.hostname or "", parts.port  # which raises as well
        except ValueError:
            return False
        return not set(authority) & set("@/?#\\ ,") and (host in self.names or _is_address(host))


def authorities(headers: Headers) -> set[str]:
    """Where a browser finds this page, as hosts with their ports. Behind a proxy the name that was asked for is
    forwarded; it is believed from anybody, for `Origins` has refused all names but those of the settings, and no page
    of another origin can send that header."""
    return {_plain(one) for one in (*headers.getlist("host"), *_forwarded(headers))}


def _forwarded(headers: Headers) -> list[str]:
    return [one.strip() for line in headers.getlist("x-forwarded-host") for one in line.split(",")]


def _from_itself(request: Request) -> bool:
    origin = request.headers.get("origin")
    if origin is not None and _plain(origin.partition("://")[2]) not in authorities(request.headers):
        return False
    if request.headers.get("sec-fetch-site", "none") in {"same-origin", "none"}:
        return True
    followed = tuple(request.headers.get(f"sec-fetch-{one}") for one in ("mode", "dest")) == ("navigate", "document")
    return (
        followed
        and request.method == "GET"
        and (request.scope["path"] in PAGES or request.scope["path"].startswith(LINKED))
    )


def _plain(authority: str) -> str:
    authority = authority.lower()
    return authority.rpartition(":")[0] if authority.endswith(_USUAL_PORTS) else authority


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
