"""The files of the machine, asked for by the queue of the real page: none but a visitor's own upload may be named."""

import io
import json
import re
import sys
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from agent_corpus import agent_over
from PIL import Image
from web import events, file_data, join, served, upload

SECRET = "the-word-nobody-may-read"
ELSEWHERE = "attack.example"
looked_up: list[str] = []


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.getaddrinfo" and arguments:
        host = arguments[0]
        looked_up.append(host.decode() if isinstance(host, bytes) else str(host))


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("attack")


@pytest.fixture(scope="module")
def client(root: Path) -> Iterator[httpx.Client]:
    from ui.app import application

    sys.addaudithook(_watch)  # sees every name that this process, the server's too, looks up
    with agent_over(root) as agent, served(application(agent)) as address:
        agent.ask("How tall is it?", conversation="somebody-else")
        (root / "data/uploads/test").mkdir(parents=True, exist_ok=True)
        (root / "data/uploads/test/diary.txt").write_text(SECRET)
        (root / "secret.txt").write_text(SECRET)
        with httpx.Client(base_url=address, timeout=60) as client:
            yield client


@pytest.fixture(scope="module")
def inputs(client: httpx.Client) -> dict[int, list[str]]:
    """Of every event: the types of its inputs."""
    config = client.get("/config").json()
    types = {one["id"]: one["type"] for one in config["components"]}
    return {one["id"]: [types[place] for place in one["inputs"]] for one in config["dependencies"]}


def shaped(kind: str, file: dict[str, Any]) -> list[Any]:
    """Values of a component of this type that hold the file: as its own type has it, and as it never has it."""
    if kind == "multimodaltextbox":
        return [{"text": "what is it?", "files": [file]}, {"text": file, "files": []}]
    return [file, [file], {"value": {"deep": [file]}}]


def said(client: httpx.Client, fn_index: int, data: list[Any]) -> str:
    """All that comes back: the answer, the events, and whatever the files they name hold."""
    session = f"s{abs(hash(json.dumps([fn_index, data])))}"
    answer = join(client, fn_index, data, session)
    words = answer.text
    if answer.status_code == 200:
        words += json.dumps(events(client, session))
    for path in set(re.findall(r"/[^\s\"'\\]+", words)):
        words += client.get(f"/gradio_api/file={urllib.parse.quote(path)}").text
    return words


def attempts(inputs: dict[int, list[str]], file: dict[str, Any]) -> Iterator[tuple[int, list[Any]]]:
    """Every event with the file at every place that a caller fills."""
    for fn_index, kinds in inputs.items():
        for place, kind in enumerate(kinds):
            if kind != "state":
                for value in shaped(kind, file):
                    yield fn_index, [value if at == place else None for at in range(len(kinds))]


@pytest.mark.parametrize("target", ["secret.txt", "data/uploads/test/diary.txt", "link.txt"])
@pytest.mark.parametrize("dressed", ["{}", "data/../{}", "{}\0.png"], ids=["plain", "dots", "nul"])
def test_no_event_reads_a_file_by_its_path(client, inputs, root, target, dressed):
    (root / "link.txt").exists() or (root / "link.txt").symlink_to(root / "secret.txt")
    path = str(root / dressed.format(target))
    for fn_index, data in attempts(inputs, file_data(path)):
        assert SECRET not in said(client, fn_index, data), (fn_index, data)


def test_no_event_reads_a_conversation_or_this_process(client, inputs, root):
    kept = [path for path in (root / "data").rglob("*") if path.is_file()]
    store = next(path for path in kept if b"How tall is it?" in path.read_bytes())
    for path in (str(store), "/proc/self/environ", "/etc/passwd"):
        for fn_index, data in attempts(inputs, file_data(path)):
            assert join(client, fn_index, data, "x").status_code == 400, (path, fn_index, data)


@pytest.mark.parametrize(
    "file",
    [
        file_data(f"http://{ELSEWHERE}/x.png"),
        file_data(f"HTTPS://{ELSEWHERE}/x.png"),
        file_data(f"//{ELSEWHERE}/x.png"),
        file_data("OWN", url=f"http://{ELSEWHERE}/x.png"),
        file_data("OWN", url=f"//{ELSEWHERE}/x.png"),
        file_data(f"http://{ELSEWHERE}/x.png", is_stream=True),
    ],
    ids=["http", "HTTPS", "no scheme", "url beside an upload", "url without scheme", "stream"],
)
def test_no_event_fetches_an_address(client, inputs, file):
    own = upload(client, "own.png", b"\x89PNG")
    file = {**file, "path": file["path"].replace("OWN", own)}
    for fn_index, data in attempts(inputs, file):
        answer = join(client, fn_index, data, "fetch")
        assert answer.status_code == 400, (fn_index, data)
        assert "elsewhere" in answer.json()["detail"] or "uploaded" in answer.json()["detail"]
    assert ELSEWHERE not in looked_up


@pytest.mark.parametrize("door", ["file=", "file/", "proxy="])
def test_no_door_fetches_an_address(client, door):
    for address in (f"http://{ELSEWHERE}/", f"https://{ELSEWHERE}/", f"HTTP://{ELSEWHERE}/"):
        for path in (address, urllib.parse.quote(address, safe="")):
            for prefix in ("/gradio_api/", "/"):
                assert client.get(f"{prefix}{door}{path}").status_code in {403, 404}, (prefix, path)
    assert ELSEWHERE not in looked_up


def test_a_look_up_would_be_seen():
    with pytest.raises(httpx.ConnectError):
        httpx.get("http://seen.invalid/", timeout=5)
    assert "seen.invalid" in looked_up


def test_gradio_checks_paths_of_its_own(client, inputs, root, monkeypatch):
    """Behind the gate, should that ever let one through."""
    monkeypatch.setattr("ui.gate.files.check", lambda *_: None)
    for fn_index, data in attempts(inputs, file_data(str(root / "secret.txt"))):
        assert SECRET not in said(client, fn_index, data), (fn_index, data)


def test_the_api_for_programs_reads_no_file(client, root):
    file = file_data(str(root / "secret.txt"))
    for data in ([file, "", ""], ["how tall?", file, ""], ["how tall?", "", {"files": [file]}]):
        assert client.post("/gradio_api/call/ask", json={"data": data}).status_code == 400


def test_a_visitors_own_uploads_are_taken(client, inputs):
    picture = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(picture, "PNG")
    own = upload(client, "teal.png", picture.getvalue())
    url = f"{client.base_url}/gradio_api/file={own}"
    asking = next(fn for fn, kinds in inputs.items() if kinds[:2] == ["multimodaltextbox", "dropdown"])
    config = client.get("/config").json()
    shown = {one["id"]: one["props"].get("value") for one in config["components"]}
    model, _, edited = (shown[one] for one in config["dependencies"][asking]["inputs"][3:])
    asked = {"text": "What is shown?", "files": [file_data(own, url=url, orig_name="teal.png")]}
    assert join(client, asking, [asked, "test", [], model, "", edited], "own").status_code == 200
    last = [one for one in events(client, "own") if one["msg"] == "process_completed"][-1]
    assert last["success"], last
    shown = client.get(url)
    assert shown.status_code == 200
    assert shown.content == picture.getvalue()
