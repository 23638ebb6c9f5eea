"""The gate over HTTP: who is asked for a password, what opens it, and what it reads of those it does not let in."""

import http.client
import logging
import re
import sqlite3
import stat
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import httpx
import pytest
from agent_corpus import agent_over
from gradio_client import Client
from web import KEY, SIGNED_IN, events, join, served, upload

from agent import Agent
from common.errors import UserError
from ui.app import application
from ui.gate import throttle
from ui.server import listen

NAME, PASSWORD = "ada", "correct horse ✓"
SETTINGS = {
    "username": NAME,
    "password": PASSWORD,
    "api_key": KEY,
    "max_upload_mb": 1,
    "max_upload_files": 2,
    "hosts": ("docs.example.org",),
}
LARGE = 64 * 1024 * 1024


@pytest.fixture
def visitor(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=60) as client:
        yield client


@pytest.fixture
def guesser(agent: Agent) -> Iterator[httpx.Client]:
    """A visitor of a server that remembers no wrong guesses yet; the sessions lie beside the agent and are the same."""
    with served(application(agent)) as address, httpx.Client(base_url=address, timeout=60) as client:
        yield client


@contextmanager
def visiting(root: Path, **settings: str) -> Iterator[httpx.Client]:
    with (
        agent_over(root, **settings) as agent,
        served(application(agent)) as address,
        httpx.Client(base_url=address) as client,
    ):
        yield client


def sign_in(client: httpx.Client, name: str = NAME, password: str = PASSWORD, **headers: str) -> httpx.Response:
    return client.post("/login", data={"username": name, "password": password}, headers=headers)


