"""The MCP door as the SDK's own client uses it: over stdio and HTTP, by the handshake and by the stateless protocol."""

import base64
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import httpx2
import numpy as np
import pytest
from agent_corpus import FILES, Endless, agent_over, with_model, without_model, write
from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from PIL import Image
from shared import copied
from web import KEY, SIGNED_IN, until

from agent import Agent
from ui.mcp.pictures import small

ROOT = Path(__file__).parents[1]
OLD, NEW = "2025-11-25", "2026-07-28"
READ_ONLY = {"search", "fetch", "ask", "show_page", "convert", "list_documents"}


class Caller:
    """The client, for tests that do not wait in a loop of their own."""

    def __init__(self, portal: BlockingPortal, client: Client, kind: str) -> None:
        self._portal, self.client, self.kind = portal, client, kind

    def run(self, method: Any, *args: Any, **more: Any) -> Any:
        return self._portal.call(partial(method, *args, **more))

    def start(self, tool: str, **arguments: Any) -> Any:
        return self._portal.start_task_soon(partial(self.client.call_tool, tool, arguments))

    def call(self, tool: str, **arguments: Any) -> Any:
        return self.run(self.client.call_tool, tool, arguments)


@contextmanager
def connected(server: Any, version: str, kind: str) -> Iterator[Caller]:
    client = Client(server, mode="legacy" if version == OLD else "auto", read_timeout_seconds=120)
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(client):
        assert client.protocol_version == version
        yield Caller(portal, client, kind)


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    """Two data folders of the same corpus: the embedded store is open in one process at a time."""
    root = tmp_path_factory.mktemp("mcp")
    with agent_over(root):
        pass
    copied(root / "data", root / "other")
    write(root / "allowed" / "inner", {"venus.md": "# Venus\n\nThe probe Veranda landed on Venus in 1999.\n"})
    write(root / "forbidden", {"secret.md": "# Secret\n\nThe password is swordfish.\n"})
    (root / "allowed" / "link.md").symlink_to(root / "forbidden" / "secret.md")
    return root


@pytest.fixture(scope="module")
def agent(root) -> Iterator[Agent]:
    with agent_over(root, api_key=KEY, mcp_folders=(str(root / "allowed"),)) as agent:
        yield agent


def over_http(address: str, **headers: str) -> Any:
    return streamable_http_client(
        f"{address}/mcp", http_client=httpx2.AsyncClient(headers=headers or SIGNED_IN, timeout=120)
    )


@pytest.fixture(scope="module", params=[f"http {OLD}", f"http {NEW}", f"stdio {OLD}", f"stdio {NEW}"])
def caller(request, root) -> Iterator[Caller]:
    kind, version = request.param.split()
    if kind == "http":
        address = request.getfixturevalue("address")
        with connected(over_http(address), version, kind) as caller:
            yield caller
    else:
        where = {"TRIPTYCH_DATA_DIR": str(root / "other"), "TRIPTYCH_CORPUS": "test", "PYTHONPATH": str(ROOT)}
        command = StdioServerParameters(command=sys.executable, args=["-m", "ui.cli", "mcp"], env=os.environ | where)
        with connected(command, version, kind) as caller:
            yield caller


def opened(url: str) -> bytes:
    """What a person sees who follows a link."""
    if url.startswith("file://"):
        return Path(httpx.URL(url).path).read_bytes()
    page = httpx.get(url, headers=SIGNED_IN)
    assert page.status_code == 200, url
    return page.content


def words(result: Any) -> str:
    assert not result.is_error, result.content[0].text
    return result.content[0].text


def test_every_tool_declares_what_it_takes_gives_and_does(caller):
    tools = {tool.name: tool for tool in caller.run(caller.client.list_tools).tools}
    assert tools.keys() == (READ_ONLY | {"ingest"} if caller.kind == "http" else READ_ONLY)
    for name, tool in tools.items():
        assert tool.description
        assert tool.output_schema["type"] == "object"
        assert tool.annotations.read_only_hint is (name in READ_ONLY)
        assert not tool.annotations.open_world_hint
    assert tools["search"].input_schema["required"] == ["query"]
    assert set(tools["fetch"].output_schema["required"]) == {"id", "title", "text", "url", "metadata"}


