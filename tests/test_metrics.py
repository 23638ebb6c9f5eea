"""`/metrics`: what Prometheus reads, who may, and that it names nobody."""

from pathlib import Path

import httpx
from agent_corpus import agent_over
from household import living
from web import served

from ui.app import application
from ui.gate.metrics import PAGE, place_of


def value(text: str, line: str) -> float:
    [found] = [each for each in text.splitlines() if each.startswith(f"{line} ")]
    return float(found.rpartition(" ")[2])


def test_requests_are_counted_by_place_and_status(tmp_path: Path) -> None:
    with agent_over(tmp_path) as agent, served(application(agent)) as address:
        asked = {"model": "test", "messages": [{"role": "user", "content": "How heavy is the pump?"}], "stream": True}
        with httpx.Client(base_url=address, timeout=60) as client:
            client.post("/v1/chat/completions", json=asked).raise_for_status()
            client.post("/v1/chat/completions", json=asked | {"model": "pump"})
            client.get("/no/such/page")
            answer = client.get("/metrics")
    text = answer.text
    assert answer.headers["content-type"].startswith("text/plain")
    done = 'triptych_requests_total{method="POST",place="/v1/chat/completions",status="%s"}'
    assert (value(text, done % 200), value(text, done % 404)) == (1, 1)
    assert value(text, 'triptych_requests_total{method="GET",place="page",status="404"}') == 1
    assert value(text, 'triptych_first_byte_seconds_count{place="/v1/chat/completions"}') == 2
    assert value(text, "triptych_requests_under_way") == 1  # this one
    assert "pump" not in text


def test_it_is_for_who_is_signed_in_and_where_there_are_users_for_admins(tmp_path: Path) -> None:
    with agent_over(tmp_path / "one", api_key="key-0123456789") as agent, served(application(agent)) as address:
        assert httpx.get(f"{address}/metrics").status_code == 401
        assert httpx.get(f"{address}/metrics", headers={"authorization": "Bearer key-0123456789"}).status_code == 200
    with living(tmp_path / "many") as home, home.client("ada") as ada, home.client("eve") as eve:
        with home.client() as stranger:
            assert stranger.get("/metrics").status_code == 401
        assert ada.get("/metrics").status_code == 403
        told = eve.get("/metrics")
        assert told.status_code == 200 and "ada" not in told.text


def test_no_path_makes_a_new_name() -> None:
    assert {place_of(path) for path in ("/", "/v2", "/v1x/y", "/metrics/z", "/%00")} == {PAGE}
    assert place_of("/v1/files/file-1/content") == "/v1/files"
    assert place_of("/v1/other") == "/v1"
