"""The agent as a part of other programs: a LangChain tool and runnable, files as bytes, answers without files."""

import base64
import io
import json
import wave

import pytest
from agent_corpus import with_model, without_model
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, UsageMetadata
from langchain_core.outputs import ChatGenerationChunk
from PIL import Image, ImageDraw

from agent.asking.messages import asked_in
from agent.testing import ScriptedModel
from common.errors import UserError


def picture(kind: str, words: str = "464") -> bytes:
    image = Image.new("RGB", (160, 60), "white")
    ImageDraw.Draw(image).text((20, 20), words, "black")
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


def silence(seconds: float = 0.2) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0\0" * int(8000 * seconds))
    return file.getvalue()


def data_url(mime: str, data: bytes) -> str:
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"


async def test_as_a_tool_it_answers_with_sources_that_stand_alone(agent):
    tool = agent.as_tool(description="Planets, moons, and a pump.")
    assert (tool.name, tool.description) == ("ask_documents", "Planets, moons, and a pump.")
    call = {"type": "tool_call", "id": "1", "name": tool.name, "args": {"question": "How much does the pump weigh?"}}
    for message in (tool.invoke(call), await tool.ainvoke(call)):
        assert "38 kg" in message.content.partition("\n\n")[0]
        assert "[1] pump.txt, page 1:" in message.content
        assert message.artifact.citations[0].hit.element.document == "pump.txt"


def test_a_tool_that_cannot_answer_tells_the_model_why(agent):
    tool = agent.as_tool(corpus="nowhere")
    message = tool.invoke({"type": "tool_call", "id": "1", "name": tool.name, "args": {"question": "What?"}})
    assert message.status == "error"
    assert "no corpus 'nowhere'" in message.content


async def test_as_a_runnable_it_gives_a_message_with_citations(agent):
    runnable = agent.as_runnable()
    for message in (runnable.invoke("How hot is Venus?"), await runnable.ainvoke([HumanMessage("How hot is Venus?")])):
        assert isinstance(message, AIMessage)
        assert "464" in message.text
        [text, *_] = message.content_blocks
        citation = text["annotations"][0]
        assert citation["title"] == "planets.md"
        assert message.text[citation["start_index"] : citation["end_index"]] == f"[{citation['extras']['number']}]"
        assert citation["extras"]["page"] == 1
        assert len(citation["extras"]["box"]) == 4


def test_a_runnable_takes_the_state_of_an_agent_and_follows_a_conversation(agent):
    state = {
        "messages": [
            SystemMessage("You are a pirate."),
            HumanMessage("How many known moons does Jupiter have?"),
            AIMessage("95 [1]"),
            HumanMessage("And Saturn?"),
        ]
    }
    assert "146" in agent.as_runnable().invoke(state).text
    assert "146" in agent.ask("And Saturn?", earlier=[("How many known moons does Jupiter have?", "95 [1]")]).text
    # A follow-up of a follow-up: what the second leaves unsaid stands in the first.
    earlier = [("How many known moons does Jupiter have?", "95"), ("And Saturn?", "146")]
    assert "**2**" in agent.ask("And Mars?", earlier=earlier).text
    assert not agent.conversations.newest(), "nothing is kept of it"


def test_messages_bring_pictures_and_sound_as_data_and_nothing_from_an_address():
    content = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": data_url("image/png", picture("PNG"))}},
        {"type": "input_audio", "input_audio": {"data": base64.b64encode(silence()).decode(), "format": "wav"}},
    ]
    asked = asked_in([HumanMessage("Hello"), HumanMessage(content)])
    assert asked.question == "Hello\n\nWhat is this?"
    assert (asked.images, asked.audio) == ([picture("PNG")], [silence()])
    for block in (
        {"type": "image_url", "image_url": {"url": "http://127.0.0.1:9/x.png"}},
        {"type": "image_url", "image_url": {"url": "file:///etc/hostname"}},
        {"type": "image", "url": "https://example.org/x.png"},
        {"type": "image", "base64": "!!!", "mime_type": "image/png"},
        {"type": "file", "file": {"file_id": "file-1"}},
    ):
        with pytest.raises(UserError):
            asked_in([HumanMessage([block])])
    for messages in ([], [AIMessage("Yes")], [HumanMessage("Hello"), AIMessage("Yes")], [SystemMessage("Be brief")]):
        with pytest.raises(UserError, match="not the user's"):
            asked_in(messages)


@pytest.mark.parametrize(("kind", "suffix"), [("PNG", ".png"), ("JPEG", ".jpg"), ("WEBP", ".webp"), ("BMP", ".png")])
def test_a_picture_can_be_given_as_bytes(agent, kind, suffix):
    agent.ask("What is the hottest planet?", images=[picture(kind)], conversation=f"shown-{kind}")
    [path] = agent.history(f"shown-{kind}")[0].images
    assert path.suffix == suffix
    with Image.open(path) as image:
        assert image.size == (160, 60)


def test_bytes_that_are_no_picture_or_recording_are_refused(agent):
    with pytest.raises(UserError, match="picture cannot be read"):
        agent.ask("What is this?", images=[b"GIF89a, or so it says"])
    with pytest.raises(UserError, match="recording cannot be read"):
        agent.ask("What is this?", audio=[b"RIFF\0\0\0\0WAVE"])
    with pytest.raises(UserError, match="There is no picture"):
        agent.ask("What is this?", images=["https://example.org/x.png"])


def test_an_answer_can_be_handed_on_without_its_files(agent):
    answer = agent.ask("Plot the known moons of the planets as a bar chart")
    given = json.loads(json.dumps(answer.to_dict(embed=True)))
    charts = [one for one in given["artifacts"] if one["made"]]
    assert charts
    assert not any("path" in one for one in given["artifacts"])
    chart = next(artifact for artifact in answer.artifacts if artifact.made)
    assert base64.b64decode(charts[0]["data"]) == chart.bytes() == chart.path.read_bytes()
    for mime, data in charts[0]["others"].items():
        assert base64.b64decode(data) == chart.bytes(mime)
    assert str(agent.settings.data_dir) not in json.dumps(given)


class Counted(ScriptedModel):
    """Says what it read and wrote, as servers do."""

    def _stream(self, messages, stop=None, run_manager=None, **kwargs):
        for chunk in super()._stream(messages, stop, run_manager, **kwargs):
            chunk.message.usage_metadata = UsageMetadata(input_tokens=10, output_tokens=1, total_tokens=11)
            yield ChatGenerationChunk(message=chunk.message)


def test_tokens_are_counted_over_all_calls_of_a_request_and_of_it_alone(agent):
    assert agent.ask("How hot is Venus?").usage.input_tokens == 0
    script = [AIMessage("", tool_calls=[_search("Venus")]), "DONE", "Venus has 464 °C [1]."]
    with_model(agent, Counted(script=script * 2))
    try:
        uses = [agent.ask("How hot is Venus?").usage for _ in range(2)]
    finally:
        without_model(agent)
    assert uses[0] == uses[1]
    assert uses[0].input_tokens == 10 * uses[0].output_tokens
    assert uses[0].output_tokens > 5  # words of the last of three replies
    assert agent.as_runnable().invoke("How hot is Venus?").usage_metadata["total_tokens"] == 0


def _search(query: str) -> dict[str, object]:
    return {"name": "search", "args": {"query": query}, "id": "1", "type": "tool_call"}
