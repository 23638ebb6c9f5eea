"""Conversations: follow-ups lean on what was said, also in a new process; without a name nothing is kept."""

import subprocess
import sys

from agent_corpus import agent_over

FOLLOW_UP = """
import sys
from agent import Agent
with Agent(corpus="test", data_dir=sys.argv[1]) as agent:
    print(len(agent.history("talk")))
    print(agent.ask("What about Jupiter?", conversation="talk").text)
    last = agent.history("talk")[-1]
    print(last.standalone)
    print(len(last.answer.citations), last.answer.citations[0].hit.element.document)
"""


def test_a_conversation_survives_a_restart(tmp_path):
    with agent_over(tmp_path) as agent:
        agent.ask("How many known moons does Saturn have?", conversation="talk")
        agent.ask("How many known moons does Earth have?", conversation="other")
    command = [sys.executable, "-c", FOLLOW_UP, str(tmp_path / "data")]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert "Deserializing unregistered" not in run.stderr
    lines = run.stdout.splitlines()
    assert lines[0] == "1"
    assert "| Jupiter | **95** | Ganymede |" in lines
    assert lines[-2] == "How many known moons does Jupiter have?"
    assert lines[-1] == "1 moons.md"


def test_history_tells_what_was_said(tmp_path):
    with agent_over(tmp_path) as agent:
        first = agent.ask("What is the mean temperature of Venus?", conversation="talk")
        second = agent.ask("And its day?", conversation="talk")
        agent.ask("How heavy is the pump?")
        turns = agent.history("talk")
        assert [turn.question for turn in turns] == ["What is the mean temperature of Venus?", "And its day?"]
        assert [turn.answer for turn in turns] == [first, second]
        assert "243" in second.text
        assert agent.history("never held") == []


def test_a_question_without_a_conversation_is_not_kept(tmp_path):
    """Else one visitor's question would be built upon by the next."""
    with agent_over(tmp_path) as agent:
        agent.ask("What is the mean temperature of Venus?")
        assert agent.conversations.newest() == []
        agent.ask("What is the mean temperature of Venus?", conversation="talk")
        assert [one.name for one in agent.conversations.newest()] == ["talk"]
