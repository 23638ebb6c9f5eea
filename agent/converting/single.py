"""One output of words or of a place in a document, for callers that have no question: as one ordered with an answer."""

from threading import Event as Flag

from langchain_core.messages import ToolMessage

from agent.converting.context import ConversionContext
from agent.converting.requests import Form, OutputRequest
from agent.converting.run import ConversionRuntime, converted
from agent.converting.service import ConverterService
from agent.events import Answer, Artifact, Citation
from agent.request import Request, Work
from generators.core.base import CannotConvert, Watch
from generators.tables.columns import table_of
from generators.tables.numbers import rows_in

OF_NUMBERS = ("chart", "sheet")
TOLD = ("speech", "document")  # hold the words themselves; other forms are made as words describe them


def convert(converters: ConverterService, form: Form, source: str | Citation, request: str = "") -> Artifact:
    """`form` of `source`, as `request` says in words. Raises `CannotConvert` where there is nothing to make it of, and
    like `ConverterService.make`."""
    answer = Answer(source) if isinstance(source, str) else _quoting(source)
    if not f"{answer.text}{request}".strip():
        raise CannotConvert(f"There is nothing to make a {form} of.", "Give words, or a place in a document.")
    order, messages = request, list[ToolMessage]()
    if isinstance(source, str) and form in OF_NUMBERS and source.strip():
        messages = [ToolMessage("", artifact=table_of(rows_in(source)), tool_call_id=form)]
    elif form not in TOLD:
        order = f"{request}\n{answer.text}".strip()
    stop = Flag()
    context = ConversionContext(
        Request(request or answer.text, stop=stop), Work(request, messages=tuple(messages)), answer
    )
    runtime = ConversionRuntime(converters, 0.0, lambda event: None)
    return converted(form, OutputRequest(form, order), context, runtime, Watch(stop=stop))


def _quoting(citation: Citation) -> Answer:
    element = citation.hit.element
    rows = "\n".join(", ".join(row) for row in element.rows)
    return Answer(citation.quote or rows or element.text, (citation,))
