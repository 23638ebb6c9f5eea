"""What every endpoint that asks the agent shares: which corpus a model is, and one question under way."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import StreamingResponse

from agent import Agent, Answer, Artifact, Event, Failed, Token
from common.errors import UserError
from ui.api.citations import CitedPages, base_of
from ui.api.errors import ApiError
from ui.api.files.ids import file_ids
from ui.api.files.uploaded import UploadedFiles
from ui.api.places import Places

if TYPE_CHECKING:
    from agent.asking.messages import Asked

T = TypeVar("T")
HUNG_UP = 499  # nobody reads it
FORMS = ("", "links", "events")  # behind a model's name: how citations are shown


@dataclass(frozen=True)
class Door:
    agent: Agent
    pages: CitedPages
    places: Places
    uploaded: UploadedFiles

    def corpus(self, model: str) -> tuple[str, str]:
        """The corpus and the form that a model's name stands for. Raises `ApiError`."""
        name, _, form = model.partition(":")
        if name not in self.agent.library.names() or form not in FORMS:
            message = f"There is no model {model!r}: /v1/models lists the corpora."
            raise ApiError(message, status=404, param="model", code="model_not_found")
        return name, form

    def question(self, asked: "Asked", corpus: str, files: Sequence[str], request: Request) -> "Question":
        """Within the documents of these files, where there are any. Raises `Busy`, `ApiError` for a file that is not in
        the corpus."""
        self.places.check()
        self._check_sizes([*asked.images, *asked.audio])
        ids = file_ids(self.agent.library.open(corpus))
        return Question(self, asked, corpus, ids, self._documents(corpus, ids, files), base_of(request))

    def _check_sizes(self, attached: Sequence[bytes]) -> None:
        """Raises `ApiError` for more than an upload may bring."""
        settings = self.agent.settings
        if len(attached) > settings.max_upload_files:
            raise ApiError(f"At most {settings.max_upload_files} pictures and recordings are taken at once.")
        if any(len(data) > settings.max_upload_mb * 1024 * 1024 for data in attached):
            raise ApiError(f"A picture or recording may have {settings.max_upload_mb} MB.", status=413)

    def _documents(self, corpus: str, ids: Mapping[str, str], files: Sequence[str]) -> list[str]:
        for file in files:
            if file not in ids.values():
                message = f"The file {file!r} is not in the corpus: add it to the vector store {corpus!r} first."
                raise ApiError(message, param="file_id", code="not_found")
        return [name for name, id in ids.items() if id in files]


class Question:
    """One on its way, within `documents` where there are any. `text` is what was written of its answer so far, `files`
    are the ids of the corpus' documents by name."""

    def __init__(
        self,
        door: Door,
        asked: "Asked",
        corpus: str,
        files: Mapping[str, str],
        documents: Sequence[str],
        base: str,
    ) -> None:
        self._door, self._asked, self.corpus, self.files, self._base = door, asked, corpus, files, base
        self._options = asked.options | {"documents": documents}
        self.text = ""

    async def events(self) -> AsyncGenerator[Event, None]:
        """Once it has its place. Raises `UserError` for `Failed`."""
        stream = self._door.agent.astream(self._asked.question, corpus=self.corpus, **self._options)
        async with self._door.places, aclosing(stream) as events:
            async for event in events:
                if isinstance(event, Failed):
                    raise UserError(event.message)
                if isinstance(event, Token):
                    self.text += event.text
                yield event

    async def around(self, answer: Answer, *, spoken: bool = False) -> tuple[dict[int, str], Artifact | None]:
        """Where its citations lead, and its sound: as the question had it made, or the text where that is asked for."""
        return await run_in_threadpool(self._around, answer, spoken)

    def _around(self, answer: Answer, spoken: bool) -> tuple[dict[int, str], Artifact | None]:
        urls = {one.number: self._door.pages.url(one, self.corpus, self._base) for one in answer.citations}
        made = next((one for one in answer.artifacts if one.mime.startswith("audio/")), None)
        wanted = spoken and made is None and answer.text
        return urls, self._door.agent.speak(answer.text) if wanted else made


async def until_hung_up(request: Request, work: Awaitable[T]) -> T | None:
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


def streamed(lines: AsyncIterator[str]) -> StreamingResponse:
    return StreamingResponse(lines, media_type="text/event-stream", headers={"cache-control": "no-store"})


def sse(content: Mapping[str, Any], event: str = "") -> str:
    """A server-sent event."""
    return f"{f'event: {event}{chr(10)}' if event else ''}data: {json.dumps(content)}\n\n"
