"""Carries out the orders of a request: what is made becomes an artifact that says what it was made from, and how."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event as Flag
from typing import Any

from langchain_core.messages import ToolMessage

from agent import export
from agent.events import Answer, Artifact, Citation, Token, ToolFinished, ToolProgress, ToolStarted
from agent.material import Desk, Material, materials, record_of
from agent.orders import Order
from agent.plan import Outcome, Step, run_wave
from agent.workshop import Made, Workshop
from generators.core.base import CannotConvert, Stop, Watch
from retrievers.elements import Hit


@dataclass(frozen=True)
class Either:
    """Set as soon as one of the two is."""

    one: Stop
    other: Stop

    def is_set(self) -> bool:
        return self.one.is_set() or self.other.is_set()


Tell = Callable[[Token | ToolStarted | ToolProgress | ToolFinished | Artifact], None]
CLOSEST = 2  # pictures of the corpus shown when none can be made


@dataclass(frozen=True)
class Bench:
    """What carrying out needs beside the desk. `pictures` finds the corpus' own closest to some words, best first."""

    workshop: Workshop
    figure: Callable[[Any], Path]
    pictures: Callable[[str], Sequence[Hit]]
    timeout: float
    tell: Tell
    stop: Stop
    """Set when nobody waits for the answer any more."""


def finish(orders: dict[str, Order], desk: Desk, bench: Bench) -> Answer:
    """The answer with what was ordered. Orders run at the same time, but what is read aloud after what is drawn, whose
    words it may be, and documents last, which hold the others.

    One that fails is told in a notice and leaves the rest standing.
    """
    documents = {step: order for step, order in orders.items() if order.form == "document"}
    spoken = {step: order for step, order in orders.items() if order.form == "speech"}
    drawn = {step: order for step, order in orders.items() if step not in documents | spoken}
    for wave in (drawn, spoken, documents):
        for step, order in wave.items():
            bench.tell(ToolStarted(step, order.form, {"request": order.request}))
        answer = _with(desk.answer, _outcomes(wave, desk, bench), wave, bench)
        desk = replace(desk, answer=_said(answer, bench) if desk.silent and wave is drawn else answer)
    return desk.answer


def _said(answer: Answer, bench: Bench) -> Answer:
    """The answer with a line of words for each thing drawn, or to the pictures shown in place of one."""
    lines = [f"{artifact.made['words']} {_marks(artifact)}".strip() for artifact in answer.artifacts if artifact.made]
    shown = "No picture could be made here. These pictures of your documents come closest."
    text = "\n\n".join(lines) or shown * bool(answer.artifacts)
    if text:
        bench.tell(Token(text))
    return replace(answer, text=text)


def _marks(artifact: Artifact) -> str:
    return "".join(f"[{source.number}]" for source in artifact.sources)


def _outcomes(wave: dict[str, Order], desk: Desk, bench: Bench) -> Iterator[Outcome]:
    late = Flag()

    def call(step: Step) -> ToolMessage:
        watch = Watch(lambda share, what: bench.tell(ToolProgress(step.id, share, what)), Either(late, bench.stop))
        artifact = _carry_out(step.id, wave[step.id], desk, bench, watch)
        return ToolMessage(artifact.title, artifact=artifact, tool_call_id=step.id)

    try:
        yield from run_wave([Step(step, order.form) for step, order in wave.items()], call, bench.timeout)
    finally:
        late.set()  # what ran out of time is to stop at its next step


def _with(answer: Answer, outcomes: Iterator[Outcome], wave: dict[str, Order], bench: Bench) -> Answer:
    for outcome in outcomes:
        step = outcome.step
        if outcome.message is not None:
            answer, artifact = _cited(answer, outcome.message.artifact)
            answer = replace(answer, artifacts=(*answer.artifacts, artifact))
            bench.tell(artifact)
            bench.tell(ToolFinished(step.id, step.tool, outcome.seconds, artifact.title))
        else:
            words = f"The {step.tool} could not be made: {outcome.error}"
            answer = replace(answer, notices=(*answer.notices, words))
            bench.tell(ToolFinished(step.id, step.tool, outcome.seconds, "", outcome.error))
            if step.tool == "picture":
                answer = _with_closest(answer, wave[step.id], bench)
    return answer


def _carry_out(step: str, order: Order, desk: Desk, bench: Bench, watch: Watch) -> Artifact:
    """Raises the first way's error when no way works: it is the one that fits the request best."""
    if order.form == "document":
        return _artifact(step, order, bench.workshop.keep(export.conversation(desk.told, order.request), order.form))
    first: CannotConvert | None = None
    for material in materials(order, desk):
        try:
            made = bench.workshop.make(order.form, material.medium, material.request, material.options, watch)
        except CannotConvert as error:
            first = first or error
        else:
            return _artifact(step, order, made, material)
    assert first is not None
    raise first


def _artifact(step: str, order: Order, made: Made, material: Material | None = None) -> Artifact:
    """`sources` carry number 0 until the answer that they belong to gives them theirs."""
    facts = {"form": order.form, "step": step, "request": order.request, "words": made.text, **made.facts}
    sources: tuple[Citation, ...] = ()
    if material is not None:
        facts |= {"request": material.request or order.request, "options": dict(material.options)}
        facts |= {"text": material.medium.text} if order.form == "speech" else {}
        if material.medium.table and not material.sources:  # no document to take it from again
            facts |= {"table": record_of(material.medium.table)}
        sources = tuple(Citation(0, hit) for hit in material.sources)
    return Artifact(made.path, made.mime, _title(order, made), sources, made.others, facts)


def _title(order: Order, made: Made) -> str:
    match order.form:
        case "speech":
            return f"Read aloud, {made.facts['seconds']:.0f} s" if "seconds" in made.facts else "Read aloud"
        case "document":
            return "The conversation"
        case "chart" | "sheet":
            return str(made.facts.get("headline", order.request))
        case _:
            return order.request


def _cited(answer: Answer, artifact: Artifact) -> tuple[Answer, Artifact]:
    """The artifact with its sources under the numbers of the answer; what the answer did not cite joins at the end."""
    citations = list(answer.citations)
    sources = []
    for source in artifact.sources:
        known = next((one for one in citations if one.hit.element.id == source.hit.element.id), None)
        if known is None:
            known = Citation(len(citations) + 1, source.hit)
            citations.append(known)
        sources.append(known)
    return replace(answer, citations=tuple(citations)), replace(artifact, sources=tuple(sources))


def _with_closest(answer: Answer, order: Order, bench: Bench) -> Answer:
    """No picture could be made: the corpus' own that come closest."""
    for hit in bench.pictures(order.request)[:CLOSEST]:
        element = hit.element
        title = f"Closest picture here: {element.caption or f'page {element.page} of {element.document}'}"
        artifact = Artifact(bench.figure(element), "image/png", title, (Citation(0, hit),))
        answer, artifact = _cited(answer, artifact)
        answer = replace(answer, artifacts=(*answer.artifacts, artifact))
        bench.tell(artifact)
    return answer