def test_nothing_is_there_for_a_stranger(visitor):
    page = visitor.get("/", headers={"accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, "./login")
    assert 'name="password"' in visitor.get("/login").text
    for path in (
        "/",
        "/config",
        "/gradio_api/info",
        "/assets/index.js",
        "/theme.css",
        "/gradio_api/file=/etc/hostname",
    ):
        assert visitor.get(path).status_code == 401, path
    for path in ("/gradio_api/queue/join", "/gradio_api/call/ask", "/gradio_api/upload", "/gradio_api/cancel"):
        assert visitor.post(path, json={"data": ["x", "", ""]}).status_code == 401, path


@pytest.mark.parametrize(
    ("name", "password"),
    [
        (NAME, ""),
        (NAME, "correct horse"),
        (NAME, PASSWORD + " "),
        ("", PASSWORD),
        ("Ada", PASSWORD),
        (NAME, KEY),
        ("", ""),
    ],
)
def test_other_passwords_do_not_open(visitor, name, password):
    elsewhere = f"203.0.113.{len(name + password)}"  # or the others' guesses would make it wait
    answer = sign_in(visitor, name, password, **{"x-forwarded-for": elsewhere})
    assert answer.status_code == 401
    assert not answer.cookies
    assert visitor.get("/config").status_code == 401


@pytest.mark.parametrize("key", ["", " ", KEY[:-1], KEY + "x", PASSWORD.encode().decode("latin-1"), "null", f"{KEY},"])
def test_other_keys_do_not_open(guesser, key):
    for header in (f"Bearer {key}", f"bearer  {key}", f"Basic {key}", key):
        answer = guesser.get("/config", headers={"authorization": header.strip().encode("latin-1")})
        assert answer.status_code == 401, header


def test_the_password_opens_until_signing_out(visitor):
    signed = sign_in(visitor, accept="text/html")
    assert (signed.status_code, signed.headers["location"]) == (303, "./")
    cookie = signed.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert visitor.get("/config").json()["username"] == NAME
    token = visitor.cookies["triptych-session"]
    assert visitor.post("/logout").status_code == 200
    assert visitor.get("/config").status_code == 401
    stolen = {"cookie": f"triptych-session={token}"}
    assert visitor.get("/config", headers=stolen).status_code == 401, "the session only ended in the browser"


def test_a_session_ends_by_itself(visitor, agent):
    sign_in(visitor)
    store = agent.settings.data_dir / "sessions.sqlite"
    with sqlite3.connect(store) as file:
        file.execute("UPDATE sessions SET expires = ?", (time.time() + 60,))
    assert visitor.get("/config").status_code == 200
    with sqlite3.connect(store) as file:
        file.execute("UPDATE sessions SET expires = ?", (time.time() - 1,))
    assert visitor.get("/config").status_code == 401


def test_a_session_outlives_the_server_but_no_credential(visitor, agent):
    sign_in(visitor)
    cookie = {"cookie": f"triptych-session={visitor.cookies['triptych-session']}"}
    with served(application(agent)) as again:
        assert httpx.get(f"{again}/config", headers=cookie).status_code == 200
    before = agent.settings
    for field in ("username", "password", "api_key"):
        kind = type(getattr(before, field))
        agent.settings = before.model_copy(update={field: kind("another")})
        try:
            with served(application(agent)) as again:
                assert httpx.get(f"{again}/config", headers=cookie).status_code == 401, field
        finally:
            agent.settings = before


def test_the_session_file_is_its_owners_and_opens_nothing(visitor, agent):
    sign_in(visitor)
    store = agent.settings.data_dir / "sessions.sqlite"
    assert stat.S_IMODE(store.stat().st_mode) == 0o600
    content = store.read_bytes()
    assert visitor.cookies["triptych-session"].encode() not in content
    assert PASSWORD.encode() not in content
    for word in set(re.findall(rb"[0-9a-f]{64}", content)):
        forged = {"cookie": f"triptych-session={word.decode()}"}
        assert httpx.get(f"{visitor.base_url}/config", headers=forged).status_code == 401


@pytest.mark.parametrize("cookie", ["", "x", "0.0", "99999999999.", '"', "\x7f", "a" * 4000])
def test_forged_cookies_do_not_open(visitor, cookie):
    assert visitor.get("/config", headers={"cookie": f"triptych-session={cookie}"}).status_code == 401


def test_the_key_opens_for_programs(address):
    client = Client(address, verbose=False, headers=SIGNED_IN)
    assert "38 kg" in client.predict("How much does the pump weigh?", "test", api_name="/ask")["text"]
    client.close()
    client = Client(address, verbose=False, auth=(NAME, PASSWORD))
    assert list(client.view_api(return_format="dict")["named_endpoints"]) == ["/ask"]
    client.close()


def test_guesses_wait_longer_and_longer_and_are_logged(guesser, caplog, monkeypatch):
    with caplog.at_level(logging.WARNING, "triptych.gate"), ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda _: sign_in(guesser, password="guess").status_code, range(300)))
    assert codes.count(401) <= 12, "five are free, and the waits are 1, 2, 4 ... seconds"
    assert codes.count(429) == 300 - codes.count(401)
    refused = sign_in(guesser, accept="text/html")
    assert refused.status_code == 429, "even the right one waits"
    assert int(refused.headers["retry-after"]) >= 1
    assert "wait" in refused.text
    assert "127.0.0.1" in caplog.text
    assert "guess" not in caplog.text
    later = time.monotonic() + int(refused.headers["retry-after"]) + 0.5
    monkeypatch.setattr(throttle, "time", SimpleNamespace(monotonic=lambda: later))
    assert sign_in(guesser).status_code == 200


def test_guesses_from_many_addresses_wait_too(guesser):
    codes = [
        sign_in(guesser, password="guess", **{"x-forwarded-for": f"198.51.100.{number}"}).status_code
        for number in range(120)
    ]
    assert codes.count(401) <= 60
    networks = [f"2001:db8::{number:x}" for number in range(60)]
    keyed = [
        guesser.get("/config", headers={"authorization": "Bearer no", "x-forwarded-for": one}).status_code
        for one in networks
    ]
    assert keyed.count(401) <= 9, "one network of IPv6 is one client"


def connection(address: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)


