"""`/v1/responses` as OpenAI's own client and LangChain's use it, against the running page."""

import base64
import io
import json
import re

import httpx
import openai
import pytest
from agent_corpus import Endless, with_model, without_model
from langchain_openai import ChatOpenAI
from PIL import Image
from test_agent_as_part import data_url, picture
from web import KEY, SIGNED_IN, until

SETTINGS = {"api_key": KEY, "at_once": 1, "most_waiting": 1}
SATURN = "How many known moons does Saturn have?"


def test_what_was_found_comes_with_page_and_box_and_the_text_with_its_citations(client):
    done = client.responses.create(model="test", input=SATURN)
    search, message, crop = done.output
    assert (done.status, search.type, search.queries) == ("completed", "file_search_call", [SATURN])
    assert crop.type == "image_generation_call", "the table as it stands on the page"
    best = search.results[0]
    assert (best.filename, best.attributes["page"], best.attributes["kind"]) == ("moons.md", 1, "table")
    assert "146" in best.text
    assert 0 <= best.attributes["x0"] < best.attributes["x1"] <= 1
    assert 0 <= best.attributes["y0"] < best.attributes["y1"] <= 1
    assert len(best.attributes) <= 16
    assert "146" in done.output_text

    linked, filed = message.content[0].annotations
    assert (linked.type, linked.title) == ("url_citation", "moons.md, page 1")
    assert done.output_text[linked.start_index : linked.end_index] == "[1]"
    edges = ",".join(f"{best.attributes[edge]:.4f}" for edge in ("x0", "y0", "x1", "y1"))
    assert linked.url.endswith(f"#page=1&rect={edges}")
    assert (filed.type, filed.file_id, filed.filename) == ("file_citation", best.file_id, "moons.md")
    assert filed.index == linked.end_index
    assert done.citations[0]["url"] == linked.url
    assert done.usage.total_tokens == 0


def test_a_stream_tells_of_every_step_and_ends_with_the_same(client):
    whole = client.responses.create(model="test", input=SATURN)
    events = list(client.responses.create(model="test", input=SATURN, stream=True))
    kinds = list(dict.fromkeys(event.type.removeprefix("response.") for event in events))
    assert kinds == [
        "created",
        "in_progress",
        "output_item.added",
        "file_search_call.in_progress",
        "file_search_call.searching",
        "file_search_call.completed",
        "output_item.done",
        "content_part.added",
        "output_text.delta",
        "output_text.annotation.added",
        "output_text.done",
        "content_part.done",
        "completed",
    ]
    assert [event.sequence_number for event in events] == list(range(len(events)))
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    last = events[-1].response
    assert text == last.output_text == whole.output_text
    assert [item.type for item in last.output] == [item.type for item in whole.output]
    assert last.output[1].content[0].annotations == whole.output[1].content[0].annotations
    with client.responses.stream(model="test", input=SATURN) as stream:
        stream.until_done()
        assert stream.get_final_response().output_text == text


def test_charts_are_pictures(client):
    done = client.responses.create(model="test", input="Plot the known moons of the planets as a bar chart")
    [chart] = [item for item in done.output if item.type == "image_generation_call"]
    with Image.open(io.BytesIO(base64.b64decode(chart.result))) as image:
        assert (image.format, image.width > 100) == ("PNG", True)


def test_what_was_said_before_and_pictures_come_along(client, agent):
    before = client.responses.create(model="test", input="How many known moons does Jupiter have?")
    said = [
        {"role": "developer", "content": "Answer like a pirate."},
        {"role": "user", "content": "How many known moons does Jupiter have?"},
        *(item.model_dump(exclude_none=True) for item in before.output),
        {"role": "user", "content": [{"type": "input_text", "text": "And Saturn?"}]},
    ]
    assert "146" in client.responses.create(model="test", input=said).output_text
    shown = [
        {"type": "input_text", "text": "How hot is Venus?"},
        {"type": "input_image", "image_url": data_url("image/png", picture("PNG")), "detail": "auto"},
    ]
    asked = [{"role": "user", "content": shown}]
    assert "464" in client.responses.create(model="test", input=asked).output_text
    assert not agent.conversations.newest()


