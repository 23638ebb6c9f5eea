"""The composition root: settings -> parts. The only place that wires them together. Parts are made on first use."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.settings import NO_MODEL, Settings
from common.errors import UserError
from generators.core.media import MediaStore

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from threading import Event

    from langchain_core.language_models import BaseChatModel
    from PIL.Image import Image

    from agent.answering.judge import Judge
    from agent.conversations.store import Conversations
    from agent.converting.service import ConverterService
    from agent.demonstrations import Demonstrator
    from agent.graph import Context
    from agent.memory import Turn
    from agent.request import Draw, Request
    from agent.routers.base import Router
    from agent.routers.followup.by_model import Rewrite
    from agent.routers.preview import Planner
    from agent.routers.switch import SwitchRouter
    from agent.tools.base import Scope
    from generators.aim.bank import Entry
    from retrievers.library import Corpus, Library

PAGE_WIDTH = 1000  # pixels
OF_THE_LIBRARY = {  # settings that it takes by the same names
    *("store", "qdrant_url", "embedder", "image_embedders", "readers", "pdf_parser", "page_timeout", "min_free_mb"),
    *("ingest", "ray_address", "qdrant_shards", "qdrant_replicas", "qdrant_write_consistency"),
}
SHARED = ("library", "switch", "conversations", "graph", "demonstrator")  # whatever model answers


class Parts:
    """Everything an agent is made of, by `settings`. `given` holds what comes with questions that are not kept."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.data_dir = settings.data_dir
        self.media, self.given = (MediaStore(self.data_dir / name) for name in ("artifacts", "given"))
        self.pages: Path = self.data_dir / "pages"
        self.space = "conversations"  # the schema of a database
        self._others: dict[str, Parts] = {}  # with other models

    @cached_property
    def library(self) -> "Library":
        from retrievers.library import Library

        secrets = {name: getattr(self.settings, name).get_secret_value() for name in ("qdrant_api_key", "database_url")}
        return Library(self.data_dir, **secrets, **self.settings.model_dump(include=OF_THE_LIBRARY))

    def answering(self, model: str) -> "Parts":
        """These parts with another of the models that the settings name, or none. Raises `UserError` for others."""
        if model == self.settings.model:
            return self
        if model not in (*self.settings.models, NO_MODEL):
            raise UserError(
                f"The model {model!r} is not one that is offered here.", command="Add it to TRIPTYCH_MODELS."
            )
        if model not in self._others:
            other = Parts(self.settings.model_copy(update={"model": model}))
            other.__dict__.update({name: getattr(self, name) for name in SHARED})
            self._others.setdefault(model, other)
        return self._others[model]

    @property
    def rewrite(self) -> "Rewrite":
        """What makes follow-ups stand alone: the model, where one writes that does not plan from the conversation."""
        from agent import models
        from agent.routers.followup import standalone
        from agent.routers.followup.by_model import rewriter

        asks = models.writes(self.model) and not self.router.obeys
        return rewriter(self.model) if asks else standalone

    @cached_property
    def fitted(self) -> Settings:
        """The settings with the profile of the model, see `agent.models.profiles`."""
        from agent.models import profiles

        return profiles.fitted(self.settings)

    @cached_property
    def model(self) -> "BaseChatModel":
        from agent import models

        return models.load(self.fitted)

    @cached_property
    def converters(self) -> "ConverterService":
        from agent.converting.service import ConverterService
        from agent.inputs.ocr_converters import ocr_converters

        return ConverterService(self.media, self.settings.converters, ocr_converters(self.fitted, lambda: self.model))

    @cached_property
    def demonstrator(self) -> "Demonstrator":
        from agent.demonstrations import Demonstrator

        return Demonstrator(self.settings, self.media, self._alike)

    def _alike(self, image: "Image", question: str, entries: "Sequence[Entry]") -> list[float]:
        """How like the question its demonstrations are, by an index that follows the sets, whoever changed them."""
        gallery = self.library.gallery
        gallery.hold([*self.demonstrator.bank.everything(), *entries])
        return gallery.alike(image, question, entries)

    def figures(self, corpus: "Corpus") -> "Draw":
        """Draws the region of an element of the corpus as a PNG. It raises `BadDocument` when its file has changed."""
        from agent.inputs.page_images import figure_image

        return lambda element: self.media.put(figure_image(corpus, element, self.pages).read_bytes(), ".png")

    def whole_pages(self, corpus: "Corpus") -> "Draw":
        """Likewise the whole page that an element stands on."""
        from agent.inputs.page_images import png

        return lambda element: self.media.put(png(corpus.render(element, PAGE_WIDTH)), ".png")

    def judge(self, corpus: "Corpus", images: "Sequence[Path]" = ()) -> "Judge | None":
        """Of the pages of the corpus, for a question with these pictures; None where the settings want none.

        Raises `UserError` when the model cannot judge.
        """
        from agent.answering.judge import Judge, able

        if not self.fitted.judged:
            return None
        return Judge(
            model=able(self.model, self.fitted.model),
            most=self.fitted.judged,
            timeout=self.fitted.model_timeout,
            pictures=self.fitted.model_images,
            images=images,
            figure=self.figures(corpus),
            page=self.whole_pages(corpus),
        )

    def scope(self, corpus: "Corpus", documents: tuple[str, ...], images: tuple[Path, ...]) -> "Scope":
        """What the tools of one request may see. Raises like `judge`."""
        from agent.tools.base import Scope

        judge = self.judge(corpus, images)
        return Scope(corpus, documents, images, self.fitted.top_k, self.demonstrator, self.converters, judge)

    def request(
        self,
        question: str,
        corpus: "Corpus",
        documents: tuple[str, ...],
        images: tuple[Path, ...],
        stop: "Event",
    ) -> "Request":
        """Of the corpus, as far as `documents` go. Raises like `judge`."""
        from agent import tools
        from agent.request import Request

        scope = self.scope(corpus, documents, images)
        return Request(
            question=question,
            images=images,
            tools=tools.build(scope),
            pictures=scope.pictures,
            figure=self.figures(corpus),
            page=self.whole_pages(corpus),
            stop=stop,
        )

    def context(self, request: "Request", remember: "Callable[[Turn], None]") -> "Context":
        """The request, who may work on it, and who is told what came of it. Raises like `router`."""
        from agent.answering.choice import answerer_of
        from agent.graph import Context
        from agent.routers.asked import Asked

        return Context(
            request=request,
            router=self.router,
            fallback=self.switch,
            rewrite=self.rewrite,
            topic=self.switch.topic,
            asked=Asked(self.switch.classifier, self.model),
            answerer=answerer_of(self.model, self.fitted.model, self.fitted.model_images),
            converters=self.converters,
            settings=self.fitted,
            remember=remember,
        )

    @cached_property
    def switch(self) -> "SwitchRouter":
        from agent.routers.switch import SwitchRouter
        from retrievers import embedders

        return SwitchRouter(embedders.load("minilm"))

    @cached_property
    def router(self) -> "Router":
        """`auto` asks the model whether it can call tools. Raises `UnknownName` for a router there is not."""
        from agent import models
        from agent.routers import ROUTERS

        name = self.fitted.router
        if name == "auto":
            name = "tool_calling" if models.calls_tools(self.model) else "switch"
        if name == "switch":
            return self.switch
        router: Router = ROUTERS.get(name)(self.model)
        return router

    @cached_property
    def planner(self) -> "Planner":
        """Tells what requests would do, without doing it."""
        from agent.routers.preview import Planner

        return Planner(lambda: self.router)

    @cached_property
    def graph(self) -> Any:
        """What carries requests out."""
        from agent import graph

        return graph.build()

    @cached_property
    def conversations(self) -> "Conversations":
        from agent.conversations.store import Conversations

        url = self.settings.database_url.get_secret_value()
        return Conversations(self.data_dir / "conversations.sqlite", url, self.space)

    def close(self) -> None:
        """Close what was opened; parts never used were never made."""
        made = self.__dict__
        for other in self._others.values():
            if close_model := getattr(other.__dict__.get("model"), "close", None):
                close_model()
        if "library" in made:
            self.library.close()
        if close_model := getattr(made.get("model"), "close", None):
            close_model()
        if "conversations" in made:
            self.conversations.close()
