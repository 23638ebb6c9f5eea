"""The chat page: a drawer of conversations, the one that is open, and on the right its evidence, its steps and the
corpus' documents."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import FastAPI
from gradio import events
from gradio.utils import get_upload_folder
from starlette.routing import BaseRoute

from agent import Agent, Settings
from ui import demonstrations, steps, uploads
from ui.about import dialog
from ui.api import routes as api
from ui.api.places import Places, Rate
from ui.calls import PRIVATE, CheckedBlocks
from ui.documents import evidence, page_images
from ui.documents.inside import Finder
from ui.documents.tab import DocumentsTab
from ui.gate import guard, health, page_routes
from ui.gate.authentication import Authentication, user_of
from ui.gate.routes import own_routes
from ui.handlers import Handlers
from ui.mcp.routes import HttpDoor
from ui.talks import news, saved
from ui.talks.handlers import TalkHandlers
from ui.talks.microphone import Microphone
from ui.talks.panel import Drawer
from ui.talks.row_panel import AnswerRow
from ui.talks.screen import Parts, Screen
from ui.talks.scripts import ECHO, FOCUS, NAMED, NEW, TAKE
from ui.talks.who import WhoAnswers

HERE = Path(__file__).parent
SCRIPTS = ("page.js", "documents/card.js", "talks/stream.js", "talks/echo.js", "talks/draft.js")
FONTS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif"]
LISTENER = '<h1 class="brand">Triptych <span>every answer traced to its page</span></h1>'
THEME = '<button type="button" aria-label="Light or dark" title="Light or dark"></button>'
SIGN_OUT = '<form method="post" action="logout"><button>Sign out</button></form>'


# Gradio would sum up all calls so far after each of them, for a page of figures that is not served here.
os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", str(sys.maxsize))


def build(agent: Agent, talks: TalkHandlers, finder: Finder, examples: Sequence[str] = ()) -> gr.Blocks:
    """The page over `agent`. `examples` are questions offered where the corpus brings none."""
    settings = agent.settings
    page = CheckedBlocks(title="Triptych", analytics_enabled=False, fill_width=True)
    with page:
        handlers = Handlers(agent, talks)
        # First, for a private event whose function has this name would take it.
        events.api(handlers.answer, api_name="ask", concurrency_limit=settings.at_once)
        drawer = Drawer(talks)
        header, corpus, new = _top(settings)
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
                )
                only = gr.Dropdown(
                    [],
                    value=[],
                    label="Ask only these",
                    multiselect=True,
                    allow_custom_value=True,
                    visible=False,  # while none is ticked in the list of documents
                    elem_id="only",
                )
                row = AnswerRow(talks)
                box = _box(agent)
                who = WhoAnswers(agent)
            with gr.Column(scale=2, elem_id="side"), gr.Tabs(selected="evidence", elem_id="tabs") as tabs:
                with gr.Tab("Evidence", id="evidence"):
                    shown = gr.HTML(evidence.EMPTY, js_on_load=_script("documents/evidence.js"))
                with gr.Tab("Steps", id="steps"):
                    trace = gr.HTML(steps.trace(()))
                documents = DocumentsTab(agent, corpus, only, shown, tabs, talk, finder, examples)
                demonstrations.build(agent)
        clock = gr.HTML(elem_id="clock", js_on_load=_script("talks/clock.js"))
        parts = Parts(talk, trace, box, shown, drawer.listed, corpus, row.edited, row.note)
        screen = Screen(handlers, parts)
        # Each question is taken, also while another is answered.
        streams: dict[str, Any] = {"trigger_mode": "multiple", "concurrency_limit": None, **PRIVATE}
        opened: dict[str, Any] = {
            "fn": screen.open_talk,
            "inputs": [drawer.search],
            "outputs": parts.opening,
            **streams,
        }
        by = [corpus, only, who.model, drawer.search]
        example: dict[str, Any] = {"fn": screen.ask_example, "inputs": by, "outputs": parts.asking, **streams}
        asked = [
            page.load(js=NAMED, **opened),
            box.submit(None, [box, talk], [talk, box], js=ECHO).then(
                screen.ask_question, [box, *by, row.edited], parts.asking, js=TAKE, **streams
            ),
            talk.example_select(**example),
            header.select(**example),
            row.voice.retry(screen.again, [who.model], parts.answering, **streams),
        ]
        for one in asked:
            who.look_after(one)
        new.click(js=NEW, **opened)
        drawer.listed.select(**opened)
        page.load(None, js=FOCUS)
        page.unload(screen.leave)
        for event in (clock.tick, drawer.edited.then):
            event(screen.watch, None, parts.answering, **streams)
        clock.change(trigger_mode="always_last", **documents.relist)
        box.stop(talks.stop, None, None, **PRIVATE)
        row.wire(box)
        # The last source clicked is the one shown, also when the one before has not come yet.
        header.click(handlers.cite, None, [shown, tabs], trigger_mode="always_last", **PRIVATE)
        shown.click(handlers.turn_page, None, [shown], trigger_mode="always_last", **PRIVATE)
    return page


def _script(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def _top(settings: Settings) -> tuple[gr.HTML, gr.Dropdown, gr.Button]:
    """The line above all: what listens for clicks on citations, the corpus, and the way to a new conversation."""
    with gr.Row(elem_id="top"):
        header = gr.HTML(LISTENER, js_on_load="".join(map(_script, SCRIPTS)))
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
        gr.HTML(dialog.BUTTON, js_on_load=_script("about/dialog.js"), elem_id="settings")
        gr.HTML(THEME, js_on_load=_script("theme.js"), elem_id="theme")
        if settings.asks:
            gr.HTML(SIGN_OUT, elem_id="sign-out")
    return header, corpus, new


def _box(agent: Agent) -> gr.MultimodalTextbox:
    """Where questions are written, or spoken."""
    with gr.Row(elem_id="asking"):
        box = gr.MultimodalTextbox(
            elem_id="ask",
            show_label=False,
            container=False,
            sources=["upload"],
            file_types=[*uploads.types(), *sorted(uploads.SOUNDS)],
            file_count="multiple",
            max_lines=8,
            placeholder="Ask a question, or add a file",
            autofocus=True,
            interactive=False,  # until the page is open
        )
        if agent.hears:
            Microphone(agent).wire(box)
    return box


def application(agent: Agent, examples: Sequence[str] = ()) -> FastAPI:
    """The page and its other doors behind their gate, for all who are let in alike.

    It is run once: what waits for clients of MCP ends with its lifespan.
    """
    settings = agent.settings
    app, doors = opened(agent, Places(settings.at_once, settings.most_waiting), Path(get_upload_folder()), examples)
    guard(app, settings, Authentication(settings), [*health.routes(agent), *doors])
    return app


def opened(
    agent: Agent,
    places: Places,
    uploads: Path,
    examples: Sequence[str] = (),
    *,
    alone: bool = False,
    rate: Rate | None = None,
) -> tuple[FastAPI, list[BaseRoute]]:
    """An application that runs what the doors of `agent` need as long as it runs itself, and the routes to them.

    Gradio keeps what is uploaded in the folder `uploads`, and serves it; `alone`: nothing else, as pages of other
    agents keep it. All other files are served by `/made`. `rate` bounds how many may be asked in a minute.
    """
    settings = agent.settings
    mcp = HttpDoor(agent, places)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=mcp.lifespan)
    uploads.mkdir(parents=True, exist_ok=True)
    talks = TalkHandlers(agent, settings.at_once, rate)
    finder = Finder(agent, lambda: agent.warming.locked() or talks.live.busy)
    page = build(agent, talks, finder, examples)
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        auth_dependency=user_of,
        max_file_size=settings.max_upload_mb * 1024 * 1024,
        show_error=False,
        run_history=False,
        footer_links=[],
        ssr_mode=False,
        theme=gr.themes.Base(font=FONTS, font_mono=["ui-monospace", "monospace"], radius_size="md"),
        css_paths=HERE / "page.css",
    )
    page.has_launched = True  # mounting leaves it unsaid, and Gradio then takes any file of this machine for an upload
    mounted: Any = app.routes[-1].app  # type: ignore[attr-defined]
    mounted.uploaded_file_dir = str(uploads)
    for block in page.blocks.values():
        block.GRADIO_CACHE = str(uploads)
    own = own_routes(
        {one.PATH: one.endpoint(agent) for one in (page_images, saved, dialog)}
        | {news.PATH: news.endpoint(talks.live, finder.known)}
    )
    shown = page_routes(mounted, settings, uploads, [uploads] if alone else None)
    return app, [*api.routes(agent, places), *mcp.routes(), *own, *shown]
