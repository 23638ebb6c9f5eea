"""Who answers, in a line below the box: a model by its name, or only the documents; a choice where there is one."""

from typing import Any

import gradio as gr

from agent import Agent, models
from agent.settings import NO_MODEL, Settings
from ui import render
from ui.calls import PRIVATE
from ui.sanitize import sanitizing

ADD = (
    "To have answers written, start it with a model: <code>TRIPTYCH_MODEL=ollama:qwen2.5:7b triptych serve</code>. "
    "docs/models.md has the steps for each, and <code>triptych doctor</code> says which servers run here."
)
START = "Start its server, or see what <code>triptych doctor</code> says."


class WhoAnswers:
    """Made where the page is being built, below the box."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        names = [(models.name_of(one), one) for one in agent.models]
        with gr.Row(elem_id="who"):
            self.model = gr.Dropdown(
                names,
                value=agent.models[0],
                label="Who answers",
                show_label=False,
                container=False,
                filterable=False,
                visible=len(names) > 1,
                elem_id="model",
                min_width=120,
            )
            self.line = gr.HTML(line(agent.models[0], True, is_operator(agent.settings)))
        self._look_again: dict[str, Any] = {
            "fn": self._look,
            "inputs": [self.model],
            "outputs": [self.line],
            "trigger_mode": "always_last",
            **PRIVATE,
        }
        self.model.input(**self._look_again)

    def look_after(self, event: Any) -> None:
        """Sees after this event whether the model can be reached; quotes always can."""
        if any(model != NO_MODEL for model in self._agent.models):
            event.then(**self._look_again)

    def _look(self, model: str) -> str:
        return line(model, self._agent.reaches(model), is_operator(self._agent.settings))


def is_operator(settings: Settings) -> bool:
    """Whether whoever sees the page is the one who started it: nobody else is let in."""
    return not (settings.asks or settings.open)


@sanitizing
def line(model: str, reached: bool, operator: bool) -> str:
    """Of the model that is asked. Only an operator can do something about it, and is told what."""
    name = f"<b>{render.plain(models.name_of(model))}</b>"
    if model == NO_MODEL:
        words, cure = "Quotes only: no language model.", ADD
    elif reached:
        return f'<p class="who">Answers by {name}</p>'
    else:
        words, cure = f"{name} does not answer: quotes only, until it does.", START
    more = f"<details><summary>{'Add one' if model == 'extractive' else 'What helps'}</summary><p>{cure}</p></details>"
    return f'<div class="who"><span role="status">{words}</span>{more if operator else ""}</div>'
