"""What the chat says of a corpus before anything is asked: that it is empty, being read, or what one may ask."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from ui import render, reports
from ui.sanitize import sanitizing

if TYPE_CHECKING:
    from agent import Agent
    from agent.inside.inside import Inside

EXAMPLES = 6  # questions offered
READY = "<h2>Ask your documents</h2><p>Words, tables, figures, scans: every answer shows the page it comes from.</p>"
EMPTY = (
    "<h2>Drop your documents here</h2><p>Anywhere on this page will do. They are read, and then you ask: every answer "
    "shows the page it comes from.</p>"
)


def welcome(agent: "Agent", corpus: str, given: Sequence[str] = ()) -> Any:
    """An update of the chat: what is inside, once that is known. `given` questions are offered where the corpus brings
    none of its own; else those that it is known to answer."""
    opened = agent.library.open(corpus) if corpus in agent.corpora.names() else None
    records = [record for record in opened.documents() if record.status != "failed"] if opened else []
    inside = agent.corpora.known_inside(corpus) if records else None
    placeholder = _reading(opened.progress) if opened and opened.reading else _ready(inside) if records else EMPTY
    questions = (_beside(records) or given or (inside.questions if inside else ())) if records else ()
    return gr.update(placeholder=placeholder, examples=[{"text": question} for question in questions])


@sanitizing
def _ready(inside: "Inside | None") -> str:
    lines = "".join(f"<p>{render.plain(line)}</p>" for line in inside.lines) if inside else ""
    return f'{READY}<div class="inside">{lines}</div>' if lines else READY


@sanitizing
def _reading(progress: Any) -> str:
    stage = progress.stage if progress else "words"
    known = reports.STAGES.get(stage, "You may ask meanwhile.")
    return f"<h2>Reading your documents</h2><p>{reports.rate(progress)}. {known}</p>"


def _beside(records: Sequence[Any]) -> list[str]:
    """Questions that lie beside the folder of the documents, as those of the sample corpus do."""
    for record in records:
        path = Path(record.path).parent.with_name("questions.json")
        if path.is_file():
            return [question["question"] for question in json.loads(path.read_text(encoding="utf-8"))][:EXAMPLES]
    return []
