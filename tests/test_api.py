"""`/v1` as OpenAI's own client and LangChain's use it, against the running page; and where its citations lead."""

import base64
import http.server
import io
import json
import re
import threading
import time
from collections.abc import Iterator

import httpx
import openai
import pytest
from agent_corpus import Endless, with_model, without_model
from langchain_core.messages import AIMessage
from langchain_openai import ChatOpenAI
from openai import OpenAI
from PIL import Image
from test_agent_as_part import Counted, _search, data_url, picture
from web import KEY, SIGNED_IN

from ui.app import application

SETTINGS = {"api_key": KEY, "max_upload_mb": 1}


def said(client: OpenAI, question: object, **more: object):
    return client.chat.completions.create(model="test", messages=[{"role": "user", "content": question}], **more)


def test_each_corpus_is_a_model(client):
    assert [model.id for model in client.models.list()] == ["test"]
    assert client.models.retrieve("test").id == "test"
    with pytest.raises(openai.NotFoundError) as caught:
        client.models.retrieve("other")
    assert caught.value.code == "model_not_found"


def test_an_answer_comes_with_its_citations_and_they_open_the_page(client, address):
    done = said(client, "How much does the pump weigh?")
    message = done.choices[0].message
    assert "38 kg" in message.content
    cited = message.annotations[0].url_citation
    assert message.content[cited.start_index : cited.end_index] == "[1]"
    assert cited.title == "pump.txt, page 1"
    [citation] = done.citations
    assert (citation["document"], citation["page"], citation["url"]) == ("pump.txt", 1, cited.url)
    box = re.search(r"#page=1&rect=([\d.]+),([\d.]+),([\d.]+),([\d.]+)$", cited.url)
    assert [float(edge) for edge in box.groups()] == pytest.approx(citation["box"], abs=1e-4)
    assert done.triptych["found"] is True
    assert (done.usage.prompt_tokens, done.choices[0].finish_reason) == (0, "stop")

    assert httpx.get(cited.url).status_code == 401
    page = httpx.get(cited.url, headers=SIGNED_IN)
    assert "pump.txt, page 1" in page.text
    [name] = re.findall(r'<img src="([0-9a-f]{64}\.png)"', page.text)
    drawn = httpx.get(f"{address}/cite/{name}", headers=SIGNED_IN)
    with Image.open(io.BytesIO(drawn.content)) as image:
        colours = {colour for _, colour in image.convert("RGB").getcolors(10**6)}
    assert (214, 96, 0) in colours, "the region is marked"
    for other in ("0" * 64, "..%2fconversations", "x", name.removesuffix(".png") + ".json"):
        assert httpx.get(f"{address}/cite/{other}", headers=SIGNED_IN).status_code == 404, other


def test_a_link_outlives_the_name_of_its_corpus(client, agent):
    [citation] = said(client, "How much does the pump weigh?").citations
    agent.corpora.rename("test", "renamed")
    try:
        shown = httpx.get(citation["url"].partition("#")[0] + ".png", headers=SIGNED_IN)
        assert (shown.status_code, shown.headers["content-type"]) == (200, "image/png")
    finally:
        agent.corpora.rename("renamed", "test")


def test_where_nothing_is_found_the_citations_are_there_and_empty(client):
    assert said(client, "Who won the chess tournament of Reykjavik in 1972?").triptych["found"] is False
    done = said(client, "Hello!")
    assert (done.citations, done.choices[0].message.annotations, done.choices[0].message.images) == ([], [], [])


def test_a_stream_brings_the_same(client):
    question = "How many known moons does Saturn have?"
    whole = said(client, question)
    chunks = list(said(client, question, stream=True, stream_options={"include_usage": True}))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == whole.choices[0].message.content
    assert len(chunks) > 4
    [last] = [chunk for chunk in chunks if chunk.choices and chunk.choices[0].finish_reason]
    assert [one["url"] for one in last.citations] == [one["url"] for one in whole.citations]
    [extras] = [
        chunk.choices[0].delta for chunk in chunks if chunk.choices and hasattr(chunk.choices[0].delta, "images")
    ]
    assert extras.annotations == [one.model_dump() for one in whole.choices[0].message.annotations]
    assert extras.images == whole.choices[0].message.images
    assert (chunks[-1].choices, chunks[-1].usage.total_tokens) == ([], 0)


def test_charts_are_pictures_in_the_message(client):
    message = said(client, "Plot the known moons of the planets as a bar chart").choices[0].message
    kinds = {one["image_url"]["url"].partition(";")[0] for one in message.images}
    assert kinds == {"data:image/png"}
    data = base64.b64decode(message.images[-1]["image_url"]["url"].partition(",")[2])
    with Image.open(io.BytesIO(data)) as image:
        assert image.width > 100


