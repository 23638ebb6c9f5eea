"""Makes the outputs that a request asks for: each becomes an artifact that says what it was made from, and how."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from threading import Event as Flag

from langchain_core.messages import ToolMessage

from agent.converting import export
from agent.converting.context import ConversionContext, ConversionInput
from agent.converting.conversion_inputs import conversion_inputs
from agent.converting.requests import OutputRequest
from agent.converting.service import ConversionResult, ConverterService
from agent.converting.table_inputs import record_of
from agent.events import Answer, Artifact, Citation, Token, ToolFinished, ToolProgress, ToolStarted
from agent.plan import Outcome, Step, run_wave
from agent.request import Request
from generators.core.base import CannotConvert, Stop, Watch


@dataclass(frozen=True)
class EitherStop:
    """Set as soon as one of the two is."""

    one: Stop
    other: Stop

    def is_set(self) -> bool:
        return self.one.is_set() or self.other.is_set()


Tell = Callable[[Token | ToolStarted | ToolProgress | ToolFinished | Artifact], None]
CLOSEST = 2  # pictures of the corpus shown when none can be made


@dataclass(frozen=True)
class ConversionRuntime:
    """What conversions need beside their context. `timeout` in seconds, for each wave of them."""

    converters: ConverterService
    timeout: float
    tell: Tell


def run_conversions(
    outputs: dict[str, OutputRequest], context: ConversionContext, runtime: ConversionRuntime
) -> Answer:
    """The answer with its outputs. They are made at the same time, but what is read aloud after what is drawn, whose
    words it may be, and documents last, which hold the others.

    One that fails is told in a notice and leaves the rest standing.
    """
    documents = {step: output for step, output in outputs.items() if output.form == "document"}
    spoken = {step: output for step, output in outputs.items() if output.form == "speech"}
    drawn = {step: output for step, output in outputs.items() if step not in documents | spoken}
    for wave in (drawn, spoken, documents):
        for step, output in wave.items():
            runtime.tell(ToolStarted(step, output.form, {"request": output.request}))
        answer = _with_outcomes(context, _outcomes(wave, context, runtime), wave, runtime)
        context = replace(context, answer=_with_words(answer, runtime) if context.silent and wave is drawn else answer)
    return context.answer


def _with_words(answer: Answer, runtime: ConversionRuntime) -> Answer:
    """The answer with a line of words for each thing drawn, or to the pictures shown in place of one."""
    lines = [f"{artifact.made['words']} {_marks(artifact)}".strip() for artifact in answer.artifacts if artifact.made]
    shown = "No picture could be made here. These pictures of your documents come closest."
    text = "\n\n".join(lines) or shown * bool(answer.artifacts)
    if text:
        runtime.tell(Token(text))
    return replace(answer, text=text)


def _marks(artifact: Artifact) -> str:
    return "".join(f"[{source.number}]" for source in artifact.sources)


def _outcomes(
    wave: dict[str, OutputRequest], context: ConversionContext, runtime: ConversionRuntime
) -> Iterator[Outcome]:
    late = Flag()

    def call(step: Step) -> ToolMessage:
        stop = EitherStop(late, context.request.stop)
        watch = Watch(lambda share, what: runtime.tell(ToolProgress(step.id, share, what)), stop)
        artifact = converted(step.id, wave[step.id], context, runtime, watch)
        return ToolMessage(artifact.title, artifact=artifact, tool_call_id=step.id)

    try:
        yield from run_wave([Step(step, output.form) for step, output in wave.items()], call, runtime.timeout)
    finally:
        late.set()  # what ran out of time is to stop at its next step


def _with_outcomes(
    context: ConversionContext, outcomes: Iterator[Outcome], wave: dict[str, OutputRequest], runtime: ConversionRuntime
) -> Answer:
    answer = context.answer
    for outcome in outcomes:
        step = outcome.step
        if outcome.message is not None:
            answer, artifact = _cited(answer, outcome.message.artifact)
            answer = replace(answer, artifacts=(*answer.artifacts, artifact))
            runtime.tell(artifact)
            runtime.tell(ToolFinished(step.id, step.tool, outcome.seconds, artifact.title))
        else:
            words = f"The {step.tool} could not be made: {outcome.error}"
            advice = (*answer.advice, *filter(None, [outcome.command]))
            answer = replace(answer, notices=(*answer.notices, words), advice=advice)
            runtime.tell(ToolFinished(step.id, step.tool, outcome.seconds, "", outcome.error))
            if step.tool == "picture":
                answer = _with_closest(answer, wave[step.id], context.request, runtime)
    return answer


def converted(
    step: str, output: OutputRequest, context: ConversionContext, runtime: ConversionRuntime, watch: Watch
) -> Artifact:
    """One output. Raises the first way's error when no way works: it is the one that fits the request best."""
    if output.form == "document":
        written = export.conversation(context.conversation, output.request)
        return _artifact(step, output, runtime.converters.keep(written, output.form))
    first: CannotConvert | None = None
    for given in conversion_inputs(output, context):
        try:
            made = runtime.converters.make(output.form, given.medium, given.request, given.options, watch)
        except CannotConvert as error:
            first = first or error
        else:
            return _artifact(step, output, made, given)
    assert first is not None
    raise first


def _artifact(
    step: str, output: OutputRequest, made: ConversionResult, given: ConversionInput | None = None
) -> Artifact:
    """`sources` carry number 0 until the answer that they belong to gives them theirs."""
    facts = {"form": output.form, "step": step, "request": output.request, "words": made.text, **made.facts}
    sources: tuple[Citation, ...] = ()
    if given is not None:
        facts |= {"request": given.request or output.request, "options": dict(given.options)}
        facts |= {"text": given.medium.text} if output.form == "speech" else {}
        if given.medium.table and not given.sources:  # no document to take it from again
            facts |= {"table": record_of(given.medium.table)}
        sources = tuple(Citation(0, hit) for hit in given.sources)
    return Artifact(made.path, made.mime, _title(output, made), sources, made.others, facts)


def _title(output: OutputRequest, made: ConversionResult) -> str:
    match output.form:
        case "speech":
            return f"Read aloud, {made.facts['seconds']:.0f} s" if "seconds" in made.facts else "Read aloud"
        case "document":
            return "The conversation"
        case "chart" | "sheet":
            return str(made.facts.get("headline", output.request))
        case _:
            return output.request


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


def _with_closest(answer: Answer, output: OutputRequest, request: Request, runtime: ConversionRuntime) -> Answer:
    """No picture could be made: the corpus' own that come closest."""
    found = request.pictures(output.request) if request.pictures else ()
    for hit in found[:CLOSEST]:
        element = hit.element
        title = f"Closest picture here: {element.caption or f'page {element.page} of {element.document}'}"
        artifact = Artifact(request.figure(element), "image/png", title, (Citation(0, hit),))
        answer, artifact = _cited(answer, artifact)
        answer = replace(answer, artifacts=(*answer.artifacts, artifact))
        runtime.tell(artifact)
    return answer
