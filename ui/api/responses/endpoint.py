"""`/v1/responses`, whole and as a stream of events."""

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from typing import Any

from fastapi import Request
from starlette.responses import JSONResponse, Response

from agent import Answer, Event, Evidence, Token
from common.errors import UserError
from ui.api.asking import HUNG_UP, Door, Question, sse, streamed, until_hung_up
from ui.api.errors import WRONG
from ui.api.responses.events import GrowingResponse
from ui.api.responses.requests import ResponsesRequest


class Responses:
    def __init__(self, door: Door) -> None:
        self.door = door

    async def create(self, body: ResponsesRequest, request: Request) -> Response:
        corpus, form = self.door.corpus(body.model)
        asked = body.asked(corpus, self.door.uploaded)
        question = self.door.question(asked, corpus, body.files, request)
        response = GrowingResponse(body.model, form, asked.question, question.files)
        if not body.stream:
            done = await until_hung_up(request, _whole(question, response))
            return Response(status_code=HUNG_UP) if done is None else JSONResponse(done)
        return streamed(_stream(question, response))


async def _whole(question: Question, response: GrowingResponse) -> dict[str, Any]:
    """Raises `UserError` like `Agent.ask`."""
    async with aclosing(_grown(question, response)) as events:
        async for _ in events:
            pass
    return response.whole()


async def _stream(question: Question, response: GrowingResponse) -> AsyncIterator[str]:
    try:
        for told in response.begun():
            yield sse(told, told["type"])
        async with aclosing(_grown(question, response)) as events:
            async for told in events:
                yield sse(told, told["type"])
    except UserError as error:
        yield _failed(response, str(error), "invalid_prompt")
    except Exception:
        yield _failed(response, WRONG, "server_error")
        raise


async def _grown(question: Question, response: GrowingResponse) -> Any:
    async with aclosing(question.events()) as events:
        async for event in events:
            urls = (await question.around(event))[0] if isinstance(event, Answer) else {}
            for told in _told(response, event, urls):
                yield told


def _told(response: GrowingResponse, event: Event, urls: dict[int, str]) -> Iterator[dict[str, Any]]:
    match event:
        case Evidence(hits=hits):
            yield from response.searched(hits)
        case Token(text=text) if response.form != "links":
            yield from response.wrote(text)
        case Answer():
            yield from response.ended(event, urls)


def _failed(response: GrowingResponse, message: str, code: str) -> str:
    told = response.failed(message, code)
    return sse(told, told["type"])
