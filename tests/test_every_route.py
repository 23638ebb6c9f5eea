"""Every route of the running application: nothing without credentials, and with those of one user nothing of another's.

The routes are read off the application, so that a new one fails here until it is said what it takes.
"""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from household import Household, living
from PIL import Image
from test_mcp import NEW, OLD, connected, over_http
from test_users import room_of, store
from web import events, file_data, join, until, upload

OPEN = {
    ("/login", "GET"): "the way in",
    ("/login", "POST"): "likewise",
    ("/logout", "POST"): "ends the session that comes along, and tells nothing",
    ("/openid", "GET"): "the way to where else one may sign in",
    ("/openid-back", "GET"): "the way back from there, for whoever took it",
    ("/healthz", "GET"): "says that the server is alive, and no more",
    ("/readyz", "GET"): "says that it can answer, and no more",
}
SECRET, FILE, TALK = "Zanzibarite", "coral-notes.txt", "0" * 32
MINE = f"How deep does the {SECRET} lie?"  # what Ada asks
QUESTION = "How deep does the reef lie?"  # what Bob asks
API = "/gradio_api"
NO_ID = {  # routes that take no id of anybody's, or serve the page's own parts
    *("/", "/config", "/theme.css", "/favicon.ico", "/robots.txt", "/manifest.json", "/about.html"),
    *("/assets/{path:path}", "/static/{path:path}", "/svelte/{path:path}"),
    *(f"{API}/app_id", f"{API}/info", f"{API}/startup-events", f"{API}/upload"),
    *("/v1/openapi.json", "/v1/audio/transcriptions", "/v1/audio/speech"),
}


@dataclass
class Hers:
    """What Ada has, by its ids."""

    file: str
    sha256: str
    turn: int
    cite: str
    made: str
    uploaded: str
    page: str
    event: str


def routes(found: Any, before: str = "") -> Iterator[tuple[str, str]]:
    """Path and method of each."""
    for route in found:
        path = before + route.path
        if inner := getattr(route, "routes", None):
            yield from routes(inner, path)
        elif methods := getattr(route, "methods", None):
            yield from ((path, method) for method in sorted(methods - {"HEAD", "OPTIONS"}))
        else:
            assert path == "", f"{path} shows no routes"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Household]:
    provider = {"openid_issuer": "http://127.0.0.1:1", "openid_client": "none"}
    with living(tmp_path_factory.mktemp("routes"), **provider) as home:
        yield home


@pytest.fixture(scope="module")
def everywhere(home: Household, hers: Hers) -> set[tuple[str, str]]:
    [household] = [route.app.app for route in home.app.routes if route.path == ""]
    room = next(iter(household._rooms.values()))
    return {*routes(home.app.routes), *routes(room.app.app.app.routes)}


@pytest.fixture(scope="module")
def hers(home: Household) -> Hers:
    """One of everything."""
    with home.client("ada") as ada:
        file = store(ada, "reef", f"The {SECRET} reef lies 12 metres deep. Rent: 3, food: 5.", FILE)
        asked = {"model": "reef", "messages": [{"role": "user", "content": MINE}]}
        cited = ada.post("/v1/chat/completions", json=asked).json()["citations"][0]["url"]
        call(ada, "open_talk", [""], "first")
        call(ada, "ask_question", [{"text": MINE, "files": []}, "reef", [], "extractive", "", None], "first")
        agent = room_of(home, "ada")
        until(lambda: agent.conversations.said(TALK))
        made = agent.convert("sheet", "rent: 3, food: 5").path
        page = agent.document_page(FILE, 1, "reef")
        with io.BytesIO() as buffer:
            Image.new("RGB", (20, 20), "red").save(buffer, "PNG")
            uploaded = upload(ada, f"{SECRET}.png", buffer.getvalue())
        agent.demonstrations.teach("reefs", [(page, SECRET)])
        event_id = ada.post(f"{API}/call/ask", json={"data": [MINE, "reef", ""]}).json()["event_id"]
        return Hers(
            file,
            agent.library.open("reef").document(FILE).sha256,
            agent.conversations.turns(TALK)[0].id,
            httpx.URL(cited).path.rpartition("/")[2],
            f"{made.parent.name}/{made.name}" if len(made.parent.name) == 64 else made.name,
            uploaded,
            str(page),
            event_id,
        )


