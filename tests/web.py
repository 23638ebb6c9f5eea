"""What tests of the page share: a server on loopback, Chromium, and Gradio's queue as a program uses it."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

KEY = "key-0123456789"
SIGNED_IN = {"authorization": f"Bearer {KEY}"}
CHROMIUM = Path("/usr/bin/chromium")
VIEWPORT = {"width": 1440, "height": 900}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--process-per-site",
]

SMALL = """() => [...document.querySelectorAll("button, a, input, summary, [role=tab]")].filter((one) => {
    const { width, height } = one.getBoundingClientRect();
    const shown = one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && width > 1 && height > 1;
    const inline = getComputedStyle(one).display === "inline" || one.closest("p, figcaption") || one.matches(".cite");
    return shown && !inline && !one.closest("[aria-hidden=true]") && Math.min(width, height) < 24;
}).map((one) => `${one.outerHTML.slice(0, 120)} ${JSON.stringify(one.getBoundingClientRect())}`)"""


@contextmanager
def served(app: Any, port: int = 0) -> Iterator[str]:
    import uvicorn

    with socket.create_server(("127.0.0.1", port)) as listening:
        server = uvicorn.Server(
            uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1, proxy_headers=False)
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def until(holds: Callable[[], object]) -> None:
    """Waits for it; a minute is a failure."""
    last = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < last
        time.sleep(0.02)


def file_data(path: str, **more: Any) -> dict[str, Any]:
    """A file as Gradio's clients name it."""
    return {"path": path, "meta": {"_type": "gradio.FileData"}, **more}


def join(client: httpx.Client, fn_index: int, data: list[Any], session: str, **more: Any) -> httpx.Response:
    """Joins the queue, as a click in the page of a conversation does."""
    body = {"data": data, "fn_index": fn_index, "session_hash": session, **more}
    return client.post("/gradio_api/queue/join", params={"c": "0" * 32}, json=body)


def events(client: httpx.Client, session: str) -> list[dict[str, Any]]:
    """What the queue says to a session until it closes."""
    with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as stream:
        return [json.loads(line[6:]) for line in stream.iter_lines() if line.startswith("data: ")]


def upload(client: httpx.Client, name: str, data: bytes) -> str:
    """The path under which the server keeps it."""
    answer = client.post("/gradio_api/upload", files={"files": (name, data)})
    answer.raise_for_status()
    paths: list[str] = answer.json()
    return paths[0]


def forget(context: Any) -> None:
    """All pages but the first go, with cookies, permissions and what pages have stored."""
    first, *others = context.pages
    for page in others:
        page.close()
    context.clear_cookies()
    context.clear_permissions()
    stored = {"origin": "*", "storageTypes": "local_storage,indexeddb"}
    context.new_cdp_session(first).send("Storage.clearDataForOrigin", stored)


def violations(page: Any, part: str = "") -> list[str]:
    """What axe-core finds wrong in `part` of a page of Playwright's, of any severity: rule, impact and where."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, part or None).response["violations"]
    return [f"{one['id']} ({one['impact']}): {node['html'][:200]}" for one in found for node in one["nodes"]]


def small(page: Any) -> list[str]:
    """What is to be clicked on a page of Playwright's and is under 24 pixels wide or high, but for links in a text."""
    found: list[str] = page.evaluate(SMALL)
    return found
