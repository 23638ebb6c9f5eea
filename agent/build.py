"""The composition root: settings -> parts. The only place that wires them together. Parts are made on first use."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent import memory
from agent.settings import Settings
from generators.media import MediaStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from langchain_core.language_models import BaseChatModel
    from PIL.Image import Image

    from agent.demonstrating import Demonstrator
    from agent.routers.base import Router
    from agent.workshop import Workshop
    from generators.aim.bank import Entry
    from retrievers.library import Library


class Parts:
    """Everything an agent is made of, by `settings`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.data_dir = settings.data_dir.expanduser()
        self.media = MediaStore(self.data_dir / "artifacts")
        self.pages: Path = self.data_dir / "pages"

    @cached_property
    def library(self) -> "Library":
        from retrievers.library import Library

        return Library(
            self.data_dir,
            store=self.settings.store,
            embedder=self.settings.embedder,
            image_embedders=self.settings.image_embedders,
            qdrant_url=self.settings.qdrant_url,
            qdrant_api_key=self.settings.qdrant_api_key.get_secret_value(),
            readers=self.settings.readers,
            pdf_parser=self.settings.pdf_parser,
        )

    @cached_property
    def model(self) -> "BaseChatModel":
        from agent import models

        return models.load(self.settings)

    @cached_property
    def workshop(self) -> "Workshop":
        from agent.readers import readers
        from agent.workshop import Workshop

        return Workshop(self.media, self.settings.converters, readers(self.settings, lambda: self.model))

    @cached_property
    def demonstrator(self) -> "Demonstrator":
        from agent.demonstrating import Demonstrator

        return Demonstrator(self.settings, self.media, self._alike)

    def _alike(self, image: "Image", question: str, entries: "Sequence[Entry]") -> list[float]:
        """How like the question its demonstrations are, by an index that follows the sets, whoever changed them."""
        gallery = self.library.gallery
        gallery.hold([*self.demonstrator.bank.everything(), *entries])
        return gallery.alike(image, question, entries)

    @cached_property
    def switch(self) -> "Router":
        from agent.routers.switch import SwitchRouter
        from retrievers import embedders

        return SwitchRouter(embedders.load("minilm"))

    @cached_property
    def router(self) -> "Router":
        """`auto` asks the model whether it can call tools. Raises `UnknownName` for a router there is not."""
        from agent import models
        from agent.routers import ROUTERS

        name = self.settings.router
        if name == "auto":
            name = "tool_calling" if models.calls_tools(self.model) else "switch"
        if name == "switch":
            return self.switch
        router: Router = ROUTERS.get(name)(self.model)
        return router

    @cached_property
    def graph(self) -> Any:
        """The graph without a memory, for questions outside a conversation."""
        from agent import graph

        return graph.build()

    @cached_property
    def conversations(self) -> Any:
        """The graph that remembers, one thread per conversation."""
        from agent import graph

        return graph.build(memory.checkpointer(self.data_dir / "conversations.sqlite"))

    def close(self) -> None:
        """Close what was opened; parts never used were never made."""
        made = self.__dict__
        if "library" in made:
            self.library.close()
        if "conversations" in made:
            self.conversations.checkpointer.conn.close()