def event(client: httpx.Client, name: str) -> int:
    places = {one["api_name"]: one["id"] for one in client.get("/config").json()["dependencies"]}
    return int(places[name])


def call(client: httpx.Client, name: str, data: list[Any], session: str) -> str:
    assert join(client, event(client, name), data, session).status_code == 200
    return json.dumps(events(client, session))


def reading(hers: Hers) -> dict[str, list[str]]:
    """Template of a GET -> where it leads to something of Ada's."""
    store_, file_ = "/v1/vector_stores/{name}", "/v1/vector_stores/{name}/files/{id}"
    return {
        "/answers/{conversation}/{turn:int}.{ending}": [f"/answers/{TALK}/{hers.turn}.{one}" for one in ("md", "html")],
        "/news": [f"/news?c={TALK}&corpus=reef"],
        "/document-pages/{corpus}/{sha256}/{number:int}.png": [f"/document-pages/reef/{hers.sha256}/1.png"],
        "/cite/{name}": [f"/cite/{hers.cite}", f"/cite/{hers.cite}.png"],
        "/made/{name:path}": [f"/made/{hers.made}"],
        f"{API}/file={{path:path}}": [f"{API}/file={hers.uploaded}"],
        f"{API}/call/{{name}}/{{event}}": [f"{API}/call/ask/{hers.event}"],
        "/v1/models": ["/v1/models"],
        "/v1/models/{name}": ["/v1/models/reef"],
        "/v1/files": ["/v1/files"],
        "/v1/files/{id}": [f"/v1/files/{hers.file}"],
        "/v1/files/{id}/content": [f"/v1/files/{hers.file}/content"],
        "/v1/vector_stores": ["/v1/vector_stores"],
        store_: ["/v1/vector_stores/reef"],
        f"{store_}/files": ["/v1/vector_stores/reef/files"],
        file_: [f"/v1/vector_stores/reef/files/{hers.file}"],
        "/metrics": [],
        f"{file_}/report": [f"/v1/vector_stores/reef/files/{hers.file}/report"],
    }


def asking(hers: Hers) -> dict[str, list[tuple[str, Any]]]:
    """Template of a POST -> where it leads, and a body that names something of Ada's."""
    words = [{"type": "text", "text": QUESTION}, {"type": "file", "file": {"file_id": hers.file}}]
    picture = [{"type": "input_text", "text": QUESTION}, {"type": "input_image", "file_id": hers.file}]
    of_file = [{"type": "input_text", "text": QUESTION}, {"type": "input_file", "file_id": hers.file}]
    reef, found = "/v1/vector_stores/reef", "/v1/vector_stores/{name}"
    return {
        "/v1/chat/completions": [
            ("/v1/chat/completions", {"model": "reef", "messages": [{"role": "user", "content": QUESTION}]}),
            ("/v1/chat/completions", {"model": "reef", "messages": [{"role": "user", "content": words}]}),
        ],
        "/v1/responses": [
            ("/v1/responses", {"model": "reef", "input": QUESTION}),
            ("/v1/responses", {"model": "reef", "input": [{"role": "user", "content": of_file}]}),
            ("/v1/responses", {"model": "bobs-own", "input": [{"role": "user", "content": picture}]}),
        ],
        "/v1/vector_stores": [("/v1/vector_stores", {"name": "reef"})],
        f"{found}/search": [(f"{reef}/search", {"query": QUESTION})],
        f"{found}/files": [(f"{reef}/files", {"file_id": hers.file})],
        f"{API}/call/{{name}}": [(f"{API}/call/ask", {"data": [QUESTION, "reef", TALK]})],
        f"{API}/cancel": [(f"{API}/cancel", {"session_hash": "first", "fn_index": 0, "event_id": hers.event})],
        f"{API}/reset": [(f"{API}/reset", {"event_id": hers.event})],
    }


