"""Answers to take away: each as a file, made when a browser asks for it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from common.errors import UserError

if TYPE_CHECKING:
    from agent import Agent

PATH = "/answers/{conversation}/{turn:int}.{ending}"
NAMES = {"pdf": "PDF", "html": "HTML", "md": "Markdown"}  # by ending


def address(conversation: str, turn: int, ending: str) -> str:
    """Of an answer as a file of this kind; relative, so that it holds behind a proxy."""
    return f"answers/{conversation}/{turn}.{ending}"


def endpoint(agent: "Agent") -> Callable[[Request], Response]:
    """Of `PATH`: for whoever knows the conversation's name, as its link is. Answers 404 for what is not there."""

    def answer(request: Request) -> Response:
        asked = request.path_params
        form = NAMES.get(asked["ending"], asked["ending"]).lower()
        try:
            made = agent.export(asked["conversation"], form, asked["turn"])
        except UserError as error:
            return JSONResponse({"detail": error.words}, 404)
        headers = {"content-disposition": "attachment", "cache-control": "no-store"}
        return Response(made.data, media_type=made.mime, headers=headers)

    return answer