def test_what_is_searched_is_fetched_and_shown(caller):
    found = caller.call("search", query="hottest planet", corpus="test")
    first = found.structured_content["results"][0]
    assert {"id", "title", "url"} <= first.keys()
    assert first["title"] == "planets.md, page 1"
    assert "464" in first["text"]
    assert f"[planets.md, page 1]({first['url']})" in words(found)
    assert first["id"] in words(found)
    assert b"planets.md, page 1" in opened(first["url"]) or b"hottest planet" in opened(first["url"])
    assert first["url"].partition("#")[2].startswith("page=1")

    page = caller.call("fetch", id=first["id"]).structured_content
    assert page["id"] == first["id"]
    assert "hottest planet" in page["text"]
    assert "Roman god of war" in page["text"], "all of the page"
    assert page["metadata"] == {"document": "planets.md", "page": 1, "kind": "text", "corpus": "test"}

    shown = caller.call("show_page", id=first["id"])
    assert "planets.md, page 1" in words(shown)
    [picture] = shown.content[1:]
    assert {(214, 96, 0)} <= colours(picture), "the place is marked"
    [page_id] = {
        one["id"]
        for one in caller.call("list_documents").structured_content["documents"]
        if one["name"] == "planets.md"
    }
    [plain] = caller.call("show_page", id=page_id).content[1:]
    assert (214, 96, 0) not in colours(plain), "of a whole page nothing is"


def colours(block: Any) -> set[Any]:
    with Image.open(io.BytesIO(base64.b64decode(block.data))) as image:
        assert max(image.size) <= 1568
        return {colour for _, colour in image.convert("RGB").getcolors(10**7)}


def test_an_answer_stands_alone_with_its_links(caller):
    done = caller.call("ask", question="How many known moons does Saturn have?")
    answer = done.structured_content
    assert answer["found"] is True
    assert "146" in answer["text"]
    cited = answer["citations"][0]
    assert (cited["number"], cited["document"], cited["page"], len(cited["box"])) == (1, "moons.md", 1, 4)
    assert "146" in words(done)
    assert f"[1] [moons.md, page 1]({cited['url']})" in words(done)
    assert "146" in caller.call("fetch", id=cited["id"]).structured_content["text"]
    nothing = caller.call("ask", question="Who won the chess tournament of Reykjavik in 1972?").structured_content
    assert nothing["found"] is False


def test_pictures_are_small_and_every_file_has_a_link(caller):
    done = caller.call("ask", question="Plot the known moons of the planets as a bar chart")
    pictures = [block for block in done.content if block.type == "image"]
    assert pictures
    assert sum(len(block.data) for block in done.content if block.type == "image") < 1_000_000
    assert all(max(Image.open(io.BytesIO(base64.b64decode(block.data))).size) <= 1568 for block in pictures)
    [chart] = [one for one in done.structured_content["made"] if one["others"]]
    assert opened(chart["url"])[:4] == b"\x89PNG"
    assert b"<svg" in opened(chart["others"]["image/svg+xml"])
    assert chart["url"] in words(done)


def test_things_are_made_of_places_and_of_words(caller):
    tables = caller.call("search", query="known moons largest moon").structured_content["results"]
    table = next(one for one in tables if one["kind"] == "table")
    drawn = caller.call("convert", form="chart", id=table["id"], request="as a line chart of the known moons")
    assert drawn.content[1].type == "image"
    assert b"line" in opened(drawn.structured_content["others"]["application/vnd.vegalite.v6+json"])
    sheet = caller.call("convert", form="sheet", id=table["id"], request="as CSV")
    assert b"Ganymede" in opened(sheet.structured_content["url"])
    written = caller.call("convert", form="chart", text="rent: 3\nfood: 5\ntravel: 4")
    assert b"travel" in opened(written.structured_content["others"]["image/svg+xml"])
    letter = caller.call("convert", form="document", text="The pump weighs **38 kg**.", request="as Markdown")
    assert b"38 kg" in opened(letter.structured_content["url"])
    for refused in ({}, {"text": "no numbers at all"}, {"id": "triptych://test/pump.txt/page/1"}):
        assert caller.call("convert", form="chart", **refused).is_error, refused


