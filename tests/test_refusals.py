"""What an endpoint refuses is left out, and it is asked again, once: pictures, a temperature. Loops are stopped."""

import base64
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from endless_endpoint import end, served, token
from langchain_core.messages import AIMessageChunk, HumanMessage
from PIL import Image

from agent import Settings, models
from agent.models import abilities
from agent.models.replies import bounds
from agent.models.replies.loops import Loop
from common.errors import ModelUnavailable

Reply = Iterator[bytes]


def asked_with_a_picture() -> HumanMessage:
    data = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(data, "PNG")
    url = f"data:image/png;base64,{base64.b64encode(data.getvalue()).decode()}"
    words = [{"type": "text", "text": "Which colour?"}, {"type": "text", "text": "Picture of source [1]:"}]
    return HumanMessage([*words, {"type": "image_url", "image_url": {"url": url}}])


def whole(model: Any, message: HumanMessage) -> AIMessageChunk:
    chunks = list(model.stream([message]))
    reply = chunks[0]
    for chunk in chunks[1:]:
        reply += chunk
    assert isinstance(reply, AIMessageChunk)
    return reply


def refusing(message: str, **more: object) -> Any:
    """A reply to whatever holds a picture: an error in the stream, after the role; else "red"."""

    def reply(body: dict[str, Any]) -> Reply:
        if "image_url" in json.dumps(body["messages"]):
            yield token("", role="assistant")
            yield b"data: " + json.dumps({"error": {"message": message, **more}}).encode() + b"\n\n"
        else:
            yield from [token("red"), end()]

    return reply


def test_pictures_that_are_refused_are_left_out_once_and_that_is_remembered() -> None:
    with served(refusing("image input is not supported")) as server:
        model = models.load(Settings(model=f"openai:x@{server.url}"))
        reply = whole(model, asked_with_a_picture())
        assert reply.text == "red"
        (notice,) = bounds.notices(reply.response_metadata)
        assert "x would not take the pictures" in notice
        assert server.bodies[1]["messages"][0]["content"] == "Which colour?"
        assert abilities.of(model).images is False
        assert not bounds.notices(whole(model, HumanMessage("Which colour?")).response_metadata)


def test_a_request_that_was_too_long_says_nothing_of_the_models_eyes() -> None:
    with served(refusing("too long", code="context_length_exceeded")) as server:
        model = models.load(Settings(model=f"openai:x@{server.url}"))
        assert whole(model, asked_with_a_picture()).text == "red"
        assert abilities.of(model).images is None


def test_what_fails_without_pictures_too_is_told_and_nothing_is_remembered() -> None:
    error = b'data: {"error": {"message": "out of memory"}}\n\n'
    with served(lambda body: iter([error])) as server:
        model = models.load(Settings(model=f"openai:x@{server.url}"))
        with pytest.raises(ModelUnavailable, match="reported an error"):
            whole(model, asked_with_a_picture())
        assert len(server.bodies) == 2
        assert abilities.of(model).images is None


def test_what_broke_off_after_its_beginning_is_not_asked_again() -> None:
    with served(lambda body: iter([token("re"), b'data: {"error": {"message": "gone"}}\n\n'])) as server:
        model = models.load(Settings(model=f"openai:x@{server.url}"))
        with pytest.raises(ModelUnavailable):
            whole(model, asked_with_a_picture())
        assert len(server.bodies) == 1


def test_a_temperature_that_is_refused_is_left_out_from_then_on() -> None:
    def reply(body: dict[str, Any]) -> Reply:
        if "temperature" in body:
            yield b'{"error": {"message": "Only 1 is supported", "param": "temperature"}}'
        else:
            yield from [token("red"), end()]

    with served(reply) as server:
        model = models.load(Settings(model=f"openai:x@{server.url}"))
        server.statuses = lambda body: 400 if "temperature" in body else 200
        assert [whole(model, HumanMessage("Which colour?")).text for _ in range(2)] == ["red", "red"]
        assert [body.get("temperature") for body in server.bodies] == [0.0, None, None]
        assert model.invoke("Which colour?", temperature=0).text == "red", "as a judge asks"


@pytest.mark.parametrize("unit", ["word ", "The moon is bright. It is the brightest thing.\n", "- [1] Ganymede " * 6])
def test_a_reply_that_goes_round_is_stopped(unit: str) -> None:
    def reply(body: object) -> Reply:
        yield token("The answer is 42 [1]. ")
        while True:
            yield token(unit)

    with served(reply) as server:
        model = models.load(Settings(model=f"openai:x@{server.url}", model_tokens=2048))
        reply_ = whole(model, HumanMessage("hello"))
        assert server.gone.wait(5)
    assert reply_.text.startswith("The answer is 42 [1]. ")
    assert len(reply_.text) < 2500
    assert bounds.notices(reply_.response_metadata) == ["The model's reply was cut after it began to repeat itself."]


@pytest.mark.parametrize(
    "text",
    [
        "| planet | period | rings |\n" + "| --- " * 40 + "|\n",
        "".join(f"| Moon {number} | 0.0 | 0.0 | 0.0 | none | none | none |\n" for number in range(60)),
        "ha " * 60,
        "No. " * 3 + "The same sentence stands here three times, word for word, as in a refrain.\n" * 3,
    ],
)
def test_rules_rows_and_refrains_are_no_loop(text: str) -> None:
    loop = Loop()
    assert not any(loop.goes_on(text[place : place + 7]) for place in range(0, len(text), 7))
