"""What the row under an answer does, as components: the voice that reads it, and the question that is being edited."""

from pathlib import Path
from typing import Any

import gradio as gr

from agent import Agent
from ui import render
from ui.api import made
from ui.calls import PRIVATE, AnswerClick, told
from ui.sanitize import sanitizing
from ui.talks.handlers import TalkHandlers, unedited

HERE = Path(__file__).parent
EDITING = "Editing: this replaces the question, and all that was asked after it."


class AnswerRow:
    """Made where the page is being built, above the box. `edited` holds the turn whose question is being edited, if
    one is; `note` says so. What the clicks do is wired by `wire`, once there is a box."""

    def __init__(self, talks: TalkHandlers) -> None:
        self._handlers = Handlers(talks)
        self.voice = gr.HTML(elem_id="voice", js_on_load=(HERE / "row.js").read_text(encoding="utf-8"))
        self.edited = gr.State(None)
        with gr.Row(visible=False, elem_id="editing") as self.note:
            gr.HTML(render.aside(EDITING))
            self.cancel = gr.Button("Cancel", size="sm", min_width=80)

    def wire(self, box: gr.MultimodalTextbox) -> None:
        handlers, voice = self._handlers, self.voice
        voice.click(handlers.aloud, None, [voice], trigger_mode="always_last", **PRIVATE)
        voice.like(handlers.rate, None, None, trigger_mode="multiple", **PRIVATE)
        voice.edit(handlers.edit, None, [box, self.edited, self.note], trigger_mode="always_last", **PRIVATE)
        self.cancel.click(handlers.cancel, None, [box, self.edited, self.note], **PRIVATE)


class Handlers:
    """Of the row; each returns values for the outputs it is wired to. A turn is one of the conversation shown."""

    def __init__(self, talks: TalkHandlers) -> None:
        self._talks = talks

    @property
    def _agent(self) -> Agent:
        return self._talks.agent

    def aloud(self, request: gr.Request, clicked: AnswerClick) -> Any:
        turn = self._talks.turn(request, clicked.turn)
        if turn is None or turn.answer is None:
            return gr.skip()
        with told():
            return _playing(made.link(self._agent.speak(turn.answer.text).path))

    def rate(self, request: gr.Request, clicked: AnswerClick) -> None:
        if self._talks.turn(request, clicked.turn):
            good = {"good": True, "bad": False}.get(clicked.does)
            with told():
                self._agent.conversations.rate(clicked.turn, good, clicked.words)

    def edit(self, request: gr.Request, clicked: AnswerClick) -> Any:
        turn = self._talks.turn(request, clicked.turn)
        if turn is None:
            return gr.skip()
        files = [str(path) for path in turn.files if path.is_file()]
        return gr.update(value={"text": turn.question, "files": files}), turn.number, gr.Row(visible=True)

    def cancel(self) -> Any:
        return {"text": "", "files": []}, *unedited()


@sanitizing
def _playing(address: str) -> str:
    return f'<audio controls autoplay src="{render.plain(address)}" title="The answer, read aloud"></audio>'
