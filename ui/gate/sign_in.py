"""Signing in and out in the browser, and what those see who have done neither."""

from html import escape
from pathlib import Path
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.gate.authentication import COOKIE, GateKeeper, TooSoon, refusal, too_soon
from ui.gate.sessions import SECONDS

ELSEWHERE = '<a href="openid">Sign in at {}</a>'
LARGEST_FORM = 8 * 1024
"""Bytes of a name and a password."""


class SignIn:
    """The routes `/login` and `/logout`."""

    def __init__(self, authentication: GateKeeper) -> None:
        self.authentication = authentication

    def routes(self) -> list[Route]:
        if not self.authentication.needed:
            return []
        return [
            Route("/login", self.show, methods=["GET"], max_body_size=0),
            Route("/login", self.sign_in, methods=["POST"], max_body_size=LARGEST_FORM),
            Route("/logout", self.sign_out, methods=["POST"], max_body_size=0),
        ]

    async def show(self, request: Request) -> Response:
        return RedirectResponse("./", 303) if request.user.is_authenticated else _page(self.authentication)

    async def sign_in(self, request: Request) -> Response:
        form = parse_qs((await request.body()).decode(errors="replace"))
        name, password = (form.get(field, [""])[0] for field in ("username", "password"))
        try:
            token = await run_in_threadpool(self.authentication.sign_in, request, name, password)
        except TooSoon as error:
            answer: Response = too_soon(request, error)
            return _page(self.authentication, str(error), answer, name) if _is_browser(request) else answer
        if token is None:
            wrong = JSONResponse({"detail": "Wrong user name or password."}, 401)
            return (
                _page(self.authentication, "That did not match. Try again.", wrong, name)
                if _is_browser(request)
                else wrong
            )
        return welcomed(request, token)

    async def sign_out(self, request: Request) -> Response:
        self.authentication.sign_out(request)
        answer = _onwards(request)
        answer.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=_is_encrypted(request))
        return answer


def welcomed(request: Request, token: str) -> Response:
    """To the page, with the session of this token."""
    answer = _onwards(request)
    answer.set_cookie(COOKIE, token, max_age=SECONDS, httponly=True, samesite="lax", secure=_is_encrypted(request))
    return answer


def refused(authentication: GateKeeper, problem: str) -> Response:
    """The way in, with the reason why it stays shut."""
    return _page(authentication, problem, JSONResponse({"detail": problem}, 403))


class SignedIn:
    """ASGI middleware: lets through who is signed in; shows others the way in."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["user"].is_authenticated:
            await self.app(scope, receive, send)
            return
        answer: Response = RedirectResponse("./login", 303)
        if scope["path"] != "/" or not _is_browser(Request(scope)):
            detail = "Sign in, or send the API key: Authorization: Bearer <key>."
            answer = refusal(detail, 401, "invalid_api_key", {"www-authenticate": "Bearer"})
        await answer(scope, receive, send)


def _is_browser(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _is_encrypted(request: Request) -> bool:
    return request.url.scheme == "https"


def _onwards(request: Request) -> Response:
    return RedirectResponse("./", 303) if _is_browser(request) else JSONResponse({"success": True})


def _page(
    authentication: GateKeeper, problem: str = "", answer: Response | None = None, typed: str = ""
) -> HTMLResponse:
    """The form, with the name that was `typed` before; with the status and waiting time of `answer`, if it is shown
    instead of that."""
    given = f' value="{escape(typed)}"' if typed else " autofocus"
    name = f'<label>User name<input name="username" autocomplete="username"{given} required></label>'
    parts = {
        "{{problem}}": f'<p role="alert">{escape(problem)}</p>' if problem else "",
        "{{word}}": authentication.word,
        "{{focus}}": " autofocus" if typed else "",
        "{{name}}": name if authentication.asks_name else "",
        "{{elsewhere}}": ELSEWHERE.format(escape(authentication.elsewhere)) if authentication.elsewhere else "",
    }
    page = Path(__file__).with_name("login.html").read_text(encoding="utf-8")
    for mark, value in parts.items():
        page = page.replace(mark, value)
    waiting = answer.headers.get("retry-after") if answer else None
    headers = {"cache-control": "no-store"} | ({"retry-after": waiting} if waiting else {})
    return HTMLResponse(page, answer.status_code if answer else 200, headers)
