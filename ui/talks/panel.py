"""The drawer as components: a box to search in, and the list of this visitor's conversations."""

from pathlib import Path

import gradio as gr

from ui.calls import PRIVATE
from ui.talks.handlers import TalkHandlers

HERE = Path(__file__).parent


class Drawer:
    """Made where the page is being built. After what is `edited` the conversation that is shown may be another."""

    def __init__(self, talks: TalkHandlers) -> None:
        with gr.Sidebar(open=False, width=290, elem_id="drawer"):
            self.search = gr.Textbox(
                placeholder="Search conversations",
                label="Search conversations",
                show_label=False,
                container=False,
                elem_id="search",
                max_lines=1,
            )
            script = (HERE / "drawer.js").read_text(encoding="utf-8")
            self.listed = gr.HTML(elem_id="conversations", js_on_load=script)
        # `input` tells of keys that write, and not of those that delete.
        self.search.change(talks.conversations, [self.search], [self.listed], trigger_mode="always_last", **PRIVATE)
        self.edited = self.listed.edit(talks.edit, [self.search], [self.listed], **PRIVATE)
