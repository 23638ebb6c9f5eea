"""Calls that do not fit what an event takes are refused in one line; the functions behind them never run."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from agent_corpus import agent_over
from web import events, join, served

MISFITS: list[tuple[str, list[Any], Any]] = [
    ("listing", [["x"]], None),
    ("listing", [], None),
    ("listing", ["x", "y", "z"] * 9, None),
    ("cite", [], None),
    ("cite", [], {"cite": "x"}),
    ("cite", [], {"cite": ["1", "2"]}),
    ("show", [True], None),
    ("show", [{"x": []}], None),
    ("_place", [], {"index": [1, 2]}),
    ("_place", [], {}),
    ("ask_example", ["test", [], "extractive", ""], {"index": 0, "value": "x"}),
    ("read", [[{"path": None, "meta": 1}], "x"], None),
    ("export", [5], None),
    ("ask", [None, "test", []], None),
    ("edit", ["", None], {"does": "delete", "conversation": ["x"], "title": ""}),
    ("act", ["test"], {"document": "planets.md"}),
    ("tick", [[]], {"shown": "planets.md", "ticked": [1]}),
    ("turn_page", [], {"corpus": "test", "document": "planets.md", "page": "x"}),
]


@pytest.fixture(scope="module")
def client(tmp_path_factory) -> Iterator[httpx.Client]:
    from ui.app import application

    with (
        agent_over(tmp_path_factory.mktemp("calls")) as agent,
        served(application(agent)) as address,
        httpx.Client(base_url=address, timeout=60) as client,
    ):
        yield client


def call(client: httpx.Client, name: str, data: list[Any], event: Any, session: str) -> dict[str, Any]:
    """The last word on a call of the event of this name."""
    places = {one["api_name"]: one["id"] for one in client.get("/config").json()["dependencies"]}
    assert join(client, places[name], data, session, event_data=event).status_code == 200
    return [one for one in events(client, session) if one["msg"] == "process_completed"][-1]


@pytest.mark.parametrize(("name", "data", "event"), MISFITS)
def test_a_misfit_is_refused(client, capfd, name, data, event):
    last = call(client, name, data, event, f"{name}{len(str(data))}{event}")
    assert not last["success"], last
    assert last["output"]["error"]
    assert "Traceback" not in capfd.readouterr().err


def test_what_a_browser_does_alone_is_not_called(client, capfd):
    alone = next(one["id"] for one in client.get("/config").json()["dependencies"] if not one["backend_fn"])
    assert join(client, alone, [], "alone").status_code == 200
    last = [one for one in events(client, "alone") if one["msg"] == "process_completed"][-1]
    assert not last["success"]
    assert "Traceback" not in capfd.readouterr().err


def test_what_fits_is_carried_out(client):
    assert call(client, "listing", ["test", "", "by name", []], None, "fits")["success"]
    assert call(client, "cite", [], {"cite": "7-1"}, "gone")["success"]


def test_a_bug_of_ours_is_still_seen(client, capfd, monkeypatch):
    from ui.documents import corpora

    monkeypatch.setattr(corpora, "line", lambda *_: {}["a bug of ours"])
    assert not call(client, "listing", ["test", "", "by name", []], None, "bug")["success"]
    assert "a bug of ours" in capfd.readouterr().err


def test_what_is_not_there_is_not_found(client):
    assert join(client, 9999, [], "x").status_code == 404
    assert client.get("/", params={"page": "nowhere"}).status_code == 404
    for path in ("/gradio_api/call/ask/nobody", "/gradio_api/queue/data?session_hash=nobody"):
        answer = client.get(path)
        assert "not" in answer.text.lower() or not answer.text, answer.text
