"""Things made for an answer: ordered by words, made from what was found, traced to it, made again, kept."""

import csv
import json
import mimetypes
import re
import wave
from io import BytesIO, StringIO
from threading import Event

import docx
import pytest
from agent_corpus import agent_over, with_model, without_model
from converter_checks import tone
from langchain_core.messages import AIMessage, ToolMessage
from openpyxl import load_workbook
from PIL import Image

from agent import Answer, Artifact, Evidence, Planned, ToolFinished, ToolStarted
from agent.build import Parts
from agent.converting.context import ConversionContext
from agent.converting.requests import OutputRequest
from agent.converting.table_inputs import chart_inputs
from agent.events import ToolProgress
from agent.request import Request, Work
from agent.testing import ScriptedModel
from generators.core import registry
from generators.core.base import NOTHING, Cancelled, Info, Medium, NoOptions
from retrievers.elements import WHOLE_PAGE, Element, Hit


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    root = tmp_path_factory.mktemp("orders")
    with agent_over(root) as agent:
        yield agent


@pytest.fixture
def agent(shared):
    yield shared
    without_model(shared)


def points(artifact):
    return {point["label"]: point["value"] for point in artifact.made["points"]}


def made(answer, form):
    found = [artifact for artifact in answer.artifacts if artifact.made.get("form") == form]
    assert len(found) == 1, (answer.text, answer.notices)
    return found[0]


def test_a_chart_of_a_table_in_the_documents(agent):
    answer = agent.ask("Plot the known moons of each planet as a bar chart.")
    chart = made(answer, "chart")
    assert points(chart) == {"Earth": 1, "Mars": 2, "Jupiter": 95, "Saturn": 146}
    assert chart.made["chart"] == "bar"
    with Image.open(chart.path) as picture:
        assert picture.format == "PNG"
        assert min(picture.size) > 300
    assert chart.others["image/svg+xml"].read_text().startswith("<svg")
    (source,) = chart.sources
    assert (source.hit.element.document, source.hit.element.kind) == ("moons.md", "table")
    assert source in answer.citations


def table(document, title, *rows):
    return Hit(Element(document, "0", 1, "table", "", WHOLE_PAGE, 0, caption=title, rows=rows), 1.0)


SPANS = table("bridges.md", "Bridges of the county", ("Bridge", "Span (m)"), ("Alder", "40"), ("Birch", "75"))
FERRIES = table("ferries.md", "Ferries of the county", ("Ferry", "Cars"), ("Anna", "120"), ("Berta", "85"))
FARES = table("fares.md", "What a crossing costs", ("Vehicle", "Fare"), ("car", "12"), ("bus", "60"))


