"""The agent end to end over a small real corpus: events, citations, pictures, twins, models that fail."""

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from agent_corpus import agent_over, with_model, without_model
from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.outputs import ChatGenerationChunk
from PIL import Image, ImageChops, ImageDraw, ImageFont

from agent import Agent, Answer, Artifact, Evidence, Failed, Planned, Token, ToolFinished, ToolStarted
from agent.request import hits_in
from agent.testing import ScriptedModel
from common.errors import ModelUnavailable, UnknownName, UserError
from retrievers.elements import WHOLE_PAGE, Box, Element, Hit

HEAVY = {"torch", "gradio", "langgraph", "transformers"}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return tmp_path_factory.mktemp("agent")


@pytest.fixture(scope="module")
def shared(root):
    with agent_over(root) as agent:
        yield agent


@pytest.fixture
def agent(shared):
    yield shared
    without_model(shared)


def test_importing_is_cheap():
    code = "import sys, agent; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY & set(run.stdout.split())


def test_events_come_in_order_and_add_up(agent):
    events = list(agent.stream("What is the mean temperature of Venus?"))
    kinds = list(dict.fromkeys(type(event) for event in events))
    assert kinds == [Planned, ToolStarted, ToolFinished, Evidence, Token, Answer]
    assert events[0].router == "switch"
    answer = events[-1]
    assert "".join(event.text for event in events if isinstance(event, Token)).strip() == answer.text
    assert "464" in answer.text
    assert answer.text.endswith("[1]")
    citation = answer.citations[0]
    assert (citation.hit.element.document, citation.hit.element.page) == ("planets.md", 1)
    assert "464" in citation.quote
    assert answer.found
    assert answer.model == "extractive"
    assert answer.seconds > 0


def test_a_table_row_answers_and_the_table_is_shown(agent):
    events = list(agent.stream("How many known moons does Saturn have?"))
    answer = events[-1]
    assert "| Saturn | **146** | Titan |" in answer.text
    assert "Jupiter" not in answer.text
    artifact = next(event for event in events if isinstance(event, Artifact))
    assert answer.artifacts == (artifact,)
    assert artifact.sources == answer.citations
    assert Image.open(artifact.path).size[0] > 100
    assert artifact.path.is_relative_to(agent.settings.data_dir / "artifacts")


def test_what_the_documents_do_not_hold_is_not_answered(agent):
    answer = agent.ask("Who won the football world cup in Brazil?")
    assert not answer.found
    assert "could not find" in answer.text
    assert "page 1 [1]" in answer.text
    assert not answer.artifacts


def test_only_the_named_documents_are_searched(agent):
    answer = agent.ask("How many moons does Mars have?", documents=["moons.md"])
    assert {citation.hit.element.document for citation in answer.citations} == {"moons.md"}


def test_documents_are_listed_and_greetings_look_nothing_up(agent):
    assert "- pump.txt" in agent.ask("Which documents do you have?").text
    greeting = list(agent.stream("Hello!"))
    assert greeting[0] == Planned("switch", ())
    assert not any(isinstance(event, ToolStarted) for event in greeting)
    assert greeting[-1].found


def test_the_page_is_drawn_once_with_what_was_quoted_marked(agent):
    citation = agent.ask("How heavy is the pump in kg?").citations[0]
    path = agent.page_image(citation, width=600)
    assert path == agent.page_image(citation, width=600)
    element = citation.hit.element
    plain = agent.library.open("test").render(element, 600).convert("RGB")
    left, top, right, bottom = ImageChops.difference(Image.open(path), plain).getbbox()
    box = Box.around(citation.boxes)
    assert box.overlap(element.box) > 0.99 and element.box.overlap(box) < 0.9, "the sentence, not the region"
    assert left <= box.x0 * 600 + 1 and right >= box.x1 * 600 - 1
    assert top <= box.y0 * plain.height + 1 and bottom >= box.y1 * plain.height - 1


