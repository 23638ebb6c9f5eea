"""`/v1/chat/completions` and `/v1/models`: each corpus is a model."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response, StreamingResponse

from agent import Agent, Answer, Artifact, Event, Failed, Planned, Token
from common.errors import UserError
from ui.api.citations import CitedPages, base_of
from ui.api.errors import ApiError, answer_errors, error_body
from ui.api.replies import FORMS, Reply, about, source_events, status_event
from ui.api.requests import ChatRequest

if TYPE_CHECKING:
    from agent.asking.messages import Asked

T = TypeVar("T")
AT_ONCE = 4  # requests answered at the same time; others wait
HUNG_UP = 499  # nobody reads it


def application(agent: Agent, pages: CitedPages) -> FastAPI:
    """What stands below `/v1`."""
    api = FastAPI(title="Triptych", docs_url=None, redoc_url=None)
    answer_errors(api)
    chat = Chat(agent, pages)
    api.get("/models")(chat.models)
    api.get("/models/{name}")(chat.model)
    api.post("/chat/completions", response_model=None)(chat.complete)
    return api


class Chat:
    def __init__(self, agent: Agent, pages: CitedPages) -> None:
        self.agent, self.pages = agent, pages
        self.places = asyncio.Semaphore(AT_ONCE)

    def models(self) -> dict[str, Any]:
        return {"object": "list", "data": [_model(name) for name in self.agent.library.names()]}

    def model(self, name: str) -> dict[str, Any]:
        self.corpus(name)
        return _model(name)

    def corpus(self, model: str) -> tuple[str, str]:
        """The corpus and the form that a model's name stands for. Raises `ApiError`."""
        name, _, form = model.partition(":")
        if name not in self.agent.library.names() or form not in FORMS:
            message = f"There is no model {model!r}: /v1/models lists the corpora."
            raise ApiError(message, status=404, param="model", code="model_not_found")
        return name, form

    async def complete(self, body: ChatRequest, request: Request) -> Response:
        corpus, form = self.corpus(body.model)
        asked = body.asked()
        work = _Work(self, Reply(body.model, form), body, asked, corpus, base_of(request))
        if not body.stream:
            done = await _until_hung_up(request, work.whole())
            return Response(status_code=HUNG_UP) if done is None else JSONResponse(done)
        return StreamingResponse(work.stream(), media_type="text/event-stream", headers={"cache-control": "no-store"})


class _Work:
    """One request under way."""

    def __init__(self, chat: Chat, reply: Reply, body: ChatRequest, asked: "Asked", corpus: str, base: str) -> None:
        self.chat, self.reply, self.body, self.asked, self.corpus, self.base = chat, reply, body, asked, corpus, base
        self.text = ""

    async def whole(self) -> dict[str, Any]:
        """Raises `UserError` like `Agent.ask`."""
        async with self.chat.places, aclosing(self._events()) as events:
            async for event in events:
                if isinstance(event, Answer):
                    urls, speech = await run_in_threadpool(self._around, event)
                    return self.reply.whole(event, self.text, urls, speech)
        raise AssertionError("an answer ends the events")

    async def stream(self) -> AsyncIterator[str]:
        yield _line(self.reply.chunk({"role": "assistant", "content": ""}))
        try:
            async with self.chat.places, aclosing(self._events()) as events:
                async for event in events:
                    for chunk in await self._chunks(event):
                        yield _line(chunk)
        except UserError as error:
            yield _line(error_body(str(error)))
        except Exception:
            yield _line(error_body("Something went wrong here.", "server_error"))
            raise
        yield "data: [DONE]\n\n"

    async def _events(self) -> AsyncGenerator[Event, None]:
        """Raises `UserError` for `Failed`."""
        options = self.asked.options
        async with aclosing(self.chat.agent.astream(self.asked.question, corpus=self.corpus, **options)) as events:
            async for event in events:
                if isinstance(event, Failed):
                    raise UserError(event.message)
                if isinstance(event, Token):
                    self.text += event.text
                yield event

    async def _chunks(self, event: Event) -> list[dict[str, Any]]:
        reply = self.reply
        match event:
            case Token(text=text) if reply.form != "links":
                return [reply.chunk({"content": text})]
            case Planned(steps=steps) if reply.form == "events" and steps:
                return [status_event("; ".join(steps))]
            case Answer():
                urls, speech = await run_in_threadpool(self._around, event)
                return self._last(event, urls, speech)
        return []

    def _last(self, answer: Answer, urls: dict[int, str], speech: Artifact | None) -> list[dict[str, Any]]:
        reply, shown = self.reply, self.reply.form == "events"
        text = [reply.chunk({"content": reply.text(self.text, answer, urls)})] if reply.form == "links" else []
        return [
            *text,
            *(source_events(answer, urls) if shown else ()),
            *([status_event("Answered", done=True)] if shown else ()),
            reply.chunk(reply.extras(answer, self.text, urls, speech)),
            reply.chunk({}, "stop", **about(answer, urls)),
            *([reply.usage(answer.usage)] if self.body.counted else ()),
        ]

    def _around(self, answer: Answer) -> tuple[dict[int, str], Artifact | None]:
        """Where its citations lead, and its sound: as the question had it made, or the text where that is asked for."""
        urls = {one.number: self.chat.pages.url(one, self.corpus, self.base) for one in answer.citations}
        made = next((one for one in answer.artifacts if one.mime.startswith("audio/")), None)
        wanted = self.body.spoken and made is None and answer.text
        return urls, self.chat.agent.speak(answer.text) if wanted else made


async def _until_hung_up(request: Request, work: Awaitable[T]) -> T | None:
    """What `work` brings; None when the client hung up, which ends it."""
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_hung_up(request))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        return await task if task.done() else None
    finally:
        for one in (task, gone):
            one.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await one


async def _hung_up(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _line(content: dict[str, Any]) -> str:
    return f"data: {json.dumps(content)}\n\n"


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "triptych"}
