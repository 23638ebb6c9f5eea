"""Pictures that come with a request, read: their words by OCR, the table in one made into a chart; no model."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from agent_corpus import agent_over, with_model, without_model
from langchain_core.messages import AIMessage
from PIL import Image, ImageDraw, ImageFont

from agent import Planned
from agent.converting.service import ConverterService
from agent.inputs.ocr_converters import ocr_converters
from agent.testing import ScriptedModel
from generators.core.base import Medium

SALES = (("Year", "Sales", "Costs"), ("2021", "120", "95"), ("2022", "180", "110"), ("2023", "240", "130"))


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with agent_over(tmp_path_factory.mktemp("attached")) as agent:
        yield agent


@pytest.fixture
def agent(shared):
    yield shared
    without_model(shared)


def drawn(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    """A picture of rows of words, in columns."""
    picture = Image.new("RGB", (700, 60 * len(rows) + 40), "white")
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(30)
    for line, row in enumerate(rows):
        for column, cell in enumerate(row):
            pen.text((30 + 220 * column, 20 + 60 * line), cell, "black", font)
    picture.save(path)
    return path


def test_the_table_in_a_picture_becomes_a_chart_and_the_chart_another(agent, tmp_path):
    picture = drawn(tmp_path / "sales.png", SALES)
    request = "Read the table in this picture and plot the sales per year as a bar chart."
    events = list(agent.stream(request, images=[picture], conversation="chart"))
    planned = next(event for event in events if isinstance(event, Planned))
    assert [step.partition(":")[0] for step in planned.steps] == ["read_picture", "convert"]
    answer = events[-1]
    assert "| 2022 | 180 | 110 |" in answer.text
    (chart,) = answer.artifacts
    assert [point["value"] for point in chart.made["points"]] == [120, 180, 240]
    assert not chart.sources
    assert chart.made["table"]["source"] == "sales.png"
    (other,) = agent.ask("The same, but as a line chart.", conversation="chart").artifacts
    assert other.made["chart"] == "line"
    assert other.made["points"] == chart.made["points"]


def test_the_words_in_a_picture_are_read_and_spoken_only_when_told(agent, tmp_path):
    picture = drawn(tmp_path / "sign.png", [["Mind the gap"], ["between train and platform"]])
    answer = agent.ask("Read the text in this picture.", images=[picture])
    assert answer.text.splitlines() == ["Mind the gap", "between train and platform"]
    assert not answer.artifacts
    spoken = agent.ask("Read the text in this picture aloud.", images=[picture])
    (speech,) = spoken.artifacts
    assert speech.mime == "audio/wav"
    assert "Mind the gap" in speech.made["text"]


def test_a_picture_without_a_table_says_so(agent, tmp_path):
    picture = drawn(tmp_path / "sign.png", [["Mind the gap"]])
    answer = agent.ask("Read the table in this picture and plot it.", images=[picture])
    assert not answer.artifacts
    assert any("no table in the picture" in notice for notice in answer.notices)


def test_two_pictures_are_both_read(agent, tmp_path):
    pictures = [drawn(tmp_path / f"{word}.png", [[word]]) for word in ("Harbour", "Lighthouse")]
    text = agent.ask("What is written in these pictures?", images=pictures).text
    assert "Harbour" in text
    assert "Lighthouse" in text


def test_a_model_may_have_a_picture_read(agent, tmp_path):
    call = {"id": "1", "name": "read_picture", "args": {"what": "table", "picture": 1}}
    script = [AIMessage("", tool_calls=[call]), "DONE", "Sales doubled."]
    with_model(agent, ScriptedModel(script=script))
    answer = agent.ask("How did the sales develop?", images=[drawn(tmp_path / "sales.png", SALES)])
    assert answer.text == "Sales doubled."


def test_a_model_that_sees_describes_pictures_for_the_converters(agent, tmp_path):
    model = ScriptedModel(script=["A sign on a platform."])
    handed = ocr_converters(
        agent.settings.model_copy(update={"model": "openai:seer@http://localhost/v1"}), lambda: model
    )
    converters = ConverterService(
        agent._parts.media, {}, {"caption": handed["caption"]}
    )  # without OCR it is the way to words
    picture = Medium.of_file(drawn(tmp_path / "sign.png", [["Mind the gap"]]))
    assert converters.read(picture, "text").text == "A sign on a platform."
    (message,) = model.calls[-1]
    assert [part["type"] for part in message.content] == ["text", "image_url"]
    assert "caption" not in ocr_converters(agent.settings, lambda: model)


def test_a_damaged_picture_is_said_to_be_so(agent, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"no picture")
    answer = agent.ask("Read the text in this picture.", images=[tmp_path / "bad.png"])
    assert not answer.found
    assert "The picture cannot be read" in answer.text
    assert "PNG" in answer.text
