"""A model may write for ever, send everything at once or nothing at all: a reply has bounds, and a reader can leave."""

import asyncio
import gzip
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import tiny_models
from agent_corpus import agent_over
from endless_endpoint import MEGABYTE, Endpoint, call, end, forever, hanging, more_arguments, one_line, served, token

from agent import Agent, Failed, Settings, Token, ToolFinished, models
from agent.models import hf
from common import wire
from common.errors import ModelUnavailable

BOUND = 20.0  # seconds, for what is to happen at once on a busy machine; what these tests are about took for ever
MARCH = "What is the mean temperature of Venus?"


def pieces(server: Endpoint, **settings: object) -> list[str]:
    model = models.load(Settings(model=f"openai:x@{server.url}", model_timeout=10.0, **settings))
    return [chunk.text for chunk in model.stream("hello")]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("endless")
    agent_over(folder).close()
    return folder


def over(root: Path, server: Endpoint, **settings: object) -> Agent:
    given = {"model": f"openai:x@{server.url}", "router": "switch", "model_timeout": 30.0, **settings}
    return Agent(corpus="test", data_dir=root / "data", **given)


def test_the_server_is_told_how_much_to_write() -> None:
    with served(lambda body: iter([token("hi"), end()])) as server:
        pieces(server, model_tokens=77)
    assert server.bodies[0].get("max_completion_tokens", server.bodies[0].get("max_tokens")) == 77


def test_a_reply_without_end_is_cut_and_what_was_written_is_kept(root: Path) -> None:
    with served(lambda body: forever()) as server, over(root, server, model_tokens=50) as agent:
        answer = agent.ask(MARCH)
        assert server.gone.wait(BOUND), "the connection is still open"
    assert answer.text.split() == ["word"] * 50
    assert "The model's reply was cut after 50 tokens." in " ".join(answer.notices)
    assert answer.model.startswith("openai:")


def test_a_reply_that_the_server_cut_is_told_of(root: Path) -> None:
    with served(lambda body: iter([token("half a"), end("length")])) as server, over(root, server) as agent:
        answer = agent.ask(MARCH)
    assert answer.text == "half a"
    assert any("was cut after" in notice for notice in answer.notices)


def test_a_whole_reply_is_not_said_to_be_cut(root: Path) -> None:
    with served(lambda body: iter([token("all"), token(" of it"), end()])) as server, over(root, server) as agent:
        answer = agent.ask(MARCH)
    assert answer.text == "all of it"
    assert not answer.notices


def test_a_reply_that_takes_too_long_is_cut(root: Path) -> None:
    with served(lambda body: forever(pause=0.1)) as server, over(root, server, model_total_timeout=3.0) as agent:
        answer = agent.ask(MARCH)
        assert server.gone.wait(BOUND)
    assert answer.text.startswith("word")
    assert any("was cut after 3 s." in notice for notice in answer.notices)


def test_a_huge_piece_is_cut_to_what_so_many_tokens_hold(root: Path) -> None:
    with (
        served(lambda body: iter([token("word " * 100_000), end()])) as server,
        over(root, server, model_tokens=10) as agent,
    ):
        answer = agent.ask(MARCH)
    assert answer.text.startswith("word word")
    assert len(answer.text) < 1000
    assert any("was cut after" in notice for notice in answer.notices)


@pytest.mark.parametrize("begun", [True, False])
def test_a_line_of_a_hundred_megabytes_is_not_read(root: Path, begun: bool) -> None:
    def reply(body: object) -> Iterator[bytes]:
        yield from [token("so far"), token(" so good")] if begun else []
        yield from one_line(100)

    with served(reply) as server, over(root, server) as agent:
        answer = agent.ask(MARCH)
        assert server.gone.wait(BOUND)
    assert server.sent < 50 * len(MEGABYTE)
    if begun:
        assert answer.text == "so far so good"
        assert any("was cut after" in notice for notice in answer.notices)
    else:
        assert "464" in answer.text
        assert any("no chat completion" in notice for notice in answer.notices)


