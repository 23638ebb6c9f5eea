"""The routes of the OpenAI-compatible door: behind the gate as the page is, and bounded before they are read."""

from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount, Route

from agent import Agent
from ui.api.application import application
from ui.api.citations import CitedPages
from ui.api.made import MadeFiles
from ui.api.places import Places
from ui.gate.routes import LARGEST_JSON
from ui.gate.sign_in import SignedIn

BASE64 = 4 / 3  # what a file grows by in JSON


def routes(agent: Agent, places: Places) -> list[BaseRoute]:
    pages, signed_in = CitedPages(agent), Middleware(SignedIn)
    made = MadeFiles([agent.settings.data_dir / name for name in ("artifacts", "pages")])
    largest = int(agent.settings.max_upload_mb * 1024 * 1024 * BASE64) + LARGEST_JSON
    return [
        Mount("/v1", application(agent, pages, places), middleware=[signed_in], max_body_size=largest),
        Route("/cite/{name}", pages.show, methods=["GET"], middleware=[signed_in], max_body_size=0),
        Route("/made/{name:path}", made.show, methods=["GET"], middleware=[signed_in], max_body_size=0),
    ]
