"""The line above the list of documents: the corpus that is shown, and what can be done with it."""

from collections.abc import Sequence
from typing import Any

import gradio as gr

from agent import Agent
from agent.corpora import name_of
from common.errors import UserError
from ui import render
from ui.calls import CorpusClick
from ui.documents.listing import counted
from ui.sanitize import sanitizing

BUTTONS = {"rename": "Rename", "delete": "Delete"}


@sanitizing
def line(name: str, records: Sequence[Any] | None, reading: str = "") -> str:
    """The corpus, how much of which documents it holds, how far their reading is, and its buttons. None: it is not
    there yet."""
    read = [record for record in records or () if record.status != "failed"]
    facts = f"{counted(len(read), 'document')} · {counted(sum(record.pages for record in read), 'page')}"
    facts = f"{facts} · reading: {render.plain(reading)}" if reading else facts
    told = f'<b>{render.plain(name)}</b><span class="facts">{facts if read or reading else "empty"}</span>'
    own = "".join(_button(does, words, name) for does, words in BUTTONS.items())
    return f'<div class="corpus-line"><div>{told}</div>{own if records is not None else ""}{NEW}</div>'


def _button(does: str, words: str, name: str) -> str:
    return f'<button type="button" data-do="{does}" data-name="{render.plain(name)}">{words}</button>'


NEW = _button("new", "New corpus", "")


def act(agent: Agent, corpus: str, clicked: CorpusClick) -> tuple[Any, Any, Any]:
    """A click on a button of the line: the corpus that is shown then, the documents that alone are asked, and what has
    to be said."""
    try:
        shown = _changed(agent, corpus, clicked)
    except UserError as error:
        return gr.skip(), gr.skip(), render.problem(error.what, error.cure)
    return choice(agent, shown), gr.Dropdown(value=[], visible=False), ""


def choice(agent: Agent, shown: str) -> Any:
    """The corpora there are, and the one of them that is shown."""
    return gr.Dropdown(choices=sorted({*agent.corpora.names(), shown}), value=shown)


def _changed(agent: Agent, corpus: str, clicked: CorpusClick) -> str:
    """Does it; returns the name of the corpus to show."""
    match clicked.does:
        case "new":
            return agent.corpora.create(name_of(clicked.words)).name
        case "rename":
            new = name_of(clicked.words)
            agent.corpora.rename(corpus, new)
            return new
        case "delete":
            agent.corpora.delete(corpus)
    return agent.corpora.opening(agent.settings.corpus)