def removing(hers: Hers) -> dict[str, str]:
    found = "/v1/vector_stores/{name}"
    return {
        f"{found}/files/{{id}}": f"/v1/vector_stores/reef/files/{hers.file}",
        found: "/v1/vector_stores/reef",
        "/v1/files/{id}": f"/v1/files/{hers.file}",
    }


ELSEWHERE = {  # which tests of their own are for
    (f"{API}/queue/join", "POST"),
    (f"{API}/queue/data", "GET"),
    (f"{API}/heartbeat/{{session}}", "GET"),
    (f"{API}/upload_progress", "GET"),
    ("/v1/files", "POST"),
    *(("/mcp", method) for method in ("GET", "POST", "DELETE")),
}


def test_it_is_known_what_every_route_takes(everywhere: set[tuple[str, str]], hers: Hers) -> None:
    known = {(path, "GET") for path in reading(hers)} | {(path, "POST") for path in asking(hers)}
    known |= {(path, "DELETE") for path in removing(hers)} | ELSEWHERE | set(OPEN)
    unknown = {(path, method) for path, method in everywhere - known if path not in NO_ID}
    assert not unknown, "say above what they take"
    assert known <= everywhere, "these are not there"


def test_nothing_answers_without_credentials(home: Household, everywhere: set[tuple[str, str]], hers: Hers) -> None:
    where = {path: leads[0] for path, leads in reading(hers).items() if leads}
    with home.client() as stranger:
        for path, method in sorted(everywhere - set(OPEN)):
            address = where.get(path, path.replace("{", "").replace("}", ""))
            answer = stranger.request(method, address, json={} if method == "POST" else None)
            expected = (303, "./login") if path == "/" else (401, None)
            assert (answer.status_code, answer.headers.get("location")) in {expected, (401, None)}, (method, address)
            assert SECRET not in answer.text and FILE not in answer.text
        for path, method in OPEN:
            answer = stranger.request(method, path, data={} if method == "POST" else None)
            assert answer.status_code in (200, 303, 401, 403) and SECRET not in answer.text


@pytest.mark.parametrize("credentials", ["Bearer", "Bearer tk-", "Basic YWRhOmFkYQ==", "bearer None"])
def test_nor_with_wrong_ones(home: Household, hers: Hers, credentials: str) -> None:
    with home.client(authorization=credentials) as stranger:
        assert stranger.get("/v1/models").status_code in (401, 429)
        assert stranger.get("/config").status_code in (401, 429)
        del stranger.headers["authorization"]
        stranger.cookies.set("triptych-session", "x" * 43)
        assert stranger.get("/config").status_code == 401


def hidden(answer: httpx.Response) -> bool:
    """Nothing of Ada's is in it, but for what the request itself said."""
    body = answer.content.decode(errors="replace")
    said = str(answer.request.url) + answer.request.content.decode(errors="replace")
    return not any(word in body and word not in said for word in (SECRET, FILE, '"reef"', TALK))


def test_every_id_of_hers_is_good_for_her_and_for_nobody_else(home: Household, hers: Hers) -> None:
    with home.client("ada") as ada, home.client("bob") as bob, home.client("eve") as eve:
        store(bob, "bobs-own", "The ferry is blue.")
        for leads in reading(hers).values():
            for lead in leads:
                assert (answer := ada.get(lead)).status_code == 200, (lead, answer.text)
                for other in (bob, eve):
                    answer = other.get(lead)
                    assert hidden(answer), lead
                    if lead.count("/") > 1 and "/call/" not in lead and lead.count("/") + lead.startswith("/cite") > 2:
                        assert answer.status_code in (403, 404), (lead, answer.status_code)
        for leads in asking(hers).values():
            for lead, body in leads:
                for other in (bob, eve):
                    answer = other.post(lead, json=body)
                    assert hidden(answer), (lead, body)
        assert SECRET in ada.post("/v1/responses", json={"model": "reef", "input": QUESTION}).text