async def test_the_async_twins_say_the_same(agent):
    question = "How many known moons does Jupiter have?"
    events = [event async for event in agent.astream(question)]
    assert isinstance(events[0], Planned)
    assert events[-1].text == (await agent.aask(question)).text == agent.ask(question).text
    with pytest.raises(UserError, match="nowhere"):
        await agent.aask(question, corpus="nowhere")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"corpus": "nowhere"}, "nowhere"),
        ({"documents": ["none.pdf"]}, "none.pdf"),
        ({"images": ["/no/such.png"]}, "/no/such.png"),
    ],
)
def test_what_cannot_be_asked_says_why(agent, options, words):
    last = list(agent.stream("How many moons does Mars have?", **options))[-1]
    assert words in (last.message if isinstance(last, Failed) else last.text)
    assert not getattr(last, "found", False)


def test_an_unknown_model_lists_the_choices(root):
    with (
        agent_over(root / "other", model="parrot:x") as agent,
        pytest.raises(UserError, match=r"anthropic, .*extractive, .*gguf, .*ollama, openai, "),
    ):
        agent.ask("How heavy is the pump?")


def test_an_unknown_router_lists_the_choices(agent):
    agent._parts.settings.router = "coin"
    try:
        with pytest.raises(UserError, match="switch, tool_calling"):
            agent.ask("How heavy is the pump?")
    finally:
        agent._parts.settings.router = "auto"
    assert issubclass(UnknownName, UserError)


def search(query: str, **arguments: object) -> AIMessage:
    return AIMessage("", tool_calls=[{"id": "x", "name": "search", "args": {"query": query, **arguments}}])


def test_a_model_calls_tools_and_its_citations_are_parsed(agent):
    script = [search("weight of the pump"), "DONE", "It weighs 38 kg [1][1], I think [99]. See [1, 77]."]
    model = ScriptedModel(script=script)
    answer = with_model(agent, model).ask("How heavy is it?")
    assert model.tools == ["search", "list_documents", "convert"]
    assert answer.text == "It weighs 38 kg [1][1], I think . See [1]."
    assert [citation.number for citation in answer.citations] == [1]
    assert "[99] [77]" in answer.notices[0]
    prompt = model.calls[-1][-1].text
    assert 'document="pump.txt"' in prompt
    assert "How heavy is it?" in prompt


def test_wrong_tool_calls_go_back_to_the_model_and_are_bounded(agent):
    wrong = [
        AIMessage("", tool_calls=[{"id": "1", "name": "delete", "args": {}}]),
        search("pump", kinds=["song"]),
        search("pump"),
    ]
    model = ScriptedModel(script=[*wrong, "DONE", "38 kg [1]"])
    assert with_model(agent, model).ask("How heavy is the pump?").found
    assert "there is no tool 'delete'" in model.calls[1][-1].text
    assert "kinds" in model.calls[2][-1].text
    stubborn = ScriptedModel(script=[wrong[0]] * 3 + ["I do not know."])
    answer = with_model(agent, stubborn).ask("How heavy is the pump?")
    assert answer.text == "I do not know."


def test_a_tool_that_fails_is_told_to_the_model(agent):
    model = ScriptedModel(script=[search("pump", documents=["no.pdf"]), "DONE", "Nothing there."])
    events = list(with_model(agent, model).stream("How heavy is the pump?"))
    finished = next(event for event in events if isinstance(event, ToolFinished))
    assert "no.pdf" in finished.error
    assert "no.pdf" in model.calls[1][-1].text
    assert any("no.pdf" in notice for notice in events[-1].notices)


DOWN = ModelUnavailable("The model is down.")


@pytest.mark.parametrize(
    "script", [[DOWN, DOWN], [search("pump weight kg"), "DONE", DOWN]], ids=["routing", "answering"]
)
def test_a_model_that_is_down_leaves_the_embedded_answer(agent, script):
    answer = with_model(agent, ScriptedModel(script=script)).ask("How many kg does the pump weigh?")
    assert "38 kg" in answer.text
    assert answer.model == "extractive"
    assert sum("The model is down." in notice for notice in answer.notices) == 1
    assert "This is the embedded answer" in answer.notices[-1]
    assert "The model is down" not in answer.text


