"""Recordings that come with a request: written down first, so that what was said is part of the question."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from langchain_core.messages import ToolMessage

from agent.events import ToolFinished, ToolStarted
from agent.plan import Step, run_wave
from common.errors import UserError
from generators.core.base import Medium, NotConfigured

if TYPE_CHECKING:
    from agent.converting.service import ConverterService

TOOL = "transcript"
DEAF = "Nothing here writes down speech.", "Write the question instead."
SILENT = "No words were heard in it.", "Record it again, or write the question."


@dataclass(frozen=True, slots=True)
class TranscribedQuestion:
    """`question` with what the recordings say; `notices` say why one could not be written down, `advice` what whoever
    runs Triptych can do about it."""

    question: str
    notices: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()


def listen(
    recordings: Sequence[Path], question: str, converters: "ConverterService", timeout: float
) -> Generator[ToolStarted | ToolFinished, None, TranscribedQuestion]:
    """Every recording at the same time; one that fails leaves the others standing.

    Raises `UserError` with the cure when nothing could be written down and there are no other words to go by.
    """
    steps = {f"{TOOL}{number}": path for number, path in enumerate(recordings, start=1)}
    wave = [Step(name, TOOL, {"recording": path.name}) for name, path in steps.items()]
    for step in wave:
        yield ToolStarted(step.id, step.tool, step.arguments)
    said: dict[str, str] = {}
    problems: dict[str, str] = {}
    commands: dict[str, None] = {}
    for outcome in run_wave(wave, lambda step: _written(step, steps[step.id], converters), timeout):
        name = outcome.step.id
        if outcome.message is None:
            problems[name] = f"The recording {steps[name].name} could not be written down: {outcome.error}"
            commands |= {outcome.command: None} if outcome.command else {}
        else:
            said[name] = outcome.message.text
        yield ToolFinished(name, TOOL, outcome.seconds, said.get(name, ""), outcome.error)
    words = [said[name] for name in steps if name in said]
    notices = tuple(problems[name] for name in steps if name in problems)
    if not question and not words and notices:
        raise UserError("\n".join(notices), command=" ".join(commands))
    whole = [question, *(f"“{one}”" for one in words)] if question else words
    return TranscribedQuestion("\n\n".join(whole), notices, tuple(commands))


def _written(step: Step, path: Path, converters: "ConverterService") -> ToolMessage:
    try:
        text = converters.read(Medium("audio", data=path.read_bytes()), "text").text
    except NotConfigured as error:
        raise UserError(*DEAF, error.command) from error
    if not text:
        raise UserError(*SILENT)
    return ToolMessage(text, tool_call_id=step.id)
