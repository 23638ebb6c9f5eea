"""The page's part "Documents": what a corpus holds, and what can be done with it."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from agent import Agent
from common.errors import UserError
from ui import ingestion, render, uploads
from ui.calls import PRIVATE, CorpusClick, DocumentClick, Ticks
from ui.documents import corpora, viewer
from ui.documents.inside import Finder, described
from ui.documents.listing import ORDERS, listing
from ui.documents.sharing import Sharing
from ui.documents.welcome import welcome
from ui.users.library import UserLibrary

HERE = Path(__file__).parent


class DocumentsTab:
    """Made within the page's tabs. `corpus` chooses the corpus, `only` holds the documents that alone are asked, and
    `shown` is the evidence panel, one of the `tabs`; `talk` says what may be asked, `examples` where the corpus brings
    no questions of its own; `finder` finds some."""

    def __init__(
        self,
        agent: Agent,
        corpus: gr.Dropdown,
        only: gr.Dropdown,
        shown: gr.HTML,
        tabs: gr.Tabs,
        talk: gr.Chatbot,
        finder: Finder,
        examples: Sequence[str] = (),
    ) -> None:
        handlers = Handlers(agent, finder, examples)
        with gr.Tab("Documents", id="documents"):
            corpus_line = gr.HTML(elem_id="corpora", js_on_load=(HERE / "corpora.js").read_text(encoding="utf-8"))
            if isinstance(agent.library, UserLibrary):
                Sharing(agent.library, corpus, corpus_line)
            files = gr.File(
                label="Documents to read",
                show_label=False,
                file_count="multiple",
                file_types=uploads.types(),
                height=72,
                elem_id="drop",
            )
            progress = gr.HTML(elem_id="progress")
            with gr.Row(elem_id="finding"):
                words = gr.Textbox(
                    "", placeholder="Find by name", show_label=False, label="Find by name", max_lines=1, elem_id="find"
                )
                order = gr.Dropdown(
                    list(ORDERS), value="by name", show_label=False, label="Order", elem_id="order", filterable=False
                )
            documents = gr.HTML(elem_id="documents", js_on_load=(HERE / "documents.js").read_text(encoding="utf-8"))

        self.relist: dict[str, Any] = {
            "fn": handlers.listing,
            "inputs": [corpus, words, order, only],
            "outputs": [corpus_line, documents, talk, corpus],
            **PRIVATE,
        }
        corpus_line.click(handlers.change, [corpus], [corpus, only, progress], **PRIVATE).then(**self.relist)
        files.upload(
            handlers.read,
            [files, corpus],
            [progress, files, corpus],
            concurrency_limit=1,
            trigger_mode="multiple",
            **PRIVATE,
        ).then(**self.relist)
        documents.click(handlers.act, [corpus], [progress, shown, tabs], trigger_mode="multiple", **PRIVATE).then(
            **self.relist
        )
        documents.select(handlers.tick, [only], [only], trigger_mode="multiple", **PRIVATE).then(**self.relist)
        corpus.input(lambda: gr.Dropdown(value=[], visible=False), None, [only], **PRIVATE)
        gr.on([words.change, order.change, only.input, corpus.change], trigger_mode="always_last", **self.relist)


class Handlers:
    """What the tab's events do; each returns values for the outputs it is wired to."""

    def __init__(self, agent: Agent, finder: Finder, examples: Sequence[str] = ()) -> None:
        self.agent, self._finder, self.examples = agent, finder, examples

    def listing(self, corpus: str, words: str, order: str, only: list[str]) -> tuple[str, str, Any, Any]:
        """A corpus, its documents, what may be asked, and the corpora there are."""
        names = self.agent.corpora.names()
        known = corpus in names
        records = self.agent.library.open(corpus).documents() if known else None
        reading = self._finder.reading(corpus) if known else ""
        line = corpora.line(corpus, records, reading)
        shown = listing(records or (), words, order, only, reading=bool(reading))
        return line, shown, welcome(self.agent, corpus, self.examples), gr.update(choices=sorted({*names, corpus}))

    def change(self, corpus: str, clicked: CorpusClick) -> tuple[Any, Any, Any]:
        """A click on a button beside the corpus."""
        return corpora.act(self.agent, corpus, clicked)

    def read(self, files: list[str] | None, corpus: str) -> Iterator[Any]:
        """Documents dropped on the page: progress, then what became of every page of them."""
        given: Any = None  # what was dropped is taken: more may be, while it is read
        try:
            for progress in ingestion.read(self.agent, [Path(file) for file in files or ()], corpus):
                yield progress.html, given, gr.skip()
                given = gr.skip()
            yield gr.skip(), gr.skip(), corpora.choice(self.agent, corpus)
            if len(progress.documents) == 1:
                inside = self.agent.corpora.inside(corpus, *progress.documents, wait=self._finder.wait)
                yield progress.html + described(inside), gr.skip(), gr.skip()
        except UserError as error:
            yield render.problem(error.what, error.cure), given, gr.skip()

    def act(self, corpus: str, clicked: DocumentClick) -> Iterator[Any]:
        """A click on a button beside a document."""
        try:
            match clicked.does:
                case "open":
                    yield (
                        gr.skip(),
                        viewer.document(self.agent, corpus, clicked.document, 1),
                        gr.Tabs(selected="evidence"),
                    )
                case "again":
                    for progress in ingestion.read_again(self.agent, clicked.document, corpus):
                        yield progress.html, gr.skip(), gr.skip()
                case "remove":
                    self._remove(corpus, clicked.document)
                    yield "", gr.skip(), gr.skip()
        except UserError as error:
            yield render.problem(error.what, error.cure), gr.skip(), gr.skip()

    def tick(self, only: list[str], ticks: Ticks) -> Any:
        """Documents were ticked, or no longer are: those that the list does not show stay as they are."""
        chosen = [*(name for name in only if name not in ticks.shown), *ticks.ticked]
        return gr.Dropdown(choices=chosen, value=chosen, visible=bool(chosen))

    def _remove(self, corpus: str, document: str) -> None:
        """A document is forgotten, and so is the page's own copy of it."""
        record = self.agent.library.open(corpus).remove(document)
        uploads.forget(Path(record.path), self.agent.library.uploads(corpus))
