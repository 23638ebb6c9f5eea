"""What the page's events do. Each handler returns, or yields, values for the outputs it is wired to in `ui.app`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from agent import Agent
from common.errors import UserError
from ui import evidence, ingestion, render, reports, uploads
from ui.calls import CitationClick, DocumentClick
from ui.chat import ChatTurn
from ui.talks.handlers import TalkHandlers


class Handlers:
    """Of one agent; whatever belongs to one browser comes in as an argument."""

    def __init__(self, agent: Agent, talks: TalkHandlers) -> None:
        self.agent, self.talks = agent, talks

    def answer(self, question: str, corpus: str = "", conversation: str = "") -> dict[str, Any]:
        """Answers a question from the documents of `corpus`, with citations; for programs."""
        try:
            return self.agent.ask(question, corpus=corpus or None, conversation=conversation or None).to_dict()
        except UserError as error:
            raise gr.Error(str(error), print_exception=False) from error

    def first_evidence(self, request: gr.Request) -> Any:
        """The first source of the newest answer, once it is whole."""
        turns = self.talks.turns(request)
        if turns and turns[-1].doing:
            return gr.skip()
        cited = turns[-1].citations if turns else ()
        return self._evidence(turns[-1], cited[0].number) if cited else evidence.EMPTY

    def cite(self, request: gr.Request, clicked: CitationClick) -> tuple[Any, Any]:
        """A click on a citation: its page, in the evidence panel."""
        turn = self.talks.turn(request, clicked.turn)
        if turn and clicked.number in {citation.number for citation in turn.citations}:
            return self._evidence(turn, clicked.number), gr.Tabs(selected="evidence")
        return gr.skip(), gr.skip()  # of a conversation that another has replaced

    def read(self, files: list[str] | None, corpus: str) -> Iterator[Any]:
        """Documents dropped on the page: progress, then what became of every page of them."""
        try:
            for progress in ingestion.read(self.agent, [Path(file) for file in files or ()], corpus.strip()):
                yield progress.html, gr.skip(), gr.skip()
            yield gr.skip(), None, self._corpora(corpus.strip())
        except UserError as error:
            yield render.problem(error.what, error.cure), gr.skip(), gr.skip()

    def listing(self, corpus: str) -> str:
        """The documents of a corpus."""
        if corpus not in self.agent.library.names():
            return '<p class="hint">No documents yet: drop some above, and read them.</p>'
        return reports.listing(corpus, self.agent.library.open(corpus).documents())

    def remove(self, corpus: str, clicked: DocumentClick) -> str:
        """A confirmed click on the button beside a document: it is forgotten, and so is the page's own copy of it."""
        try:
            record = self.agent.library.open(corpus).remove(clicked.document)
        except UserError as error:
            return render.problem(error.what, error.cure) + self.listing(corpus)
        uploads.forget(Path(record.path), uploads.kept_in(self.agent.settings.data_dir, corpus))
        return self.listing(corpus)

    def corpora(self, chosen: str) -> Any:
        """The corpora there are now."""
        return self._corpora(chosen)

    def _corpora(self, chosen: str) -> Any:
        return gr.Dropdown(choices=sorted({*self.agent.library.names(), chosen}), value=chosen)

    def _evidence(self, turn: ChatTurn, number: int) -> str:
        citation = next(citation for citation in turn.citations if citation.number == number)
        try:
            page = self.agent.page_image(citation, corpus=turn.corpus)
            heat = self.agent.map_image(citation, turn.question, corpus=turn.corpus)
        except UserError as error:
            return render.problem(error.what, error.cure)
        return evidence.panel(citation, turn.citations, turn.number, page, heat)