def test_speech_comes_where_it_is_asked_for(client):
    pytest.importorskip("espeakng_loader")
    done = said(
        client, "How much does the pump weigh?", modalities=["text", "audio"], audio={"voice": "a", "format": "wav"}
    )
    audio = done.choices[0].message.audio
    assert base64.b64decode(audio.data)[:4] == b"RIFF"
    assert "38 kg" in audio.transcript
    assert "[1]" not in audio.transcript


def test_messages_before_are_the_conversation(client, agent):
    before = [
        {"role": "system", "content": "Answer like a pirate."},
        {"role": "user", "content": "How many known moons does Jupiter have?"},
        {"role": "assistant", "content": "95 [1]"},
        {"role": "user", "content": [{"type": "text", "text": "And Saturn?"}]},
    ]
    assert "146" in client.chat.completions.create(model="test", messages=before).choices[0].message.content
    assert not agent.conversations.newest()


def test_a_picture_comes_as_data_and_nothing_is_fetched(client):
    def asked(url: str):
        return said(
            client, [{"type": "text", "text": "How hot is Venus?"}, {"type": "image_url", "image_url": {"url": url}}]
        )

    assert "464" in asked(data_url("image/png", picture("PNG"))).choices[0].message.content
    fetched = []

    class Seen(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fetched.append(self.path)
            self.send_error(404)

    with http.server.HTTPServer(("127.0.0.1", 0), Seen) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        elsewhere = f"http://127.0.0.1:{server.server_port}/x.png"
        for url in (elsewhere, "file:///etc/hostname", "data:,x", "data:image/png;base64,AAAA"):
            with pytest.raises(openai.BadRequestError) as caught:
                asked(url)
            assert caught.value.type == "invalid_request_error", url
        server.shutdown()
    assert not fetched


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        ({"model": "nowhere"}, 404, "model"),
        ({"model": "../test"}, 404, "model"),
        ({"model": "test:other"}, 404, "model"),
        ({"messages": []}, 400, None),
        ({"messages": "x"}, 400, "messages"),
        ({"messages": [{"role": "assistant", "content": "x"}]}, 400, None),
        ({"messages": [{"role": "user", "content": [{"type": "file", "file": {"file_id": "f"}}]}]}, 400, "file_id"),
        ({"messages": [{"role": "user", "content": "\ud800"}]}, 400, None),
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, 400, "tools"),
        ({"n": 2}, 400, "n"),
        ({"response_format": {"type": "json_object"}}, 400, "response_format"),
    ],
)
def test_what_cannot_be_done_is_refused_in_openais_shape(address, body, status, param):
    whole = {"model": "test", "messages": [{"role": "user", "content": "How hot is Venus?"}]} | body
    answer = httpx.post(
        f"{address}/v1/chat/completions",
        content=json.dumps(whole),
        headers={**SIGNED_IN, "content-type": "application/json"},
    )
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert (error["type"], error["param"]) == ("invalid_request_error", param)


def test_no_route_answers_a_stranger(agent, address):
    """Every route of the running page, the page's own and these, but for the way in."""
    found = [(method, route) for route in _routes(application(agent).routes) for method in ("GET", "POST", "DELETE")]
    assert {
        "/",
        "/gradio_api/queue/join",
        "/v1/models",
        "/v1/chat/completions",
        "/v1/vector_stores/x/files/x",
        "/mcp",
        "/cite/x",
        "/made/x",
    } <= {one for _, one in found}
    with httpx.Client(base_url=address) as stranger:
        for method, path in found:
            if path not in ("/login", "/logout", "/healthz", "/readyz"):
                assert stranger.request(method, path).status_code in (401, 405), (method, path)
    with (
        OpenAI(base_url=f"{address}/v1", api_key="wrong", max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError) as caught,
    ):
        stranger.models.list()
    assert caught.value.code == "invalid_api_key"


def _routes(routes, above: str = "") -> Iterator[str]:
    for route in routes:
        path = above + re.sub(r"\{[^}]*\}", "x", re.sub(r"\{\w+:int\}", "1", route.path))
        if inner := getattr(route, "routes", None):
            yield from _routes(inner, path)
        else:
            yield path


def test_a_body_that_is_too_large_is_not_read(address):
    large = b'{"model": "' + b"x" * 8_000_000 + b'"}'
    headers = {**SIGNED_IN, "content-type": "application/json"}
    assert httpx.post(f"{address}/v1/chat/completions", content=large, headers=headers).status_code == 413


