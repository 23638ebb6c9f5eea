"""What an output is made from: a table that was found, numbers in the request, the answer's words, the conversation."""

import re
from collections.abc import Iterator
from typing import Any

from agent.converting.context import ConversionContext, ConversionInput
from agent.converting.own_content import ARROW, ARROWS, MERMAID, QUOTED, SAY
from agent.converting.requests import OutputRequest
from agent.converting.table_inputs import chart_inputs, sheet_inputs
from generators.core.base import CannotConvert, Medium

MANNER = (  # words of a request -> option of speech, factor
    (re.compile(r"\b(?:louder|loud(?:ly)?)\b", re.I), "volume", 1.6),
    (re.compile(r"\b(?:quieter|softer|quietly|softly)\b", re.I), "volume", 0.5),
    (re.compile(r"\b(?:faster|quick(?:er|ly))\b", re.I), "speed", 1.35),
    (re.compile(r"\b(?:slower|slow(?:ly)?)\b", re.I), "speed", 0.75),
)
USUAL = {"volume": 100, "speed": 170}
MOST = {"volume": 200, "speed": 450}
LANGUAGE = re.compile(
    r"\b(?i:in|with)(?i: an?)? "
    r"(?P<known>(?i:german|french|spanish|italian|dutch|portuguese|polish|swedish|british|english))"
    r"(?i: voice| accent)?\b"
    r"|\b(?i:aloud|out loud|speak|say|read|it|that|this) in (?P<named>[A-Z][a-z]+)\b"
)


def conversion_inputs(output: OutputRequest, context: ConversionContext) -> Iterator[ConversionInput]:
    """Ways to make the output, best first; the next one is for when one cannot be converted.

    Raises `CannotConvert` if there is none.
    """
    if output.again and context.last(output.form) is None:
        raise CannotConvert(f"There is no {output.form} yet to make again.", "Ask for one first.")
    match output.form:
        case "chart":
            yield from chart_inputs(output, context)
        case "sheet":
            yield from sheet_inputs(output, context)
        case "speech":
            yield _speech(output, context)
        case "diagram":
            yield ConversionInput(Medium.of_text(_mermaid(output, context)), output.request)
        case _:
            yield _described(output, context)


def _speech(output: OutputRequest, context: ConversionContext) -> ConversionInput:
    last = context.last("speech") if output.again else None
    options: dict[str, Any] = {} if last is None else {**USUAL, **last.made["options"]}
    for pattern, name, factor in MANNER:
        if pattern.search(output.request):
            options[name] = min(MOST[name], round(options.get(name, USUAL[name]) * factor))
    if match := LANGUAGE.search(output.request):
        language = match["known"] or match["named"]
        options["voice"] = {"british": "en-gb"}.get(language.lower(), language)
    if last is not None:
        sources = tuple(source.hit for source in last.sources)
        return ConversionInput(Medium.of_text(str(last.made["text"])), "", options, sources)
    if match := QUOTED.search(output.request) or SAY.search(output.request):
        return ConversionInput(Medium.of_text(match["words"].strip()), "", options)
    sources = tuple(citation.hit for citation in context.subject.citations)
    return ConversionInput(Medium.of_text(context.subject.text), "", options, sources)


def _mermaid(output: OutputRequest, context: ConversionContext) -> str:
    """The request's own source, else steps with arrows as a flow chart, else what the chat model writes."""
    if match := MERMAID.search(output.request):
        return output.request[match.start() :]
    if match := ARROWS.search(output.request):
        steps = [step.strip(" .,;:") for step in ARROW.split(match[0].rpartition(":")[2])]
        nodes = [f'  s{number}["{step.replace(chr(34), chr(39))}"]' for number, step in enumerate(steps)]
        return "\n".join(["flowchart LR", *nodes, "  " + " --> ".join(f"s{number}" for number in range(len(steps)))])
    if context.write_diagram is None:
        raise CannotConvert(
            "A diagram needs a chat model to write it, and none is set.",
            "Write the steps yourself: plan -> build -> test.",
            "Or set TRIPTYCH_MODEL.",
        )
    return context.write_diagram(output.request, context.answer.text)


def _described(output: OutputRequest, context: ConversionContext) -> ConversionInput:
    """A picture, film or music by its description; a picture that came with the request is the one to change."""
    last = context.last(output.form) if output.again else None
    if output.form == "picture" and (context.request.images or last is not None):
        path = context.request.images[0] if context.request.images or last is None else last.path
        return ConversionInput(Medium.of_file(path), output.request)
    return ConversionInput(Medium.of_text(output.request), "")
