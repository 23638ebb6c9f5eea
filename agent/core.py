"""`Agent`: ask a corpus, and get the answer with its evidence, whole or as a stream of typed events."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Semaphore
from typing import TYPE_CHECKING, Any, Self, Unpack

from agent import keeping
from agent.asking import langchain
from agent.asking.beside import PartsBeside
from agent.asking.drawing import DrawsPages
from agent.asking.media import MakesMedia
from agent.asking.options import AskOptions
from agent.asking.quoted import Quoted
from agent.asking.running import Item, Running, Told, also, event_of, in_turn, last_answer
from agent.asking.stream import events_of
from agent.build import Parts
from agent.converting import export
from agent.corpora import Corpora
from agent.events import Answer, Event
from agent.memory import Turn
from agent.models.served import affinity
from agent.settings import Settings
from common.errors import UserError
from generators.core.base import Medium

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage
    from langchain_core.runnables import Runnable
    from langchain_core.tools import BaseTool

    from agent.conversations.store import Conversations
    from agent.demonstrations import Demonstrator
    from retrievers.ingestion.ingest import IngestReport, Progress
    from retrievers.library import Library

CLOSING = 1.0  # seconds that a request under way is waited for, before what it uses is closed


class Agent(DrawsPages, MakesMedia):
    """One data folder, one model, one router, as `settings` say. Usable from several threads at once.

    A `conversation` is any name: questions asked under the same one build on each other, also after a restart.
    Without one a question stands alone and is not kept.
    """

    def __init__(self, settings: Settings | None = None, **overrides: Any) -> None:
        given = settings.model_dump(exclude_unset=True) if settings else {}
        self.settings = settings if settings and not overrides else Settings(**(given | overrides))
        self._begin(Parts(self.settings))

    def _begin(self, parts: Parts, told: Told | None = None, places: Semaphore | None = None) -> None:
        self.settings, self._parts, self._told, self._places = parts.settings, parts, told, places
        self._quoted = Quoted(parts)
        self.warming = Lock()  # held while what a first question waits for is loaded
        self._running: dict[Running, str | None] = {}  # with the conversation each belongs to

    def beside(self, settings: Settings, library: "Library", told: Told, places: Semaphore) -> "Agent":
        """One that answers by the same models, with settings that differ in where things are kept and in how many are
        answered at once, of the corpora of `library`. `told` hears of all that comes of questions, with the corpus; one
        of the `places`, which others may share, is waited for. It is closed before this one is."""
        other = Agent.__new__(Agent)
        other._begin(PartsBeside(self._parts, settings, library), told, places)
        other.warming = self.warming
        return other

    @classmethod
    def from_corpus(cls, *paths: str | Path, corpus: str = "default", **settings: Any) -> Self:
        """An agent over `paths`, which are read into `corpus` unless they are there already."""
        agent = cls(corpus=corpus, **settings)
        agent.ingest(paths)
        return agent

    @property
    def library(self) -> "Library":
        return self._parts.library

    @property
    def conversations(self) -> "Conversations":
        """Those that are kept: listed, searched, renamed, pinned, deleted, and read turn by turn."""
        return self._parts.conversations

    @property
    def models(self) -> tuple[str, ...]:
        """Those that may answer, as settings name them; the first does unless another is asked for."""
        return tuple(dict.fromkeys((self.settings.model, *self.settings.models)))

    @property
    def corpora(self) -> Corpora:
        """Those there are: named, made, renamed, deleted, and what is inside."""
        return Corpora(self._parts.library, self._parts.conversations, self._quoted)

    def reaches(self, model: str) -> bool:
        """Whether the server of one of the `models` answers; what needs none is always there."""
        from agent.models.served.places import is_reached

        return is_reached(self._parts.answering(model).settings.model, self.settings.model_api_key.get_secret_value())

    @property
    def demonstrations(self) -> "Demonstrator":
        """The user's sets of labelled pictures, `.bank`; `.ask` about another picture by them."""
        return self._parts.demonstrator

    def ingest(
        self,
        paths: Sequence[str | Path],
        corpus: str | None = None,
        progress: "Callable[[Progress], None] | None" = None,
        *,
        prune: bool = False,
    ) -> "IngestReport":
        """Read files and folders into a corpus, made if need be. A bad file fails alone, in the report.

        With `prune`, documents whose file is no longer in one of these folders are forgotten. One alone is forgotten
        by `agent.library.open(corpus).remove(document)`.
        """
        opened = self.library.open(corpus or self.settings.corpus, create=True)
        files = [Path(path) for path in paths]
        return opened.ingest(files, progress, prune=prune) if progress else opened.ingest(files, prune=prune)

    def ask(self, question: str, **options: Unpack[AskOptions]) -> Answer:
        """The whole answer. Raises `UserError` where `stream` would end with `Failed`."""
        return last_answer(list(self.stream(question, **options))[-1])

    def stream(self, question: str, **options: Unpack[AskOptions]) -> Iterator[Event]:
        """Events as they happen, `Answer` or `Failed` last.

        Closing the iterator returns at once: a model is hung up on, and what is being made stops at its next step.
        """
        inbox: SimpleQueue[Item] = SimpleQueue()
        running = self._start(inbox.put, question, **options)
        try:
            while (item := inbox.get()) is not None:
                yield event_of(item)
        finally:
            self._end(running)

    async def aask(self, question: str, **options: Unpack[AskOptions]) -> Answer:
        """`ask`, without holding up the event loop."""
        return last_answer([event async for event in self.astream(question, **options)][-1])

    async def astream(self, question: str, **options: Unpack[AskOptions]) -> AsyncGenerator[Event, None]:
        """`stream`, without holding up the event loop: store, embedder and local models are synchronous anyway."""
        loop = asyncio.get_running_loop()
        inbox: asyncio.Queue[Item] = asyncio.Queue()

        def tell(item: Item) -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody listens any more
                loop.call_soon_threadsafe(inbox.put_nowait, item)

        running = self._start(tell, question, **options)
        try:
            while (item := await inbox.get()) is not None:
                yield event_of(item)
        finally:
            self._end(running)

    def as_tool(self, corpus: str | None = None, *, name: str = langchain.TOOL, description: str = "") -> "BaseTool":
        """A LangChain tool for another agent's model: an answer that stands alone with its sources; the `Answer` is
        its artifact. `description` tells the model what the documents are."""
        return langchain.tool_of(partial(self.ask, corpus=corpus), partial(self.aask, corpus=corpus), name, description)

    def as_runnable(self, corpus: str | None = None) -> "Runnable[Any, AIMessage]":
        """A LangChain runnable in a chat model's place: messages in, an `AIMessage` with its citations out."""
        return langchain.runnable_of(partial(self.ask, corpus=corpus), partial(self.aask, corpus=corpus))

    def stop(self, conversation: str) -> None:
        """Ends whatever is being answered in it, as closing `stream` does: who listens is told, and what was written
        until then is kept."""
        for running, where in list(self._running.items()):
            if where == conversation:
                running.leave("Stopped.")

    def history(self, conversation: str) -> list[Turn]:
        """The conversation's questions and answers, oldest first; empty when there is none."""
        return self.conversations.said(conversation)

    def export(self, conversation: str, form: str = "pdf", turn: int | None = None) -> Medium:
        """The conversation, or one answer of it, as a document: `pdf`, `docx`, `html` or `markdown`, pictures inside.

        Raises `UserError` where there is none, or the format is not known.
        """
        turns = self.conversations.turns(conversation)
        return export.document([one.said for one in turns if one.said and turn in (None, one.id)], form)

    def warm_up(self) -> None:
        """Open the corpus and load its embedders, beside questions; what hinders it is told to whoever asks."""
        with self.warming, suppress(UserError):
            self.library.open(self.settings.corpus).search("warm up", top=1)

    def clear(self) -> int:
        """Deletes what came with questions that are not kept, and records of citations, when they were not used for
        `settings.keep_days`; how many files there were."""
        folders = [self.settings.data_dir / name for name in keeping.CLEARED]
        return keeping.clear(folders, self.settings.keep_days)

    def close(self) -> None:
        """Whoever still listens to a request is told so."""
        running = list(self._running)
        for one in running:
            one.leave("The agent was closed before the answer was finished.")
        for one in running:
            one.wait(CLOSING)
        self._quoted.close()
        self._parts.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _start(self, tell: Callable[[Item], None], question: str, **options: Unpack[AskOptions]) -> Running:
        heard = also(tell, self._told, options.get("corpus") or self.settings.corpus)
        with affinity.of(options.get("conversation")):
            running = Running(in_turn(partial(events_of, self._parts, question, **options), self._places), heard)
        self._running[running] = options.get("conversation")
        return running

    def _end(self, running: Running) -> None:
        running.leave()
        self._running.pop(running, None)
