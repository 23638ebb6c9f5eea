"""Other web pages against an open page, over HTTP and in Chromium: they can link to it, and neither read nor ask."""

import http.client
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest
from agent_corpus import agent_over
from web import ARGUMENTS, CHROMIUM, served

FOREIGN = ("http://evil.example", "http://localhost:1", "https://127.0.0.1", "null", "file://", "", "http://[", "x")
DOORS = [
    ("GET", "/"),
    ("GET", "/config"),
    ("GET", "/gradio_api/info"),
    ("GET", "/gradio_api/queue/data?session_hash=x"),
    ("GET", "/gradio_api/heartbeat/x"),
    ("GET", "/gradio_api/upload_progress?upload_id=x"),
    ("GET", "/gradio_api/file=/etc/hostname"),
    ("POST", "/gradio_api/queue/join"),
    ("POST", "/gradio_api/call/ask"),
    ("POST", "/gradio_api/cancel"),
    ("POST", "/gradio_api/upload"),
    ("OPTIONS", "/gradio_api/queue/join"),
]


@pytest.fixture(scope="module")
def port(tmp_path_factory) -> Iterator[int]:
    from ui.app import application

    root = tmp_path_factory.mktemp("origins")
    with agent_over(root, hosts=("docs.example.org",)) as agent, served(application(agent)) as address:
        yield urlsplit(address).port or 0