def test_comments_without_end_are_not_read_for_ever(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MOST_BYTES", 1 << 20)

    def reply(body: object) -> Iterator[bytes]:
        yield token("so far")
        while True:
            yield b": keep-alive\n" * 1000

    with served(reply) as server, over(root, server, model_timeout=120.0) as agent:
        answer = agent.ask(MARCH)
        assert server.gone.wait(BOUND)
    assert answer.text == "so far"
    assert any("was cut after" in notice for notice in answer.notices)


def test_an_error_without_end_is_told_by_its_beginning() -> None:
    def reply(body: object) -> Iterator[bytes]:
        yield b"out of memory: "
        while True:
            yield MEGABYTE

    with served(reply, status=500) as server:
        with pytest.raises(ModelUnavailable, match="500"):
            pieces(server)
        assert server.gone.wait(BOUND)
    assert server.sent < 50 * len(MEGABYTE)


def test_packed_bytes_are_not_unpacked() -> None:
    packed = gzip.compress(token("hi") + end())
    with (
        served(lambda body: iter([packed]), Content_Encoding="gzip") as server,
        pytest.raises(ModelUnavailable, match="no chat completion"),
    ):
        pieces(server)


def test_tool_calls_without_end_are_none(root: Path) -> None:
    def reply(body: dict[str, object]) -> Iterator[bytes]:
        if "tools" not in body:
            yield from [token("464 [1]"), end()]
            return
        yield call("convert", '{"to": "chart", "request": "plot')
        while True:
            yield more_arguments(" and" * 100)

    with served(reply) as server, over(root, server, router="tool_calling") as agent:
        answer = agent.ask(MARCH)
    assert answer.text == "464 [1]"
    assert any("was cut after" in notice and "tools were chosen without it" in notice for notice in answer.notices)


SILENT: dict[str, tuple[Callable[[object], Iterator[bytes]], int]] = {
    "writes for ever": (lambda body: forever(), 200),
    "hangs after headers": (lambda body: hanging(), 200),
    "hangs before headers": (lambda body: hanging(), 0),
    "hangs in an error": (lambda body: hanging(), 500),
}


PATIENCE = dict.fromkeys(SILENT, 1.0) | {"writes for ever": BOUND}  # seconds


@pytest.mark.parametrize("kind", SILENT)
def test_whoever_leaves_is_gone_at_once(root: Path, kind: str) -> None:
    reply, status = SILENT[kind]
    with served(reply, status) as server, over(root, server, model_tokens=10**6) as agent:
        events = agent.stream(MARCH)
        for event in events:
            if isinstance(event, Token if kind == "writes for ever" else ToolFinished):
                break
        assert server.begun.wait(BOUND)
        began = time.monotonic()
        events.close()
        assert time.monotonic() - began < BOUND
        assert server.gone.wait(BOUND), "the connection is still open"


@pytest.mark.parametrize("kind", SILENT)
def test_whoever_stops_listening_to_the_model_is_gone_at_once(kind: str) -> None:
    reply, status = SILENT[kind]
    with served(reply, status) as server:
        model = models.load(Settings(model=f"openai:x@{server.url}", model_timeout=PATIENCE[kind], model_tokens=10**6))
        stream = model.stream("hello")
        began = time.monotonic()
        if kind == "writes for ever":
            next(stream)
            stream.close()
        else:
            with pytest.raises(ModelUnavailable):
                next(stream)
        assert time.monotonic() - began < BOUND
        assert server.gone.wait(BOUND), "the connection is still open"


@pytest.mark.parametrize("kind", ["writes for ever", "hangs after headers"])
def test_closing_the_agent_ends_what_it_was_asked(root: Path, kind: str) -> None:
    reply, status = SILENT[kind]
    with served(reply, status) as server:
        agent = over(root, server, model_tokens=10**6)
        heard: list[object] = []
        listener = threading.Thread(target=lambda: heard.extend(agent.stream(MARCH)), daemon=True)
        listener.start()
        assert server.begun.wait(BOUND)
        began = time.monotonic()
        agent.close()
        assert time.monotonic() - began < BOUND
        listener.join(BOUND)
        assert not listener.is_alive()
        assert server.gone.wait(BOUND)
    assert isinstance(heard[-1], Failed)
    assert "closed" in heard[-1].message


def test_an_async_reader_can_leave_too(root: Path) -> None:
    async def listen(agent: Agent) -> None:
        events = agent.astream(MARCH)
        async for event in events:
            if isinstance(event, Token):
                break
        await events.aclose()

    with served(lambda body: forever()) as server, over(root, server, model_tokens=10**6) as agent:
        asyncio.run(listen(agent))
        assert server.gone.wait(BOUND)


def test_two_readers_do_not_end_each_other(root: Path) -> None:
    released = threading.Event()
    waited: list[bool] = []

    def reply(body: object) -> Iterator[bytes]:
        yield token("Venus has a mean of 464 °C [1]. Its air")
        waited.append(released.wait(BOUND))
        yield from [token(" of carbon dioxide holds the heat in [1]."), end()]

    with served(reply) as server, over(root, server) as agent:
        first, second = agent.stream(MARCH), agent.stream(MARCH)
        for events in (first, second):
            assert any(isinstance(event, Token) for event in events)
        first.close()
        released.set()
        assert "holds the heat in" in list(second)[-1].text
    assert waited == [True, True], "the first sentence is shown before the second is written"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.write(tmp_path_factory.mktemp("tiny"))


def local(tiny: Path, **settings: object) -> hf.LocalModel:
    return hf.load(f"hf:{tiny}", Settings(**settings))


def cut_of(model: object) -> tuple[int, str]:
    chunks = list(model.stream("hello"))
    return len("".join(chunk.text for chunk in chunks)), chunks[-1].response_metadata.get("cut", "")


def test_a_model_in_process_has_the_same_bounds(tiny: Path) -> None:
    assert cut_of(local(tiny, model_tokens=5))[1] == "5 tokens"
    began = time.monotonic()
    written, cut = cut_of(local(tiny, model_tokens=10**6, model_total_timeout=2.0))
    assert cut == "2 s"
    assert written
    assert time.monotonic() - began < BOUND
