"""What an agent is asked, checked and carried out by its graph."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event as Flag
from typing import TYPE_CHECKING

from agent.build import Parts
from agent.events import Event
from common.errors import UserError
from common.untrusted import whole

if TYPE_CHECKING:
    from retrievers.library import Corpus


def events_of(
    parts: Parts,
    question: str,
    left: Flag,
    *,
    images: Sequence[str | Path] = (),
    audio: Sequence[str | Path] = (),
    corpus: str | None = None,
    documents: Sequence[str] = (),
    conversation: str | None = None,
) -> Iterator[Event]:
    """The request carried out, until `left` is set. Raises `UserError` for what cannot be asked."""
    from agent.inputs.listening import TranscribedQuestion, listen
    from agent.request import Work

    pictures, recordings = tuple(map(Path, images)), tuple(map(Path, audio))
    _check(question, pictures, recordings)
    opened = _opened(parts, corpus)
    request = parts.request(question.strip(), opened, tuple(documents), pictures, left)
    context = parts.context(request)
    asked = TranscribedQuestion(request.question)
    if recordings:
        asked = yield from listen(recordings, request.question, parts.converters, parts.settings.tool_timeout)
        context = replace(context, request=replace(request, question=asked.question))
    start = {"work": Work(asked.question, notices=asked.notices)}
    kept = {} if conversation is None else {"config": thread_of(conversation), "durability": "exit"}
    graph = parts.conversations if kept else parts.graph
    yield from graph.stream(start, context=context, stream_mode="custom", **kept)


def thread_of(conversation: str) -> dict[str, dict[str, str]]:
    """The thread of a conversation, as the graph's memory is asked for it."""
    return {"configurable": {"thread_id": whole(conversation, "The name of the conversation")}}


def _check(question: str, images: Sequence[Path], recordings: Sequence[Path]) -> None:
    """Raises `UserError`."""
    if not question.strip() and not images and not recordings:
        raise UserError("There is no question.", "Write one, or send a picture.")
    whole(question, "The question")
    for kind, paths in (("picture", images), ("recording", recordings)):
        for path in paths:
            if not path.is_file():
                raise UserError(f"There is no {kind} {path}.")


def _opened(parts: Parts, name: str | None) -> "Corpus":
    """Raises `UserError` when it holds nothing."""
    opened = parts.library.open(name or parts.settings.corpus)
    if not any(record.status != "failed" for record in opened.documents()):
        cure = f"Add some with: triptych ingest <files or folders> --corpus {opened.name}"
        raise UserError(f"The corpus {opened.name!r} holds no documents yet.", cure)
    return opened
