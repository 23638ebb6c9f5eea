"""Whatever a model does, a request that needs evidence is looked up, and says so; errors are no part of an answer."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from agent_corpus import agent_over, with_model
from langchain_core.messages import AIMessage

from agent import Agent, Planned, ToolStarted
from agent.models.abilities import Abilities
from agent.models.budget import tokens
from agent.routers.written import WrittenRouter
from agent.testing import ScriptedModel
from common.errors import ModelUnavailable

QUESTION = "What is the mean temperature of Venus?"
TEXTUAL = '<tools>{"name": "search", "arguments": {"query": "mean temperature of Venus"}}</tools>'
Asked = tuple[Any, list[str], list[str], Any]
RIGHT = "The mean temperature of Venus is 464 °C."


def called(tool: str, **arguments: Any) -> AIMessage:
    return AIMessage("", tool_calls=[{"id": "x", "name": tool, "args": arguments}])


def asked(agent: Agent, script: list[Any], question: str = QUESTION, **options: Any) -> Asked:
    """The answer, the tools that ran, who planned, and the model."""
    model = ScriptedModel(script=script)
    events = list(with_model(agent, model).stream(question, **options))
    tools = [event.tool for event in events if isinstance(event, ToolStarted)]
    return events[-1], tools, [event.router for event in events if isinstance(event, Planned)], model


def written(agent: Agent, script: list[Any], question: str) -> Asked:
    model = ScriptedModel(script=script)
    with_model(agent, model)._parts.__dict__["router"] = WrittenRouter(model)
    events = list(agent.stream(question))
    tools = [event.tool for event in events if isinstance(event, ToolStarted)]
    return events[-1], tools, [event.router for event in events if isinstance(event, Planned)], model


def test_a_call_written_as_text_is_a_call(agent: Agent) -> None:
    answer, tools, routers, _ = asked(agent, [TEXTUAL, "DONE", RIGHT])
    assert tools == ["search"] and routers == ["tool_calling"]
    assert answer.found and answer.text == f"{RIGHT} [1]"


@pytest.mark.parametrize("reply", ["Venus has a mean temperature of 7 °C.", "DONE", "", "As a model I know. " * 30])
def test_a_model_that_calls_nothing_is_given_what_the_classifier_looks_up(agent: Agent, reply: str) -> None:
    answer, tools, routers, model = asked(agent, [reply, RIGHT])
    assert tools == ["search"] and routers == ["switch"]
    assert "The model looked nothing up, so the search was chosen without it." in answer.notices
    assert "464" in model.calls[-1][-1].text and answer.found


def test_a_model_that_only_lists_is_searched_for_too(agent: Agent) -> None:
    answer, tools, routers, _ = asked(agent, [called("list_documents"), "DONE", RIGHT])
    assert tools == ["list_documents", "search"] and routers == ["tool_calling", "switch"]
    assert answer.found


def test_a_model_that_lists_for_ever_is_searched_for_too(agent: Agent) -> None:
    _, tools, _, _ = asked(agent, [*[called("list_documents")] * 4, RIGHT])
    assert tools.count("search") == 1


def test_an_invention_is_not_found(agent: Agent) -> None:
    answer, *_ = asked(agent, ["DONE", "It is 12,345 °C, as everybody knows."])
    assert not answer.found and not answer.citations
    assert "*(not in the documents)*" in answer.text


@pytest.mark.parametrize("reply", ["[1]", "", " \n"])
def test_a_reply_without_words_is_quoted_instead(agent: Agent, reply: str) -> None:
    answer, *_ = asked(agent, [TEXTUAL, "DONE", reply])
    assert answer.model == "extractive" and answer.text.startswith("**464 °C**") and answer.found
    assert any("The model wrote no answer." in notice for notice in answer.notices)


def test_a_greeting_is_given_no_sources(agent: Agent) -> None:
    answer, tools, _, model = asked(agent, ["Hello!", "Hello, how can I help?"], "Good morning!")
    assert not tools and answer.found and answer.text == "Hello, how can I help?"
    told = "\n".join(message.text for message in model.calls[-1])
    assert "source" not in told and model.calls[-1][-1].text == "Good morning!"


def test_sources_are_read_once(agent: Agent) -> None:
    _, _, _, model = asked(agent, [TEXTUAL, "DONE", RIGHT], "Why does the heat of Venus not escape?")
    planning = "\n".join(message.text for message in model.calls[1])
    assert "<source-" not in planning and "planets.md, page 1" in planning
    assert "<source-" in model.calls[2][-1].text


def test_earlier_citations_are_not_told_again(agent: Agent) -> None:
    asked(agent, ["DONE", f"{RIGHT} [1]"], conversation="earlier")
    _, _, _, model = asked(agent, ["DONE", "Phobos and Deimos [1]."], "Which moons has Mars?", conversation="earlier")
    for call in model.calls:
        assert call[2].text == RIGHT


def test_an_error_is_no_part_of_the_answer_nor_of_what_is_said_later(agent: Agent) -> None:
    down = ModelUnavailable("The model x at http://127.0.0.1:9/v1 cannot be reached.", "Start the server.")
    answer, *_ = asked(agent, [down, down], conversation="down")
    assert "cannot be reached" not in answer.text and "http" not in answer.text
    assert sum("cannot be reached" in notice for notice in answer.notices) == 1
    _, _, _, model = asked(agent, ["DONE", "Phobos."], "Which moons has Mars?", conversation="down")
    assert not any("cannot be reached" in message.text for call in model.calls for message in call)


def test_a_model_that_breaks_off_is_followed_by_quotes(agent: Agent) -> None:
    class Broken(ScriptedModel):
        def _stream(self, messages: Any, *more: Any, **options: Any) -> Iterator[Any]:
            yield from super()._stream(messages, *more, **options)
            if len(self.calls) == 2:
                raise ModelUnavailable("It broke off.")

    model = Broken(script=["DONE", f"{RIGHT} A day there las"])
    *_, answer = with_model(agent, model).stream(QUESTION)
    assert answer.text.startswith(f"{RIGHT} [1]\n\n**464 °C**"), "the whole sentences, then quotes"
    assert answer.found and "broke" not in answer.text


@pytest.mark.parametrize(
    ("modality", "question", "wanted"),
    [("listing", "Which documents are there?", ["list_documents"]), ("talk", "Good evening", [])],
)
def test_a_written_plan_can_list_and_greet(agent: Agent, modality: str, question: str, wanted: list[str]) -> None:
    plan = f'{{"segments": [{{"modality": "{modality}"}}]}}'
    answer, tools, _, _ = written(agent, [plan, "moons.md, planets.md and pump.txt"], question)
    assert tools == wanted and answer.found


def test_a_written_plan_that_makes_nothing_of_a_question_is_searched_for_too(agent: Agent) -> None:
    answer, tools, routers, _ = written(agent, ['{"segments": [{"modality": "talk"}]}', RIGHT], QUESTION)
    assert tools == ["search"] and routers == ["switch"] and answer.found


def test_a_text_only_model_is_sent_no_pictures(agent: Agent) -> None:
    class Blind(ScriptedModel):
        abilities: Abilities = Abilities(images=False)

    model = Blind(script=["DONE", RIGHT])
    assert agent.settings.model_images
    *_, answer = with_model(agent, model).stream(QUESTION)
    assert isinstance(model.calls[-1][-1].content, str) and answer.found


def test_what_quoting_would_refuse_is_not_written_either(agent: Agent) -> None:
    class Blind(ScriptedModel):
        abilities: Abilities = Abilities(images=False)

    *_, answer = with_model(agent, Blind(script=["DONE"])).stream("Who owns the bank in Lisbon?")
    assert not answer.found and any("was not asked" in notice for notice in answer.notices)


def test_long_sources_fit_a_small_context(tmp_path: Path) -> None:
    class Small(ScriptedModel):
        abilities: Abilities = Abilities(context=1024)

    facts = " ".join(f"The tower number {number} was built in {1500 + number} of brick." for number in range(60, 120))
    with agent_over(tmp_path, {"towers.md": f"# Towers\n\n{facts}\n"}) as agent:
        model = Small(script=["DONE", "In 1577 [1]."])
        *_, answer = with_model(agent, model).stream("When was tower number 77 built?")
    assert sum(tokens(message.text) for message in model.calls[-1]) <= 1024 * 3 / 4
    assert "1577" in model.calls[-1][-1].text and answer.found
