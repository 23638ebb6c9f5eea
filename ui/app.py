"""The chat page: a conversation on the left; its evidence, its steps and the corpus' documents on the right."""

import json
from collections.abc import Sequence
from pathlib import Path

import gradio as gr
from fastapi import FastAPI
from gradio import events
from gradio.utils import get_upload_folder

from agent import Agent
from ui import demonstrations, evidence, render, uploads
from ui.calls import CheckedBlocks
from ui.gate import guard
from ui.gate.authentication import user_of
from ui.handlers import PRIVATE, Handlers

HERE = Path(__file__).parent
AT_ONCE = 4  # requests answered at the same time
EXAMPLES = 6  # questions offered
FONTS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif"]
LISTENER = '<h1 class="brand">Triptych <span>every answer traced to its page</span></h1>'
SIGN_OUT = '<form method="post" action="logout"><button>Sign out</button></form>'

# The browser keeps the name of its conversation, which nobody can guess.
NEW = """() => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    const name = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    localStorage.setItem("triptych-conversation", name);
    return name;
}"""
REMEMBERED = f'() => localStorage.getItem("triptych-conversation") || ({NEW})()'


def build(agent: Agent, examples: Sequence[str] = ()) -> gr.Blocks:
    """The page over `agent`. `examples` are questions offered while nothing has been asked."""
    settings, types = agent.settings, uploads.types()
    page = CheckedBlocks(title="Triptych", analytics_enabled=False, fill_width=True)
    with page:
        handlers = Handlers(agent)
        # First, for a private event whose function has this name would take it.
        events.api(handlers.answer, api_name="ask", concurrency_limit=AT_ONCE)
        turns = gr.State([])
        conversation = gr.State("")
        browser = gr.Textbox(visible=False)  # carries the browser's conversation to the handlers
        with gr.Row(elem_id="top"):
            header = gr.HTML(LISTENER, js_on_load=(HERE / "page.js").read_text(encoding="utf-8"))
            corpus = gr.Dropdown(
                [settings.corpus],
                value=settings.corpus,
                label="Corpus",
                show_label=False,
                container=False,
                elem_id="corpus",
                min_width=120,
            )
            new = gr.Button("New conversation", size="sm", elem_id="new", min_width=120)
            if settings.password or settings.api_key:
                gr.HTML(SIGN_OUT, elem_id="sign-out")
        with gr.Row(elem_id="panels"):
            with gr.Column(scale=3, elem_id="talk"):
                talk = gr.Chatbot(
                    elem_id="chat",
                    show_label=False,
                    container=False,
                    height=None,
                    layout="bubble",
                    sanitize_html=False,  # which would take the page's own attributes away: `ui.sanitize` does it
                    latex_delimiters=[],
                    feedback_options=None,
                    buttons=[],
                    placeholder="<h2>Ask your documents</h2><p>Words, tables, figures, scans: "
                    "every answer shows the page it comes from.</p>",
                    examples=[{"text": question} for question in examples],
                )
                box = gr.MultimodalTextbox(
                    elem_id="ask",
                    show_label=False,
                    container=False,
                    sources=["upload"],
                    file_types=[*types, *sorted(uploads.SOUNDS)],
                    file_count="multiple",
                    max_lines=8,
                    placeholder="Ask a question; add a picture, a recording, or a document to read",
                    autofocus=True,
                    interactive=False,  # until `restore` has run
                )
            with gr.Column(scale=2, elem_id="side"), gr.Tabs(selected="evidence", elem_id="tabs") as tabs:
                with gr.Tab("Evidence", id="evidence"):
                    shown = gr.HTML(evidence.EMPTY)
                with gr.Tab("Steps", id="steps"):
                    trace = gr.HTML(render.trace(()))
                with gr.Tab("Documents", id="documents"):
                    files = gr.File(
                        label="Drop documents here",
                        file_count="multiple",
                        file_types=types,
                        height=150,
                        elem_id="drop",
                    )
                    target = gr.Textbox(label="Corpus they go to", value=settings.corpus, max_lines=1)
                    add = gr.Button("Read them", variant="primary", elem_id="read")
                    progress = gr.HTML(elem_id="progress")
                    removing = (HERE / "documents.js").read_text(encoding="utf-8")
                    documents = gr.HTML(elem_id="documents", js_on_load=removing)
                demonstrations.build(agent)

        page.load(
            handlers.restore, [browser], [conversation, turns, corpus, talk, documents, box], js=REMEMBERED, **PRIVATE
        )
        asking = {"outputs": [turns, talk, box, shown, trace, corpus], "concurrency_limit": AT_ONCE, **PRIVATE}
        box.submit(handlers.ask, [box, turns, conversation, corpus], **asking).then(
            handlers.listing, [corpus], [documents], **PRIVATE
        )
        talk.example_select(handlers.ask_example, [turns, conversation, corpus], **asking)
        # The last source clicked is the one shown, also when the one before has not come yet.
        header.click(handlers.cite, [turns], [shown, tabs], trigger_mode="always_last", **PRIVATE)
        add.click(handlers.read, [files, target], [progress, files, corpus], concurrency_limit=1, **PRIVATE).then(
            handlers.listing, [corpus], [documents], **PRIVATE
        )
        documents.click(handlers.remove, [corpus], [documents], **PRIVATE)
        corpus.input(handlers.listing, [corpus], [documents], trigger_mode="always_last", **PRIVATE).then(
            lambda name: name, [corpus], [target], **PRIVATE
        )
        gr.on(
            [new.click, talk.clear],
            handlers.start,
            [browser],
            [conversation, turns, talk, shown, trace],
            js=NEW,
            **PRIVATE,
        )
    return page


def application(agent: Agent, examples: Sequence[str] = ()) -> FastAPI:
    """The page behind its gate, as an ASGI application that serves files from the agent's two picture folders only."""
    settings = agent.settings
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    folders = [settings.data_dir / name for name in ("pages", "artifacts")]
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    page = build(agent, examples)
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        auth_dependency=user_of,
        allowed_paths=[str(folder.resolve()) for folder in folders],
        max_file_size=settings.max_upload_mb * 1024 * 1024,
        show_error=False,
        run_history=False,
        footer_links=[],
        ssr_mode=False,
        theme=gr.themes.Base(font=FONTS, font_mono=["ui-monospace", "monospace"], radius_size="md"),
        css_paths=HERE / "page.css",
    )
    page.has_launched = True  # mounting leaves it unsaid, and Gradio then takes any file of this machine for an upload
    guard(app, app.routes[-1].app, settings, Path(get_upload_folder()))  # type: ignore[attr-defined]
    return app


def example_questions(agent: Agent) -> list[str]:
    """Questions of the sample corpus, when that is what the page opens with: the file lies beside its folder."""
    name = agent.settings.corpus
    if name not in agent.library.names():
        return []
    for record in agent.library.open(name).documents():
        path = Path(record.path).parent.with_name("questions.json")
        if path.is_file():
            return [question["question"] for question in json.loads(path.read_text(encoding="utf-8"))][:EXAMPLES]
    return []
