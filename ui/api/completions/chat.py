"""`/v1/chat/completions` and `/v1/models`: each corpus is a model."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from fastapi import Request
from starlette.responses import JSONResponse, Response

from agent import Answer, Artifact, Event, Planned, Token
from common.errors import UserError
from ui.api.asking import HUNG_UP, Door, Question, sse, streamed, until_hung_up
from ui.api.completions.replies import Reply, about, source_events, status_event
from ui.api.completions.requests import ChatRequest
from ui.api.errors import WRONG, error_body


class Chat:
    def __init__(self, door: Door) -> None:
        self.door = door

    def models(self) -> dict[str, Any]:
        return {"object": "list", "data": [_model(name) for name in self.door.agent.library.names()]}

    def model(self, name: str) -> dict[str, Any]:
        self.door.corpus(name)
        return _model(name)

    async def complete(self, body: ChatRequest, request: Request) -> Response:
        corpus, form = self.door.corpus(body.model)
        work = _Work(self.door.question(body.asked(), corpus, body.files, request), Reply(body.model, form), body)
        if not body.stream:
            done = await until_hung_up(request, work.whole())
            return Response(status_code=HUNG_UP) if done is None else JSONResponse(done)
        return streamed(work.stream())


class _Work:
    """One request under way."""

    def __init__(self, question: Question, reply: Reply, body: ChatRequest) -> None:
        self.question, self.reply, self.body = question, reply, body

    async def whole(self) -> dict[str, Any]:
        """Raises `UserError` like `Agent.ask`."""
        async with aclosing(self.question.events()) as events:
            async for event in events:
                if isinstance(event, Answer):
                    urls, speech = await self.question.around(event, spoken=self.body.spoken)
                    return self.reply.whole(event, self.question.text, urls, speech)
        raise AssertionError("an answer ends the events")

    async def stream(self) -> AsyncIterator[str]:
        yield sse(self.reply.chunk({"role": "assistant", "content": ""}))
        try:
            async with aclosing(self.question.events()) as events:
                async for event in events:
                    for chunk in await self._chunks(event):
                        yield sse(chunk)
        except UserError as error:
            yield sse(error_body(str(error)))
        except Exception:
            yield sse(error_body(WRONG, "server_error"))
            raise
        yield "data: [DONE]\n\n"

    async def _chunks(self, event: Event) -> list[dict[str, Any]]:
        reply = self.reply
        match event:
            case Token(text=text) if reply.form != "links":
                return [reply.chunk({"content": text})]
            case Planned(steps=steps) if reply.form == "events" and steps:
                return [status_event("; ".join(steps))]
            case Answer():
                return self._last(event, *await self.question.around(event, spoken=self.body.spoken))
        return []

    def _last(self, answer: Answer, urls: dict[int, str], speech: Artifact | None) -> list[dict[str, Any]]:
        reply, shown, written = self.reply, self.reply.form == "events", self.question.text
        text = [reply.chunk({"content": reply.text(written, answer, urls)})] if reply.form == "links" else []
        return [
            *text,
            *(source_events(answer, urls, self.question.files) if shown else ()),
            *([status_event("Answered", done=True)] if shown else ()),
            reply.chunk(reply.extras(answer, written, urls, speech)),
            reply.chunk({}, "stop", **about(answer, urls)),
            *([reply.usage(answer.usage)] if self.body.counted else ()),
        ]


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "triptych"}
