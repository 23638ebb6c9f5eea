"""A fuser behind the network: the same tokens, the same refusals, and requests that are none."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aim_lab
import httpx
import pytest
import torch
import web
from aim_endpoint import Endpoint, listening
from test_demonstrating import drawn, served  # noqa: F401

from common.errors import ModelUnavailable, UserError
from generators.aim.bank import Bank
from generators.aim.demonstrations import Demonstration
from generators.aim.fuser import Fuser
from generators.aim.lab import MODEL, PROJECTOR
from generators.aim.projector import Projector
from generators.aim.remote import service
from generators.aim.remote.client import RemoteFuser
from generators.aim.serving import Server
from ui import cli

KEY = "key-0123456789"


@pytest.fixture(scope="module")
def fuser() -> Fuser:
    return aim_lab.fuser()


@pytest.fixture(scope="module")
def shown() -> list[Demonstration]:
    """More than one request holds."""
    return [each for document in aim_lab.documents()[:3] for each in document.demonstrations]


@pytest.fixture(scope="module")
def address(fuser: Fuser) -> Iterator[str]:
    with web.served(service.application(fuser, KEY)) as url:
        yield f"{url}/v1"


@pytest.fixture
def remote(address: str) -> RemoteFuser:
    return RemoteFuser(address, KEY, timeout=30)


def test_it_fuses_as_the_one_in_this_process(remote, fuser, shown):
    assert len(shown) > 16
    expected = fuser.fuse(shown)
    found = remote.fuse(shown)
    assert len(found) == len(expected)
    for rows, wanted in zip(found, expected, strict=True):
        torch.testing.assert_close(rows, wanted, rtol=1e-4, atol=1e-5)
    assert torch.equal(remote.joined(expected), fuser.joined(expected))
    assert (remote.meta, remote.maker, remote.has_spare_row) == (fuser.meta, fuser.maker, True)
    assert remote.fuse([]) == []


def test_a_request_for_many_asks_twice(remote, shown, monkeypatch):
    """Once for the tokens, once for their width; not once for each."""
    asked: list[str] = []
    exchange = type(remote._endpoint)._asked
    monkeypatch.setattr(type(remote._endpoint), "_asked", lambda *given: asked.append(given[1]) or exchange(*given))
    remote.fuse(shown[:16])
    assert asked == ["fuse", "fuser"]


def test_a_bank_takes_its_tokens_for_those_fused_here(remote, fuser, shown, tmp_path, monkeypatch):
    bank = Bank(tmp_path)
    entries = bank.add("marks", shown[:5])
    made = bank.fused(remote, entries)
    monkeypatch.setattr(fuser, "fuse", lambda demonstrations: [] if not demonstrations else pytest.fail("fused again"))
    for rows, kept in zip(made, bank.fused(fuser, entries), strict=True):
        assert torch.equal(rows, kept)


def test_a_process_started_anew_with_another_projection_is_noticed(fuser, shown):
    other = Fuser(fuser.model, fuser.processor, fuser.adapter, Projector(-fuser.projector.weight, fuser.meta))
    with web.served(service.application(fuser)) as url:
        remote = RemoteFuser(f"{url}/v1", timeout=30)
        before = remote.maker
    with web.served(service.application(other), port=int(url.rpartition(":")[2])):
        assert remote.maker == other.maker != before


def test_a_server_of_other_weights_is_told_from_afar(remote, tmp_path):
    (tmp_path / "model.safetensors").write_bytes((MODEL / "model.safetensors").read_bytes()[:-4000] + bytes(4000))
    with listening(str(tmp_path)) as url:
        assert "not what is served" in Server(url, "lab", timeout=5).misfit(remote)
    with listening(str(MODEL)) as url:
        assert Server(url, "lab", timeout=5).misfit(remote) == ""


def test_an_agent_fuses_where_the_setting_says(tmp_path, drawn, address):  # noqa: F811
    with listening(str(MODEL)) as url:
        told = served(tmp_path, drawn, url, aim_url=address, model_api_key=KEY).ask("flaws", drawn["dent"][9], "which?")
    kinds = [part["type"] for part in Endpoint.bodies[-1]["messages"][-1]["content"]]
    assert kinds == ["prompt_embeds", "image_url", "text"]
    assert (told.text, told.note) == ("apple", "")


def test_without_the_key_nothing_is_fused_or_told(address, shown):
    for key in ("", "another"):
        with pytest.raises(ModelUnavailable, match=r"401.*key is missing or wrong"):
            RemoteFuser(address, key).fuse(shown[:1])
        with pytest.raises(ModelUnavailable, match="401"):
            _ = RemoteFuser(address, key).meta


def test_refusals_come_in_words(remote, shown):
    with pytest.raises(UserError, match="400: A demonstration cannot have the text"):
        remote.fuse([Demonstration(shown[0].image, "a <image> b")])


PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
ONE = {"image": PNG, "text": "x"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b"[]",
        b'{"demonstrations": 3}',
        json.dumps({"demonstrations": [{"image": "%%%", "text": "x"}]}).encode(),
        json.dumps({"demonstrations": [ONE]}).encode(),
        json.dumps({"demonstrations": [{"image": PNG}]}).encode(),
        json.dumps({"demonstrations": [ONE] * 65}).encode(),
    ],
)
def test_what_is_no_request_is_refused_and_the_next_one_served(address, remote, shown, body):
    given = httpx.post(f"{address}/fuse", content=body, headers={"authorization": f"Bearer {KEY}"})
    assert given.status_code == 400
    assert given.json()["error"]["message"]
    assert len(remote.fuse(shown[:1])) == 1


def test_a_body_too_large_is_not_read_to_its_end(address, monkeypatch):
    monkeypatch.setattr(service, "LARGEST", 1000)
    given = httpx.post(f"{address}/fuse", content=b"x" * 5000, headers={"authorization": f"Bearer {KEY}"})
    assert given.status_code == 413


def test_a_full_gpu_is_said(remote, fuser, shown, monkeypatch):
    def full(_shown: Any) -> None:
        raise torch.OutOfMemoryError

    monkeypatch.setattr(fuser, "fuse", full)
    with pytest.raises(ModelUnavailable, match="503: The GPU has no room"):
        remote.fuse(shown[:1])


@pytest.mark.parametrize("answer", [b"{}", b"nothing of the kind", b'{"meta": {"width": 3}}'])
def test_a_stranger_at_the_address_is_found_out(answer, shown):
    from starlette.applications import Starlette
    from starlette.responses import Response
    from starlette.routing import Route

    async def whatever(_request: Any) -> Response:
        return Response(answer)

    routes = [Route("/v1/fuser", whatever), Route("/v1/fuse", whatever, methods=["POST"])]
    with web.served(Starlette(routes=routes)) as url:
        stranger = RemoteFuser(f"{url}/v1", timeout=5)
        with pytest.raises(ModelUnavailable, match="something else"):
            _ = stranger.meta
        with pytest.raises(ModelUnavailable, match="something else"):
            stranger.fuse(shown[:1])


def test_the_command_serves_beside_a_model(shown):
    named = {"TRIPTYCH_AIM_MODEL": str(MODEL), "TRIPTYCH_AIM_PROJECTOR": str(PROJECTOR)}
    command = [sys.executable, "-m", "ui.cli", "aim", "serve", "--port", "0"]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | named | {"PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "1"},
    )
    try:
        assert process.stdout
        line = next(line for line in process.stdout if line.startswith("Fusing on"))
        assert len(RemoteFuser(line.split()[-1], timeout=60).fuse(shown[:2])) == 2
    finally:
        process.terminate()
        process.wait(20)


def test_the_command_wants_a_key_for_others_and_something_to_fuse_with(capsys, monkeypatch):
    assert cli.main(["aim", "serve"]) != 0
    assert "TRIPTYCH_AIM_MODEL" in capsys.readouterr().err
    monkeypatch.setenv("TRIPTYCH_AIM_MODEL", str(MODEL))
    monkeypatch.setenv("TRIPTYCH_AIM_PROJECTOR", str(Path(PROJECTOR)))
    assert cli.main(["aim", "serve", "--host", "0.0.0.0"]) != 0
    assert "TRIPTYCH_MODEL_API_KEY" in capsys.readouterr().err
