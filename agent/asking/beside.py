"""The parts of an agent that stands beside another one: the models are shared, what is kept is its own."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from agent.build import Parts

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from agent.converting.service import ConverterService
    from agent.demonstrations import Demonstrator
    from agent.routers.base import Router
    from agent.routers.switch import SwitchRouter
    from agent.settings import Settings
    from retrievers.library import Library

SHARED = ("conversations", "demonstrator")  # whatever model answers


class PartsBeside(Parts):
    """Those of `main`, whose models `settings` leave as they are, over the corpora of `library`."""

    def __init__(self, main: Parts, settings: "Settings", library: "Library") -> None:
        super().__init__(settings)
        self._main, self._library = main, library
        self.space = f"{main.space} {self.data_dir.name}"

    @property
    def library(self) -> "Library":
        return self._library

    def answering(self, model: str) -> Parts:
        """Raises like that of `main`."""
        if model == self.settings.model:
            return self
        if model not in self._others:
            main = self._main.answering(model)
            other = PartsBeside(main, self.settings.model_copy(update={"model": model}), self._library)
            other.__dict__.update({name: getattr(self, name) for name in SHARED})
            self._others.setdefault(model, other)
        return self._others[model]

    @cached_property
    def fitted(self) -> "Settings":
        own = {"data_dir": self.data_dir, "corpus": self.settings.corpus}
        return self._main.fitted.model_copy(update=own)

    @property
    def model(self) -> "BaseChatModel":
        return self._main.model

    @property
    def router(self) -> "Router":
        return self._main.router

    @property
    def switch(self) -> "SwitchRouter":
        return self._main.switch

    @property
    def graph(self) -> Any:
        return self._main.graph

    @cached_property
    def converters(self) -> "ConverterService":
        return self._main.converters.kept_in(self.media)

    @cached_property
    def demonstrator(self) -> "Demonstrator":
        return self._main.demonstrator.beside(self.settings, self.media, self._alike)

    def close(self) -> None:
        """What is its own; the models are the other's."""
        self._library.close()
        if "conversations" in self.__dict__:
            self.conversations.close()
