"""What stands below `/v1`."""

from fastapi import FastAPI

from agent import Agent
from ui.api.asking import Door
from ui.api.audio import Audio
from ui.api.citations import CitedPages
from ui.api.completions.chat import Chat
from ui.api.errors import answer_errors
from ui.api.files.endpoint import Files
from ui.api.files.uploaded import UploadedFiles
from ui.api.places import Places
from ui.api.responses.endpoint import Responses


def application(agent: Agent, pages: CitedPages, places: Places) -> FastAPI:
    api = FastAPI(title="Triptych", docs_url=None, redoc_url=None)
    answer_errors(api)
    door = Door(agent, pages, places, UploadedFiles(agent.settings))
    chat, responses = Chat(door), Responses(door)
    api.get("/models")(chat.models)
    api.get("/models/{name}")(chat.model)
    api.post("/chat/completions", response_model=None)(chat.complete)
    api.post("/responses", response_model=None)(responses.create)
    Files(door).stand_in(api)
    Audio(door).stand_in(api)
    return api
