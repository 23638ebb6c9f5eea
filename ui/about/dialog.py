"""The dialog "Settings": what this page can do, in a visitor's words; whoever runs it is also told what is installed,
and what brings the rest. Made when a browser asks for it."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from agent import models
from agent.converting.requests import FORMS
from agent.doctor import Part, examine
from agent.settings import NO_MODEL
from ui import render, uploads
from ui.sanitize import sanitizing
from ui.talks.who import is_operator

if TYPE_CHECKING:
    from agent import Agent

PATH = "/about.html"
BUTTON = """<button type="button" aria-label="Settings" title="Settings" aria-haspopup="dialog"></button>
<dialog id="about" aria-label="Settings">
<form method="dialog"><button aria-label="Close" title="Close">×</button></form><div></div></dialog>"""
MADE = {
    "chart": "charts",
    "speech": "voices",
    "picture": "pictures",
    "diagram": "diagrams",
    "film": "films",
    "music": "music",
    "document": "documents",
    "sheet": "spreadsheets",
}


def endpoint(agent: "Agent") -> Callable[[Request], Response]:
    """Of `PATH`: a piece of a page."""

    def about(_: Request) -> Response:
        parts = examine(agent.settings) if is_operator(agent.settings) else ()
        return HTMLResponse(words(agent, parts), headers={"cache-control": "no-store"})

    return about


@sanitizing
def words(agent: "Agent", parts: Sequence[Part] = ()) -> str:
    """`parts` are what an operator is told about."""
    lines = "".join(f"<dt>{title}</dt><dd>{render.plain(said)}</dd>" for title, said in _abilities(agent))
    return f"<h2>What this page can do</h2><dl>{lines}</dl>{_installed(parts) if parts else ''}"


def _abilities(agent: "Agent") -> Iterator[tuple[str, str]]:
    settings = agent.settings
    yield "Answers", _answers(agent)
    yield "Reads", ", ".join(sorted(name.removeprefix(".") for name in uploads.types() if name.startswith(".")))
    yield "Hears", "spoken questions, and recordings" if agent.hears else "nothing: questions are typed"
    makes = [MADE[form] for form in FORMS if agent.makes(form)]
    yield "Makes", ", ".join(makes) or "nothing besides answers"
    if missing := [MADE[form] for form in FORMS if not agent.makes(form)]:
        yield "Does not make", ", ".join(missing)
    seen = any(not name.startswith("outlines") for name in settings.image_embedders)
    yield (
        "Finds figures",
        "by what they show, and by words" if seen else "by their captions, and the words in and near them",
    )
    yield "Keeps", "conversations and files that were given, on this server, until they are removed"
    yield (
        "Limits",
        f"{settings.max_upload_files} files at once of {settings.max_upload_mb} MB each; {settings.at_once} questions"
        " are answered at the same time, others wait",
    )


def _answers(agent: "Agent") -> str:
    said = []
    for model in agent.models:
        if model == NO_MODEL:
            said.append("quoted from the documents, and worked out over their tables; no language model writes")
        else:
            reached = agent.reaches(model)
            said.append(f"written by {models.name_of(model)}{'' if reached else ', which does not answer at present'}")
    return "; or ".join(said)


def _installed(parts: Sequence[Part]) -> str:
    """What `triptych doctor` says: what is there, then what could be."""
    there = "".join(
        f"<li><b>{render.plain(part.name)}</b> {render.plain(part.detail)}</li>" for part in parts if part.present
    )
    rest = "".join(
        f"<li{' class=failed' if part.needed else ''}><b>{render.plain(part.name)}</b>"
        f" <span class=error>{render.plain(part.detail)}</span> {render.plain(part.cure)}</li>"
        for part in parts
        if not part.present
    )
    return (
        "<h2>For whoever runs it</h2><p class=hint>Only they see this. Settings are made in triptych.toml, or by"
        f" variables.</p><details><summary>What is not there, and how to get it</summary><ul>{rest}</ul></details>"
        f"<details><summary>What is installed</summary><ul>{there}</ul></details>"
    )