@pytest.fixture(scope="module")
def evil() -> Iterator[int]:
    """The port of another site, whose every page is empty."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>evil</title>")

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def asked(port: int, method: str, path: str, *, host: str | None = None, **headers: str) -> http.client.HTTPResponse:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    link.putrequest(method, path, skip_host=True)
    if host != "":
        link.putheader("Host", host or f"127.0.0.1:{port}")
    for name, value in {"content_length": "0", **headers}.items():
        link.putheader(name.replace("_", "-"), value)
    link.endheaders()
    return link.getresponse()


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "x.localhost",
        "localhost.evil.example",
        "docs.example.org.evil.example",
        "evil.example@127.0.0.1",
        "127.0.0.1/evil.example",
        "127.0.0.1, evil.example",
        "127.0.0.1.",
        "0x7f.1",
        "[::1",
        "localhost:x",
        "*",
    ],
)
def test_other_names_are_not_served(port, host):
    for method, path in DOORS:
        answer = asked(port, method, path, host=host)
        assert answer.status in {400, 421}, (method, path)
        assert asked(port, method, path, x_forwarded_host=host).status == 421


def test_a_request_without_a_name_is_not_served(port):
    assert asked(port, "GET", "/", host="").status in {400, 421}


@pytest.mark.parametrize("host", ["localhost", "LocalHost:{port}", "[::1]:{port}", "192.0.2.7", "docs.example.org"])
def test_its_own_names_are_served(port, host):
    host = host.format(port=port)
    for origin in (
        {},
        {"origin": f"http://{host}"},
        {"origin": f"https://{host}".lower(), "sec_fetch_site": "same-origin"},
    ):
        assert asked(port, "GET", "/config", host=host, **origin).status == 200, origin


def test_a_proxy_may_pass_the_name_on(port):
    forwarded = {"x_forwarded_host": "docs.example.org", "x_forwarded_proto": "https"}
    answer = asked(port, "GET", "/config", origin="https://docs.example.org", **forwarded)
    assert answer.status == 200
    assert json.loads(answer.read())["root"] == "https://docs.example.org"
    assert asked(port, "GET", "/config", origin="https://evil.example", **forwarded).status == 403
    assert asked(port, "GET", "/config", host="docs.example.org:443", origin="https://docs.example.org").status == 200


@pytest.mark.parametrize("origin", FOREIGN)
def test_no_door_answers_another_origin(port, origin):
    for method, path in DOORS:
        answer = asked(port, method, path, origin=origin, access_control_request_method="POST")
        assert answer.status == 403, (method, path)
        assert not [name for name, _ in answer.getheaders() if name.lower().startswith("access-control")]


@pytest.mark.parametrize("site", ["cross-site", "same-site", "nonsense"])
def test_no_door_answers_a_browser_that_comes_from_elsewhere(port, site):
    for method, path in DOORS:
        for mode, target in (("no-cors", "image"), ("no-cors", "script"), ("navigate", "iframe"), ("cors", "empty")):
            fetch = {"sec_fetch_site": site, "sec_fetch_mode": mode, "sec_fetch_dest": target}
            assert asked(port, method, path, **fetch).status == 403, (method, path, mode)
        followed = {"sec_fetch_site": site, "sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}
        assert asked(port, method, path, **followed).status == (200 if (method, path) == ("GET", "/") else 403)


def test_its_own_origin_gets_no_word_of_sharing(port):
    answer = asked(port, "GET", "/config", origin=f"http://127.0.0.1:{port}")
    assert answer.status == 200
    names = {name.lower() for name, _ in answer.getheaders()}
    assert not [name for name in names if name.startswith("access-control")]
    assert {"content-security-policy", "cross-origin-resource-policy", "x-content-type-options"} <= names


READ = """async ([base, path, method, credentials]) => {
    try {
        const call = {data: ["", "", ""], session_hash: "x", fn_index: 0};
        const body = method === "GET" ? undefined : JSON.stringify(call);
        const headers = method === "GET" ? {} : {"content-type": "application/json"};
        const answer = await fetch(base + path, {method, body, headers, credentials});
        return answer.status + " " + (await answer.text()).slice(0, 200);
    } catch (error) { return "refused"; }
}"""
SHOWN = """async ([url]) => new Promise((done) => {
    const image = new Image();
    image.onload = () => done("shown"); image.onerror = () => done("refused");
    image.src = url;
})"""
FRAMED = """async ([url]) => new Promise((done) => {
    const frame = document.createElement("iframe");
    frame.onload = done;
    frame.src = url;
    document.body.append(frame);
})"""
MAPPED = "--host-resolver-rules=MAP rebound.example 127.0.0.1"
ASKING = "--disable-features=LocalNetworkAccessChecks"  # else Chromium refuses some by itself


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=[*ARGUMENTS, MAPPED, ASKING],
        )
        yield browser
        browser.close()


browser_only = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"Chromium is not installed at {CHROMIUM}"),
]


def marked(test: Any) -> Any:
    for mark in browser_only:
        test = mark(test)
    return test


@marked
@pytest.mark.parametrize("evil_host", ["127.0.0.1", "localhost", "a.localhost", "rebound.example"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "x.localhost", "[::ffff:127.0.0.1]", "rebound.example"])
def test_a_page_of_another_port_can_neither_read_nor_ask(chromium, port, evil, evil_host, host):
    page = chromium.new_page()
    try:
        page.goto(f"http://{evil_host}:{evil}/")
        for method, path in DOORS[:-1]:
            for credentials in ("omit", "include"):
                told = page.evaluate(READ, [f"http://{host}:{port}", path, method, credentials])
                assert told == "refused", (method, path, told)
        assert page.evaluate(SHOWN, [f"http://{host}:{port}/static/img/logo_nosize.svg"]) == "refused"
    finally:
        page.close()


@marked
@pytest.mark.parametrize("name", ["rebound.example", "x.localhost"])
def test_a_name_that_points_here_is_no_way_in(chromium, port, name):
    """What DNS rebinding leads to: a page of the very same origin, under a name that somebody else owns."""
    page = chromium.new_page()
    try:
        assert page.goto(f"http://{name}:{port}/").status == 421
        for method, path in DOORS[:-1]:
            told = page.evaluate(READ, ["", path, method, "include"])
            assert told.startswith("421"), (method, path, told)
    finally:
        page.close()


@marked
def test_another_page_may_link_here_and_not_frame_or_post(chromium, port, evil):
    page = chromium.new_page()
    try:
        page.goto(f"http://localhost:{evil}/")
        page.evaluate(FRAMED, [f"http://127.0.0.1:{port}/"])
        assert not [frame for frame in page.frames[1:] if frame.locator("#ask").count()]
        page.set_content(
            f"<form method=post enctype=text/plain action=http://127.0.0.1:{port}/gradio_api/call/ask>"
            '<input name=\'{"data":["x","",""],"a":"\' value=\'"}\'><button>send</button></form>'
        )
        with page.expect_navigation() as sent:
            page.click("button")
        assert sent.value.status == 403
        page.goto(f"http://localhost:{evil}/")
        page.set_content(f"<a href=http://127.0.0.1:{port}/>link</a>")
        with page.expect_navigation() as followed:
            page.click("a")
        assert followed.value.status == 200
        page.wait_for_selector("#ask textarea:enabled")
    finally:
        page.close()