@pytest.mark.parametrize(
    ("request_", "fitting"),
    [
        ("Plot the span of each bridge.", SPANS),
        ("Chart the cars by ferry.", FERRIES),
        ("Draw the fare by vehicle.", FARES),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_of_several_tables_the_most_fitting_is_charted(request_, fitting, turned):
    hits = [FERRIES, SPANS, FARES][:: -1 if turned else 1]
    found = ToolMessage("", tool_call_id="1", artifact=tuple(hits))
    context = ConversionContext(Request(request_), Work(request_, messages=(found,)), Answer(""))
    inputs = list(chart_inputs(OutputRequest("chart", request_), context))
    assert inputs[0].sources == (fitting,)
    assert len(inputs) < len(hits), "a table that is not meant is not tried in its place"


BOATS = table(
    "b.md", "The longest boats", ("Boat", "Harbour", "Length (m)"), ("Anna", "Aum", "31"), ("Elk", "Bo", "24")
)
HARBOURS = table("h.md", "Harbours", ("", "Boats registered"), ("Aum", "210"), ("Bo", "84"), ("Cray", "19"))
CARGO = table("c.md", "Cargo landed by ship", ("Ship", "Tonnes"), ("Anna", "410"), ("Elk", "95"))


@pytest.mark.parametrize(
    ("request_", "fitting", "column"),
    [
        ("Plot the number of boats by harbour.", HARBOURS, None),  # whose words name rows and columns of the others too
        ("Draw the length of the longest boats.", BOATS, None),
        (
            "Chart the weight of cargo that each ship landed.",
            CARGO,
            "Tonnes",
        ),  # a column that the request calls otherwise
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_a_table_is_told_by_what_it_measures(request_, fitting, column, turned):
    hits = [BOATS, HARBOURS, CARGO][:: -1 if turned else 1]
    found = ToolMessage("", tool_call_id="1", artifact=tuple(hits))
    context = ConversionContext(Request(request_), Work(request_, messages=(found,)), Answer(""))
    first = next(chart_inputs(OutputRequest("chart", request_), context))
    assert first.sources == (fitting,)
    assert first.options.get("y") == column


def test_numbers_of_the_request_need_no_document(agent):
    events = list(agent.stream("Draw a pie chart: rent: 900, food: 400, fun: 100"))
    assert not any(isinstance(event, Evidence) for event in events)
    assert points(made(events[-1], "chart")) == {"rent": 900, "food": 400, "fun": 100}


def test_a_chart_and_a_voice_from_one_request(agent):
    events = list(agent.stream("Plot the known moons of each planet and read the answer aloud."))
    answer = events[-1]
    made(answer, "chart")
    speech = made(answer, "speech")
    with wave.open(BytesIO(speech.path.read_bytes())) as sound:
        seconds = sound.getnframes() / sound.getframerate()
        loudest = max(abs(int.from_bytes(sound.readframes(1), "little", signed=True)) for _ in range(20_000))
    assert 0.5 < seconds < 60
    assert loudest > 1000
    started = [event.tool for event in events if isinstance(event, ToolStarted)]
    finished = [event.tool for event in events if isinstance(event, ToolFinished)]
    assert sorted(started) == sorted(finished) == ["chart", "search", "search", "speech"]


def test_the_same_but_different(agent):
    first = made(agent.ask("Plot the known moons of each planet as a bar chart.", conversation="again"), "chart")
    line = made(agent.ask("Same, but as a line chart.", conversation="again"), "chart")
    assert line.made["chart"] == "line"
    assert points(line) == points(first)
    assert line.sources[0].hit.element.id == first.sources[0].hit.element.id
    fewest = made(agent.ask("Same, but sorted from the smallest.", conversation="again"), "chart")
    assert fewest.made["chart"] == "line"
    assert list(points(fewest).values()) == sorted(points(first).values())


def test_what_can_only_be_drawn_changes_the_chart(agent):
    request = "Plot the known moons of each planet, read it aloud and save everything as Markdown."
    assert len(agent.ask(request, conversation="sorted").artifacts) == 3
    (again,) = agent.ask("Same, but sorted from the smallest.", conversation="sorted").artifacts
    assert list(points(again).values()) == sorted(points(again).values())


def test_louder(agent):
    soft = made(agent.ask('Say "The moon is bright tonight" in a voice.', conversation="loud"), "speech")
    loud = made(agent.ask("Make it louder.", conversation="loud"), "speech")
    assert loud.made["text"] == soft.made["text"] == "The moon is bright tonight"
    assert loud.made["volume"] > soft.made["volume"]


def test_a_voice_made_again_keeps_its_accent_and_its_sources(agent):
    said = made(
        agent.ask("Tell me why Venus is hot and say it slowly in a British voice.", conversation="accent"), "speech"
    )
    quick = made(agent.ask("Make it faster.", conversation="accent"), "speech")
    assert said.made["options"]["voice"] == quick.made["options"]["voice"] == "en-gb"
    assert quick.made["speed"] > said.made["speed"]
    assert [source.hit.element.document for source in quick.sources] == ["planets.md"]


def test_only_what_can_be_heard_gets_louder(agent):
    agent.ask("Draw a flow chart: sow -> water -> harvest", conversation="silent")
    (notice,) = agent.ask("Make it louder.", conversation="silent").notices
    assert "There is no speech yet" in notice


def test_the_same_request_is_not_computed_twice(agent, monkeypatch):
    request = "Draw a bar chart: one: 1, two: 2, three: 3"
    first = made(agent.ask(request), "chart")
    monkeypatch.setattr("generators.charts.chart.render", lambda *_: pytest.fail("drawn again"))
    assert made(agent.ask(request), "chart").path == first.path


def test_no_picture_model_says_so_and_shows_none_made(agent):
    answer = agent.ask("Paint a picture of a rocket over the sea.")
    assert not any(artifact.made for artifact in answer.artifacts)
    assert "closest" in answer.text or not answer.artifacts
    (notice,) = answer.notices
    assert "picture could not be made" in notice
    (advice,) = answer.advice
    assert "triptych.toml" in advice or "TRIPTYCH" in advice or "converters" in advice


def test_one_failure_leaves_the_rest(agent):
    answer = agent.ask('Say "hello there" aloud and paint a picture of a rocket.')
    made(answer, "speech")
    assert len(answer.notices) == 1


def test_speech_in_a_language_there_is_and_in_one_there_is_not(agent):
    assert made(agent.ask('Say "good morning" aloud in Finnish.'), "speech").made["language"] == "fi"
    answer = agent.ask('Say "good morning" aloud in Atlantean, and draw a bar chart: one: 1, two: 2, three: 3')
    made(answer, "chart")
    (notice,) = answer.notices
    assert "does not speak 'Atlantean'" in notice
    assert "German" in notice


@pytest.fixture
def no_table_of_types(monkeypatch):
    """As in a slim container: no `/etc/mime.types` or the like."""
    with monkeypatch.context() as patch:
        patch.setattr(mimetypes, "knownfiles", [])
        mimetypes.init()
        yield
    mimetypes.init()


@pytest.mark.usefixtures("no_table_of_types")
def test_speech_is_a_wav_file_on_any_system(agent):
    spoken = made(agent.ask('Say "hello there" aloud.'), "speech")
    assert (spoken.path.suffix, spoken.mime) == (".wav", "audio/wav")


@pytest.fixture
def endless(agent, monkeypatch):
    """Speech that goes on until somebody says stop; set when it has stopped."""
    stopped, make = Event(), agent._parts.converters.make

    def slow(form, source, request, options, watch):
        if form != "speech":
            return make(form, source, request, options, watch)
        try:
            while not stopped.wait(0.02):
                watch.step(0.5, "still at it")
        except Cancelled:
            stopped.set()
            raise
        pytest.fail("nobody else sets it")

    monkeypatch.setattr(agent._parts.converters, "make", slow)
    return stopped


def test_a_step_that_takes_too_long_is_stopped_and_leaves_the_rest(agent, endless, monkeypatch):
    agent.ask("Draw a bar chart: one: 1, two: 2, three: 3")  # kept, so that it is there at once below
    monkeypatch.setattr(agent.settings, "tool_timeout", 2.0)
    answer = agent.ask('Say "hello there" aloud and draw a bar chart: one: 1, two: 2, three: 3')
    made(answer, "chart")
    (notice,) = answer.notices
    assert "speech took longer than 2 s" in notice
    assert endless.wait(30)


def test_whoever_stops_listening_stops_the_work(agent, endless):
    events = agent.stream('Say "hello there" aloud.')
    assert any(isinstance(event, ToolProgress) for event in events)  # it is at work
    events.close()
    assert endless.wait(30)


def test_what_the_documents_do_not_hold_is_not_drawn(agent):
    answer = agent.ask("Plot the population of Norwegian cities as a bar chart.")
    assert not answer.artifacts
    assert "chart could not be made" in answer.notices[0]


def test_a_conversation_becomes_a_document(agent):
    agent.ask("How many known moons does Saturn have?", conversation="paper")
    document = made(agent.ask("Export our conversation as a PDF.", conversation="paper"), "document")
    assert document.mime == "application/pdf"
    assert document.path.read_bytes().startswith(b"%PDF")
    page = made(agent.ask("Save this conversation as Markdown.", conversation="paper"), "document")
    assert "146" in page.path.read_text()


def test_word_asked_is_word(agent, monkeypatch):
    agent.ask("How many known moons does Saturn have?", conversation="word")
    document = made(agent.ask("Save the answer as a Word file.", conversation="word"), "document")
    assert document.path.suffix == ".docx"
    assert any("146" in paragraph.text for paragraph in docx.Document(document.path).paragraphs)
    monkeypatch.setattr("generators.documents.docx.find_spec", lambda _name: None)
    (advice,) = agent.ask("Save this conversation as a Word document.", conversation="word").advice
    assert "pip install python-docx" in advice
    answer = agent.ask("Save this conversation as a PowerPoint file.", conversation="word")
    assert not answer.artifacts
    assert "no format 'pptx'" in answer.notices[0]


@pytest.mark.parametrize(
    ("requests", "suffix"),
    [
        (["Save the table of known moons as CSV."], ".csv"),
        (["Export the table of moons to Excel."], ".xlsx"),
        (["Plot the known moons of each planet as a bar chart.", "Save it as an Excel file."], ".xlsx"),
        (["Plot the known moons of each planet as a bar chart.", "Save the table as CSV."], ".csv"),
        (["Draw a bar chart: Earth: 1, Mars: 2, Jupiter: 95, Saturn: 146", "Save it as CSV."], ".csv"),
    ],
)
def test_a_table_is_saved_as_a_file_of_cells(agent, requests, suffix):
    for request in requests:
        answer = agent.ask(request, conversation=" ".join(requests))
    sheet = made(answer, "sheet")
    assert sheet.path.suffix == suffix
    if suffix == ".csv":
        rows = list(csv.reader(StringIO(sheet.path.read_text(encoding="utf-8-sig"))))
    else:
        rows = [[str(cell.value) for cell in row] for row in load_workbook(sheet.path).active]
    assert [row[:2] for row in rows[1:]] == [["Earth", "1"], ["Mars", "2"], ["Jupiter", "95"], ["Saturn", "146"]]
    if "bar chart:" not in requests[0]:
        assert rows[0] == ["Planet", "Known moons", "Largest moon"]
        assert sheet.sources[0].hit.element.document == "moons.md"


def test_only_so_many_of_the_last_chart(agent):
    agent.ask("Plot the known moons of each planet as a bar chart.", conversation="only")
    answer = agent.ask("Only the two largest.", conversation="only")
    assert points(made(answer, "chart")) == {"Saturn": 146, "Jupiter": 95}
    answer = agent.ask("only the three smallest", conversation="only")
    assert list(points(made(answer, "chart")).items()) == [("Earth", 1), ("Mars", 2), ("Jupiter", 95)]


class Organ:
    """Plays one tone, whatever is asked."""

    info = Info("organ", "text", "audio", "music", "Plays a tone.", 0.1, 1, "MIT", narrow=True)
    Options = NoOptions

    def check(self):
        pass

    def convert(self, source, request="", options=NOTHING, watch=None):
        return Medium("audio", data=tone(0.5), mime="audio/wav", facts={"converter": "organ"})


def test_a_waltz_is_composed_or_said_to_need_a_model_and_never_spoken(agent):
    answer = agent.ask("Compose a waltz.")
    assert not answer.artifacts
    (notice,) = answer.notices
    assert notice.startswith("The music could not be made")
    assert "music-hf" in answer.advice[0]
    converters = Parts(agent.settings).converters
    converters.__dict__["_converters"] = {**registry.build(), "organ": Organ()}
    before, agent._parts.__dict__["converters"] = agent._parts.converters, converters
    try:
        waltz = made(agent.ask("Compose a waltz."), "music")
    finally:
        agent._parts.__dict__["converters"] = before
    assert waltz.made["converters"] == ["organ"]


def test_steps_with_arrows_become_a_diagram(agent):
    diagram = made(agent.ask("Draw a flow chart: plan -> build -> test"), "diagram")
    assert "build" in diagram.others["image/svg+xml"].read_text()


def test_what_was_made_is_remembered(agent):
    chart = made(agent.ask("Draw a bar chart: a: 1, b: 2", conversation="kept"), "chart")
    (turn,) = agent.history("kept")
    assert turn.answer.artifacts == (chart,)
    json.dumps(turn.answer.to_dict())


def test_a_chat_model_orders_by_calling_the_tool(agent):
    script = [
        AIMessage("", tool_calls=[{"id": "1", "name": "search", "args": {"query": "known moons", "kinds": ["table"]}}]),
        AIMessage("", tool_calls=[{"id": "2", "name": "convert", "args": {"to": "chart", "request": "known moons"}}]),
        AIMessage("DONE"),
        AIMessage("Saturn has most [1]."),
    ]
    with_model(agent, ScriptedModel(script=script))
    events = list(agent.stream("Plot the known moons as bars, so that I see who has most"))
    assert isinstance(events[0], Planned)
    chart = made(events[-1], "chart")
    assert points(chart)["Saturn"] == 146
    assert any(isinstance(event, Artifact) for event in events)


def test_a_chat_model_writes_a_diagram_from_the_answer(agent):
    script = [
        AIMessage("", tool_calls=[{"id": "1", "name": "search", "args": {"query": "starting the pump"}}]),
        AIMessage("", tool_calls=[{"id": "2", "name": "convert", "args": {"to": "diagram", "request": "the start"}}]),
        AIMessage("DONE"),
        AIMessage("Open valve A before you press the green button [1]."),
        AIMessage("flowchart LR\n  open[Open valve A] --> press[Press the button]"),
    ]
    model = ScriptedModel(script=script)
    with_model(agent, model)
    diagram = made(agent.ask("How do I start the pump? Draw it as a flow chart."), "diagram")
    assert "valve" in diagram.others["image/svg+xml"].read_text()
    (asked,) = model.calls[-1]
    assert "Request: the start" in asked.text
    assert re.search(r"<answer-(\w+)>\nOpen valve A before you press the green button.*\n</answer-\1>", asked.text)


@pytest.mark.parametrize(
    "request_", ["What does the chart show?", "Describe the sound of the pump.", "Summarise the picture of Mars."]
)
def test_speaking_of_media_makes_none(agent, request_):
    answer = agent.ask(request_)
    assert not any(artifact.made for artifact in answer.artifacts)