def sent(address: str, path: str, size: int, *, chunked: bool, **headers: str) -> tuple[int, int]:
    """Status of a POST of `size` bytes, and how many of them were sent before the server answered or hung up."""
    link, done = connection(address), 0
    link.putrequest("POST", path)
    for name, value in headers.items():
        link.putheader(name.replace("_", "-"), value)
    link.putheader("transfer-encoding", "chunked") if chunked else link.putheader("content-length", str(size))
    link.endheaders()
    piece = b"a" * 65536
    try:
        while done < size:
            link.send(b"10000\r\n" + piece + b"\r\n" if chunked else piece)
            done += len(piece)
    except OSError:
        pass
    return link.getresponse().status, done


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/login", "application/x-www-form-urlencoded"),
        ("/gradio_api/queue/join", "application/json"),
        ("/gradio_api/call/ask", "application/json"),
        ("/gradio_api/cancel", "application/json"),
        ("/gradio_api/upload", "multipart/form-data; boundary=x"),
    ],
)
def test_no_route_reads_a_large_body(address, path, kind, chunked):
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    signed_in = {**SIGNED_IN, "content_type": kind}
    status, _ = sent(address, path, LARGE, chunked=chunked, **signed_in)
    assert status in {400, 413}
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown * 1024 < LARGE / 2, f"{grown} KB were kept"


@pytest.mark.parametrize("path", ["/gradio_api/queue/join", "/gradio_api/upload", "/gradio_api/call/ask"])
def test_of_strangers_no_body_is_kept(address, path):
    assert sent(address, path, LARGE, chunked=True)[0] == 401


def test_uploads_end_at_their_limits(visitor):
    visitor.headers.update(SIGNED_IN)
    assert upload(visitor, "small.txt", b"x" * 1000)
    large = visitor.post("/gradio_api/upload", files={"files": ("large.txt", b"x" * (1024 * 1024 + 1))})
    assert large.status_code == 413
    many = visitor.post("/gradio_api/upload", files=[("files", (f"{n}.txt", b"x" * 1024 * 1000)) for n in range(4)])
    assert many.status_code == 413


@pytest.mark.parametrize(
    ("disposition", "kind", "query"),
    [
        ('name="files"', "boundary=x", ""),
        ('name="files"', "boundary=x", "?upload_id=u"),
        ("name=\"files\"; filename*=UTF-8''x", "boundary=x", ""),
        ('name="files"; filename="a.txt"', "boundary=x; charset=undefined", ""),
        ('name="files"; filename="a.txt"', f"boundary={'y' * 500}", ""),
    ],
    ids=["no file", "no file, with progress", "another way to name it", "no such charset", "a long boundary"],
)
def test_what_is_no_upload_is_refused(visitor, disposition, kind, query):
    visitor.headers.update({**SIGNED_IN, "content-type": f"multipart/form-data; {kind}"})
    body = f"--x\r\ncontent-disposition: form-data; {disposition}\r\n\r\na\r\n--x--\r\n"
    assert visitor.post(f"/gradio_api/upload{query}", content=body.encode()).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[" * 100_000,
        b'{"data": [' + b"[" * 500 + b"]" * 500 + b'], "fn_index": 1, "session_hash": "x"}',
        b'{"data": [NaN], "fn_index": 1, "session_hash": "x"}',
        b'{"data": ["\\ud800"], "fn_index": 1, "session_hash": "x"}',
        '{"data": ["x"]}'.encode("utf-16"),
        b"\xff\xfe",
        b"",
        b'{"data": ["x", "", ""], "fn_index": 0, "session_hash": ""}',
    ],
)
def test_what_is_not_plain_json_is_refused(visitor, body):
    visitor.headers.update({**SIGNED_IN, "content-type": "application/json"})
    assert visitor.post("/gradio_api/queue/join", content=body).status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/deep_link?session_hash=x",
        "/gradio_api/runs",
        "/gradio_api/openapi.json",
        "/openapi.json",
        "/docs",
        "/monitoring",
        "/monitoring/summary",
        "/gradio_api/vibe-code",
        "/gradio_api/token",
        "/gradio_api/dev/reload",
        "/gradio_api/stream/x/y/1/playlist-file",
    ],
)
def test_other_routes_of_gradio_are_not_there(visitor, path):
    visitor.headers.update(SIGNED_IN)
    assert visitor.get(path).status_code == 404
    assert visitor.post(path).status_code == 404