def test_a_model_that_cannot_call_tools_still_answers(agent):
    events = list(
        with_model(agent, ScriptedModel(script=[DOWN, "It weighs 38 kg [1]."])).stream("How heavy is the pump?")
    )
    assert next(event.router for event in events if isinstance(event, Planned)) == "switch"
    assert events[-1].text == "It weighs 38 kg [1]."
    assert events[-1].notices == ("The model is down. The tools were chosen without it.",)


def test_a_region_that_two_searches_bring_is_as_the_first_brought_it():
    one, two, three = (Element("a.pdf", "0", 1, "text", "", WHOLE_PAGE, order) for order in range(3))
    first, second = (Hit(one, 0.9), Hit(two, 0.8)), (Hit(two, 0.3), Hit(one, 0.2), Hit(three, 0.1))
    results = [ToolMessage("", tool_call_id=str(number), artifact=hits) for number, hits in enumerate((first, second))]
    assert hits_in(results) == (*first, Hit(three, 0.1))


class Waiting(ScriptedModel):
    """Fails after `seconds`."""

    seconds: float

    def _stream(self, *args: object, **kwargs: object) -> Iterator[ChatGenerationChunk]:
        time.sleep(self.seconds)
        yield from super()._stream(*args, **kwargs)


@pytest.mark.parametrize(("patience", "asked"), [(0.5, 1), (60.0, 2)], ids=["slow", "quick"])
def test_a_model_that_kept_us_waiting_is_not_asked_again(agent, monkeypatch, patience, asked):
    monkeypatch.setattr(agent.settings, "model_timeout", patience)
    model = Waiting(script=[DOWN, "It weighs 38 kg [1]."], seconds=0.3)
    answer = with_model(agent, model).ask("How many kg does the pump weigh?")
    assert len(model.calls) == asked
    assert "38 kg" in answer.text
    assert sum("The model is down." in notice for notice in answer.notices) == 1


def test_images_go_to_the_model_up_to_the_limit(agent):
    model = ScriptedModel(script=[search("moons", kinds=["table"]), "DONE", "146 [1]"])
    with_model(agent, model).ask("How many moons has Saturn?")
    parts = model.calls[-1][-1].content
    urls = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    assert 1 <= len(urls) <= agent.settings.model_images
    assert all(url.startswith("data:image/png;base64,") for url in urls)


def test_a_page_that_holds_several_sources_is_sent_once(agent):
    model = ScriptedModel(script=[search("mean temperature of Mars"), "DONE", "-65 °C [1]"])
    answered = with_model(agent, model).ask("How cold is Mars?")
    parts = model.calls[-1][-1].content
    urls = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    assert parts[0]["text"].count('document="planets.md"') > 1, answered
    assert len(set(urls)) == len(urls) == 2


def test_a_picture_of_the_corpus_is_recognised_by_its_words(tmp_path):
    folder = tmp_path / "documents"
    folder.mkdir()
    for name, words in (("turbine.png", "TURBINE HALL 1962"), ("harbour.png", "HARBOUR CRANE")):
        picture = Image.new("RGB", (640, 240), "white")
        ImageDraw.Draw(picture).text((40, 90), words, fill="black", font=ImageFont.load_default(48))
        picture.save(folder / name)
    with Agent.from_corpus(folder, corpus="pictures", data_dir=tmp_path / "data") as agent:
        answer = agent.ask("Where is this from?", images=[folder / "turbine.png"])
        assert answer.found
        assert "turbine" in answer.text
        assert [citation.hit.element.document for citation in answer.citations] == ["turbine.png"]
        assert not agent.ask("Who designed the bridge?").found