def test_documents_are_listed_and_their_pages_are_resources(caller):
    listed = caller.call("list_documents")
    names = {one["name"] for one in listed.structured_content["documents"]}
    assert set(FILES) <= names
    assert listed.structured_content["corpora"] == ["test"]
    assert "- pump.txt: pump, 1 page (id triptych://test/pump.txt/page/1)" in words(listed)
    uris = {resource.name: resource.uri for resource in caller.run(caller.client.list_resources).resources}
    assert set(FILES) <= uris.keys()
    [content] = caller.run(caller.client.read_resource, uris["pump.txt"]).contents
    assert (content.mime_type, base64.b64decode(content.blob)[:4]) == ("image/png", b"\x89PNG")
    [template] = caller.run(caller.client.list_resource_templates).resource_templates
    assert template.uri_template == "triptych://{corpus}/{document}/page/{page}"
    for gone in ("test/pump.txt/page/2", "test/..%2F..%2Fconversations.sqlite/page/1", "other/pump.txt/page/1", "x"):
        with pytest.raises(MCPError):
            caller.run(caller.client.read_resource, f"triptych://{gone}")


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("ask", {"question": " "}, "There is no question."),
        ("ask", {"question": "How hot is Venus?", "corpus": "other"}, "There is no corpus 'other'"),
        ("ask", {"question": "How hot is Venus?", "documents": ["x.pdf"]}, "There is no document 'x.pdf'"),
        ("search", {"query": "half \ufffd", "documents": ["x.pdf"]}, "There is no document 'x.pdf'"),
        ("search", {"query": "Venus", "top": 0}, "greater than or equal to 1"),
        ("fetch", {"id": "triptych://test/pump.txt/page/1#99-00000000"}, "is no longer there"),
        ("fetch", {"id": "triptych://test/pump.txt/page/7"}, "has no page 7"),
        ("fetch", {"id": "/etc/passwd"}, "is not the id of a place"),
        ("show_page", {"id": "triptych://test/..%2F..%2Fx/page/1"}, "There is no document"),
        ("convert", {"form": "sculpture"}, "form"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(caller, tool, arguments, said):
    done = caller.call(tool, **arguments)
    assert done.is_error
    assert said in done.content[0].text


def test_files_are_read_only_from_where_the_settings_allow(caller, root):
    if caller.kind == "stdio":
        assert caller.call("ingest", path=str(root / "allowed")).is_error, "unless they are set it is not there"
        return
    for path in ("forbidden/secret.md", "allowed/../forbidden", "allowed/link.md", "allowed/nothing.md"):
        assert caller.call("ingest", path=str(root / path), corpus="test").is_error, path
    told = []

    async def tell(*progress: Any) -> None:
        told.append(progress)

    done = caller.run(
        caller.client.call_tool,
        "ingest",
        {"path": str(root / "allowed" / "inner"), "corpus": "test"},
        progress_callback=tell,
    )
    assert done.structured_content["documents"] == [{"name": "venus.md", "pages": 1, "problem": ""}]
    assert "1999" in words(caller.call("ask", question="When did the probe Veranda land?", corpus="test"))
    assert all(
        "swordfish" not in one["text"]
        for one in caller.call("search", query="password", corpus="test").structured_content["results"]
    )


def test_a_stranger_is_answered_nothing(address):
    for headers in ({}, {"authorization": "Bearer wrong"}):
        answer = httpx.post(f"{address}/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"}, headers=headers)
        assert answer.status_code == 401
    elsewhere = SIGNED_IN | {"origin": "http://evil.example"}
    assert httpx.post(f"{address}/mcp", json={}, headers=elsewhere).status_code == 403


def test_made_files_are_only_those(address):
    for name in ("x", "..%2fconversations.sqlite", "0" * 64 + ".png", "made/" + "0" * 64 + ".json"):
        assert httpx.get(f"{address}/made/{name}", headers=SIGNED_IN).status_code == 404, name


@pytest.mark.parametrize("version", [OLD, NEW])
def test_a_call_that_is_cancelled_stops_the_agent(address, agent, version):
    with_model(agent, Endless(script=[]))
    agent._parts.__dict__["router"] = agent._parts.switch
    try:
        with connected(over_http(address), version, "http") as caller:
            asked = caller.start("ask", question="How hot is Venus?", corpus="test")
            until(lambda: agent._running)
            asked.cancel()
            until(lambda: not agent._running)
    finally:
        without_model(agent)


@pytest.mark.parametrize(("form", "mode"), [("PNG", "RGB"), ("PNG", "RGBA"), ("TIFF", "L"), ("JPEG", "RGB")])
def test_a_large_picture_is_made_small_enough(form, mode):
    noise = np.random.default_rng(1).integers(0, 255, (1700, 2300, 4), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).convert(mode).save(buffer, form)
    data, mime = small(buffer.getvalue(), 200_000)
    assert len(data) <= 200_000
    with Image.open(io.BytesIO(data)) as image:
        assert max(image.size) <= 1568
        assert Image.MIME[image.format] == mime
    plain = io.BytesIO()
    Image.new(mode, (40, 30)).save(plain, form)
    same, mime = small(plain.getvalue(), 200_000)
    assert (same == plain.getvalue()) is (form != "TIFF")
    assert mime == (f"image/{form.lower()}" if form != "TIFF" else "image/png")