@pytest.mark.parametrize("path", ["run/ask", "api/ask", "component_server", "process_recording", "run-history/connect"])
def test_calls_that_pass_the_queue_by_are_not_there(visitor, path):
    visitor.headers.update(SIGNED_IN)
    assert visitor.post(f"/gradio_api/{path}", json={"data": ["x", "", ""]}).status_code == 404


def test_the_seam_says_who_asks(agent, monkeypatch):
    """What a later part learns of the visitor: the page's functions see the name as Gradio's `Request.username`."""
    import gradio as gr

    from ui.documents.tab import Handlers

    seen = []

    def listing(self: Handlers, corpus: str, words: str, order: str, only: list[str], request: gr.Request) -> str:
        seen.append(request.username)
        return ""

    monkeypatch.setattr(Handlers, "listing", listing)
    asked = ["test", "", "by name", []]
    with served(application(agent)) as address, httpx.Client(base_url=address, timeout=60) as client:
        sign_in(client)
        places = [one for one in client.get("/config").json()["dependencies"] if one["api_name"] == "listing"]
        assert join(client, places[0]["id"], asked, "seam").status_code == 200
        events(client, "seam")
        with httpx.Client(base_url=address, timeout=60, headers=SIGNED_IN) as other:
            join(other, places[0]["id"], asked, "seam2")
            events(other, "seam2")
    assert seen == [NAME, "program"]


def elements(client: httpx.Client) -> set[str]:
    """Names of the parts of the page."""
    return {one["props"].get("elem_id") for one in client.get("/config").json()["components"]}


def test_only_a_key_is_the_password_of_browsers(tmp_path):
    with visiting(tmp_path, api_key=KEY) as client:
        form = client.get("/login").text
        assert "API key" in form
        assert 'name="username"' not in form
        assert sign_in(client, "", "no").status_code == 401
        assert sign_in(client, "", KEY).status_code == 200
        assert client.get("/config").status_code == 200


def test_a_password_alone_is_called_one(tmp_path):
    with visiting(tmp_path, password="only this") as client:
        assert "API key" not in client.get("/login").text
        assert sign_in(client, "", "only this").status_code == 200
        assert "sign-out" in elements(client)


def test_an_open_page_asks_nothing_and_offers_no_way_out(tmp_path):
    with visiting(tmp_path) as client:
        assert client.get("/").status_code == 200
        assert "sign-out" not in elements(client)
        assert client.get("/login").status_code == 404
        assert not (tmp_path / "data/sessions.sqlite").exists()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "0"])
@pytest.mark.parametrize(
    ("given", "lets"),
    [
        ({}, False),
        ({"open": True}, True),
        ({"password": "x"}, True),
        ({"api_key": "x"}, True),
        ({"username": "x"}, False),
        ({"username": "x", "open": True}, False),
    ],
)
def test_beyond_this_machine_it_listens_only_with_a_password_or_when_told(tmp_path: Path, host, given, lets):
    from agent import Settings

    settings = Settings(data_dir=tmp_path, host=host, port=0, **given)
    if lets:
        with listen(settings) as listening:
            assert listening.getsockname()[1]
    else:
        with pytest.raises(UserError, match=r"password|user name"):
            listen(settings)


@pytest.mark.parametrize("host", ["", "  ", "127.0.0.1", "localhost", "127.1.2.3"])
def test_on_this_machine_it_listens_alone(tmp_path, monkeypatch, host):
    from agent import Settings

    monkeypatch.setenv("TRIPTYCH_HOST", host)
    with listen(Settings(data_dir=tmp_path, port=0)) as listening:
        assert listening.getsockname()[0].startswith("127.")