def test_other_clients_are_given_links_or_events(client, address):
    question = [{"role": "user", "content": "How many known moons does Saturn have?"}]
    linked = client.chat.completions.create(model="test:links", messages=question)
    text = linked.choices[0].message.content
    url = linked.citations[0]["url"]
    assert f"[[1]]({url})" in text
    assert f"1. [moons.md, page 1]({url})" in text
    chunks = list(client.chat.completions.create(model="test:links", messages=question, stream=True))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == text

    with httpx.stream(
        "POST",
        f"{address}/v1/chat/completions",
        json={"model": "test:events", "messages": question, "stream": True},
        headers=SIGNED_IN,
        timeout=60,
    ) as stream:
        lines = [line.removeprefix("data: ") for line in stream.iter_lines() if line]
    assert lines[-1] == "[DONE]"
    events = [one["event"] for one in map(json.loads, lines[:-1]) if "event" in one]
    [source] = [one["data"] for one in events if one["type"] == "source"]
    assert source["source"] == {"id": url, "name": "moons.md, page 1", "url": url}
    assert "146" in source["document"][0]
    assert (source["metadata"][0]["source"], source["metadata"][0]["page"]) == (url, 1)
    states = [one["data"]["done"] for one in events if one["type"] == "status"]
    assert states[-1] is True
    assert states[0] is False


def test_open_webuis_events_follow_its_rules(address):
    """It shows each event as it comes: one source for each `[n]`, in the order of the numbers, told apart by its id."""
    question = "How many known moons do Saturn and Jupiter have, and how hot is Venus?"
    body = {"model": "test:events", "stream": True, "messages": [{"role": "user", "content": question}]}
    with httpx.stream("POST", f"{address}/v1/chat/completions", json=body, headers=SIGNED_IN, timeout=60) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = [line for line in stream.iter_lines() if line]
    assert all(line.startswith("data: ") for line in lines)
    chunks = [json.loads(line.removeprefix("data: ")) for line in lines[:-1]]
    text = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks if chunk.get("choices"))
    events = [chunk["event"] for chunk in chunks if "event" in chunk]
    assert all(set(event) == {"type", "data"} for event in events)
    assert all(set(chunk) == {"event"} for chunk in chunks if "event" in chunk), "an event comes alone"

    sources = [event["data"] for event in events if event["type"] == "source"]
    numbers = [int(number) for number in re.findall(r"\[(\d+)\]", text)]
    assert set(numbers) == set(range(1, len(sources) + 1))
    assert len({source["source"]["id"] for source in sources}) == len(sources) >= 1
    for source in sources:
        assert set(source) == {"source", "document", "metadata"}
        assert set(source["source"]) == {"id", "name", "url"}
        assert len(source["document"]) == len(source["metadata"]) == 1
        [known] = source["metadata"]
        assert isinstance(source["document"][0], str)
        assert {"source", "name", "page", "file_id"} <= known.keys()
        assert known["source"] == source["source"]["id"]
        assert (known["page"], bool(known["file_id"])) == (1, True)
        assert f"#page={known['page']}&rect=" in source["source"]["url"]

    states = [event["data"] for event in events if event["type"] == "status"]
    assert all(set(state) == {"description", "done"} and state["description"] for state in states)
    assert [state["done"] for state in states] == [False] * (len(states) - 1) + [True]


def test_langchains_client_reads_it(address):
    model = ChatOpenAI(base_url=f"{address}/v1", api_key=KEY, model="test", stream_usage=True)
    assert "464" in model.invoke("How hot is Venus?").text
    assert "464" in "".join(chunk.text for chunk in model.stream("How hot is Venus?"))


def test_tokens_are_counted(client, agent):
    with_model(agent, Counted(script=[AIMessage("", tool_calls=[_search("Venus")]), "DONE", "It has 464 °C [1]."]))
    try:
        usage = said(client, "How hot is Venus?").usage
    finally:
        without_model(agent)
    assert usage.prompt_tokens == 10 * usage.completion_tokens > 0
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens


@pytest.mark.parametrize("streamed", [True, False])
def test_a_client_that_hangs_up_stops_the_agent(address, agent, streamed):
    with_model(agent, Endless(script=[]))
    agent._parts.__dict__["router"] = agent._parts.switch
    body = {"model": "test", "stream": streamed, "messages": [{"role": "user", "content": "How hot is Venus?"}]}
    try:
        if streamed:
            with httpx.stream(
                "POST", f"{address}/v1/chat/completions", json=body, headers=SIGNED_IN, timeout=60
            ) as stream:
                for line in stream.iter_lines():
                    if "Venus" in line:
                        assert agent._running
                        break  # which hangs up
        else:
            with pytest.raises(httpx.ReadTimeout):
                httpx.post(f"{address}/v1/chat/completions", json=body, headers=SIGNED_IN, timeout=3)
        until = time.monotonic() + 30
        while agent._running and time.monotonic() < until:
            time.sleep(0.05)
        assert not agent._running
    finally:
        without_model(agent)
