"""The page's part where the owner of a corpus says which other users may read it, and which may change it."""

from typing import Any

import gradio as gr

from common.errors import UserError
from ui import render
from ui.calls import PRIVATE
from ui.users.access import EVERYBODY
from ui.users.accounts import ALL
from ui.users.library import UserLibrary


class Sharing:
    """Made under the `line` of the corpus that `corpus` chooses; not shown for a corpus that is another's."""

    def __init__(self, library: UserLibrary, corpus: gr.Dropdown, line: gr.HTML) -> None:
        self._library = library
        with gr.Accordion("Shared with nobody", open=False, visible=False, elem_id="sharing") as panel:
            problem = gr.HTML(elem_id="unshared")
            readers, writers = _users("Users who may read"), _users("Users who may also add and remove documents")
            save = gr.Button("Save", size="sm")
        whose = gr.State("")  # the corpus whose users are shown, whatever is chosen by now
        shown = [panel, whose, readers, writers, problem]
        line.change(self.show_users, [corpus, whose], shown, trigger_mode="always_last", **PRIVATE)
        save.click(self.share, [whose, readers, writers], shown, **PRIVATE)

    def show_users(self, corpus: str, whose: str) -> tuple[Any, ...]:
        """Of another corpus than is shown: users that are being typed stay."""
        return tuple(gr.skip() for _ in range(5)) if corpus == whose else (*self._shown(corpus), "")

    def share(self, corpus: str, readers: list[str], writers: list[str]) -> tuple[Any, ...]:
        """With these and nobody else; what is shown afterwards is how it is."""
        try:
            self._library.share(corpus, map(_name, readers), map(_name, writers))
        except UserError as error:
            return *self._shown(corpus), render.problem(error.what, error.cure)
        return *self._shown(corpus), ""

    def _shown(self, corpus: str) -> tuple[Any, ...]:
        shared = self._library.shared_with(corpus)
        if shared is None:
            return gr.Accordion(visible=False), "", [], []
        readers, writers = map(sorted, shared)
        told = ", ".join(ALL if name == EVERYBODY else name for name in sorted({*readers, *writers}))
        panel = gr.Accordion(f"Shared with {told or 'nobody'}", visible=True)
        return panel, corpus, readers, writers


def _users(label: str) -> gr.Dropdown:
    """Chosen by typing their names: nobody is told who else there is."""
    everybody = [(ALL, EVERYBODY)]
    return gr.Dropdown(everybody, value=[], label=label, multiselect=True, allow_custom_value=True)


def _name(typed: str) -> str:
    name = typed.strip().lower()
    return EVERYBODY if name == ALL else name  # typed, or chosen
