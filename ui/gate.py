"""Who gets in. One rule in front of every route: a signed-in browser, or a program with the API key.

Nothing is asked while neither a password nor an API key is set. A browser signs in at `/login` with the user name
and password; where only an API key is set, the key is the password. A program sends `Authorization: Bearer <key>`.
The gate also adds the headers that keep the page from reaching, or being framed by, anything but itself.
"""

import hashlib
import hmac
import time
from html import escape
from pathlib import Path
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.settings import Settings

COOKIE = "triptych-session"
SESSION_SECONDS = 30 * 24 * 3600
HEADERS = {
    "content-security-policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline';"
        " img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:;"
        " connect-src 'self' data: blob:;"
        " worker-src 'self' blob:; frame-ancestors 'self'; form-action 'self'; object-src 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}
# Gradio would fetch these addresses on a caller's behalf; nothing here needs it to.
_OUTBOUND = ("/gradio_api/file=http", "/gradio_api/proxy=", "/file=http", "/proxy=")


class Gate:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.username = settings.username
        self.password = settings.password.get_secret_value()
        self.api_key = settings.api_key.get_secret_value()

    @property
    def open(self) -> bool:
        return not (self.password or self.api_key)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        response = await self._own_answer(request)
        await (response or self.app)(scope, receive, _with_headers(send))

    async def _own_answer(self, request: Request) -> Response | None:
        """The gate's own response, or None to let the request through."""
        path = request.url.path
        if path.startswith(_OUTBOUND):
            return JSONResponse({"detail": "The page fetches nothing from elsewhere."}, 403)
        if self.open:
            return None
        if path.rstrip("/") == "/login" and request.method == "POST":
            return await self._sign_in(request)
        if self._lets_in(request):
            return None
        if request.method == "GET" and path in {"/", "/login", "/login/"}:
            return HTMLResponse(_login_page(failed=False, needs_name=bool(self.username and self.password)), 401)
        detail = "Sign in, or send the API key: Authorization: Bearer <key>."
        return JSONResponse({"detail": detail}, 401, {"www-authenticate": "Bearer"})

    def _lets_in(self, request: Request) -> bool:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if self.api_key and scheme.lower() == "bearer" and _same(key.strip(), self.api_key):
            return True
        expires, _, signature = request.cookies.get(COOKIE, "").partition(".")
        return expires.isdigit() and int(expires) > time.time() and _same(signature, self._signature(expires))

    def _signature(self, expires: str) -> str:
        """Signed with the credentials themselves: changing one of them signs every browser out."""
        secret = "\0".join((self.username, self.password, self.api_key)).encode()
        return hmac.new(secret, expires.encode(), hashlib.sha256).hexdigest()

    async def _sign_in(self, request: Request) -> Response:
        form = parse_qs((await request.body()).decode(errors="replace"))
        name, password = form.get("username", [""])[0], form.get("password", [""])[0]
        if self.password:
            valid = _same(name, self.username) & _same(password, self.password)
        else:
            valid = _same(password, self.api_key)
        browser = "text/html" in request.headers.get("accept", "")
        if not valid:
            page = _login_page(failed=True, needs_name=bool(self.username and self.password))
            return HTMLResponse(page, 401) if browser else JSONResponse({"detail": "Wrong user name or password."}, 401)
        response: Response = RedirectResponse("./", 303) if browser else JSONResponse({"success": True})
        expires = str(int(time.time()) + SESSION_SECONDS)
        response.set_cookie(
            COOKIE,
            f"{expires}.{self._signature(expires)}",
            max_age=SESSION_SECONDS,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return response


def _same(given: str, expected: str) -> bool:
    """Compared in constant time; an empty expected value still has to be given as empty."""
    return hmac.compare_digest(given.encode(), expected.encode())


def _with_headers(send: Send) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            added = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
            message = {**message, "headers": [*message.get("headers", ()), *added]}
        await send(message)

    return wrapped


def _login_page(*, failed: bool, needs_name: bool) -> str:
    name = '<label>User name<input name="username" autocomplete="username" autofocus required></label>'
    word = "Password" if needs_name else "API key"
    replacements = {
        "{{error}}": '<p role="alert">That did not match. Try again.</p>' if failed else "",
        "{{name}}": name if needs_name else "",
        "{{word}}": escape(word),
    }
    page = Path(__file__).with_name("login.html").read_text(encoding="utf-8")
    for mark, value in replacements.items():
        page = page.replace(mark, value)
    return page
