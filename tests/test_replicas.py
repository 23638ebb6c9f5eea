"""Three servers of a model behind one URL, of which one is killed while it answers."""

import json
import os
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import replica
from agent_corpus import agent_over
from talks import PUMP, VENUS
from web import until

from agent import Agent
from ui.talks.live import LiveTurns

MARS = "How many moons does Mars have?"


@dataclass
class Balanced:
    """A port whose connections go to the servers in turn, past those that take none. `to` is where each went, `said`
    the heads and bodies that were sent there."""

    servers: list["subprocess.Popen[str]"]
    ports: list[int]
    listening: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    to: list[int] = field(default_factory=list)
    said: list[bytearray] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listening.getsockname()[1]}/v1"

    def run(self) -> None:
        turn = 0
        with suppress(OSError):  # closed: the end
            while True:
                client, _ = self.listening.accept()
                for _ in self.ports:
                    turn = (turn + 1) % len(self.ports)
                    with suppress(ConnectionRefusedError):
                        server = socket.create_connection(("127.0.0.1", self.ports[turn]))
                        break
                self.to.append(turn)
                self.said.append(bytearray())
                threading.Thread(target=carry, args=(client, server, self.said[-1]), daemon=True).start()

    def asked(self) -> list[tuple[int, dict[str, str], dict[str, Any]]]:
        """Each question that went to a server: which, the headers and the body."""
        out = []
        for server, said in zip(self.to, self.said, strict=True):
            head, _, body = bytes(said).partition(b"\r\n\r\n")
            if head.startswith(b"POST"):
                lines = head.decode().lower().splitlines()[1:]
                out.append((server, dict(line.split(": ", 1) for line in lines), json.loads(body)))
        return out


def carry(client: socket.socket, server: socket.socket, said: bytearray) -> None:
    """What one sends to the other, until one of them is gone: then both are."""
    with client, server, suppress(OSError):
        while True:
            for one in select.select([client, server], [], [])[0]:
                data = one.recv(1 << 16)
                if not data:
                    return
                if one is client:
                    said += data
                (server if one is client else client).sendall(data)


@pytest.fixture
def balanced() -> Iterator[Balanced]:
    paths = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, replica.__file__]
    servers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=paths) for _ in range(3)]
    try:
        found = Balanced(servers, [int(one.stdout.readline()) for one in servers if one.stdout])
        threading.Thread(target=found.run, daemon=True).start()
        yield found
        found.listening.shutdown(socket.SHUT_RDWR)
        found.listening.close()
    finally:
        for one in servers:
            one.kill()
            one.communicate()


@contextmanager
def over(root: Path, balanced: Balanced) -> Iterator[tuple[Agent, LiveTurns]]:
    with agent_over(root, model=f"openai:x@{balanced.url}", router="switch") as agent:
        yield agent, LiveTurns(agent, 4)


def test_a_server_that_is_killed_in_mid_stream_is_told_of_once(balanced: Balanced, tmp_path: Path) -> None:
    with over(tmp_path, balanced) as (agent, live):
        for question in (PUMP, VENUS, MARS, PUMP):
            live.ask("talk", question, "test")
            if question == VENUS:
                until(lambda: "464" in live.turns("talk")[-1].text)
                balanced.servers[balanced.asked()[-1][0]].kill()
            until(lambda: not live.busy)
        shown = live.turns("talk")
        assert agent.conversations.turns("talk")[1].status == "answered"
    assert [turn.question for turn in shown] == [PUMP, VENUS, MARS, PUMP]
    answers = [turn.answer for turn in shown]
    model = f"openai:x@{balanced.url}"
    assert [answer.model if answer else None for answer in answers] == [model, "extractive", model, model]
    killed = answers[1]
    assert killed is not None
    assert killed.text.startswith("Venus is the hottest planet, with a mean of 464 °C [1].\n\n**464 °C**")
    assert "Its thick" not in killed.text
    page = [turn.answer_html() for turn in shown]
    assert [html.count("broke off in the middle of its reply") for html in page] == [0, 1, 0, 0]
    asked = balanced.asked()
    assert len({server for server, _, _ in asked}) == 3
    (key,) = {headers["x-conversation-id"] for _, headers, _ in asked}
    assert "talk" not in key
    then = json.dumps(asked[2][2]["messages"], ensure_ascii=False)
    assert all(one in then for one in (PUMP, "The pump weighs 38 kg", VENUS, "464"))
    with over(tmp_path, balanced) as (_, live):
        assert [turn.answer_html() for turn in live.turns("talk")] == page