def test_nothing_of_hers_is_removed_by_others(home: Household, hers: Hers) -> None:
    with home.client("ada") as ada, home.client("bob") as bob, home.client("eve") as eve:
        for lead in removing(hers).values():
            for other in (bob, eve):
                assert other.delete(lead).status_code == 404, lead
        assert ada.get(f"/v1/vector_stores/reef/files/{hers.file}").json()["status"] == "completed"
        with_her_id = {"name": "bobs", "file_ids": [hers.file]}
        assert bob.post("/v1/vector_stores", json=with_her_id).status_code == 404


def test_the_same_file_uploaded_by_two_is_two(home: Household, hers: Hers) -> None:
    """Ids are hashes of what is in a file: to have it is not to have hers."""
    with home.client("ada") as ada, home.client("bob") as bob:
        content = ada.get(f"/v1/files/{hers.file}/content").content
        assert bob.post("/v1/files", files={"file": (FILE, content)}).json()["id"] == hers.file
        assert bob.delete(f"/v1/files/{hers.file}").status_code == 200
        assert ada.get(f"/v1/files/{hers.file}").status_code == 200
        assert ada.get(f"/v1/vector_stores/reef/files/{hers.file}").json()["status"] == "completed"


def called(client: httpx.Client, one: dict[str, Any], values: dict[int, Any], more: dict[str, Any]) -> str:
    """All that comes of a call of an event of the page, in the conversation of Ada's name."""
    body = {"data": [values[place] for place in one["inputs"]], "fn_index": one["id"], "session_hash": "opened"}
    answer = client.post(f"{API}/queue/join", params={"c": TALK}, json=body | {"event_data": more})
    assert answer.status_code == 200, answer.text
    return json.dumps(events(client, "opened"))


def test_no_event_of_the_page_shows_or_changes_anything_of_hers(home: Household, hers: Hers) -> None:
    click = {"cite": f"{hers.turn}-1", "turn": hers.turn, "conversation": TALK, "title": "taken", "words": "taken"}
    click |= {"document": FILE, "shown": [], "ticked": [], "corpus": "reef", "page": 1, "source": f"{hers.turn}-1"}
    click |= {"value": {"text": QUESTION}, "index": 0}
    seen = set()
    with home.client("ada") as ada, home.client("bob") as bob:
        config = bob.get("/config").json()
        named = {one["id"]: one["props"].get("elem_id") for one in config["components"]}
        given: dict[str, Any] = {"corpus": "reef", "order": "by name", "only": [], "set-name": "reefs", "drop": None}
        given |= {"model": "extractive", "ask": {"text": QUESTION, "files": []}, "shown-way": "balanced"}
        given |= {"shown-pictures": None, "other-picture": None, "shown-most": 1}
        kinds = {one["id"]: one["type"] for one in config["components"]}
        empty = {"state": None, "textbox": ""}
        values = {id: given.get(str(name), empty.get(kinds[id], "")) for id, name in named.items()}
        call(bob, "ask", [QUESTION, "reef", TALK], "opened")  # so that his page offers her corpus as a choice
        assert '"reef"' in call(bob, "open_talk", [""], "opened").replace("'", '"')
        call(ada, "open_talk", [""], "opened")
        for one in config["dependencies"]:
            if not one["backend_fn"]:
                continue
            if one["api_name"] == "ask":  # of programs
                values |= dict(zip(one["inputs"], [QUESTION, "reef", TALK], strict=True))
            for does in ("open", "again", "rename", "delete", "unpin", "remove", "bad"):
                told = called(bob, one, values, click | {"does": does})
                assert SECRET not in told, (one["api_name"], does)
                assert "12 metres" not in told, (one["api_name"], does)
            if one["api_name"] not in ("delete", "read", "ask_question", "ask_example", "again"):
                told = called(ada, one, values, click | {"does": "open"})
                seen |= {one["api_name"]} if SECRET in told or "12 metres" in told else set()
    assert {"ask", "conversations", "watch", "open_talk", "cite", "show"} <= seen, "the calls do show Ada what is hers"
    agent = room_of(home, "ada")
    assert agent.conversations.turns(TALK)[0].question == MINE
    assert agent.conversations.get(TALK).title == MINE
    assert not agent.conversations.feedback()
    assert agent.library.names() == ["reef"]
    assert [record.name for record in agent.library.open("reef").documents()] == [FILE]
    assert agent.demonstrations.bank.names() == ["reefs"]


