"""What the page's events do. Each handler returns, or yields, values for the outputs it is wired to in `ui.app`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from agent import Agent
from common.errors import UserError
from ui import chat, evidence, ingestion, render, reports, uploads
from ui.calls import CitationClick, DocumentClick, ExampleClick
from ui.chat import ChatTurn

Messages = list[dict[str, str]]
PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


class Handlers:
    """Of one agent; whatever belongs to one browser comes in as an argument."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent

    def restore(self, conversation: str) -> tuple[str, list[ChatTurn], Any, Messages, str, Any]:
        """A page that opens: goes on with this browser's conversation, and only then takes questions."""
        corpus = self.agent.settings.corpus
        turns = chat.history(self.agent, conversation, corpus)
        return (
            conversation,
            turns,
            self._corpora(corpus),
            _messages(turns),
            self.listing(corpus),
            gr.update(interactive=True),
        )

    def start(self, conversation: str) -> tuple[str, list[ChatTurn], Messages, str, str]:
        """A new conversation."""
        return conversation, [], [], evidence.EMPTY, render.trace(())

    def ask(self, given: dict[str, Any], turns: list[ChatTurn], conversation: str, corpus: str) -> Iterator[Any]:
        """A question: the answer as it forms, and the first source opened when it is there."""
        question, files = given["text"].strip(), tuple(Path(file) for file in given["files"])
        if not question and not files:
            return
        turn = ChatTurn(len(turns), question, corpus, files)
        turns = [*turns, turn]
        box: Any = {"text": "", "files": []}
        for _ in chat.ask(self.agent, turn, conversation):
            yield turns, _messages(turns), box, gr.skip(), render.trace(turn.steps), gr.skip()
            box = gr.skip()
        first = self._evidence(turn, turn.citations[0].number) if turn.citations else evidence.EMPTY
        yield turns, gr.skip(), box, first, gr.skip(), self._corpora(corpus)

    def ask_example(self, turns: list[ChatTurn], conversation: str, corpus: str, chosen: ExampleClick) -> Iterator[Any]:
        yield from self.ask({"text": chosen.question, "files": []}, turns, conversation, corpus)

    def answer(self, question: str, corpus: str = "", conversation: str = "") -> dict[str, Any]:
        """Answers a question from the documents of `corpus`, with citations; for programs."""
        try:
            return self.agent.ask(question, corpus=corpus or None, conversation=conversation or None).to_dict()
        except UserError as error:
            raise gr.Error(str(error), print_exception=False) from error

    def cite(self, turns: list[ChatTurn], clicked: CitationClick) -> tuple[Any, Any]:
        """A click on a citation: its page, in the evidence panel."""
        for turn in turns:
            if turn.number == clicked.turn and clicked.number in {citation.number for citation in turn.citations}:
                return self._evidence(turn, clicked.number), gr.Tabs(selected="evidence")
        return gr.skip(), gr.skip()  # a page that another conversation has replaced

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


def _messages(turns: list[ChatTurn]) -> Messages:
    return [
        message
        for turn in turns
        for message in (
            {"role": "user", "content": turn.asked_html()},
            {"role": "assistant", "content": turn.answer_html()},
        )
    ]
