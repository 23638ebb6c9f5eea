"""The page's part "Demonstrations": sets of labelled pictures, and questions about another picture by them."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import gradio as gr

from agent import Agent, Artifact
from common.errors import UserError
from generators.aim.choice import Way
from ui import render, uploads
from ui.api import made
from ui.calls import PRIVATE, PictureClick
from ui.sanitize import sanitizing

HINT = (
    '<p class="hint">Show labelled pictures, or a ZIP with a folder of them for each label; then ask about another. '
    "In the chat, add a picture and name the set.</p>"
)
PACKED = ".zip"
COUNTED = re.compile(r"[\s_.-]*\(?\d+\)?$")  # dent-07, dent_7, dent (7)


def build(agent: Agent) -> None:
    """The tab, within the page's tabs."""
    handlers, settings = Handlers(agent), agent.settings
    endings = sorted(uploads.IMAGES)
    with gr.Tab("Demonstrations", id="demonstrations") as tab:
        gr.HTML(HINT)
        name = gr.Dropdown(
            [],
            label="Set: choose one, or type a new name",
            allow_custom_value=True,
            interactive=False,  # until the sets are listed: what is typed before would be overwritten
            elem_id="set-name",
        )
        with gr.Row():
            files = gr.File(
                label="Pictures, or a ZIP of folders",
                file_count="multiple",
                file_types=[*endings, PACKED],
                height=130,
                elem_id="shown-pictures",
            )
            with gr.Column():
                label = gr.Textbox(
                    label="Their label", placeholder="or from file names: dent-1.png", max_lines=1, elem_id="label"
                )
                add = gr.Button("Add to the set", variant="primary", elem_id="teach")
        script = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
        shown = gr.HTML(elem_id="set", js_on_load=script)
        chosen = gr.State(None)  # the place in the set of the picture clicked
        with gr.Row():
            remove = gr.Button("Remove the chosen", size="sm", elem_id="remove")
            delete = gr.Button("Delete the set", size="sm", elem_id="delete")
            export = gr.Button("Export as ZIP", size="sm", elem_id="export")
        told = gr.HTML(elem_id="told")
        with gr.Row():
            picture = gr.File(label="Which is this one?", file_types=endings, height=130, elem_id="other-picture")
            with gr.Column():
                question = gr.Textbox(label="Question", placeholder="which label fits", max_lines=2)
                with gr.Row():
                    way = gr.Dropdown(
                        list(get_args(Way)),
                        value=settings.demonstrations,
                        label="It is shown",
                        min_width=130,
                        elem_id="shown-way",
                    )
                    most = gr.Number(
                        settings.demonstrations_most,
                        label="at most",
                        minimum=1,
                        precision=0,
                        min_width=70,
                        elem_id="shown-most",
                    )
                ask = gr.Button("Ask", variant="primary", elem_id="ask-demonstrations")
        answer = gr.HTML(elem_id="demonstrated")

    listed = [name, shown, chosen, told]
    gr.on([tab.select, name.input], handlers.show, [name], listed, trigger_mode="always_last", **PRIVATE)
    shown.select(_place, None, [chosen], **PRIVATE)
    add.click(handlers.add, [name, files, label], [*listed, files, label], **PRIVATE)
    remove.click(handlers.remove, [name, chosen], listed, **PRIVATE)
    delete.click(handlers.delete, [name], listed, **PRIVATE)
    export.click(handlers.export, [name], [told], **PRIVATE)
    ask.click(handlers.ask, [name, picture, question, way, most], [answer], concurrency_limit=1, **PRIVATE)


class Handlers:
    """What the tab's events do; each returns values for the outputs it is wired to in `build`."""

    def __init__(self, agent: Agent) -> None:
        self.agent, self.demonstrator = agent, agent.demonstrations

    def show(self, name: str | None) -> tuple[Any, str, None, str]:
        """The named set, or the first one there is. A name is never set over what is typed meanwhile."""
        names, typed = self.demonstrator.bank.names(), (name or "").strip()
        name = typed or next(iter(names), "")
        pictures = self.demonstrator.pictures(name) if name in names else ()
        offered = gr.update(choices=names, interactive=True)
        return offered if typed else offered | {"value": name or None}, listing(pictures), None, ""

    def add(self, name: str | None, files: Sequence[str] | None, label: str) -> tuple[Any, ...]:
        paths, settings = [Path(file) for file in files or ()], self.agent.settings
        try:
            if not paths:
                raise UserError("There are no pictures to add.", "Drop some first.")
            packed = [path for path in paths if path.suffix.lower() == PACKED]
            pictures = [path for path in paths if path not in packed]
            uploads.check(pictures, most=settings.max_upload_files, megabytes=settings.max_upload_mb)
            name = (name or "").strip()
            for path in packed:
                self.demonstrator.teach_packed(name, path)
            if pictures:
                self.demonstrator.teach(name, [(path, label.strip() or label_of(path)) for path in pictures])
        except UserError as error:
            return gr.skip(), gr.skip(), gr.skip(), _problem(error), gr.skip(), gr.skip()
        return *self.show(name), None, ""

    def remove(self, name: str | None, place: int | None) -> tuple[Any, ...]:
        try:
            entries = self.demonstrator.bank.entries(name or "")
            if place is None:
                raise UserError("No picture is chosen.", "Click one of the set first.")
            self.demonstrator.bank.remove(name or "", [entries[place].id])
        except UserError as error:
            return gr.skip(), gr.skip(), gr.skip(), _problem(error)
        return self.show(name)

    def delete(self, name: str | None) -> tuple[Any, ...]:
        try:
            self.demonstrator.bank.delete(name or "")
        except UserError as error:
            return gr.skip(), gr.skip(), gr.skip(), _problem(error)
        return self.show(None)

    def export(self, name: str | None) -> str:
        try:
            path = self.demonstrator.export(name or "")
        except UserError as error:
            return _problem(error)
        url, file = render.plain(made.link(path)), render.plain(path.name)
        return f'<p class="hint">Ready: <a href="{url}" download="{file}">{file}</a></p>'

    def ask(self, name: str | None, picture: str | None, question: str, way: Way, most: int | None) -> str:
        try:
            if picture is None:
                raise UserError("There is no picture to ask about.", "Drop one first.")
            found = self.demonstrator.ask(name or "", Path(picture), question, way, most)
        except UserError as error:
            return _problem(error)
        count = f"It was shown these {len(found.shown)} demonstrations."
        return render.message(found.text, found.shown, notices=[count, found.note] if found.note else [count])


@sanitizing
def listing(pictures: Sequence[Artifact]) -> str:
    """The pictures of a set, each with its label, to be chosen by a click."""
    items = "".join(
        f'<li><button type="button" data-place="{place}" aria-pressed="false" title="{render.plain(one.title)}">'
        f'<img alt="" loading="lazy" src="{render.plain(made.link(one.path))}">'
        f"<span>{render.plain(one.title)}</span></button></li>"
        for place, one in enumerate(pictures)
    )
    return f'<ul class="pictures" aria-label="Pictures of the set">{items}</ul>' if items else ""


def label_of(path: Path) -> str:
    """The name of a file without its number. Raises `UserError` where nothing is left of it."""
    label = COUNTED.sub("", path.stem).replace("_", " ").strip()
    if not label:
        raise UserError(f"{path.name} does not name a label.", "Type the label of these pictures.")
    return label


def _place(clicked: PictureClick) -> int:
    return clicked.place


def _problem(error: UserError) -> str:
    return render.problem(error.what, error.cure)
