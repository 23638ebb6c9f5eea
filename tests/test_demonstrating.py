"""Sets of labelled pictures, asked by: through the agent, by a model that calls tools, and of a server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from agent_corpus import agent_over, with_model
from aim_endpoint import Endpoint, listening
from langchain_core.messages import AIMessage

from agent import Agent, Artifact, Settings
from agent.build import Parts
from agent.demonstrations import IN_PROCESS, Demonstrator
from agent.events import DEMONSTRATION
from agent.testing import ScriptedModel
from common.errors import UserError
from experiments.aim_lab import episodes, glyphs
from generators.aim.lab import MODEL, PROJECTOR

LABELS = ("hairline crack", "dent")
ASKED = "Which of my Flaws is this?"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    """Ten pictures of each of two drawings, by label."""
    folder = tmp_path_factory.mktemp("drawn")
    pictures = episodes.from_glyphs(glyphs.make(seed=99, doodles=2, most_characters=0), takes=10)
    for label, images in zip(LABELS, pictures.of, strict=True):
        (folder / label).mkdir()
        for number, image in enumerate(images):
            image.save(folder / label / f"{number}.png")
    return {label: sorted((folder / label).iterdir()) for label in LABELS}


def teach(demonstrator: Demonstrator, drawn: dict[str, list[Path]]) -> None:
    """Eight labelled pictures under the name "flaws"."""
    demonstrator.teach("flaws", [(path, label) for label in LABELS for path in drawn[label][:4]])


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory, drawn: dict[str, list[Path]]) -> Iterator[Agent]:
    with agent_over(tmp_path_factory.mktemp("demonstrating")) as agent:
        teach(agent.demonstrations, drawn)
        yield agent


def check_shown(artifacts: tuple[Artifact, ...]) -> None:
    assert [artifact.title for artifact in artifacts] == [LABELS[0]] * 4 + [LABELS[1]] * 4
    assert all(artifact.path.is_file() and artifact.made["form"] == DEMONSTRATION for artifact in artifacts)


def test_new_pictures_are_told_apart_by_the_set(agent, drawn):
    asked = [(label, path) for label in LABELS for path in drawn[label][4:]]
    right = sum(agent.demonstrations.ask("flaws", path, "").text == label for label, path in asked)
    assert right >= 0.8 * len(asked)


def test_a_request_with_a_picture_that_names_a_set_is_answered_by_it(agent, drawn):
    alone = agent.demonstrations.ask("flaws", drawn["dent"][9], ASKED)
    answer = agent.ask(ASKED, images=[drawn["dent"][9]], conversation="flaws")
    assert answer.text.startswith(f"{alone.text} (from 8 demonstrations of the set 'flaws')")
    assert IN_PROCESS in answer.text
    assert answer.found
    assert not answer.citations
    check_shown(answer.artifacts)
    assert agent.history("flaws")[0].answer.artifacts == answer.artifacts


def test_an_answer_keeps_its_demonstrations_when_the_set_is_gone(agent, drawn):
    bank = agent.demonstrations.bank
    bank.add("passing", [entry.open() for entry in bank.entries("flaws")])
    answer = agent.ask("Which of the passing ones?", images=[drawn["dent"][9]])
    bank.delete("passing")
    check_shown(answer.artifacts)


@pytest.mark.parametrize("question", ["How heavy is the pump?", "Is this flawsome?"])
def test_other_requests_with_a_picture_are_looked_up_as_ever(agent, drawn, question):
    assert not agent.ask(question, images=[drawn["dent"][9]]).artifacts


def test_a_model_is_offered_the_tool_and_told_the_sets(agent, drawn):
    call = {"id": "x", "name": "answer_with_demonstrations", "args": {"set_name": "flaws"}}
    scripted = ScriptedModel(script=[AIMessage("", tool_calls=[call]), "DONE", "It is a flaw."])
    answer = with_model(agent, scripted).ask("Which flaw is it?", images=[drawn["dent"][9]])
    assert "answer_with_demonstrations" in scripted.tools
    assert "from 8 demonstrations" in scripted.calls[-1][-1].text
    assert answer.text == "It is a flaw."
    assert answer.found
    check_shown(answer.artifacts)
    plain = ScriptedModel(script=["DONE", "Hello."])
    with_model(agent, plain).ask("How heavy is the pump?")
    assert "search" in plain.tools
    assert "answer_with_demonstrations" not in plain.tools


def test_sets_that_cannot_answer_are_refused_with_the_reason(agent, drawn):
    demonstrator, picture = agent.demonstrations, drawn["dent"][9]
    with pytest.raises(UserError, match="no set of demonstrations called 'marks'"):
        demonstrator.ask("marks", picture, "")
    demonstrator.teach("nine", [(picture, f"label {number}") for number in range(9)])
    with pytest.raises(UserError, match="8 labels apart at most, not 9"):
        demonstrator.ask("nine", picture, "")
    demonstrator.bank.remove("nine", [entry.id for entry in demonstrator.bank.entries("nine")])
    with pytest.raises(UserError, match="is empty"):
        demonstrator.ask("nine", picture, "")
    demonstrator.bank.delete("nine")
    with pytest.raises(UserError, match="cannot be read"):
        demonstrator.ask("flaws", Path(__file__), "")


def served(tmp_path: Path, drawn: dict[str, list[Path]], url: str, **settings: str) -> Demonstrator:
    made = Parts(Settings(data_dir=tmp_path, model=f"openai:lab@{url}", **settings)).demonstrator
    teach(made, drawn)
    return made


def test_a_served_model_is_sent_fused_demonstrations_where_a_projection_fits_else_pictures(tmp_path, drawn):
    with listening(str(MODEL)) as url:
        named = {"aim_model": str(MODEL), "aim_projector": str(PROJECTOR)}
        fused = served(tmp_path, drawn, url, **named).ask("flaws", drawn["dent"][9], "which?")
        raw = served(tmp_path, drawn, url).ask("flaws", drawn["dent"][9], "which?")
    kinds = [[part["type"] for part in body["messages"][-1]["content"]] for body in Endpoint.bodies]
    assert kinds == [["prompt_embeds", "image_url", "text"], ["image_url", "text"] * 9]
    assert fused.text == raw.text == "apple"
    assert fused.note == ""
    assert "no projector" in raw.note
    check_shown(fused.shown)


def test_a_projection_without_its_model_is_refused(tmp_path, drawn):
    with pytest.raises(UserError, match="Set TRIPTYCH_AIM_MODEL"):
        served(tmp_path, drawn, "http://x/v1", aim_projector="p").ask("flaws", drawn["dent"][9], "")


def test_the_nearest_demonstrations_are_shown_the_nearest_last(agent, drawn, tmp_path):
    """Found in the embedded store by the parts that an agent has without any model."""
    demonstrator = agent.demonstrations
    near = [demonstrator.ask("flaws", path, "", "nearest", 4).shown for path in drawn["dent"][4:]]
    assert all(len(shown) == 4 for shown in near)
    assert sum(shown[-1].title == "dent" for shown in near) >= 5

    copy = tmp_path / "new.png"
    copy.write_bytes(drawn["dent"][9].read_bytes())
    demonstrator.teach("flaws", [(copy, "hairline crack")])
    shown = demonstrator.ask("flaws", copy, "", "nearest", 8).shown
    assert (shown[-1].title, len(shown)) == ("hairline crack", 8)
    bank = demonstrator.bank
    bank.remove("flaws", [bank.entries("flaws")[-1].id])
    assert len(demonstrator.ask("flaws", copy, "", "nearest", 99).shown) == 8
    assert len(demonstrator.ask("flaws", copy, "", "balanced", 3).shown) == 3
    assert len(demonstrator.ask("flaws", copy, "", "all", 3).shown) == 8
