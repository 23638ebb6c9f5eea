"""A small corpus of real files for the agent's tests, and an agent over it."""

import itertools
import time
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk
from shared import copied

from agent import Agent
from agent.testing import ScriptedModel

FILES = {
    "planets.md": """# Planets

## Venus

Venus is the hottest planet, with a mean of 464 °C. Its thick air of carbon dioxide holds the heat in, because little of
it can escape. A day on Venus lasts 243 Earth days.

## Mars

Mars is named after the Roman god of war. The mean temperature of Mars is -65 °C. Mars has two small moons, Phobos and
Deimos, which Asaph Hall discovered in 1877.
""",
    "moons.md": """# Moons

| Planet | Known moons | Largest moon |
| --- | --- | --- |
| Earth | 1 | Moon |
| Mars | 2 | Phobos |
| Jupiter | 95 | Ganymede |
| Saturn | 146 | Titan |
""",
    "pump.txt": "Starting the pump\n\nOpen valve A before you press the green button. The pump weighs 38 kg.\n",
}


def write(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def agent_over(root: Path, files: dict[str, str] | None = None, **settings: object) -> Agent:
    """The corpus `test` of these files, read once in a process and copied."""
    files = FILES if files is None else files
    documents = write(root / "documents", files)
    if not (root / "data").exists():
        copied(Path(_read(tuple(files.items())).name) / "data", root / "data")
    return Agent.from_corpus(documents, corpus="test", data_dir=root / "data", **settings)


@cache
def _read(files: tuple[tuple[str, str], ...]) -> "TemporaryDirectory[str]":
    folder = TemporaryDirectory(prefix="triptych-")
    root = Path(folder.name)
    Agent.from_corpus(write(root / "documents", dict(files)), corpus="test", data_dir=root / "data").close()
    return folder


def with_model(agent: Agent, model: object) -> Agent:
    """The agent answering with `model`, as if its settings had named it."""
    agent._parts.__dict__["model"] = model
    agent._parts.__dict__.pop("router", None)
    return agent


def without_model(agent: Agent) -> Agent:
    """The agent answering as its settings say."""
    for part in ("model", "router"):
        agent._parts.__dict__.pop(part, None)
    return agent


class Endless(ScriptedModel):
    """Writes until nobody reads."""

    def _stream(self, messages, stop=None, run_manager=None, **kwargs):
        for number in itertools.count():  # never the same again: what repeats itself is stopped
            time.sleep(0.02)
            yield ChatGenerationChunk(message=AIMessageChunk(content=f"Venus was {number} degrees hot. "))