def test_links_are_written_where_they_are_asked_for(client):
    done = client.responses.create(model="test:links", input=SATURN)
    assert f"[[1]]({done.citations[0]['url']})" in done.output_text
    assert done.output[-1].content[0].annotations == []
    events = list(client.responses.create(model="test:links", input=SATURN, stream=True))
    assert events[-1].response.output_text == done.output_text


def test_where_nothing_is_looked_up_there_is_only_the_text(client):
    done = client.responses.create(model="test", input="Hello!")
    assert [item.type for item in done.output] == ["message"]
    assert (done.citations, done.output[0].content[0].annotations) == ([], [])


FUNCTION = {"type": "function", "name": "f", "parameters": {}}


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        ({"model": "nowhere"}, 404, "model"),
        ({"input": []}, 400, None),
        ({"input": ""}, 400, None),
        ({"input": 7}, 400, "input.str"),
        ({"input": [{"role": "assistant", "content": "x"}]}, 400, None),
        ({"input": [{"role": "user", "content": [{"type": "input_file", "file_url": "http://a/b.pdf"}]}]}, 400, None),
        ({"input": [{"role": "user", "content": [{"type": "input_image", "file_id": "f"}]}]}, 404, "file_id"),
        ({"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "http://a/b.png"}]}]}, 400, None),
        ({"input": "\ud800"}, 400, None),
        ({"tools": [FUNCTION]}, 400, "tools"),
        ({"tools": [{"type": "web_search"}]}, 400, "tools"),
        ({"tools": [{"type": "file_search", "vector_store_ids": ["other"]}]}, 400, "tools"),
        ({"previous_response_id": "resp_1"}, 400, "previous_response_id"),
        ({"conversation": "conv_1"}, 400, "conversation"),
        ({"background": True}, 400, "background"),
        ({"text": {"format": {"type": "json_schema"}}}, 400, "text.format"),
    ],
)
def test_what_cannot_be_done_is_refused_in_openais_shape(address, body, status, param):
    headers = {**SIGNED_IN, "content-type": "application/json"}
    content = json.dumps({"model": "test", "input": SATURN} | body)
    answer = httpx.post(f"{address}/v1/responses", content=content, headers=headers)
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert (error["type"], error["param"]) == ("invalid_request_error", param)


def test_file_search_is_what_is_done_anyway(client):
    tools = [{"type": "file_search", "vector_store_ids": ["test"]}]
    assert "146" in client.responses.create(model="test", input=SATURN, tools=tools).output_text


def test_a_stream_that_fails_says_so(client):
    events = list(client.responses.create(model="test", input=" ", stream=True))
    assert events[-1].type == "response.failed"
    assert "no question" in events[-1].response.error.message


def test_langchains_client_reads_it(address):
    model = ChatOpenAI(base_url=f"{address}/v1", api_key=KEY, model="test", use_responses_api=True)
    done = model.invoke("How hot is Venus?")
    assert "464" in done.text
    [block] = [block for block in done.content_blocks if block["type"] == "text"]
    assert any(one["title"] == "planets.md, page 1" for one in block["annotations"] if "title" in one)
    assert "464" in "".join(chunk.text for chunk in model.stream("How hot is Venus?"))


def test_past_those_that_may_wait_programs_are_told_when_to_come_again(client, agent):
    with_model(agent, Endless(script=[]))
    agent._parts.__dict__["router"] = agent._parts.switch
    try:
        first = client.responses.create(model="test", input="How hot is Venus?", stream=True)
        until(lambda: agent._running)
        second = client.chat.completions.create(
            model="test", messages=[{"role": "user", "content": "How hot is Venus?"}], stream=True
        )
        for ask in (
            lambda: client.responses.create(model="test", input="x"),
            lambda: client.chat.completions.create(model="test", messages=[{"role": "user", "content": "x"}]),
        ):
            with pytest.raises(openai.RateLimitError) as caught:
                ask()
            assert re.fullmatch(r"\d+", caught.value.response.headers["retry-after"])
            assert (caught.value.type, caught.value.code) == ("rate_limit_error", "rate_limit_exceeded")
        for stream in (first, second):
            stream.close()
        until(lambda: not agent._running)
    finally:
        without_model(agent)
    assert "464" in client.responses.create(model="test", input="How hot is Venus?").output_text
