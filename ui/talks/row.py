"""The row under an answer: what can be done with it, as HTML. A pure function."""

from collections.abc import Sequence
from pathlib import Path

from agent import models
from agent.events import Answer
from ui import render
from ui.chat import ChatTurn
from ui.sanitize import sanitizing
from ui.talks import saved


@sanitizing
def row(turn: ChatTurn, conversation: str, others: Sequence[str] = (), speaks: bool = False) -> str:
    """Under an answer, or under what came instead of one; `row.js` turns clicks into events. `others` are the models
    that it may be asked of again, by their specification."""
    again = [
        _button(turn, "again", f"Again with {name}", f"Again with {name}", model=other)
        for other in others
        if (name := models.name_of(other))
    ]
    parts = [_button(turn, "again", "Again"), *again, _button(turn, "edit", "Edit the question")]
    if turn.answer:
        parts = [_button(turn, "copy", "Copy", words=_copied(turn.answer)), *parts, *_thumbs(turn)]
        parts += [_button(turn, "aloud", "Read aloud")] if speaks else []
        parts.append(_files(turn, conversation))
    return f'<div class="row" role="group" aria-label="This answer">{"".join(parts)}</div>'


def _button(turn: ChatTurn, act: str, label: str, text: str = "", pressed: bool | None = None, **data: str) -> str:
    more = "".join(f' data-{name}="{render.exact(value)}"' for name, value in data.items())
    state = "" if pressed is None else f' aria-pressed="{str(pressed).lower()}"'
    return (
        f'<button type="button" class="{act}" data-act="{act}" data-turn="{turn.number}"{more}{state}'
        f' title="{render.plain(label)}" aria-label="{render.plain(label)}">{render.plain(text)}</button>'
    )


def _thumbs(turn: ChatTurn) -> list[str]:
    said = turn.feedback
    return [
        _button(turn, act, label if not (chosen and said and said.word) else f"{label}: {said.word}", pressed=chosen)
        for act, label, good in (("good", "Good answer", True), ("bad", "Bad answer", False))
        for chosen in (said is not None and said.good is good,)
    ]


def _files(turn: ChatTurn, conversation: str) -> str:
    links = " ".join(
        f'<a href="{saved.address(conversation, turn.number, ending)}" download="{_file_name(turn)}.{ending}"'
        f' aria-label="Save as {name}">{name}</a>'
        for ending, name in saved.NAMES.items()
    )
    return f'<span class="save">Save as {links}</span>'


def _file_name(turn: ChatTurn) -> str:
    """The question, of letters and digits alone."""
    words = "".join(letter if letter.isalnum() else " " for letter in turn.question).split()
    return "-".join(words)[:60] or "answer"


def _copied(answer: Answer) -> str:
    """The answer's text, and what its numbers stand for."""
    sources = [
        f"[{one.number}] {Path(one.hit.element.document).name}, page {one.hit.element.page}" for one in answer.citations
    ]
    return "\n".join([answer.text, "", *sources]) if sources else answer.text
