"""Servers of a model behind one URL, of which one is killed while it answers."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import replica
import yaml
from agent_corpus import agent_over
from balanced import Balanced, balanced
from talks import PUMP, VENUS
from web import until

from agent import Agent
from ui.talks.live import LiveTurns

ROOT = Path(__file__).parents[1]
MARS = "How many moons does Mars have?"


@pytest.fixture
def servers() -> Iterator[list["subprocess.Popen[str]"]]:
    paths = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, replica.__file__]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=paths) for _ in range(3)]
    yield started
    for one in started:
        one.kill()
        one.communicate()


@contextmanager
def over(root: Path, url: str) -> Iterator[tuple[Agent, LiveTurns]]:
    with agent_over(root, model=f"openai:x@{url}/v1", router="switch") as agent:
        yield agent, LiveTurns(agent, 4)


def asked(balanced: Balanced) -> list[tuple[int, dict[str, str], dict[str, Any]]]:
    """Each question that went to a server: which, the headers and the body."""
    out = []
    for server, said in zip(balanced.to, balanced.said, strict=True):
        head, _, body = bytes(said).partition(b"\r\n\r\n")
        if head.startswith(b"POST"):
            lines = head.decode().lower().splitlines()[1:]
            out.append((server, dict(line.split(": ", 1) for line in lines), json.loads(body)))
    return out


def test_a_server_that_is_killed_in_mid_stream_is_told_of_once(
    servers: list["subprocess.Popen[str]"], tmp_path: Path
) -> None:
    ports = [int(one.stdout.readline()) for one in servers if one.stdout]
    with balanced(ports) as between:
        model = f"openai:x@{between.url}/v1"
        with over(tmp_path, between.url) as (agent, live):
            for question in (PUMP, VENUS, MARS, PUMP):
                live.ask("talk", question, "test")
                if question == VENUS:
                    until(lambda: "464" in live.turns("talk")[-1].text)
                    servers[asked(between)[-1][0]].kill()
                until(lambda: not live.busy)
            shown = live.turns("talk")
            assert agent.conversations.turns("talk")[1].status == "answered"
        page = [turn.answer_html() for turn in shown]
        with over(tmp_path, between.url) as (_, live):
            assert [turn.answer_html() for turn in live.turns("talk")] == page
    assert [turn.question for turn in shown] == [PUMP, VENUS, MARS, PUMP]
    answers = [turn.answer for turn in shown]
    assert [answer.model if answer else None for answer in answers] == [model, "extractive", model, model]
    killed = answers[1]
    assert killed is not None
    assert killed.text.startswith("Venus is the hottest planet, with a mean of 464 °C [1].\n\n**464 °C**")
    assert "Its thick" not in killed.text
    assert [html.count("broke off in the middle of its reply") for html in page] == [0, 1, 0, 0]
    assert len({server for server, _, _ in asked(between)}) == 3
    (key,) = {headers["x-conversation-id"] for _, headers, _ in asked(between)}
    assert "talk" not in key
    then = json.dumps(asked(between)[2][2]["messages"], ensure_ascii=False)
    assert all(one in then for one in (PUMP, "The pump weighs 38 kg", VENUS, "464"))


@pytest.mark.skipif(
    shutil.which("caddy") is None,
    reason="Caddy is not installed (Debian: apt-get install caddy)",
)
def test_the_proxy_of_the_team_keeps_a_conversation_at_one_server(
    servers: list["subprocess.Popen[str]"], tmp_path: Path
) -> None:
    text = yaml.safe_load((ROOT / "compose.yaml").read_text())["configs"]["caddyfile"]["content"]
    with socket.create_server(("127.0.0.1", 0)) as page, socket.create_server(("127.0.0.1", 0)) as models:
        free = [one.getsockname()[1] for one in (page, models)]
    for name, server in zip(("vllm:", "vllm-2:"), servers, strict=False):
        text = text.replace(f"{name}8000", f"127.0.0.1:{server.stdout.readline().strip() if server.stdout else ''}")
    (tmp_path / "Caddyfile").write_text(text.replace(":8080 {", f":{free[0]} {{").replace(":8000 {", f":{free[1]} {{"))
    command = ["caddy", "run", "--adapter", "caddyfile", "--config", str(tmp_path / "Caddyfile")]
    home = os.environ | {"XDG_DATA_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    body = {"messages": [{"role": "user", "content": PUMP}]}

    def served_by(key: int) -> str:
        answer = httpx.post(
            f"http://127.0.0.1:{free[1]}/v1/chat/completions",
            json=body,
            headers={"x-conversation-id": str(key)},
            timeout=60,
        )
        return answer.headers.get("served-by", "nobody")

    with subprocess.Popen(command, env=home, stderr=subprocess.DEVNULL) as proxy:
        try:
            until(lambda: _listens(free[1]))
            first = {key: served_by(key) for key in range(20)}
            assert len(set(first.values())) == 2
            assert {key: served_by(key) for key in range(20)} == first
            servers[0].kill()
            servers[0].wait()
            (dead, alive) = (str(one.pid) for one in servers[:2])
            key = next(key for key, server in first.items() if server == dead)
            assert [served_by(key), served_by(key)] == ["nobody", alive], (
                "told once, and asked of the other from then on"
            )
        finally:
            proxy.kill()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
