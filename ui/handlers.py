"""What the page's events do. Each handler returns, or yields, values for the outputs it is wired to in `ui.app`."""

from collections import Counter
from typing import Any

import gradio as gr

from agent import Agent
from ui.calls import CitationClick, PageClick, told
from ui.chat import ChatTurn
from ui.documents import evidence, viewer
from ui.talks.handlers import TalkHandlers


class Handlers:
    """Of one agent; whatever belongs to one browser comes in as an argument."""

    def __init__(self, agent: Agent, talks: TalkHandlers) -> None:
        self.agent, self.talks = agent, talks
        self.looked: Counter[str] = Counter()  # how often a page, by session, was asked for a source or a page of one

    def answer(self, question: str, corpus: str = "", conversation: str = "") -> dict[str, Any]:
        """Answers a question from the documents of `corpus`, with citations and what is made; for programs."""
        with told():
            return self.agent.ask(question, corpus=corpus or None, conversation=conversation or None).to_dict(
                embed=True
            )

    def first_evidence(self, request: gr.Request) -> Any:
        """The first source of the newest answer, once it is whole."""
        turns = self.talks.turns(request)
        if turns and turns[-1].doing:
            return gr.skip()
        cited = turns[-1].citations if turns else ()
        return self._evidence(turns[-1], cited[0].number) if cited else evidence.EMPTY

    def cite(self, request: gr.Request, clicked: CitationClick) -> tuple[Any, Any]:
        """A click on a citation: its page, in the evidence panel."""
        self.looked[str(request.session_hash)] += 1
        turn = self.talks.turn(request, clicked.turn)
        if turn and clicked.number in {citation.number for citation in turn.citations}:
            return self._evidence(turn, clicked.number), gr.Tabs(selected="evidence")
        return gr.skip(), gr.skip()  # of a conversation that another has replaced

    def turn_page(self, request: gr.Request, clicked: PageClick) -> str:
        """Another page of the document in the evidence panel, which a citation may have led to."""
        self.looked[str(request.session_hash)] += 1
        turn = self.talks.turn(request, clicked.turn) if clicked.turn is not None else None
        if turn and clicked.source in {citation.number for citation in turn.citations}:
            return self._evidence(turn, clicked.source, clicked.number)
        return viewer.document(self.agent, clicked.corpus, clicked.document, clicked.number)

    def _evidence(self, turn: ChatTurn, number: int, page: int = 0) -> str:
        citation = next(citation for citation in turn.citations if citation.number == number)
        cited = evidence.Source(citation, turn.citations, turn.number)
        return viewer.source(self.agent, turn.corpus, turn.question, cited, page)