def test_her_files_are_not_named_in_calls_of_others(home: Household, hers: Hers) -> None:
    with home.client("bob") as bob, home.client("ada") as ada:
        for path in (hers.uploaded, hers.page):
            data = [{"text": QUESTION, "files": [file_data(path)]}, "reef", [], "extractive", "", None]
            assert join(bob, event(bob, "ask_question"), data, "files").status_code == 400
        assert join(ada, event(ada, "_look"), [file_data(hers.uploaded)], "files").status_code == 200


def test_her_streams_are_not_heard_by_others(home: Household, hers: Hers) -> None:
    """What is said to a session of the page is said to whoever began it, whoever else knows its name."""
    with home.client("ada") as ada, home.client("bob") as bob:
        assert join(ada, event(ada, "ask"), [MINE, "reef", ""], "shared-name").status_code == 200
        heard = bob.get(f"{API}/queue/data", params={"session_hash": "shared-name"})
        assert SECRET not in heard.text and "12 metres" not in heard.text
        assert SECRET in json.dumps(events(ada, "shared-name"))
        progress = bob.get(f"{API}/upload_progress", params={"upload_id": "hers"})
        assert progress.status_code == 404
        with bob.stream("GET", f"{API}/heartbeat/shared-name") as stream:
            assert SECRET not in next(stream.iter_text())


@pytest.mark.parametrize("version", [OLD, NEW])
def test_her_places_are_not_shown_to_others_over_mcp(home: Household, hers: Hers, version: str) -> None:
    place = f"triptych://reef/{FILE}/page/1"
    calls: list[tuple[str, dict[str, Any]]] = [
        ("search", {"query": "reef", "corpus": "reef"}),
        ("ask", {"question": QUESTION, "corpus": "reef"}),
        ("fetch", {"id": place}),
        ("show_page", {"id": place}),
        ("convert", {"form": "document", "id": place}),
        ("list_documents", {"corpus": "reef"}),
        ("list_documents", {}),
    ]
    key = f"Bearer {home.keys['bob']}"
    with connected(over_http(home.address, authorization=key), version, "http") as bob:
        for tool, arguments in calls:
            told = bob.call(tool, **arguments).model_dump_json()
            assert SECRET not in told and "12 metres" not in told, tool
            assert FILE not in told or "id" in arguments, tool
        assert FILE not in bob.run(bob.client.list_resources).model_dump_json()
        with pytest.raises(Exception, match="reef"):
            bob.run(bob.client.read_resource, place)
    with connected(over_http(home.address, authorization=f"Bearer {home.keys['ada']}"), version, "http") as ada:
        assert SECRET in ada.call("fetch", id=place).content[0].text


def test_a_session_of_mcp_is_its_beginners(home: Household, hers: Hers) -> None:
    begin = {"protocolVersion": OLD, "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
    message = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": begin}
    accept = {"accept": "application/json, text/event-stream"}
    with home.client("ada", **accept) as ada, home.client("bob", **accept) as bob:
        session = {"mcp-session-id": ada.post("/mcp", json=message).headers["mcp-session-id"]}
        listing = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}
        version = {"mcp-protocol-version": OLD}
        for method, body in (("POST", listing), ("GET", None), ("DELETE", None)):
            assert bob.request(method, "/mcp", json=body, headers=session | version).status_code == 404, method
        assert ada.post("/mcp", json=listing, headers=session | version).status_code == 200
