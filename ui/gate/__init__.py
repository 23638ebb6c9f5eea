"""Who gets in, from where, and by which routes: everything a request meets before the page itself.

In this order: what is measured (`metrics`); who connects (`peers`); the headers that every answer carries; the host
that was asked for and the page that asks (`origins`); which browser it is (`visitors`); who asks (`authentication`,
`accounts`: a session of `sessions`, or an API key; wrong guesses wait, `throttle`); the routes of Gradio that the page
needs and no others, each with a limit on what it reads (`routes`); the files a request names (`files`), and what is
not there (`missing`).
"""

from collections.abc import Sequence
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Route

from agent.settings import Settings
from ui.gate.authentication import GateKeeper, too_soon
from ui.gate.headers import Headers
from ui.gate.metrics import Measured, metrics
from ui.gate.missing import answer_broken_uploads, answer_missing
from ui.gate.origins import Origins
from ui.gate.peers import Peers
from ui.gate.routes import UPLOAD, routes
from ui.gate.sign_in import SignIn
from ui.gate.visitors import Visitors


def guard(app: FastAPI, settings: Settings, authentication: GateKeeper, routes: Sequence[BaseRoute]) -> None:
    """Makes `app` the gate before these routes, which ask for themselves who is signed in."""
    measured = metrics()
    own = [*SignIn(authentication).routes(), *([measured.route(authentication.manages)] if measured else ())]
    app.router.routes = [*own, *routes]
    app.user_middleware = [
        *([Middleware(Measured, metrics=measured)] if measured else ()),
        Middleware(Peers),
        Middleware(Headers),
        Middleware(Origins, names=(settings.host, *settings.hosts)),
        Middleware(CORSMiddleware),  # allows no origin; and where there is one, Gradio adds none that allows all
        Middleware(Visitors),
        Middleware(AuthenticationMiddleware, backend=authentication, on_error=too_soon),
    ]


def page_routes(page: FastAPI, settings: Settings, uploads: Path, folders: Sequence[Path] | None = None) -> list[Route]:
    """Those that lead to `page`, Gradio's application. `uploads` is the folder that holds what is uploaded; of other
    files only those in `folders` are served, if any are named."""
    answer_missing(page)
    answer_broken_uploads(page, UPLOAD)
    return routes(page, settings, uploads, folders)
