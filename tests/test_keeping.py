"""What is kept for a while only, and what is said to whoever watches over the server."""

import os
import time
from pathlib import Path

import httpx
import pytest
from agent_corpus import agent_over
from openai import OpenAI
from test_agent_as_part import data_url, picture
from web import KEY, SIGNED_IN, served

from ui.app import application


def aged(path: Path, days: float) -> None:
    then = time.time() - days * 24 * 3600
    os.utime(path, (then, then))


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def test_what_came_with_a_single_question_goes_and_what_a_conversation_holds_stays(tmp_path):
    with agent_over(tmp_path, keep_days=7) as agent:
        data = agent.settings.data_dir
        agent.ask("How hot is Venus?", images=[picture("PNG")])
        agent.ask("How hot is Venus?", images=[picture("JPEG")], conversation="kept")
        [single] = files(data / "given")
        aged(single, 6.9)
        assert agent.clear() == 0
        aged(single, 7.1)
        agent.ask("How hot is Venus?", images=[picture("PNG")])
        assert agent.clear() == 0, "it was used again"
        for path in files(data / "given") | files(data / "artifacts") | files(data / "corpora"):
            aged(path, 8)
        assert agent.clear() == 1
        assert not files(data / "given")
        [turn] = agent.history("kept")
        assert all(image.is_file() for image in turn.images)


def test_links_of_citations_go_unless_they_are_opened(tmp_path):
    with agent_over(tmp_path, api_key=KEY) as agent, served(application(agent)) as address:
        with OpenAI(base_url=f"{address}/v1", api_key=KEY) as client:
            urls = []
            for question in ("How much does the pump weigh?", "How hot is Venus?"):
                asked = [{"role": "user", "content": question}]
                done = client.chat.completions.create(model="test", messages=asked)
                urls.append(done.citations[0]["url"])
        for path in files(agent.settings.data_dir / "citations"):
            aged(path, 31)
        assert httpx.get(urls[0], headers=SIGNED_IN).status_code == 200
        assert agent.clear() >= 1
        assert [httpx.get(url, headers=SIGNED_IN).status_code for url in urls] == [200, 404]


@pytest.mark.parametrize(("free", "status"), [(1, 200), (10**9, 503)])
def test_whoever_watches_needs_no_key(tmp_path, free, status):
    with (
        agent_over(tmp_path, api_key=KEY) as agent,
        served(application(agent)) as address,
    ):
        agent.settings.min_free_mb = free
        assert httpx.get(f"{address}/healthz").text == "ok"
        ready = httpx.get(f"{address}/readyz")
        assert (ready.status_code, ready.text) == (status, "ok" if status == 200 else "not ready")
        assert httpx.get(f"{address}/v1/models").status_code == 401


def test_a_question_brings_no_more_than_an_upload_may(tmp_path):
    shown = {"type": "image_url", "image_url": {"url": data_url("image/png", picture("PNG"))}}
    with agent_over(tmp_path, api_key=KEY, max_upload_files=2) as agent, served(application(agent)) as address:

        def asked(count: int) -> httpx.Response:
            parts = [{"type": "text", "text": "How hot is Venus?"}, *[shown] * count]
            body = {"model": "test", "messages": [{"role": "user", "content": parts}]}
            return httpx.post(f"{address}/v1/chat/completions", json=body, headers=SIGNED_IN, timeout=60)

        assert asked(2).status_code == 200
        assert asked(3).status_code == 400
        assert "At most 2" in asked(3).json()["error"]["message"]
