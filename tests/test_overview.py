"""Requests for an overview ("Tell me about ...") are known from questions, and get what is written of the thing."""

from collections.abc import Iterator

import pytest
from agent_corpus import agent_over, with_model, without_model
from langchain_core.messages import AIMessage

from agent import Agent
from agent.routers.overview import OverviewReader
from agent.testing import ScriptedModel
from common import jsonl
from evals.wanted.overviews import BLIND
from retrievers import embedders

FILES = {
    "harbour-guide.md": (
        "# The Harbour Guide\n\n## Lighthouse\n\nThe lighthouse was built of basalt by Ada Thorne in 1887. "
        "Its lamp is seen for 31 kilometres on clear nights.\n\n## Ferries\n\nTwo ferries cross the bay every hour. "
        "The ferry Berta carries 85 cars.\n\n## Fish market\n\nThe market sells herring and crab before sunrise. "
        "Table 1 lists the ships that may enter at night.\n\n"
        "Table 1: Ships of the harbour\n\n"
        "| Ship | Built | Cars |\n|---|---|---|\n| Anna | 1998 | 120 |\n| Berta | 2004 | 85 |\n"
    ),
    "orchard.txt": "Orchard notes\n\nPears are grafted in late winter.\nApples of the orchard are pressed for cider.\n",
}


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    with agent_over(tmp_path_factory.mktemp("overview"), FILES) as opened:
        yield opened


@pytest.fixture(scope="module")
def reader() -> OverviewReader:
    return OverviewReader(embedders.load("minilm"))


def test_requests_that_were_written_apart_are_told_from_questions(reader: OverviewReader) -> None:
    read: dict[str, list[bool]] = {"overview": [], "other": []}
    for _, line in jsonl.lines(BLIND):
        name, request = line.split("\t", 1)
        read[name].append(reader.topic(request) is not None)
    assert len(read["overview"]) == len(read["other"]) == 30
    assert sum(read["overview"]) >= 22
    assert sum(read["other"]) <= 1


@pytest.mark.parametrize(
    ("request_", "topic"),
    [
        ("Tell me about the Hanseatic League", "Hanseatic League"),
        ("What does the report say about tidal power?", "tidal power"),
        ("Was steht im Bericht über Remagen?", "Remagen"),
        ("Summarise this document", ""),
        ("What is it about?", ""),
        ("What does figure 2 show?", ""),
        ("What does Table 4 say about Mars?", "Mars"),
        ("What is the highest value in Figure 3?", None),
        ("According to table 2, who won?", None),
        ("Who founded the Hanseatic League?", None),
    ],
)
def test_a_topic_is_what_does_not_ask(reader: OverviewReader, request_: str, topic: str | None) -> None:
    assert reader.topic(request_) == topic


def test_of_a_topic_what_speaks_of_it_is_quoted(agent: Agent) -> None:
    answer = agent.ask("Tell me about the lighthouse")
    assert answer.found
    assert "built of basalt by Ada Thorne in 1887" in answer.text
    assert "31 kilometres" in answer.text
    assert not any(word in answer.text for word in ("herring", "Pears", "cider"))
    assert {one.hit.element.document for one in answer.citations} == {"harbour-guide.md"}


def test_a_row_of_the_thing_is_shown(agent: Agent) -> None:
    answer = agent.ask("What do you know about Berta?")
    assert "| Berta | 2004 | 85 |" in answer.text
    assert "Anna" not in answer.text


@pytest.mark.parametrize(
    "request_", ["What does table 1 show?", "Summarise Table 1", "Was zeigt Tabelle 1?", "Que montre la table 1 ?"]
)
def test_of_a_table_with_a_number_it_and_what_names_it_are_quoted(agent: Agent, request_: str) -> None:
    text = agent.ask(request_).text
    assert "Ships of the harbour" in text
    assert "| Anna | 1998 | 120 |" in text
    assert "lists the ships that may enter at night" in text
    assert "herring" not in text


def test_a_question_about_a_value_of_it_is_answered(agent: Agent) -> None:
    text = agent.ask("How many cars does Anna carry in table 1?").text
    assert "120" in text.split("\n")[0]


def test_of_a_document_each_part_is_opened(agent: Agent) -> None:
    text = agent.ask("Summarise the harbour guide").text
    parts = ("built of basalt", "Two ferries cross", "sells herring")
    places = [text.find(part) for part in parts]
    assert -1 not in places
    assert places == sorted(places)
    assert "Pears" not in text


def test_of_nothing_in_particular_each_document_is_opened(agent: Agent) -> None:
    answer = agent.ask("What is this about?")
    assert {one.hit.element.document for one in answer.citations} == set(FILES)


def test_of_one_that_is_chosen_only_it_is_opened(agent: Agent) -> None:
    answer = agent.ask("Give me a summary", documents=["orchard.txt"])
    assert {one.hit.element.document for one in answer.citations} == {"orchard.txt"}


@pytest.mark.parametrize("request_", ["Tell me about the siege of Vienna", "What is written about penguins?"])
def test_of_what_is_nowhere_nothing_is_told(agent: Agent, request_: str) -> None:
    assert not agent.ask(request_).found


def test_a_model_is_asked_for_an_overview_whatever_the_estimate_of_answers(agent: Agent) -> None:
    with_model(agent, ScriptedModel(script=[AIMessage("A guide to lighthouse, ferries and market [1].")]))
    agent._parts.__dict__["router"] = agent._parts.switch
    try:
        answer = agent.ask("Summarise the harbour guide")
    finally:
        without_model(agent)
    assert "was not asked" not in " ".join(answer.notices)
    assert "guide to lighthouse" in answer.text
